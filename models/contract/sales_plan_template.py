from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount

from ...engine.plan_split import PlanError, instalments
from ..base.whole import as_a_whole

# What an instalment waits for.
TRIGGERS = [
    ("date", "Date"),
    ("signing", "Signing"),
    ("delivery", "Delivery"),
    ("acceptance", "Acceptance"),
    ("invoice", "Invoice before it"),
]
SHARES = [
    ("percent", "Percent of the total"),
    ("amount", "Amount"),
    ("balance", "What is left"),
]


def to_decimal(amount, currency):
    """An amount of money as the engine of plans counts."""
    return Decimal(str(currency.round(amount)))


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
    summary = fields.Char(string="Instalments in Short", compute="_compute_summary")

    # What it makes of an amount, shown while it is edited.
    preview_amount = fields.Monetary(
        string="Total",
        compute="_compute_preview_input",
        readonly=False,
        currency_field="preview_currency_id",
        help="Only for looking: it is not saved.",
    )
    preview_date = fields.Date(
        string="Order Date", compute="_compute_preview_input", readonly=False
    )
    preview_currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_preview_currency_id"
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    # === CONSTRAINT METHODS === #

    def _sales_check_whole(self):
        """Percentages alone must fit; an amount depends on the order."""
        for template in self:
            problem = template._find_problem()
            if problem:
                raise ValidationError(problem)

    def _find_problem(self):
        """Why this can never be a plan, in a sentence; empty when it can."""
        self.ensure_one()
        lines = self._sorted_lines()
        percent = sum(line.value for line in lines if line.share == "percent")
        if any(line.value < 0 for line in lines):
            return self.env._(
                "An instalment of “%s” is below zero. Enter a percentage or an amount "
                "above zero.",
                self.name,
            )
        if percent > 100 + 1e-6:
            return self.env._(
                "The instalments of “%(plan)s” add up to %(percent)s %%. Lower them to "
                "100 %% at most.",
                plan=self.name,
                percent=f"{percent:g}",
            )
        if lines.mapped("share").count("balance") > 1:
            return self.env._(
                "Only one instalment of “%s” can take what is left. Give the others a "
                "percentage or an amount.",
                self.name,
            )
        if lines[:1].trigger == "invoice":
            return self.env._(
                "The first instalment of “%s” cannot wait for the invoice before it: "
                "there is none. Choose another trigger.",
                self.name,
            )
        return ""

    # === COMPUTE METHODS === #

    @api.depends("line_ids.name", "line_ids.share", "line_ids.value", "line_ids.repeat")
    @api.depends_context("lang")
    def _compute_summary(self):
        for template in self:
            template.summary = ", ".join(
                line._describe() for line in template._sorted_lines()
            )

    @api.depends_context("tz")
    def _compute_preview_input(self):
        for template in self:
            template.preview_amount = 10000.0
            template.preview_date = fields.Date.context_today(template)

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_preview_currency_id(self):
        for template in self:
            company = template.company_id or self.env.company
            template.preview_currency_id = company.currency_id

    @api.depends(
        "preview_amount",
        "preview_date",
        "preview_currency_id",
        "line_ids.sequence",
        "line_ids.name",
        "line_ids.share",
        "line_ids.value",
        "line_ids.trigger",
        "line_ids.delay_months",
        "line_ids.delay_days",
        "line_ids.expected_days",
        "line_ids.repeat",
        "line_ids.interval_months",
    )
    @api.depends_context("lang")
    def _compute_preview(self):
        for template in self:
            template.preview = self.env["ir.qweb"]._render(
                "sales_process.sales_plan_preview", template._preview_values()
            )

    def _preview_values(self):
        start = self.preview_date or fields.Date.context_today(self)
        currency, total = self.preview_currency_id, self.preview_amount
        values = {"currency": currency, "total": total, "rows": [], "problem": ""}
        if not self.line_ids:
            return values
        values["problem"] = self._find_problem()
        if not values["problem"]:
            try:
                values["rows"] = self._prepare_plan(total, currency, start)
            except ValidationError as error:
                values["problem"] = error.args[0]
        line = self.env["sales.plan.line"]
        for row in values["rows"]:
            row["when"] = line.new(row)._describe_when()
            row["percent"] = 100 * row["amount"] / total if total else 0.0
        return values

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        with as_a_whole(self):
            return super().create(vals_list)

    def write(self, vals):
        with as_a_whole(self):
            return super().write(vals)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" not in (default or {}):
            for template, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", template.name)
        return vals_list

    # === BUSINESS METHODS === #

    def _sorted_lines(self):
        """As they are sorted on the screen, also before they are saved."""
        return self.line_ids.sorted(
            lambda line: (line.sequence, line._origin.id or 1e9)
        )

    def _prepare_plan(self, total, currency, start, promised=None):
        """The instalments of an amount.

        :param float total: including taxes
        :param currency: ``res.currency`` of the amount
        :param date start: day of the order
        :param date promised: day the delivery was promised for, if there is one
        :return: values of ``sales.plan.line``, without its order
        :raise ValidationError: where the template does not fit the amount
        """
        self.ensure_one()
        lines = self._sorted_lines()
        unit = to_decimal(currency.rounding, currency)
        try:
            amounts = instalments(
                to_decimal(total, currency),
                [line._share_and_value() for line in lines],
                unit,
            )
        except PlanError as error:
            raise ValidationError(self._explain(error, total, currency)) from error
        vals_list = []
        for line, amount in zip(lines, amounts, strict=True):
            vals_list += line._unfold(amount, unit)
        previous = start
        for number, vals in enumerate(vals_list, 1):
            vals["sequence"] = 10 * number
            previous = self._plan_date(vals, start, promised, previous)
        return vals_list

    def _plan_date(self, vals, start, promised, previous):
        """Fill in when an instalment is expected; see :meth:`_prepare_plan`.

        :param date previous: when the instalment before it is expected
        """
        expected = fields.Date.add(start, days=vals.pop("expected_days"))
        day = {
            "date": start,
            "signing": expected,
            "delivery": promised or expected,
            "acceptance": max(expected, promised or expected),
            "invoice": previous,
        }[vals["trigger"]]
        vals["date_planned"] = day + relativedelta(
            months=vals["delay_months"], days=vals["delay_days"]
        )
        if vals["trigger"] == "date":  # the date says it all
            vals.update(delay_months=0, delay_days=0)
        return vals["date_planned"]

    def _explain(self, error, total, currency):
        total = format_amount(self.env, total, currency)
        amount = error.amount and format_amount(self.env, float(error.amount), currency)
        reasons = {
            "empty": self.env._("it has no instalments"),
            "negative": self.env._("an instalment is below zero"),
            "balance": self.env._("more than one instalment takes what is left"),
            "over": self.env._(
                "its instalments exceed %(total)s by %(amount)s; lower one of them",
                total=total,
                amount=amount,
            ),
            "short": self.env._(
                "its instalments leave %(amount)s of %(total)s unplanned; let one of "
                "them take what is left",
                total=total,
                amount=amount,
            ),
        }
        return self.env._(
            "The payment plan “%(plan)s” does not fit: %(reason)s.",
            plan=self.name,
            reason=reasons[error.reason],
        )
