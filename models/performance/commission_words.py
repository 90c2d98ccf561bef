"""Amounts of a statement in words: rule, base, share, bracket, hold."""

from odoo import fields
from odoo.tools import format_date, formatLang


class Words:
    """Explains lines of statements in the language of whoever reads.

    :param dict plans: records that may be read, by their id
    """

    def __init__(self, env, plans):
        self.env = env
        self.plans = plans
        self.codes = env["sales.metric"]
        self.teams = {}

    def of(self, line):
        """What a line says.

        :param line: a record of ``sales.commission.statement.line``
        :return: text of some sentences
        """
        parts = [self._rule(line)]
        if line.is_correction:
            parts += self._correction(line)
        else:
            parts += getattr(self, f"_{line.kind}")(line, line.detail or {})
            parts += [self._hold(line)]
        words = " ".join(part for part in parts if part)
        return words.replace(" %", "\N{NO-BREAK SPACE}%")

    # === NUMBERS === #

    def _money(self, line, amount):
        return formatLang(
            self.env, float(amount or 0), currency_obj=line.currency_id or None
        )

    def _percent(self, number):
        text = f"{float(number or 0):.4f}".rstrip("0").rstrip(".")
        point = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        return text.replace(".", point.decimal_point or ".")

    # === SENTENCES === #

    def _rule(self, line):
        plan = self.plans[line.plan_id.id]
        detail = line.detail or {}
        if detail.get("plan_from"):
            first = fields.Date.to_date(detail["plan_from"])
            after = fields.Date.to_date(detail["plan_to"])
            period = self.env["sales.target.plan"]._period_label(first, after)
            return f"{plan.display_name}, {period}:"
        return f"{plan.display_name}:"

    def _base(self, line, detail):
        env = self.env
        if detail.get("why") == "no_credit":
            return [env._("nothing was credited in this period, so nothing is earned.")]
        if detail.get("why") == "no_target":
            return [
                env._(
                    "%(base)s count, but there is no target to compare them with, so "
                    "nothing can be earned. Ask for a target.",
                    base=self._money(line, line.base),
                )
            ]
        parts = [env._("%s count in this period.", self._money(line, line.base))]
        if detail.get("attainment") is not None and detail.get("target"):
            parts.append(
                env._(
                    "That is %(percent)s %% of the target of %(target)s.",
                    percent=self._percent(round(float(detail["attainment"]), 2)),
                    target=self._money(line, detail["target"]),
                )
            )
        parts.append(self._days(detail))
        return parts

    def _days(self, detail):
        days, whole = detail.get("days"), detail.get("period_days")
        if not days or not whole or days == whole:
            return ""
        return self.env._(
            "The plan holds for %(days)s of %(whole)s days.", days=days, whole=whole
        )

    def _bracket(self, line, detail):
        return [
            self._reckoning(line, detail),
            self._range(line, detail),
            self._factor(detail),
        ]

    def _override(self, line, detail):
        team = self._team(detail.get("team_id"))
        return [
            self.env._("from what %s sold:", team) if team else "",
            *self._bracket(line, detail),
        ]

    def _team(self, team_id):
        if not team_id:
            return ""
        if team_id not in self.teams:
            team = self.env["crm.team"].sudo().browse(team_id)  # the name only
            self.teams[team_id] = team.exists().display_name or ""
        return self.teams[team_id]

    def _reckoning(self, line, detail):
        env = self.env
        if detail.get("is_fixed"):
            return env._(
                "a fixed %(amount)s, for %(base)s were reached.",
                amount=self._money(line, line.amount),
                base=self._money(line, line.base),
            )
        if detail.get("why") == "no_target":
            return env._(
                "%s count, but without a target nothing can be earned.",
                self._money(line, line.base),
            )
        values = {
            "base": self._money(line, line.base),
            "rate": self._percent(line.rate),
            "share": self._percent(line.share),
            "amount": self._money(line, line.amount),
        }
        if line.share and line.share != 100:
            return env._(
                "%(base)s × %(rate)s %% × share of %(share)s %% = %(amount)s.", **values
            )
        return env._("%(base)s × %(rate)s %% = %(amount)s.", **values)

    def _range(self, line, detail):
        env = self.env
        if detail.get("lower_percent") is not None:
            low = self._percent(detail["lower_percent"])
            high = detail.get("upper_percent")
            if high is not None:
                return env._(
                    "Bracket from %(low)s %% to %(high)s %% of the target.",
                    low=low,
                    high=self._percent(high),
                )
            return env._("Bracket from %s %% of the target on.", low)
        if detail.get("lower") is None:
            return "" if line.rate else env._("That lies below the first bracket.")
        low = self._money(line, detail["lower"])
        if detail.get("upper") is not None:
            return env._(
                "Bracket from %(low)s to %(high)s of the period.",
                low=low,
                high=self._money(line, detail["upper"]),
            )
        return env._("Bracket from %s of the period on.", low)

    def _factor(self, detail):
        factor = detail.get("factor")
        if factor is None or float(factor) == 1:
            return ""
        return self.env._(
            "The product's category counts × %s.", self._percent(float(factor))
        )

    def _clawback(self, line, detail):
        why = self._clawback_why(detail)
        return [why, self._reckoning(line, detail), self._range(line, detail)]

    def _clawback_why(self, detail):
        env = self.env
        return {
            "refund": env._("taken back, for it was refunded:"),
            "cancelled": env._("taken back, for it was cancelled:"),
            "changed": env._("taken back, for it was changed:"),
            "overdue": env._(
                "taken back, for it is more than %s days overdue:",
                detail.get("days_overdue") or 0,
            ),
        }.get(detail.get("why"), env._("taken back:"))

    def _threshold(self, line, detail):
        if detail.get("threshold") is None:
            return [self._money(line, line.amount)]
        return [
            self.env._(
                "nothing is earned below %(threshold)s %% of the target, and "
                "%(reached)s %% were reached: %(amount)s.",
                threshold=self._percent(detail["threshold"]),
                reached=self._percent(round(float(detail.get("attainment") or 0), 2)),
                amount=self._money(line, line.amount),
            )
        ]

    def _bonus(self, line, detail):
        env = self.env
        bonus = env["sales.commission.bonus"].sudo()  # the name only
        name = bonus.browse(detail.get("bonus_id") or []).exists().name
        values = {
            "bonus": name or env._("Bonus"),
            "goal": self._number(detail.get("goal")),
            "reached": self._number(detail.get("reached")),
            "amount": self._money(line, line.amount),
        }
        if detail.get("goal") is None:
            return [env._("%(bonus)s: %(amount)s.", **values)]
        if detail.get("why") == "once":
            return [env._("%(bonus)s is given once, and was given before.", **values)]
        if detail.get("why") == "no_target":
            return [env._("%(bonus)s needs a target, and there is none.", **values)]
        if detail.get("why"):
            return [
                env._(
                    "%(bonus)s: %(reached)s of %(goal)s were reached, so nothing yet.",
                    **values,
                )
            ]
        return [
            env._(
                "%(bonus)s: %(amount)s, for %(reached)s of %(goal)s were reached.",
                **values,
            )
        ]

    def _number(self, number):
        return formatLang(self.env, float(number or 0))

    def _cap(self, line, detail):
        return [
            self.env._(
                "a period pays %(cap)s at most, so %(amount)s go.",
                cap=self._money(line, detail.get("cap")),
                amount=self._money(line, line.amount),
            )
        ]

    def _draw(self, line, detail):
        env = self.env
        values = {
            "draw": self._money(line, detail.get("draw")),
            "amount": self._money(line, line.amount),
        }
        compare = line.currency_id.compare_amounts(line.amount, 0.0)
        if compare > 0:
            parts = [
                env._("advanced up to the draw of %(draw)s: %(amount)s.", **values)
            ]
        elif compare < 0:
            parts = [env._("recovered of earlier advances: %(amount)s.", **values)]
        else:
            parts = [env._("the draw of %(draw)s is reached without help.", **values)]
        balance = detail.get("balance_amount")
        if balance and float(balance):
            left = self._money(line, balance)
            parts.append(env._("Still to be recovered: %s.", left))
        return parts

    def _hold(self, line):
        env = self.env
        currency = line.currency_id
        held = line.amount - line.payable_amount
        if currency.is_zero(held):
            return ""
        if not line.source_model and not (line.detail or {}).get("is_fixed"):
            payable = self._money(line, line.payable_amount)
            return env._("Of this, %s concern what is payable now.", payable)
        values = {
            "held": self._money(line, held),
            "share": self._percent(
                round(100 * float((line.detail or {}).get("collected") or 0), 2)
            ),
        }
        if line.hold_reason == "overdue":
            return env._("%(held)s are held, for the customer is overdue.", **values)
        return env._(
            "The customer has paid %(share)s %%, so %(held)s are held until the rest "
            "is paid.",
            **values,
        )

    # === CORRECTIONS === #

    def _correction(self, line):
        detail = line.detail or {}
        before, now = detail.get("before") or {}, detail.get("now") or {}
        values = {
            "base_before": self._money(line, before.get("base")),
            "base": self._money(line, now.get("base")),
            "earned_before": self._money(line, before.get("earned")),
            "earned": self._money(line, now.get("earned")),
            "payable_before": self._money(line, before.get("payable")),
            "payable": self._money(line, now.get("payable")),
        }
        why = line.why or "rule"
        if why in ("collected", "uncollected") or why == "rule" and not line.amount:
            reason = self._payable_reason(why, values)
        else:
            reason = self._earned_reason(why, values)
        is_back = line.kind == "clawback" and why == "new"
        return [
            self._corrected(line, detail),
            self._clawback_why(detail) if is_back else "",
            reason,
        ]

    def _corrected(self, line, detail):
        """Which statement is corrected."""
        label = self.env["sales.target.plan"]._period_label
        period = label(line.period_from, line.period_to)
        day = fields.Date.to_date(detail.get("stated_on") or False)
        if not day:
            return self.env._("corrects the statement of %s:", period)
        return self.env._(
            "corrects the statement of %(period)s, made on %(day)s:",
            period=period,
            day=format_date(self.env, day),
        )

    def _payable_reason(self, why, values):
        env = self.env
        if why == "collected":
            return env._(
                "the customer has paid: %(payable)s are payable instead of "
                "%(payable_before)s.",
                **values,
            )
        if why == "uncollected":
            return env._(
                "the customer's payment was taken back: %(payable)s are payable "
                "instead of %(payable_before)s.",
                **values,
            )
        return env._(
            "%(payable)s of it are payable instead of %(payable_before)s.", **values
        )

    def _earned_reason(self, why, values):
        env = self.env
        if why == "new":
            return env._("was not in it yet: %(earned)s earned.", **values)
        if why == "gone":
            return env._(
                "earns nothing any more; %(earned_before)s were stated.", **values
            )
        if why == "base":
            return env._(
                "%(base)s count, no longer %(base_before)s: %(earned)s earned instead "
                "of %(earned_before)s.",
                **values,
            )
        if why == "rate":
            return env._(
                "the same amount earns %(earned)s instead of %(earned_before)s, for "
                "the rate of the whole period changed.",
                **values,
            )
        return env._("comes to %(earned)s instead of %(earned_before)s.", **values)
