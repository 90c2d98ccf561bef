from odoo import api, fields, models
from odoo.fields import Command


class SalesPlanInvoicing(models.TransientModel):
    """Asks before instalments are invoiced early; tells what became of them."""

    _name = "sales.plan.invoicing"
    _description = "Invoicing of Instalments"

    is_report = fields.Boolean(readonly=True)
    is_undelivered = fields.Boolean(readonly=True)
    line_ids = fields.One2many(
        comodel_name="sales.plan.invoicing.line",
        inverse_name="invoicing_id",
        readonly=True,
    )
    invoiced_count = fields.Integer(compute="_compute_counts")
    failed_count = fields.Integer(compute="_compute_counts")

    @api.depends("line_ids.invoice_id")
    def _compute_counts(self):
        for report in self:
            invoiced = report.line_ids.filtered("invoice_id")
            report.invoiced_count = len(invoiced)
            report.failed_count = len(report.line_ids - invoiced)

    @api.model
    def _ask(self, lines, obstacles):
        """Open the question whether to invoice in spite of something.

        :param lines: all instalments that would be invoiced
        :param dict obstacles: ``{instalment: (kind, sentence)}``
        """
        sentences = {line.id: text for line, (_kind, text) in obstacles.items()}
        kinds = {kind for kind, _text in obstacles.values()}
        question = self.sudo().create(  # nobody writes these but the engine
            {
                "is_undelivered": "undelivered" in kinds,
                "line_ids": [
                    Command.create(
                        {"plan_line_id": line.id, "message": sentences.get(line.id)}
                    )
                    for line in lines
                ],
            }
        )
        return question._open(self.env._("Create Invoice"))

    @api.model
    def _report(self, results):
        """Open the report of an invoicing.

        :param list results: ``[(instalment, invoice, why not)]``
        """
        report = self.sudo().create(  # nobody writes these but the engine
            {
                "is_report": True,
                "line_ids": [
                    Command.create(
                        {
                            "plan_line_id": line.id,
                            "invoice_id": move.id,
                            "message": reason,
                        }
                    )
                    # What needs somebody comes first.
                    for line, move, reason in sorted(
                        results, key=lambda result: bool(result[1])
                    )
                ],
            }
        )
        return report._open(self.env._("Invoicing"))

    def _open(self, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_confirm(self):
        """Invoice although it is not due yet."""
        self.ensure_one()
        return self.line_ids.plan_line_id.action_invoice(early=True)

    def action_partial(self):
        """Invoice what is delivered, by Odoo's own dialog of the order."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "sale.action_view_sale_advance_payment_inv"
        )
        order = self.line_ids.plan_line_id.order_id
        action["context"] = {"active_model": order._name, "active_ids": order.ids}
        return action

    def action_view_invoices(self):
        """Open what was created."""
        self.ensure_one()
        orders = self.line_ids.plan_line_id.order_id
        return orders.action_view_invoice(self.line_ids.invoice_id)


class SalesPlanInvoicingLine(models.TransientModel):
    """What becomes of one instalment."""

    _name = "sales.plan.invoicing.line"
    _description = "Invoicing of an Instalment"

    invoicing_id = fields.Many2one(
        comodel_name="sales.plan.invoicing", required=True, ondelete="cascade"
    )
    plan_line_id = fields.Many2one(
        comodel_name="sales.plan.line", string="Instalment", required=True
    )
    plan_line_name = fields.Char(related="plan_line_id.name", string="Name")
    order_id = fields.Many2one(related="plan_line_id.order_id")
    partner_id = fields.Many2one(related="plan_line_id.partner_id")
    currency_id = fields.Many2one(related="plan_line_id.currency_id")
    amount = fields.Monetary(related="plan_line_id.amount")
    invoice_id = fields.Many2one(comodel_name="account.move")
    message = fields.Text(string="Why Not")

    def action_open_invoice(self):
        """Open the invoice of this instalment."""
        self.ensure_one()
        return self.plan_line_id.order_id.action_view_invoice(self.invoice_id)
