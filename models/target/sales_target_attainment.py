from odoo import api, fields, models

from .sales_target_figures import Line

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

    achieved = fields.Float(
        compute="_compute_achieved", digits=0, help="What the ledger says so far."
    )
    attainment = fields.Float(
        string="Attainment (%)",
        compute="_compute_achieved",
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
        help="Achieved ÷ expected to date. Percent.",
    )
    daily_rate_needed = fields.Float(
        string="Needed per Working Day",
        compute="_compute_pace",
        digits=0,
        help="What is missing ÷ working days left.",
    )
    date_reached = fields.Date(
        string="Reached On",
        compute="_compute_pace",
        help="If it goes on like this. Empty when it is reached already, when nothing "
        "was achieved to go by, or when it takes longer than three years.",
    )

    # === COMPUTE METHODS === #

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
            target.daily_rate_needed = figures["rate_needed"]
            target.date_reached = figures["date_reached"]

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
            ``date_reached`` and ``acknowledged`` (all of the targets); what cannot be
            known is None
        """
        lines = self._lines_of_nodes(nodes, first, after)
        targets = self.env["sales.target"]
        targets._fill_achieved(list(lines.values()))
        targets._fill_pace(list(lines.values()), day)
        return {node: line.figures for node, line in lines.items()}

    def _lines_of_nodes(self, nodes=None, first=None, after=None):
        """A line for each owner: ``{node: Line}``."""
        self.ensure_one()
        first = max(filter(None, (first, self.date_from)))
        after = min(filter(None, (after, self.date_to)))
        domain = [("plan_id", "=", self.id)]
        domain += [("date_from", "<", after), ("date_to", ">", first)]
        if nodes is not None:
            domain += [("node", "in", list(nodes))]
        found = self.env["sales.target"].search(domain, order="node, date_from")
        lines, whole = {}, {}
        for line, target in zip(found._lines(), found.sudo(), strict=True):  # seen
            known = lines.setdefault(target.node, line)
            whole[target.node] = whole.get(target.node, True) and bool(
                target.date_acknowledged
            )
            if known is not line:
                known.spans += line.spans
        for node, line in lines.items():
            line.figures["acknowledged"] = whole[node]
        self._clip(lines.values(), first, after)
        return lines

    def _clip(self, lines, first, after):
        """Leave of the periods what lies in some days."""
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
    days = working.between(begin, end)
    part = working.between(low, high) / days if days else (high - low) / (end - begin)
    return low, high, amount * part, stretch * part
