from odoo import fields, models


class SalesHoldRelease(models.Model):
    """Accounting let an order of a customer on hold go on. Stays on record.

    It is good for the total of the order at that time: one that was raised needs
    another release.
    """

    _name = "sales.hold.release"
    _description = "Release of an Order on Hold"
    _order = "date desc, id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one(
        comodel_name="sale.order",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the Company"
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Released by", required=True, readonly=True
    )
    date = fields.Datetime(string="Released On", required=True, readonly=True)
    reason = fields.Text(required=True, readonly=True)
    amount_total = fields.Monetary(
        string="Order Total", readonly=True, help="The release is good for this total."
    )
    amount_overdue = fields.Monetary(
        string="Overdue",
        currency_field="company_currency_id",
        readonly=True,
        help="What the customer owed and had not paid in time when it was released.",
    )
