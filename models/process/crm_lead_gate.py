from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import is_html_empty

from ...engine.gate import Fact, Proof, judge, progress
from .gate_facts import load_known
from .gate_moves import GateMoves

# How many deals an error about a mass move spells out.
SHOWN_DEALS = 10


class CrmLead(models.Model):
    """The gate: a deal leaves a stage forward only when its exits are proven.

    ``_sales_judge`` collects what is known about many deals in a fixed number of
    queries and lets ``engine.gate`` decide. To add a kind of criterion, extend
    ``_sales_own_facts``.
    """

    _inherit = "crm.lead"

    sales_exit_progress = fields.Float(
        string="Exit Progress",
        compute="_compute_sales_exit",
        aggregator=None,
        help="Met share of the exit criteria of the current stage, in percent (0–100).",
    )
    sales_missing_criterion_ids = fields.Many2many(
        comodel_name="sales.process.criterion",
        string="Missing Exit Criteria",
        compute="_compute_sales_exit",
        search="_search_sales_missing_criterion_ids",
    )
    sales_missing_summary = fields.Char(
        string="What Is Missing", compute="_compute_sales_exit"
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "stage_id",
        "sales_process_id",
        "expected_revenue",
        "sales_evidence_ids",
        "sales_stakeholder_ids",
        "active",
    )
    def _compute_sales_exit(self):
        self.sales_exit_progress = 0.0
        self.sales_missing_criterion_ids = False
        self.sales_missing_summary = False
        # A form being edited shows what is saved: the gate judges nothing else.
        deals = self.filtered(lambda lead: lead._origin.sales_process_id)
        spans = {lead: (lead._sales_position(),) for lead in deals._origin}
        verdicts = deals._origin._sales_judge(spans)
        criteria = self.env["sales.process.criterion"]
        for lead in deals:
            judged = verdicts[lead._origin]
            missing = criteria.browse(i for i, v in judged.items() if not v.passes)
            lead.sales_exit_progress = progress(v.state for v in judged.values())
            lead.sales_missing_criterion_ids = missing
            lead.sales_missing_summary = ", ".join(
                missing.sudo().mapped("name")  # names of the deal's own process
            )

    def _search_sales_missing_criterion_ids(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        if operator == "in" and False in value:
            return self._sales_missing_nothing() | Domain(
                "sales_missing_criterion_ids", "in", [v for v in value if v]
            )
        domain = Domain("id", operator, value)
        if operator == "in" and value and not all(isinstance(v, int) for v in value):
            domain = Domain.OR(Domain("name", "=", name) for name in value)
        wanted = self.env["sales.process.criterion"].search(domain)
        deals = self.search(
            [
                ("won_status", "=", "pending"),
                ("sales_process_id", "in", wanted.process_id.ids),
            ]
        )
        return Domain(
            "id",
            "in",
            deals.filtered(lambda d: d.sales_missing_criterion_ids & wanted).ids,
        )

    def _sales_missing_nothing(self):
        deals = self.search(
            [("won_status", "=", "pending"), ("sales_process_id", "!=", False)]
        )
        return Domain("id", "not in", deals.filtered("sales_missing_criterion_ids").ids)

    # === JUDGING === #

    def _sales_unmet_criteria(self, target_stage, severities=("hard",)):
        """The criteria that keep each deal from moving to ``target_stage``.

        All stages that the move leaves behind count, from the one in which the deal
        entered the process; what was met or waived earlier stays so until it lapses.

        :param target_stage: ``crm.stage`` or ``sales.process.stage``
        :param severities: which severities to report
        :return: ``{lead: sales.process.criterion recordset}``; only deals with some
        """
        stage = target_stage
        if stage._name == "sales.process.stage":
            stage = stage.stage_id
        spans = {
            lead: lead._sales_span(stage) for lead in self.filtered("sales_process_id")
        }
        verdicts = self._sales_judge(spans)
        return self._sales_unmet(verdicts, severities)

    def _sales_unmet(self, verdicts, severities):
        criteria = self.env["sales.process.criterion"]
        unmet = {}
        for lead, judged in verdicts.items():
            severity = {
                rule.id: rule.severity
                for stage in lead._sales_stages()
                for rule in stage["rules"]
            }
            missing = criteria.browse(
                id_
                for id_, verdict in judged.items()
                if not verdict.passes and severity[id_] in severities
            )
            if missing:
                unmet[lead] = missing
        return unmet

    def _sales_span(self, stage):
        """Indexes of the process stages whose exits a move to ``stage`` needs."""
        self.ensure_one()
        here, there = self._sales_position(), self._sales_position(stage)
        if there < 0 and stage.is_won:
            there = len(self._sales_stages())
        if there <= here:
            return range(0)
        return range(min(self._sales_entry_position(), max(here, 0)), there)

    def _sales_judge(self, spans):
        """Judge the criteria of some stages for many deals at once.

        :param spans: ``{lead: indexes of the stages of its process}``
        :return: ``{lead: {criterion id: engine.gate.Verdict}}``; criteria that do not
            apply to the amount of the deal are left out
        """
        rates = {}
        rules = {
            lead: [
                (index, rule)
                for index in span
                if index >= 0
                for rule in lead._sales_stages()[index]["rules"]
                if not rule.minimum_amount or lead._sales_applies(rule, rates)
            ]
            for lead, span in spans.items()
        }
        asking = self.browse(lead.id for lead, found in rules.items() if found)
        if not asking:
            return {lead: {} for lead in spans}
        facts, known = asking._sales_load_known(rules)
        now = fields.Datetime.now()
        return {
            lead: lead._sales_verdicts(found, facts, known, now)
            for lead, found in rules.items()
        }

    def _sales_verdicts(self, rules, facts, known, now):
        here, entry = self._sales_position(), self._sales_entry_position()
        own_facts, own_proofs = facts.get(self.id, ()), known.get(self.id, {})
        entered = self.date_last_stage_update
        entered = entered and entered.replace(microsecond=0)  # mails have none
        return {
            rule.id: judge(
                rule,
                own_facts,
                own_proofs.get(rule.key, ()),
                now,
                entered=entered if index == here else None,
                passed=index < here,
                imported=index < entry,
            )
            for index, rule in rules
        }

    def _sales_applies(self, rule, rates):
        """Whether the amount of the deal is large enough for the criterion.

        :param dict rates: today's rates asked so far, so that each is read once
        """
        company = self.company_id or self.env.company
        own = self.company_currency
        currency = self.sales_process_id.sudo().currency_id  # configuration
        key = (own, currency, company)
        if key not in rates:
            today = fields.Date.context_today(self)
            rates[key] = own._get_conversion_rate(own, currency, company, today)
        amount = self.expected_revenue * rates[key]
        return currency.compare_amounts(amount, rule.minimum_amount) >= 0

    # === WHAT IS KNOWN === #

    def _sales_load_known(self, rules):
        """What is known about these deals, in one query.

        Read in SQL: the gate has to see everything, whoever moves the deal.

        :param rules: ``{lead: [(stage index, Rule)]}``
        :return: facts as ``{lead id: [Fact]}`` and evidence as
            ``{lead id: {criterion key: [Proof, oldest first]}}``
        """
        asked = [
            (lead, rule)
            for lead, found in rules.items()
            for _index, rule in found
            if rule.verifier == "system"
        ]
        facts, known = defaultdict(list), defaultdict(lambda: defaultdict(list))
        for lead, fact in self._sales_own_facts(asked):
            facts[lead.id].append(fact)
        rows = load_known(self, {rule.kind for _lead, rule in asked})
        for lead_id, kind, ref, at, model, res_id, label in rows:
            if kind == "proof":
                state, source = model.split()
                proof = Proof(res_id, ref, state, source, at, label or "")
                known[lead_id][ref].append(proof)
            else:
                facts[lead_id].append(Fact(kind, ref, at, model, res_id, label or ""))
        return facts, known

    def _sales_own_facts(self, asked):
        """Hook: facts found in Python, here those on the deal itself.

        :param asked: ``[(lead, Rule)]`` of the criteria that the system judges
        :return: iterable of ``(lead, Fact)``
        """
        by_rule = defaultdict(lambda: self.browse())
        for lead, rule in asked:
            if rule.kind in ("fields", "domain"):
                by_rule[rule] |= lead
        for rule, leads in by_rule.items():
            leads = leads.sudo()  # the system judges, not the rights of who moves it
            if rule.kind == "domain":
                domain = self.env["sales.process.criterion"]._parse_domain(rule.domain)
                fitting = leads.filtered_domain(domain)
            else:
                fitting = leads.filtered(
                    lambda lead, rule=rule: lead._sales_filled(rule.field_names)
                )
            for lead in fitting:
                yield lead, Fact(rule.kind, rule.ref, None, "crm.lead", lead.id)

    def _sales_filled(self, names):
        """Whether all of these fields have a value; 0 and empty text are none."""
        for name in names:
            value = self[name]
            if self._fields[name].type == "html" and is_html_empty(value):
                return False
            if not value:
                return False
        return True

    # === THE GATE === #

    def _sales_gate(self, stage):
        """Check a move of these deals to ``stage`` before it is written.

        :return: what has to be recorded once the move is written
        :rtype: GateMoves
        :raise UserError: naming deals, stages and criteria, and what to do next
        """
        movers = self.filtered(
            lambda lead: lead.sales_process_id and lead.stage_id != stage
        )
        verdicts = movers._sales_judge({d: d._sales_span(stage) for d in movers})
        errors = movers._sales_order_errors(stage)
        unmet = movers._sales_unmet(verdicts, ("hard",))
        errors += [
            lead._sales_unmet_message(stage, missing) for lead, missing in unmet.items()
        ]
        if errors:
            more = len(errors) - SHOWN_DEALS
            if more > 0:
                errors = errors[:SHOWN_DEALS]
                errors.append(self.env._("… and %s more deals.", more))
            raise UserError("\n\n".join(errors))
        return GateMoves(movers, stage, verdicts)

    def _sales_order_errors(self, stage):
        """Moves that the process itself does not allow, as texts."""
        errors = []
        for lead in self:
            config = lead._sales_stages()
            here, there = lead._sales_position(), lead._sales_position(stage)
            if there < 0:
                if not stage.is_won:
                    errors.append(lead._sales_foreign_message(stage))
                    continue
                there = len(config)  # won elsewhere: all of the process lies behind
            skipped = [
                s
                for s in config[here + 1 : there]
                if not (s["allow_skip"] or s["is_won"])
            ]
            if there > here and skipped and here >= 0:
                errors.append(lead._sales_skip_message(stage, skipped[0]))
            elif 0 <= there < here and not config[here]["allow_backward"]:
                errors.append(lead._sales_backward_message(stage))
        return errors

    def _sales_unmet_message(self, stage, missing):
        missing = missing.sudo()  # names of the deal's own process
        lines = [
            self.env._(
                "%(deal)s cannot move from “%(here)s” to “%(there)s” yet:",
                deal=self.name,
                here=self.stage_id.name or "",
                there=stage.name,
            )
        ]
        for criterion in missing:
            lines.append(
                self.env._(
                    "  • %(criterion)s (%(stage)s)",
                    criterion=criterion.name,
                    stage=criterion.process_stage_id.name,
                )
            )
        lines.append(
            self.env._(
                "Open the deal: its exit checklist has the one step each of them "
                "needs. A team leader can waive what cannot be proven."
            )
        )
        return "\n".join(lines)

    def _sales_foreign_message(self, stage):
        process = self.sales_process_id.sudo()  # names of the deal's own process
        return self.env._(
            "%(deal)s: “%(stage)s” is not a stage of its process “%(process)s”. Choose "
            "one of: %(stages)s.",
            deal=self.name,
            stage=stage.name or "",
            process=process.display_name,
            stages=", ".join(process.stage_ids.mapped("name")),
        )

    def _sales_skip_message(self, stage, skipped):
        stages = self.env["sales.process.stage"].sudo()  # names of its own process
        skipped = stages.browse(skipped["id"])
        return self.env._(
            "%(deal)s cannot jump to “%(there)s”: “%(skipped)s” may not be skipped in "
            "“%(process)s”. Move it there first.",
            deal=self.name,
            there=stage.name,
            skipped=skipped.name,
            process=self.sales_process_id.display_name,
        )

    def _sales_backward_message(self, stage):
        return self.env._(
            "%(deal)s cannot go back from “%(here)s” to “%(there)s”: “%(process)s” "
            "does not allow it from there. Mark it lost, or let a process designer "
            "allow it.",
            deal=self.name,
            here=self.stage_id.name,
            there=stage.name,
            process=self.sales_process_id.display_name,
        )

    # === WAIVER === #

    def action_sales_waive(self, criterion_ids, reason):
        """Let these deals pass although the criteria are not proven.

        :param criterion_ids: ids of ``sales.process.criterion``
        :param str reason: why; it stays on the deal and is counted
        :raise AccessError: for whoever may not waive by the settings
        :raise UserError: without a reason or without criteria
        """
        reason = (reason or "").strip()
        criteria = self.env["sales.process.criterion"].browse(criterion_ids).exists()
        if not reason or not criteria:
            raise UserError(
                self.env._("A waiver needs the criteria it is for and a reason.")
            )
        self.check_access("write")
        for lead in self:
            lead._sales_check_waiver(criteria)
        evidence = self.env["sales.evidence"].sudo()  # append-only: rights are checked
        evidence.create(
            [
                lead._sales_evidence_vals(criterion, "waived", "waiver", note=reason)
                for lead in self
                for criterion in criteria
            ]
        )
        body = self.env._(
            "Exit criteria waived: %(criteria)s. Reason: %(reason)s",
            criteria=", ".join(criteria.mapped("name")),
            reason=reason,
        )
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))
        return True

    def _sales_check_waiver(self, criteria):
        if not self._sales_may_waive(self.env.user):
            raise AccessError(
                self.env._(
                    "You may not waive exit criteria of “%s”. Ask the leader of its "
                    "team or a director.",
                    self.name,
                )
            )
        if criteria.process_id.family_id - self.sales_process_id.family_id:
            raise UserError(
                self.env._(
                    "“%s” does not follow the process of these criteria.", self.name
                )
            )

    def _sales_evidence_vals(self, criterion, state, source, **values):
        """Values of a decided evidence row, written by the engine."""
        now = fields.Datetime.now()
        days = criterion.validity_days
        return {
            "lead_id": self.id,
            "criterion_id": criterion.id,
            "state": state,
            "source": source,
            "level": "manager",
            "verified_by_id": self.env.uid,
            "date_verified": now,
            "date_expiry": now + timedelta(days=days) if days else False,
            **values,
        }
