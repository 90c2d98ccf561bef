from random import Random
from statistics import median

from odoo.tests import BaseCase, tagged

from ...engine.collection import (
    age_bucket,
    days_sales_outstanding,
    median_of_counts,
    usual_delays,
)


@tagged("post_install", "-at_install")
class TestContractCollectionEngine(BaseCase):
    """How late customers pay, from figures worked out by hand."""

    def test_median_of_few(self):
        for counts, wanted in (
            ({}, None),
            ({3: 0}, None),
            ({7: 1}, 7),
            ({1: 1, 2: 1, 100: 1}, 2),
            ({-10: 1, 4: 1}, -3),
            ({-3: 1, -2: 1}, -2),  # half-way is -2.5, the later day -2
            ({0: 3, 30: 3}, 15),
            ({0: 3, 30: 4}, 30),
        ):
            with self.subTest(counts):
                self.assertEqual(median_of_counts(counts), wanted)

    def test_median_as_python_knows_it(self):
        """Against the median of the values written out, one by one."""
        random = Random(4)
        for _run in range(300):
            values = [random.randint(-40, 120) for _n in range(random.randint(1, 60))]
            counts = {value: values.count(value) for value in values}
            wanted = median(values)
            self.assertEqual(
                median_of_counts(counts),
                int(wanted) + (wanted > int(wanted)),
                (values, wanted),
            )

    def test_a_customer_with_too_few_payments_is_like_the_others(self):
        """4 payments of Ann at 10 days, 2 of Bob at 40: the middle of six is 10."""
        delays, common = usual_delays({"ann": {10: 4}, "bob": {40: 2}}, minimum=3)
        self.assertEqual(common, 10)
        self.assertEqual(delays["ann"], (10, 4, True))
        self.assertEqual(delays["bob"], (10, 2, False))

    def test_just_enough_payments(self):
        delays, _common = usual_delays({"bob": {40: 3}}, minimum=3)
        self.assertEqual(delays["bob"], (40, 3, True))

    def test_nobody_ever_paid(self):
        self.assertEqual(usual_delays({}, 5), ({}, 0))
        delays, common = usual_delays({"ann": {}}, minimum=0)
        self.assertEqual((delays["ann"].days, common), (0, 0))

    def test_order_of_payments_is_no_matter(self):
        random = Random(5)
        for _run in range(100):
            days = [random.randint(-9, 9) for _n in range(20)]
            shuffled = random.sample(days, len(days))
            counts = [{day: row.count(day) for day in row} for row in (days, shuffled)]
            self.assertEqual(median_of_counts(counts[0]), median_of_counts(counts[1]))

    def test_days_sales_outstanding(self):
        """A quarter's sales of 90,000.00 with 30,000.00 open: a third of 90 days."""
        self.assertAlmostEqual(days_sales_outstanding(30000, 90000, 90), 30)
        self.assertEqual(days_sales_outstanding(0, 100, 90), 0)
        self.assertIsNone(days_sales_outstanding(10, 0, 90))
        self.assertIsNone(days_sales_outstanding(10, -5, 90))
        self.assertAlmostEqual(days_sales_outstanding(-45, 90, 90), -45)

    def test_every_day_is_in_one_bucket(self):
        edges = {"current": (-500, 0), "1": (1, 30), "31": (31, 60), "61": (61, 90)}
        for days in range(-500, 500):
            wanted = next(
                (name for name, (a, b) in edges.items() if a <= days <= b), "91"
            )
            self.assertEqual(age_bucket(days), wanted)
