import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useDomainFilter } from "../domain_filter/domain_filter";

/** What narrows the deals: closed, one button and what is active; open, a choice each. */
export class FunnelFilter extends Component {
    static template = "sales_process.FunnelFilter";
    static props = {
        filters: { type: Array, element: Object },
        chosen: Object,
        domain: String,
        update: Function,
    };

    setup() {
        this.state = useState({ isOpen: false });
        this.domain = useDomainFilter({
            resModel: "crm.lead",
            title: _t("Filter Deals"),
            getDomain: () => this.props.domain,
            setDomain: (domain) => this.props.update({ domain }),
        });
    }

    /** A filter without a value to choose would only be in the way. */
    get offered() {
        return this.props.filters.filter(({ values }) => values.length);
    }

    get chips() {
        const chips = this.props.filters
            .filter(({ key }) => this.props.chosen[key])
            .map(({ key, label, values }) => ({
                key,
                text: `${label}: ${
                    values.find(({ id }) => id === this.props.chosen[key])?.name || "?"
                }`,
                remove: () => this.choose(key, false),
            }));
        if (this.domain.text) {
            chips.push({
                key: "domain",
                text: this.domain.text,
                edit: () => this.domain.edit(),
                remove: () => this.domain.remove(),
            });
        }
        return chips;
    }

    /** Ids go through the select as text. */
    onChange({ key, values }, ev) {
        const found = values.find(({ id }) => String(id) === ev.target.value);
        return this.choose(key, found ? found.id : false);
    }

    choose(key, value) {
        return this.props.update({ filters: { ...this.props.chosen, [key]: value } });
    }

    clear() {
        return this.props.update({ filters: {}, domain: "" });
    }
}
