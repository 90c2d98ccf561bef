from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain

from .sales_target import OWNER_LETTERS
from .sales_target_figures import DAY, SCOPE_KINDS, Line

# Percent off the pace that a good day makes up for.
CLOSE = 10

# What a target is judged by.
FACTS = (
    "amount",
    "date_from",
    "date_to",
    "metric_id",
    "node",
    "plan_id",
    "scope_team_id",
    "stretch_amount",
)


class SalesTarget(models.Model):
    """What was achieved, and whether it is on its way."""

    _inherit = "sales.target"

    target_amount = fields.Float(
        string="Target",
        compute="_compute_target_amount",
        digits=0,
        help="Where several are added up those that are part of another one do not "
        "count twice.",
    )
    achieved = fields.Float(
        compute="_compute_achieved", digits=0, help="What the ledger says so far."
    )
    attainment = fields.Float(
        string="Attainment (%)",
        compute="_compute_achieved",
        aggregator="avg",
        help="Achieved ÷ target. Percent.",
    )
    gap = fields.Float(
        string="Missing",
        compute="_compute_achieved",
        digits=0,
        help="Target less achieved; negative: more than the target. Where lower is "
        "better: how much room is left.",
    )
    expected_to_date = fields.Float(
        compute="_compute_pace",
        digits=0,
        help="What should be achieved by the end of today: the part of the working "
        "days that is over, holidays and own leaves left out.",
    )
    pace = fields.Float(
        string="Pace (%)",
        compute="_compute_pace",
        digits=(16, 1),
        aggregator="avg",
        help="Achieved ÷ expected to date. Percent.",
    )
    daily_rate_needed = fields.Float(
        string="Needed per Working Day",
        compute="_compute_pace",
        digits=0,
        aggregator=None,
        help="What is missing ÷ working days left.",
    )
    pace_status = fields.Selection(
        selection=[("good", "On Pace"), ("close", "Close"), ("behind", "Behind")],
        compute="_compute_pace",
        help="Close: not more than a tenth off the pace. Empty before anything is "
        "expected.",
    )
    date_reached = fields.Date(
        string="Reached On",
        compute="_compute_pace",
        help="If it goes on like this. Empty when it is reached already, when nothing "
        "was achieved to go by, or when it takes longer than three years.",
    )

    owner_kind = fields.Selection(
        selection=[
            ("company", "Company"),
            ("team", "Sales Team"),
            ("user", "Salesperson"),
            ("dealer", "Dealer"),
            ("territory", "Territory"),
            ("category", "Product Category"),
        ],
        string="Level",
        compute="_compute_owner_kind",
        store=True,
    )
    date_last = fields.Date(
        string="Until", compute="_compute_date_last", help="The last day."
    )
    amount_currency_id = fields.Many2one(
        comodel_name="res.currency",
        compute="_compute_amount_currency_id",
        help="Of the amounts; empty for what is no money.",
    )

    # === COMPUTE METHODS === #

    @api.depends(*OWNER_LETTERS)
    def _compute_owner_kind(self):
        for target in self:
            target.owner_kind = SCOPE_KINDS.get(target._owner_field(), "company")

    @api.depends("amount")
    def _compute_target_amount(self):
        for target in self:
            target.target_amount = target.amount

    @api.depends("date_to")
    def _compute_date_last(self):
        for target in self:
            target.date_last = target.date_to and target.date_to - DAY

    @api.depends("unit", "currency_id")
    def _compute_amount_currency_id(self):
        for target in self:
            target.amount_currency_id = target.unit == "money" and target.currency_id

    @api.depends(*FACTS)
    def _compute_achieved(self):
        lines = self._lines()
        self._fill_achieved(lines)
        for target, line in zip(self, lines, strict=True):
            for name in ("achieved", "attainment", "gap"):
                target[name] = line.figures[name]

    @api.depends("achieved")
    def _compute_pace(self):
        lines = self._lines_achieved()
        self._fill_pace(lines)
        for target, line in zip(self, lines, strict=True):
            figures = line.figures
            target.expected_to_date = figures["expected"]
            target.pace = figures["pace"]
            target.pace_status = target._pace_status(figures["pace"])
            target.daily_rate_needed = figures["rate_needed"]
            target.date_reached = figures["date_reached"]

    def _pace_status(self, pace):
        """Whether a pace will do: ``good``, ``close``, ``behind`` or False.

        :param pace: percent, or None before anything is expected
        """
        self.ensure_one()
        if pace is None:
            return False
        missing = 100 - pace
        if self.sudo().metric_id.better == "lower":  # what the metric is, is no secret
            missing = -missing
        if missing <= 0:
            return "good"
        return "close" if missing <= CLOSE else "behind"

    def _lines(self):
        """These targets, each for itself."""
        return [
            Line(
                target,
                [
                    (
                        target.date_from,
                        target.date_to,
                        target.amount,
                        target.stretch_amount,
                    )
                ],
            )
            for target in self.sudo()  # what a target that is shown has come to
        ]

    def _lines_achieved(self):
        """The same with what is known of the ledger."""
        lines = self._lines()
        for target, line in zip(self, lines, strict=True):
            line.figures.update(
                target=target.amount,
                achieved=target.achieved,
                gap=target.gap,
            )
        return lines


