from unittest.mock import patch

from odoo.tests import tagged

from ..common import SalesProcessCommon


@tagged("post_install", "-at_install")
class TestCreditSpeed(SalesProcessCommon):
    """What crediting adds to the work itself, in queries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deals = cls.env["crm.lead"]
        for number in range(24):
            cls.deals |= cls._deal(f"Deal {number}")
        cls.deals.stage_id = cls.prove
        cls.env["sales.credit"]._write_pending()

    def _queries(self, deals, stage, with_credit=True):
        """Queries of moving deals, with all that is done before commit."""
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        note = type(self.env["sales.credit"])._note
        with patch.object(
            type(self.env["sales.credit"]),
            "_note",
            note if with_credit else lambda *_args, **_more: None,
        ):
            deals.stage_id = stage
            self.env.cr.flush()
        return self.env.cr.sql_log_count - before

    def _more(self, deals, stage, back):
        """Queries that crediting adds, warm: deals are moved there and back."""
        counts = []
        for with_credit in (True, True, False):
            counts.append(self._queries(deals, stage, with_credit))
            self._queries(deals, back, with_credit)
        _first, with_credit, without = counts
        return with_credit - without

    def test_a_move_that_earns_nothing(self):
        credits = self.env["sales.credit"]
        before = credits.search_count([])
        for number in (1, 8, 16):
            self.assertLessEqual(
                self._more(self.deals[:number], self.close, self.prove), 2
            )
        self.assertEqual(credits.search_count([]), before)

    def test_a_move_that_earns_does_not_cost_more_for_more(self):
        self.deals.stage_id = self.meet
        credits = self.env["sales.credit"]
        credits._write_pending()
        counts = [
            self._more(some, self.prove, self.meet)
            for some in (self.deals[:6], self.deals[6:18])
        ]
        self.assertGreaterEqual(*counts)
        before = credits.search_count([])
        self.deals[:3].stage_id = self.prove
        self.assertEqual(credits.search_count([]) - before, 3)

    def test_metrics_are_looked_up_once(self):
        """Until one of them changes."""
        metrics = self.env["sales.metric"]
        won = self.env.ref("sales_process.metric_won_deal").sudo()
        self.assertIn((won.id, "won_deal"), metrics._counted()["crm.lead"])
        with self.assertQueryCount(0):
            metrics._counted()
        won.active = False
        self.assertNotIn((won.id, "won_deal"), metrics._counted()["crm.lead"])
        won.active = True
        partner = self.env["ir.model.fields"]._get("crm.lead", "user_id")
        own = metrics.sudo().create(
            {
                "name": "Handed on",
                "code": "handed_on",
                "model_id": partner.model_id.id,
                "owner_field_id": partner.id,
                "date_field_id": self.env["ir.model.fields"]
                ._get("crm.lead", "create_date")
                .id,
            }
        )
        self.assertIn((own.id, None), metrics._counted()["crm.lead"])
        self.deals[0].stage_id = self.close
        rows = self.env["sales.credit"].search([("metric_id", "=", own.id)])
        self.assertEqual(rows.mapped("source_id"), self.deals[0].ids)
        rows.flush_recordset()
        self.env.cr.execute("DELETE FROM sales_credit WHERE metric_id = %s", [own.id])
        self.env.cr.execute(
            "DELETE FROM sales_credit_sum WHERE metric_id = %s", [own.id]
        )
        own.unlink()
        self.assertNotIn((own.id, None), metrics._counted()["crm.lead"])
