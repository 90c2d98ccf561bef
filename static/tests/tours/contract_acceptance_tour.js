import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

// What is shown, before anything is pressed.
const look = [
    { trigger: "h1:contains(asks you to accept)" },
    { trigger: "blockquote:contains(2 machines)" },
    { trigger: "dd:contains(500.00)" },
    { trigger: "p:contains(is then due on)" },
];

tours.add("sales_acceptance_accept", {
    steps: () => [
        ...look,
        { trigger: "#name", run: "edit Dana D." },
        {
            trigger: "button[value=accept]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "p:contains(Your acceptance is recorded)" },
    ],
});

tours.add("sales_acceptance_refuse", {
    steps: () => [
        ...look,
        { trigger: "summary:contains(Not yet)", run: "click" },
        {
            content: "Without words nothing is sent",
            trigger: "button[value=refuse]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "p:contains(Please write what is missing)" },
        { trigger: "#note", run: "edit Two sensors are missing." },
        {
            trigger: "button[value=refuse]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "p:contains(Nothing was accepted)" },
    ],
});
