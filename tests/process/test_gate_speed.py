from odoo.fields import Command
from odoo.tests import tagged

from ..common import SalesProcessCommon


@tagged("post_install", "-at_install")
class TestGateSpeed(SalesProcessCommon):
    """The number of queries does not grow with the number of deals."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        call = cls.env.ref("mail.mail_activity_data_call")
        cls._fields_criterion(cls.p_meet, "expected_revenue")
        cls._criterion(cls.p_meet, "activity", activity_type_id=call.id)
        cls._criterion(cls.p_meet, "meeting", role="decision_maker")
        cls._criterion(cls.p_meet, "stakeholder", role="decision_maker")
        cls._criterion(cls.p_meet, "document", document_category="nda")
        cls._criterion(cls.p_meet, "email", severity="soft")
        cls._criterion(cls.p_meet, "quotation", severity="soft")

    def _proven_deals(self, count):
        deals = self.env["crm.lead"]
        for number in range(count):
            deals |= self._deal(
                f"Deal {number}",
                expected_revenue=10,
                sales_stakeholder_ids=[
                    Command.create(
                        {"partner_id": self.buyer.id, "role": "decision_maker"}
                    )
                ],
            )
        for deal in deals:
            self.env["calendar.event"].create(
                {
                    "name": "Met",
                    "opportunity_id": deal.id,
                    "start": self._days_ago(2),
                    "stop": self._days_ago(1),
                    "partner_ids": [Command.set(self.buyer.ids)],
                }
            )
            self.env["ir.attachment"].create(
                {
                    "name": "nda.pdf",
                    "raw": b"%PDF",
                    "res_model": "crm.lead",
                    "res_id": deal.id,
                    "sales_document_category": "nda",
                }
            )
            deal.activity_schedule(
                "mail.mail_activity_data_call", user_id=self.rep_user.id
            ).action_archive()
        self.env.flush_all()
        self.env.cr.precommit.run()
        return deals

    def _count(self, function):
        """Queries of ``function``, on warm caches of the registry."""
        for _warm in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            function()
            queries = self.env.cr.sql_log_count - before
        return queries

    def test_judging_and_gate(self):
        few, many = self._proven_deals(4), self._proven_deals(8)
        counts = [
            self._count(lambda deals=deals: deals._sales_gate(self.prove))
            for deals in (few, many)
        ]
        self.assertEqual(*counts)
        self.assertLessEqual(counts[0], 8)

    def test_recording_a_move(self):
        """What a move costs beyond plain Odoo: evidence in one INSERT."""
        counts = []
        for deals in (self._proven_deals(4), self._proven_deals(8)):
            moves = deals._sales_gate(self.prove)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            moves.record()
            counts.append(self.env.cr.sql_log_count - before)
            self.env.invalidate_all()
            self.assertEqual(len(deals.sales_evidence_ids), 7 * len(deals))
        self.assertEqual(counts, [1, 1])

    def test_kanban_page(self):
        names = ["name", "sales_exit_progress", "sales_missing_summary"]
        few, many = self._proven_deals(4), self._proven_deals(8)
        counts = [
            self._count(lambda deals=deals: deals.with_user(self.rep_user).read(names))
            for deals in (few, many)
        ]
        self.assertEqual(*counts)

    def test_creating_deals(self):
        def create(count):
            values = {"type": "opportunity", "team_id": self.retail.id}
            deals = self.env["crm.lead"].with_context(mail_create_nolog=True)
            deals.create([{"name": f"New {i}", **values} for i in range(count)])

        def assigning(count):
            """Queries that give new deals their process."""
            deals = self.env["crm.lead"].create(
                [{"name": f"New {i}", "type": "lead"} for i in range(count)]
            )
            deals.type = "opportunity"
            deals.sales_process_id = False
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            deals._sales_assign_process()
            return self.env.cr.sql_log_count - before

        create(1)
        assigning(2)
        self.assertEqual(assigning(10), assigning(20))

    def test_nightly_job(self):
        counts = []
        for count in (5, 10):
            deals = self._proven_deals(count)
            deals.with_user(self.director_user).action_sales_waive(
                self.p_meet.criterion_ids[:1].ids, "For a while"
            )
            deals.sales_evidence_ids.sudo().date_expiry = self._days_ago(1)
            self.env.flush_all()
            counts.append(self._count(self.env["sales.evidence"]._cron_expire))
        self.assertEqual(*counts)
