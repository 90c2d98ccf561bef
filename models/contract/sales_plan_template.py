from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.plan_split import PlanError, instalments

# What an instalment waits for.
TRIGGERS = [
    ("date", "On a date"),
    ("signing", "Signing of the contract"),
    ("delivery", "Delivery"),
    ("acceptance", "Acceptance by the customer"),
    ("invoice", "Invoice before it"),
]
SHARES = [
    ("percent", "Percent of the total"),
    ("amount", "Amount"),
    ("balance", "What is left"),
]


class SalesPlanTemplate(models.Model):
    """How customers pay: 30/40/30, monthly for a year, a retention at the end."""

    _name = "sales.plan.template"
    _description = "Payment Plan Template"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index="btree_not_null",
        help="Empty: for every company.",
    )
    line_ids = fields.One2many(
        comodel_name="sales.plan.template.line",
        inverse_name="template_id",
        string="Instalments",
        copy=True,
    )

    def _prepare_plan(self, total, unit, start):
        """The instalments of an amount.

        :param Decimal total: including taxes, a multiple of ``unit``
        :param Decimal unit: rounding of the currency
        :param date start: day 0, for instalments on a date
        :return: values of ``sales.plan.line``, without its order
        :raise ValidationError: where the template does not fit the amount
        """
        self.ensure_one()
        lines = [(line.share, line.value) for line in self.line_ids]
        try:
            amounts = instalments(total, lines, unit)
        except PlanError as error:
            raise ValidationError(self._explain(error, total)) from error
        vals_list = [
            vals
            for line, amount in zip(self.line_ids, amounts, strict=True)
            for vals in line._unfold(amount, unit, start)
        ]
        for number, vals in enumerate(vals_list, 1):
            vals["sequence"] = 10 * number
        return vals_list

    def _explain(self, error, total):
        reasons = {
            "empty": self.env._("it has no instalments"),
            "negative": self.env._("an instalment is below zero"),
            "balance": self.env._("more than one instalment takes what is left"),
            "over": self.env._(
                "its instalments exceed %(total)s by %(amount)s",
                total=total,
                amount=error.amount,
            ),
            "short": self.env._(
                "its instalments leave %(amount)s of %(total)s unplanned; let one of "
                "them take what is left",
                total=total,
                amount=error.amount,
            ),
        }
        return self.env._(
            "The payment plan “%(plan)s” does not fit: %(reason)s.",
            plan=self.name,
            reason=reasons[error.reason],
        )

    @api.constrains("line_ids")
    def _check_line_ids(self):
        """Percentages alone must be a whole; an amount depends on the order."""
        for template in self:
            shares = template.line_ids.mapped("share")
            percent = sum(
                line.value for line in template.line_ids if line.share == "percent"
            )
            if percent > 100 + 1e-6:
                raise ValidationError(
                    self.env._(
                        "The instalments of “%(plan)s” add up to %(percent)s %%. "
                        "Lower them to 100 %% at most.",
                        plan=template.name,
                        percent=round(percent, 4),
                    )
                )
            if shares.count("balance") > 1:
                raise ValidationError(
                    self.env._(
                        "Only one instalment of “%s” can take what is left.",
                        template.name,
                    )
                )
            first = template.line_ids[:1]
            if first.trigger == "invoice":
                raise ValidationError(
                    self.env._(
                        "The first instalment of “%s” cannot wait for the invoice "
                        "before it: there is none. Choose another trigger.",
                        template.name,
                    )
                )
