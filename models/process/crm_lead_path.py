from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmLead(models.Model):
    """The path: what a person sees and does to bring a deal to its next stage."""

    _inherit = "crm.lead"

    sales_days_in_stage = fields.Integer(
        string="Days in Stage", compute="_compute_sales_days_in_stage"
    )
    sales_expected_days = fields.Integer(
        string="Expected Days", related="sales_stage_id.expected_days"
    )

    # === COMPUTE METHODS === #

    @api.depends("date_last_stage_update", "date_closed")
    def _compute_sales_days_in_stage(self):
        now = fields.Datetime.now()
        for lead in self:
            until = lead.date_closed or now
            since = lead.date_last_stage_update or until
            lead.sales_days_in_stage = max((until - since).days, 0)

    # === ACTION METHODS === #

    def action_sales_advance(self):
        """Move each deal to the next stage of its process.

        A deal without a process, or at the end of it, stays where it is.

        :return: an action that asks the reasons for soft criteria left open, the
            celebration of a won deal, or True
        :raise UserError: when an exit is not proven; nothing is moved then
        """
        for stage, leads in self._sales_next_stages().items():
            leads.write({"stage_id": stage.id})
        owed = self._sales_reasons_owed()
        if owed:
            return owed._get_explain_action()
        if len(self) == 1 and self.stage_id.is_won:
            message = self._get_rainbowman_message()
            if message:
                return {
                    "effect": {
                        "fadeout": "slow",
                        "message": message,
                        "img_url": "/web/static/img/smile.svg",
                        "type": "rainbow_man",
                    }
                }
        return True

    def action_sales_criterion(self, criterion_id):
        """The one step that brings an exit criterion of this deal forward.

        :param int criterion_id: a criterion of the deal's process
        :return: an action for the web client
        """
        self.ensure_one()
        self.check_access("write")
        criterion = self.env["sales.process.criterion"].browse(criterion_id)
        if criterion.process_id not in self.sales_process_id._family():
            raise UserError(
                self.env._("This criterion is not asked in the deal's process.")
            )
        step = getattr(self, f"_sales_step_{criterion.kind}", None)
        if criterion.verifier == "system" and step:
            return step(criterion)
        if criterion.kind == "customer":
            return self._sales_step_customer(criterion)
        return self._sales_step_submit(criterion)

    def action_sales_open_waive(self, criterion_ids=()):
        """Ask for the reason of a waiver of the given (or all missing) criteria."""
        self.ensure_one()
        ids = list(criterion_ids) or self.sales_missing_criterion_ids.ids
        return self._sales_dialog(
            self.env._("Waive Exit Criteria"),
            "sales.lead.waive",
            default_lead_id=self.id,
            default_criterion_ids=ids,
        )

    def action_sales_explain(self):
        """Ask why soft criteria were left open, where a reason is still owed."""
        self.ensure_one()
        owed = self._sales_reasons_owed()
        return owed._get_explain_action() if owed else True

    # === WHAT THE PATH SHOWS === #

    @api.readonly
    def sales_path_data(self):
        """Everything the path widget shows, in one call.

        :return: dict, see the methods below for its parts; ``{}`` without a process
        """
        self.ensure_one()
        self.check_access("read")
        if not self.sales_process_id:
            return {}
        config = self._sales_stages()
        here = self._sales_position()
        verdicts = self._sales_judge({self: range(len(config))})[self]
        stages = self.sales_process_id.sudo().stage_ids.sorted()  # own process
        unproven = self._sales_unproven(verdicts, here)
        ahead = stages[here + 1 : here + 2]
        return {
            "lead_id": self.id,
            "status": self.won_status,
            "readonly": not self.has_access("write") or self.won_status != "pending",
            "process": {
                "id": self.sales_process_id.id,
                "name": self.sales_process_id.sudo().display_name,
            },
            "stages": [
                self._sales_stage_data(stage, index, here)
                for index, stage in enumerate(stages)
            ],
            "current": (
                self._sales_current_data(stages[here], verdicts) if here >= 0 else False
            ),
            "earlier": unproven,
            "next": {"id": ahead.id, "name": ahead.name} if ahead else False,
            "progress": self.sales_exit_progress,
            "blocking": sum(
                self._sales_blocks(criterion, verdicts)
                for criterion in stages[: here + 1].criterion_ids
            ),
            "can_waive": self._sales_may_waive(self.env.user),
            "waivers": self._sales_waiver_data(),
            "reasons_owed": len(self._sales_reasons_owed()),
        }

    def _sales_blocks(self, criterion, verdicts):
        verdict = verdicts.get(criterion.id)
        return bool(verdict and not verdict.passes and criterion.severity == "hard")

    def _sales_stage_data(self, stage, index, here):
        """``id``, ``name``, ``state`` (done, current, todo, imported) of one stage."""
        state = "todo"
        if index == here:
            state = "current"
        elif index < here:
            state = "imported" if index < self._sales_entry_position() else "done"
        return {
            "id": stage.id,
            "stage_id": stage.stage_id.id,
            "name": stage.name,
            "state": state,
            "is_won": stage.is_won,
        }

    def _sales_current_data(self, stage, verdicts):
        """Buyer step, goal, guidance, material and exit checklist of one stage."""
        days, expected = self.sales_days_in_stage, stage.expected_days
        rows = self._sales_latest_evidence()
        return {
            "id": stage.id,
            "name": stage.name,
            "buyer_step": stage.buyer_step or "",
            "goal": stage.goal or "",
            "guidance": stage.guidance or "",
            "days": days,
            "expected_days": expected,
            "overdue": bool(expected and days > expected),
            "assets": [
                {"id": a.id, "name": a.name, "url": a._get_open_url()}
                for a in stage.asset_ids.filtered("active")
            ],
            "mail_templates": stage.mail_template_ids.mapped(
                lambda t: {"id": t.id, "name": t.name}
            ),
            "quotation_templates": stage.quotation_template_ids.mapped(
                lambda t: {"id": t.id, "name": t.name}
            ),
            "criteria": [
                self._sales_criterion_data(criterion, verdicts[criterion.id], rows)
                for criterion in stage.criterion_ids.sorted()
                if criterion.id in verdicts
            ],
        }

    def _sales_unproven(self, verdicts, here):
        """Criteria of earlier stages that are open again, e.g. because they lapsed."""
        stages = self.sales_process_id.sudo().stage_ids.sorted()[: max(here, 0)]
        rows = self._sales_latest_evidence()
        return [
            {
                **self._sales_criterion_data(criterion, verdicts[criterion.id], rows),
                "stage": criterion.process_stage_id.name,
            }
            for criterion in stages.criterion_ids
            if criterion.id in verdicts
            and not verdicts[criterion.id].passes
            and criterion.severity == "hard"
        ]

    def _sales_latest_evidence(self):
        """``{criterion key: latest evidence handed in, still to be decided}``."""
        waiting = self.env["sales.evidence"].search(
            [("lead_id", "=", self.id), ("state", "=", "submitted")], order="id"
        )
        return {row.criterion_key: row for row in waiting}

    def _sales_criterion_data(self, criterion, verdict, waiting):
        """One line of the exit checklist, ready to show."""
        row = waiting.get(criterion.key)
        return {
            "id": criterion.id,
            "name": criterion.name,
            "help": criterion.help or "",
            "kind": criterion.kind,
            "severity": criterion.severity,
            "verifier": criterion.verifier,
            "state": verdict.state,
            "met": verdict.passes,
            "state_label": self._sales_state_label(verdict.state),
            "detail": self._sales_verdict_detail(verdict),
            "fields": (
                [f.name for f in criterion.field_ids]
                if criterion.kind == "fields" and criterion.verifier == "system"
                else []
            ),
            "action_label": self._sales_step_label(criterion),
            "evidence_id": row.id if row else False,
            "can_verify": bool(row and row.can_verify),
            "submitted": (
                {
                    "by": row.submitted_by_id.name,
                    "note": row.note or "",
                    "files": [
                        {"name": a.name, "url": f"/web/content/{a.id}?download=true"}
                        for a in row.attachment_ids
                    ],
                }
                if row
                else False
            ),
        }

    def _sales_state_label(self, state):
        return {
            "met": self.env._("Proven"),
            "waived": self.env._("Waived"),
            "imported": self.env._("Imported"),
            "submitted": self.env._("Waiting for a decision"),
            "rejected": self.env._("Not accepted"),
            "expired": self.env._("Lapsed"),
            "open": self.env._("Open"),
        }[state]

    def _sales_verdict_detail(self, verdict):
        """What proves it and since when, in one line."""
        parts = []
        if verdict.fact and verdict.fact.label:
            parts.append(verdict.fact.label)
        elif verdict.proof and verdict.proof.label:
            parts.append(verdict.proof.label)
        if verdict.fact and verdict.fact.at:
            parts.append(self._sales_format_day(verdict.fact.at))
        if verdict.expires:
            day = self._sales_format_day(verdict.expires)
            parts.append(self.env._("valid until %s", day))
        return " · ".join(parts)

    def _sales_format_day(self, moment):
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        local = fields.Datetime.context_timestamp(self, moment)
        return local.strftime(lang.date_format or "%Y-%m-%d")

    def _sales_waiver_data(self):
        """Who let this deal through what, and why; newest first."""
        rows = self.env["sales.evidence"].search(
            [("lead_id", "=", self.id), ("source", "=", "waiver")]
        )
        return [
            {
                "id": row.id,
                "criterion": row.criterion_name,
                "by": row.verified_by_id.name,
                "date": self._sales_format_day(row.date_verified),
                "reason": row.note or "",
                "expired": row.state == "expired",
            }
            for row in rows
        ]

    # === STEPS === #

    def _sales_step_label(self, criterion):
        """Text on the one button of a checklist line."""
        if criterion.verifier == "system":
            label = {
                "fields": self.env._("Fill in"),
                "domain": self.env._("Check the deal"),
                "activity": self.env._("Log the activity"),
                "meeting": self.env._("Log the meeting"),
                "stakeholder": self.env._("Add the person"),
                "email": self.env._("Write to the customer"),
                "document": self.env._("Attach"),
                "quotation": self.env._("Open quotations"),
            }.get(criterion.kind)
            if label:
                return label
        if criterion.kind == "customer":
            return self.env._("Ask the buyer")
        if criterion.kind == "signoff":
            return self.env._("Ask for sign-off")
        return self.env._("Hand in evidence")

    def _sales_dialog(self, name, model, **context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": context,
        }

    def _sales_step_submit(self, criterion):
        return self._sales_dialog(
            criterion.name,
            "sales.evidence.submit",
            default_lead_id=self.id,
            default_criterion_id=criterion.id,
        )

    _sales_step_document = _sales_step_submit

    def _sales_step_fields(self, criterion):
        """The widget opens the fields itself; a confirmation is what the server adds."""
        if criterion.validity_days:
            return self._sales_step_submit(criterion)
        return False

    def _sales_step_domain(self, criterion):
        return self._sales_step_fields(criterion)

    def _sales_step_activity(self, criterion):
        return self._sales_dialog(
            criterion.name,
            "mail.activity.schedule",
            active_model="crm.lead",
            active_ids=self.ids,
            default_activity_type_id=criterion.activity_type_id.id,
            default_summary=criterion.name,
        )

    def _sales_step_meeting(self, criterion):
        action = self.action_schedule_meeting()
        people = self.sales_stakeholder_ids
        if criterion.role:
            people = people.filtered(lambda p: p.role == criterion.role)
        action["context"] = {
            **(action.get("context") or {}),
            "default_name": criterion.name,
            "default_partner_ids": (
                self.env.user.partner_id | people.partner_id | self.partner_id
            ).ids,
        }
        return action

    def _sales_step_stakeholder(self, criterion):
        return self._sales_dialog(
            self.env._("Add to the Buying Committee"),
            "sales.stakeholder",
            default_lead_id=self.id,
            default_role=criterion.role,
        )

    def _sales_step_email(self, criterion):
        templates = self.sales_stage_id.sudo().mail_template_ids  # own process
        return self._sales_compose(templates[:1])

    def action_sales_compose(self, template_id=False):
        """Write to the customer, with a mail template of the stage."""
        self.ensure_one()
        return self._sales_compose(self.env["mail.template"].browse(template_id or ()))

    def _sales_compose(self, template):
        people = self.partner_id | self.sales_stakeholder_ids.partner_id
        return self._sales_dialog(
            self.env._("Write to the Customer"),
            "mail.compose.message",
            default_model="crm.lead",
            default_res_ids=self.ids,
            default_template_id=template.id,
            default_partner_ids=people.ids[:1],
            default_composition_mode="comment",
        )

    def _sales_step_quotation(self, criterion):
        if self.order_ids:
            return self.action_view_sale_quotation()
        return self.action_sale_quotations_new()

    def action_sales_quotation(self, template_id):
        """Start a quotation from a template of the stage."""
        self.ensure_one()
        action = self.action_sale_quotations_new()
        context = {
            **(action.get("context") or {}),
            "default_sale_order_template_id": template_id,
        }
        return {**action, "context": context}

    def _sales_step_customer(self, criterion):
        return self._sales_dialog(
            self.env._("Ask the Buyer to Confirm"),
            "sales.confirmation.send",
            default_lead_id=self.id,
            default_criterion_id=criterion.id,
        )

    # === MOVING === #

    def _sales_next_stages(self):
        """``{crm.stage: deals}``: the stage each deal would advance to."""
        targets = defaultdict(lambda: self.browse())
        for lead in self:
            config = lead._sales_stages()
            following = lead._sales_position() + 1
            if following < len(config):
                stage = self.env["crm.stage"].browse(config[following]["stage_id"])
                targets[stage] |= lead
        return targets

    def _sales_reasons_owed(self):
        """Soft criteria these deals left open without saying why."""
        return self.env["sales.evidence"].search(
            [("lead_id", "in", self.ids), ("source", "=", "skip"), ("note", "=", False)]
        )

    def _sales_launch_plan(self, plan):
        """Schedule the activities of ``plan``; one without a person is left out.

        A plan that cannot be staffed must not hold back a proven deal.
        """
        today = fields.Date.context_today(self)
        for template in plan.template_ids:
            by_user = defaultdict(lambda: self.browse())
            for lead in self:
                found = template._determine_responsible(lead.user_id, lead)
                by_user[found["responsible"] or lead.user_id] |= lead
            for user, leads in by_user.items():
                leads.activity_schedule(
                    activity_type_id=template.activity_type_id.id,
                    summary=template.summary,
                    note=template.note,
                    user_id=user.id,
                    date_deadline=template._get_date_deadline(today),
                )
