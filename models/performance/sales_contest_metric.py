from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount

from ...engine.contest import exact
from .contest_work import Part

# What people say of themselves, and nobody has verified.
SELF_LOGGED = ("visit", "activity")
SOURCES = [
    ("ledger", "Metric"),
    ("closing_dates", "Closing Dates in Order"),
    ("exits", "Exits Proven"),
    ("streak", "Longest Streak"),
]


class SalesContestMetric(models.Model):
    """What counts in a contest, and how much."""

    _name = "sales.contest.metric"
    _description = "What Counts in a Contest"
    _inherit = ["sales.contest.part"]
    _order = "contest_id, sequence, id"
    _rec_name = "label"

    contest_id = fields.Many2one(
        comodel_name="sales.contest", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="contest_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="contest_id.currency_id")
    sequence = fields.Integer(default=10)
    source = fields.Selection(
        selection=SOURCES,
        required=True,
        default="ledger",
        help="Closing dates in order: the share of open deals with a closing date that "
        "is not past. Exits proven: the share of open deals all of whose exits of the "
        "stage are proven. Longest streak: working days in a row with credit, of all "
        "working days of the contest.",
    )
    metric_id = fields.Many2one(
        comodel_name="sales.metric",
        ondelete="restrict",
        domain=[
            ("better", "=", "higher"),
            "|",
            ("is_system", "=", False),
            ("code", "not in", SELF_LOGGED),
        ],
        help="Of a streak: what has to be credited each day. Empty: any of the "
        "verified ones.",
    )
    label = fields.Char(string="Name", compute="_compute_label")
    weight = fields.Float(
        string="Weight (%)", digits=(16, 2), default=100.0, help="Percent, 0–100."
    )
    unit_amount = fields.Float(
        string="One Point per",
        digits=(16, 2),
        default=1.0,
        help="Where amounts are scored: how much brings a point.",
    )

    _weight_range = models.Constraint(
        "CHECK (weight > 0 AND weight <= 100)",
        "A weight is above 0, up to 100 percent.",
    )
    _unit_positive = models.Constraint(
        "CHECK (unit_amount > 0)", "Say how much brings a point: more than zero."
    )
    _metric_known = models.Constraint(
        "CHECK (source <> 'ledger' OR metric_id IS NOT NULL)", "Choose a metric."
    )

    @api.depends("source", "metric_id")
    @api.depends_context("lang")
    def _compute_label(self):
        names = dict(self._fields["source"]._description_selection(self.env))
        for row in self:
            metric = row.sudo().metric_id  # its name is the same for everybody
            row.label = metric.name if row.source == "ledger" else names.get(row.source)

    @api.constrains("metric_id", "source")
    def _check_verified(self):
        for row in self:
            metric = row.metric_id if row.source in ("ledger", "streak") else None
            if not metric:
                continue
            if metric.is_system and metric.code in SELF_LOGGED:
                raise ValidationError(
                    self.env._(
                        "“%s” is what people note themselves. Choose something that is "
                        "verified: only that counts in a contest.",
                        metric.name,
                    )
                )
            if metric.better == "lower":
                raise ValidationError(
                    self.env._(
                        "Of “%s” less is better: choose a metric of which more is.",
                        metric.name,
                    )
                )

    # === SCORING === #

    def _part(self):
        """For ``contest_work``."""
        self.ensure_one()
        return Part(
            self.id,
            self.source,
            self.metric_id.id,
            Decimal(str(self.weight)),
            Decimal(str(self.unit_amount)),
        )

    def _values(self):
        """What can be changed of it, for ``write``."""
        self.ensure_one()
        return {
            "source": self.source,
            "metric_id": self.metric_id.id,
            "weight": self.weight,
            "unit_amount": self.unit_amount,
        }

    def _is_of_ledger(self):
        """Whether the ledger says what is scored."""
        return self.source in ("ledger", "streak")

    # === TELLING === #

    def _unit(self):
        """``money``, ``count``, ``hours``, ``deals`` or ``days``."""
        self.ensure_one()
        if self.source == "ledger":
            return self.metric_id.unit
        return "days" if self.source == "streak" else "deals"

    def _smallest(self):
        """The smallest amount by which it grows, as a fraction."""
        if self._unit() != "money":
            return Fraction(1)
        return exact(self.currency_id.rounding)

    def _tell(self):
        return {
            "name": self.label,
            "weight": self.weight,
            "unit": self._unit(),
            "source": self.source,
        }

    def _tell_line(self, line):
        """A line of a standing for the leaderboard."""
        return {
            "metric": self.label,
            "unit": self._unit(),
            "value": line["value"],
            "reference": line["reference"],
            "points": line["points"],
            "ramp": line["ramp"],
        }

    def _tell_way(self, amount, line, current):
        """How much of this alone moves somebody up.

        :param float amount: in its unit
        :param dict line: of the standing
        :param int current: working days of the streak that goes on
        :return: dict with ``metric``, ``amount``, ``unit`` and ``text``; None where it
            cannot be done
        """
        if self.source in ("closing_dates", "exits"):
            if amount > line["reference"] - line["value"]:
                return None
        elif self.source == "streak":
            if line["value"] + amount > line["reference"]:
                return None
            amount += line["value"] - min(current, line["value"])
        return {
            "metric": self.label,
            "amount": amount,
            "unit": self._unit(),
            "text": self._way_text(amount),
        }

    def _way_text(self, amount):
        if self.source == "streak":
            return self.env._("Credit on %s more working days in a row", int(amount))
        if self.source == "closing_dates":
            return self.env._("Closing dates put in order: %s more deals", int(amount))
        if self.source == "exits":
            return self.env._("Exits proven: %s more deals", int(amount))
        if self._unit() == "money":
            shown = format_amount(self.env, amount, self.currency_id)
        else:
            shown = f"{amount:g}"
        return self.env._(
            "%(metric)s: %(amount)s more", metric=self.label, amount=shown
        )
