import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";

const WIDGETS = { many2many: "many2many_tags" };

/** A plain form of just these fields, as XML. */
export function buildFieldsArch(fields, names) {
    const doc = document.implementation.createDocument(null, "form");
    const group = doc.createElement("group");
    doc.documentElement.append(group);
    const add = (name, attributes = {}) => {
        const node = doc.createElement("field");
        for (const [key, value] of Object.entries({ name, ...attributes })) {
            node.setAttribute(key, value);
        }
        group.append(node);
    };
    const currencies = new Set();
    for (const name of names) {
        const { type, currency_field, relation } = fields[name];
        const attributes = {};
        if (relation) {
            attributes.domain = "[]"; // its own may name fields that are not here
        }
        if (WIDGETS[type]) {
            attributes.widget = WIDGETS[type];
        }
        add(name, attributes);
        if (currency_field && !names.includes(currency_field)) {
            currencies.add(currency_field);
        }
    }
    for (const name of currencies) {
        add(name, { invisible: "1" });
    }
    return new XMLSerializer().serializeToString(doc);
}

/** Fills some fields of a record that the form below does not show. */
export class SalesFieldsDialog extends FormViewDialog {
    static props = {
        ...FormViewDialog.props,
        fields: Object,
        fieldNames: { type: Array, element: String },
    };
    static defaultProps = {
        ...FormViewDialog.defaultProps,
        canExpand: false,
        size: "md",
    };

    setup() {
        super.setup();
        const { fields, fieldNames, resModel } = this.props;
        Object.assign(this.viewProps, {
            arch: buildFieldsArch(fields, fieldNames),
            fields,
            relatedModels: { [resModel]: { fields } },
        });
    }
}
