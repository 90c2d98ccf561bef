import logging
import re
from contextlib import contextmanager
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import ConcurrencyError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, HttpCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

from ...controllers.base_personal_link import GUESSES
from .acceptance_common import AcceptanceCommon


@tagged("post_install", "-at_install")
class TestContractAcceptancePage(AcceptanceCommon, HttpCase):
    """What an anonymous visitor with a link sees, and what is kept from others."""

    token = "v" * 43

    def setUp(self):
        super().setUp()
        GUESSES.forget()
        self.addCleanup(GUESSES.forget)
        self.row = self._ask(token=self.token, delivered="2 machines <i>and</i>\nmore")
        self.url = f"/sales/accept/{self.token}"
        self._mails().unlink()

    def _open(self, url=None, **kwargs):
        return self.url_open(url or self.url, **kwargs)

    def _csrf(self, response):
        return re.search(r'name="csrf_token" value="([^"]+)"', response.text).group(1)

    def _post(self, csrf=True, token=None, **data):
        if csrf:
            data["csrf_token"] = self._csrf(self._open())
        data = {"name": "Dana D.", **data}
        return self.url_open(f"/sales/accept/{token or self.token}/answer", data=data)

    def _state(self):
        self.row.invalidate_recordset()
        return self.row.state

    def test_page_shows_what_is_accepted(self):
        response = self._open()
        self.assertEqual(response.status_code, 200)
        for text in (
            "2 machines &lt;i&gt;and&lt;/i&gt;<br/>more",
            "Dana Decider",
            "Rep",
            "500.00",
            "Coating line",
            "PO 4711",
            self.order.name,
        ):
            with self.subTest(text):
                self.assertIn(text, response.text)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(response.headers["X-Frame-Options"], "DENY")
        sources = re.findall(r'(?:src|href)="([^"]+)"', response.text)
        self.assertFalse([s for s in sources if not re.match(r"/[^/]|data:", s)])

    def test_opening_changes_nothing(self):
        """Mail scanners follow every link they find, with GET or HEAD."""
        messages = len(self.line.message_ids | self.order.message_ids)
        for _time in range(3):
            self._open()
        self.assertEqual(self._open(method="HEAD").status_code, 200)
        for query in ("?action=accept", "/answer", "/answer?action=accept&name=x"):
            with mute_logger("odoo.http"):
                self._open(self.url + query)
        self.assertEqual(self._state(), "sent")
        self.assertFalse(self.line.date_accepted)
        self.assertEqual(len(self.line.message_ids | self.order.message_ids), messages)

    def test_accepting(self):
        response = self._post(action="accept", note="not kept")
        self.assertIn("Your acceptance is recorded", response.text)
        self.assertEqual(self._state(), "accepted")
        row = self.row.sudo()
        self.assertEqual(row.answer_name, "Dana D.")
        self.assertFalse(row.answer_note)
        self.assertEqual(row.ip, "127.0.0.1")
        self.assertIn("python-requests", row.user_agent)
        self.assertEqual(self.line.date_accepted, self.company._sales_today())

    def test_refusing_needs_words(self):
        response = self._post(action="refuse", note="   ")
        self.assertEqual(response.status_code, 400)
        self.assertIn("Please write what is missing", response.text)
        self.assertEqual(self._state(), "sent")
        response = self._post(action="refuse", note="No <script>alert(1)</script>")
        self.assertIn("Nothing was accepted", response.text)
        self.assertEqual(self._state(), "refused")
        self.assertFalse(self.line.date_accepted)

    def test_answering_needs_a_name(self):
        response = self._post(action="accept", name=" ")
        self.assertEqual(response.status_code, 400)
        self.assertIn("Please enter your name", response.text)
        self.assertEqual(self._state(), "sent")

    def test_without_csrf_token_nothing_is_recorded(self):
        for token in (None, "forged", "forgedo99999999999"):
            data = {"action": "accept"} | ({"csrf_token": token} if token else {})
            response = self._post(csrf=False, **data)
            self.assertEqual(response.status_code, 400)
            self.assertIn("press the button once more", response.text)
        self.assertEqual(self._post(action="delete").status_code, 400)
        self.assertEqual(self._state(), "sent")

    def test_link_works_once(self):
        csrf = self._csrf(self._open())
        self._post(action="accept")
        again = self._post(csrf=False, csrf_token=csrf, action="refuse", note="No!")
        for response in (again, self._open()):
            self.assertEqual(response.status_code, 200)
            self.assertIn("answered already", response.text)
            self.assertNotIn("2 machines", response.text)
        self.assertEqual(self._state(), "accepted")

    def _body(self, response):
        """The page without what differs on every request."""
        return re.sub(r'csrf_token: "[^"]+"|"registry_hash": "\w+"', "", response.text)

    def test_dead_links_reveal_nothing(self):
        unknown = self._open("/sales/accept/" + "w" * 43)
        self.assertEqual(unknown.status_code, 404)
        self.assertNotIn(self.company.name, unknown.text)
        for token in ("short", "x" * 5000, "%00", "ü", "../../etc"):
            with self.subTest(token), mute_logger("odoo.http"):
                self.assertEqual(self._open(f"/sales/accept/{token}").status_code, 404)
        for values in (
            {"date_expiry": fields.Datetime.now()},
            {"date_expiry": fields.Datetime.now() + timedelta(1), "amount": 499},
            {"amount": 500, "plan_line_id": False},
            {"plan_line_id": self.line.id, "state": "expired"},
        ):
            self.row.sudo().write(values)
            self._check_dead(unknown, values)

    def _check_dead(self, unknown, case):
        with self.subTest(case):
            response = self._open()
            self.assertEqual(response.status_code, 410)
            self.assertEqual(self._body(response), self._body(unknown))
            posted = self._post(csrf=False, action="accept")
            self.assertEqual(posted.status_code, 410)

    def test_withdrawn_link_is_dead(self):
        unknown = self._open("/sales/accept/" + "w" * 43)
        self.row.with_user(self.rep_user).action_cancel()
        self._check_dead(unknown, "revoked")
        self.assertFalse(self.line.date_accepted)

    def test_guessing_has_to_wait(self):
        for _time in range(GUESSES.limit):
            self._open("/sales/accept/guess")
        for url in ("/sales/accept/guess", self.url, "/sales/confirm/guess"):
            response = self._open(url)
            self.assertEqual(response.status_code, 429)
            self.assertNotIn("Dana", response.text)
        self.assertEqual(self._post(csrf=False, action="accept").status_code, 429)
        self.assertEqual(self._state(), "sent")

    def test_colleague_who_is_signed_in_cannot_answer(self):
        csrf = self._csrf(self._open())
        self.authenticate("sp_rep", "sp_rep")
        page = self._open()
        self.assertIn("signed in as a colleague", page.text)
        self.assertNotIn("<form", page.text)
        response = self._post(csrf=False, csrf_token=csrf, action="accept")
        self.assertEqual(response.status_code, 403)
        self.assertEqual(self._state(), "sent")

    def test_customer_who_is_signed_in_answers(self):
        self.authenticate("sp_portal", "sp_portal")
        self.assertEqual(self._post(action="accept").status_code, 200)
        self.assertEqual(self._state(), "accepted")

    def test_page_is_in_the_language_of_the_contact(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.buyer.lang = "fr_FR"
        view = self.env.ref("sales_process.acceptance_ask")
        view.update_field_translations("arch_db", {"fr_FR": {"Accept": "Accepter"}})
        response = self._open()
        self.assertIn("Accepter", response.text)
        self.assertIn('lang="fr-FR"', response.text)
        self.assertIn("500,00", response.text)

    def test_request_log_does_not_name_the_link(self):
        args = (f"POST {self.url}/answer HTTP/1.1", "200")
        record = logging.LogRecord("werkzeug", 20, "", 1, '"%s" %s', args, None)
        self.assertTrue(logging.getLogger("werkzeug").filter(record))
        self.assertEqual(
            record.getMessage(), '"POST /sales/accept/***/answer HTTP/1.1" 200'
        )

    def test_tour_accept(self):
        self.start_tour(self.url, "sales_acceptance_accept")
        self.assertEqual(self._state(), "accepted")
        self.assertEqual(self.row.answer_name, "Dana D.")

    def test_tour_refuse_on_a_phone(self):
        self.browser_size = "390x844"
        self.touch_enabled = True
        self.start_tour(self.url, "sales_acceptance_refuse")
        self.assertEqual(self._state(), "refused")
        self.assertEqual(self.row.answer_note, "Two sensors are missing.")


@tagged("post_install", "-at_install")
class TestContractAcceptanceRace(BaseCase):
    """Two people at the same moment, on two connections of their own."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self._connect() as env:
            self.ids = self._create_rows(env)
        self.addCleanup(self._remove_rows)

    @contextmanager
    def _connect(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _create_rows(self, env):
        """What two open questions need, committed so that both connections see it."""
        partner = env["res.partner"].create(
            {"name": "Race", "email": "race@customer.test"}
        )
        product = env["product.product"].create(
            {"name": "Race", "type": "service", "taxes_id": [Command.clear()]}
        )
        order = env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": 10})
                ],
                "sales_plan_line_ids": [
                    Command.create(
                        {"name": "Race", "amount": 10, "trigger": "acceptance"}
                    )
                ],
            }
        )
        order.state = "sale"
        line, rows = order.sales_plan_line_ids, env["sales.acceptance"]
        questions = rows.create(
            [
                {
                    **rows._prepare_link(order.company_id, partner, 1, token * 9),
                    **rows._prepare_instalment(line),
                    "delivered": "Race",
                }
                for token in ("race", "RACE")
            ]
        )
        self.questions = questions.ids
        # In this order they can be deleted again
        records = (order, partner, product)
        return [(record._name, record.id) for record in records]

    def _remove_rows(self):
        with self._connect() as env:
            env["mail.mail"].search(
                [("email_to", "like", "race@customer.test")]
            ).unlink()
            env.cr.execute(
                "DELETE FROM sales_acceptance WHERE id = ANY(%s)", [self.questions]
            )
            for name, id_ in self.ids:
                record = env[name].browse(id_)
                if name == "sale.order":
                    record._action_cancel()
                record.unlink()

    def test_two_clicks_at_once_are_one_answer(self):
        self._race(0, 0)

    def test_two_contacts_at_once_are_one_acceptance(self):
        self._race(0, 1)

    def _race(self, first_index, second_index):
        with self._connect() as one, self._connect() as two:
            first, second = (
                env["sales.acceptance"].browse(self.questions[index])
                for env, index in ((one, first_index), (two, second_index))
            )
            self.assertTrue(second._is_open())
            self.assertTrue(first._answer(True, "One"))
            one.flush_all()
            # The web layer tries the request again on this error …
            with self.assertRaises(ConcurrencyError):
                second._answer(True, "Two")
            one.cr.commit()
            two.cr.rollback()
            two.invalidate_all()
            # … and finds the question answered.
            self.assertFalse(second._answer(True, "Two"))
            rows = two["sales.acceptance"].browse(self.questions)
            self.assertEqual(rows.mapped("state").count("accepted"), 1)
