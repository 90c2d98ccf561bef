from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .paper_common import FILE, PaperCommon


@tagged("post_install", "-at_install")
class TestContractSign(PaperCommon):
    """What is missing blocks the signature; the signature makes instalments due."""

    def _items(self, contract):
        return {item["name"]: item for item in contract.checklist["items"]}

    # === CHECKLIST === #

    def test_checklist(self):
        """Of orders, plan, signatory, two documents and a clause, three are there."""
        contract = self._contract(type_id=self.kind.id)
        items = self._items(contract)
        self.assertEqual(
            {name for name, item in items.items() if item["met"]},
            {"Confirmed orders", "Payment plan", "Who signs for the customer"},
        )
        self.assertEqual(
            {name for name, item in items.items() if item["required"]},
            {"Confirmed orders", "Purchase order", "Liability"},
        )
        self.assertEqual(contract.completeness, 50)
        self.assertFalse(contract.is_complete)
        self._document(contract)
        self.assertAlmostEqual(contract.completeness, 66.67, 2)
        contract.clause_ids.action_agree()
        self.assertTrue(contract.is_complete, "what is left only reminds")
        self._document(contract, "minutes")
        self.assertEqual(contract.completeness, 100)

    def test_missing_items_say_what_to_do(self):
        order = self._confirmed(plan=False)
        contract = self._contract(order, type_id=self.kind.id)
        for item in self._items(contract).values():
            with self.subTest(item["name"]):
                self.assertTrue(item["met"] or item["hint"])
        self.assertIn(order.name, self._items(contract)["Payment plan"]["hint"])
        order.with_user(self.rep_user).action_sales_leave_contract()
        orders = self._items(contract)["Confirmed orders"]
        self.assertFalse(orders["met"])
        self.assertEqual(orders["label"], "Add Orders")

    def test_a_document_meets_what_it_was_filed_for(self):
        """One that names its requirement meets no other of the same category."""
        self.kind.requirement_ids = [
            Command.create(
                {
                    "name": "Frame order",
                    "kind": "document",
                    "document_category": "purchase_order",
                }
            )
        ]
        contract = self._contract(type_id=self.kind.id)
        self._document(contract, requirement_id=self.need_order.id)
        items = self._items(contract)
        self.assertTrue(items["Purchase order"]["met"])
        self.assertFalse(items["Frame order"]["met"])

    def test_the_checklist_follows_the_type(self):
        contract = self._complete(self._contract(type_id=self.kind.id))
        self.assertTrue(contract.is_complete)
        self.kind.requirement_ids = [
            Command.create({"name": "Privacy", "kind": "clause", "text": "…"})
        ]
        self.assertFalse(contract.is_complete)
        contract.with_user(self.rep_user).action_checklist("clauses")
        privacy = contract.clause_ids.filtered(lambda c: c.name == "Privacy")
        self.assertEqual(privacy.text, "…")
        contract.with_user(self.rep_user).action_checklist(f"clause-{privacy.id}")
        self.assertTrue(contract.is_complete)

    def test_buttons_of_the_checklist(self):
        contract = self._contract(type_id=self.kind.id).with_user(self.rep_user)
        for item in self._items(contract).values():
            if item["met"] or not item["label"]:
                continue
            with self.subTest(item["name"]):
                contract.action_checklist(item["key"])
        action = contract.action_checklist(f"document-{self.need_order.id}")
        document = self._wizard(action, datas=FILE, name="po.pdf")
        self.assertEqual(document.requirement_id, self.need_order)
        self.assertEqual(document.sales_document_category, "purchase_order")
        with self.assertSaid("no longer asks"):
            contract.action_checklist("document-0")
        with self.assertRaises(AccessError):
            contract.with_user(self.colleague_user).action_checklist("clauses")

    def test_required_clauses_are_not_deleted(self):
        contract = self._contract(type_id=self.kind.id).with_user(self.rep_user)
        with self.assertSaid("Liability", "deviation"):
            contract.clause_ids.unlink()
        contract.clause_ids.deviation = "Twice the total."
        contract.clause_ids.agreed = True
        self.assertIn("Twice the total.", self._items(contract)["Liability"]["note"])

    # === SIGNATURE === #

    def test_all_that_is_missing_blocks(self):
        contract = self._contract(type_id=self.kind.id).with_user(self.rep_user)
        for sign in (
            contract.action_record_signature,
            lambda: contract._sign("Dana Decider"),
        ):
            with self.assertSaid(contract.name, "Purchase order", "Liability"):
                sign()
        self.assertEqual(contract.state, "draft")
        self.assertFalse(contract.date_signed)

    def test_an_unconfirmed_order_blocks(self):
        contract = self._contract()
        contract.order_ids._action_cancel()
        with self.assertSaid("Confirmed orders"):
            contract._sign("Dana Decider")

    def test_recorded_by_a_person(self):
        contract = self._complete(self._contract(type_id=self.kind.id))
        contract = contract.with_user(self.rep_user)
        day = self.company._sales_today() - timedelta(days=3)
        wizard = self._wizard(
            contract.action_record_signature(),
            date_signed=day,
            document=FILE,
            document_name="scan.pdf",
        )
        self.assertEqual(wizard.signed_by, "Dana Decider", "who signs for the customer")
        wizard.action_sign()
        self.assertEqual(contract.state, "signed")
        self.assertEqual(contract.date_signed, day)
        self.assertEqual(contract.signed_by, "Dana Decider")
        self.assertEqual(contract.amount_signed, 1000)
        scan = contract.document_ids.filtered(lambda d: d.name == "scan.pdf")
        self.assertEqual(scan.sales_document_category, "contract")
        self.assertEqual(scan.date, day)
        self.assertIn("Dana Decider", contract.message_ids[0].body)
        self.assertEqual(contract.message_ids[0].attachment_ids, scan.attachment_id)

    def test_the_signed_contract_may_be_what_is_required(self):
        self.kind.requirement_ids = [
            Command.clear(),
            Command.create(
                {
                    "name": "Signed contract",
                    "kind": "document",
                    "document_category": "contract",
                }
            ),
        ]
        contract = self._contract(type_id=self.kind.id).with_user(self.rep_user)
        wizard = self._wizard(contract.action_record_signature())
        with self.assertSaid("Signed contract"):
            wizard.action_sign()
        wizard.write({"document": FILE, "document_name": "scan.pdf"})
        wizard.action_sign()
        self.assertEqual(contract.state, "signed")
        self.assertTrue(contract.is_complete)

    def test_drawn_by_the_customer(self):
        """As the portal does: with the rights of nobody, and printed afterwards."""
        contract = self._complete(self._contract(type_id=self.kind.id))
        pixel = (
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwAD"
            "hgGAWjR9awAAAABJRU5ErkJggg=="
        )
        public = self.env.ref("base.public_user")
        contract.with_user(public).sudo()._sign("Dana Decider", pixel)
        self.assertEqual(contract.state, "signed")
        self.assertEqual(contract.date_signed, self.company._sales_today())
        self.assertTrue(contract.signature)
        printed = contract.document_ids.filtered(
            lambda d: d.sales_document_category == "contract"
        )
        self.assertIn(contract.name.encode(), printed.raw)
        self.assertIn(b"data:image/png", printed.raw, "the drawing is printed into it")
        self.assertTrue(printed.is_shared)
        self.assertEqual(contract.message_ids[0].author_id, self.buyer)

    def test_bad_signatures(self):
        contract = self._contract().with_user(self.rep_user)
        tomorrow = self.company._sales_today() + timedelta(days=1)
        with self.assertSaid("who signed"):
            contract._sign("  ")
        with self.assertSaid("future"):
            contract._sign("Dana", date=tomorrow)
        with self.assertRaises(AccessError):
            contract.with_user(self.colleague_user)._sign("Dana")
        contract._sign("Dana")
        with self.assertSaid("Signed"):
            contract._sign("Dana again")

    def test_the_signature_makes_instalments_due(self):
        order = self._confirmed()
        first = order._sorted_sales_plan()[0]
        self.assertEqual(first.trigger, "signing")
        contract = self._contract(order)
        self.assertFalse(first.date_trigger, "waits for the contract now")
        self.assertEqual(first.state, "planned")
        day = self.company._sales_today() - timedelta(days=2)
        contract._sign("Dana", date=day)
        self.assertEqual(first.date_trigger, day)
        self.assertEqual(first.date_firm, day)
        self.assertEqual(first.state, "due")

    def test_an_order_that_joins_a_draft_waits_for_its_signature(self):
        contract, more = self._contract(), self._confirmed()
        first = more._sorted_sales_plan()[0]
        self.assertTrue(first.date_trigger)
        contract._add_orders(more)
        self.assertFalse(first.date_trigger)
        contract._sign("Dana")
        self.assertEqual(first.date_trigger, contract.date_signed)

    def test_what_was_signed_stays(self):
        contract = self._signed(type_id=self.kind.id).with_user(self.rep_user)
        for vals in (
            {"terms": "<p>Other</p>"},
            {"date_end": "2040-01-01"},
            {"title": "Other"},
            {"partner_id": self.customer.id},
            {"notice_months": 1},
            {"type_id": False},
            {"clause_ids": [Command.update(contract.clause_ids.id, {"agreed": False})]},
        ):
            with self.subTest(vals), self.assertSaid("Propose Change"):
                contract.write(vals)
        with self.assertSaid("Propose Change"):
            contract.clause_ids.deviation = "Without any limit."
        contract.write({"user_id": self.rep_user.id, "renewal": "none"})

    def test_two_people_sign_at_once(self):
        """The second finds the contract signed; locks are tried by another test."""
        contract = self._contract()
        other = contract.with_user(self.rep_user)
        contract._sign("Dana")
        with self.assertSaid("Signed"):
            other._sign("Someone else")
        self.assertEqual(contract.signed_by, "Dana")

    # === SENDING === #

    def test_sending(self):
        contract = self._contract().with_user(self.rep_user)
        action = contract.action_send()
        self.assertFalse(contract.date_sent, "not before it is sent")
        composer = (
            self.env[action["res_model"]]
            .with_user(self.rep_user)
            .with_context(**action["context"])
            .create({})
        )
        self.assertIn(contract.name, composer.subject)
        self.assertEqual(composer.partner_ids, self.buyer)
        self.assertIn(contract.name.replace("/", "-"), composer.attachment_ids.name)
        composer._action_send_mail()
        self.assertTrue(contract.date_sent)

    def test_printed(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        contract = self._signed(type_id=self.kind.id)
        report = self.env["ir.actions.report"].with_user(self.rep_user)
        html, _kind = report._render_qweb_html(
            "sales_process.action_report_contract", contract.ids
        )
        text = html.decode()
        for expected in (
            contract.name,
            "Lumber Inc",
            "Machine",
            "Down payment",
            "Standard terms",
            "Limited to the total.",
            "Dana Decider",
            self.company.name,
        ):
            with self.subTest(expected):
                self.assertIn(expected, text)
        self.assertNotIn("Draft of Contract", text)
        accountant = report.with_user(self.accountant_user)
        accountant._render_qweb_html(
            "sales_process.action_report_contract", contract.ids
        )
