from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.tests import freeze_time, tagged

from .funnel_common import FunnelCommon


@tagged("post_install", "-at_install")
class TestPipelineInsight(FunnelCommon):
    """Bottlenecks, the required funnel, criteria and people, counted by hand."""

    @classmethod
    def _before_lives(cls):
        cls.p_meet.expected_days = cls.p_prove.expected_days = 10
        soft = {"severity": "soft"}
        cls.power = cls._criterion(cls.p_meet, name="Power", sequence=1, **soft)
        cls.budget = cls._criterion(cls.p_meet, name="Budget", sequence=2, **soft)
        cls.proof = cls._criterion(cls.p_prove, name="Proof", **soft)
        cls._criterion(cls.p_meet, name="Nice", severity="advisory", sequence=3)

    def _report(self, user=None):
        return self.env["sales.funnel.report"].with_user(user or self.director_user)

    def _opens(self, action):
        records = self.env[action["res_model"]].with_user(self.director_user)
        return records.with_context(**action["context"]).search(action["domain"])

    # === BOTTLENECKS === #

    def _stick(self):
        """Eve (Meet) 700 and Fay (Prove) 500 are stuck, Hal (Meet) is not."""
        self.deals["Eve"].expected_revenue = 700
        self._record_at(60, self.deals["Eve"])
        self.hal = self._deal("Hal", expected_revenue=9000)
        self.env.cr.flush()

    def test_stuck_and_what_is_missing(self):
        self._stick()
        self.deals["Eve"].action_sales_waive(self.budget.ids, "No budget asked")
        found = self._report().get_bottlenecks(self._options())
        self.assertEqual(found["open"], {"count": 3, "amount": 10200})
        self.assertEqual(found["stuck"], {"count": 2, "amount": 1200})
        self.assertEqual(
            [(s["name"], s["count"], s["amount"]) for s in found["stages"]],
            [("Test Meet", 1, 700), ("Test Prove", 1, 500), ("Test Close", 0, 0)],
        )
        self.assertEqual(
            [(c["name"], c["count"], round(c["share"], 2)) for c in found["criteria"]],
            [("Power", 1, 58.33), ("Proof", 1, 41.67)],
        )
        report, options = self._report(), self._options()
        eve, fay = self.deals["Eve"], self.deals["Fay"]
        for figure, key, deals in (
            ("open", None, eve | fay | self.hal),
            ("stuck", None, eve | fay),
            ("stage", self.meet.id, eve),
            ("criterion", self.power.key, eve),
            ("criterion", self.proof.key, fay),
            ("criterion", self.budget.key, eve.browse()),
        ):
            action = report.action_open_bottleneck(options, figure, key)
            self.assertEqual(self._opens(action), deals, (figure, key))

    def test_zombies(self):
        self._stick()
        self.hal.date_deadline = Date.today() - timedelta(days=5)
        self.deals["Eve"].activity_schedule(
            "mail.mail_activity_data_call", user_id=self.rep_user.id
        )
        found = self._report().get_bottlenecks(self._options(quiet_days=7))
        self.assertEqual(found["overdue"], {"count": 1, "amount": 9000})
        self.assertEqual(found["quiet"], {"count": 1, "amount": 500})
        action = self._report().action_open_bottleneck(self._options(), "quiet")
        self.assertEqual(self._opens(action), self.deals["Fay"])

    def test_no_expectation_nothing_stuck(self):
        other = self._create_process("Other", self.stages, state="draft")
        found = self._report().get_bottlenecks({"process_id": other.id})
        self.assertTrue(found["without_expectation"])
        self.assertEqual(found["stuck"]["count"], 0)
        self.assertEqual(found["criteria"], [])

    def test_bottleneck_queries_do_not_grow(self):
        self._stick()
        counts = []
        for number in (1, 5, 10):
            for index in range(number):
                self._live(f"More {index}", "0 meet")
            self.env.cr.flush()
            self.env.invalidate_all()
            self.director_user.mapped("partner_id.tz")  # any request has read them
            before = self.env.cr.sql_log_count
            self._report().get_bottlenecks(self._options())
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    # === REQUIRED FUNNEL === #

    def _enough(self):
        """In each stage five go on; in Meet three are lost, elsewhere one."""
        for index in range(3):
            self._live(f"W{index}", "0 meet 4 prove 10 close 16 won")
        for index in range(2):
            self._live(f"L{index}", "0 meet 4 prove 10 close 16 lost")

    def test_required_funnel(self):
        """Meet: 5 + 5 on, 2 lost. Prove: 7 on, 1 lost. Close: 5 on, 2 lost."""
        self._enough()
        goal_date = Date.today() + timedelta(days=400)
        plan = self._report().get_required_funnel(
            self._options(goal=8000, goal_date=Date.to_string(goal_date))
        )
        self.assertFalse(plan["reasons"])
        # Won: Ann 1,000, Dan 3,000 and three of 0: 800 on average, so ten wins.
        self.assertFigures(plan, average_won=800.0, won=5, wins=10.0)
        meet, prove, close = plan["stages"]
        self.assertFigures(close, chance=500 / 7, needed=14, still_there=0, missing=14)
        self.assertFigures(prove, chance=62.5, needed=16, still_there=1, missing=15)
        # 10 ÷ (10/12 × 5/8 = 0.5208) = 19.2; Eve and Fay: 1 + 0.625/0.5208 = 2.2.
        self.assertFigures(meet, chance=52.08, needed=20, still_there=1, missing=17)
        self.assertEqual(
            date.fromisoformat(meet["by"]), goal_date - timedelta(days=meet["days"])
        )

    def test_required_funnel_too_thin(self):
        goal_date = Date.to_string(Date.today() + timedelta(days=90))
        plan = self._report().get_required_funnel(
            self._options(goal=8000, goal_date=goal_date)
        )
        self.assertFalse(plan["stages"])
        self.assertIn("Only 2 deals were won", plan["reasons"][0])
        self.assertEqual(len(plan["reasons"]), 3)

    def test_required_funnel_bad_input(self):
        future = Date.to_string(Date.today() + timedelta(days=9))
        for goal, day in (
            (0, future),
            ("many", future),
            (True, future),
            (None, future),
            (5, "2001-01-01"),
            (5, None),
            (5, "soon"),
        ):
            with self.assertRaises(UserError, msg=f"{goal} {day}"):
                self._report().get_required_funnel(
                    self._options(goal=goal, goal_date=day)
                )

    # === CRITERION LIFT === #

    def _prove_some(self):
        """Beyond Meet: 6 proven (5 won), 6 waived (1 won), 5 without (all lost)."""
        criterion = self.power
        rows = []
        for state, source, won, lost in (
            ("verified", "manual", 5, 1),
            ("waived", "waiver", 1, 5),
            (None, None, 0, 5),
        ):
            for index in range(won + lost):
                end = "won" if index < won else "lost"
                deal = self._live(f"{state} {index}", f"0 meet 2 prove 4 {end}")
                if state:
                    rows.append(
                        deal._sales_evidence_vals(criterion, state, source)
                        | {"lead_id": deal.id, "criterion_id": criterion.id}
                    )
        evidence = self.env["sales.evidence"].sudo()  # as the engine writes it
        self.env.cr.execute(
            "DELETE FROM sales_evidence WHERE criterion_id = %s", [criterion.id]
        )
        evidence.create(rows)
        return criterion

    def test_criterion_lift(self):
        """The lives add Ann, Dan (won) and Bob (lost) without proof."""
        criterion = self._prove_some()
        found = self._report().get_criterion_lift(self._options())
        line = found["criteria"][0]
        self.assertFigures(
            line,
            name="Power",
            with_n=6,
            with_won=5,
            with_rate=83.33,
            without_n=14,
            without_won=3,
            without_rate=21.43,
            waived_n=6,
            waived_rate=16.67,
            difference=61.90,
            verdict="predicts",
            waivers_cost=True,
        )
        low, high = line["interval"]
        self.assertTrue(0 < low < 61.9 < high < 100)
        for figure, number in (("with", 6), ("without", 14), ("waived", 6)):
            action = self._report().action_open_criterion(
                self._options(), criterion.key, figure
            )
            self.assertEqual(len(self._opens(action)), number, figure)

    def test_criterion_without_cases(self):
        line = self._report().get_criterion_lift(self._options())["criteria"][0]
        self.assertFigures(line, verdict="thin", with_n=0, without_n=3)
        self.assertIsNone(line["difference"])
        self.assertFalse(line["waivers_cost"])

    def test_verdicts(self):
        verdict = self.env["sales.funnel.report"]._verdict
        for interval, word in (
            (None, "thin"),
            ([5, 30], "predicts"),
            ([-30, -5], "harms"),
            ([-10, 12], "nothing"),
            ([-30, 35], "unclear"),
        ):
            self.assertEqual(verdict({"interval": interval}), word)

    # === TEAM === #

    def test_team_comparison(self):
        """The rep has seven deals; the colleague one, pushed twice by 10 and 20."""
        deal = self._live(
            "Pushed",
            "0 meet",
            user_id=self.colleague_user.id,
            date_deadline="2024-02-01",
        )
        for day, deadline in ((3, "2024-02-11"), (5, "2024-02-01"), (7, "2024-02-21")):
            deal.date_deadline = deadline
            self._record_at(day, deal)
        found = self._report().get_team_comparison(self._options())
        everybody, colleague, rep = found["lines"]
        self.assertEqual(
            [line["name"] for line in found["lines"]], ["All", "Colleague", "Rep"]
        )
        self.assertFigures(rep, deals=7, won=2, win_rate=40.0, pushes=0, pushed_deals=0)
        self.assertEqual(
            [
                (c["percent"] and round(c["percent"], 2), c["cases"])
                for c in rep["conversions"]
            ],
            [(71.43, 7), (None, 3), (None, 2)],
        )
        self.assertFigures(
            colleague,
            deals=1,
            pushes=2,
            pushed_deals=1,
            push_days=15.0,
            pushed_share=None,
            open=1,
            overdue=1,
            no_activity=1,
        )
        self.assertFigures(everybody, deals=8, pushes=2, pushed_share=12.5, open=3)
        for line in found["lines"]:
            for figure in (
                "deals",
                "won",
                "pushed_deals",
                "pushes",
                "open",
                "overdue",
                "no_activity",
                "quiet",
                "stuck",
                "missing",
            ):
                action = self._report().action_open_team(
                    self._options(), figure, line["id"]
                )
                self.assertEqual(
                    len(self._opens(action)), line[figure], (line["name"], figure)
                )

    # === PUSHES === #

    def _pushes(self, user=None, **options):
        """``{name: (moves, deals moved, days per move)}`` where there are any."""
        lines = self._report(user).get_team_comparison(self._options(**options))
        return {
            line["name"]: (line["pushes"], line["pushed_deals"], line["push_days"])
            for line in lines["lines"]
            if line["pushes"]
        }

    def _push(self, deal, moment, day):
        with freeze_time(moment):
            deal.date_deadline = day

    def _pushed(self):
        """Gil's deal moves by 10 days for the colleague, then by 4 for the rep."""
        deal = self._live(
            "Gil",
            "40 meet",
            user_id=self.colleague_user.id,
            date_deadline="2024-03-01",
        )
        self._push(deal, "2024-03-01 09:00:00", "2024-03-11")
        deal.user_id = self.rep_user
        self._push(deal, "2024-04-01 09:00:00", "2024-03-15")
        return deal

    def test_one_way_of_counting_pushes(self):
        """The deal, its moves and the comparison of people count the same moves."""
        deal = self._pushed()
        deal.date_deadline = "2024-03-02"  # earlier: no push
        self.assertEqual(
            self._pushes(),
            {"All": (2, 1, 7.0), "Colleague": (1, 1, 10.0), "Rep": (1, 1, 4.0)},
        )
        self.assertEqual(deal.sales_push_count, 2)
        self.assertEqual(sum(deal.sales_closing_change_ids.mapped("pushes")), 2)

    def test_pushes_of_the_options(self):
        """By cohort those of its deals, by period those made in the range."""
        deal = self._pushed()  # entered on day 40, 10 February
        both = {"All": (2, 1, 7.0), "Colleague": (1, 1, 10.0), "Rep": (1, 1, 4.0)}
        rep_only = {"All": (1, 1, 4.0), "Rep": (1, 1, 4.0)}
        deal.country_id = self.env.ref("base.ch")
        for options, found in (
            ({"date_from": "2024-02-10", "date_to": "2024-02-10"}, both),
            ({"date_from": "2024-02-11"}, {}),
            ({"mode": "period", "date_from": "2024-03-02"}, rep_only),
            (
                {"mode": "period", "date_to": "2024-03-01"},
                {"All": (1, 1, 10.0), "Colleague": (1, 1, 10.0)},
            ),
            ({"user_id": self.rep_user.id}, rep_only),
            ({"team_id": self.south.id}, {}),
            ({"country_id": self.env.ref("base.ch").id}, both),
            ({"country_id": self.env.ref("base.fr").id}, {}),
        ):
            self.assertEqual(self._pushes(**options), found, options)

    def test_pushes_belong_to_the_process_followed_then(self):
        deal = self._pushed()
        other = self._create_process("Other", self.stages)
        deal.sudo().sales_process_id = other
        self._push(deal, "2024-05-01 09:00:00", "2024-06-01")
        self.assertEqual(self._pushes()["All"], (2, 1, 7.0))
        self.assertEqual(
            deal.sales_closing_change_ids.sorted("id").sales_process_id,
            self.process | other,
        )

    def test_pushes_a_person_may_see(self):
        """What happened while somebody else had the deal stays with them."""
        self._pushed()
        self.assertEqual(
            self._pushes(self.rep_user), {"All": (1, 1, 4.0), "Rep": (1, 1, 4.0)}
        )
        self.assertEqual(self._pushes(self.leader_user)["All"], (2, 1, 7.0))
        self.assertFalse(self._pushes(self.other_leader_user))

    def test_a_rebuilt_past_tells_of_no_push(self):
        """Two closing dates in the history alone are no recorded move."""
        deal = self._live("Hal", "0 meet", date_deadline="2024-02-01")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET date_deadline = '2024-05-01' WHERE id = %s", [deal.id]
        )
        self.env.invalidate_all()
        self._record_at(9, deal)
        self.assertEqual(len(self._rows(deal)), 2)
        self.assertFalse(self._pushes())

    def test_a_person_sees_what_the_rules_allow(self):
        self._live("Other", "0 meet", user_id=self.colleague_user.id)
        for user, names in (
            (self.rep_user, ["All", "Rep"]),
            (self.leader_user, ["All", "Colleague", "Rep"]),
            (self.other_leader_user, ["All"]),
        ):
            lines = self._report(user).get_team_comparison(self._options())["lines"]
            self.assertEqual([line["name"] for line in lines], names)
            open_deals = self._report(user).get_bottlenecks(self._options())["open"]
            self.assertEqual(open_deals["count"], lines[0]["open"])
        for method in (
            "get_bottlenecks",
            "get_criterion_lift",
            "get_team_comparison",
        ):
            with self.assertRaises(AccessError):
                getattr(self._report(self.portal_user), method)(self._options())
