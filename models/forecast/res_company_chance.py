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

    def _sales_after_write(self, vals, before):
        result = super()._sales_after_write(vals, before)
        if vals.get("sales_forecast_method") == "calibrated":
            # Not only the next night: whoever may choose the method may have it learnt.
            self.env.ref("sales_process.forecast_learn_cron").sudo()._trigger()
        return result
