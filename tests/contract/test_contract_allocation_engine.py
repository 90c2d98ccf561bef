import random
from datetime import date, timedelta
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ...engine.plan_allocation import Document, Instalment, allocate, divide

DAY = date(2024, 3, 1)


def amounts(*values):
    return [Decimal(value) for value in values]


@tagged("post_install", "-at_install")
class TestContractAllocationEngine(BaseCase):
    """Documents are placed on instalments; worked out by hand."""

    def _plan(self, *values):
        return [
            Instalment(number, Decimal(value)) for number, value in enumerate(values)
        ]

    def _document(self, number, total, cash=0, still_open=None, **values):
        still_open = total - cash if still_open is None else still_open
        return Document(
            number,
            Decimal(total),
            cash=Decimal(cash),
            open=Decimal(still_open),
            date=values.pop("date", DAY + timedelta(days=number)),
            **values,
        )

    def assertAllocated(self, plan, documents, invoiced, collected, due, **more):
        figures = allocate(plan, documents, more.pop("prepaid_in", Decimal(0))).values()
        found = {
            name: [getattr(one, name) for one in figures]
            for name in ("invoiced", "collected", "due", *more)
        }
        expected = {"invoiced": invoiced, "collected": collected, "due": due, **more}
        self.assertEqual(found, expected)

    def test_no_plan(self):
        self.assertEqual(allocate([], [self._document(1, 100)]), {})

    def test_no_documents(self):
        self.assertAllocated(
            self._plan(30, 70), [], [0, 0], [0, 0], [0, 0], rest=[30, 70]
        )

    def test_pinned_counts_where_it_is_pinned_even_beyond_the_amount(self):
        made = [self._document(1, 50, 20, pinned=0), self._document(2, 10, pinned=1)]
        self.assertAllocated(
            self._plan(30, 70), made, [50, 10], [20, 0], [30, 10], rest=[0, 40]
        )

    def test_rest_fills_in_sequence_around_what_is_pinned(self):
        made = [self._document(1, 60, 35), self._document(2, 30, pinned=1)]
        self.assertAllocated(
            self._plan(40, 50, 10), made, [40, 50, 0], [35, 0, 0], [5, 50, 0]
        )

    def test_excess_is_on_the_last(self):
        made = [self._document(1, 130, 115)]
        self.assertAllocated(
            self._plan(40, 60), made, [40, 90], [40, 75], [0, 15], rest=[0, 0]
        )

    def test_zero_instalments_take_nothing(self):
        made = [self._document(1, 50)]
        self.assertAllocated(
            self._plan(0, 30, 0, 70), made, [0, 30, 0, 20], [0] * 4, [0, 30, 0, 20]
        )
        self.assertAllocated(self._plan(0, 0), made, [0, 50], [0, 0], [0, 50])

    def test_credit_note_follows_its_pinned_invoice(self):
        made = [
            self._document(1, 40, pinned=0, still_open=10),
            self._document(2, -30, still_open=0, origin=1),
            self._document(3, 60, pinned=1),
        ]
        self.assertAllocated(self._plan(40, 60), made, [10, 60], [0, 0], [10, 60])

    def test_credit_note_follows_its_placed_invoice(self):
        """The second invoice lies on both; its credit note leaves the first alone."""
        made = [
            self._document(1, 20),
            self._document(2, 50, still_open=0),
            self._document(3, 30),
            self._document(4, -50, still_open=0, origin=2),
        ]
        self.assertAllocated(self._plan(40, 60), made, [20, 30], [0, 0], [20, 30])

    def test_two_credit_notes_of_one_invoice(self):
        made = [
            self._document(1, 20),
            self._document(2, 50),
            self._document(3, 30),
            self._document(4, -40, origin=2),
            self._document(5, -10, origin=2),
        ]
        self.assertAllocated(self._plan(40, 60), made, [20, 30], [0, 0], [20, 30])

    def test_credit_note_for_nothing_takes_from_the_last(self):
        made = [self._document(1, 70), self._document(2, -20)]
        self.assertAllocated(self._plan(40, 60), made, [40, 10], [0, 0], [40, 10])
        made = [self._document(1, 70), self._document(2, -50)]
        self.assertAllocated(self._plan(40, 60), made, [20, 0], [0, 0], [20, 0])

    def test_credit_notes_larger_than_invoices(self):
        made = [self._document(1, 70), self._document(2, -100)]
        self.assertAllocated(self._plan(40, 60), made, [0, -30], [0, 0], [0, -30])

    def test_credit_note_before_its_invoice(self):
        made = [
            self._document(1, 70, date=DAY + timedelta(days=9)),
            self._document(2, -10),
        ]
        self.assertAllocated(self._plan(40, 60), made, [40, 20], [0, 0], [40, 20])

    def test_reinvoiced_after_a_credit_note(self):
        made = [
            self._document(1, 40, still_open=0),
            self._document(2, -40, still_open=0, origin=1),
            self._document(3, 40, 15),
        ]
        self.assertAllocated(
            self._plan(40, 60),
            made,
            [40, 0],
            [15, 0],
            [25, 0],
            date_invoiced=[DAY + timedelta(days=3), None],
        )

    def test_paid_back(self):
        made = [
            self._document(1, 40, 40, pinned=0),
            self._document(2, -40, -40, pinned=0),
        ]
        self.assertAllocated(
            self._plan(40, 60), made, [0, 0], [0, 0], [0, 0], date_invoiced=[None, None]
        )

    def test_settled_without_cash_lies_between_cash_and_open(self):
        """100: 30 in cash, 40 by a credit note, 30 open."""
        made = [self._document(1, 100, 30, still_open=30)]
        self.assertAllocated(
            self._plan(20, 30, 50), made, [20, 30, 50], [20, 10, 0], [0, 0, 30]
        )

    def test_drafts_reserve_and_count_for_nothing_else(self):
        made = [
            self._document(1, 30, draft=True, pinned=1, still_open=30),
            self._document(2, 50),
            self._document(3, 25, draft=True, still_open=25),
            self._document(4, -25, draft=True, still_open=-25, pinned=0),
        ]
        self.assertAllocated(
            self._plan(40, 60, 20),
            made,
            [40, 10, 0],
            [0, 0, 0],
            [40, 10, 0],
            drafted=[0, 50, 5],
            rest=[0, 0, 15],
        )

    def test_prepaid_waits_for_what_is_not_invoiced(self):
        made = [self._document(1, 50)]
        self.assertAllocated(
            self._plan(40, 60, 20),
            made,
            [40, 10, 0],
            [0, 0, 0],
            [40, 10, 0],
            prepaid_in=Decimal(100),
            prepaid=[0, 50, 50],
        )

    def test_dates(self):
        late, early = DAY + timedelta(days=40), DAY + timedelta(days=20)
        made = [
            self._document(1, 20, date_due=late, pinned=0),
            self._document(2, 20, 5, date_due=early, date_paid=late, pinned=0),
            self._document(3, 60, 60, date_paid=early, pinned=1),
        ]
        self.assertAllocated(
            self._plan(40, 60),
            made,
            [40, 60],
            [5, 60],
            [35, 0],
            date_invoiced=[DAY + timedelta(days=1), DAY + timedelta(days=3)],
            date_due=[early, None],
            date_collected=[None, early],
        )

    def test_a_document_of_zero_is_on_record(self):
        made = [self._document(1, 0, pinned=1), self._document(2, 0)]
        figures = allocate(self._plan(40, 0, 60), made)
        self.assertEqual([one.documents for one in figures.values()], [[], [1], [2]])
        self.assertEqual(figures[1].date_invoiced, DAY + timedelta(days=1))

    def test_unknown_pin_is_none(self):
        made = [self._document(1, 30, pinned="of another order")]
        self.assertAllocated(self._plan(40, 60), made, [30, 0], [0, 0], [30, 0])

    def test_divide(self):
        cents = Decimal("0.01")
        self.assertEqual(
            divide(Decimal("100.00"), [1, 2], cents), amounts("33.33", "66.67")
        )
        self.assertEqual(divide(Decimal(-9), [1, 2], Decimal(1)), amounts(-3, -6))
        self.assertEqual(divide(Decimal(10), [3, -1], cents), amounts(15, -5))
        self.assertEqual(divide(Decimal(10), [1, -1], cents), amounts(10, 0))
        self.assertEqual(divide(Decimal(10), [7.3], cents), amounts(10))


