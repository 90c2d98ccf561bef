import { registry } from "@web/core/registry";
import { CommissionWorth } from "./commission_worth";

const OPEN = ["draft", "sent"];

/** The same of a quotation, as it is typed: what a discount costs shows at once. */
export class CommissionWorthOrder extends CommissionWorth {
    question(record) {
        const { data, resId } = record;
        if (!OPEN.includes(data.state)) {
            return null;
        }
        const lines = data.order_line.records;
        const loaded = new Set(lines.map((line) => line.resId).filter(Boolean));
        return {
            id: resId || false,
            draft: {
                currency_id: idOf(data.currency_id),
                user_id: idOf(data.user_id),
                team_id: idOf(data.team_id),
                company_id: idOf(data.company_id),
                opportunity_id: idOf(data.opportunity_id),
                lines: lines.filter((line) => !line.data.display_type).map(lineOf),
                others: data.order_line.currentIds.filter(
                    (id) => typeof id === "number" && !loaded.has(id)
                ),
            },
        };
    }

    fetch({ id, draft }) {
        return this.orm.silent.call("sale.order", "get_commission_draft", [id ? [id] : [], draft]);
    }
}

function idOf(value) {
    return value ? value.id : false;
}

/** What a screen does not show of a line (null), the server knows. */
function lineOf({ data, resId }) {
    const known = (name) => (name in data ? data[name] : null);
    return {
        id: resId || false,
        product_id: idOf(data.product_id),
        quantity: known("product_uom_qty"),
        price_unit: known("price_unit"),
        discount: known("discount"),
        subtotal: known("price_subtotal"),
        total: known("price_total"),
        cost: known("purchase_price"),
    };
}

export const commissionWorthOrder = {
    component: CommissionWorthOrder,
    fieldDependencies: [
        { name: "state", type: "selection", selection: [] },
        { name: "currency_id", type: "many2one", relation: "res.currency" },
        { name: "user_id", type: "many2one", relation: "res.users" },
        { name: "team_id", type: "many2one", relation: "crm.team" },
        { name: "company_id", type: "many2one", relation: "res.company" },
        { name: "opportunity_id", type: "many2one", relation: "crm.lead" },
    ],
};

registry.category("view_widgets").add("sales_commission_worth_order", commissionWorthOrder);
