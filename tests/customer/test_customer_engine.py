import random

from odoo.tests import BaseCase, tagged

from ...engine.customer_class import Customer, abc, judge, scores


@tagged("post_install", "-at_install")
class TestCustomerEngine(BaseCase):
    """Cases counted by hand, and properties that hold for all customers."""

    # === ABC === #

    def test_a_single_giant_is_a(self):
        self.assertEqual(abc({"giant": 5}, 80, 95), {"giant": "a"})
        found = abc({"giant": 9900, "dwarf": 100}, 80, 95)
        self.assertEqual(found, {"giant": "a", "dwarf": "c"})

    def test_boundary(self):
        """Who begins exactly at a boundary belongs to the next class."""
        found = abc({"p": 80, "q": 15, "r": 5}, 80, 95)
        self.assertEqual(found, {"p": "a", "q": "b", "r": "c"})
        # A cent below 80 %.
        found = abc({"p": 7999, "q": 1501, "r": 500}, 80, 95)
        self.assertEqual(found, {"p": "a", "q": "a", "r": "c"})

    def test_boundaries_are_exact(self):
        """33.5 % of 1,000 are 335 and 66.8 % are 668, whatever binary fractions say."""
        for scale in (1, 10**6, 10**15):
            revenues = {"p": 333 * scale, "q": 332 * scale, "r": 335 * scale}
            found = abc(revenues, 33.5, 66.8)
            self.assertEqual(found, {"r": "a", "p": "b", "q": "c"}, scale)

    def test_equal_revenue_equal_class(self):
        """The four in the middle begin at 60 %; one by one they would be a, a, b, b."""
        revenues = {"p": 60, "m1": 10, "m2": 10, "m3": 10, "m4": 10}
        found = abc(revenues, 80, 95)
        self.assertEqual(set(found.values()), {"a"})
        found = abc(revenues, 60, 95)
        self.assertEqual([found[f"m{i}"] for i in (1, 2, 3, 4)], ["b"] * 4)

    def test_no_revenue_is_never_a_or_b(self):
        self.assertEqual(
            abc({"p": 0, "q": -5, "r": 0}, 80, 95), {"p": "c", "q": "c", "r": "c"}
        )
        # Losses do not make the whole smaller: 10 of 20 are 50 %.
        found = abc({"p": 10, "q": 10, "r": -15}, 40, 100)
        self.assertEqual(found, {"p": "a", "q": "a", "r": "c"})
        self.assertEqual(abc({}, 80, 95), {})

    def test_everybody_with_revenue_is_a_or_b(self):
        found = abc({"p": 99, "q": 1, "r": 0}, 80, 100)
        self.assertEqual(found, {"p": "a", "q": "b", "r": "c"})

    def _markets(self):
        chance = random.Random(7)
        for size in (1, 2, 3, 4, 5, 9, 40, 300):
            for top in (3, 1000, 10**9):
                values = [chance.randint(-top // 3, top) for _ in range(size)]
                yield dict(enumerate(values))

    def test_properties_of_abc(self):
        for revenues in self._markets():
            share_a, share_ab = 70, 90
            found = abc(revenues, share_a, share_ab)
            self.assertEqual(found.keys(), revenues.keys())
            whole = sum(r for r in revenues.values() if r > 0)
            for key, revenue in revenues.items():
                larger = sum(r for r in revenues.values() if r > revenue)
                if revenue <= 0:
                    wanted = "c"
                elif larger * 100 < share_a * whole:
                    wanted = "a"
                else:
                    wanted = "b" if larger * 100 < share_ab * whole else "c"
                self.assertEqual(found[key], wanted, (revenues, key))

    def test_order_and_unit_do_not_matter(self):
        for revenues in self._markets():
            found = abc(revenues, 80, 95)
            backwards = abc(dict(reversed(revenues.items())), 80, 95)
            self.assertEqual(found, backwards)
            cents = abc({key: 100 * r for key, r in revenues.items()}, 80, 95)
            self.assertEqual(found, cents)

    # === SCORES === #

    def test_fifths(self):
        found = scores({number: number for number in range(1, 11)})
        self.assertEqual(list(found.values()), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])

    def test_few_customers(self):
        for values, wanted in (
            ([], []),
            ([4], [3]),
            ([4, 9], [2, 4]),
            ([4, 9, 11], [1, 3, 5]),
            ([4, 9, 11, 12], [1, 2, 4, 5]),
            ([4, 9, 11, 12, 13], [1, 2, 3, 4, 5]),
            ([4, 4], [3, 3]),
            ([4, 4, 4, 4], [3, 3, 3, 3]),
            # 1 of 4 best: the middle of the other three lies at 3/8.
            ([1, 1, 1, 2], [2, 2, 2, 5]),
        ):
            found = scores(dict(enumerate(values)))
            self.assertEqual(list(found.values()), wanted, values)

    def test_properties_of_scores(self):
        for values in self._markets():
            found = scores(values)
            self.assertEqual(list(found), list(values))
            self.assertLessEqual(set(found.values()), {1, 2, 3, 4, 5})
            ranked = sorted(values, key=values.get)
            for one, two in zip(ranked, ranked[1:], strict=False):
                self.assertLessEqual(found[one], found[two])
                if values[one] == values[two]:
                    self.assertEqual(found[one], found[two])
            # Turned round, the scores are turned round, but for boundaries.
            against = scores({key: -value for key, value in values.items()})
            for key in values:
                self.assertIn(found[key] + against[key], (5, 6))

    def test_different_values_fill_fifths_alike(self):
        for size in (5, 10, 35, 500):
            found = list(scores({n: n * n for n in range(size)}).values())
            self.assertEqual([found.count(s) for s in range(1, 6)], [size // 5] * 5)

    # === BOTH === #

    def test_judge(self):
        """Lately is better than long ago, often better than seldom."""
        customers = [
            Customer("new", 10, 1, 0),
            Customer("old", 90, 7, 300),
            Customer("mid", 20, 2, 30),
        ]
        found = {judgement.key: judgement for judgement in judge(customers, 60, 80)}
        self.assertEqual(list(found), ["new", "old", "mid"])
        self.assertEqual([f.recency for f in found.values()], [5, 1, 3])
        self.assertEqual([f.frequency for f in found.values()], [1, 5, 3])
        self.assertEqual([f.monetary for f in found.values()], [1, 5, 3])
        self.assertEqual([f.customer_class for f in found.values()], ["c", "a", "b"])
        self.assertEqual(judge([], 80, 95), [])
