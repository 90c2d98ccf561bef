import base64
import io
import re
from unittest.mock import patch

from PIL import Image

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.portal.controllers.portal import CustomerPortal

from .paper_common import PaperCommon

FUTURE = "2099-01-01"


def drawn_signature():
    image = io.BytesIO()
    Image.new("RGB", (40, 20), "white").save(image, "PNG")
    return base64.b64encode(image.getvalue()).decode()


@tagged("post_install", "-at_install")
class TestContractPortal(PaperCommon, HttpCase):
    """Customers see their own contracts, and nobody else sees them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal_user.partner_id.parent_id = cls.customer
        cls.other_portal_user = new_test_user(
            cls.env, "sp_portal_other", "base.group_portal"
        )
        cls.other_portal_user.partner_id.parent_id = cls.env["res.partner"].create(
            {"name": "Elsewhere Ltd", "is_company": True}
        )
        cls.contract = cls._complete(
            cls._contract(type_id=cls.kind.id, title="Coating line")
        )
        cls.order = cls.contract.order_ids
        cls.url = cls.contract.access_url

    @classmethod
    def _send(cls, contract=None):
        contract = contract or cls.contract
        contract.sudo().date_sent = fields.Datetime.now()
        return contract

    def _login(self, user):
        if user:
            self.authenticate(user.login, user.login)
        else:
            self.authenticate(None, None)

    def _open(self, url=None, user=None):
        self._login(user)
        return self.url_open(url or self.url)

    def _is_shown(self, response):
        return "o_sales_contract_portal" in response.text

    def _sign(self, name="Dana Decider", signature=None, seen=None, user=None):
        self._login(user)
        return self.make_jsonrpc_request(
            f"{self.url}/sign",
            {
                "access_token": self.contract._portal_ensure_token(),
                "name": name,
                "signature": drawn_signature() if signature is None else signature,
                "seen": seen or self.contract._fingerprint(),
            },
        )

    # === WHO SEES === #

    def test_who_sees_a_sent_contract(self):
        link = self._send().get_portal_url()
        for who, user, url, expected in (
            ("the customer", self.portal_user, self.url, True),
            ("another customer", self.other_portal_user, self.url, False),
            ("nobody", None, self.url, False),
            ("nobody with a guess", None, f"{self.url}?access_token=x", False),
            ("nobody with the link", None, link, True),
            ("another customer with the link", self.other_portal_user, link, True),
            ("the rep", self.rep_user, self.url, True),
            ("a rep of another team", self.stranger_user, self.url, False),
        ):
            with self.subTest(who), mute_logger("odoo.http"):
                response = self._open(url, user)
                self.assertEqual(self._is_shown(response), expected)
                self.assertEqual("Coating line" in response.text, expected)

    def test_a_draft_is_never_seen(self):
        link = self.contract.get_portal_url()
        for user in (None, self.portal_user, self.other_portal_user):
            for url in (self.url, link, f"{link}&report_type=html"):
                with self.subTest(user=user, url=url):
                    response = self._open(url, user)
                    self.assertNotIn("Coating line", response.text)
        response = self._open(link, self.rep_user)
        self.assertTrue(self._is_shown(response), "a preview, before it is sent")

    def test_one_that_is_gone(self):
        response = self._open("/my/contracts/999999999", self.portal_user)
        self.assertFalse(self._is_shown(response))

    def test_printed(self):
        self._send()
        url = f"{self.url}?report_type=html"
        response = self._open(url, self.portal_user)
        self.assertIn("o_sales_contract_page", response.text)
        self.assertIn("Coating line", response.text)
        response = self._open(url, self.other_portal_user)
        self.assertNotIn("Coating line", response.text)

    # === WHAT IS SHOWN === #

    def test_page(self):
        self.contract.with_user(self.rep_user)._sign("Dana Decider")
        first, second, third = self.order._sorted_sales_plan()
        first.sudo().write(
            {
                "amount_invoiced": 300,
                "amount_collected": 125.5,
                "amount_due": 174.5,
                "date_invoiced": "2024-01-10",
                "date_invoice_due": "2024-02-09",
            }
        )
        second.date_planned = FUTURE
        text = self._open(user=self.portal_user).text
        rows = re.findall(r"<tr.*?</tr>", text, re.DOTALL)
        rows = [
            re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))
            for row in rows
            if "fw-bold" in row and "badge" in row
        ]
        self.assertEqual(len(rows), 3)
        for row, line, words in (
            (rows[0], first, ("On signing", "300.00", "125.50", "Overdue")),
            (rows[1], second, ("On delivery", "expected", "400.00", "Planned")),
            (rows[2], third, ("On acceptance", "300.00", "Planned")),
        ):
            for word in (line.name, *words):
                with self.subTest(line.name, word=word):
                    self.assertIn(word, row)
        for word in ("Dana Decider", self.order.name, "Limited to the total."):
            with self.subTest(word):
                self.assertIn(word, text)

    def test_documents_and_changes(self):
        minutes = self._document(self.contract, "minutes", name="our minutes.pdf")
        shared = self.contract.document_ids - minutes
        self.contract.with_user(self.rep_user)._sign("Dana Decider")
        changes = self.env["sales.contract.change"].with_user(self.rep_user)
        change = changes.create(
            {
                "contract_id": self.contract.id,
                "name": "Half a year longer",
                "reason": "They asked for it",
                "date_end": FUTURE,
            }
        )
        text = self._open(user=self.portal_user).text
        self.assertIn(shared.name, text)
        for secret in (minutes.name, change.name, change.reason):
            self.assertNotIn(secret, text)
        change._agree("Dana", self.rep_user, self.company._sales_today())
        text = self._open(user=self.portal_user).text
        self.assertIn(change.name, text)
        self.assertNotIn(change.reason, text, "our own words")
        for document, user, found in (
            (shared, self.portal_user, True),
            (shared, self.other_portal_user, False),
            (shared, None, False),
            (minutes, self.portal_user, False),
        ):
            with self.subTest(document.name, user=user):
                response = self._open(f"{self.url}/document/{document.id}", user)
                self.assertEqual(response.content.startswith(b"%PDF"), found)
        token = self.contract._portal_ensure_token()
        url = f"{self.url}/document/{shared.id}?access_token={token}"
        self.assertTrue(self._open(url).content.startswith(b"%PDF"))

    def test_a_document_of_another_contract(self):
        other = self._contract(type_id=self.kind.id)
        foreign = self._document(other)
        self._send()
        url = f"{self.url}/document/{foreign.id}"
        response = self._open(url, self.portal_user)
        self.assertFalse(response.content.startswith(b"%PDF"))

    def test_why_it_was_cancelled_stays_with_us(self):
        self._send()
        self.contract.with_user(self.rep_user)._cancel("They cannot pay")
        response = self._open(user=self.portal_user)
        self.assertIn("This contract was cancelled", response.text)
        self.assertNotIn("cannot pay", response.text)
        self._login(self.portal_user)
        messages = self.make_jsonrpc_request(
            "/mail/chatter_fetch",
            {"thread_model": "sales.contract", "thread_id": self.contract.id},
        )
        self.assertNotIn("cannot pay", str(messages))
        note = self.contract.message_ids.filtered(lambda m: "cannot pay" in m.body)
        self.assertIn(self.accountant_user.partner_id, note.notified_partner_ids)

    # === LIST === #

    def test_list(self):
        self._send()
        signed = self._signed(title="Second line")
        draft = self._contract(title="Third line")
        text = self._open("/my/contracts", self.portal_user).text
        for contract, shown in (
            (self.contract, True),
            (signed, True),
            (draft, False),
        ):
            with self.subTest(contract.title):
                self.assertEqual(contract.title in text, shown)
        for sortby in ("date", "end", "open", "title", "no such thing"):
            with self.subTest(sortby):
                page = self._open(f"/my/contracts?sortby={sortby}", self.portal_user)
                self.assertEqual(page.status_code, 200)
        ordered = self._open("/my/contracts?sortby=title", self.portal_user).text
        self.assertLess(ordered.index("Coating line"), ordered.index("Second line"))
        text = self._open("/my/contracts", self.other_portal_user).text
        self.assertNotIn("Coating line", text)
        self.assertIn("no contract between us", text)

    def test_pages_of_the_list(self):
        for number in range(3):
            self._send(self._contract(title=f"Number {number}"))
        with patch.object(CustomerPortal, "_items_per_page", 2):
            first = self._open("/my/contracts?sortby=title", self.portal_user).text
            path = "/my/contracts/page/2?sortby=title"
            second = self._open(path, self.portal_user).text
        for number, page in enumerate((first, first, second)):
            with self.subTest(number):
                self.assertIn(f"Number {number}", page)
                other = second if page is first else first
                self.assertNotIn(f"Number {number}", other)
        self.assertIn("/my/contracts/page/2?sortby=title", first)

    def test_home(self):
        self._send()
        self._login(self.portal_user)
        counted = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["contract_count", "contract_sign_count"]}
        )
        self.assertEqual(counted, {"contract_count": 1, "contract_sign_count": 1})
        self.assertIn("/my/contracts", self.url_open("/my").text)
        for user in (self.other_portal_user, self.rep_user):
            self._login(user)
            counted = self.make_jsonrpc_request(
                "/my/counters", {"counters": ["contract_count", "contract_sign_count"]}
            )
            self.assertFalse(any(counted.values()))

    # === SIGNING === #

    def test_signing(self):
        self._send()
        page = self._open(user=self.portal_user)
        self.assertIn(f"seen={self.contract._fingerprint()}", page.text)
        answer = self._sign("Dana Decider")
        self.assertIn("message=signed", answer.get("redirect_url", ""), answer)
        self.contract.invalidate_recordset()
        self.assertEqual(self.contract.state, "signed")
        self.assertEqual(self.contract.signed_by, "Dana Decider")
        self.assertTrue(self.contract.signature)
        self.assertEqual(self.contract.date_signed, self.company._sales_today())
        self.assertIn(
            "contract", self.contract.document_ids.mapped("sales_document_category")
        )
        first = self.order._sorted_sales_plan()[0]
        self.assertEqual(first.date_firm, self.company._sales_today())
        page = self._open(answer["redirect_url"])
        self.assertIn("The contract is signed", page.text)
        self.assertNotIn("contract_sign", page.text)
        message = self.contract.message_ids.filtered(lambda m: "Signed by" in m.body)
        self.assertEqual(message.author_id, self.buyer, "who was to sign")
        self.assertIn("nothing to sign", self._sign()["error"])

    def test_signed_by_the_login(self):
        self._send()
        self._sign(user=self.portal_user)
        message = self.contract.message_ids.filtered(lambda m: "Signed by" in m.body)
        self.assertEqual(message.author_id, self.portal_user.partner_id)

    def test_what_cannot_be_signed(self):
        self.assertIn("not open to you", self._sign()["error"], "not sent")
        self._send()
        seen = self.contract._fingerprint()
        for values, words in (
            ({"name": "  "}, "your name"),
            ({"signature": ""}, "Please sign"),
            ({"user": self.rep_user}, "Only the customer"),
            ({"seen": "0" * 64}, "has changed"),
        ):
            with self.subTest(words):
                self.assertIn(words, self._sign(**values)["error"])
        self.contract.terms = "<p>Twice the price</p>"
        self.assertIn("has changed", self._sign(seen=seen)["error"])
        self.contract.clause_ids.agreed = False
        self.assertIn("nothing to sign", self._sign()["error"], "not complete")
        self.contract.clause_ids.agreed = True
        self.company.portal_confirmation_sign = False
        self.assertIn("nothing to sign", self._sign()["error"], "on paper only")
        self.company.portal_confirmation_sign = True
        with mute_logger("odoo.http", "odoo.sql_db"):
            self.assertTrue(self._sign(signature="not base64 §")["error"])
        self.contract.invalidate_recordset()
        self.assertEqual(self.contract.state, "draft")
        self.assertFalse(self.contract.signed_by)

    def test_fingerprint(self):
        """All that both sides agree on, and nothing else."""
        contract = self.contract
        line = self.order._sorted_sales_plan()[0]

        def changes(record, **values):
            before = contract._fingerprint()
            record.write(values)
            return contract._fingerprint() != before

        for record, values in (
            (contract, {"title": "Another line"}),
            (contract, {"terms": "<p>Other</p>"}),
            (contract, {"date_end": FUTURE}),
            (contract.clause_ids, {"deviation": "None at all"}),
            (line, {"name": "At once"}),
            (line, {"delay_days": 3}),
        ):
            with self.subTest(record._name, values=values):
                self.assertTrue(changes(record, **values))
        for record, values in (
            (contract, {"collector_id": False}),
            (contract.clause_ids, {"agreed": True}),
        ):
            with self.subTest(record._name, values=values):
                self.assertFalse(changes(record, **values))

    # === ACCEPTANCE === #

    def _ask(self, partner):
        self.contract.with_user(self.rep_user)._sign("Dana Decider")
        partner.email = "somebody@lumber.test"
        line = self.order._sorted_sales_plan()[2].with_user(self.rep_user)
        rows = self.env["sales.acceptance"].with_user(self.rep_user)
        return rows._request(line, partner, "2 machines")

    def test_acceptance_by_the_person_who_was_asked(self):
        row = self._ask(self.portal_user.partner_id)
        path = f"{self.url}/accept/{row.id}"
        self.assertIn(path, self._open(user=self.portal_user).text)
        page = self._open(path, self.portal_user)
        self.assertIn("2 machines", page.text)
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)
        data = {"action": "accept", "name": "Pat", "csrf_token": csrf}
        page = self.url_open(f"{path}/answer", data=data)
        self.assertIn("Your acceptance is recorded", page.text)
        self.assertIn(f'href="{self.url}"', page.text)
        row.invalidate_recordset()
        self.assertEqual(row.state, "accepted")
        self.assertEqual(row.plan_line_id.date_accepted, self.company._sales_today())
        self.assertNotIn(path, self._open(user=self.portal_user).text)

    def test_acceptance_of_somebody_else(self):
        row = self._ask(self.buyer)
        path = f"{self.url}/accept/{row.id}"
        page = self._open(user=self.portal_user).text
        self.assertNotIn(path, page)
        self.assertIn("We asked Dana Decider", page)
        for user in (self.portal_user, self.other_portal_user, self.rep_user):
            with self.subTest(user.login):
                self._login(user)
                self.assertEqual(self.url_open(path).status_code, 404)
                answer = self.url_open(
                    f"{path}/answer", data={"action": "accept", "name": "x"}
                )
                self.assertEqual(answer.status_code, 404)
        self._login(None)
        self.assertIn("/web/login", self.url_open(path).url)
        row.invalidate_recordset()
        self.assertEqual(row.state, "sent")

    # === MAIL === #

    def test_the_mail_leads_to_the_page(self):
        """What is sent with “Send” has a button to the page, with the key."""
        action = self.contract.with_user(self.rep_user).action_send()
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.rep_user)
            .with_context(**action["context"])
            .create({})
        )
        composer._action_send_mail()
        mail = self.env["mail.mail"].search(
            [("model", "=", "sales.contract"), ("res_id", "=", self.contract.id)]
        )
        bodies = "".join(mail.mapped("body_html"))
        self.assertIn(f"access_token={self.contract.access_token}", bodies)
        self.assertIn(self.url, bodies, "in words, too")
        self.assertIn("where you can sign it", bodies)
        link = re.search(r'href="[^"]*?(/mail/view\?[^"]+)"', bodies).group(1)
        page = self._open(link.replace("&amp;", "&"))
        self.assertTrue(self._is_shown(page), page.url)
