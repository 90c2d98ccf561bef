import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { buildFieldsArch } from "@sales_process/process/sales_fields_dialog";

function line(values) {
    return {
        id: 1,
        name: "Budget is known",
        help: "",
        kind: "signoff",
        severity: "hard",
        verifier: "manager",
        state: "open",
        met: false,
        state_label: "Open",
        detail: "",
        fields: [],
        action_label: "Ask for sign-off",
        evidence_id: false,
        can_verify: false,
        submitted: false,
        asked: "",
        ...values,
    };
}

function pathData(values = {}, criteria = [line()]) {
    const stage = (id, name, state) => ({
        id,
        stage_id: id,
        name,
        state,
        is_won: false,
    });
    return {
        lead_id: 1,
        status: "pending",
        can_write: true,
        readonly: false,
        process: { id: 1, name: "Retrofit" },
        stages: [
            stage(1, "Meet", "done"),
            stage(2, "Prove", "current"),
            stage(3, "Close", "todo"),
        ],
        current: {
            id: 2,
            name: "Prove",
            buyer_step: "Compares",
            goal: "We are preferred",
            guidance: "",
            days: 3,
            expected_days: 10,
            overdue: false,
            assets: [],
            mail_templates: [],
            quotation_templates: [],
            criteria,
        },
        earlier: [],
        next: { id: 3, name: "Close", is_won: false },
        progress: 0,
        blocking: criteria.filter((c) => !c.met && c.severity === "hard").length,
        can_waive: false,
        waivers: [],
        reasons_owed: 0,
        ...values,
    };
}

class Lead extends models.Model {
    _name = "crm.lead";
    name = fields.Char();
    referred = fields.Char();
    sales_process_id = fields.Many2one({ relation: "sales.process" });
    _records = [{ id: 1, name: "Deal", sales_process_id: 1 }];
}

class Process extends models.Model {
    _name = "sales.process";
    name = fields.Char();
    _records = [{ id: 1, name: "Retrofit" }];
}

defineMailModels();
defineModels([Lead, Process]);

let data;
beforeEach(() => {
    data = pathData();
    onRpc("crm.lead", "sales_path_data", () => data);
});

function mountPath() {
    return mountView({
        type: "form",
        resModel: "crm.lead",
        resId: 1,
        arch: `
            <form>
                <widget name="sales_path"/>
                <field name="name"/>
                <notebook>
                    <page name="notes" string="Notes"><div/></page>
                    <page name="extra" string="Extra"><field name="referred"/></page>
                </notebook>
            </form>`,
    });
}

test("stages are buttons in reading order; the current one is named as such", async () => {
    await mountPath();
    expect(queryAllTexts(".o_sales_path .o_arrow_button")).toEqual([
        "Meet",
        "Prove",
        "Close",
    ]);
    expect(".o_sales_path [aria-current=step]").toHaveText("Prove");
    expect(".o_sales_path .o_arrow_button:first").toHaveAttribute(
        "aria-label",
        "Meet, stage 1 of 3, done"
    );
});

test("a state is told in words, never by an icon alone", async () => {
    data = pathData({}, [
        line({ id: 1, state_label: "Open" }),
        line({ id: 2, state: "met", met: true, state_label: "Proven" }),
        line({ id: 3, state: "expired", state_label: "Lapsed", detail: "May 5" }),
        line({ id: 4, state: "rejected", state_label: "Not accepted", detail: "Sign it" }),
    ]);
    await mountPath();
    const texts = [...document.querySelectorAll(".o_sales_path_line")].map((el) =>
        el.textContent.replace(/\s+/g, " ")
    );
    expect(texts[0]).toMatch(/Budget is known.*: Open/);
    expect(texts[1]).toMatch(/: Proven/);
    expect(texts[2]).toMatch(/Lapsed.*Lapsed on May 5/);
    expect(texts[3]).toMatch(/Not accepted.*Sign it/);
});

test("advancing while something is open leads there and calls nothing", async () => {
    mockService("action", {
        doActionButton: () => expect.step("button"),
    });
    await mountPath();
    expect(".o_sales_path_advance").toHaveClass("btn-secondary");
    await contains(".o_sales_path_advance").click();
    await animationFrame();
    await animationFrame();
    expect(".o_sales_path_step").toBeFocused();
    expect(".o_sales_path [role=status]").toHaveText(
        "1 exit is still open: Budget is known"
    );
    expect.verifySteps([]);
});

