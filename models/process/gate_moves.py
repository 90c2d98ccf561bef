"""What has to be recorded once a stage move has been written."""

import json
from datetime import timedelta

from odoo import fields
from odoo.tools import SQL


class GateMoves:
    """Deals that passed the gate together, with the verdicts they passed on.

    :ivar leads: the deals that change stage
    :ivar stage: the ``crm.stage`` they move to
    :ivar verdicts: ``{lead: {criterion id: engine.gate.Verdict}}``
    """

    def __init__(self, leads, stage, verdicts):
        self.leads, self.stage, self.verdicts = leads, stage, verdicts
        self.env = leads.env
        self.left_from = {lead: lead._sales_position() for lead in leads}

    def record(self):
        """Keep what the gate accepted, and start what the new stage asks for."""
        rows = [
            row
            for lead, judged in self.verdicts.items()
            for row in self._rows(lead, judged)
        ]
        if rows:
            self._insert(rows)
        self.leads._sales_launch_stage_plans()

    def _rows(self, lead, judged):
        rules = {
            rule.id: (index, rule)
            for index, stage in enumerate(lead._sales_stages())
            for rule in stage["rules"]
        }
        now = fields.Datetime.now()
        for criterion_id, verdict in judged.items():
            index, rule = rules[criterion_id]
            if verdict.state == "met" and verdict.fact:
                yield self._row(lead, rule, verdict.fact, verdict.expires, now)
            elif verdict.passes or rule.severity != "soft":
                continue
            elif index >= self.left_from[lead]:  # asked once, when the stage is left
                yield self._row(lead, rule, None, None, now)

    def _row(self, lead, rule, fact, expires, now):
        """One evidence row; without a fact: a soft criterion that was left open."""
        days = rule.validity_days if fact else 0
        if days and not expires:
            expires = now + timedelta(days=days)
        return {
            "lead_id": lead.id,
            "lead_name": lead.name,
            "company_id": lead.company_id.id or None,
            "criterion_id": rule.id,
            "criterion_key": rule.key,
            "severity": rule.severity,
            "state": "verified" if fact else "waived",
            "level": "system" if fact else "self",
            "source": "gate" if fact else "skip",
            "res_model": fact.model if fact else None,
            "res_id": fact.res_id if fact else None,
            "note": (fact.label or None) if fact else None,
            "date_expiry": fields.Datetime.to_string(expires) if expires else None,
        }

    def _insert(self, rows):
        """One INSERT whatever the number: a mass move records thousands of rows."""
        self.env.execute_query(
            SQL(
                """
                INSERT INTO sales_evidence (
                    lead_id, lead_name, company_id, criterion_id, criterion_key,
                    severity, state, level, source, res_model, res_id, note,
                    date_expiry, verified_by_id, date_submitted, date_verified)
                SELECT r.*, %(uid)s, %(now)s, %(now)s
                  FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
                    lead_id int, lead_name varchar, company_id int, criterion_id int,
                    criterion_key varchar, severity varchar, state varchar,
                    level varchar, source varchar, res_model varchar, res_id int,
                    note text, date_expiry timestamp)
                RETURNING id
                """,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                rows=json.dumps(rows),
            )
        )
        self.leads.invalidate_recordset(
            [
                "sales_evidence_ids",
                "sales_exit_progress",
                "sales_missing_criterion_ids",
                "sales_missing_summary",
                "sales_waiver_count",
            ],
            flush=False,
        )
