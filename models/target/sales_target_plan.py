from collections import defaultdict
from decimal import Decimal

from babel.dates import format_interval, format_skeleton

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_round
from odoo.tools.misc import babel_locale_parse, get_lang

from ...engine.plan_split import decimal
from ..base.guards import refuse_protected
from ..base.whole_periods import whole_periods

STATES = [
    ("draft", "Draft"),
    ("proposed", "Proposals Wanted"),
    ("locked", "Agreed"),
    ("published", "Published"),
    ("replaced", "Replaced"),
]
PERIODS = [
    ("week", "Week"),
    ("month", "Month"),
    ("quarter", "Quarter"),
    ("year", "Year"),
    ("4-4-5", "4-4-5 Weeks"),
    ("4-5-4", "4-5-4 Weeks"),
    ("5-4-4", "5-4-4 Weeks"),
    ("whole", "All in One"),
]
# Only the buttons change these.
RECORDED = {"state", "version", "predecessor_id", "date_published"}
# What the targets were cut by.
FIXED = {"company_id", "metric_id", "date_from", "date_to", "period_type"}


class SalesTargetPlan(models.Model):
    """What is to be reached in a year or any other range, by whom and in which period.

    A plan is about one metric of one company. Its targets are a tree of owners, each
    with an amount for every period. A published plan stays as it is: what changes in
    the middle of a year is a new version with its reason.
    """

    _name = "sales.target.plan"
    _description = "Target Plan"
    _inherit = ["mail.thread"]
    _order = "date_from desc, metric_id, version desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    metric_id = fields.Many2one(
        comodel_name="sales.metric", required=True, ondelete="restrict", tracking=True
    )
    unit = fields.Selection(related="metric_id.unit")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(string="From", required=True, tracking=True)
    date_to = fields.Date(
        string="Until (Excluded)",
        required=True,
        tracking=True,
        help="The day after the last one.",
    )
    date_last = fields.Date(
        string="Until",
        compute="_compute_date_last",
        inverse="_inverse_date_last",
        help="The last day.",
    )
    period_type = fields.Selection(
        selection=PERIODS,
        string="By",
        required=True,
        default="month",
        tracking=True,
        help="Quarters and years follow the fiscal year of the company. 4-4-5 and its "
        "kin are retail months of whole weeks; the 53rd week of a long year belongs to "
        "the last one.",
    )
    over_percent = fields.Float(
        string="Over-Assignment (%)",
        digits=(16, 2),
        help="What those below get on top, so that the whole is met although some miss "
        "theirs. Percent, 0–100.",
    )
    state = fields.Selection(
        selection=STATES,
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    version = fields.Integer(default=1, readonly=True, copy=False)
    predecessor_id = fields.Many2one(
        comodel_name="sales.target.plan",
        string="Replaces",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    reason = fields.Text(
        string="Why It Was Changed", copy=False, help="What is new in this version."
    )
    date_published = fields.Date(string="Published On", readonly=True, copy=False)
    target_ids = fields.One2many(
        comodel_name="sales.target", inverse_name="plan_id", string="Targets"
    )

    _dates_in_order = models.Constraint(
        "CHECK (date_to > date_from)", "A plan ends after it begins."
    )
    _over_not_negative = models.Constraint(
        "CHECK (over_percent >= 0 AND over_percent <= 100)",
        "Over-assignment lies between 0 and 100 %.",
    )

    # === COMPUTE METHODS === #

    @api.depends("date_to")
    def _compute_date_last(self):
        for plan in self:
            plan.date_last = plan.date_to and fields.Date.subtract(plan.date_to, days=1)

    @api.onchange("date_last")
    def _inverse_date_last(self):
        for plan in self:
            plan.date_to = plan.date_last and fields.Date.add(plan.date_last, days=1)

    @api.depends("name", "version")
    def _compute_display_name(self):
        for plan in self:
            name = plan.name or ""
            if plan.version > 1:
                name = self.env._("%(plan)s, version %(n)s", plan=name, n=plan.version)
            plan.display_name = name

    # === CHECKS === #

    @api.constrains("date_from", "date_to", "period_type", "company_id")
    def _check_periods(self):
        for plan in self:
            plan._periods()

    def _periods(self):
        """The periods of the plan: see :func:`.whole_periods`."""
        return whole_periods(self)

    def _describe_periods(self, limit=6):
        """The periods in words, for a message: the first ones."""
        periods = self._periods()
        shown = "; ".join(self._period_label(*period) for period in periods[:limit])
        return shown + (" …" if len(periods) > limit else "")

    @api.model
    def _period_label(self, first, after):
        """A period as a person says it: Jan 2027, Jan – Mar 2027, Jan 4 – 10, 2027.

        :param date after: the day after the last one
        """
        last = fields.Date.subtract(after, days=1)
        locale = babel_locale_parse(get_lang(self.env).code)
        if first.day != 1 or after.day != 1:
            return format_interval(first, last, "yMMMd", locale=locale)
        if (first.year, first.month) == (last.year, last.month):
            return format_skeleton("yMMM", first, locale=locale)
        if (first.month, last.month) == (1, 12) and first.year == last.year:
            return str(first.year)
        return format_interval(first, last, "yMMM", locale=locale)

    def _unit_step(self):
        """The smallest amount there is: a cent, one thing, a hundredth of an hour.

        :rtype: Decimal
        """
        self.ensure_one()
        if self.unit == "money":
            return decimal(self.currency_id.rounding)
        return Decimal(1) if self.unit == "count" else Decimal("0.01")

    def _rounded(self, amount):
        """An amount in the rounding of the unit."""
        return float_round(amount, precision_rounding=float(self._unit_step()))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, RECORDED)
        return super().create(vals_list)

    def write(self, vals):
        refuse_protected(self, vals, RECORDED)
        if FIXED & vals.keys():
            self._check_shape_free()
        if "over_percent" in vals:
            self._check_editable()
        return super().write(vals)

    def _check_shape_free(self):
        """:raise UserError: for plans whose targets lie in the periods there are"""
        for plan in self:
            if plan.sudo().target_ids:  # all of them, whoever asks
                raise UserError(
                    self.env._(
                        "“%s” has targets already: its metric, days and periods stay. "
                        "Delete the targets, or make another plan.",
                        plan.display_name,
                    )
                )

    def _check_editable(self):
        """:raise UserError: for plans that are agreed, or that people go by already"""
        for plan in self:
            if plan.state in ("published", "replaced"):
                raise UserError(
                    self.env._(
                        "“%s” is published and people go by it. Make a new version and "
                        "say why.",
                        plan.display_name,
                    )
                )
            if plan.state == "locked":
                raise UserError(
                    self.env._(
                        "“%s” is agreed. A director can reopen it.", plan.display_name
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_editable()

    # === STATES === #

    def action_ask_proposals(self):
        """Let reps and leaders say what they think they can do."""
        for plan in self:
            plan._check_editable()
            plan._check_filled()
        self._decide("proposed")

    def action_lock(self):
        """Hold what was agreed: nobody changes it until it is published or reopened."""
        for plan in self:
            plan._check_editable()
            plan._check_complete()
        self._decide("locked")

    def action_reopen(self):
        """Take an agreed plan back to work on it."""
        if set(self.mapped("state")) - {"proposed", "locked"}:
            raise UserError(
                self.env._("Only plans that are not published yet can be reopened.")
            )
        self._decide("draft")

    def action_publish(self):
        """Make it what everybody goes by.

        :raise UserError: for a plan without targets, or one that overlaps another
        """
        for plan in self:
            if plan.state in ("published", "replaced"):
                plan._check_editable()
            plan._check_complete()
            plan._check_alone()
        self.predecessor_id._decide("replaced")
        for company, plans in self.grouped("company_id").items():
            plans._decide("published", date_published=company._sales_today())
        self._after_publish()

    def _after_publish(self):
        """Hook: people go by these plans from now on."""

    def _decide(self, state, **vals):
        self.check_access("write")
        self.sudo().write({"state": state, **vals})  # only the buttons do, see write

    def _check_filled(self):
        if not self.target_ids:
            raise UserError(
                self.env._(
                    "“%s” has no targets yet. Press “Add Owners” first.",
                    self.display_name,
                )
            )

    def _check_complete(self):
        """:raise UserError: for plans that nobody could go by"""
        self._check_filled()
        if self.predecessor_id and not (self.reason or "").strip():
            raise UserError(
                self.env._(
                    "Say under “Why It Was Changed” what is new in this version."
                )
            )
        if not any(self.target_ids.mapped("amount")):
            raise UserError(
                self.env._("“%s” has no amounts yet: fill them in.", self.display_name)
            )

    def _check_alone(self):
        """Nobody has two targets for the same thing at the same time.

        :raise UserError: naming the owner and the other plan
        """
        others = self.env["sales.target.plan"].sudo()  # also those one may not see
        others = others.search(
            [
                ("id", "not in", [self.id, self.predecessor_id.id]),
                ("company_id", "=", self.company_id.id),
                ("metric_id", "=", self.metric_id.id),
                ("state", "=", "published"),
                ("date_from", "<", self.date_to),
                ("date_to", ">", self.date_from),
            ]
        )
        if not others:
            return
        mine = defaultdict(list)
        for target in self.sudo().target_ids:  # of them all, whoever publishes
            mine[target._owner_key()].append((target.date_from, target.date_to))
        for target in others.target_ids:
            for first, after in mine.get(target._owner_key(), ()):
                if target.date_from < after and first < target.date_to:
                    raise UserError(
                        self.env._(
                            "%(owner)s already has targets of %(metric)s in “%(plan)s” "
                            "in these days. End that plan before, or make a new "
                            "version of it.",
                            owner=target.owner_name,
                            metric=self.metric_id.name,
                            plan=target.plan_id.display_name,
                        )
                    )
