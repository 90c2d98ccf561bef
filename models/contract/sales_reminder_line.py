from odoo import fields, models


class SalesReminderLine(models.Model):
    """An instalment that a customer was reminded of, as it stood that day."""

    _name = "sales.reminder.line"
    _description = "Instalment in a Reminder"
    _order = "reminder_id desc, id"
    _rec_name = "plan_line_id"

    reminder_id = fields.Many2one(
        comodel_name="sales.reminder",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    rule_id = fields.Many2one(
        comodel_name="sales.reminder.rule",
        string="Counts as",
        readonly=True,
        ondelete="restrict",
        help="The rule that sends this instalment no other reminder.",
    )
    plan_line_id = fields.Many2one(
        comodel_name="sales.plan.line",
        string="Instalment",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    move_id = fields.Many2one(
        comodel_name="account.move",
        string="Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    date_due = fields.Date(string="Payment Due", required=True, readonly=True)
    date = fields.Datetime(
        related="reminder_id.date", string="Sent On", store=True, index=True
    )
    amount = fields.Monetary(string="Open", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)

    _sent_once = models.UniqueIndex(
        "(plan_line_id, rule_id, date_due) WHERE rule_id IS NOT NULL",
        "The customer has had this reminder already.",
    )

    def _sorted_by_due(self):
        return self.sorted(lambda line: (line.date_due, line.id))

    def _get_pay_url(self):
        """Where the customer can look at the invoice and pay it."""
        self.ensure_one()
        move = self.move_id
        return move and move.get_base_url() + move.get_portal_url()
