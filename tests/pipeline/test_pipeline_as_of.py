from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .pipeline_common import PipelineCommon


@tagged("post_install", "-at_install")
class TestPipelineAsOf(PipelineCommon):
    """Lists, pivots and graphs of the pipeline as of a day, or of two."""

    rule_tested_models = {"sales.pipeline.as.of"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.lead"].with_context(active_test=False).search([]).unlink()
        cls.company.resource_calendar_id.tz = "UTC"

    def setUp(self):
        super().setUp()
        # Day 0 is 2024-01-01, 08:00.
        self.deal = self._deal("Grows", expected_revenue=100, probability=10)
        self.lost = self._deal("Is lost", expected_revenue=40, probability=20)
        self._record_at(0)
        self.deal.write(
            {"expected_revenue": 150, "stage_id": self.prove.id, "probability": 50}
        )
        self.lost.action_set_lost()
        self.late = self._deal("Is late", expected_revenue=7)
        self._record_at(5)

    def _as_of(self, first=None, second=None, user=None):
        model = self.env["sales.pipeline.as.of"].with_user(user or self.director_user)
        return model.with_context(as_of=first, as_of_compare=second)

    def test_a_day_is_its_end(self):
        rows = self._as_of("2024-01-01").search([])
        self.assertEqual(rows.lead_id, self.deal | self.lost)
        self.assertEqual(set(rows.mapped("as_of")), {"2024-01-01"})
        self.assertFalse(self._as_of("2023-12-31").search([]))
        rows = self._as_of("2024-01-05").search([("status", "=", "open")])
        self.assertEqual(sum(rows.mapped("expected_revenue")), 140)
        rows = self._as_of("2024-01-06").search([("status", "=", "open")])
        self.assertEqual(sum(rows.mapped("expected_revenue")), 157)
        self.assertEqual(rows.lead_id, self.deal | self.late)

    def test_to_the_second(self):
        for moment, amount in (
            ("2024-01-06 07:59:59", 100),
            ("2024-01-06 08:00:00", 150),
            (self._day(5, seconds=-1), 100),
            (self._day(5), 150),
        ):
            row = self._as_of(moment).search([("lead_id", "=", self.deal.id)])
            self.assertEqual(row.expected_revenue, amount)

    def test_agrees_with_the_history(self):
        history = self.env["sales.pipeline.history"]
        for seconds in (-1, 0, 1):
            moment = self._day(5, seconds=seconds)
            rows = self._as_of(moment).search([], order="lead_id")
            kept = history._as_of(moment).sorted("lead_id")
            self.assertEqual(
                rows.mapped("expected_revenue"), kept.mapped("expected_revenue")
            )
            self.assertEqual(rows.mapped("status"), kept.mapped("status"))
            self.assertEqual(rows.mapped("lead_ref"), kept.lead_id.ids)

    def test_what_else_a_row_tells(self):
        row = self._as_of("2024-01-08").search([("lead_id", "=", self.deal.id)])
        self.assertEqual(row.stage_id, self.prove)
        self.assertEqual(row.days_in_stage, 2)
        self.assertEqual(row.weighted_revenue, 75)
        self.assertEqual(row.currency_id, self.company.currency_id)
        self.assertEqual((row.revenue_change, row.deal_change), (0, 0))
        self.assertEqual(row.action_open_deal()["res_id"], self.deal.id)

    def test_two_days_compared(self):
        for first, second in (
            ("2024-01-02", "2024-01-09"),
            ("2024-01-09", "2024-01-02"),
        ):
            model = self._as_of(first, second)
            groups = model._read_group(
                [("status", "=", "open")],
                ["as_of"],
                ["expected_revenue:sum", "__count"],
            )
            self.assertEqual(groups, [("2024-01-02", 140, 2), ("2024-01-09", 157, 2)])
            totals = model._read_group(
                [("status", "=", "open")],
                [],
                [
                    "earlier_revenue:sum",
                    "later_revenue:sum",
                    "revenue_change:sum",
                    "deal_change:sum",
                ],
            )
            self.assertEqual(totals, [(140, 157, 17, 0)])
            by_stage = model._read_group(
                [("status", "=", "open")], ["stage_id"], ["revenue_change:sum"]
            )
            self.assertEqual(by_stage, [(self.meet, -133), (self.prove, 150)])
        same = self._as_of("2024-01-02", "2024-01-02").search([])
        self.assertEqual(len(same), 2)

    def test_without_a_day_it_is_now(self):
        self.late.expected_revenue = 9
        self.env["sales.pipeline.history"]._write_pending()
        row = self._as_of().search([("lead_id", "=", self.late.id)])
        self.assertEqual(row.expected_revenue, 9)

    def test_export_and_web_reads(self):
        rows = self._as_of("2024-01-02", "2024-01-09", self.env.user).search([])
        data = rows.export_data(["as_of", "lead_id", "expected_revenue"])["datas"]
        self.assertEqual(len(data), 5)
        found = self._as_of("2024-01-02").web_search_read(
            [("user_id", "=", self.rep_user.id)],
            {"lead_id": {"fields": {"display_name": {}}}, "expected_revenue": {}},
        )
        self.assertEqual(found["length"], 2)

    def test_deleted_deals_stay(self):
        number = self.late.id
        self.late.unlink()
        row = self._as_of("2024-01-09").search([("lead_ref", "=", number)])
        self.assertEqual(row.expected_revenue, 7)
        self.assertFalse(row.lead_id)
        with self.assertRaisesRegex(UserError, "deleted"):
            row.action_open_deal()

    def test_days_are_of_the_company(self):
        self.company.resource_calendar_id.tz = "Pacific/Honolulu"
        row = self._as_of("2024-01-05").search([("lead_id", "=", self.deal.id)])
        self.assertEqual(row.expected_revenue, 150)
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        row = self._as_of("2024-01-05").search([("lead_id", "=", self.deal.id)])
        self.assertEqual(row.expected_revenue, 100)

    def test_who_sees_what(self):
        """As the rules of the history have it: who had the deal then."""
        self.deal.user_id = self.colleague_user
        self._record_at(10)
        seen = {
            self.rep_user: ({"Grows", "Is lost", "Is late"}, {"Is lost", "Is late"}),
            self.colleague_user: (set(), {"Grows"}),
            self.leader_user: (
                {"Grows", "Is lost", "Is late"},
                {"Grows", "Is lost", "Is late"},
            ),
            self.other_leader_user: (set(), set()),
            self.stranger_user: (set(), set()),
        }
        for user, expected in seen.items():
            for day, names in zip(("2024-01-09", "2024-01-11"), expected, strict=True):
                rows = self._as_of(day, user=user).search([])
                self.assertEqual(
                    set(rows.sudo().lead_id.mapped("name")), names, (user.name, day)
                )
        rows = self._as_of("2024-01-09").search([])
        self.env.invalidate_all()
        self.assertFalse(
            self._as_of("2024-01-09", user=self.stranger_user).search(
                [("id", "in", rows.ids)]
            )
        )
        for user in (self.accountant_user, self.portal_user):
            with self.assertRaises(AccessError):
                self._as_of("2024-01-09", user=user).search([])
        with self.assertRaises(AccessError):
            rows[0].write({"expected_revenue": 1})

    def test_asked_for_wrongly(self):
        for value in ("yesterday", "2024-02-30", "2024-13-01 00:00:00", 5, ["x"], "9"):
            with self.subTest(value=value), self.assertRaises(UserError):
                self._as_of(value).search([])
            with self.assertRaises(UserError):
                self._as_of("2024-01-01", value).search([])

    def test_queries_do_not_grow(self):
        counts = []
        for number in (5, 10):
            for index in range(number):
                self._deal(f"Deal {index}")
            self._record_at(6)
            self.env.flush_all()
            model = self._as_of("2024-01-09")
            model._read_group([], ["stage_id"], ["expected_revenue:sum"])  # warm
            before = self.env.cr.sql_log_count
            model._read_group([], ["stage_id"], ["expected_revenue:sum"])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts, [1, 1])
