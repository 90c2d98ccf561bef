from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .paper_common import FILE, PaperCommon


@tagged("post_install", "-at_install")
class TestContractChange(PaperCommon):
    """After the signature only both sides change a contract, version by version."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._signed(type_id=cls.kind.id).with_user(cls.rep_user)
        cls.today = cls.company._sales_today()

    def _propose(self, name="Longer", **values):
        return (
            self.env["sales.contract.change"]
            .with_user(self.rep_user)
            .create(
                {
                    "contract_id": self.contract.id,
                    "name": name,
                    "reason": "The customer asked for it",
                    **values,
                }
            )
        )

    def _later(self):
        return self.contract.date_end + timedelta(days=31)

    # === THE TOTAL THAT WAS SIGNED === #

    def test_another_total_asks_for_a_change(self):
        contract = self.contract
        self.assertEqual(contract.amount_unagreed, 0)
        contract.order_ids.order_line.product_uom_qty = 2
        self.assertEqual(contract.amount_total, 2000)
        self.assertEqual(contract.amount_signed, 1000)
        self.assertEqual(contract.amount_unagreed, 1000)
        found = contract.search(
            [("amount_unagreed", "!=", 0), ("id", "=", contract.id)]
        )
        self.assertEqual(found, contract)
        action = contract.action_propose_change()
        form = Form(
            self.env["sales.contract.change"]
            .with_user(self.rep_user)
            .with_context(**action["context"])
        )
        self.assertEqual(form.amount_old, 1000)
        self.assertEqual(form.amount_new, 2000)
        form.reason = "A second machine"
        change = form.save()
        self.assertEqual(change.name, "Extension of the order")
        self.assertIn("1,000.00", change.difference)
        self.assertIn("2,000.00", change.difference)
        self.assertTrue(contract.has_proposal)
        self.assertEqual(contract.action_propose_change()["res_id"], change.id)
        change._agree("Dana Decider", self.leader_user, self.today)
        self.assertEqual(contract.amount_signed, 2000)
        self.assertEqual(contract.amount_unagreed, 0)
        self.assertEqual(contract.version, 2)

    def test_drafts_and_the_ended_ask_for_none(self):
        draft = self._contract()
        draft.order_ids.order_line.product_uom_qty = 2
        self.assertEqual(draft.amount_unagreed, 0)
        self.contract.sudo().state = "closed"
        for contract in (draft, self.contract):
            with self.assertSaid("not in force"):
                contract.with_user(self.rep_user).action_propose_change()

    # === AGREED === #

    def test_agreeing_makes_the_next_version(self):
        contract, end, later = self.contract, self.contract.date_end, self._later()
        change = self._propose(date_end=later, terms="<p>New terms</p>")
        self.assertEqual(contract.date_end, end, "a proposal changes nothing")
        wizard = self._wizard(
            change.action_agree(),
            company_agreed_by_id=self.leader_user.id,
            document=FILE,
            document_name="amendment.pdf",
        )
        self.assertEqual(wizard.customer_agreed_by, "Dana Decider")
        wizard.action_agree()
        self.assertEqual(contract.date_end, later)
        self.assertEqual(contract.terms, "<p>New terms</p>")
        self.assertEqual(contract.version, 2)
        self.assertEqual(contract.date_signed, self.today, "signed once")
        self.assertEqual(change.state, "agreed")
        self.assertEqual(change.version, 2)
        self.assertEqual(change.date_end_old, end)
        self.assertEqual(change.terms_old, "<p>Standard terms</p>")
        self.assertEqual(change.company_agreed_by_id, self.leader_user)
        self.assertEqual(change.decided_by_id, self.rep_user)
        self.assertEqual(change.document_ids.name, "amendment.pdf")
        self.assertEqual(change.document_ids.contract_id, contract)
        self.assertIn("Version 2", contract.message_ids[0].body)
        again = self._propose("Back", date_end=end)
        again._agree("Dana", self.rep_user, self.today)
        self.assertEqual((contract.version, contract.date_end), (3, end))

    def test_orders_come_and_go(self):
        contract, old = self.contract, self.contract.order_ids
        more = self._confirmed(500)
        change = self._propose(order_ids=[Command.set(more.ids)])
        self.assertIn(more, change.order_candidate_ids)
        self.assertEqual(change.amount_new, 500)
        self.assertIn(f"{old.name} → {more.name}", change.difference)
        change._agree("Dana", self.rep_user, self.today)
        self.assertEqual(contract.order_ids, more)
        self.assertEqual(contract.amount_signed, 500)
        self.assertFalse(old.sales_contract_id)
        self.assertEqual(contract.plan_line_ids, more.sales_plan_line_ids)
        more.order_line.product_uom_qty = 3
        self.assertEqual(change.amount_new, 500, "as it was decided")

    def test_orders_of_others_do_not_come(self):
        other = self._contract()
        change = self._propose(order_ids=[Command.link(other.order_ids.id)])
        with self.assertSaid(other.name):
            change._agree("Dana", self.rep_user, self.today)
        self.assertEqual(change.state, "proposed")

    # === REFUSED === #

    def test_refused(self):
        end = self.contract.date_end
        change = self._propose(date_end=self._later())
        wizard = self._wizard(change.action_refuse(), reason=" ")
        with self.assertSaid("Say why"):
            wizard.action_refuse()
        wizard.reason = "Too expensive"
        wizard.action_refuse()
        self.assertEqual(change.state, "refused")
        self.assertEqual(change.refuse_reason, "Too expensive")
        self.assertFalse(change.version)
        self.assertEqual((self.contract.version, self.contract.date_end), (1, end))
        self.assertTrue(self._propose(date_end=self._later()), "another one may follow")

    # === WHAT IS NOT POSSIBLE === #

    def test_one_proposal_at_a_time(self):
        self._propose()
        with self.assertSaid("proposed already"):
            self._propose()

    def test_a_change_that_changes_nothing(self):
        with self.assertSaid("alters nothing"):
            self._propose().action_agree()

    def test_bad_agreements(self):
        change = self._propose(date_end=self._later())
        with self.assertSaid("for the customer"):
            change._agree(" ", self.rep_user, self.today)
        with self.assertSaid("future"):
            change._agree("Dana", self.rep_user, self.today + timedelta(days=1))
        with self.assertRaises(AccessError):
            change.with_user(self.colleague_user)._agree(
                "Dana", self.rep_user, self.today
            )

    def test_decided_changes_stay(self):
        change = self._propose(date_end=self._later())
        change._agree("Dana", self.rep_user, self.today)
        for user in (self.rep_user, self.director_user, self.accountant_user):
            mine = change.with_user(user)
            for attempt in (
                lambda mine=mine: mine.write({"reason": "Other"}),
                lambda mine=mine: mine.write({"date_end": False}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine._refuse("No"),
                lambda mine=mine: mine.action_agree(),
            ):
                with self.subTest(user.name), self.assertRaises(UserError):
                    attempt()

    def test_recorded_fields_are_not_set_by_hand(self):
        change = self._propose()
        for vals in (
            {"state": "agreed"},
            {"amount_old": 5},
            {"amount_decided": 5},
            {"version": 9},
            {"customer_agreed_by": "Me"},
            {"decided_by_id": self.leader_user.id},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                change.write(vals)
            with self.subTest(vals), self.assertRaises(AccessError):
                self._propose(**vals)
        with self.assertSaid("stays with its contract"):
            change.contract_id = self._signed()
        change.unlink()
        defaulted = self.env["sales.contract.change"].with_context(
            default_state="agreed", default_amount_old=1, default_version=9
        )
        made = defaulted.with_user(self.rep_user).create(
            {"contract_id": self.contract.id, "name": "x", "reason": "y"}
        )
        self.assertEqual(
            (made.state, made.amount_old, made.version), ("proposed", 1000, 0)
        )
