from contextlib import contextmanager

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestContractInvoiceRace(BaseCase):
    """Two people at once, on two connections of their own: never two invoices."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.rows = []
        self.addCleanup(self._remove_rows)
        with self._connect() as env:
            self._create_rows(env)

    @contextmanager
    def _connect(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})

    def _create(self, env, model, **values):
        record = env[model].create(values)
        self.rows.insert(0, (model, record.id))
        return record

    def _create_rows(self, env):
        """What an order needs, committed so that both connections see it."""
        receivable = self._create(
            env,
            "account.account",
            name="Race customers",
            code="RACE1",
            account_type="asset_receivable",
            reconcile=True,
        )
        income = self._create(
            env, "account.account", name="Race", code="RACE2", account_type="income"
        )
        journal = self._create(
            env, "account.journal", name="Race", code="RACE", type="sale"
        )
        partner = self._create(
            env,
            "res.partner",
            name="Race",
            property_account_receivable_id=receivable.id,
        )
        product = self._create(
            env,
            "product.product",
            name="Race",
            type="service",
            list_price=1000.0,
            taxes_id=[Command.clear()],
            property_account_income_id=income.id,
        )
        order = self._create(
            env,
            "sale.order",
            partner_id=partner.id,
            journal_id=journal.id,
            order_line=[
                Command.create({"product_id": product.id, "tax_ids": [Command.clear()]})
            ],
        )
        today = order.company_id._sales_today()
        order.sales_plan_line_ids = [
            Command.create(
                {
                    "sequence": number,
                    "name": f"Race {number}",
                    "amount": amount,
                    "date_planned": today,
                }
            )
            for number, amount in ((1, 300.0), (2, 700.0))
        ]
        order.action_confirm()
        self.line_id = order.sales_plan_line_ids[0].id
        self.order_id = order.id

    def _remove_rows(self):
        with self._connect() as env:
            order = env["sale.order"].browse(self.order_id)
            order.invoice_ids.unlink()
            order._action_cancel()
            for model, id_ in self.rows:
                env[model].browse(id_).unlink()

    def _line(self, env):
        return env["sales.plan.line"].browse(self.line_id)

    def _count(self):
        with self._connect() as env:
            return env["account.move"].search_count(
                [("sales_plan_line_id", "=", self.line_id)]
            )

    def test_second_one_waits_and_then_finds_the_draft(self):
        with self._connect() as one, self._connect() as two:
            self.assertEqual(self._line(two).amount_draft, 0.0)
            self._line(one).action_invoice()
            with self.assertRaisesRegex(UserError, "Somebody else is invoicing"):
                self._line(two).action_invoice()
            one.cr.commit()
            # What the second one sees is the past: the database refuses, and the web
            # layer tries the request again …
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(SerializationFailure),
            ):
                self._line(two).action_invoice()
            two.cr.rollback()
            two.invalidate_all()
            # … and finds the draft.
            with self.assertRaisesRegex(UserError, "in a draft invoice already"):
                self._line(two).action_invoice()
            two.cr.rollback()
        self.assertEqual(self._count(), 1)

    def test_the_same_in_bulk_and_in_the_daily_job(self):
        """Neither takes a conflict for a reason not to invoice."""
        with self._connect() as one, self._connect() as two:
            self.assertEqual(self._line(two).amount_draft, 0.0)
            self._line(one).action_invoice_due()
            one.cr.commit()
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(SerializationFailure),
            ):
                self._line(two).action_invoice_due()
            two.cr.rollback()
            two.invalidate_all()
            self.assertEqual(self._line(two).amount_draft, 300.0)
            self._line(one).name = "Race, changed meanwhile"
            one.cr.commit()
            with mute_logger("odoo.sql_db"):
                self._line(two)._invoice_daily(post=False)
            self.assertFalse(self._line(two).invoice_error)
            self.assertFalse(self._line(two).date_invoice_tried)
        self.assertEqual(self._count(), 1)

    def test_final_waits_for_another_instalment_of_its_order(self):
        with self._connect() as one, self._connect() as two:
            final = self._line(two).order_id.sales_plan_line_ids[1]
            self._line(one).action_invoice()
            with self.assertRaisesRegex(UserError, "Somebody else is invoicing"):
                final.action_invoice()
            one.cr.commit()
            two.cr.rollback()
            two.invalidate_all()
            with self.assertRaisesRegex(UserError, "Post the drafts of “Race 1”"):
                final.action_invoice()
            two.cr.rollback()
