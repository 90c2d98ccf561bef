import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");

/** Odoo draws the name by itself, a moment after the dialog has opened. */
function isDrawnOn(canvas) {
    const { width, height } = canvas;
    const pixels = width && height && canvas.getContext("2d").getImageData(0, 0, width, height);
    return Boolean(pixels) && pixels.data.some((value) => value);
}

const CHECKLIST = ".o_sales_contract_checklist";

/** From the confirmed order to the signature: what a rep does, and how few clicks. */
tours.add("sales_process_contract_rep", {
    steps: () => [
        {
            content: "one click makes the contract",
            trigger: "button[name=action_sales_create_contract]",
            run: "click",
        },
        {
            content: "its title is what was sold",
            trigger: ".o_field_widget[name=title] input:value(Machine)",
        },
        {
            content: "the checklist says what is missing",
            trigger: `${CHECKLIST}:contains(Purchase order):contains(Liability)`,
        },
        {
            content: "agree on the clause",
            trigger: `${CHECKLIST} li:contains(Liability) button`,
            run: "click",
        },
        {
            content: "the clause is met",
            trigger: `${CHECKLIST}:not(:has(li:contains(Liability) button))`,
        },
        {
            content: "add the purchase order",
            trigger: `${CHECKLIST} li:contains(Purchase order) button`,
            run: "click",
        },
        {
            content: "choose the file",
            trigger: ".modal .o_field_widget[name=datas]",
            run: ({ anchor }) => {
                const input = anchor.querySelector("input[type=file]");
                const files = new DataTransfer();
                files.items.add(new File(["PO 4711"], "po.txt", { type: "text/plain" }));
                input.files = files.files;
                input.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        {
            content: "its name is taken over",
            trigger: ".modal .o_field_widget[name=name] input:value(po.txt)",
        },
        {
            content: "save it",
            trigger: ".modal .o_form_button_save, .modal footer .btn-primary",
            run: "click",
        },
        {
            content: "everything required is there, so the signature comes next",
            trigger: ".o_form_statusbar button.btn-primary[name=action_record_signature]",
            run: "click",
        },
        {
            content: "the signer is known from the order",
            trigger: ".modal .o_field_widget[name=signed_by] input:value(Dana Decider)",
        },
        {
            content: "record it",
            trigger: ".modal button[name=action_sign]",
            run: "click",
        },
        {
            content: "the contract is signed",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Signed)",
        },
        {
            content: "and the down payment is due",
            trigger: ".o_field_widget[name=plan_line_ids] tr:contains(Down payment):contains(To Invoice)",
        },
    ],
});

/** What is due becomes an invoice, from the accountant's own menu. */
tours.add("sales_process_contract_accountant", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "open Invoicing",
            trigger: '.o_app[data-menu-xmlid="account.menu_finance"]',
            run: "click",
        },
        {
            content: "open the menu of contracts",
            trigger: '[data-menu-xmlid="sales_process.menu_sales_contract_account_root"]',
            run: "click",
        },
        {
            content: "open Contracts",
            trigger: '[data-menu-xmlid="sales_process.menu_sales_contract_account"]',
            run: "click",
        },
        {
            content: "open the contract",
            trigger: ".o_data_row td[name=title]:contains(Coating line)",
            run: "click",
        },
        {
            content: "invoice what is due",
            trigger: ".o_field_widget[name=plan_line_ids] tr:contains(Part 1) button[name=action_invoice]",
            run: "click",
        },
        {
            content: "the draft is over the instalment",
            trigger: ".o_form_view .o_field_widget[name=tax_totals]:contains(300.00)",
        },
    ],
});

/** A customer reads a contract that was sent, and signs it. */
tours.add("sales_process_contract_customer", {
    steps: () => [
        {
            content: "what is to be done comes first",
            trigger: ".alert a[data-bs-target='#contract_sign']",
            run: "click",
        },
        {
            content: "sign with one's own name",
            trigger: "#contract_sign.show input[name=signer]:value(Portal)",
        },
        {
            content: "the signature is drawn",
            trigger: "#contract_sign canvas",
            run: async ({ anchor }) => {
                while (!isDrawnOn(anchor)) {
                    await new Promise((resolve) => setTimeout(resolve, 50));
                }
            },
        },
        {
            content: "send it",
            trigger: "#contract_sign .o_portal_sign_submit:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "thanks, and what follows",
            trigger: ".alert:contains(The contract is signed)",
        },
        {
            content: "the signed copy is there",
            trigger: "#documents a:contains(Contract)",
        },
    ],
});
