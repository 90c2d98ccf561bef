from decimal import Decimal

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_amount
from odoo.tools.misc import formatLang

from ...engine import commission
from ...engine.commission import HUNDRED, ZERO, Credit
from ...engine.plan_allocation import to_unit
from .commission_facts import as_decimal

# What a preview without a target is about.
EXAMPLE = 100000
SHAPE = (
    "basis",
    "mode",
    "cap_amount",
    "threshold",
    "example_target",
    "currency_id",
    "bracket_ids.lower",
    "bracket_ids.rate",
    "bracket_ids.amount",
    # Said in words
    "metric_id",
    "period_type",
    "payable",
    "clawback_days",
    "draw_amount",
    "draw_recoverable",
)


class SalesCommissionPlan(models.Model):
    """The plan explains itself while it is written: a table, and an example."""

    _inherit = "sales.commission.plan"

    example_target = fields.Monetary(
        string="Example: a Target of",
        default=EXAMPLE,
        help="What the table below is worked out with; nobody's target.",
    )
    preview = fields.Html(
        string="What It Pays", compute="_compute_preview", sanitize=False
    )
    example = fields.Text(string="In Words", compute="_compute_preview")

    # === TABLE === #

    @api.depends(*SHAPE)
    def _compute_preview(self):
        for plan in self:
            rows = plan._preview_rows() if plan.currency_id else []
            plan.preview = plan._preview_table(rows)
            plan.example = plan._example_words() if rows else False

    def _preview_brackets(self):
        """The brackets of a whole period with the target of the example, in money."""
        by_target = self.basis == "attainment"
        target = as_decimal(self.example_target) if by_target else None
        unique = {bracket.lower: bracket for bracket in self._engine_brackets()}
        return commission.in_money(unique.values(), target)

    def _engine_brackets(self):
        return [row._as_bracket() for row in self.bracket_ids]

    def _preview_rows(self):
        """Amounts and what they pay, without what depends on people or products.

        :return: list of dicts with ``amount``, ``percent`` (of the target of the
            example, None without), ``rate`` (percent, reached), ``commission``,
            ``effective`` (percent) and ``note`` (``threshold``, ``cap`` or None)
        """
        self.ensure_one()
        brackets = self._preview_brackets()
        if not brackets or (self.basis == "attainment" and not self.example_target):
            return []
        return [
            self._preview_row(amount, brackets)
            for amount in self._preview_amounts(brackets)
        ]

    def _preview_amounts(self, brackets):
        """Where brackets begin, the middle of each, and some way above the highest."""
        unit = as_decimal(self.currency_id.rounding)
        bounds = [bracket.lower for bracket in brackets if bracket.lower]
        target = as_decimal(self.example_target)
        last = bounds[-1] * 3 / 2 if bounds else target
        ends = [ZERO, *bounds, last]
        middles = [(low + high) / 2 for low, high in zip(ends, ends[1:], strict=False)]
        amounts = {*bounds, *middles, last}
        if self.mode == "retroactive":
            amounts |= {bound - unit for bound in bounds}
        if self.threshold and self._with_target():
            amounts.add(target * as_decimal(self.threshold) / HUNDRED)
        return sorted({to_unit(amount, unit) for amount in amounts if amount > 0})

    def _with_target(self):
        return self.basis == "attainment" or bool(self.threshold)

    def _preview_row(self, amount, brackets):
        unit = as_decimal(self.currency_id.rounding)
        percent = None
        if self._with_target() and self.example_target:
            percent = HUNDRED * amount / as_decimal(self.example_target)
        pays, note = commission.total(amount, brackets, self.mode), None
        if self.threshold and percent is not None and percent < self.threshold:
            pays, note = ZERO, "threshold"
        elif self.cap_amount and pays > as_decimal(self.cap_amount):
            pays, note = as_decimal(self.cap_amount), "cap"
        pays = to_unit(pays, unit)
        return {
            "amount": amount,
            "percent": percent,
            "rate": commission.rate_at(amount, brackets)[1],
            "commission": pays,
            "effective": HUNDRED * pays / amount,
            "note": note,
        }

    def _preview_table(self, rows):
        if not rows:
            return False
        env = self.env
        with_target = rows[0]["percent"] is not None
        notes = {"threshold": env._("below the threshold"), "cap": env._("capped")}
        heads = [
            self.metric_id.name or "",
            *([env._("Of Target")] if with_target else []),
            env._("Rate"),
            env._("Commission"),
            env._("All in All"),
        ]
        body = [
            [
                self._money(row["amount"]),
                *([self._percent(row["percent"], 2)] if with_target else []),
                self._percent(row["rate"]),
                " · ".join(
                    filter(
                        None, (self._money(row["commission"]), notes.get(row["note"]))
                    )
                ),
                self._percent(row["effective"], 2),
            ]
            for row in rows
        ]
        return _table(heads, body)

    def _money(self, amount):
        return format_amount(self.env, float(amount), self.currency_id)

    def _percent(self, number, digits=4):
        """A percentage without zeros at its end."""
        number = round(Decimal(number), digits).normalize()
        places = max(0, -number.as_tuple().exponent)
        return (
            f"{formatLang(self.env, float(number), digits=places)}\N{NO-BREAK SPACE}%"
        )

    # === WORDS === #

    def _example_words(self):
        """How the commission of one amount comes about, in a sentence for each step."""
        brackets = self._preview_brackets()
        bounds = [bracket.lower for bracket in brackets if bracket.lower]
        amount = to_unit(
            bounds[-1] * 5 / 4 if bounds else as_decimal(self.example_target),
            as_decimal(self.currency_id.rounding),
        )
        env, row = self.env, self._preview_row(amount, brackets)
        kinds = dict(self._fields["period_type"]._description_selection(env))
        period = kinds[self.period_type].lower()
        parts = [
            self._piece_words(piece)
            for piece in commission.earn([Credit(None, amount)], brackets, self.mode)
        ]
        parts += [
            env._(
                "%(amount)s for reaching %(bound)s",
                amount=self._money(pays),
                bound=self._money(brackets[index].lower),
            )
            for index, pays in commission.fixed(amount, brackets, self.mode)
        ]
        words = env._(
            "A %(period)s with %(amount)s pays %(commission)s: %(parts)s.",
            period=period,
            amount=self._money(amount),
            commission=self._money(row["commission"]),
            parts=" + ".join(parts),
        )
        return "\n".join([words, *self._note_words(row), *self._terms_words()])

    def _piece_words(self, piece):
        return self.env._(
            "%(rate)s of %(base)s are %(amount)s",
            rate=self._percent(piece.rate),
            base=self._money(piece.base),
            amount=self._money(piece.amount),
        )

    def _note_words(self, row):
        if row["note"] == "cap":
            yield self.env._(
                "No period pays more than %s.", self._money(self.cap_amount)
            )
        if row["note"] == "threshold":
            yield self.env._(
                "Below %s of the target nothing is earned.",
                self._percent(self.threshold),
            )

    def _terms_words(self):
        """When it is paid, and what is paid back."""
        env = self.env
        if self.payable == "collected":
            yield env._(
                "It is paid as the customer pays: where half of an invoice is "
                "collected, half of its commission is payable."
            )
        if self.clawback_days:
            yield env._(
                "What is unpaid %s days after it was due earns nothing until it is "
                "paid.",
                self.clawback_days,
            )
        if self.draw_amount and self.draw_recoverable:
            yield env._(
                "A period pays at least %s in advance; what that adds is taken back "
                "from what later periods bring above it.",
                self._money(self.draw_amount),
            )
        elif self.draw_amount:
            yield env._("A period pays at least %s.", self._money(self.draw_amount))

    def _jumps(self, brackets):
        """Where a retroactive plan jumps: ``(bound, before, after)``, in money."""
        unit = as_decimal(self.currency_id.rounding)
        for bracket in brackets:
            if bracket.lower > 0:
                before, after = (
                    commission.total(amount, brackets, self.mode)
                    for amount in (bracket.lower - unit, bracket.lower)
                )
                yield bracket.lower, to_unit(before, unit), to_unit(after, unit)


def _table(heads, body):
    """A table of numbers, the first column included."""
    cell = Markup('<td class="text-end">{}</td>').format
    head = Markup('<th class="text-end">{}</th>').format
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(map(cell, row))) for row in body
    )
    return Markup(
        '<div class="table-responsive"><table class="table table-sm mb-0">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(Markup("").join(map(head, heads)), rows)
