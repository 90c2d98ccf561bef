import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * A button that does its work on the form before anything is saved: it puts a value into
 * a field whose onchange does the rest, so the result can be looked at and discarded.
 *
 *   <field name="command" invisible="1"/>
 *   <widget name="sales_command" field="command" value="adjust" string="Adjust"/>
 */
export class SalesCommand extends Component {
    static template = "sales_process.SalesCommand";
    static props = {
        ...standardWidgetProps,
        field: { type: String },
        value: { type: String },
        label: { type: String },
        title: { type: String, optional: true },
        className: { type: String, optional: true },
    };
    static defaultProps = { className: "btn-secondary" };

    onClick() {
        return this.props.record.update({ [this.props.field]: this.props.value });
    }
}

export const salesCommand = {
    component: SalesCommand,
    extractProps: ({ attrs }) => ({
        field: attrs.field,
        value: attrs.value,
        label: attrs.string,
        title: attrs.title,
        className: attrs.btn_class,
    }),
};

registry.category("view_widgets").add("sales_command", salesCommand);
