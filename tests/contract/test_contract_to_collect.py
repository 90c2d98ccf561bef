from ast import literal_eval
from datetime import timedelta

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .plan_common import PlanCommon


class ToCollectCommon(PlanCommon):
    """An order of the rep: 300.00 to invoice for 5 days, of 700.00 invoiced 400.00 are
    open for 12 days, 100.00 are due in a month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._sales_today()
        cls.buyer.phone = "+1 555 0100"
        cls.lines = cls._late_lines()
        cls.to_invoice, cls.overdue, cls.coming = cls.lines

    @classmethod
    def _day(cls, days):
        return cls.today + timedelta(days=days)

    @classmethod
    def _late_lines(cls, **values):
        order = cls._order(
            price=1100, **{"partner_id": cls.buyer.id, **values, "team_id": False}
        )
        order.team_id = cls.retail
        lines = cls.env["sales.plan.line"].create(
            [
                {
                    "order_id": order.id,
                    "sequence": number,
                    "name": f"Part {number}",
                    "amount": amount,
                    "date_planned": cls._day(days),
                }
                for number, amount, days in (
                    (1, 300, -5),
                    (2, 700, -40),
                    (3, 100, 30),
                )
            ]
        )
        order.action_confirm()
        # Stand in for the engine
        lines[1].sudo().write(
            {
                "amount_invoiced": 700,
                "amount_collected": 300,
                "amount_due": 400,
                "date_invoiced": cls._day(-40),
                "date_invoice_due": cls._day(-12),
            }
        )
        return lines


@tagged("post_install", "-at_install")
class TestContractToCollect(ToCollectCommon):
    """What is late, and whom to call about it, without access to accounting."""

    def _calls(self, lines):
        return (
            self.env["mail.activity"]
            .with_context(active_test=False)
            .search([("res_model", "=", lines._name), ("res_id", "in", lines.ids)])
        )

    def _open(self, user):
        """The instalments a person sees on the screen, without the filter for own."""
        action = self.env.ref("sales_process.sales_plan_line_action_late")
        lines = self.env[action.res_model].with_user(user)
        view = lines.get_view(action.search_view_id.id, "search")["arch"]
        [late] = etree.fromstring(view).xpath("//filter[@name='late']/@domain")
        domain = [*literal_eval(late), ("order_id.partner_id", "=", self.buyer.id)]
        return lines.search(domain)

    # === WHAT IS LATE === #

    def test_how_late(self):
        read = self.lines.with_user(self.rep_user).read(
            ["late_days", "late_amount", "late_text"]
        )
        self.assertEqual([line["late_days"] for line in read], [5, 12, 0])
        self.assertEqual([line["late_amount"] for line in read], [300, 400, 0])
        self.assertEqual(
            [line["late_text"] for line in read],
            ["Not invoiced for 5 days", "12 days late", False],
        )

    def test_the_first_day(self):
        """Due today is to be invoiced, but payable today is not late."""
        self.to_invoice.date_planned = self.today
        self.overdue.sudo().date_invoice_due = self.today
        self.assertEqual(self.to_invoice.late_text, "Invoice it today")
        self.assertFalse(self.overdue.late_text or self.overdue.late_amount)
        self.to_invoice.date_planned = self._day(-1)
        self.overdue.sudo().date_invoice_due = self._day(-1)
        self.assertEqual(self.to_invoice.late_text, "Not invoiced for 1 day")
        self.assertEqual(self.overdue.late_text, "1 day late")
        self.assertEqual(self.overdue.late_days, 1)

    def test_whom_to_call(self):
        """Who gets the invoice; without a number, who ordered; else the customer."""
        office = self.env["res.partner"].create(
            {"name": "Ina Invoice", "parent_id": self.customer.id, "type": "invoice"}
        )
        line = self.overdue.with_user(self.rep_user)
        self.overdue.order_id.partner_invoice_id = office
        self.assertEqual(line.call_partner_id, self.buyer)
        self.assertEqual(line.call_phone, "+1 555 0100")
        office.phone = "+1 555 0199"
        self.assertEqual(line.call_partner_id, office)
        self.assertEqual(line.call_phone, "+1 555 0199")
        (office | self.buyer).phone = False
        self.customer.phone = "+1 555 0000"
        self.assertEqual(line.call_partner_id, self.customer)
        self.assertEqual(line.call_phone, "+1 555 0000")
        self.customer.phone = False
        self.assertEqual(line.call_partner_id, office)
        self.assertFalse(line.call_phone)

    # === CALLING === #

    def test_logging_a_call(self):
        """One call is about all that is late of the customer, and only of that."""
        self.overdue.with_user(self.rep_user).action_log_call()
        [call] = self._calls(self.lines)
        self.assertEqual(call.user_id, self.rep_user)
        self.assertEqual(
            call.activity_type_id, self.env.ref("mail.mail_activity_data_call")
        )
        self.assertFalse(call.active)
        self.assertTrue(call.date_done)
        self.assertEqual(self.lines[:2].mapped("date_called"), [self.today] * 2)
        self.assertFalse(self.coming.date_called)
        message = self.overdue.message_ids[0]
        self.assertEqual(message.author_id, self.rep_user.partner_id)
        self.assertIn("Called about what is late", message.body)

    def test_a_planned_call_is_done(self):
        planned = self.overdue.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.rep_user.id, summary="Ask"
        )
        of_other = self.overdue.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.leader_user.id
        )
        self.overdue.with_user(self.rep_user).action_log_call()
        self.assertEqual(self._calls(self.lines), planned | of_other)
        self.assertFalse(planned.active)
        self.assertTrue(of_other.active)

    def test_who_logs_calls(self):
        self.overdue.with_user(self.accountant_user).action_log_call()
        self.assertEqual(self.overdue.date_called, self.today)
        auditor = new_test_user(self.env, "sp_late", "account.group_account_readonly")
        for user in (self.colleague_user, self.other_leader_user, auditor):
            with self.subTest(user.name), self.assertRaises(AccessError):
                self.overdue.with_user(user).action_log_call()
        with self.assertRaises(AccessError):
            self.overdue.with_user(self.rep_user).date_called = self._day(-1)

    def test_a_call_leaves_the_instalments_of_others_alone(self):
        theirs = self._late_lines(user_id=self.colleague_user.id)
        self.overdue.with_user(self.rep_user).action_log_call()
        self.assertFalse(any(theirs.mapped("date_called")))

    # === THE SCREEN === #

    def test_who_sees_what(self):
        theirs = self._late_lines(user_id=self.stranger_user.id)
        theirs.order_id.team_id = self.south
        own = self.to_invoice | self.overdue
        other = theirs[:2]
        seen = {
            "rep": own,
            "leader": own,
            "stranger": other,
            "other_leader": other,
            "director": own | other,
            "accountant": own | other,
        }
        for name, expected in seen.items():
            with self.subTest(name):
                self.assertEqual(self._open(getattr(self, f"{name}_user")), expected)

    def test_screen_without_accounting(self):
        """The rep reads every field of it, and no document of accounting by it."""
        action = self.env.ref("sales_process.sales_plan_line_action_late")
        lines = self._open(self.rep_user)
        for view in action.view_ids:
            arch = lines.get_view(view.view_id.id, view.view_mode)["arch"]
            names = sorted(set(etree.fromstring(arch).xpath("//field/@name")))
            with self.subTest(view.view_mode):
                self.assertIn("call_phone", names)
                lines.read(names)
                models = {lines._fields[name].comodel_name for name in names}
                models -= {None}
                self.assertFalse([m for m in models if m.startswith("account.")])
        with self.assertRaises(AccessError):
            self.env["account.payment"].with_user(self.rep_user).search([])

    def test_invoices_of_others_stay_closed(self):
        journal = self.env["account.journal"].create(
            {"name": "To Collect", "code": "TOCOL", "type": "sale"}
        )
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "journal_id": journal.id,
                "partner_id": self.buyer.id,
                "invoice_user_id": self.stranger_user.id,
                "sales_plan_line_id": self.overdue.id,
            }
        )
        line = self.overdue.with_user(self.rep_user)
        line.read(["late_text", "late_amount", "amount_due"])
        with self.assertRaises(AccessError):
            invoice.with_user(self.rep_user).read(["amount_total"])
        self.assertNotIn(invoice, line.invoice_ids)

    def test_portal_does_not_see_who_is_called(self):
        self.portal_user.partner_id.parent_id = self.customer
        line = self.overdue.with_user(self.portal_user)
        line.read(["name", "amount"])
        for name in ("late_text", "call_phone", "call_partner_id", "date_called"):
            with self.subTest(name), self.assertRaises(AccessError):
                line.read([name])

    def test_the_order_opens(self):
        action = self.overdue.with_user(self.rep_user).action_view_order()
        self.assertEqual(action["res_model"], "sale.order")
        self.assertEqual(action["res_id"], self.overdue.order_id.id)

    def test_constant_number_of_queries(self):
        names = ["late_text", "late_amount", "call_partner_id", "call_phone"]

        def count(number):
            lines = self.lines.browse()
            for _order in range(number):
                lines |= self._late_lines()
            self.env.flush_all()
            self.env.invalidate_all()
            mine = lines.with_user(self.rep_user)
            before = self.env.cr.sql_log_count
            mine.read(names)
            reading = self.env.cr.sql_log_count - before
            before = self.env.cr.sql_log_count
            mine[::3]._set_called()
            self.env.flush_all()
            return reading, self.env.cr.sql_log_count - before

        count(2)
        self.assertEqual(count(3), count(6))

    # === THE CONTRACT === #

    def test_contract_says_what_is_late_and_what_comes_next(self):
        order = self.overdue.order_id
        [contract] = order._create_sales_contracts([order])
        contract = contract.with_user(self.rep_user)
        self.assertEqual(contract.late_amount, 700)
        self.assertEqual(contract.late_text, "12 days late")
        self.assertEqual(contract.next_date, self._day(30))
        self.assertEqual(contract.next_text, "Part 3 is to be invoiced")
        contract.sudo().date_end = self._day(20)
        self.assertEqual(contract.next_date, self._day(20))
        self.assertEqual(contract.next_text, "Ends")
        self.overdue.sudo().date_invoice_due = self._day(7)
        self.assertEqual(contract.next_text, "Part 2 is to be paid")
        self.assertEqual(contract.late_text, "Not invoiced for 5 days")
        self.assertEqual(contract.late_amount, 300)


@tagged("post_install", "-at_install")
class TestContractToCollectTour(ToCollectCommon, HttpCase):
    """A rep goes through the calls on a phone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_phone(self):
        self.start_tour("/odoo/to-collect", "sales_process_to_collect", login="sp_rep")
        self.assertEqual(self.overdue.date_called, self.today)
