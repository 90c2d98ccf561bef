from decimal import Decimal
from fractions import Fraction
from random import Random

from odoo.tests import BaseCase, tagged

from ...engine.plan_split import PlanError, adjusted, instalments, largest_remainder

CENT = Decimal("0.01")
# Rounding of a currency: cents, Swiss five-centime steps, yen, Kuwaiti fils.
UNITS = (CENT, Decimal("0.05"), Decimal("1"), Decimal("0.001"))


def money(*texts):
    return [Decimal(text) for text in texts]


@tagged("post_install", "-at_install")
class TestContractPlanEngine(BaseCase):
    """Instalments add up to the cent, and nobody loses a whole one."""

    # === FIGURES BY HAND === #

    def test_three_times_three_hundred(self):
        self.assertEqual(
            largest_remainder(Decimal("900.00"), [1, 1, 1], CENT),
            money("300", "300", "300"),
        )

    def test_the_cents_left_go_to_those_who_lost_most(self):
        """1000.00 by 1:2:4 = 142.857, 285.714, 571.428: one cent left, for .857."""
        self.assertEqual(
            largest_remainder(Decimal("1000.00"), [1, 2, 4], CENT),
            money("142.86", "285.71", "571.43"),
        )

    def test_yen_have_no_cents(self):
        self.assertEqual(
            largest_remainder(Decimal("1000"), [1, 1, 1], Decimal("1.0")),
            money("334", "333", "333"),
        )

    def test_negative_total(self):
        """A refund of 100.00 in three is the plan of 100.00, turned round."""
        self.assertEqual(
            largest_remainder(Decimal("-100.00"), [1, 1, 1], CENT),
            money("-33.34", "-33.33", "-33.33"),
        )

    def test_nothing_to_divide_by(self):
        for weights in ([0, 0], [], [1, -1], [2, -1]):
            with self.subTest(weights), self.assertRaises(ValueError):
                largest_remainder(Decimal("1"), weights, CENT)

    def test_percentages_that_are_meant_to_be_thirds(self):
        """33.33 % three times is 99.99 %: 0.001 of 10.00, but 0.10 of 1000.00."""
        thirds = [("percent", 33.33)] * 3
        self.assertEqual(
            instalments(Decimal("10.00"), thirds, CENT), money("3.34", "3.33", "3.33")
        )
        with self.assertRaises(PlanError) as caught:
            instalments(Decimal("1000.00"), thirds, CENT)
        self.assertEqual(caught.exception.reason, "short")
        self.assertEqual(caught.exception.amount, Decimal("0.10"))

    def test_amount_percent_and_what_is_left(self):
        """Of 2000.01: 500 fixed, 30 % = 600.003, what is left = 900.007."""
        lines = [("amount", 500), ("percent", 30), ("balance", 0)]
        self.assertEqual(
            instalments(Decimal("2000.01"), lines, CENT),
            money("500", "600.00", "900.01"),
        )

    def test_lines_that_are_no_plan(self):
        for lines, reason, amount in (
            ([], "empty", None),
            ([("percent", -1), ("balance", 0)], "negative", None),
            ([("balance", 0), ("balance", 0)], "balance", None),
            ([("percent", 60), ("percent", 50)], "over", Decimal("10")),
            ([("amount", 101), ("balance", 0)], "over", Decimal("1")),
            ([("amount", 99)], "short", Decimal("1")),
        ):
            with self.subTest(lines), self.assertRaises(PlanError) as caught:
                instalments(Decimal("100.00"), lines, CENT)
            self.assertEqual(caught.exception.reason, reason)
            self.assertEqual(caught.exception.amount, amount)

    def test_adjusting_keeps_what_was_invoiced(self):
        """1000 as 300/400/300, 300 invoiced, now 1200: 900 by 4:3 = 514.29, 385.71."""
        self.assertEqual(
            adjusted(Decimal("1200"), [300, 400, 300], [True, False, False], CENT),
            money("300", "514.29", "385.71"),
        )

    def test_adjusting_from_and_to_nothing(self):
        self.assertEqual(
            adjusted(Decimal("10"), [0, 0, 0], [False] * 3, CENT),
            money("3.34", "3.33", "3.33"),
        )
        self.assertEqual(
            adjusted(Decimal("0"), [30, 70], [False] * 2, CENT), money("0", "0")
        )

    def test_adjusting_without_a_way(self):
        for total, fixed, reason, amount in (
            (200, [True, False, False], "fixed", 100),
            (1100, [True] * 3, "full", 100),
        ):
            with self.subTest(total), self.assertRaises(PlanError) as caught:
                adjusted(Decimal(total), [300, 400, 300], fixed, CENT)
            self.assertEqual(caught.exception.reason, reason)
            self.assertEqual(caught.exception.amount, amount)
        self.assertEqual(
            adjusted(Decimal(1000), [300, 400, 300], [True] * 3, CENT),
            money("300", "400", "300"),
        )

    # === WHATEVER THE FIGURES === #

    def _cases(self, count=400):
        """Random totals, weights and units; the same in every run."""
        random = Random(20)
        for _case in range(count):
            unit = random.choice(UNITS)
            total = unit * random.randint(-(10**7), 10**7)
            size = random.randint(1, 14)
            weights = [
                random.choice([0, random.randint(1, 100), random.random()])
                for _line in range(size)
            ]
            yield total, weights if any(weights) else [1] * size, unit, random

    def assertParts(self, parts, shares, total, unit):
        """Whole units, exactly the total, none a unit away from its share."""
        self.assertEqual(sum(parts), total)
        for part, share in zip(parts, shares, strict=True):
            self.assertEqual(part % unit, 0)
            self.assertLess(abs(Fraction(part) - share), Fraction(unit))

    def test_any_division_is_exact_and_fair(self):
        for total, weights, unit, _random in self._cases():
            exact = [Fraction(Decimal(str(weight))) for weight in weights]
            shares = [Fraction(total) * weight / sum(exact) for weight in exact]
            parts = largest_remainder(total, weights, unit)
            self.assertParts(parts, shares, total, unit)

    def test_any_division_is_stable(self):
        """Again, upside down, or by its own outcome: the same parts."""
        for total, weights, unit, _random in self._cases():
            parts = largest_remainder(total, weights, unit)
            self.assertEqual(parts, largest_remainder(total, weights, unit))
            self.assertEqual(
                [-part for part in parts], largest_remainder(-total, weights, unit)
            )
            if total:
                again = largest_remainder(total, [abs(part) for part in parts], unit)
                self.assertEqual(parts, again)

    def test_equals_differ_by_a_unit_at_most_the_first_get_it(self):
        for total, weights, unit, _random in self._cases(100):
            parts = largest_remainder(abs(total), [1] * len(weights), unit)
            self.assertEqual(parts, sorted(parts, reverse=True))
            self.assertLessEqual(parts[0] - parts[-1], unit)

    def test_any_plan_is_exact_and_fair(self):
        """Percentages, amounts and a balance, which together fit the total."""
        for total, weights, unit, random in self._cases():
            total = abs(total)
            percents = [random.randint(0, 10**4 // len(weights)) for _w in weights]
            lines = [("percent", Decimal(percent) / 100) for percent in percents]
            rest = total - sum(total * value / 100 for _kind, value in lines)
            amount = random.randint(0, int(rest / unit)) * unit
            lines += [("amount", amount), ("balance", 0)]
            random.shuffle(lines)
            shares = [
                Fraction(total) * Fraction(value) / 100
                if kind == "percent"
                # What is left over is the only thing nobody asked for exactly.
                else Fraction(amount if kind == "amount" else rest - amount)
                for kind, value in lines
            ]
            parts = instalments(total, lines, unit)
            self.assertParts(parts, shares, total, unit)
            self.assertEqual(parts[lines.index(("amount", amount))], amount)

    def test_any_adjustment_is_exact_and_keeps_what_is_fixed(self):
        for total, weights, unit, random in self._cases():
            total = abs(total)
            amounts = largest_remainder(total, weights, unit)
            fixed = [random.random() < 0.3 for _amount in amounts]
            stays = sum(a for a, stay in zip(amounts, fixed, strict=True) if stay)
            if all(fixed):
                continue
            new_total = stays + random.randint(0, 10**6) * unit
            parts = adjusted(new_total, amounts, fixed, unit)
            self.assertEqual(sum(parts), new_total)
            for part, amount, stay in zip(parts, amounts, fixed, strict=True):
                self.assertGreaterEqual(part, 0)
                if stay:
                    self.assertEqual(part, amount)
