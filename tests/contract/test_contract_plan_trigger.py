from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .plan_common import PlanCommon

MORNING = "2024-03-20 09:00:00"


@tagged("post_install", "-at_install")
@freeze_time(MORNING)
class TestContractPlanTrigger(PlanCommon):
    """What instalments wait for: when it fires, and what happens when it is undone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls._template(
            "All triggers",
            ("Sign", "percent", 20, "signing", {"delay_days": 10}),
            ("Deliver", "percent", 20, "delivery", {"delay_days": 30}),
            ("Accept", "percent", 20, "acceptance", {"delay_months": 12}),
            ("Follow", "percent", 20, "invoice", {"delay_days": 5}),
            ("Day", "percent", 20, "date", {"delay_months": 1}),
        )

    def _confirmed(self, **values):
        order = self._planned(**values)
        order.action_confirm()
        return order

    def _line(self, order, trigger):
        return order.sales_plan_line_ids.filtered(lambda line: line.trigger == trigger)

    def _dates(self, order, trigger):
        line = self._line(order, trigger)
        return line.date_trigger, line.date_firm

    # === SIGNING === #

    def test_an_order_is_agreed_on_when_it_is_confirmed(self):
        order = self._planned()
        self.assertEqual(self._dates(order, "signing"), (False, False))
        order.action_confirm()
        self.assertEqual(
            self._dates(order, "signing"), (date(2024, 3, 20), date(2024, 3, 30))
        )
        order.action_cancel()
        self.assertEqual(self._dates(order, "signing"), (False, False))

    def test_the_signature_goes_before_the_confirmation(self):
        order = self._planned(signed_on=datetime(2024, 3, 18, 12))
        order.action_confirm()
        self.assertEqual(self._dates(order, "signing")[0], date(2024, 3, 18))

    def test_the_day_is_that_of_the_company(self):
        self.company.resource_calendar_id.tz = "Pacific/Auckland"
        order = self._planned(signed_on=datetime(2024, 3, 18, 13))
        order.action_confirm()
        self.assertEqual(self._dates(order, "signing")[0], date(2024, 3, 19))

    def test_a_contract_says_when_it_was_signed(self):
        order = self._confirmed()
        contract = self.env["sales.contract"].create(
            {
                "title": "Frame",
                "partner_id": self.customer.id,
                "currency_id": order.currency_id.id,
            }
        )
        order.sales_contract_id = contract
        self.assertEqual(self._dates(order, "signing"), (False, False))
        contract.date_signed = date(2024, 4, 2)
        self.assertEqual(
            self._dates(order, "signing"), (date(2024, 4, 2), date(2024, 4, 12))
        )

    # === DELIVERY === #

    def test_delivered_when_the_last_line_is(self):
        lines = [self._order_line(500, 2), self._order_line(0, 1, self.service)]
        order = self._confirmed(order_line=lines)
        goods, service = order.order_line
        goods.qty_delivered = 2
        self.assertEqual(self._dates(order, "delivery"), (False, False))
        with freeze_time("2024-03-25"):
            service.qty_delivered = 1
            self.assertEqual(
                self._dates(order, "delivery"), (date(2024, 3, 25), date(2024, 4, 24))
            )
        with freeze_time("2024-03-28"):
            goods.qty_delivered = 3  # more than ordered: still the day it was complete
            self.assertEqual(self._dates(order, "delivery")[0], date(2024, 3, 25))
            goods.qty_delivered = 1  # one came back
            self.assertEqual(self._dates(order, "delivery"), (False, False))
        with freeze_time("2024-04-05"):
            goods.qty_delivered = 2
            self.assertEqual(self._dates(order, "delivery")[0], date(2024, 4, 5))

    def test_more_to_deliver_opens_it_again(self):
        order = self._confirmed()
        order.order_line.qty_delivered = 1
        self.assertTrue(self._dates(order, "delivery")[0])
        order.order_line = [self._order_line(0, 1, self.service)]
        self.assertFalse(self._dates(order, "delivery")[0])

    def test_what_needs_no_delivery(self):
        """Notes, expenses, optional lines of zero and down payments."""
        order = self._confirmed(
            order_line=[
                self._order_line(),
                self._order_line(0, 0),
                self._order_line(0, is_expense=True),
                self._order_line(0, is_downpayment=True),
                Command.create({"display_type": "line_note", "name": "Thank you"}),
            ]
        )
        self.assertEqual(order._sales_deliverable_lines(), order.order_line[0])
        order.order_line[0].qty_delivered = 1
        self.assertTrue(self._dates(order, "delivery")[0])

    def test_a_person_states_the_delivery(self):
        order = self._confirmed().with_user(self.rep_user)
        event = (
            self.env["sales.plan.event"]
            .with_user(self.rep_user)
            .with_context(**order.action_sales_state_delivery()["context"])
            .create({"day": "2024-03-12", "note": "By our own van"})
        )
        event.action_record()
        self.assertEqual(
            self._dates(order, "delivery"), (date(2024, 3, 12), date(2024, 4, 11))
        )
        self.assertEqual(order.sales_delivery_stated_by_id, self.rep_user)
        self.assertIn("By our own van", order.message_ids[0].body)
        order.action_sales_withdraw_delivery()
        self.assertEqual(self._dates(order, "delivery"), (False, False))
        self.assertFalse(order.sales_delivery_stated_by_id)

    def test_statements_that_make_no_sense(self):
        order = self._confirmed()
        event = self.env["sales.plan.event"]
        with self.assertRefused("has not happened yet"):
            event.create(
                {"kind": "delivery", "order_id": order.id, "day": "2024-03-21"}
            )
        with self.assertRefused("nothing to deliver"):
            self._planned().action_sales_state_delivery()
        stranger = event.with_user(self.stranger_user).create(
            {"kind": "delivery", "order_id": order.id, "day": "2024-03-01"}
        )
        with self.assertRefused("access|allowed"):
            stranger.action_record()
        self.assertFalse(order.sales_delivery_stated_on)

    def test_a_new_start_forgets_the_statement(self):
        order = self._confirmed()
        order._state_delivery(date(2024, 3, 1))
        order.action_cancel()
        self.assertFalse(self._dates(order, "delivery")[0])
        order.action_draft()
        order.action_confirm()
        self.assertFalse(self._dates(order, "delivery")[0])

    # === ACCEPTANCE === #

    def test_acceptance_needs_a_document(self):
        order = self._confirmed()
        line = self._line(order, "acceptance").with_user(self.rep_user)
        event = (
            self.env["sales.plan.event"]
            .with_user(self.rep_user)
            .with_context(**line.action_accept()["context"])
            .create({"day": "2024-03-15"})
        )
        with self.assertRefused("Attach what the customer signed"):
            event.action_record()
        event.write({"document": b"JVBERi0=", "document_name": "accepted.pdf"})
        event.action_record()
        self.assertEqual(
            self._dates(order, "acceptance"), (date(2024, 3, 15), date(2025, 3, 15))
        )
        self.assertEqual(line.message_ids[0].attachment_ids.name, "accepted.pdf")
        self.assertEqual(line.message_ids[0].author_id, self.rep_user.partner_id)
        line.with_user(self.leader_user)._withdraw_acceptance("Another order")
        self.assertEqual(self._dates(order, "acceptance"), (False, False))

    def test_acceptance_that_counts_stays(self):
        order = self._confirmed()
        line = self._line(order, "acceptance")
        line._accept(date(2024, 3, 15))
        self._invoice(line, 200)
        with self.assertRefused("invoiced because it was accepted"):
            line.action_withdraw_acceptance()

    def test_nothing_to_accept(self):
        order = self._planned()
        with self.assertRefused("does not wait for acceptance"):
            self._line(order, "acceptance").action_accept()
        order.action_confirm()
        with self.assertRefused("does not wait for acceptance"):
            self._line(order, "signing").action_accept()

    # === INVOICE AND DATE === #

    def test_the_invoice_before_it(self):
        order = self._confirmed()
        before = self._line(order, "acceptance")
        invoice = self._invoice(before, 200, date(2024, 5, 1))
        self.assertEqual(
            self._dates(order, "invoice"), (date(2024, 5, 1), date(2024, 5, 6))
        )
        invoice.button_draft()
        self.assertEqual(self._dates(order, "invoice"), (False, False))

    def test_an_instalment_of_zero_is_never_invoiced(self):
        order = self._confirmed()
        self._invoice(self._line(order, "delivery"), 200, date(2024, 5, 1))
        order.sales_plan_line_ids = [
            Command.update(self._line(order, "acceptance").id, {"amount": 0}),
            Command.update(self._line(order, "date").id, {"amount": 400}),
        ]
        self.assertEqual(self._dates(order, "invoice")[0], date(2024, 5, 1))

    def test_on_a_date(self):
        order = self._confirmed()
        line = self._line(order, "date")
        self.assertEqual(
            self._dates(order, "date"), (date(2024, 4, 20), date(2024, 4, 20))
        )
        line.date_planned = date(2024, 6, 1)
        self.assertEqual(line.date_firm, date(2024, 6, 1))

    def test_expected_until_it_is_firm(self):
        order = self._confirmed()
        line = self._line(order, "acceptance")
        line.date_planned = date(2024, 12, 31)
        self.assertEqual(line.date_expected, date(2024, 12, 31))
        line._accept(date(2024, 3, 1))
        self.assertEqual(line.date_expected, date(2025, 3, 1))

    # === IN WORDS === #

    def test_in_words(self):
        lines = self._planned().sales_plan_line_ids
        self.assertEqual(
            lines.mapped("when"),
            [
                "10 days after signing",
                "30 days after delivery",
                "12 months after acceptance",
                "5 days after the invoice before it",
                "On 04/20/2024",
            ],
        )
        lines[0].write({"delay_months": 1, "delay_days": 1})
        lines[1].write({"delay_days": 0})
        self.assertEqual(
            lines[:2].mapped("when"),
            ["1 month and 1 day after signing", "On delivery"],
        )
