from odoo import api, fields, models


class SalesCommissionPart(models.AbstractModel):
    """What a commission plan consists of: fixed with it, and nobody's own to write."""

    _name = "sales.commission.part"
    _description = "Part of a Commission Plan"

    plan_id = fields.Many2one(
        comodel_name="sales.commission.plan",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_may_change()
        return parts

    def write(self, vals):
        self.check_access("write")
        self._check_may_change()
        result = super().write(vals)
        self._check_may_change()  # moved to another plan or person, there too
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        self._check_may_change()

    def _check_may_change(self):
        """:raise UserError: for rules of plans that people go by
        :raise AccessError: for those of one's own plans
        """
        self.plan_id._check_editable()
        self.plan_id._check_not_own()
