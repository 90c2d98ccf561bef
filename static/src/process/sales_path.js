import { Component, markup, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { SalesFieldsDialog } from "./sales_fields_dialog";
import { findFormField, focusFormField, nextPaint } from "./form_field_finder";

const HOW_TO_KEY = "sales_process.path.how_to";

/** How each state of an exit criterion looks; the label comes from the server. */
const STATE_ICONS = {
    met: "fa-check-circle text-success",
    waived: "fa-unlock-alt text-warning",
    imported: "fa-history text-muted",
    submitted: "fa-hourglass-half text-info",
    rejected: "fa-times-circle text-danger",
    expired: "fa-exclamation-circle text-danger",
    open: "fa-circle-o text-muted",
};
const STATE_BADGES = {
    waived: "text-bg-warning",
    imported: "text-bg-light border",
    submitted: "text-bg-info",
    rejected: "text-bg-danger",
    expired: "text-bg-danger",
};
const STAGE_ICONS = {
    done: "fa-check",
    imported: "fa-history",
};

/**
 * The path of a deal: the stages of its process, what the buyer does now, which exits
 * are proven, and the one step each open one needs.
 *
 * All it shows comes from `crm.lead.sales_path_data()`, read again whenever the record
 * was loaded or saved. Whatever a person does here saves the form first.
 */
export class SalesPath extends Component {
    static template = "sales_process.SalesPath";
    static components = { Dropdown, DropdownItem };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.fieldService = useService("field");
        this.ui = useState(useService("ui"));
        this.root = useRef("root");
        this.loads = 0;
        this.state = useState({
            data: null,
            busy: false,
            howTo: browser.localStorage.getItem(HOW_TO_KEY) === "open",
            waivers: false,
            proven: false,
            message: "",
        });
        useRecordObserver((record) => this.load(record));
    }

    // --- What is shown -------------------------------------------------------

    get data() {
        return this.state.data;
    }

    get current() {
        return this.data.current;
    }

    get readonly() {
        return this.props.readonly || this.data.readonly;
    }

    /** A won deal whose last stage asks nothing needs no more than its stages. */
    get showsBody() {
        return Boolean(
            this.current && (this.data.status === "pending" || this.exitCount)
        );
    }

    get position() {
        return this.data.stages.findIndex((stage) => stage.state === "current");
    }

    get guidance() {
        return markup(this.current.guidance);
    }

    get hasHowTo() {
        const { guidance, assets, mail_templates, quotation_templates } = this.current;
        return Boolean(
            guidance || assets.length || mail_templates.length || quotation_templates.length
        );
    }

    /** Open exits first from earlier stages, then those of the current one. */
    get lines() {
        const { earlier } = this.data;
        const lines = [...earlier, ...(this.current ? this.current.criteria : [])];
        return this.foldsProven ? lines.filter((line) => !line.met) : lines;
    }

    get provenCount() {
        return this.current ? this.current.criteria.filter((line) => line.met).length : 0;
    }

    get exitCount() {
        return this.current ? this.current.criteria.length : 0;
    }

    /** On a phone what is done makes room for what is to do. */
    get foldsProven() {
        return this.ui.isSmall && !this.state.proven && this.provenCount > 0;
    }

    /** Hard exits still open, without those that the next save will prove. */
    get blocking() {
        const filled = [...this.data.earlier, ...this.current.criteria].filter(
            (line) => line.severity === "hard" && this.isFilled(line)
        );
        return Math.max(this.data.blocking - filled.length, 0);
    }

    get advanceLabel() {
        const { next } = this.data;
        return next.is_won ? _t("Mark as won") : _t("Advance to %s", next.name);
    }

    get advanceHint() {
        if (!this.blocking) {
            return "";
        }
        return this.blocking === 1
            ? _t("1 exit is still open")
            : _t("%s exits are still open", this.blocking);
    }

    get openText() {
        return _t("%s open", this.blocking);
    }

    get daysText() {
        const { days, expected_days } = this.current;
        if (!expected_days) {
            return days === 1 ? _t("1 day in this stage") : _t("%s days in this stage", days);
        }
        return _t("%(days)s of %(expected)s expected days", {
            days,
            expected: expected_days,
        });
    }

    /** For narrow screens: "5/14 d". */
    get shortDaysText() {
        const { days, expected_days } = this.current;
        return _t("%s d", expected_days ? `${days}/${expected_days}` : days);
    }

    get provenText() {
        return _t("%(proven)s of %(all)s proven", {
            proven: this.provenCount,
            all: this.exitCount,
        });
    }

    get provenToggleText() {
        return this.state.proven
            ? _t("Hide what is proven")
            : _t("Show what is proven (%s)", this.provenCount);
    }

    get owedText() {
        const count = this.data.reasons_owed;
        return count === 1
            ? _t("1 exit was left open on the way. Say why, so that it can be counted.")
            : _t(
                  "%s exits were left open on the way. Say why, so that they can be counted.",
                  count
              );
    }

    get strayText() {
        return _t(
            "This deal is in a stage that “%s” does not have. Choose one of its stages above.",
            this.data.process.name
        );
    }

    get waiversText() {
        const count = this.data.waivers.length;
        return count === 1 ? _t("1 waiver") : _t("%s waivers", count);
    }

    stageIcon(stage) {
        return STAGE_ICONS[stage.state];
    }

    stageLabel(stage, index) {
        const states = {
            done: _t("done"),
            current: _t("current stage"),
            todo: _t("to come"),
            imported: _t("before the deal entered the process"),
        };
        return _t("%(name)s, stage %(index)s of %(count)s, %(state)s", {
            name: stage.name,
            index: index + 1,
            count: this.data.stages.length,
            state: states[stage.state],
        });
    }

    lineIcon(line) {
        return this.isFilled(line) ? "fa-pencil text-info" : STATE_ICONS[line.state];
    }

    lineBadge(line) {
        return this.isFilled(line) ? false : STATE_BADGES[line.state];
    }

    lineState(line) {
        return this.isFilled(line) ? _t("Filled in, not saved yet") : line.state_label;
    }

    lineDetail(line) {
        if (line.submitted) {
            const { by, date } = line.submitted;
            return _t("Handed in by %(name)s on %(date)s", { name: by, date });
        }
        if (this.isFilled(line)) {
            return _t("Filled in. It counts once the deal is saved.");
        }
        if (line.asked && !line.met) {
            return line.asked;
        }
        if (line.state === "expired" && line.detail) {
            return _t("Lapsed on %s", line.detail);
        }
        if (line.state === "open" && line.detail) {
            return _t("Still empty: %s", line.detail);
        }
        return line.detail;
    }

    lineAction(line) {
        return this.isFilled(line) ? _t("Save") : line.action_label;
    }

    /** What a screen reader says of a button: what it does and to which exit. */
    lineLabel(button, line) {
        const labels = {
            verify: _t("Verify"),
            reject: _t("Reject"),
            more: _t("More"),
            step: this.lineAction(line),
        };
        return _t("%(action)s: %(name)s", { action: labels[button], name: line.name });
    }

    hasAction(line) {
        return !this.readonly && !line.met && line.state !== "submitted";
    }

    mayWaive(line) {
        return (
            this.data.can_waive &&
            !this.readonly &&
            !line.met &&
            line.severity !== "advisory"
        );
    }

    /** Whether the unsaved form already holds what this line asks for. */
    isFilled(line) {
        const { record } = this.props;
        if (line.met || line.kind !== "fields" || !line.fields.length || !record.dirty) {
            return false;
        }
        return line.fields.every((name) => {
            const value = record.data[name];
            return value && (value.count === undefined || value.count > 0);
        });
    }

    // --- Loading -------------------------------------------------------------

    async load(record) {
        // Reading `data` subscribes to its replacement on every load and save.
        const process = record.data.sales_process_id;
        const ticket = ++this.loads;
        const data = record.resId && process ? await this.fetch(record.resId) : null;
        if (ticket === this.loads) {
            this.state.data = data && data.stages ? data : null;
        }
    }

    fetch(resId) {
        return this.orm.silent.call("crm.lead", "sales_path_data", [[resId]]);
    }

    /**
     * Save the form, then do `step`; a form that cannot be saved stops it.
     *
     * The buttons stay enabled meanwhile: a disabled one would lose the focus, and a
     * keyboard user the place. A second press is simply ignored.
     */
    async run(step) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            const { record } = this.props;
            if ((await record.isDirty()) && !(await record.save())) {
                return;
            }
            await step(record);
        } finally {
            this.state.busy = false;
        }
    }

    /** Press a button of the server: opens what it returns, then reloads the deal. */
    callButton(name, args = [], { resModel = "crm.lead", resId = null } = {}) {
        const { record } = this.props;
        return this.action.doActionButton({
            type: "object",
            name,
            args: JSON.stringify(args),
            resModel,
            resId: resId || record.resId,
            context: record.context,
            onClose: () => record.model.load(),
        });
    }

    // --- Moving --------------------------------------------------------------

    async onAdvance() {
        let blocked = false;
        await this.run(async (record) => {
            const data = await this.fetch(record.resId);
            blocked = Boolean(data.blocking);
            if (blocked) {
                this.state.data = data;
                this.state.message = "";
            } else {
                await this.callButton("action_sales_advance");
            }
        });
        if (blocked) {
            await nextPaint(); // what was folded has to be there to take the focus
            this.showOpenExits();
        }
    }

    onStage(stage) {
        if (this.readonly || stage.state === "current") {
            return;
        }
        return this.run(() => this.callButton("action_sales_move", [stage.stage_id]));
    }

    /** Lead the eye, the keyboard and the screen reader to what holds the deal. */
    showOpenExits() {
        this.state.message = _t("%(hint)s: %(names)s", {
            hint: this.advanceHint,
            names: this.lines
                .filter((line) => !line.met && line.severity === "hard")
                .map((line) => line.name)
                .join(", "),
        });
        const el = this.root.el.querySelector(".o_sales_path_line.o_sales_path_blocking");
        el?.scrollIntoView({ block: "center", behavior: "smooth" });
        el?.querySelector("button")?.focus({ preventScroll: true });
        for (const line of this.root.el.querySelectorAll(".o_sales_path_blocking")) {
            line.classList.remove("o_sales_path_attention");
            void line.offsetWidth; // restart the animation
            line.classList.add("o_sales_path_attention");
        }
    }

    // --- Exit checklist ------------------------------------------------------

    onStep(line) {
        if (this.isFilled(line)) {
            return this.run(() => {});
        }
        if (line.fields.length) {
            return this.openFields(line);
        }
        return this.run(() => this.callButton("action_sales_criterion", [line.id]));
    }

    onSubmitMore(line) {
        return this.run(() => this.callButton("action_sales_criterion", [line.id]));
    }

    onVerify(line) {
        return this.run(() => this.callEvidence("action_verify", line));
    }

    onReject(line) {
        return this.run(() => this.callEvidence("action_open_reject", line));
    }

    callEvidence(name, line) {
        return this.callButton(name, [], {
            resModel: "sales.evidence",
            resId: line.evidence_id,
        });
    }

    onWaive(line) {
        return this.run(() => this.callButton("action_sales_open_waive", [[line.id]]));
    }

    onExplain() {
        return this.run(() => this.callButton("action_sales_explain"));
    }

    /** Go to the field in the form; what the form does not show opens in a dialog. */
    async openFields(line) {
        const { record } = this.props;
        const names = line.fields.filter((name) => !record.data[name]);
        const wanted = names.length ? names : line.fields;
        for (const name of wanted) {
            const el = await findFormField(
                this.root.el,
                name,
                this.env.config.viewArch
            );
            if (el) {
                return focusFormField(el);
            }
        }
        return this.run(async () => {
            const fields = await this.fieldService.loadFields("crm.lead");
            this.dialog.add(SalesFieldsDialog, {
                resModel: "crm.lead",
                resId: record.resId,
                title: line.name,
                context: record.context,
                fields,
                fieldNames: wanted,
                onRecordSaved: () => record.model.load(),
            });
        });
    }

    // --- How to --------------------------------------------------------------

    toggleHowTo() {
        this.state.howTo = !this.state.howTo;
        browser.localStorage.setItem(HOW_TO_KEY, this.state.howTo ? "open" : "closed");
    }

    onMailTemplate(template) {
        return this.run(() => this.callButton("action_sales_compose", [template.id]));
    }

    onQuotationTemplate(template) {
        return this.run(() => this.callButton("action_sales_quotation", [template.id]));
    }
}

export const salesPath = {
    component: SalesPath,
    fieldDependencies: [{ name: "sales_process_id", type: "many2one" }],
    additionalClasses: ["w-100"],
};

registry.category("view_widgets").add("sales_path", salesPath);
