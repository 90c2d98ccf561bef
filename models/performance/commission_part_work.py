"""From credit to lines: the commission of one part of a result."""

from decimal import Decimal

from ...engine import commission
from ...engine.commission import HUNDRED, ONE, ZERO, Credit
from ...engine.plan_allocation import to_unit
from .commission_result import CommissionLine

KINDS = {"own": "bracket", "override": "override"}


class PartWork:
    """One part of a result on its way to lines."""

    def __init__(self, work, job, part):
        self.work, self.job, self.part = work, job, part
        self.rules = job.rules
        days = sum(window.days for window in part.windows)
        shared = sum((window.days * window.share for window in part.windows), ZERO)
        self.days = days
        self.fraction = Decimal(days) / job.days
        self.weight = shared / HUNDRED / job.days
        self.credits = [self._credit(row) for row in part.rows]
        self.base = sum((credit.base for credit in self.credits), ZERO)
        self.position = sum((c.base for c in self.credits if c.is_counted), ZERO)
        self.attainment = None
        if part.target:
            self.attainment = HUNDRED * self.position / part.target
        self.brackets = self._brackets()

    def _credit(self, row):
        _window, _model, _id, _day, category, product, amount = row
        found = self.rules.rates.of(category, product) if self.rules.rates else None
        if not found:
            return Credit((row, None), amount)
        own = found["rate"] if found["kind"] == "rate" else None
        return Credit(
            (row, found["id"]), amount, found["factor"], own, found["is_counted"]
        )

    def _brackets(self):
        by_target = self.rules.basis == "attainment"
        if by_target and not self.part.target:
            return []
        return commission.in_money(
            self.rules.brackets,
            self.part.target if by_target else None,
            self.fraction,
            self.weight,
        )

    # === LINES === #

    def lines(self):
        """The base line, those of documents, fixed amounts and the threshold."""
        lines = [line for _exact, _share, line in self._document_lines()]
        base = self._base_line()
        below = self._threshold_line(lines)
        return [base, *lines, *([below] if below else [])]

    def _facts(self, **more):
        return {
            "role": self.part.role,
            "team_id": self.part.team,
            "metric": self.rules.metric,
            "mode": self.rules.mode,
            "basis": self.rules.basis,
            **more,
        }

    def _base_line(self):
        why = None
        if self.rules.basis == "attainment" and not self.part.target:
            why = "no_target"
        elif not self.credits:
            why = "no_credit"
        return CommissionLine(
            "base",
            base=self.base,
            share=HUNDRED * self.weight / self.fraction,
            detail=self._facts(
                why=why,
                base=self.base,
                target=self.part.target,
                attainment=self.attainment,
                days=self.days,
                period_days=self.job.days,
            ),
        )

    def _document_lines(self):
        """``(exact amount, share that is payable, line)``, the amounts rounded so that
        they add up."""
        found = []
        for piece in commission.earn(self.credits, self.brackets, self.rules.mode):
            found += self._piece_lines(piece)
        found += self._fixed_lines(found)
        amounts = commission.rounded(
            [exact for exact, _s, _l in found], self.rules.unit
        )
        for (_exact, share, line), amount in zip(found, amounts, strict=True):
            line.amount = amount
            line.payable_amount = to_unit(amount * share, self.rules.unit)
        return found

    def _piece_lines(self, piece):
        """What a document earns in a bracket, and what of it is overdue."""
        row, rate_id = piece.key
        window, model, id_, day, category, _product, _amount = row
        source = model, id_
        collected, late = self.work.collection.get(source, (ONE, {}))
        overdue = late.get(self.rules.clawback_days, ZERO)
        detail = self._facts(
            position_from=piece.low, position_to=piece.high, collected=collected
        )
        detail |= self._bounds(piece.bracket)
        if rate_id:
            detail |= {"rate_id": rate_id, "product_category_id": category}
        kind = KINDS[self.part.role]
        if piece.base < 0:
            kind = "clawback"
            detail["why"] = self.work.reasons.get(source, "changed")
        if self.rules.basis == "attainment" and not self.part.target:
            detail["why"] = "no_target"
        line = CommissionLine(
            kind, model, id_, day, piece.base, window.share, piece.rate, detail=detail
        )
        exact = piece.amount * window.share / HUNDRED
        share = ONE
        if self.rules.payable == "collected":
            share = collected
            if share < ONE:
                line.hold_reason = "overdue" if overdue else "uncollected"
        lines = [(exact, share, line)]
        if overdue and exact > 0:
            lines.append(self._overdue_line(line, exact, overdue))
        return lines

    def _overdue_line(self, line, exact, overdue):
        back = CommissionLine(
            "clawback",
            line.source_model,
            line.source_id,
            line.credit_date,
            -to_unit(line.base * overdue, self.rules.unit),
            line.share,
            line.rate,
            hold_reason="overdue",
            detail={
                **line.detail,
                "why": "overdue",
                "overdue": overdue,
                "days_overdue": self.rules.clawback_days,
            },
        )
        # What was held anyway is not taken out of what is payable.
        share = ZERO if self.rules.payable == "collected" else ONE
        return -exact * overdue, share, back

    def _bounds(self, number):
        if number is None:
            return {}
        bracket = self.brackets[number]
        above = self.brackets[number + 1] if number + 1 < len(self.brackets) else None
        bounds = {
            "bracket_id": bracket.key,
            "lower": bracket.lower,
            "upper": above.lower if above else None,
        }
        if self.rules.basis == "attainment":
            scale = HUNDRED / self.part.target
            bounds["lower_percent"] = bracket.lower * scale
            bounds["upper_percent"] = above.lower * scale if above else None
        return bounds

    def _fixed_lines(self, found):
        """Fixed amounts, payable as far as what reached the brackets is."""
        share = ONE
        if self.rules.payable == "collected":
            base = sum((line.base for _e, _s, line in found if line.base > 0), ZERO)
            paid = sum((line.base * s for _e, s, line in found if line.base > 0), ZERO)
            share = paid / base if base else ONE
        return [
            (
                amount,
                share,
                CommissionLine(
                    KINDS[self.part.role],
                    base=self.position,
                    share=HUNDRED * self.weight / self.fraction,
                    hold_reason="uncollected" if share < ONE else None,
                    detail=self._facts(
                        is_fixed=True, collected=share, **self._bounds(number)
                    ),
                ),
            )
            for number, amount in commission.fixed(
                self.position, self.brackets, self.rules.mode
            )
        ]

    def _threshold_line(self, lines):
        """What is not earned while too little of the target is reached."""
        threshold = self.rules.threshold
        if not threshold:
            return None
        if self.attainment is not None and self.attainment >= threshold:
            return None
        earned = sum((line.amount for line in lines), ZERO)
        payable = sum((line.payable_amount for line in lines), ZERO)
        return CommissionLine(
            "threshold",
            amount=min(ZERO, -earned),
            payable_amount=min(ZERO, -payable),
            detail=self._facts(
                threshold=threshold,
                attainment=self.attainment,
                target=self.part.target,
                why=None if self.part.target else "no_target",
            ),
        )
