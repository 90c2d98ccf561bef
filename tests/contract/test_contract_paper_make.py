from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .paper_common import FILE, PaperCommon


@tagged("post_install", "-at_install")
class TestContractMake(PaperCommon):
    """A contract comes from confirmed orders, by one click or by itself."""

    # === FROM ORDERS === #

    def test_one_click(self):
        order = self._confirmed(client_order_ref="Hall 3")
        action = order.with_user(self.rep_user).action_sales_create_contract()
        contract = self.env["sales.contract"].browse(action["res_id"])
        self.assertEqual(action["res_model"], "sales.contract")
        self.assertEqual(order.sales_contract_id, contract)
        self.assertEqual(contract.title, "Hall 3")
        self.assertEqual(contract.partner_id, self.buyer)
        self.assertEqual(contract.commercial_partner_id, self.customer)
        self.assertEqual(contract.customer_signatory_id, self.buyer)
        self.assertEqual(contract.user_id, self.rep_user)
        self.assertEqual(contract.team_id, self.retail)
        self.assertEqual(contract.company_id, order.company_id)
        self.assertEqual(contract.currency_id, order.currency_id)
        self.assertEqual(contract.date_start, self.company._sales_today())
        self.assertEqual(contract.amount_total, 1000)
        self.assertEqual(contract.state, "draft")
        self.assertEqual(contract.plan_line_ids, order.sales_plan_line_ids)
        self.assertEqual(len(contract.plan_line_ids), 3)

    def test_title_without_a_reference(self):
        """What most of the money is for."""
        order = self._order(order_line=[self._order_line(100, product=self.service)])
        order.order_line = [self._order_line(900)]
        order.action_confirm()
        self.assertEqual(self._contract(order).title, "Machine and 1 more")

    def test_several_orders(self):
        orders = self._confirmed() | self._confirmed(
            500, partner_id=self.customer.id, user_id=self.colleague_user.id
        )
        contract = self._contract(orders, user=self.leader_user)
        self.assertEqual(contract.order_ids, orders)
        self.assertEqual(contract.amount_total, 1500)
        self.assertEqual(contract.partner_id, self.customer, "the company of both")
        self.assertEqual(contract.plan_line_ids, orders.sales_plan_line_ids)

    def test_orders_that_make_no_contract(self):
        order = self._confirmed()
        other = self.env["res.partner"].create({"name": "Other customer"})
        dollar = self.env["res.currency"].create({"name": "XPT", "symbol": "x"})
        pricelist = self.env["product.pricelist"].create(
            {"name": "X", "currency_id": dollar.id}
        )
        company = self.env["res.company"].create({"name": "Contract Two"})
        foreign = self.env["sale.order"].create(
            {"partner_id": self.buyer.id, "company_id": company.id, "state": "sale"}
        )
        for orders, word in (
            (order | self._confirmed(partner_id=other.id), "one customer"),
            (order | foreign, "one company"),
            (order | self._confirmed(pricelist_id=pricelist.id), "one currency"),
            (order | self._planned(partner_id=self.buyer.id), "not confirmed"),
            (order.browse(), "at least one"),
        ):
            with self.subTest(word), self.assertSaid(word):
                orders.action_sales_create_contract()
        self.assertFalse(order.sales_contract_id)
        contract = self._contract(order)
        with self.assertSaid(order.name, contract.name):
            order.action_sales_create_contract()

    def test_after_a_cancelled_contract(self):
        contract = self._contract()
        order = contract.order_ids
        self.assertFalse(order.sales_contract_possible)
        contract._cancel("Wrong customer")
        self.assertTrue(order.sales_contract_possible)
        again = self._contract(order)
        self.assertEqual(order.sales_contract_id, again)

    def test_rights_to_create(self):
        order = self._confirmed()
        for user in (self.colleague_user, self.stranger_user, self.portal_user):
            with self.subTest(user.name), self.assertRaises(AccessError):
                order.with_user(user).action_sales_create_contract()
        self.assertTrue(self._contract(order, user=self.accountant_user))

    # === MORE ORDERS === #

    def test_add_and_take_out(self):
        contract = self._contract()
        more = self._confirmed(500)
        foreign = self._confirmed(
            partner_id=self.env["res.partner"].create({"name": "Else"}).id
        )
        wizard = self._wizard(contract.with_user(self.rep_user).action_add_orders())
        self.assertIn(more, wizard.candidate_ids)
        self.assertNotIn(foreign, wizard.candidate_ids)
        self.assertNotIn(contract.order_ids, wizard.candidate_ids)
        with self.assertSaid("at least one"):
            wizard.action_add()
        wizard.order_ids = more
        wizard.action_add()
        self.assertEqual(contract.amount_total, 1500)
        with self.assertSaid("does not fit"):
            contract._add_orders(foreign)
        more.with_user(self.rep_user).action_sales_leave_contract()
        self.assertFalse(more.sales_contract_id)
        self.assertEqual(contract.amount_total, 1000)

    def test_the_link_is_not_set_by_hand(self):
        contract, order = self._contract(), self._confirmed()
        mine = order.with_user(self.rep_user)
        with self.assertRaises(AccessError):
            mine.sales_contract_id = contract
        with self.assertRaises(AccessError):
            mine.create(self._order_vals(sales_contract_id=contract.id))
        defaulted = mine.with_context(default_sales_contract_id=contract.id)
        self.assertFalse(defaulted.create(self._order_vals()).sales_contract_id)
        signed = self._signed()
        with self.assertSaid("Propose Change"):
            signed.order_ids.with_user(self.rep_user).action_sales_leave_contract()
        with self.assertSaid("Propose Change"):
            signed.with_user(self.rep_user)._add_orders(order)

    # === BY ITSELF === #

    def test_automatic(self):
        self.company.sales_contract_automatic = True
        self.company.sales_contract_type_id = self.kind
        orders = self._planned() | self._planned(500, partner_id=self.customer.id)
        free = self._order(0)
        (orders | free).with_user(self.rep_user).action_confirm()
        self.assertEqual(len(orders.sales_contract_id), 2, "one each")
        self.assertFalse(free.sales_contract_id, "nothing to watch")
        self.assertEqual(orders.sales_contract_id.type_id, self.kind)

    def test_not_automatic_by_default(self):
        self.assertFalse(self.env["res.company"].new().sales_contract_automatic)
        self.assertFalse(self._confirmed().sales_contract_id)

    def test_automatic_by_company(self):
        self.company.sales_contract_automatic = True
        company = self.env["res.company"].create({"name": "Contract Two"})
        order = self._order_of(company)
        (order | self._planned()).action_confirm()
        self.assertFalse(order.sales_contract_id)

    def _order_of(self, company):
        return self.env["sale.order"].create(
            {
                "partner_id": self.buyer.id,
                "company_id": company.id,
                "user_id": False,
                "team_id": False,
                "order_line": [self._order_line()],
            }
        )

    def test_automatic_as_the_customer_confirms(self):
        """The customer who signs online has no rights at all."""
        self.company.sales_contract_automatic = True
        order = self._planned(partner_id=self.buyer.id, state="sent")
        public = self.env.ref("base.public_user")
        order.with_user(public).sudo()._validate_order()
        self.assertEqual(order.sales_contract_id.user_id, self.rep_user)

    # === NUMBERS === #

    def test_numbers_by_company(self):
        company = self.env["res.company"].create({"name": "Contract Two"})
        sequences = self.env["ir.sequence"].search([("code", "=", "sales.contract")])
        self.assertEqual(len(sequences.filtered(lambda s: s.company_id == company)), 1)
        self.assertFalse(
            self.env["res.company"].search([]) - sequences.company_id,
            "every company has its own",
        )
        mine = sequences.filtered(lambda s: s.company_id == self.company)
        mine.write({"prefix": "OWN-", "padding": 3, "number_next": 41})
        first, second = self._contract(), self._contract()
        self.assertEqual((first.name, second.name), ("OWN-041", "OWN-042"))
        order = self._order_of(company)
        order.action_confirm()
        action = order.action_sales_create_contract()
        other = self.env["sales.contract"].browse(action["res_id"])
        year = company._sales_today().year
        self.assertEqual(other.name, f"CT{year}/0001")

    def test_numbers_somebody_wants_by_year(self):
        sequence = self.company._sales_contract_sequence()
        sequence.write({"use_date_range": True, "prefix": "Y%(range_year)s-"})
        year = self.company._sales_today().year
        self.assertEqual(self._contract().name, f"Y{year}-0001")

    def test_a_deleted_sequence_is_made_again(self):
        self.company._sales_contract_sequence().unlink()
        self.assertRegex(self._contract().name, r"^CT\d{4}/0001$")

    # === FROM THE TYPE === #

    def test_type_brings_terms_and_dates(self):
        self.company.sales_contract_type_id = self.kind
        contract = self._contract()
        contract.date_start = "2024-02-01"
        self.assertEqual(contract.type_id, self.kind)
        self.assertEqual(contract.terms, "<p>Standard terms</p>")
        self.assertEqual(contract.date_end, date(2025, 1, 31))
        self.assertEqual(contract.notice_months, 3)
        self.assertEqual(contract.renewal, "manual")
        self.assertEqual(contract.collector_id, self.accountant_user)
        self.assertEqual(contract.clause_ids.mapped("name"), ["Liability"])
        contract.terms = "<p>Ours</p>"
        self.kind.terms = "<p>Newer</p>"
        self.assertEqual(contract.terms, "<p>Ours</p>", "taken over once")

    def test_another_type_brings_other_clauses(self):
        contract = self._contract(type_id=self.kind.id)
        own = contract.clause_ids.create(
            {"contract_id": contract.id, "name": "Own", "text": "Ours"}
        )
        other = self.kind.copy({"name": "Service", "terms": "<p>Service terms</p>"})
        contract.type_id = other
        self.assertIn(own, contract.clause_ids)
        self.assertEqual(
            (contract.clause_ids - own).requirement_id,
            other.requirement_ids.filtered(lambda r: r.kind == "clause"),
        )
        self.assertEqual(contract.terms, "<p>Service terms</p>")

    def test_terms_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.kind.with_context(lang="fr_FR").terms = "<p>Conditions</p>"
        self.need_clause.with_context(lang="fr_FR").text = "Limitée au total."
        self.buyer.lang = "fr_FR"
        contract = self._contract(type_id=self.kind.id)
        self.assertEqual(contract.terms, "<p>Conditions</p>")
        self.assertEqual(contract.clause_ids.text, "Limitée au total.")

    def test_requirements_say_what_they_are(self):
        with self.assertSaid("category"):
            self.need_order.document_category = False
        with self.assertSaid("wording"):
            self.need_clause.text = False

    # === THE SIGNED QUOTATION === #

    def _sign_quotation(self, order, filed=True):
        order.write(
            {
                "signed_by": "Dana Decider",
                "signed_on": self._days_ago(1),
                "signature": self._pixel(),
            }
        )
        if filed:
            order.message_post(
                body=order.env._("signed"),
                attachments=[(f"{order.name}.pdf", b"%PDF-1.4 quote")],
            )

    @staticmethod
    def _pixel():
        return (
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwAD"
            "hgGAWjR9awAAAABJRU5ErkJggg=="
        )

    def test_signed_quotation_is_the_first_document(self):
        order = self._confirmed()
        self._sign_quotation(order)
        contract = self._contract(order)
        document = contract.document_ids
        self.assertEqual(len(document), 1)
        self.assertEqual(document.order_id, order)
        self.assertEqual(document.sales_document_category, "quotation")
        self.assertEqual(document.raw, b"%PDF-1.4 quote")
        self.assertEqual(document.date, self.company._sales_day(order.signed_on))
        self.assertTrue(document.is_shared, "the customer has it")
        wizard = self._wizard(
            contract.with_user(self.rep_user).action_record_signature()
        )
        self.assertEqual(wizard.signed_by, "Dana Decider")
        self.assertEqual(wizard.date_signed, document.date)

    def test_signed_quotation_without_a_file_is_printed_by_the_job(self):
        order = self._confirmed()
        self._sign_quotation(order, filed=False)
        contract = self._contract(order)
        self.assertFalse(contract.document_ids)
        self.assertEqual(contract._find_to_file(), order)
        with self.enter_registry_test_mode():
            self.env.ref("sales_process.ir_cron_contracts").method_direct_trigger()
        self.assertEqual(contract.document_ids.order_id, order)
        self.assertIn(order.name.encode(), contract.document_ids.raw)
        self.assertFalse(contract._find_to_file(), "once")

    def test_signed_quotation_signs_where_the_type_says_so(self):
        self.kind.write(
            {"sign_by_quotation": True, "requirement_ids": [Command.clear()]}
        )
        self.company.sales_contract_type_id = self.kind
        signed, plain = self._confirmed(), self._confirmed()
        self._sign_quotation(signed)
        contract = self._contract(signed)
        self.assertEqual(contract.state, "signed")
        self.assertEqual(contract.signed_by, "Dana Decider")
        self.assertEqual(contract.amount_signed, 1000)
        self.assertTrue(contract.signature)
        self.assertEqual(
            contract.date_signed, self.company._sales_day(signed.signed_on)
        )
        self.assertEqual(self._contract(plain).state, "draft")

    def test_signed_quotation_does_not_sign_what_is_incomplete(self):
        self.kind.sign_by_quotation = True
        self.company.sales_contract_type_id = self.kind
        order = self._confirmed()
        self._sign_quotation(order)
        self.assertEqual(self._contract(order).state, "draft")

    # === STAT BUTTONS === #

    def test_from_order_and_invoice_to_the_contract_and_back(self):
        contract = self._contract()
        order = contract.order_ids
        self.assertEqual(order.action_sales_view_contract()["res_id"], contract.id)
        self.assertEqual(contract.order_count, 1)
        self.assertEqual(contract.action_view_orders()["res_id"], order.id)
        self.assertFalse(contract.invoice_count)
        move = order._create_invoices()
        contract.invalidate_recordset(["invoice_count"])
        seen = contract.with_user(self.accountant_user)
        self.assertEqual(seen.invoice_count, 1)
        self.assertEqual(seen.action_view_invoices()["res_id"], move.id)
        move = move.with_user(self.accountant_user)
        self.assertEqual(move.sales_contract_count, 1)
        self.assertEqual(move.action_sales_view_contracts()["res_id"], contract.id)

    # === WHAT NOBODY SETS === #

    def test_recorded_fields_are_not_set_by_hand(self):
        contract = self._contract().with_user(self.rep_user)
        for vals in (
            {"state": "signed"},
            {"date_signed": "2024-01-01"},
            {"signed_by": "Me"},
            {"amount_signed": 1},
            {"version": 7},
            {"name": "X"},
            {"date_sent": "2024-01-01 00:00:00"},
            {"access_token": "secret"},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                contract.write(vals)
            with self.subTest(vals), self.assertRaises(AccessError):
                contract.create({"title": "x", "partner_id": self.buyer.id, **vals})
        defaulted = contract.with_context(default_state="signed")
        made = defaulted.create({"title": "x", "partner_id": self.buyer.id})
        self.assertEqual(made.state, "draft")

    def test_no_copies(self):
        with self.assertSaid("cannot be duplicated", error=UserError):
            self._contract().copy()

    # === DOCUMENTS === #

    def test_documents_have_versions(self):
        contract = self._contract(type_id=self.kind.id)
        first = self._document(contract, name="order.pdf")
        other = self._document(contract, "minutes", name="order.pdf")
        second = self._document(contract, name="order.pdf", version=9)
        self.assertEqual((first.version, other.version, second.version), (1, 1, 2))
        self.assertEqual(
            (first | other | second).mapped("is_latest"), [False, True, True]
        )

    def test_files_are_read_with_their_document(self):
        contract = self._contract()
        document = self._document(contract)
        file = document.attachment_id
        self.assertEqual((file.res_model, file.res_id), (document._name, document.id))
        for user in (self.rep_user, self.accountant_user, self.leader_user):
            with self.subTest(user.name):
                self.assertTrue(file.with_user(user).raw)
        with self.assertRaises(AccessError):
            file.with_user(self.colleague_user).read(["raw"])

    def test_signed_documents_stay(self):
        contract = self._complete(self._contract(type_id=self.kind.id))
        document = contract.document_ids.with_user(self.rep_user)
        document.name = "renamed.pdf"
        contract.with_user(self.rep_user)._sign("Dana")
        for change in (
            lambda: document.write({"name": "other.pdf"}),
            lambda: document.write({"datas": FILE}),
            lambda: document.attachment_id.write({"datas": FILE}),
            lambda: document.unlink(),
            lambda: document.attachment_id.unlink(),
        ):
            with self.assertRaises(UserError):
                change()
        self.assertTrue(self._document(contract, "minutes"), "more may come")
        document.action_share()
        self.assertFalse(document.is_shared)
        document.action_share()
        self.assertTrue(document.is_shared)
