from odoo import fields, models


class SalesCommissionDisputeAsk(models.TransientModel):
    """Asks what somebody thinks is wrong about an amount."""

    _name = "sales.commission.dispute.ask"
    _description = "Ask about Commission"

    statement_id = fields.Many2one(
        comodel_name="sales.commission.statement", required=True, readonly=True
    )
    line_id = fields.Many2one(
        comodel_name="sales.commission.statement.line", readonly=True
    )
    words = fields.Text(related="line_id.words", related_sudo=False)
    question = fields.Text(required=True)

    def action_ask(self):
        """Raise the question and show it."""
        self.ensure_one()
        dispute = self.env["sales.commission.dispute"]._ask(
            self.statement_id, self.line_id, self.question
        )
        return dispute.get_formview_action()


class SalesCommissionDisputeAnswer(models.TransientModel):
    """Takes the answer to a question about commission."""

    _name = "sales.commission.dispute.answer"
    _description = "Answer about Commission"

    dispute_id = fields.Many2one(
        comodel_name="sales.commission.dispute", required=True, readonly=True
    )
    question = fields.Text(related="dispute_id.question", related_sudo=False)
    answer = fields.Text(required=True)

    def action_answer(self):
        """Record the answer."""
        self.ensure_one()
        self.dispute_id._answer(self.answer)
        return {"type": "ir.actions.act_window_close"}
