import { onWillStart, useState } from "@odoo/owl";
import { Domain } from "@web/core/domain";
import { DomainSelectorDialog } from "@web/core/domain_selector_dialog/domain_selector_dialog";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

/** A domain as the server takes it; null without one. */
export function domainToList(domain) {
    const list = domain ? new Domain(domain).toList(user.context) : [];
    return list.length ? list : null;
}

/**
 * A filter of one's own making, built in Odoo's dialog and told in words.
 *
 * @param {Object} params
 * @param {string} params.resModel the model the filter looks at
 * @param {string} params.title of the dialog
 * @param {() => string} params.getDomain
 * @param {(domain: string) => any} params.setDomain called with "" when it is removed
 */
export function useDomainFilter({ resModel, title, getDomain, setDomain }) {
    const dialog = useService("dialog");
    const treeProcessor = useService("tree_processor");
    const state = useState({ text: "" });

    async function describe() {
        const domain = getDomain();
        if (!domain) {
            state.text = "";
            return;
        }
        const tree = await treeProcessor.treeFromDomain(resModel, domain, !odoo.debug);
        state.text = await treeProcessor.getDomainTreeDescription(resModel, tree);
    }

    async function set(domain) {
        await setDomain(domainToList(domain) ? domain : "");
        await describe();
    }

    onWillStart(describe);
    return {
        /** The filter in words; empty without one. */
        get text() {
            return getDomain() ? state.text : "";
        },
        edit() {
            dialog.add(DomainSelectorDialog, {
                resModel,
                title,
                domain: getDomain() || "[]",
                isDebugMode: Boolean(odoo.debug),
                onConfirm: set,
            });
        },
        remove() {
            return set("");
        },
    };
}