test("advancing saves the form first", async () => {
    data = pathData({}, [line({ state: "met", met: true })]);
    onRpc("crm.lead", "web_save", () => expect.step("save"));
    mockService("action", {
        doActionButton: ({ name, resId }) => expect.step(`${name} ${resId}`),
    });
    await mountPath();
    await contains(".o_field_widget[name=name] input").edit("Better name");
    await contains(".o_sales_path_advance.btn-primary").click();
    await animationFrame();
    expect.verifySteps(["save", "action_sales_advance 1"]);
});

test("the field on a page of the notebook is opened, then counts before it is saved", async () => {
    data = pathData({}, [
        line({
            kind: "fields",
            verifier: "system",
            fields: ["referred"],
            action_label: "Fill in",
        }),
    ]);
    onRpc("crm.lead", "web_save", () => expect.step("save"));
    await mountPath();
    expect(".o_field_widget[name=referred]").toHaveCount(0);
    await contains(".o_sales_path_step").click();
    await animationFrame();
    await animationFrame();
    await animationFrame();
    expect(".o_field_widget[name=referred] input").toBeFocused();
    await contains(".o_field_widget[name=referred] input").edit("A friend");
    expect(".o_sales_path_step").toHaveText("Save");
    expect(".o_sales_path_advance").toHaveClass("btn-primary");
    await contains(".o_sales_path_step").click();
    expect.verifySteps(["save"]);
});

test("each menu waives its own line", async () => {
    data = pathData({ can_waive: true }, [line({ id: 7 }), line({ id: 8 })]);
    mockService("action", {
        doActionButton: ({ name, args }) => expect.step(`${name} ${args}`),
    });
    await mountPath();
    await contains(".o_sales_path_more:first").click();
    await contains(".o-dropdown-item:contains(Waive)").click();
    await animationFrame();
    expect.verifySteps(["action_sales_open_waive [[7]]"]);
});

test("a closed deal offers no way on", async () => {
    data = pathData({ readonly: true, status: "lost", can_waive: true });
    await mountPath();
    expect(".o_sales_path_advance").toHaveCount(0);
    expect(".o_sales_path_step").toHaveCount(0);
    expect(".o_sales_path_more").toHaveCount(0);
    expect(queryFirst(".o_sales_path .o_arrow_button").disabled).toBe(true);
});

test("a closed deal still takes the reason it owes", async () => {
    data = pathData({ readonly: true, status: "won", reasons_owed: 1 });
    mockService("action", {
        doActionButton: ({ name }) => expect.step(name),
    });
    await mountPath();
    await contains(".o_sales_path .alert button").click();
    expect.verifySteps(["action_sales_explain"]);
});

test("a second press while the first one runs is ignored, and keeps the focus", async () => {
    data = pathData({ reasons_owed: 1 });
    const gate = Promise.withResolvers();
    mockService("action", {
        doActionButton: ({ name }) => {
            expect.step(name);
            return gate.promise;
        },
    });
    await mountPath();
    await contains(".o_sales_path .alert button").click();
    await contains(".o_sales_path .alert button").click();
    expect(".o_sales_path").toHaveAttribute("aria-busy", "true");
    gate.resolve();
    await animationFrame();
    expect(".o_sales_path .alert button").toBeFocused();
    expect.verifySteps(["action_sales_explain"]);
});

test("a deal without a process has no path", async () => {
    Lead._records[0].sales_process_id = false;
    await mountPath();
    expect(".o_sales_path").toHaveCount(0);
});

test("the form of missing fields holds them and their currency", async () => {
    const arch = buildFieldsArch(
        {
            expected_revenue: { type: "monetary", currency_field: "company_currency" },
            tag_ids: { type: "many2many", relation: "crm.tag" },
        },
        ["expected_revenue", "tag_ids"]
    );
    expect(arch).toBe(
        '<form><group><field name="expected_revenue"/>' +
            '<field name="tag_ids" domain="[]" widget="many2many_tags"/>' +
            '<field name="company_currency" invisible="1"/></group></form>'
    );
});
