from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date


class SalesPlanEvent(models.TransientModel):
    """Asks for the day on which something happened that instalments wait for."""

    _name = "sales.plan.event"
    _description = "Record a Delivery or an Acceptance"

    kind = fields.Selection(
        selection=[("delivery", "Delivery"), ("acceptance", "Acceptance")],
        required=True,
        readonly=True,
    )
    order_id = fields.Many2one(comodel_name="sale.order", readonly=True)
    line_id = fields.Many2one(
        comodel_name="sales.plan.line", string="Instalment", readonly=True
    )
    day = fields.Date(
        string="On", required=True, default=lambda self: fields.Date.context_today(self)
    )
    document = fields.Binary(
        help="What the customer signed: a photo or a scan will do."
    )
    document_name = fields.Char()
    note = fields.Char(string="Remark")

    @api.model
    def _open(self, kind, **defaults):
        """The action of this dialog."""
        titles = {
            "delivery": self.env._("Everything Was Delivered"),
            "acceptance": self.env._("Accepted by the Customer"),
        }
        return {
            "type": "ir.actions.act_window",
            "name": titles[kind],
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_kind": kind,
                **{f"default_{name}": value for name, value in defaults.items()},
            },
        }

    @api.constrains("day")
    def _check_day(self):
        for event in self:
            order = event.order_id or event.line_id.order_id
            if event.day > order.company_id._sales_today():
                raise ValidationError(
                    self.env._(
                        "This has not happened yet. Choose today or a day before."
                    )
                )

    def action_record(self):
        """Record it, with the person, the day and the document."""
        self.ensure_one()
        record = self.order_id if self.kind == "delivery" else self.line_id
        record.check_access("write")
        if self.kind == "delivery":
            self._record_delivery()
        else:
            self._record_acceptance()
        return {"type": "ir.actions.act_window_close"}

    def _record_delivery(self):
        order = self.order_id
        order._check_can_state_delivery()
        order._state_delivery(self.day)
        order.message_post(
            body=self.env._(
                "Everything was delivered on %(day)s. %(note)s",
                day=format_date(self.env, self.day),
                note=self.note or "",
            ),
            attachment_ids=self._attach(order).ids,
        )

    def _record_acceptance(self):
        if not self.document:
            raise UserError(
                self.env._(
                    "Attach what the customer signed: a photo or a scan of it will do."
                )
            )
        line = self.line_id
        line._accept(self.day, self.note, self._attach(line))

    def _attach(self, record):
        if not self.document:
            return self.env["ir.attachment"]
        return self.env["ir.attachment"].create(
            {
                "name": self.document_name or self.env._("Document"),
                "datas": self.document,
                "res_model": record._name,
                "res_id": record.id,
            }
        )
