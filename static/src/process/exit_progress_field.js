import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * How far a deal is through the exits of its stage, small enough for a list or a card,
 * with what is missing in words.
 */
export class ExitProgressField extends Component {
    static template = "sales_process.ExitProgressField";
    static props = {
        ...standardFieldProps,
        showMissing: { type: Boolean, optional: true },
    };

    /** Only an open deal in a process has exits to prove. */
    get isShown() {
        const { sales_process_id, won_status } = this.props.record.data;
        return Boolean(sales_process_id && won_status === "pending");
    }

    get percent() {
        return Math.round(this.props.record.data[this.props.name]);
    }

    get missing() {
        return this.props.record.data.sales_missing_summary || "";
    }

    get missingText() {
        return this.missing ? _t("Missing: %s", this.missing) : _t("All exits proven");
    }

    get colorClass() {
        return this.missing ? "bg-warning" : "bg-success";
    }
}

export const exitProgressField = {
    component: ExitProgressField,
    displayName: _t("Exit Progress"),
    supportedTypes: ["float"],
    supportedOptions: [
        {
            label: _t("Show what is missing"),
            name: "show_missing",
            type: "boolean",
        },
    ],
    fieldDependencies: [
        { name: "sales_process_id", type: "many2one" },
        { name: "sales_missing_summary", type: "char" },
        {
            name: "won_status",
            type: "selection",
            selection: [
                ["won", _t("Won")],
                ["lost", _t("Lost")],
                ["pending", _t("Pending")],
            ],
        },
    ],
    isEmpty: () => false,
    listViewWidth: [110, 160],
    extractProps: ({ options }) => ({ showMissing: Boolean(options.show_missing) }),
};

registry.category("fields").add("sales_exit_progress", exitProgressField);
