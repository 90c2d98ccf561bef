from datetime import timedelta
from decimal import Decimal

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .performance_commission_common import CommissionCommon


@tagged("post_install", "-at_install")
class TestCommissionTime(CommissionCommon):
    """Dates, part periods, draws and versions."""

    rule_tested_models = ()

    @property
    def days(self):
        return (self.second - self.first).days

    def test_part_of_a_period(self):
        """Ten days of the month: bounds, fixed amounts and cap by days."""
        plan = self._commission_plan((0, 5), (1000, 10, 90))
        start = self.second - timedelta(days=10)
        self._assign(self.ann, plan, date_from=start)
        self._invoice_of(700, self._day(2))  # before
        self._invoice_of(500, start)
        part = Decimal(10) / self.days
        bound = 1000 * part
        expected = bound * 5 / 100 + (500 - bound) / 10 + 90 * part
        result = self._result(plan)
        self.assertEqual(float(result.base), 500.0)
        self.assertEqual(result.earned, round(expected, 2))
        detail = result.lines[0].detail
        self.assertEqual((detail["days"], detail["period_days"]), (10, self.days))
        plan.cap_amount = 30
        self.assertEqual(self._result(plan).earned, round(30 * part, 2))

    def test_left_and_came_back(self):
        row = self.commission.assignment_ids
        row.date_to = self._day(11)
        self._assign(self.ann, date_from=self._day(21), share=50)
        for day in (10, 15, 21):
            self._invoice_of(100, self._day(day))
        result = self._result()
        self.assertEqual(float(result.base), 200.0)
        self.assertEarned(result, 5.0 + 2.5)

    def test_targets_by_days(self):
        self._publish_targets(ann=3000)
        self.commission.assignment_ids.date_from = self.second - timedelta(days=10)
        expected = Decimal(3000) * 10 / self.days
        self.assertAlmostEqual(self._result().target, expected, 6)

    def test_target_of_a_part_is_not_cut_twice(self):
        """Whoever joins has a target for the rest; the plan does not cut it again."""
        plan = self._publish_targets(ann=1000)
        share = 100 * 10 / self.days
        plan.sudo().target_ids.write({"share": share})
        self.commission.assignment_ids.date_from = self.second - timedelta(days=10)
        self.assertAlmostEqual(self._result().target, Decimal(1000), delta=1)

    def test_longer_targets(self):
        """A target of both months counts by days in each of them."""
        plan = self._make_plan(
            metric_id=self.invoiced.id,
            date_from=self.first,
            date_to=self.third,
            period_type="whole",
        )
        self._target({"user_id": self.ann.id}, None, plan, 1, 6000)
        plan.action_publish()
        expected = Decimal(6000) * self.days / (self.third - self.first).days
        self.assertAlmostEqual(self._result().target, expected, 6)

    def test_not_twice_at_once(self):
        with self.assertRaises(ValidationError):
            self._assign(self.ann, date_from=self._day(3))

    # === DRAW === #

    def test_draw(self):
        self.commission.draw_amount = 100
        self._invoice_of(600)
        self._invoice_of(2600, self._day(3, month=2))
        one, two = self._compute(after=self.third)
        self.assertEqual((float(one.earned), float(two.earned)), (100.0, 210.0))
        self.assertEqual(float(self._line(one, "draw").amount), 70.0)

    def test_recoverable_draw(self):
        """70 are advanced; 210 in the next month pay them back, above 100."""
        self.commission.write({"draw_amount": 100, "draw_recoverable": True})
        self._invoice_of(600)
        self._invoice_of(2600, self._day(3, month=2))
        one, two = self._compute(after=self.third)
        self.assertEqual((float(one.earned), float(two.earned)), (100.0, 140.0))
        [two] = self._compute(first=self.second, after=self.third)
        line = self._line(two, "draw")
        self.assertEqual(float(line.amount), -70.0)
        self.assertEqual(line.detail["balance_amount"], 0)

    def test_draw_of_what_is_held(self):
        """The draw is paid until the customer has; then it is what was earned."""
        self.commission.write({"draw_amount": 50, "payable": "collected"})
        move = self._invoice_of(1200)
        self.assertEarned(self._result(), 70.0, 50.0)
        self._pay(move, 1200, payment_date=self._day(20))
        self.assertEarned(self._result(), 70.0)

    def test_draw_over_versions(self):
        """Advances are recovered by the next version, too."""
        self.commission.write({"draw_amount": 100, "draw_recoverable": True})
        self.commission.action_publish()
        version = self.commission._make_version("New rates", self.second)
        version.action_publish()
        self._invoice_of(600)
        self._invoice_of(2600, self._day(3, month=2))
        results = self._compute(
            self.env["sales.commission.plan"], self.second, self.third
        )
        self.assertEqual([float(r.earned) for r in results], [140.0])

    # === VERSIONS === #

    def test_version(self):
        self.commission.action_publish()
        version = self.commission._make_version("Twice as much", self.second)
        version.bracket_ids.filtered(lambda row: not row.lower).rate = 10
        version.action_publish()
        self.assertEqual(self.commission.state, "closed")
        self.assertEqual(self.commission.date_to, self.second)
        self._invoice_of(100)
        self._invoice_of(100, self._day(3, month=2))
        results = self._compute(self.env["sales.commission.plan"], after=self.third)
        self.assertEqual(
            [(r.plan_id, float(r.earned)) for r in results],
            [(self.commission.id, 5.0), (version.id, 10.0)],
        )

    def test_version_needs_a_reason(self):
        self.commission.action_publish()
        version = self.commission._make_version()
        with self.assertRaisesRegex(UserError, "Why It Was Changed"):
            version.action_publish()
        with self.assertRaisesRegex(UserError, "being worked on"):
            self.commission.action_new_version()

    def test_version_from_the_same_day(self):
        self.commission.action_publish()
        version = self.commission._make_version("A mistake", self.first)
        version.action_publish()
        self._invoice_of(100)
        results = self._compute(self.env["sales.commission.plan"])
        self.assertEqual([r.plan_id for r in results], [version.id])
        with self.assertRaises(UserError):
            self.commission.action_new_version()
