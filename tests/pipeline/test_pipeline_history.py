import psycopg2

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .pipeline_common import PipelineCommon


@tagged("post_install", "-at_install")
class TestPipelineHistory(PipelineCommon):
    """One row per deal and interval, without gap or overlap, on every channel."""

    rule_tested_models = {"sales.pipeline.history"}

    def test_a_life(self):
        """Day 0 created, day 3 amount, day 5 next stage, day 9 won."""
        deal = self._deal(expected_revenue=100)
        self._record_at(0, deal)
        deal.expected_revenue = 150
        self._record_at(3, deal)
        deal.stage_id = self.prove
        self._record_at(5, deal)
        deal.action_set_won()
        self._record_at(9, deal)
        rows = self._rows(deal)
        self.assertEqual(
            [
                (r.date_from, r.date_to, r.stage_id, r.expected_revenue, r.status)
                for r in rows
            ],
            [
                (self._day(0), self._day(3), self.meet, 100, "open"),
                (self._day(3), self._day(5), self.meet, 150, "open"),
                (self._day(5), self._day(9), self.prove, 150, "open"),
                (self._day(9), False, self.won, 150, "won"),
            ],
        )
        self.assertEqual(
            rows.mapped("stage_since"),
            [self._day(0), self._day(0), self._day(5), self._day(9)],
        )
        days = [row.dwell // 86400 for row in rows]
        self.assertEqual(days, [0, 5, 4, 0])
        self.assertEqual(rows[1].next_stage_id, self.prove)
        self.assertEqual(rows[2].next_status, "won")
        self.assertFalse(rows[0].next_stage_id)
        self._check_chain()

    def test_written_with_the_deal(self):
        deal = self._deal()
        self.env.cr.precommit.run()
        self.env.cr.execute(
            SQL(
                "SELECT COUNT(*) FROM sales_pipeline_history WHERE lead_id = %s",
                deal.id,
            )
        )
        self.assertEqual(self.env.cr.fetchone(), (1,))

    def test_several_changes_make_one_row_and_no_change_makes_none(self):
        deal = self._deal()
        self._record_at(0, deal)
        deal.expected_revenue = 5
        deal.stage_id = self.prove
        deal.user_id = self.colleague_user
        self._record_at(1, deal)
        self.assertEqual(len(self._rows(deal)), 2)
        deal.name = "Another name"
        deal.expected_revenue = 5
        self.assertFalse(self._record_at(2, deal))
        self.assertEqual(len(self._rows(deal)), 2)

    def test_every_channel_is_noticed(self):
        """What is pending after each kind of change, without asking for it."""
        reason = self.env["crm.lost.reason"].create({"name": "Price"})
        changes = {
            "amount": lambda d: d.write({"expected_revenue": 7}),
            "no tracking": lambda d: d.with_context(tracking_disable=True).write(
                {"date_deadline": "2024-02-01"}
            ),
            "stage": lambda d: d.with_user(self.rep_user).action_sales_advance(),
            "owner": lambda d: d.write({"user_id": self.colleague_user.id}),
            "lost": lambda d: d.action_set_lost(lost_reason_id=reason.id),
            "restored": lambda d: d.action_restore(),
            "won": lambda d: d.action_set_won(),
        }
        deal = self._deal()
        self._record_at(0, deal)
        for name, change in changes.items():
            change(deal)
            self.env.flush_all()
            pending = self.env.cr.precommit.data.get("sales_pipeline_history", set())
            self.assertIn(deal.id, pending, name)
            self.env["sales.pipeline.history"]._write_pending()
        self.assertEqual(self._rows(deal)[-1].status, "won")
        self._check_chain()

    def test_computed_change_is_noticed(self):
        deal = self._deal()
        self._record_at(0, deal)
        self.env.cr.precommit.data.pop("sales_pipeline_history", None)
        deal.probability = 33
        self.env.flush_all()
        self.assertIn(
            deal.id, self.env.cr.precommit.data.get("sales_pipeline_history", ())
        )

    def test_reconcile_picks_up_sql(self):
        deal = self._deal()
        self._record_at(0, deal)
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE crm_lead SET probability = 77 WHERE id = %s", deal.id)
        )
        self.env.invalidate_all()
        found = self.env["sales.pipeline.history"]._record(SQL("TRUE"))
        self.assertIn(deal.id, found)
        self.assertEqual(self._rows(deal)[-1].probability, 77)

    def test_same_moment_amends(self):
        deal = self._deal(expected_revenue=1)
        self._record_at(0, deal)
        deal.expected_revenue = 2
        deal.stage_id = self.prove
        self._record_at(0, deal)
        row = self._rows(deal)
        self.assertEqual((len(row), row.expected_revenue), (1, 2))
        self.assertEqual(row.stage_id, self.prove)
        self._check_chain()

    def test_leads_are_no_pipeline(self):
        lead = self.env["crm.lead"].create({"name": "Lead", "type": "lead"})
        self.assertFalse(self._rows(lead))
        lead.type = "opportunity"
        self.assertEqual(len(self._rows(lead)), 1)

    def test_history_outlives_the_deal(self):
        deal = self._deal()
        self._record_at(0, deal)
        deal.stage_id = self.prove
        self._record_at(2, deal)
        number = deal.id
        deal.unlink()
        self._check_chain()
        rows = self.env["sales.pipeline.history"].search(
            [("lead_ref", "=", number)], order="date_from"
        )
        self.assertEqual(len(rows), 2)
        self.assertFalse(rows.lead_id)
        self.assertTrue(rows[-1].date_to)

    def test_merge(self):
        first, second = self._deal("One"), self._deal("Two")
        self._record_at(0)
        merged = (first | second).merge_opportunity()
        self._check_chain()
        self.assertTrue(self._rows(merged))
        gone = (first | second) - merged
        rows = self.env["sales.pipeline.history"].search([("lead_ref", "=", gone.id)])
        self.assertEqual(len(rows), 1)

    def test_as_of_to_the_second(self):
        deal = self._deal(expected_revenue=100)
        self._record_at(0, deal)
        deal.expected_revenue = 200
        self._record_at(4, deal)
        as_of = self.env["sales.pipeline.history"]._as_of
        only = [("lead_id", "=", deal.id)]
        self.assertFalse(as_of(self._day(0, seconds=-1), only))
        self.assertEqual(as_of(self._day(0), only).expected_revenue, 100)
        self.assertEqual(as_of(self._day(4, seconds=-1), only).expected_revenue, 100)
        self.assertEqual(as_of(self._day(4), only).expected_revenue, 200)

    @mute_logger("odoo.sql_db")
    def test_database_holds_the_chain(self):
        deal = self._deal()
        self._record_at(0, deal)
        deal.expected_revenue = 2
        self._record_at(2, deal)
        insert = """
            INSERT INTO sales_pipeline_history
                   (lead_id, date_from, date_to, stage_since, status, origin)
            VALUES (%s, %s, %s, %s, 'open', 'live')
        """
        wrong = {
            "second present": (self._day(5), None),
            "branch": (self._day(0), self._day(9)),
            "join": (self._day(-3), self._day(2)),
            "backwards": (self._day(9), self._day(8)),
        }
        for name, (start, end) in wrong.items():
            with (
                self.assertRaises(psycopg2.IntegrityError, msg=name),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(SQL(insert, deal.id, start, end, start))
        with self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
            self.env.cr.execute(
                SQL(insert, deal.id, self._day(-9), self._day(-5), self._day(-9))
            )
            self.env.cr.execute(SQL("SET CONSTRAINTS ALL IMMEDIATE"))

    def test_append_only_for_everyone(self):
        deal = self._deal()
        row = self._rows(deal)
        admin = self.env.ref("base.user_admin")
        for user in (self.rep_user, self.leader_user, self.director_user, admin):
            own = row.with_user(user)
            with self.assertRaises(AccessError):
                own.write({"expected_revenue": 1})
            with self.assertRaises(AccessError):
                own.unlink()
            with self.assertRaises(AccessError):
                own.create({"lead_id": deal.id, "status": "won"})

    def test_who_sees_what(self):
        deal = self._deal()
        row = self._rows(deal)
        history = self.env["sales.pipeline.history"]
        for user, seen in (
            (self.rep_user, True),
            (self.leader_user, True),
            (self.director_user, True),
            (self.colleague_user, False),
            (self.other_leader_user, False),
        ):
            found = history.with_user(user).search([("id", "=", row.id)])
            self.assertEqual(bool(found), seen, user.name)
        for user in (self.accountant_user, self.portal_user):
            with self.assertRaises(AccessError):
                history.with_user(user).search([])

    def test_queries_do_not_grow(self):
        counts = []
        for number in (5, 10):
            deals = self.env["crm.lead"]
            for index in range(number):
                deals |= self._deal(f"Deal {index}")
            self._record_at(0, deals)
            deals.write({"expected_revenue": 5})
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["sales.pipeline.history"]._write_pending()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts, [1, 1])
