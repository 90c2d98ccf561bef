from odoo import fields, models


class ResUsers(models.Model):
    """Everybody decides whether wins are celebrated on the own screen."""

    _inherit = "res.users"

    sales_celebrate = fields.Boolean(
        string="Celebrate Wins",
        default=True,
        help="Show a short celebration when you or your team win a deal or a prize of "
        "a contest.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["sales_celebrate"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["sales_celebrate"]
