import { registry } from "@web/core/registry";
import { grid, paste, press, row } from "./grid_steps";

const cell = (name, measure, text, place = 0) =>
    `${row(name)} td[data-measure="${measure}"][data-place="${place}"]${text ? `:contains(${text})` : ""}`;
const line = (name, measure) => `${row(name)} td[data-measure="${measure}"]`;

/** A rep calls: types, undoes, notes, pastes, saves, and opens what a figure is made of. */
registry.category("web_tour.tours").add("sales_process_forecast_grid_rep", {
    steps: () => [
        { content: "One's own row alone", trigger: `${cell("Ann", "commit", "1,000")}.o_opens` },
        { trigger: cell("Ann", "quota", "3,000") },
        { content: "What is not there is said", trigger: cell("Ann", "quota", "No quota", 1) },
        { trigger: cell("Ann", "gap", "1,400") },
        { content: "Changes come after", trigger: `${cell("Ann", "commit")} .o_hint_more:contains(1,000)` },
        { content: "So do chances", trigger: cell("Ann", "chance", "0 %") },
        { trigger: cell("Ann", "call_commit"), run: "click" },
        press("1"),
        { trigger: `${cell("Ann", "call_commit")} input`, run: "edit 1200 && press Tab" },
        { trigger: `${cell("Ann", "call_commit", "1,200")}.o_changed` },
        { content: "The gap follows", trigger: cell("Ann", "gap", "1,200") },
        press("Control+z"),
        { content: "Undone", trigger: `${cell("Ann", "call_commit", "–")}:not(.o_changed)` },
        { trigger: cell("Ann", "gap", "1,400") },
        { trigger: cell("Ann", "call_commit"), run: "click" },
        { content: "A block is pasted over the calls", trigger: grid, run: paste("1200\t300\t90\n") },
        { trigger: cell("Ann", "call_pipeline", "90") },
        { trigger: ".o_sales_grid_count:contains(3)" },
        { content: "Rubbish is refused as a whole", trigger: grid, run: paste("5\tmany\n") },
        { trigger: ".o_notification:contains(many)" },
        { trigger: cell("Ann", "call_commit", "1,200") },
        press("n"),
        { trigger: ".o_sales_grid_note_box textarea", run: "edit Board meets" },
        { trigger: ".o_sales_grid_note_box button[name=take_note]", run: "click" },
        { trigger: `${cell("Ann", "call_commit")} .o_has_note` },
        { content: "Figures are only read", trigger: grid, run: "press ArrowLeft && press 5" },
        { trigger: ".o_notification:contains(worked out)" },
        { trigger: ".o_sales_grid button[name=save]", run: "click" },
        { trigger: ".o_notification:contains(saved)" },
        { trigger: "body:not(:has(.o_sales_grid_save))" },
        { trigger: `${cell("Ann", "call_commit", "1,200")}:not(.o_changed) .o_has_note` },
        { content: "What is overdue opens", trigger: line("Ann", "overdue"), run: "click" },
        { trigger: ".o_breadcrumb:contains(Overdue)" },
        { trigger: ".o_content:contains(overdue)" },
    ],
});

/** A leader adjusts somebody's number and takes the own one back. */
registry.category("web_tour.tours").add("sales_process_forecast_grid_leader", {
    steps: () => [
        { content: "The team led, with all below", trigger: `${row("North")}.o_mine` },
        { trigger: row("Dora") },
        { trigger: `.o_sales_grid_table tbody:not(:has(tr:contains(South)))` },
        { trigger: cell("Ann", "call_commit"), run: "click" },
        press("9"),
        { trigger: `${cell("Ann", "call_commit")} input`, run: "edit 900 && press Enter" },
        { trigger: `${cell("Ann", "call_commit", "900")}.o_changed` },
        { trigger: ".o_sales_grid button[name=save]", run: "click" },
        { trigger: ".o_notification:contains(saved)" },
        { content: "It adds up above", trigger: `${cell("North", "call_commit")} .o_hint:contains(below 900)` },
        { trigger: cell("North", "call_commit"), run: "click" },
        press("7"),
        { trigger: `${cell("North", "call_commit")} input`, run: "edit 700 && press Enter" },
        { content: "Esc takes a cell back", trigger: cell("North", "call_commit"), run: "click" },
        press("Escape"),
        { trigger: `${cell("North", "call_commit")}:not(.o_changed)` },
        { trigger: "body:not(:has(.o_sales_grid_save))" },
    ],
});

/** A director looks: folds, chooses, and opens what a figure is made of. */
registry.category("web_tour.tours").add("sales_process_forecast_grid_director", {
    steps: () => [
        { trigger: cell("North", "commit", "1,400") },
        { trigger: cell("No salesperson", "commit", "50") },
        { content: "Fold North", trigger: `${row("North")} th`, run: "click" },
        { trigger: ".o_sales_grid_table tbody:not(:has(tr:contains(Dora)))" },
        { content: "Find a name", trigger: ".o_sales_grid input[name=search]", run: "edit dora" },
        { trigger: row("Dora") },
        { trigger: ".o_sales_grid_table tbody:not(:has(tr:contains(South)))" },
        { trigger: ".o_sales_grid input[name=search]", run: "clear" },
        { trigger: ".o_sales_grid select[name=period]", run: "select quarter" },
        { trigger: ".o_sales_grid select[name=periods]", run: "select 1" },
        { trigger: ".o_sales_grid_table:not(:has(td[data-place='1']))" },
        { trigger: ".o_sales_grid button[name=measures]", run: "click" },
        { trigger: ".o-dropdown-item:contains(Weighted)", run: "click" },
        { trigger: ".o_sales_grid_table:not(:has(td[data-measure=weighted]))" },
        { trigger: cell("South", "pipeline", "2,000"), run: "click" },
        { trigger: ".o_breadcrumb:contains(Pipeline)" },
        { trigger: ".o_content:contains(south)" },
        { content: "Back to where one was", trigger: ".o_breadcrumb a, .o_back_button", run: "click" },
        { trigger: ".o_sales_grid select[name=period]:has(option[value=quarter]:selected)" },
    ],
});

/** On a phone a rep finds the own figures as cards and calls there. */
registry.category("web_tour.tours").add("sales_process_forecast_grid_phone", {
    steps: () => [
        { trigger: ".o_sales_forecast_cards .o_mine:contains(Ann)" },
        { trigger: ".o_sales_forecast_cards dd[data-measure=quota][data-place='0']:contains(3,000)" },
        { trigger: ".o_sales_forecast_cards dd[data-measure=quota][data-place='1']:contains(No quota)" },
        {
            trigger: ".o_sales_forecast_cards dd[data-measure=call_commit][data-place='0'] input",
            run: "edit 1500 && press Enter",
        },
        { trigger: ".o_sales_forecast_cards dd[data-measure=call_commit][data-place='0'].o_changed" },
        { trigger: ".o_sales_forecast_cards dd[data-measure=gap][data-place='0']:contains(900)" },
        { trigger: ".o_sales_grid button[name=save]", run: "click" },
        { trigger: "body:not(:has(.o_sales_grid_save))" },
        { trigger: ".o_sales_forecast_cards dd[data-measure=call_commit][data-place='0']:not(.o_changed)" },
    ],
});
