import { registry } from "@web/core/registry";
import { grid, paste, press, row } from "./grid_steps";

const cell = (name, col, text) =>
    `${row(name)} td[data-col="${col}"]${text ? `:contains(${text})` : ""}`;

/** A director fills a year: types, divides, pastes, corrects and saves. */
registry.category("web_tour.tours").add("sales_process_target_grid", {
    steps: () => [
        {
            content: "The plan leads to its grid",
            trigger: ".o_form_view button[name=action_open_grid]:contains(Edit Targets)",
            run: "click",
        },
        { content: "Click and type", trigger: cell("Grid North", 0), run: "click" },
        press("1"),
        {
            trigger: `${cell("Grid North", 0)} input`,
            run: "edit 1000 && press Enter",
        },
        { trigger: `${cell("Grid North", 0, "1,000")}.o_changed` },
        { content: "The cursor went down", trigger: `${row("Grid Ann")} td.o_active[data-col="0"]` },
        press("9"),
        { content: "Esc gives up", trigger: `${cell("Grid Ann", 0)} input`, run: "press Escape" },
        { trigger: `${cell("Grid Ann", 0)}:not(.o_changed)` },
        {
            content: "Nobody has the thousand yet: divide it",
            trigger: `${cell("Grid North", 0)} button.o_hint_left:contains(1,000 left)`,
            run: "click",
        },
        { trigger: ".o_sales_grid_mismatch button[name=divide_below]", run: "click" },
        { trigger: cell("Grid Ann", 0, "500") },
        { trigger: cell("Grid Bea", 0, "500") },
        { trigger: `${cell("Grid North", 0)}:not(:has(.o_hint))` },
        { content: "A total is divided over its periods", trigger: cell("Grid Bob", 16), run: "click" },
        press("="),
        { trigger: `${cell("Grid Bob", 16)} input`, run: "edit =12000 && press Enter" },
        { trigger: cell("Grid Bob", 0, "1,000") },
        { trigger: cell("Grid Bob", 3, "3,000") },
        { content: "A block is pasted", trigger: cell("Grid Ann", 1), run: "click" },
        { trigger: grid, run: paste("$ 700\t800\n300\t200\n") },
        { trigger: cell("Grid Ann", 2, "800") },
        { trigger: cell("Grid Bea", 1, "300") },
        { trigger: `${cell("Grid North", 1)} .o_hint_over:contains(1,000 over)` },
        { trigger: ".o_sales_grid_count:contains(19)" },
        { content: "Rubbish is refused as a whole", trigger: grid, run: paste("5\tmany\n") },
        { trigger: ".o_notification:contains(many)" },
        { trigger: cell("Grid Ann", 1, "700") },
        { content: "Leaving asks first", trigger: ".o_breadcrumb a, .o_back_button", run: "click" },
        { trigger: ".modal button:contains(Stay)", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: ".o_sales_grid input[name=reason]", run: "edit New territory" },
        { trigger: ".o_sales_grid button[name=save]", run: "click" },
        { trigger: ".o_notification:contains(saved)" },
        { trigger: "body:not(:has(.o_sales_grid_save))" },
        { content: "Find a name", trigger: ".o_sales_grid input[name=search]", run: "edit bea" },
        { trigger: `.o_sales_grid_table tbody:not(:has(tr:contains(Grid Bob)))` },
        { trigger: cell("Grid Bea", 0, "500") },
        { trigger: "[data-measure=stretch_amount]", run: "click" },
        { trigger: "[data-measure=stretch_amount].active" },
        { trigger: cell("Grid Bea", 0, "0") },
        { trigger: "[data-measure=attainment]", run: "click" },
        { trigger: `${cell("Grid Bea", 0)}.o_readonly:contains(–)` },
    ],
});

/** A rep proposes; what is published is only read. */
registry.category("web_tour.tours").add("sales_process_target_grid_rep", {
    steps: () => [
        { trigger: ".o_sales_grid button[name=propose]", run: "click" },
        { trigger: "[data-measure=proposed_amount].active" },
        { content: "The team's is not one's to propose", trigger: `${cell("Grid North", 0)}.o_readonly` },
        { trigger: cell("Grid Ann", 0), run: "click" },
        press("7"),
        { trigger: `${cell("Grid Ann", 0)} input`, run: "edit 70 && press Enter" },
        { trigger: `${cell("Grid Ann", 0)} .o_hint_less:contains(30)` },
        { trigger: ".o_sales_grid button[name=save]", run: "click" },
        { trigger: ".o_notification:contains(saved)" },
        { trigger: `${cell("Grid Ann", 0, "70")}:not(.o_changed)` },
    ],
});
