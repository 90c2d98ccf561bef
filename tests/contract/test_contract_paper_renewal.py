from datetime import date, timedelta
from unittest.mock import patch

from odoo.tests import tagged

from .paper_common import PaperCommon

JOB = "sales_process.ir_cron_contracts"


@tagged("post_install", "-at_install")
class TestContractRenewal(PaperCommon):
    """Nobody forgets the end of a contract, and the next one follows from it."""

    def _run_job(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(JOB).method_direct_trigger()
        self.env.invalidate_all()

    def _at(self, day):
        """The job believes it is this day at the company."""
        return patch.object(type(self.company), "_sales_today", lambda company: day)

    def _running(self, **values):
        """From 1 February 2031 for a year, notice until 31 October."""
        contract = self._signed(type_id=self.kind.id, date_start="2031-02-01", **values)
        contract.sudo().state = "running"
        return contract

    def _reminders(self, contract):
        return contract.activity_ids.filtered("sales_contract_reminder")

    # === THE DAY OF NOTICE === #

    def test_day_of_notice(self):
        """Months run from the day after the end, worked out by hand."""
        contract = self._contract(type_id=self.kind.id, date_start="2031-02-01")
        self.assertEqual(contract.date_end, date(2032, 1, 31))
        self.assertEqual(contract.date_notice, date(2031, 10, 31))
        contract.date_end = "2031-02-28"
        self.assertEqual(contract.date_notice, date(2030, 11, 30))
        contract.notice_months = 0
        self.assertEqual(contract.date_notice, date(2031, 2, 28))
        contract.date_end = False
        self.assertFalse(contract.date_notice)

    # === REMINDERS === #

    def test_reminders(self):
        """30 days before 31 October 2031, and 30 days before 31 January 2032."""
        contract = self._running()
        with self._at(date(2031, 9, 30)):
            self._run_job()
        self.assertFalse(self._reminders(contract))
        with self._at(date(2031, 10, 1)):
            self._run_job()
            self._run_job()
        reminder = self._reminders(contract)
        self.assertEqual(reminder.user_id, self.rep_user)
        self.assertEqual(reminder.date_deadline, date(2031, 10, 31))
        self.assertEqual(reminder.sales_contract_reminder, "notice")
        self.assertIn("10/31/2031", reminder.summary)
        reminder.action_done()
        with self._at(date(2031, 10, 2)):
            self._run_job()
        self.assertFalse(self._reminders(contract), "done once is done")
        with self._at(date(2032, 1, 5)):
            self._run_job()
            self._run_job()
        reminder = self._reminders(contract)
        self.assertEqual(reminder.sales_contract_reminder, "end")
        self.assertEqual(reminder.date_deadline, date(2032, 1, 31))

    def test_another_end_reminds_again(self):
        contract = self._running()
        with self._at(date(2031, 10, 5)):
            self._run_job()
        change = self.env["sales.contract.change"].create(
            {
                "contract_id": contract.id,
                "name": "Longer",
                "reason": "Asked for",
                "date_end": "2032-02-29",
            }
        )
        change._agree("Dana", self.rep_user, self.company._sales_today())
        self.assertEqual(contract.date_notice, date(2031, 11, 30))
        with self._at(date(2031, 11, 5)):
            self._run_job()
        deadlines = set(self._reminders(contract).mapped("date_deadline"))
        self.assertIn(date(2031, 11, 30), deadlines)

    def test_who_is_reminded(self):
        self.rep_user.active = False
        contract = self._running()
        self.assertEqual(contract._responsible(), self.leader_user)
        contract.sudo().team_id = False
        self.assertEqual(contract._responsible(), self.accountant_user, "collects")

    def test_nobody_is_reminded_of_what_is_over(self):
        draft = self._contract(type_id=self.kind.id, date_start="2031-02-01")
        cancelled = self._running()
        cancelled._cancel("No")
        renewed = self._running()
        renewed._renew()
        with self._at(date(2031, 10, 5)):
            self._run_job()
        for contract in (draft, cancelled, renewed):
            self.assertFalse(self._reminders(contract))

    def test_reminders_close_with_the_decision(self):
        contracts = self._running(), self._running()
        with self._at(date(2031, 10, 5)):
            self._run_job()
        for contract in contracts:
            self.assertTrue(self._reminders(contract))
        contracts[0]._cancel("No")
        contracts[1]._renew()
        for contract in contracts:
            self.assertFalse(self._reminders(contract))

    # === RENEWAL === #

    def test_renewed_by_hand(self):
        contract = self._running().with_user(self.rep_user)
        contract.sudo().clause_ids.deviation = "Twice the total."
        action = contract.action_renew()
        draft = contract.browse(action["res_id"])
        self.assertEqual(draft.predecessor_id, contract)
        self.assertEqual(contract.successor_id, draft)
        self.assertEqual(draft.state, "draft")
        self.assertEqual(
            (draft.date_start, draft.date_end), (date(2032, 2, 1), date(2033, 1, 31))
        )
        self.assertEqual(draft.terms, contract.terms)
        self.assertEqual(draft.clause_ids.deviation, "Twice the total.")
        self.assertEqual(draft.user_id, contract.user_id)
        quotation = draft.order_ids
        self.assertEqual(quotation.state, "draft")
        self.assertEqual(quotation.amount_total, 1000)
        self.assertNotEqual(quotation, contract.order_ids)
        self._document(draft)
        with self.assertSaid("Confirmed orders"):
            draft._sign("Dana")
        quotation.action_confirm()
        draft._sign("Dana")
        with self.assertSaid("renewed by", draft.name):
            contract.action_renew()

    def test_a_cancelled_renewal_can_be_made_again(self):
        contract = self._running().with_user(self.rep_user)
        contract._renew()._cancel("Wrong dates")
        self.assertFalse(contract.successor_id)
        self.assertTrue(contract.action_renew())

    def test_what_cannot_be_renewed(self):
        endless = self._signed()
        draft = self._contract(type_id=self.kind.id)
        with self.assertSaid("no end"):
            endless.action_renew()
        with self.assertSaid("never signed"):
            draft.action_renew()

    def test_renewed_by_itself(self):
        """On the day after the last day of notice, unless somebody gave notice."""
        contract = self._running(renewal="automatic")
        by_hand = self._running()
        given = self._running(renewal="automatic")
        given.renewal = "none"
        with self._at(date(2031, 10, 31)):
            self._run_job()
        self.assertFalse(contract.successor_id)
        with self._at(date(2031, 11, 1)):
            self._run_job()
            self._run_job()
        self.assertEqual(len(contract.successor_ids), 1)
        draft = contract.successor_id
        self.assertEqual(draft.renewal, "automatic")
        self.assertEqual(draft.order_ids.state, "draft")
        self.assertEqual(draft.activity_ids.user_id, self.rep_user)
        self.assertIn(contract.name, draft.activity_ids.summary)
        self.assertFalse((by_hand | given).successor_ids)

    def test_the_chain_goes_on(self):
        first = self._running()
        second = first._renew()
        second.order_ids.action_confirm()
        self._document(second)
        second._sign("Dana")
        third = second._renew()
        self.assertEqual(third.predecessor_id.predecessor_id, first)
        self.assertEqual(third.date_end, date(2034, 1, 31))

    def test_companies_have_their_own_day(self):
        """In Kiritimati it is tomorrow already."""
        contract = self._running()
        company = self.company
        other = self.env["res.company"].create({"name": "Contract Two"})
        days = {company: date(2031, 9, 30), other: date(2031, 10, 1)}
        with patch.object(
            type(company), "_sales_today", lambda c: days.get(c, date(2031, 1, 1))
        ):
            self.assertNotIn(contract, contract._find_to_remind("notice"))
            days[company] += timedelta(days=1)
            self.assertIn(contract, contract._find_to_remind("notice"))
