from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.plan_split import decimal


class SalesCommissionRate(models.Model):
    """What is paid otherwise for a product, or a category and all below it."""

    _name = "sales.commission.rate"
    _description = "Commission Rate of Products"
    _inherit = ["sales.commission.part"]
    _order = "plan_id, id"

    product_category_id = fields.Many2one(
        comodel_name="product.category",
        ondelete="restrict",
        help="And all below it, but for those with a rate of their own.",
    )
    product_tmpl_id = fields.Many2one(
        comodel_name="product.template",
        string="Product",
        ondelete="restrict",
        check_company=True,
        help="A product goes before its category.",
    )
    kind = fields.Selection(
        selection=[
            ("factor", "Times the Rate of the Bracket"),
            ("rate", "A Rate of Its Own (%)"),
        ],
        string="Pays",
        required=True,
        default="factor",
    )
    factor = fields.Float(
        default=1.0, digits=(16, 4), help="1.5 pays half as much again, 0 nothing."
    )
    rate = fields.Float(string="Own Rate (%)", digits=(16, 4))
    is_counted = fields.Boolean(
        string="Counts for Brackets",
        default=True,
        help="Whether it brings the period nearer to the next bracket and the target.",
    )

    _not_negative = models.Constraint(
        "CHECK (COALESCE(factor, 0) >= 0 AND COALESCE(rate, 0) >= 0)",
        "Rates and factors are not below zero.",
    )
    _category_uniq = models.UniqueIndex(
        "(plan_id, product_category_id) WHERE product_category_id IS NOT NULL",
        "A category has one rate in a plan.",
    )
    _product_uniq = models.UniqueIndex(
        "(plan_id, product_tmpl_id) WHERE product_tmpl_id IS NOT NULL",
        "A product has one rate in a plan.",
    )

    @api.depends("product_category_id", "product_tmpl_id")
    def _compute_display_name(self):
        for rate in self:
            owner = rate.product_tmpl_id or rate.product_category_id
            rate.display_name = owner.display_name

    @api.constrains("plan_id", "product_category_id", "product_tmpl_id")
    def _check_what(self):
        for rate in self:
            if bool(rate.product_category_id) == bool(rate.product_tmpl_id):
                raise ValidationError(
                    self.env._("Choose for each rate a category or a product.")
                )

    @api.constrains("kind", "factor", "is_counted")
    def _check_counted(self):
        for rate in self:
            if rate.kind == "factor" and rate.factor and not rate.is_counted:
                raise ValidationError(
                    self.env._(
                        "“%s” is paid by the rate of a bracket, so it counts for "
                        "brackets. Give it a rate of its own, or let it count.",
                        rate.display_name,
                    )
                )

    def _as_dict(self):
        """As commission is worked out with it."""
        self.ensure_one()
        return {
            "id": self.id,
            "category": self.product_category_id.id,
            "product": self.product_tmpl_id.id,
            "kind": self.kind,
            "factor": decimal(self.factor),
            "rate": decimal(self.rate),
            "is_counted": self.is_counted,
        }