@tagged("post_install", "-at_install")
class TestContractAllocationProperties(BaseCase):
    """What holds for any documents, however odd."""

    def _random(self, generator):
        unit = generator.choice(amounts("0.01", "1", "0.05", "0.001"))

        def amount(low, high):
            return generator.randint(low, high) * unit

        plan = [
            Instalment(number, amount(0, 500))
            for number in range(generator.randint(1, 5))
        ]
        made = []
        for number in range(generator.randint(0, 9)):
            total = amount(-300, 600)
            made.append(
                Document(
                    number,
                    total,
                    cash=generator.choice((total, amount(-50, 200), Decimal(0))),
                    open=generator.choice((total, amount(-50, 200), Decimal(0))),
                    pinned=generator.choice((None, None, *range(len(plan)))),
                    origin=generator.choice((None, *range(number + 1))),
                    draft=generator.random() < 0.2,
                    date=generator.choice((None, DAY, DAY + timedelta(days=number))),
                    date_due=generator.choice((None, DAY)),
                    date_paid=generator.choice((None, DAY)),
                )
            )
        return plan, made, amount(0, 200)

    def test_nothing_is_lost_or_counted_twice(self):
        for seed in range(3000):
            plan, made, prepaid = self._random(random.Random(seed))
            posted = [document for document in made if not document.draft]
            figures = allocate(plan, made, prepaid).values()
            expected = {
                "invoiced": sum(document.total for document in posted),
                "collected": sum(document.cash for document in posted),
                "due": sum(document.open for document in posted),
                "prepaid": prepaid,
                "drafted": sum(
                    max(document.total, 0) for document in made if document.draft
                ),
            }
            for name, total in expected.items():
                found = sum(getattr(one, name) for one in figures)
                self.assertEqual(found, total, f"{name}, seed {seed}")

    def test_the_order_of_the_documents_does_not_matter(self):
        for seed in range(500):
            generator = random.Random(seed)
            plan, made, prepaid = self._random(generator)
            expected = allocate(plan, made, prepaid)
            generator.shuffle(made)
            self.assertEqual(allocate(plan, made, prepaid), expected, f"seed {seed}")

    def test_never_asks_for_more_than_is_left(self):
        for seed in range(2000):
            plan, made, _prepaid = self._random(random.Random(seed))
            figures = allocate(plan, made)
            taken = sum(one.invoiced + one.drafted for one in figures.values())
            left = sum(part.amount for part in plan) - taken
            rest = sum(one.rest for one in figures.values())
            self.assertEqual(rest, max(left, 0), f"seed {seed}")
            for part in plan:
                one = figures[part.id]
                self.assertGreaterEqual(one.rest, 0)
                self.assertLessEqual(
                    one.rest, max(part.amount - one.invoiced - one.drafted, 0)
                )

    def test_unpinned_invoices_leave_no_hole(self):
        """Nothing is invoiced of an instalment while one before it is open."""
        for seed in range(1000):
            generator = random.Random(seed)
            plan = [Instalment(n, Decimal(generator.randint(0, 90))) for n in range(4)]
            made = [
                Document(n, Decimal(generator.randint(1, 120)), date=DAY)
                for n in range(3)
            ]
            figures = list(allocate(plan, made).values())
            for number, part in enumerate(plan[:-1]):
                if figures[number].invoiced < part.amount:
                    after = [one.invoiced for one in figures[number + 1 :]]
                    self.assertFalse(any(after), f"seed {seed}")

    def test_shares_are_exact_and_fair(self):
        for seed in range(2000):
            generator = random.Random(seed)
            unit = generator.choice(amounts("0.01", "1", "0.05"))
            amount = generator.randint(-9999, 9999) * unit
            weights = [generator.randint(1, 999) / 100 for _n in range(4)]
            shares = divide(amount, weights, unit)
            self.assertEqual(sum(shares), amount)
            for weight, share in zip(weights, shares, strict=True):
                exact = float(amount) * weight / sum(weights)
                self.assertLess(abs(float(share) - exact), float(unit) * 1.0001)
