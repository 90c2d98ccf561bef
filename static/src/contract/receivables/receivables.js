import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatFloat, formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { domainToList, useDomainFilter } from "../../pipeline/domain_filter/domain_filter";

const MODEL = "sales.receivables";
// Rows shown at first; all of them are one click away.
const FEW = 50;

/** What is outstanding, by age: as the contract says, as the invoices say, and between. */
export class Receivables extends Component {
    static template = "sales_process.Receivables";
    static components = { Layout, RecordSelector };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        // Coming back from a list finds the choice again.
        this.state = useState({
            by: "partner_id",
            ageing: "contract",
            team_id: false,
            domain: "",
            table: null,
            all: false,
            error: "",
            isLoading: true,
            ...this.props.state?.choice,
        });
        this.domain = useDomainFilter({
            resModel: "sales.plan.line",
            title: _t("Filter the Instalments"),
            getDomain: () => this.state.domain,
            setDomain: (domain) => this.set("domain", domain),
        });
        onWillStart(() => this.load());
        this.env.config.setDisplayName(_t("Receivables"));
    }

    get byChoices() {
        return [
            ["partner_id", _t("Customer")],
            ["user_id", _t("Salesperson")],
            ["team_id", _t("Sales Team")],
        ];
    }

    get ageingChoices() {
        return [
            ["contract", _t("By contract date")],
            ["invoice", _t("By invoice due date")],
            ["difference", _t("Difference")],
        ];
    }

    /** What the chosen ageing says, for whoever sees it for the first time. */
    get explanation() {
        return {
            contract: _t(
                "Everything outstanding, from the day it had to be paid had it been invoiced in time."
            ),
            invoice: _t("What is invoiced and open, from the day its invoice is due."),
            difference: _t(
                "By contract less by invoice: what is late only because it was invoiced late, or not yet."
            ),
        }[this.state.ageing];
    }

    get choice() {
        const { by, ageing, team_id, domain } = this.state;
        return { by, ageing, team_id, domain };
    }

    get options() {
        const { by, team_id, domain } = this.state;
        return { by, team_id, domain: domainToList(domain) };
    }

    get chip() {
        return {
            key: "domain",
            text: this.domain.text,
            edit: () => this.domain.edit(),
            remove: () => this.domain.remove(),
        };
    }

    async load() {
        this.props.updateActionState?.({ choice: this.choice });
        this.state.isLoading = true;
        try {
            const table = await this.keepLast.add(
                this.orm.silent.call(MODEL, "get_receivables", [this.options])
            );
            Object.assign(this.state, { table, error: "", all: false });
        } catch (error) {
            if (!error.data) {
                throw error;
            }
            Object.assign(this.state, { table: null, error: error.data.message });
        }
        this.state.isLoading = false;
    }

    set(name, value) {
        this.state[name] = value;
        return this.load();
    }

    setAgeing(ageing) {
        this.state.ageing = ageing;
        this.props.updateActionState?.({ choice: this.choice });
    }

    rowsOf(currency) {
        return this.state.all ? currency.rows : currency.rows.slice(0, FEW);
    }

    hiddenOf(currency) {
        return currency.rows.length - this.rowsOf(currency).length;
    }

    /** The last column: what the buckets of the chosen ageing add up to. */
    sumOf(row) {
        const { ageing } = this.state;
        return { contract: row.outstanding, invoice: row.due, difference: row.not_invoiced }[
            ageing
        ];
    }

    get sumLabel() {
        return this.state.ageing === "difference" ? _t("Not Invoiced") : _t("Total");
    }

    lateOf(row) {
        const { ageing } = this.state;
        return {
            contract: row.late_contract,
            invoice: row.late_invoice,
            difference: row.own_delay,
        }[ageing];
    }

    /** Shares of what is outstanding, as widths of a bar. */
    barOf(row) {
        const amounts = row[this.state.ageing].map((amount) => Math.max(amount, 0));
        const sum = amounts.reduce((total, amount) => total + amount, 0);
        return sum ? amounts.map((amount) => (100 * amount) / sum) : [];
    }

    money(amount, currency) {
        return formatMonetary(amount, { currencyId: currency.currency_id });
    }

    short(amount, currencyId) {
        return formatMonetary(amount, { currencyId, humanReadable: true });
    }

    /** Amounts without their sign, which would stand in every cell. */
    bare(amount) {
        return amount ? formatFloat(amount, { digits: [16, 0] }) : "";
    }

    number(value) {
        return formatInteger(value);
    }

    days(value) {
        return value === false ? "" : formatFloat(value, { digits: [16, 0] });
    }

    /** Key of a bucket as the server names it. */
    column(place) {
        const bucket = ["0", "1", "31", "61", "91"][place];
        return `${this.state.ageing}_${bucket}`;
    }

    get canOpen() {
        return this.state.ageing !== "difference";
    }

    async open(currency, column, row) {
        const action = await this.orm.call(MODEL, "get_receivables_action", [
            this.options,
            currency.currency_id,
            column,
            row ? row.id : null,
        ]);
        await this.action.doAction(action);
    }

    openHeadline(headline) {
        const actions = {
            to_invoice: "sales_process.sales_plan_line_action_to_invoice",
            overdue: "sales_process.sales_plan_line_action_overdue",
            prepaid: "sales_process.sales_plan_line_action_prepaid",
            invoiced_late: "sales_process.sales_plan_line_action_invoiced_late",
            cash: "sales_process.sales_cash_report_action",
        };
        return this.action.doAction(actions[headline.key]);
    }

    async download() {
        const action = await this.orm.call(MODEL, "get_excel", [this.options]);
        await this.action.doAction(action);
    }
}

registry.category("actions").add("sales_process.receivables", Receivables);
