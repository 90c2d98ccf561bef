import { onWillStart, useEffect, useState } from "@odoo/owl";
import { GridScreen } from "@sales_process/base/grid/grid_screen";
import { CheckboxItem } from "@web/core/dropdown/checkbox_item";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { ForecastCards } from "./forecast_cards";
import { MEASURES } from "./forecast_columns";
import { useForecastCursor } from "./forecast_cursor";
import { ForecastModel } from "./forecast_model";
import { ForecastRow } from "./forecast_row";

const MODEL = "sales.forecast.grid";
const KINDS = {
    week: _t("Weeks"),
    month: _t("Months"),
    quarter: _t("Quarters"),
    year: _t("Fiscal Years"),
};
const SINCE = {
    day: _t("Since yesterday"),
    week: _t("Since last week"),
    month: _t("Since the month began"),
    quarter: _t("Since the quarter began"),
    none: _t("No changes"),
};
const COUNTS = [1, 2, 3, 4, 6, 12];
// As many rows at once are asked for chances, so that the first ones show soon.
const CHANCES_AT_ONCE = 40;

/** The forecast: people down, periods across, what is called changed by typing. */
export class ForecastGrid extends GridScreen {
    static template = "sales_process.ForecastGrid";
    static components = { CheckboxItem, Dropdown, ForecastCards, ForecastRow, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        super.setup();
        Object.assign(this, { kinds: KINDS, sinces: SINCE, counts: COUNTS, measures: MEASURES });
        this.model = new ForecastModel();
        this.state = useState({
            period: "month",
            periods: 3,
            since: "week",
            shown: Object.fromEntries(Object.keys(MEASURES).map((name) => [name, true])),
            folded: null,
            search: "",
            ...this.props.state?.grid,
            isReady: false,
            isBusy: false,
            error: "",
            reason: "",
            changed: 0,
        });
        // Nodes whose chances were asked for.
        this.asked = new Set();
        this.cursor = useForecastCursor(this);
        this.useLeaving(["period", "periods", "since", "shown", "folded", "search"]);
        this.env.config.setDisplayName(_t("Forecast Grid"));
        onWillStart(() => this.load());
        useEffect(
            () => {
                this.loadChances();
            },
            () => [this.state.changed, this.state.search, JSON.stringify(this.state.folded)]
        );
    }

    get options() {
        const { period, periods: count, since } = this.state;
        return { period, count, since };
    }

    // --- Loading ------------------------------------------------------------------

    async load() {
        return this.attempt(async () => {
            const grid = await this.orm.call(MODEL, "get_grid", [this.options]);
            this.model.load(grid, this.state.shown);
            this.state.folded ||= this.foldedAtFirst;
            this.state.isReady = true;
            this.asked.clear();
            this.model.chances = {};
            this.touch();
            this.loadChanges();
        });
    }

    /** What changed comes after the grid: reading it takes longer. */
    async loadChanges() {
        const { options, model } = this;
        model.changes =
            options.since === "none"
                ? null
                : await this.orm.silent.call(MODEL, "get_changes", [options]);
        if (model === this.model) {
            model.redraw();
            this.touch();
        }
    }

    /** Chances of the rows that are shown and were not asked for yet. */
    async loadChances() {
        if (!this.state.isReady || !this.state.shown.chance) {
            return;
        }
        const nodes = this.visibleRows
            .filter(({ node, cells }) => !this.asked.has(node) && cells.some((c) => c.quota !== null))
            .map(({ node }) => node)
            .slice(0, CHANCES_AT_ONCE);
        if (!nodes.length) {
            return;
        }
        nodes.forEach((node) => this.asked.add(node));
        // Another period may be chosen before the answer comes.
        const { model } = this;
        const chances = await this.orm.silent.call(MODEL, "get_chances", [this.options, nodes]);
        if (model === this.model) {
            Object.assign(model.chances, chances);
            model.redraw();
            this.touch();
        }
    }

    async setOption(name, value) {
        if (name === "since") {
            this.state.since = value;
            await this.loadChanges();
        } else if (await this.confirmLeaving()) {
            this.cursor.reset();
            this.model = new ForecastModel();
            Object.assign(this.state, { [name]: value, isReady: false, error: "" });
            await this.load();
        }
    }

    toggleMeasure(name) {
        this.cursor.stop();
        this.cursor.reset();
        this.state.shown[name] = !this.state.shown[name];
        this.model.show(this.state.shown);
        this.touch();
    }

    get mayEdit() {
        return this.model.rows.some((row) => row.mode);
    }

    /** @returns {boolean} whether there is nothing to forecast with */
    get isEmpty() {
        const { rows } = this.model;
        const tops = rows.filter(({ level }) => !level);
        return !tops.some(
            ({ cells, lines }) =>
                cells.some((cell) => cell.deals || cell.quota !== null || cell.closed) ||
                Object.values(lines).some(({ deals }) => deals)
        );
    }

    // --- Saving -------------------------------------------------------------------

    async save() {
        this.cursor.commit();
        if (!this.model.count || this.state.isBusy) {
            return;
        }
        if (this.model.hasResets && !this.state.reason.trim()) {
            this.state.error = _t("Say why you take a number back, then save again.");
            return;
        }
        const save = async () => {
            const changes = this.model.changesFor(this.state.reason.trim());
            await this.orm.call(MODEL, "save_calls", [changes]);
            this.model.saved();
            Object.assign(this.state, { error: "", reason: "" });
            await this.load();
            this.notification.add(_t("The numbers are saved."), { type: "success" });
        };
        // What others called meanwhile is shown beside what is not saved.
        await this.attempt(save, () => this.load());
    }

    // --- Elsewhere ----------------------------------------------------------------

    /** The records behind a figure. */
    async openCell(row, column) {
        const value = this.model.value(row, column);
        if (value === null || column.category || (column.isLine && !value)) {
            return;
        }
        const place = column.isTotal || column.isLine ? null : column.place;
        const args = [this.options, row.node, column.name, place];
        await this.openAction(await this.orm.call(MODEL, "open_deals", args));
    }

    async exportExcel() {
        await this.action.doAction(await this.orm.call(MODEL, "export_excel", [this.options]));
    }
}

registry.category("actions").add("sales_process.forecast_grid", ForecastGrid);
