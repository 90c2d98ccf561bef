from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import format_date, is_html_empty

from ...engine.gate import progress


class CrmLead(models.Model):
    """The path: what a person sees and does to bring a deal to its next stage."""

    _inherit = "crm.lead"

    sales_days_in_stage = fields.Integer(
        string="Days in Stage", compute="_compute_sales_days_in_stage"
    )
    sales_expected_days = fields.Integer(
        string="Expected Days", related="sales_stage_id.expected_days"
    )
    sales_evidence_count = fields.Integer(
        string="Evidence Count", compute="_compute_sales_evidence_count"
    )

    # === COMPUTE METHODS === #

    @api.depends("date_last_stage_update", "date_closed")
    def _compute_sales_days_in_stage(self):
        now = fields.Datetime.now()
        for lead in self:
            until = lead.date_closed or now
            since = lead.date_last_stage_update or until
            lead.sales_days_in_stage = max((until - since).days, 0)

    @api.depends("sales_evidence_ids")
    def _compute_sales_evidence_count(self):
        counts = dict(
            self.env["sales.evidence"]._read_group(
                [("lead_id", "in", self.ids)], ["lead_id"], ["__count"]
            )
        )
        for lead in self:
            lead.sales_evidence_count = counts.get(lead._origin, 0)

    # === ACTION METHODS === #

    def action_sales_advance(self):
        """Move each deal to the next stage of its process.

        A deal without a process, or at the end of it, stays where it is.

        :return: what is to be done after the move, see ``_sales_moved``
        :raise UserError: when an exit is not proven; nothing is moved then
        """
        for stage, leads in self._sales_next_stages().items():
            leads.write({"stage_id": stage.id})
        return self._sales_moved()

    def action_sales_move(self, stage_id):
        """Move these deals to a pipeline stage, as a click on the path asks for.

        :param int stage_id: id of a ``crm.stage``
        :return: what is to be done after the move, see ``_sales_moved``
        :raise UserError: when the gate holds a deal back; nothing is moved then
        """
        self.write({"stage_id": stage_id})
        return self._sales_moved()

    def _sales_moved(self):
        """What the client has to do once deals were moved.

        :return: an action that asks the reasons for soft criteria left open, the
            celebration of a won deal, or True
        """
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

    def action_sales_view_evidence(self):
        """Open everything that was ever recorded as proof of this deal."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_evidence_action_lead"
        )
        action["domain"] = [("lead_id", "=", self.id)]
        return action

    # === WHAT THE PATH SHOWS === #

    @api.readonly
    def sales_path_data(self):
        """Everything the path widget shows, in one call.

        :return: ``{}`` without a process, else a dict with

            * ``lead_id``, ``status`` (``pending``, ``won``, ``lost``), ``can_write``,
              ``readonly`` (closed, or not to be written)
            * ``process``: ``id`` and ``name``
            * ``stages``: see :meth:`_sales_stage_data`
            * ``current``: see :meth:`_sales_current_data`; False when the deal stands
              in a stage that its process does not have
            * ``earlier``: criteria of earlier stages that are open again, as in
              ``current["criteria"]`` with the name of their ``stage``
            * ``next``: ``id``, ``name`` and ``is_won`` of the next stage, or False
            * ``progress``: met share of the current exits, 0–100
            * ``blocking``: how many hard criteria keep the deal from advancing
            * ``can_waive``, ``waivers``: see :meth:`_sales_waiver_data`
            * ``reasons_owed``: soft criteria left open without a reason
        """
        self.ensure_one()
        self.check_access("read")
        if not self.sales_process_id:
            return {}
        here = self._sales_position()
        verdicts = self._sales_judge({self: range(len(self._sales_stages()))})[self]
        process = self.sales_process_id.sudo()  # the deal's own
        stages = process.stage_ids.sorted()
        recorded = self._sales_recorded()
        current = (
            self._sales_current_data(stages[here], verdicts, recorded)
            if here >= 0
            else {}
        )
        ahead = stages[here + 1 : here + 2]
        may_write = self.has_access("write")
        return {
            "lead_id": self.id,
            "status": self.won_status,
            "can_write": may_write,
            "readonly": not may_write or self.won_status != "pending",
            "process": {
                "id": process.id,
                "name": process.display_name,
            },
            "stages": [
                self._sales_stage_data(stage, index, here)
                for index, stage in enumerate(stages)
            ],
            "current": current or False,
            "earlier": self._sales_unproven(stages[: max(here, 0)], verdicts, recorded),
            "next": (
                {"id": ahead.id, "name": ahead.name, "is_won": ahead.is_won}
                if ahead
                else False
            ),
            "progress": progress(row["state"] for row in current.get("criteria", ())),
            "blocking": sum(
                self._sales_blocks(criterion, verdicts)
                for criterion in stages[: here + 1].criterion_ids
            ),
            "can_waive": self._sales_may_waive(self.env.user),
            "waivers": self._sales_waiver_data(recorded),
            "reasons_owed": len(self._sales_reasons_owed()),
        }

    def _sales_blocks(self, criterion, verdicts):
        verdict = verdicts.get(criterion.id)
        return bool(verdict and not verdict.passes and criterion.severity == "hard")

    def _sales_stage_data(self, stage, index, here):
        """``id``, ``stage_id``, ``name``, ``is_won`` and ``state`` of one stage.

        ``state`` is ``done``, ``current``, ``todo`` or ``imported`` (lies before the
        stage in which the deal entered its process).
        """
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

    def _sales_current_data(self, stage, verdicts, recorded):
        """Buyer step, goal, guidance, material and exit checklist of one stage.

        Keys: ``id``, ``name``, ``buyer_step``, ``goal``, ``guidance`` (html), ``days``
        in stage against ``expected_days`` and whether that is ``overdue``, ``assets``
        (id, name, url), ``mail_templates`` and ``quotation_templates`` (id, name),
        ``criteria`` (see :meth:`_sales_criterion_data`).
        """
        days, expected = self.sales_days_in_stage, stage.expected_days
        return {
            "id": stage.id,
            "name": stage.name,
            "buyer_step": stage.buyer_step or "",
            "goal": stage.goal or "",
            "guidance": "" if is_html_empty(stage.guidance) else stage.guidance,
            "days": days,
            "expected_days": expected,
            "overdue": bool(expected and days > expected),
            "assets": [
                {"id": a.id, "name": a.name, "url": a._get_open_url()}
                for a in stage.asset_ids.filtered("active")
            ],
            "mail_templates": [
                {"id": t.id, "name": t.name} for t in stage.mail_template_ids
            ],
            "quotation_templates": [
                {"id": t.id, "name": t.name} for t in stage.quotation_template_ids
            ],
            "criteria": [
                self._sales_criterion_data(criterion, verdicts[criterion.id], recorded)
                for criterion in stage.criterion_ids.sorted()
                if criterion.id in verdicts
            ],
        }

    def _sales_unproven(self, stages, verdicts, recorded):
        """Criteria of earlier stages that are open again, e.g. because they lapsed."""
        return [
            {
                **self._sales_criterion_data(
                    criterion, verdicts[criterion.id], recorded
                ),
                "stage": criterion.process_stage_id.name,
            }
            for criterion in stages.criterion_ids
            if self._sales_blocks(criterion, verdicts)
        ]

    def _sales_recorded(self):
        """What people recorded about this deal, read once for all lines.

        :return: dict with ``by_id`` (evidence by id, oldest first), ``waiting`` (by key
            of the criterion, the latest that waits for a decision) and ``asked`` (by
            key, what waits for an answer of the buyer, as text)
        """
        rows = self.env["sales.evidence"].search(
            [("lead_id", "=", self.id), ("source", "not in", ("gate", "skip"))],
            order="id",
        )
        requests = self._sales_open_confirmations()
        return {
            "by_id": {row.id: row for row in rows},
            "waiting": {
                row.criterion_key: row for row in rows if row.state == "submitted"
            },
            "asked": {r.criterion_key: self._sales_asked_text(r) for r in requests},
        }

    def _sales_criterion_data(self, criterion, verdict, recorded):
        """One line of the exit checklist, ready to show.

        Keys: ``id``, ``name``, ``help``, ``kind``, ``severity``, ``verifier``; the
        ``state`` of the verdict with ``state_label`` and whether it is ``met``;
        ``detail`` (what proves it, or what is wrong), ``fields`` (names of the fields
        of the deal to open, empty when the server has the next step) and
        ``action_label``; ``evidence_id`` to decide on with ``can_verify`` and
        ``submitted`` (by, date, note, files); ``asked`` (text on what waits for an
        answer of the buyer, or empty).
        """
        row = recorded["waiting"].get(criterion.key, self.env["sales.evidence"])
        names = self._sales_fields_to_open(criterion)
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
            "detail": self._sales_verdict_detail(criterion, verdict, recorded),
            "fields": names,
            "action_label": self._sales_step_label(criterion, names),
            "evidence_id": row.id,
            "can_verify": row.can_verify,
            "submitted": self._sales_submitted_data(row) if row else False,
            "asked": recorded["asked"].get(criterion.key, ""),
        }

    def _sales_submitted_data(self, row):
        """Who handed in what, for whoever decides on it."""
        return {
            "by": row.submitted_by_id.sudo().name,  # a colleague's name is no secret
            "date": self._sales_format_day(row.date_submitted),
            "note": row.note or "",
            "files": [
                {"name": a.name, "url": f"/web/content/{a.id}?download=true"}
                for a in row.sudo().attachment_ids  # readable with their evidence
            ],
        }

    def _sales_fields_to_open(self, criterion):
        """The fields of the deal that a person looks at to meet ``criterion``.

        Those without a value come first. Empty when filled fields only wait for a
        confirmation, and for criteria that are no matter of the deal's own fields.
        """
        if criterion.verifier != "system" or criterion.kind not in ("fields", "domain"):
            return []
        deal = self.sudo()  # the system judges, not the rights of who looks
        if criterion.kind == "fields":
            names = criterion.field_ids.mapped("name")
            fits = deal._sales_filled(names)
        else:
            domain = criterion._parse_domain(criterion.domain)
            names = {c.field_expr.split(".")[0] for c in domain.iter_conditions()}
            fits = bool(deal.filtered_domain(domain))
        if fits and criterion.validity_days:
            return []
        return sorted(names, key=lambda name: (deal._sales_filled([name]), name))

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

    def _sales_verdict_detail(self, criterion, verdict, recorded):
        """What proves it and since when, or what is wrong with it, in one line."""
        proof, fact = verdict.proof, verdict.fact
        none = self.env["sales.evidence"]
        row = recorded["by_id"].get(proof.id, none) if proof else none
        if verdict.state == "rejected":
            return row.reject_reason or ""
        if verdict.state == "expired":
            expired = proof.expires if proof else None
            return self._sales_format_day(expired) if expired else ""
        if verdict.state == "open":
            return self._sales_unfilled_text(criterion)
        parts = []
        if fact:
            parts = [fact.label, fact.at and self._sales_format_day(fact.at)]
        elif row:
            by = row.partner_id or row.verified_by_id
            parts = [row.note, by.sudo().name]  # names stand on the deal for everyone
            decided = row.date_verified or row.date_submitted
            parts.append(self._sales_format_day(decided))
        elif proof:
            parts = [proof.label]
        if verdict.expires:
            day = self._sales_format_day(verdict.expires)
            parts.append(self.env._("valid until %s", day))
        return " · ".join(part for part in parts if part)

    def _sales_unfilled_text(self, criterion):
        """The labels of the fields that are still empty."""
        if criterion.kind != "fields" or criterion.verifier != "system":
            return ""
        deal = self.sudo()  # the system judges, not the rights of who looks
        empty = criterion.field_ids.filtered(lambda f: not deal._sales_filled([f.name]))
        return ", ".join(empty.mapped("field_description"))

    def _sales_format_day(self, moment):
        return format_date(
            self.env, fields.Datetime.context_timestamp(self, moment).date()
        )

    def _sales_waiver_data(self, recorded):
        """Who let this deal through what, and why; newest first.

        Each with ``id``, ``criterion``, ``by``, ``date``, ``reason`` and ``expired``.
        """
        now = fields.Datetime.now()
        return [
            {
                "id": row.id,
                "criterion": row.criterion_name,
                "by": row.verified_by_id.sudo().name,  # a colleague's name is no secret
                "date": self._sales_format_day(row.date_verified),
                "reason": row.note or "",
                "expired": row.state == "expired"
                or bool(row.date_expiry and row.date_expiry <= now),
            }
            for row in reversed(recorded["by_id"].values())
            if row.source == "waiver"
        ]

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

    def _sales_launch_stage_plans(self):
        """Launch the activity plan of the stage each deal has just entered."""
        by_plan = defaultdict(lambda: self.browse())
        for lead in self:
            position = lead._sales_position()
            if position >= 0 and lead._sales_stages()[position]["plan_id"]:
                by_plan[lead._sales_stages()[position]["plan_id"]] |= lead
        for plan_id, leads in by_plan.items():
            plan = self.env["mail.activity.plan"].browse(plan_id)
            leads._sales_launch_plan(plan.sudo())  # a plan of the deal's own process

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
