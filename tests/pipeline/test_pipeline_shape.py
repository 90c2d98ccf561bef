from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.tests import tagged

from .funnel_common import FunnelCommon

# The seven lives and five more enter and end within these 40 days.
RANGE = {"date_from": "2024-01-01", "date_to": "2024-02-09"}


@tagged("post_install", "-at_install")
class TestPipelineShape(FunnelCommon):
    """Open deals against what a steady number of wins takes, by hand.

    With the five more lives, in days: Meet 4 6 8 4 2 10 2 4 4 4 4 4 and Eve, Prove
    6 6 4 9 6 6 6 6 6 and Fay, Close 6 10 6 6 6 6 6.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for index in range(3):
            cls._live(f"W{index}", "0 meet 4 prove 10 close 16 won")
        for index in range(2):
            cls._live(f"L{index}", "0 meet 4 prove 10 close 16 lost")

    def _shape(self, user=None, **options):
        report = self.env["sales.funnel.report"].with_user(user or self.director_user)
        return report.get_required_shape(self._options(**{**RANGE, **options}))

    def test_pace_of_the_range(self):
        """Five wins in 40 days.

        Close: 1/8 ÷ 5/7 × 46/7 = 1.15. Prove, where one deal went back: area under
        1, 9/10 from day 4, 2/10 from 6, 1/10 from 9 = 6.4 days; 1/8 ÷ 5/8 × 9/8 × 6.4
        = 1.44. Meet: 2 + 2 × (11 + 4 + 3 + 2)/13 = 66/13 days; 1/8 ÷ (5/8 × 10/12) ×
        66/13 = 1.2185.
        """
        for mode in ("cohort", "period"):
            shape = self._shape(mode=mode)
            self.assertFigures(shape, wins=5.0, days=40.0, cases=5, goal=False)
            self.assertFalse(shape["reason"])
            meet, prove, close = shape["stages"]
            if mode == "cohort":
                self.assertFigures(meet, needed=1.2185, need=1, open=1)
                self.assertFigures(prove, needed=1.44, need=1, open=1)
            self.assertFigures(close, needed=1.15, need=1, open=0)
            self.assertEqual(
                [s["verdict"] for s in shape["stages"]], ["enough", "enough", "thin"]
            )

    def test_pace_of_a_goal(self):
        """8,000 at 800 a deal are ten wins; in 20 days that is four times the pace."""
        day = Date.to_string(self.company._sales_today() + timedelta(days=20))
        shape = self._shape(goal=8000, goal_date=day)
        self.assertFigures(shape, wins=10.0, days=20, goal=8000.0, goal_date=day)
        meet, prove, close = shape["stages"]
        self.assertFigures(meet, needed=4 * 1.2185, need=5, open=1, verdict="thin")
        self.assertFigures(prove, needed=4 * 1.44, need=6, open=1, verdict="thin")
        self.assertFigures(close, needed=4 * 1.15, need=5, open=0, verdict="thin")
        for goal, when in ((-1, day), (8000, "2001-01-01")):
            with self.assertRaises(UserError):
                self._shape(goal=goal, goal_date=when)

    def test_more_than_it_takes(self):
        for index in range(4):
            self._deal(f"More {index}")
        self.env.cr.flush()
        meet = self._shape()["stages"][0]
        self.assertFigures(meet, open=5, need=1, verdict="full")

    def test_too_thin_to_say(self):
        """Two wins by day 20; the stages have their cases all the same."""
        shape = self._shape(mode="period", date_to="2024-01-16")
        self.assertIn("Only 0 deals were won in this range", shape["reason"])
        self.assertEqual({s["verdict"] for s in shape["stages"]}, {"unknown"})
        self.assertEqual([s["open"] for s in shape["stages"]], [1, 1, 0])
        self.assertEqual({s["need"] for s in shape["stages"]}, {None})

    def test_too_few_cases_in_a_stage(self):
        """Five won from Meet at once: nobody was lost or moved on from Prove."""
        for index in range(5):
            self._live(f"Q{index}", "50 meet 55 won")
        stages = self._shape(date_from="2024-02-15", date_to="2024-03-15")["stages"]
        self.assertEqual([s["verdict"] for s in stages], ["unknown"] * 3)
        self.assertEqual([s["cases"] for s in stages], [0, 0, 0])
        self.assertIn("“Test Close”: only 0 deals", stages[0]["reason"])

    def test_open_range(self):
        """Without days: since the first deal, on day 0 at 8, until now."""
        shape = self._shape(date_from=False, date_to=False)
        self.assertEqual(shape["cases"], 5)
        self.assertGreater(shape["days"], 100)
        shape = self._shape(date_from=False)
        self.assertFigures(shape, days=40 - 8 / 24)
        future = self._shape(date_from="2999-01-01", date_to=False)
        self.assertFigures(future, wins=0.0, days=0.0)
        self.assertTrue(future["reason"])

    def test_filters_and_rights(self):
        other = self._live("Other", "0 meet", user_id=self.colleague_user.id)
        for user, options, number in (
            (self.director_user, {}, 2),
            (self.director_user, {"user_id": self.rep_user.id}, 1),
            (self.director_user, {"domain": [("name", "=", "Other")]}, 1),
            (self.rep_user, {}, 1),
            (self.leader_user, {}, 2),
            (self.other_leader_user, {}, 0),
        ):
            meet = self._shape(user, **options)["stages"][0]
            self.assertEqual(meet["open"], number, (user.name, options))
        report = self.env["sales.funnel.report"].with_user(self.director_user)
        action = report.action_open_bottleneck(
            self._options(), "open_stage", self.meet.id
        )
        opened = self.env["crm.lead"].search(action["domain"])
        self.assertEqual(opened, self.deals["Eve"] | other)

    def test_queries_do_not_grow(self):
        counts = []
        for number in (1, 5, 10):
            for index in range(number):
                self._live(f"More {index}", "0 meet 3 prove")
            self.env.cr.flush()
            self.env.invalidate_all()
            self.director_user.mapped("partner_id.tz")  # any request has read them
            before = self.env.cr.sql_log_count
            self._shape()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
