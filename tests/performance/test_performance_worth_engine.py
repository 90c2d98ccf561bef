from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...engine.commission import Bracket
from ...engine.commission_worth import ahead, over_time
from ...models.performance.commission_facts import Job, Part, Rates, Rules, Window
from ...models.performance.commission_offer import Line, Offer
from ...models.performance.commission_work import Work
from ...models.performance.commission_worth import Marginal
from ..properties import properties
from .test_performance_commission_engine import MODES, plans

D = Decimal
FIRST, DAY, AFTER = date(2024, 1, 1), date(2024, 1, 9), date(2024, 2, 1)
prices = st.lists(st.integers(1, 90000).map(lambda n: D(n) / 100), max_size=6)


def job_of(brackets, mode, cap=0, threshold=0, target=None, rates=()):
    """A month of one person without any credit."""
    rules = Rules(
        1, "booked", "amount", mode, "earned", brackets, Rates(list(rates), {}), [],
        D(threshold), D(cap), D(0), False, 0, D("0.01"),
    )  # fmt: skip
    part = Part("own", None, [Window(FIRST, AFTER, D(100))], target=target)
    return Job(rules, ("user", 7), FIRST, AFTER, [part])


def offer_of(price, product=None):
    line = Line(None, product, price, price, price, None)
    return Offer(1, None, DAY, 7, None, [line], {7: D(100)})


@tagged("post_install", "-at_install")
class TestWorthEngine(BaseCase):
    """What several deals are worth, one after the other, is what all of them pay."""

    @properties(80)
    @given(
        plans(), MODES, prices, st.integers(0, 90), st.integers(0, 90), st.booleans()
    )
    def test_adds_up(self, brackets, mode, amounts, cap, threshold, with_rate):
        rate = {
            "id": 3,
            "category": None,
            "product": 5,
            "kind": "rate",
            "factor": D(1),
            "rate": D(7),
            "is_counted": False,
        }
        work = Work({}, {})
        marginal = Marginal(work, None)
        job = job_of(brackets, mode, cap, threshold, D(500), [rate] * with_rate)
        total = work.result(job).earned
        for number, price in enumerate(amounts):
            offer = offer_of(price, 5 if number % 2 else None)
            worth = marginal.worth(job, offer)
            total += worth.earned
            job = marginal._with(job, offer)
            self.assertEqual(
                worth.ahead.is_reached,
                bool(
                    worth.ahead.lower is not None
                    and job.parts[0].rows
                    and worth.ahead.gap_after <= 0
                ),
            )
        self.assertEqual(total, work.result(job).earned)

    @properties(80)
    @given(plans(), st.integers(0, 500000), st.integers(0, 500000))
    def test_ahead(self, brackets, position, extra):
        found = ahead(D(position), D(extra), brackets)
        if found.lower is None:
            self.assertTrue(all(b.lower <= position for b in brackets))
        else:
            self.assertGreater(found.gap, 0)
            self.assertEqual(found.is_reached, position + extra >= found.lower)

    def test_over_time(self):
        days = [(date(2024, 2, 1), D(1)), (date(2024, 1, 9), D(2))]
        self.assertEqual(
            over_time(D(10), days, D("0.01")),
            [(date(2024, 1, 1), D("6.67")), (date(2024, 2, 1), D("3.33"))],
        )
        self.assertEqual(over_time(D(10), [], D("0.01")), [])

    def test_by_hand(self):
        job = job_of([Bracket(D(0), D(5)), Bracket(D(1000), D(8))], "marginal")
        worth = Marginal(Work({}, {}), None).worth(job, offer_of(D(1500)))
        self.assertEqual((worth.earned, worth.ahead.gap), (D(90), D(1000)))
