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
        return {
            **{metric.code: (metric.name, metric.description) for metric in metrics},
            "win_rate": (
                self.env._("Win Rate"),
                self.env._("Won ÷ won and lost deals, of those closed in the period."),
            ),
            "cycle_days": (
                self.env._("Days to Win"),
                self.env._("Median days from entering the process to the win."),
            ),
            "coverage": (
                self.env._("Pipeline Coverage"),
                self.env._(
                    "How many times open deals of the period are what is missing to "
                    "the target of bookings. The target is 1 ÷ win rate."
                ),
            ),
            "overdue": (
                self.env._("Overdue Closing Dates"),
                self.env._(
                    "Share of open deals past their expected closing: now, or at the "
                    "end of a period that is over."
                ),
            ),
            "exits": (
                self.env._("Exits Proven"),
                self.env._("Share of decided exit criteria that were proven."),
            ),
            "call_error": (
                self.env._("Forecast Error"),
                self.env._("How far calls were from what was won, in percent of it."),
            ),
            "call_bias": (
                self.env._("Forecast Bias"),
                self.env._("Above zero: more was called than won. Below: less."),
            ),
        }

    @api.model
    def _why_unknown(self, key, reading):
        """Why a figure is not known, in a few words."""
        if key == "coverage" and not reading.is_running(reading.last):
            return self.env._("Known only while the period goes on")
        few = {
            "win_rate": self.env._("Fewer than %s deals closed", MIN_CASES),
            "cycle_days": self.env._("Fewer than %s deals won", MIN_CASES),
            "overdue": self.env._("Fewer than %s open deals", MIN_CASES),
            "exits": self.env._("Fewer than %s exit criteria decided", MIN_CASES),
            "coverage": self.env._("No target, or nothing is missing"),
            "call_error": self.env._("No call that has come to its end"),
            "call_bias": self.env._("No call that has come to its end"),
        }
        return few.get(key) or self.env._("Before the first credit of the company")

    # === AMOUNTS === #

    @api.model
    def _say(self, unit, value, currency=None):
        """A value with its unit.

        :param currency: recordset; that of the company by default
        """
        if value is None:
            return self.env._("not known")
        if unit == "money":
            currency = currency or self.env.company.currency_id
            digits = 0 if float(value).is_integer() else currency.decimal_places
            text = formatLang(self.env, value, digits=digits)
            before = currency.position == "before"
            symbol = currency.symbol or currency.name
            return f"{symbol} {text}" if before else f"{text} {symbol}"
        # As the screen rounds, so that a figure is the same in table and words.
        text = formatLang(
            self.env, value, digits=_digits(value), rounding_method="HALF-UP"
        )
        if unit == "percent":
            return self.env._("%s %%", text)
        if unit == "days":
            return self.env._("%s days", text)
        if unit == "hours":
            return self.env._("%s hours", text)
        return self.env._("%s times", text) if unit == "times" else text

    # === STRENGTHS AND FOCUS === #

    @api.model
    def _praise(self, row):
        """Why something is a strength."""
        return self._beside(row, max(row["sides"], key=row["sides"].get))

    @api.model
    def _beside(self, row, side):
        """Where a figure stands beside the target or comparable people."""
        unit = row["unit"]
        if side == "target":
            if row["unit"] == "times":
                return self.env._(
                    "%(value)s, %(target)s needed",
                    value=self._say(unit, row["value"]),
                    target=self._say(unit, row["target"]),
                )
            value = self._say(unit, row["value"])
            pace = self._say("percent", row["pace"])
            if row["pace"] == row["attainment"]:  # all of it is expected
                return self.env._(
                    "%(value)s, %(pace)s of the target", value=value, pace=pace
                )
            return self.env._(
                "%(value)s, %(pace)s of what the target expects by now",
                value=value,
                pace=pace,
            )
        return self.env._(
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
        if best is None:
            text = (
                self.env._("Nothing falls clearly short. Keep it up.")
                if judged
                else self.env._(
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
        return {
            "win_rate": self.env._("Go through the last lost deals: what was missing?"),
            "cycle_days": self.env._("Find the stage where deals wait longest."),
            "qualified_deal": self.env._("Agree on hours and sources for new deals."),
            "coverage": self.env._("Agree on where new deals are to come from."),
            "overdue": self.env._("Give every deal a true closing date, or close it."),
            "exits": self.env._("Prove exits instead of asking for waivers."),
            "verified_evidence": self.env._("Hand in evidence when it arises."),
            "call_error": self.env._("Compare each call with the deals behind it."),
            "visit": self.env._("Plan the visits of next week together."),
            "activity": self.env._("Give every open deal a next to-do."),
            "collected": self.env._("Go through overdue invoices and who calls whom."),
            "margin": self.env._("Look at discounts, and what was got for them."),
        }.get(key) or self.env._("Look at the deals behind it together.")


def _digits(value):
    """One decimal where it says something."""
    return 1 if abs(value) < 100 and round(value * 10) % 10 else 0
