from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .forecast_range_common import ForecastRangeCommon


@tagged("post_install", "-at_install")
class TestForecastRange(ForecastRangeCommon):
    """The range of a selection, worked out by hand."""

    rule_tested_models = ()

    def test_two_deals(self):
        """100 at 50 %, 200 at 40 %: 0, 100, 200, 300 with 0.3, 0.3, 0.2, 0.2."""
        deals = self._worth(100, 50) | self._worth(200, 40)
        found = self._range(deals, quota=200)
        self.assertEqual((found["p10"], found["p50"], found["p90"]), (0, 100, 300))
        self.assertEqual((found["mean"], found["n"], found["pipeline"]), (130, 2, 300))
        self.assertAlmostEqual(found["chance"], 0.4)
        self.assertEqual(found["method"], "exact")
        self.assertEqual(found["currency_id"], self.money.id)
        self.assertAlmostEqual(sum(bar[2] for bar in found["bars"]), 1)
        self.assertFalse(found["reasons"])

    def test_won_lost_and_omitted(self):
        won = self._worth(70, 50)
        won.action_set_won()
        lost = self._worth(1000, 50)
        lost.action_set_lost()
        omitted = self._worth(500, 50, sales_forecast_choice="omitted")
        deals = won | lost | omitted | self._worth(100, 50)
        found = self._range(deals.with_context(active_test=False), base=5, quota=80)
        self.assertEqual((found["p10"], found["p90"], found["n"]), (75, 175, 1))
        self.assertAlmostEqual(found["chance"], 0.5)
        self.assertEqual(found["won"], {"count": 1, "amount": 70})
        self.assertEqual(found["omitted"], {"count": 1, "amount": 500})
        texts = " ".join(reason["text"] for reason in found["reasons"])
        self.assertIn("Already won", texts)
        self.assertIn("Deals omitted from the forecast: 1.", texts)

    def test_lost_deals_count_nothing(self):
        lost = self._worth(1000, 50)
        lost.action_set_lost()
        model = self.env["crm.lead"].with_context(active_test=False)
        found = model.get_forecast_range([("id", "=", lost.id)])
        self.assertEqual((found["p90"], found["n"], found["lost"]["count"]), (0, 0, 1))

    def test_a_whale_is_named(self):
        small = self.env["crm.lead"]
        for number in range(10):
            small |= self._worth(10, 50, f"Small {number}")
        whale = self._worth(1000, 40, "Whale")
        found = self._range(small | whale)
        # Of the small ones alone 30 is P17, 70 P95, and 60 P83; times 0.6 without the
        # whale, times 0.4 with it.
        self.assertEqual((found["p10"], found["p50"]), (30, 70))
        self.assertEqual(found["p90"], 1060)
        [row] = found["whales"]
        self.assertEqual((row["id"], row["name"]), (whale.id, "Whale"))
        self.assertAlmostEqual(row["share"], 1000 / 1100)
        self.assertEqual(row["lost"], [30, 50, 70])
        self.assertEqual(row["won"], [1030, 1050, 1070])
        self.assertIn("“Whale” decides", found["reasons"][0]["text"])
        self.assertFalse(self._range(small)["whales"])

    def test_recurring_revenue_counts(self):
        plan = self.env["crm.recurring.plan"].create(
            {"name": "Yearly", "number_of_months": 12}
        )
        deal = self._worth(100, 50, recurring_revenue=60, recurring_plan=plan.id)
        self.assertEqual(self._range(deal)["p90"], 160)

    def test_nothing_selected(self):
        found = self._range(self.env["crm.lead"], quota=10)
        self.assertEqual((found["n"], found["p10"], found["p90"]), (0, 0, 0))
        self.assertEqual(found["chance"], 0)
        self.assertEqual(found["reasons"][0]["text"], "No open deal counts here.")

    # === BAD INPUT === #

    def test_without_amount_or_date(self):
        bare = self._worth(0, 50, "Bare")
        undated = self._worth(10, 50, "Undated", date_deadline=False)
        found = self._range(bare | undated)
        self.assertEqual(found["n"], 2)
        self.assertEqual(
            found["no_amount"],
            {"count": 1, "deals": [{"id": bare.id, "name": "Bare"}]},
        )
        self.assertEqual(
            found["no_date"],
            {"count": 1, "deals": [{"id": undated.id, "name": "Undated"}]},
        )
        texts = [row["text"] for row in found["reasons"] if row["tone"] == "warning"]
        self.assertEqual(
            texts,
            [
                "Without amount, so counted as nothing: Bare.",
                "Without closing date: Undated.",
            ],
        )

    def test_many_names_are_cut_short(self):
        deals = self.env["crm.lead"]
        for number in range(8):
            deals |= self._worth(0, 50, f"Bare {number}")
        found = self._range(deals)
        self.assertEqual(found["no_amount"]["count"], 8)
        self.assertEqual(len(found["no_amount"]["deals"]), 5)
        self.assertIn("3 more", found["reasons"][0]["text"])

    def test_refused(self):
        deal = self._worth(10, 50)
        for more in (
            {"quota": "much"},
            {"quota": float("nan")},
            {"base": "x"},
            {"base": float("inf")},
            {"quota": [1]},
            {"currency_id": 999_999_999},
        ):
            with self.assertRaises(UserError):
                self._range(deal, **more)

    def test_leads_are_no_deals(self):
        lead = self._worth(10, 50, type="lead")
        self.assertEqual(self._range(lead)["n"], 0)

    # === CURRENCIES === #

    def test_another_currency(self):
        """4 of theirs are 1 of ours: 400 count as 100."""
        branch = self._abroad("CHF", rate=4)
        ours = self._worth(100, 50)
        theirs = self._worth(400, 50, company_id=branch.id, team_id=False)
        found = self._range(ours | theirs, companies=self.company | branch)
        self.assertEqual((found["n"], found["pipeline"]), (2, 200))
        self.assertEqual((found["p10"], found["p50"], found["p90"]), (0, 100, 200))
        there = self._range(
            ours | theirs,
            companies=self.company | branch,
            currency_id=branch.currency_id.id,
            quota=800,
        )
        self.assertEqual((there["p50"], there["p90"]), (400, 800))
        self.assertAlmostEqual(there["chance"], 0.25)

    def test_a_currency_without_rate_is_left_out_and_said(self):
        branch = self._abroad("CHF")
        ours = self._worth(100, 50)
        theirs = self._worth(400, 50, "Alpine", company_id=branch.id, team_id=False)
        found = self._range(ours | theirs, companies=self.company | branch)
        self.assertEqual((found["n"], found["p90"]), (1, 100))
        [row] = found["no_rate"]
        self.assertEqual((row["currency"], row["count"]), ("CHF", 1))
        self.assertEqual(row["deals"], [{"id": theirs.id, "name": "Alpine"}])
        self.assertIn("CHF has no exchange rate: Alpine.", found["reasons"][-1]["text"])

    # === ROLES === #

    def test_everybody_sees_his_own(self):
        mine = self._worth(100, 50)
        other = self._worth(
            900, 50, user_id=self.stranger_user.id, team_id=self.south.id
        )
        deals = mine | other
        for user, pipeline in (
            (self.rep_user, 100),
            (self.stranger_user, 900),
            (self.leader_user, 100),
            (self.other_leader_user, 900),
            (self.director_user, 1000),
        ):
            with self.subTest(user=user.name):
                self.assertEqual(self._range(deals, user)["pipeline"], pipeline)
                ranges = (
                    self.env["crm.lead"]
                    .with_user(user)
                    ._forecast_ranges({"all": [("id", "in", deals.ids)]})
                )
                self.assertEqual(ranges["all"]["mean"], pipeline / 2)

    def test_no_access(self):
        deal = self._worth(100, 50)
        for user in (self.portal_user, self.accountant_user):
            with self.assertRaises(AccessError):
                self._range(deal, user)
            with self.assertRaises(AccessError):
                self._range(self.env["crm.lead"], user)

    # === MANY === #

    def test_many_selections_at_once(self):
        one, two = self._worth(100, 50), self._worth(200, 50)
        ranges = self.everyone._forecast_ranges(
            {
                ("user", 1): [("id", "=", one.id)],
                "both": [("id", "in", (one | two).ids)],
                "none": [("id", "=", 0)],
            },
            quotas={"both": 250, "none": 1},
            bases={"none": 3},
        )
        self.assertEqual(ranges[("user", 1)]["p90"], 100)
        self.assertIsNone(ranges[("user", 1)]["chance"])
        self.assertAlmostEqual(ranges["both"]["chance"], 0.25)
        self.assertEqual((ranges["none"]["p10"], ranges["none"]["chance"]), (3, 1))
        self.assertEqual(self.everyone._forecast_ranges({}), {})

    def _queries(self, call):
        self.env.flush_all()
        self.env.invalidate_all()
        call()  # fills the caches of settings
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        call()
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow(self):
        deals = self.env["crm.lead"]
        counts = []
        for _size in range(2):
            for number in range(4):
                deals |= self._worth(100 * number, 50, date_deadline=False)
            ids = deals.ids
            model = self.env["crm.lead"].with_user(self.rep_user)
            one = self._queries(
                lambda model=model, ids=ids: model.get_forecast_range(
                    [("id", "in", ids)], quota=100
                )
            )
            many = self._queries(
                lambda model=model, ids=ids: model._forecast_ranges(
                    {id_: [("id", "=", id_)] for id_ in ids}
                )
            )
            counts.append((one, many))
        self.assertEqual(*counts)

    def test_small_deals_are_added_up(self):
        """600 deals of 1 to 3 beside two of 500: the same as with all of them named."""
        vals = [
            {
                "name": f"Small {number}",
                "type": "opportunity",
                "user_id": self.rep_user.id,
                "team_id": self.retail.id,
                "company_id": self.company.id,
                "expected_revenue": 1 + number % 3,
                "probability": 30 + number % 40,
            }
            for number in range(600)
        ]
        deals = self.env["crm.lead"].create(vals)
        deals |= self._worth(500, 50) | self._worth(500, 20)
        domain = [("id", "in", deals.ids)]
        model = self.env["crm.lead"].with_user(self.rep_user)
        bundle = model._forecast_bundles({0: domain}, self.money)[0]
        self.assertEqual(len(bundle.deals) + bundle.rest.count, 602)
        self.assertEqual(len(bundle.deals), 2)
        found = self._range(deals, quota=1000)
        mean = sum(
            deal.sales_forecast_value * deal.sales_forecast_probability / 100
            for deal in deals
        )
        self.assertAlmostEqual(found["mean"], mean, 1)
        # Both large ones 10 %, one of them 50 %
        small = mean - 350
        self.assertAlmostEqual(found["chance"], 0.1 + 0.5 * (small > 500), 1)
        self.assertEqual(found["n"], 602)

    # === OWN TARGET === #

    def _targets(self, months=3, **values):
        """Own target of 1,000 a month from January next year on."""
        year = self.company._sales_today().year + 1
        plan = self.env["sales.target.plan"].create(
            {
                "name": "Bookings",
                "metric_id": self.env.ref("sales_process.metric_booked").id,
                "company_id": self.company.id,
                "date_from": date(year, 1, 1),
                "date_to": date(year + 1, 1, 1),
            }
        )
        self.env["sales.target"].create(
            [
                {
                    "plan_id": plan.id,
                    "user_id": self.rep_user.id,
                    "date_from": first,
                    "date_to": after,
                    "amount": 1000,
                    **values,
                }
                for first, after in plan._periods()[:months]
            ]
        )
        plan.sudo().state = "published"
        return year

    def test_own_target_of_the_period(self):
        year = self._targets()
        model = self.env["crm.lead"].with_user(self.rep_user)
        own = [("user_id", "=", self.rep_user.id)]
        month = [
            ("date_deadline", ">=", f"{year}-01-01"),
            ("date_deadline", "<=", f"{year}-01-31"),
        ]
        quarter = [
            ("date_deadline", ">=", f"{year}-01-01"),
            ("date_deadline", "<", f"{year}-04-01"),
        ]
        half = [*quarter[:1], ("date_deadline", "<", f"{year}-07-01")]
        for domain, quota in (
            (own + month, 1000),
            (own + quarter, 3000),
            (own + half, None),  # only three months have a target
            (month, None),
            (own, None),
            (["|", *own, *month[:1], *month[1:]], None),
        ):
            with self.subTest(domain=domain):
                found = model.get_forecast_range(domain)
                self.assertEqual(found["suggested_quota"], quota)

    def test_why(self):
        deal = self._worth(0, 50, date_deadline=False)
        deal.with_user(self.rep_user).sales_forecast_choice = "omitted"
        words = deal.with_user(self.rep_user).sales_forecast_why
        for part in (
            "Rep chose “Omitted”",
            "counts as nothing",
            "Odoo's probability of the deal is 50",
            "no amount yet",
            "no expected closing yet",
        ):
            self.assertIn(part, words)
        deal.action_sales_release_category()
        self.assertNotIn("chose", deal.sales_forecast_why)
