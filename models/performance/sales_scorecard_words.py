from odoo import api, models
from odoo.tools.misc import formatLang

from ...engine.proportions import MIN_CASES
from ...engine.scorecard import FACTORS, LEVERAGE, effect
from .scorecard_figures import PROCESS_ROWS


class SalesScorecard(models.AbstractModel):
    """What is said in words: names, strengths, and the focus with its reason."""

    _inherit = "sales.scorecard"

    # === NAMES === #

    @api.model
    def _built_in(self):
        """Rows that are always shown."""
        return LEVERAGE.keys() | PROCESS_ROWS.keys()

    @api.model
    def _labels(self, metrics):
        """``{key: (name, what it counts)}``

        :param metrics: recordset of ``sales.metric``
        """
        _ = self.env._
        return {
            **{metric.code: (metric.name, metric.description) for metric in metrics},
            "win_rate": (
                _("Win Rate"),
                _("Won ÷ won and lost deals, of those closed in the period."),
            ),
            "cycle_days": (
                _("Days to Win"),
                _("Median days from entering the process to the win."),
            ),
            "coverage": (
                _("Pipeline Coverage"),
                _(
                    "How many times open deals of the period are what is missing to "
                    "the target of bookings. The target is 1 ÷ win rate."
                ),
            ),
            "overdue": (
                _("Overdue Closing Dates"),
                _(
                    "Share of open deals past their expected closing: now, or at the "
                    "end of a period that is over."
                ),
            ),
            "exits": (
                _("Exits Proven"),
                _("Share of exit criteria decided that were proven, not waived."),
            ),
            "call_error": (
                _("Forecast Error"),
                _("How far calls were from what was won, in percent of it."),
            ),
            "call_bias": (
                _("Forecast Bias"),
                _("Above zero: more was called than won. Below: less."),
            ),
        }

    @api.model
    def _why_unknown(self, key, reading):
        """Why a figure is not known, in a few words."""
        _ = self.env._
        if key == "coverage" and not reading.is_running(reading.last):
            return _("Known only while the period goes on")
        few = {
            "win_rate": _("Fewer than %s deals closed", MIN_CASES),
            "cycle_days": _("Fewer than %s deals won", MIN_CASES),
            "overdue": _("Fewer than %s open deals", MIN_CASES),
            "exits": _("Fewer than %s exit criteria decided", MIN_CASES),
            "coverage": _("No target, or nothing is missing"),
            "call_error": _("No call that has come to its end"),
            "call_bias": _("No call that has come to its end"),
        }
        return few.get(key) or _("Before the first credit of the company")

    # === AMOUNTS === #

    @api.model
    def _say(self, unit, value, currency=None):
        """A value with its unit.

        :param currency: recordset; that of the company by default
        """
        _ = self.env._
        if value is None:
            return _("not known")
        if unit == "money":
            currency = currency or self.env.company.currency_id
            digits = 0 if float(value).is_integer() else currency.decimal_places
            text = formatLang(self.env, value, digits=digits)
            before = currency.position == "before"
            symbol = currency.symbol or currency.name
            return f"{symbol} {text}" if before else f"{text} {symbol}"
        text = formatLang(self.env, value, digits=_digits(value))
        if unit == "percent":
            return _("%s %%", text)
        if unit == "days":
            return _("%s days", text)
        if unit == "hours":
            return _("%s hours", text)
        return _("%s times", text) if unit == "times" else text

    # === STRENGTHS AND FOCUS === #

    @api.model
    def _praise(self, row):
        """Why something is a strength."""
        return self._beside(row, max(row["sides"], key=row["sides"].get))

    @api.model
    def _beside(self, row, side):
        """Where a figure stands beside the target or comparable people."""
        _ = self.env._
        unit = row["unit"]
        if side == "target":
            if row["unit"] == "times":
                return _(
                    "%(value)s, %(target)s needed",
                    value=self._say(unit, row["value"]),
                    target=self._say(unit, row["target"]),
                )
            value = self._say(unit, row["value"])
            pace = self._say("percent", row["pace"])
            if row["pace"] == row["attainment"]:  # all of it is expected
                return _("%(value)s, %(pace)s of the target", value=value, pace=pace)
            return _(
                "%(value)s, %(pace)s of what the target expects by now",
                value=value,
                pace=pace,
            )
        return _(
            "%(value)s, median of %(number)s comparable people %(median)s",
            value=self._say(unit, row["value"]),
            number=row["peers"],
            median=self._say(unit, row["median"]),
        )

    @api.model
    def _focus_facts(self, best, rows, judged):
        """The focus in words; that there is none is said, too.

        :param best: ``engine.scorecard.Focus`` or None
        :param dict rows: by key
        :param int judged: how many figures could be judged
        """
        _ = self.env._
        if best is None:
            text = (
                _("Nothing falls clearly short. Keep it up.")
                if judged
                else _(
                    "Too little is known for a suggestion: there are neither targets "
                    "nor enough comparable people or deals."
                )
            )
            return {"key": False, "name": "", "reason": text, "advice": ""}
        row = rows[best.key]
        reason = self._beside(row, best.side) + "."
        gain = self._gain(row) if best.side == "peers" else ""
        return {
            "key": best.key,
            "name": row["name"],
            "reason": f"{reason} {gain}".strip(),
            "advice": self._advice(best.key),
        }

    @api.model
    def _gain(self, row):
        """What the median would bring, of the factors of the funnel."""
        if row["key"] not in FACTORS:
            return ""
        times = effect(row["value"], row["median"], row["better"])
        if times is None:
            return ""
        return self.env._(
            "At that median, everything else the same would bring about %s times as "
            "much.",
            formatLang(self.env, times, digits=1),
        )

    @api.model
    def _advice(self, key):
        """What to do about it first."""
        _ = self.env._
        return {
            "win_rate": _("Go through the last lost deals: what was not proven yet?"),
            "cycle_days": _("Find the stage where deals wait longest, and what for."),
            "qualified_deal": _("Agree on hours and sources for new deals."),
            "coverage": _("Add deals, or move closing dates that are really nearer."),
            "overdue": _("Give every deal a true closing date, or close it."),
            "exits": _("Prove exits instead of asking for waivers."),
            "verified_evidence": _("Hand in evidence when it arises, not at the end."),
            "call_error": _("Compare each call with the deals behind it."),
            "visit": _("Plan the visits of next week together."),
            "activity": _("Give every open deal a next to-do."),
            "collected": _("Go through overdue invoices and agree who calls whom."),
            "margin": _("Look at discounts given, and what was asked for in return."),
        }.get(key) or _("Look at the deals behind it together.")


def _digits(value):
    """One decimal where it says something."""
    return 1 if abs(value) < 100 and round(value * 10) % 10 else 0
