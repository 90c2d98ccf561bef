from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...models.pipeline.sales_funnel_action import DEAL_FIGURES, STAY_FIGURES
from .funnel_common import FunnelCommon


@tagged("post_install", "-at_install")
class TestPipelineFunnel(FunnelCommon):
    """Counted by hand from the lives in ``FunnelCommon``."""

    rule_tested_models = {"sales.funnel.visit", "sales.funnel.report"}

    def test_cohort(self):
        """Meet: 4 6 8 4 2 10 2 days and Eve, who is still there."""
        funnel = self._funnel()
        self.assertEqual(
            [stage["name"] for stage in funnel["stages"]],
            ["Test Meet", "Test Prove", "Test Close"],
        )
        self.assertFigures(
            self._stage(funnel, self.meet),
            entered=8,
            advanced=5,
            lost=2,
            returned=0,
            still_there=1,
            ended=7,
            conversion=62.5,
            conversion_decided=71.43,
            median_days=4.0,
            p80_days=10.0,
            won=2,
            decided=5,
            to_won=40.0,
        )
        # Prove: 6 on, 6 lost, 4 back, 9 on, and Fay.
        self.assertFigures(
            self._stage(funnel, self.prove),
            entered=5,
            advanced=2,
            lost=1,
            returned=1,
            still_there=1,
            still_amount=500.0,
            conversion=40.0,
            conversion_decided=None,
            median_days=6.0,
            p80_days=9.0,
            to_won=None,
        )
        self.assertFigures(
            self._stage(funnel, self.close), entered=2, advanced=2, conversion=None
        )
        self.assertFigures(
            funnel["totals"],
            deals=7,
            won=2,
            lost=3,
            open=2,
            win_rate=40.0,
            average_won=2000.0,
            cycle_days=None,
            velocity_day=None,
        )

    def test_cohort_range(self):
        """Dan, Eve and Fay entered on days 1 to 3."""
        funnel = self._funnel(date_from="2024-01-02", date_to="2024-01-04")
        self.assertFigures(
            self._stage(funnel, self.meet), entered=4, advanced=3, still_there=1
        )
        self.assertFigures(funnel["totals"], deals=3, won=1, lost=0, open=2)

    def test_period(self):
        """Days 5 to 12: in Meet, Bob, Cid and Dan end, Dan comes again and goes."""
        funnel = self._funnel(
            mode="period", date_from="2024-01-06", date_to="2024-01-13"
        )
        self.assertFigures(
            self._stage(funnel, self.meet),
            entered=1,
            ended=4,
            advanced=3,
            lost=1,
            still_there=2,
        )
        # Bob, Cid (lost), and Eve and Fay who are open now.
        self.assertFigures(funnel["totals"], deals=4, won=0, lost=2, open=2)

    def test_velocity(self):
        """Five won in 10 days each with 100: 2 open × 100 × 5/8 ÷ 10."""
        for index in range(5):
            self._live(f"Won {index}", "0 meet 10 won", expected_revenue=100)
        funnel = self._funnel(date_to="2024-01-01")
        self.assertFigures(funnel["totals"], won=6, lost=3, open=0, velocity_day=0.0)
        self._live("Open", "0 meet", expected_revenue=7)
        totals = self._funnel(date_to="2024-01-01")["totals"]
        # Won on average 1500 / 6 = 250; win rate 6/9; median cycle 10 days.
        self.assertFigures(totals, velocity_day=1 * 250 * (6 / 9) / 10)

    def test_report_model(self):
        """One record per stage, for scripts and lists."""
        report = self.env["sales.funnel.report"].with_user(self.director_user)
        rows = report.search([("process_id", "=", self.process.id)])
        self.assertEqual(
            rows.process_stage_id,
            self.p_meet + self.p_prove + self.p_close + self.p_won,
        )
        meet = rows[0]
        self.assertFigures(
            meet, entered=8, advanced=5, lost=2, still_there=1, conversion=62.5
        )
        self.assertFigures(meet, median_days=4.0, p80_days=10.0)

    def test_stays_group_natively(self):
        visit = self.env["sales.funnel.visit"].with_user(self.director_user)
        groups = visit._read_group(
            [("sales_process_id", "=", self.process.id)],
            ["stage_id"],
            ["entered:sum", "advanced:sum", "conversion:avg", "__count"],
            order="stage_id",
        )
        self.assertEqual(groups[0], (self.meet, 8, 5, 62.5, 8))
        self.assertEqual(groups[1], (self.prove, 5, 2, 40.0, 5))

    def test_every_figure_opens_its_records(self):
        report = self.env["sales.funnel.report"].with_user(self.director_user)
        for more in (
            {},
            {"date_from": "2024-01-02", "date_to": "2024-01-04"},
            {"mode": "period", "date_from": "2024-01-06", "date_to": "2024-01-13"},
            {"mode": "period", "date_to": "2024-01-13"},
            {"team_id": self.north.id, "group_by": "user"},
            {"domain": [("name", "in", ("Ann", "Bob", "Cid"))]},
        ):
            options = self._options(**more)
            funnel = report.get_funnel(options)
            for stage in funnel["stages"]:
                for figure in STAY_FIGURES:
                    self._check_opens(options, stage, figure, stage["stage_id"])
                for figure in ("won", "decided"):
                    self._check_opens(options, stage, figure, stage["stage_id"])
            totals = {**funnel["totals"], "lost_deals": funnel["totals"]["lost"]}
            for figure in DEAL_FIGURES.keys() - {"decided"}:
                self._check_opens(options, totals, figure)
            for group in funnel["groups"]:
                self._check_opens(options, group["totals"], "deals", None, group["id"])

    def _check_opens(self, options, figures, figure, stage_id=None, group=None):
        report = self.env["sales.funnel.report"].with_user(self.director_user)
        action = report.action_open(options, figure, stage_id, group)
        model = self.env[action["res_model"]].with_user(self.director_user)
        found = model.with_context(**action["context"]).search(action["domain"])
        self.assertEqual(len(found), figures[figure], (options, figure, stage_id))

    def test_groups_add_up(self):
        other = self._live("Other", "0 meet 5 prove", user_id=self.colleague_user.id)
        funnel = self._funnel(group_by="user")
        self.assertEqual(
            [(g["name"], g["totals"]["deals"]) for g in funnel["groups"]],
            [("Rep", 7), ("Colleague", 1)],
        )
        for figure in ("entered", "advanced", "lost", "still_there"):
            self.assertEqual(
                sum(g["stages"][0][figure] for g in funnel["groups"]),
                funnel["stages"][0][figure],
            )
        country = self.env.ref("base.ch")
        other.country_id = country
        funnel = self._funnel(country_id=country.id)
        self.assertFigures(funnel["totals"], deals=1, open=1)
        for group_by in ("team", "source", "industry", "country", "state"):
            groups = self._funnel(group_by=group_by)["groups"]
            self.assertEqual(sum(g["totals"]["deals"] for g in groups), 8, group_by)
        if "sales_product_id" in other._fields:
            groups = self._funnel(group_by="category")["groups"]
            self.assertEqual([g["name"] for g in groups], ["None"])

    def test_team_with_its_sub_teams(self):
        for team, deals in ((self.world, 7), (self.north, 7), (self.south, 0)):
            funnel = self._funnel(team_id=team.id)
            self.assertEqual(funnel["totals"]["deals"], deals, team.name)
            self.assertEqual(funnel["empty"], not deals)

    def test_versions_of_a_process_are_one(self):
        """A deal that moves to the next version goes on staying where it is."""
        second = self._create_process("Test", self.stages, state="draft")
        second.write({"previous_version_id": self.process.id, "version": 2})
        second.state = "live"
        self.deals["Eve"].sudo().sales_process_id = second
        self._record_at(40, self.deals["Eve"])
        funnel = self._funnel(process_id=second.id)
        self.assertFigures(
            self._stage(funnel, self.meet), entered=9, moved=1, still_there=1
        )
        self.assertFigures(funnel["totals"], deals=7, open=2)

    def test_deleted_deals_do_not_count(self):
        self.deals["Cid"].unlink()
        self.assertFigures(self._funnel()["totals"], deals=6, lost=2)

    def test_who_sees_what(self):
        self.env.flush_all()
        for user, deals in (
            (self.rep_user, 7),
            (self.leader_user, 7),
            (self.director_user, 7),
            (self.colleague_user, 0),
            (self.other_leader_user, 0),
        ):
            self.assertEqual(self._funnel(user)["totals"]["deals"], deals, user.name)
            self.env.invalidate_all()  # figures of one person, kept for a request
            report = self.env["sales.funnel.report"].with_user(user)
            row = report.search([("stage_id", "=", self.meet.id)])
            self.assertEqual(row.entered, 8 if deals else 0, user.name)
            visits = self.env["sales.funnel.visit"].with_user(user).search([])
            self.assertEqual(bool(visits), bool(deals), user.name)
        for user in (self.accountant_user, self.portal_user):
            with self.assertRaises(AccessError):
                self._funnel(user)
            with self.assertRaises(AccessError):
                self.env["sales.funnel.visit"].with_user(user).search([])

    def test_handed_over_deal_stays_with_whom_it_was(self):
        self.deals["Eve"].user_id = self.colleague_user
        self._record_at(50, self.deals["Eve"])
        self.assertEqual(self._funnel(self.rep_user)["totals"]["deals"], 6)
        self.assertEqual(self._funnel(self.colleague_user)["totals"]["deals"], 1)

    def test_bad_input(self):
        for options, words in (
            ({"date_from": "2024-02-01", "date_to": "2024-01-01"}, "upside down"),
            ({"date_from": "yesterday"}, "not a date"),
            ({"process_id": 0x7FFFFFF}, "no sales process"),
            ({"process_id": "x"}, "not a valid choice"),
            ({"team_id": True}, "not a valid choice"),
            ({"mode": "dream"}, "cannot be shown"),
            ({"group_by": "password"}, "cannot be shown"),
            ({"domain": [("no_such_field", "=", 1)]}, "cannot be read"),
            ({"domain": "nonsense"}, "cannot be read"),
            (
                {"domain": [("user_id.karma_tracking_ids.gain", ">", 0)]},
                "may not read",
            ),
        ):
            with self.assertRaises(UserError, msg=str(options)) as caught:
                self._funnel(self.rep_user, **options)
            self.assertIn(words, str(caught.exception), options)
        with self.assertRaises(UserError):
            self.env["sales.funnel.report"].action_open(self._options(), "drop")

    def test_no_data(self):
        funnel = self._funnel(date_from="1999-01-01", date_to="1999-12-31")
        self.assertTrue(funnel["empty"])
        self.assertFigures(
            self._stage(funnel, self.meet), entered=0, conversion=None, median_days=None
        )

    def test_queries_do_not_grow(self):
        counts = []
        for number in (1, 5, 10):  # the first fills the caches
            for index in range(number):
                self._live(f"More {index}", "0 meet 3 prove")
            self.env.cr.flush()  # with the history that is still to be written
            self.env.invalidate_all()
            self.director_user.mapped("partner_id.tz")  # any request has read them
            before = self.env.cr.sql_log_count
            self._funnel(group_by="user")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
