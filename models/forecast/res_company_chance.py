from odoo import fields, models


class ResCompany(models.Model):
    """How far the nightly learning of win rates has got."""

    _inherit = "res.company"

    sales_forecast_queue = fields.Integer(
        default=0,
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="-1: to be learnt. Above 0: deals from this id on wait.",
    )
