from odoo import api, fields, models


class SalesPromiseRecord(models.TransientModel):
    """Asks what a customer promised to pay."""

    _name = "sales.promise.record"
    _description = "Record a Promise to Pay"

    plan_line_ids = fields.Many2many(
        comodel_name="sales.plan.line", string="For", required=True, readonly=True
    )
    partner_id = fields.Many2one(related="plan_line_ids.partner_id", related_sudo=False)
    currency_id = fields.Many2one(
        related="plan_line_ids.currency_id", related_sudo=False
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    date_promised = fields.Date(string="Pays by", required=True)
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Promised by",
        domain="[('id', 'child_of', partner_id)]",
    )
    note = fields.Text(string="In Which Words")

    @api.depends("plan_line_ids")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = sum(wizard.plan_line_ids.mapped("amount_due"))

    def action_record(self):
        """Record it."""
        self.ensure_one()
        self.plan_line_ids._record_promise(
            self.amount, self.date_promised, self.contact_id, self.note
        )
        return {"type": "ir.actions.act_window_close"}


class SalesPromiseWithdraw(models.TransientModel):
    """Asks why a promise does not count any more."""

    _name = "sales.promise.withdraw"
    _description = "Withdraw a Promise to Pay"

    promise_id = fields.Many2one(
        comodel_name="sales.promise", required=True, readonly=True
    )
    reason = fields.Text(required=True)

    def action_withdraw(self):
        """Withdraw it with this reason."""
        self.ensure_one()
        self.promise_id._withdraw(self.reason)
        return {"type": "ir.actions.act_window_close"}
