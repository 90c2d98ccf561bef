import { onWillStart, useState } from "@odoo/owl";
import { GridScreen } from "@sales_process/base/grid/grid_screen";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { GridCards } from "./grid_cards";
import { GridModel } from "./grid_model";
import { GridRow } from "./grid_row";
import { useTargetCursor } from "./target_cursor";

const MODEL = "sales.target.plan";

const MEASURES = {
    amount: _t("Target"),
    stretch_amount: _t("Stretch"),
    proposed_amount: _t("Proposed"),
    achieved: _t("Achieved"),
    attainment: _t("Attainment %"),
};

const STATE_BADGES = {
    draft: "text-bg-secondary",
    proposed: "text-bg-info",
    locked: "text-bg-warning",
    published: "text-bg-success",
    replaced: "text-bg-light",
};

/** A plan as a spreadsheet: owners down, periods across, changed by typing. */
export class TargetGrid extends GridScreen {
    static template = "sales_process.TargetGrid";
    static components = { GridCards, GridRow, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        super.setup();
        this.measures = MEASURES;
        this.badges = STATE_BADGES;
        this.model = new GridModel();
        this.state = useState({
            planId: this.props.action.context?.active_id || false,
            measure: "amount",
            folded: null,
            search: "",
            ...this.props.state?.grid,
            plans: [],
            isReady: false,
            isBusy: false,
            error: "",
            reason: "",
            // Counts up whenever the model changed.
            changed: 0,
        });
        this.cursor = useTargetCursor(this);
        this.useLeaving(["planId", "measure", "folded", "search"]);
        this.env.config.setDisplayName(_t("Target Grid"));
        onWillStart(async () => {
            await this.loadPlans();
            await this.load();
        });
    }

    // --- Loading ------------------------------------------------------------------

    async loadPlans() {
        const { planId } = this.state;
        const domain = ["|", ["state", "!=", "replaced"], ["id", "=", planId]];
        this.state.plans = await this.orm.searchRead(MODEL, domain, ["display_name"]);
        if (!planId && this.state.plans.length) {
            this.state.planId = this.state.plans[0].id;
        }
    }

    /** @returns {boolean} whether the server answered with a grid */
    async load() {
        const { planId, measure } = this.state;
        if (!planId) {
            return false;
        }
        return this.attempt(async () => {
            const read = measure === "attainment" ? "achieved" : measure;
            const grid = await this.orm.call(MODEL, "get_grid", [[planId], read]);
            this.model.load(grid, measure);
            this.state.folded ||= this.foldedAtFirst;
            this.state.isReady = true;
            this.touch();
        });
    }

    get mayEdit() {
        return this.model.rows.some((row) => this.model.mayEdit(row));
    }

    get plan() {
        return this.model.plan;
    }

    async setPlan(planId) {
        if (await this.confirmLeaving()) {
            this.model = new GridModel();
            this.cursor.reset();
            Object.assign(this.state, { planId, folded: null, error: "", isReady: false });
            await this.load();
        }
    }

    async setMeasure(measure) {
        this.state.measure = measure;
        this.cursor.stop();
        await this.load();
    }

    // --- Saving -------------------------------------------------------------------

    get reasonLabel() {
        return this.model.isProposal ? _t("Why you propose this") : _t("Why (optional)");
    }

    async save() {
        this.cursor.commit();
        if (!this.model.count || this.state.isBusy) {
            return;
        }
        const save = async () => {
            await this.orm.call(MODEL, "save_grid", [
                [this.state.planId],
                this.model.changes,
                this.state.reason.trim(),
            ]);
            this.model.pending = {};
            this.model.history = [];
            Object.assign(this.state, { error: "", reason: "" });
            await this.load();
            this.notification.add(_t("The targets are saved."), { type: "success" });
        };
        // What others entered meanwhile is shown beside what is not saved.
        await this.attempt(save, () => this.load());
    }

    // --- Elsewhere ----------------------------------------------------------------

    openPlan(planId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: MODEL,
            res_id: planId,
            views: [[false, "form"]],
        });
    }

    /** The rows of the ledger behind what was achieved. */
    async openCredits(row, column) {
        const { periods } = this.model;
        const action = await this.orm.call("sales.target", "open_credits", [
            this.state.planId,
            row.node,
            periods[column.first].from,
            periods[column.after - 1].to,
        ]);
        await this.openAction(action);
    }

    /** Press a button of the plan; what it opens leads back here. */
    press(name) {
        return this.action.doActionButton({
            type: "object",
            name,
            resModel: MODEL,
            resId: this.state.planId,
            onClose: () => this.load(),
        });
    }
}

registry.category("actions").add("sales_process.target_grid", TargetGrid);
