from datetime import datetime, time, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .paper_common import PaperCommon

JOB = "sales_process.ir_cron_contracts"


@tagged("post_install", "-at_install")
class TestContractState(PaperCommon):
    """A contract moves by one table: by the person, by the day and by the money."""

    def _run_job(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(JOB).method_direct_trigger()
        self.env.invalidate_all()

    def _today(self, days=0):
        return self.company._sales_today() + timedelta(days=days)

    # === TRANSITIONS === #

    def test_every_other_way_is_refused(self):
        """The table once more, written out."""
        allowed = {
            ("draft", "signed"),
            ("draft", "cancelled"),
            ("signed", "running"),
            ("signed", "cancelled"),
            ("running", "closed"),
            ("running", "cancelled"),
            ("closed", "running"),
        }
        contract = self._contract()
        states = dict(contract._fields["state"].selection)
        for state in states:
            contract.sudo().state = state
            for target, label in states.items():
                with self.subTest(state=state, target=target):
                    if (state, target) in allowed:
                        contract._check_transition(target)
                        self.assertIn(target, contract.next_states)
                    else:
                        with self.assertSaid(label, states[state]):
                            contract._check_transition(target)

    # === START === #

    def test_runs_from_its_first_day(self):
        now = self._signed()
        later = self._signed(date_start=self._today(1))
        self._run_job()
        self.assertEqual(now.state, "running")
        self.assertEqual(later.state, "signed")

    def test_runs_once_something_is_invoiced(self):
        contract = self._signed(date_start=self._today(30))
        self._settle(contract, invoiced=0.3, collected=0)
        self._run_job()
        self.assertEqual(contract.state, "running")

    def test_drafts_do_not_start(self):
        contract = self._contract()
        self._run_job()
        self.assertEqual(contract.state, "draft")

    # === END === #

    def test_closes_once_all_is_collected_and_the_end_is_past(self):
        ended = {"date_start": self._today(-20), "date_end": self._today(-1)}
        contracts = {
            "closed": self._signed(**ended),
            "not ended": self._signed(
                date_start=ended["date_start"], date_end=self._today()
            ),
            "not invoiced": self._signed(**ended),
            "not collected": self._signed(**ended),
            "without an end": self._signed(date_end=False),
        }
        for name, contract in contracts.items():
            contract.sudo().state = "running"
            invoiced = 0.5 if name == "not invoiced" else 1.0
            collected = 0.9 if name == "not collected" else invoiced
            self._settle(contract, invoiced, collected)
        self._run_job()
        self.assertEqual(
            {
                name
                for name, contract in contracts.items()
                if contract.state == "closed"
            },
            {"closed", "without an end"},
        )

    def test_closes_without_a_plan_by_the_invoices(self):
        order = self._confirmed(plan=False)
        contract = self._signed(order)
        contract.sudo().state = "running"
        self._run_job()
        self.assertEqual(contract.state, "running", "nothing is invoiced")
        move = order._create_invoices()
        move.action_post()
        self._run_job()
        self.assertEqual(contract.state, "running", "nothing is paid")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({})._create_payments()
        self.assertTrue(move.currency_id.is_zero(move.amount_residual))
        self._run_job()
        self.assertEqual(contract.state, "closed")

    def test_opens_again_when_a_payment_is_taken_back(self):
        contract = self._signed()
        contract.sudo().state = "closed"
        self._settle(contract)
        self._run_job()
        self.assertEqual(contract.state, "closed")
        self._settle(contract, collected=0.7)
        self._run_job()
        self.assertEqual(contract.state, "running")

    def test_the_day_of_the_company(self):
        """At noon in UTC it is the next day in Kiritimati already, 14 hours ahead."""
        contract = self._signed(date_start=self._today(1))
        self._run_job()
        self.assertEqual(contract.state, "signed")
        self.company.resource_calendar_id.tz = "Pacific/Kiritimati"
        with patch(
            "odoo.fields.Datetime.now",
            lambda: self._noon(contract.date_start - timedelta(days=1)),
        ):
            found = contract._find_to_start()
        self.assertIn(contract, found)

    @staticmethod
    def _noon(day):
        return datetime.combine(day, time(12))

    def test_one_failing_contract_stops_no_other(self):
        good, bad = self._signed(), self._signed()
        bad_id = bad.id
        original = type(bad)._move_to

        def move(records, target, **values):
            if bad_id in records.ids:
                raise ValueError("broken record")
            return original(records, target, **values)

        logger = "odoo.addons.sales_process.models.contract.sales_contract_job"
        with patch.object(type(bad), "_move_to", move), mute_logger(logger):
            self._run_job()
            self._run_job()
        self.assertEqual(good.state, "running")
        self.assertEqual(bad.state, "signed")
        told = bad.message_ids.filtered(lambda m: "broken record" in m.body)
        self.assertEqual(len(told), 1, "told once, not every day")

    # === CANCELLATION === #

    def test_cancel_with_a_reason(self):
        contract = self._signed().with_user(self.rep_user)
        wizard = self._wizard(contract.action_cancel(), reason="  ")
        with self.assertSaid("Say why"):
            wizard.action_cancel()
        wizard.reason = "The project was stopped"
        wizard.action_cancel()
        self.assertEqual(contract.state, "cancelled")
        self.assertEqual(contract.cancel_reason, "The project was stopped")
        self.assertIn("The project was stopped", contract.message_ids[0].body)
        self.assertEqual(contract.order_ids.state, "sale", "orders stay")
        with self.assertSaid("stays as it was"):
            contract.title = "Other"

    def test_open_invoices_block_the_cancellation(self):
        contract = self._signed()
        move = contract.order_ids._create_invoices()
        rep = contract.with_user(self.rep_user)
        with self.assertSaid("open invoices", "a draft"):
            rep.action_cancel()
        move.action_post()
        with self.assertSaid(move.name):
            rep._cancel("No")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({})._create_payments()
        rep._cancel("Ends early")
        self.assertEqual(contract.state, "cancelled")

    def test_who_cancels(self):
        contract = self._signed()
        for user in (self.colleague_user, self.stranger_user, self.portal_user):
            with self.subTest(user.name), self.assertRaises(AccessError):
                contract.with_user(user)._cancel("No")
