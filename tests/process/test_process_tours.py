from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..common import SalesProcessCommon


@tagged("post_install", "-at_install")
class TestProcessTours(SalesProcessCommon, HttpCase):
    """The path and the board in a browser, as the people who work with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sales_lost_reason_required = True
        cls.env["crm.lost.reason"].create({"name": "Test reason"})
        asset = cls.env["sales.asset"].create(
            {"name": "Value sheet", "url": "https://value.example"}
        )
        cls.p_meet.write(
            {
                "buyer_step": "Names the problem",
                "goal": "We know the cost of it",
                "guidance": "<p>Ask before you show.</p>",
                "expected_days": 10,
                "asset_ids": [Command.set(asset.ids)],
            }
        )
        cls._fields_criterion(
            cls.p_meet, "expected_revenue", name="Budget is known", sequence=1
        )
        cls.reckoned = cls._criterion(
            cls.p_meet, name="Cost is reckoned", minimum_amount=1, sequence=2
        )
        cls._criterion(
            cls.p_meet,
            "activity",
            name="Reference visit offered",
            severity="soft",
            activity_type_id=cls.env.ref("mail.mail_activity_data_call").id,
            sequence=3,
        )
        cls.agreed = cls._criterion(cls.p_prove, name="Plan is agreed")

    def _open(self, deal, tour, login):
        self.start_tour(f"/odoo/crm/{deal.id}", tour, login=login)

    def test_path(self):
        """From the first open exit to the next stage, the way a rep goes it."""
        self.reckoned.minimum_amount = 0
        deal = self._deal("Path deal")
        self._open(deal, "sales_process_path_open_exits", "sp_rep")
        self.assertEqual(deal.expected_revenue, 5000)
        evidence = deal.sales_evidence_ids
        self.assertEqual(evidence.submitted_by_id, self.rep_user)
        self._open(deal, "sales_process_path_verify", "sp_leader")
        self.assertEqual(evidence.verified_by_id, self.leader_user)
        self._open(deal, "sales_process_path_advance", "sp_rep")
        self.assertEqual(deal.stage_id, self.prove)
        skipped = deal.sales_evidence_ids.filtered(lambda r: r.source == "skip")
        self.assertEqual(skipped.note, "The buyer decides without a visit")

    def test_waive(self):
        """Each menu waives its own line, also where several lines have one."""
        self._criterion(self.p_prove, name="Trial is done", sequence=99)
        deal = self._deal("Waived deal", stage_id=self.prove.id)
        self._open(deal, "sales_process_path_waive", "sp_leader")
        waiver = deal.sales_evidence_ids
        self.assertEqual(waiver.criterion_id, self.agreed)
        self.assertEqual(waiver.note, "The frame contract covers it")

    def test_kanban(self):
        """A card the gate holds springs back; nothing was written."""
        others = self.env["crm.stage"].search([("id", "not in", self.stages.ids)])
        others.sequence = 9000  # so the columns of the process are within sight
        held = self._deal("Held deal")
        soft = self._deal("Soft deal", expected_revenue=0.5)
        self.start_tour("/odoo/crm", "sales_process_kanban_gate", login="sp_rep")
        self.assertEqual(held.stage_id, self.meet)
        self.assertFalse(held.sales_evidence_ids)
        self.assertEqual(soft.stage_id, self.prove)
        skipped = soft.sales_evidence_ids.filtered(lambda r: r.source == "skip")
        self.assertEqual(skipped.note, "No reference in this industry")

    def test_lost_reason(self):
        deal = self._deal("Lost deal")
        self._open(deal, "sales_process_lost_reason", "sp_rep")
        self.assertEqual(deal.lost_reason_id.name, "Test reason")
