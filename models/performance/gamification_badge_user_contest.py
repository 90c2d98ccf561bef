from odoo import api, fields, models
from odoo.exceptions import AccessError


class GamificationBadgeUser(models.Model):
    """Prizes in the trophy cabinet: the engine alone puts them there.

    Odoo checks who may give a badge when it is given, so that one that anybody may give
    could be rewritten to a prize afterwards.
    """

    _inherit = "gamification.badge.user"

    sales_contest_id = fields.Many2one(
        comodel_name="sales.contest",
        string="Won in",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    @api.model_create_multi
    def create(self, vals_list):
        ids = {vals.get("badge_id") for vals in vals_list}
        self._sales_refuse_prizes(ids)
        if any(vals.get("sales_contest_id") for vals in vals_list):
            self._sales_refuse()
        return super().create(vals_list)

    def write(self, vals):
        self._sales_refuse_prizes(self.sudo().badge_id.ids)  # whoever has them
        self._sales_refuse_prizes([vals.get("badge_id")])
        if "sales_contest_id" in vals:
            self._sales_refuse()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_prize(self):
        self._sales_refuse_prizes(self.sudo().badge_id.ids)  # whoever has them

    @api.model
    def _sales_refuse_prizes(self, badge_ids):
        """:raise AccessError: where a badge is a prize, unless the engine asks"""
        badges = self.env["gamification.badge"].browse(filter(None, badge_ids))
        if not self.env.su and badges._sales_prizes():
            self._sales_refuse()

    @api.model
    def _sales_refuse(self):
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "Prizes are given by the contest they are won in. Choose another "
                    "badge to thank somebody."
                )
            )
