import { registry } from "@web/core/registry";

// The page has no scripts of its own: what the tours press are plain form buttons.
registry.category("web_tour.tours").add("sales_confirmation_confirm", {
    steps: () => [
        { trigger: "blockquote:contains(the product)" },
        {
            trigger: "button[value=confirm]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "h1:contains(Thank you)" },
        { trigger: "p:contains(Your confirmation is recorded)" },
    ],
});

registry.category("web_tour.tours").add("sales_confirmation_correct", {
    steps: () => [
        { trigger: "details:not([open])" },
        { trigger: "summary:contains(Something is not right)", run: "click" },
        { trigger: "textarea[name=note]", run: "edit The pilot starts in June." },
        {
            trigger: "button[value=correct]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "p:contains(Nothing was confirmed)" },
    ],
});
