from odoo import api, fields, models

from .sales_plan_line_acceptance import ACCEPTANCE_GROUPS
from .sales_plan_line_late import LATE_STATES


class SalesContractLate(models.Model):
    """What of a contract is late, and what comes next, in one line of a phone."""

    _inherit = "sales.contract"

    late_amount = fields.Monetary(
        string="To Collect",
        compute="_compute_late",
        groups=ACCEPTANCE_GROUPS,
        help="Of the instalments that are not paid, or not invoiced, in time.",
    )
    late_text = fields.Char(
        string="Late", compute="_compute_late", groups=ACCEPTANCE_GROUPS
    )
    next_date = fields.Date(compute="_compute_next", groups=ACCEPTANCE_GROUPS)
    next_text = fields.Char(
        string="Next",
        compute="_compute_next",
        groups=ACCEPTANCE_GROUPS,
        help="The instalment to be invoiced or paid next, or the end of the contract.",
    )

    @api.depends("state", "plan_line_ids.late_amount")
    @api.depends_context("lang")
    def _compute_late(self):
        for contract in self:
            lines = contract.plan_line_ids.filtered(
                lambda line: line.state in LATE_STATES
            )
            contract.late_amount = sum(lines.mapped("late_amount"))
            worst = lines.sorted("late_days")[-1:]
            contract.late_text = worst.late_text

    @api.depends("state", "date_end", "date_notice", "plan_line_ids.state")
    @api.depends_context("lang")
    def _compute_next(self):
        for contract in self:
            today = contract.company_id._sales_today()
            coming = [
                (day, text)
                for day, text in contract._find_dates()
                if day and day >= today
            ]
            day, text = min(coming, key=lambda date: date[0], default=(False, False))
            contract.next_date = day
            contract.next_text = text

    def _find_dates(self):
        """What this contract has to expect: (day, in a few words)."""
        if self.state not in ("draft", "signed", "running"):
            return
        for line in self.plan_line_ids:
            if line.state in ("invoiced", "partial"):
                yield line.date_invoice_due, self.env._("%s is to be paid", line.name)
            elif line.state == "planned":
                yield line.date_expected, self.env._("%s is to be invoiced", line.name)
        if self.notice_months:
            yield self.date_notice, self.env._("Last day to give notice")
        yield self.date_end, self.env._("Ends")
