from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..common import REP
from .attainment_common import JANUARY, YEAR, AttainmentCommon

FIGURES = [
    "achieved",
    "attainment",
    "gap",
    "expected_to_date",
    "pace",
    "daily_rate_needed",
    "date_reached",
    "pipeline",
    "projected",
    "coverage",
]


@tagged("post_install", "-at_install")
class TestTargetAttainmentList(AttainmentCommon):
    """Lists and pivots: totals, queries, companies and currencies."""

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._history()
        cls.top.amount = 2100.0
        cls.t_ann.amount = 1950.0
        cls.t_bob.amount = 1000.0

    def test_fields_and_figures_agree(self):
        figures = self._all_figures(first=JANUARY[0], after=JANUARY[1])
        pairs = {
            "achieved": "achieved",
            "gap": "gap",
            "expected_to_date": "expected",
            "projected": "projected",
        }
        for target in self.plan.target_ids:
            for name, figure in pairs.items():
                with self.subTest(target.owner_name, field=name):
                    self.assertEqual(target[name], figures[target.node][figure])

    def test_pivot(self):
        """People together: 1140 + 500 of 2950; the month is over."""
        domain = [("plan_id", "=", self.plan.id), ("user_id", "!=", False)]
        aggregates = ["achieved:sum", "gap:sum", "attainment:avg", "pace:avg"]
        rows = self.env["sales.target"]._read_group(
            domain, ["owner_kind"], [*aggregates, "target_amount:sum"]
        )
        self.assertEqual(len(rows), 1)
        kind, achieved, gap, attainment, pace, amount = rows[0]
        self.assertEqual((kind, achieved, gap), ("user", 1640.0, 1310.0))
        self.assertAlmostEqual(attainment, 100 * 1640 / 2950)
        self.assertAlmostEqual(pace, 100 * 1640 / 2950)
        self.assertEqual(amount, 2950.0)
        sets = self.env["sales.target"].formatted_read_grouping_sets(
            domain, [["user_id"], []], aggregates
        )
        self.assertEqual(
            sorted(row["achieved:sum"] for row in sets[0]), [500.0, 1140.0]
        )
        self.assertEqual(sets[1][0]["achieved:sum"], 1640.0)
        empty = self.env["sales.target"]._read_group(
            [("id", "=", 0)], [], ["achieved:sum", "attainment:avg"]
        )
        self.assertEqual(empty, [(0, 0.0)])
        # Both reps are part of the company: together with it they are no more.
        domain = [("id", "in", (self.top | self.t_ann | self.t_bob).ids)]
        for group in ([], ["metric_id"]):
            row = self.env["sales.target"]._read_group(
                domain, group, ["target_amount:sum", "achieved:sum"]
            )[0]
            self.assertEqual(row[-2:], (2100.0, 1600.0))
        # What was booked and how many visits were made have no sum.
        visits = self._make_plan(
            name="Visits",
            metric_id=self.env.ref("sales_process.metric_visit").id,
            date_from=self.plan.date_from,
            date_to=self.plan.date_to,
        )
        other = self._target(plan=visits, amount=5.0)
        domain = [("id", "in", (self.top | other).ids)]
        aggregates = ["target_amount:sum", "attainment:avg"]
        self.assertEqual(
            self.env["sales.target"]._read_group(domain, [], aggregates),
            [(False, False)],
        )
        described = self.env["sales.target"].fields_get(["achieved", "pace"])
        self.assertEqual(described["achieved"]["aggregator"], "sum")
        self.assertEqual(described["pace"]["aggregator"], "avg")

    def _queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        return self.env.cr.sql_log_count - before

    def test_as_many_queries_for_many_targets(self):
        """Twice as many people, of two metrics, in two teams, cost the same."""
        plans = {}
        for code in ("booked", "margin"):
            plans[code] = self._make_plan(
                name=code,
                metric_id=self.env.ref(f"sales_process.metric_{code}").id,
                period_type="whole",
                date_from=self._days(-20),
                date_to=self._days(20),
            )
        people = [
            new_test_user(
                self.env,
                f"sp_many_{number}",
                REP,
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            for number in range(6)
        ]
        for user in people:
            self._resource(user)
            self.env["crm.lead"].create(
                {
                    "name": user.name,
                    "type": "opportunity",
                    "user_id": user.id,
                    "company_id": self.company.id,
                    "expected_revenue": 100,
                    "date_deadline": self._days(3),
                }
            )
        targets = self.env["sales.target"]
        for plan in plans.values():
            for team in (self.north, self.south):
                top = targets.create(self._values(plan, team_id=team.id))
                targets |= top
                for user in people:
                    targets |= targets.create(
                        self._values(plan, parent_id=top.id, user_id=user.id)
                    )
        few = targets.filtered(lambda t: t.team_id or t.user_id in people[:3])
        read = [
            self._queries(lambda some=some: some.read(FIGURES))
            for some in (targets, few, targets)  # the first one fills caches
        ]
        self.assertEqual(read[1], read[2])
        plan = plans["booked"]
        nodes = {target.node for target in few if target.plan_id == plan}
        counts = [
            self._queries(lambda some=some: plan._figures(some))
            for some in (None, nodes, None)
        ]
        self.assertEqual(counts[1], counts[2])

    def _values(self, plan, **values):
        return {
            "plan_id": plan.id,
            "date_from": plan.date_from,
            "date_to": plan.date_to,
            "amount": 100.0,
            **values,
        }

    def test_companies_and_currencies(self):
        """Another company, whose currency is half of a dollar's worth: its own orders
        alone, in its own money."""
        currency = self.setup_other_currency("GBP", rounding=0.01)
        data = self.setup_other_company(name="Abroad", currency_id=currency.id)
        company = data["company"]
        env = self.env(context={"allowed_company_ids": [company.id, self.company.id]})
        env.user.company_ids |= company
        order = env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": company.id,
                "user_id": self.ann.id,
                "team_id": False,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product_b.id,
                            "product_uom_qty": 1,
                            "price_unit": 700.0,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        self.assertEqual(order.currency_id, currency)
        order.action_confirm()
        order.date_order = datetime(YEAR, 1, 16, 12)
        env["sales.credit"]._write_pending()
        plan = self._make_plan(
            name="Abroad",
            company_id=company.id,
            date_from=date(YEAR, 1, 1),
            date_to=date(YEAR + 1, 1, 1),
        )
        theirs = self._target(plan=plan, amount=1000.0)
        ann = self._target({"user_id": self.ann.id}, theirs, plan, amount=1000.0)
        self.env.invalidate_all()
        both = self.top | self.t_ann | theirs | ann
        self.assertEqual(both.mapped("achieved"), [1600.0, 1140.0, 700.0, 700.0])
        self.assertEqual(theirs.amount_currency_id, currency)
        self.assertEqual(self.top.amount_currency_id, self.company.currency_id)