class SalesTargetPlan(models.Model):
    """What the owners of a plan have come to."""

    _inherit = "sales.target.plan"

    def _figures(self, nodes=None, first=None, after=None, day=None):
        """Everything that is told about owners, over some days of the plan.

        A period that is only partly in these days counts as far as its working days
        are. Owners whose targets the user may not see are left out.

        :param nodes: places in the tree of owners; all by default
        :param date first: first day; that of the plan by default
        :param date after: the day after the last; that of the plan by default
        :param date day: by whose end it is judged; today by default
        :return: ``{node: figures}`` with ``target``, ``stretch``, ``achieved``,
            ``attainment`` (percent), ``gap``, ``expected`` (to date), ``pace``
            (percent), ``rate_needed`` and ``rate_own`` (each working day),
            ``date_reached``, ``pipeline``, ``weighted``, ``projected``, ``coverage``,
            ``coverage_needed`` and ``acknowledged`` (all of the targets); what cannot
            be known is None
        """
        self.ensure_one()
        domain = [] if nodes is None else [("node", "in", list(nodes))]
        lines = self._lines_of_places(domain, first, after)
        self._fill(list(lines.values()), day)
        return {node: line.figures for (_plan, node), line in lines.items()}

    @api.model
    def _fill(self, lines, day=None):
        """Work out all figures of lines, of any plans."""
        targets = self.env["sales.target"]
        targets._fill_achieved(lines)
        targets._fill_pace(lines, day)
        targets._fill_outlook(lines, day)

    def action_open_attainment(self):
        """Open what the owners of this plan have come to, period by period."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_target_action_attainment"
        )
        return {
            **action,
            "domain": [("plan_id", "=", self.id)],
            "context": {"search_default_current": 1},
        }

    def _lines_of_places(self, domain=(), first=None, after=None):
        """A line for each owner of these plans: ``{(plan, node): Line}``.

        :param domain: which of the targets the user may see
        :param date first: first day; that of each plan by default
        :param date after: the day after the last; that of each plan by default
        """
        domain = Domain("plan_id", "in", self.ids) & Domain(domain)
        if first:
            domain &= Domain("date_to", ">", first)
        if after:
            domain &= Domain("date_from", "<", after)
        seen = self.env["sales.target"].search_fetch(
            domain,
            [*FACTS, *SCOPE_KINDS, "company_id", "date_acknowledged"],
            order="plan_id, node, date_from",
        )
        lines, known = {}, {}
        for target, line in zip(seen.sudo(), seen._lines(), strict=True):  # as seen
            key = (target.plan_id, target.node)
            if key in lines:
                lines[key].spans += line.spans
            lines.setdefault(key, line)
            known[key] = known.get(key, True) and bool(target.date_acknowledged)
        for key, line in lines.items():
            line.figures["acknowledged"] = known[key]
        self._clip(lines.values(), first, after)
        return lines

    @api.model
    def _clip(self, lines, first=None, after=None):
        """Leave of the periods what lies in some days."""
        first, after = first or date.min, after or date.max
        lines = [
            line
            for line in lines
            if line.spans[0][0] < first or line.spans[-1][1] > after
        ]
        if not lines:
            return
        working = self.env["sales.target"]._working_days(
            {line.place for line in lines},
            min(line.spans[0][0] for line in lines),
            max(line.spans[-1][1] for line in lines),
        )
        for line in lines:
            line.spans = [
                _part(working[line.place], *span, first, after) for span in line.spans
            ]


def _part(working, begin, end, amount, stretch, first, after):
    """What of a period lies in some days, by its working days."""
    low, high = max(begin, first), min(end, after)
    part = working.part(low, high, begin, end)
    return low, high, amount * part, stretch * part
