from datetime import date

from lxml import html

from odoo.tests import HttpCase, tagged

from .plan_common import PlanCommon


@tagged("post_install", "-at_install")
class TestContractPlanDocuments(PlanCommon, HttpCase):
    """What the customer reads, and what the rep sees in a browser."""

    def _rows(self, content):
        [table] = html.fromstring(content).xpath(
            "//table[contains(@class, 'o_sales_plan_document')]"
        )
        return [
            [" ".join(cell.text_content().split()) for cell in row.xpath("./td")]
            for row in table.xpath("./tbody/tr")
        ]

    def _offers_to_sign(self, url):
        return 'data-bs-target="#modalaccept"' in self.url_open(url).text

    def _report(self, order):
        content, _type = self.env["ir.actions.report"]._render_qweb_html(
            "sale.report_saleorder", order.ids
        )
        return content

    def test_quotation_shows_the_plan(self):
        order = self._planned()
        order.sales_plan_line_ids[2].delay_days = 30
        self.assertEqual(
            self._rows(self._report(order)),
            [
                ["Down payment", "On signing", "30.00", "$ 300.00"],
                ["Delivery", "On delivery", "40.00", "$ 400.00"],
                ["Acceptance", "30 days after acceptance", "30.00", "$ 300.00"],
            ],
        )
        content = self._report(self._order()).decode()
        self.assertNotIn("o_sales_plan_document", content)

    def test_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.customer.lang = "de_DE"
        plan = self._template("Tag", ("Rate", "percent", 100, "date"))
        plan.line_ids.with_context(lang="de_DE").name = "Rate am Tag"
        order = self._planned(template=plan)
        order.sales_plan_line_ids.date_planned = date(2024, 5, 31)
        [[name, when, percent, amount]] = self._rows(self._report(order))
        self.assertEqual(name, "Rate am Tag")
        self.assertIn("31.05.2024", when)
        self.assertEqual(percent, "100,00")
        self.assertEqual(amount, "$ 1.000,00")

    def test_portal(self):
        order = self._planned(partner_id=self.buyer.id)
        order.action_confirm()
        first, second, _third = order.sales_plan_line_ids
        self._pay(self._invoice(first, 300))
        self._invoice(second, 400)
        page = self.url_open(order.get_portal_url()).text
        rows = self._rows(page)
        self.assertEqual(
            [row[0] for row in rows], order.sales_plan_line_ids.mapped("name")
        )
        self.assertIn("Paid", rows[0][3])
        self.assertIn("Invoiced", rows[1][3])
        self.assertEqual(rows[2][3], "$ 300.00")

    def test_customers_cannot_sign_a_plan_with_a_gap(self):
        order = self._planned(partner_id=self.buyer.id, require_signature=True)
        order.state = "sent"
        url = order.get_portal_url()
        self.assertTrue(self._offers_to_sign(url))
        order.order_line.price_unit = 1200
        self.assertFalse(self._offers_to_sign(url))
        answer = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {
                "access_token": order.access_token,
                "name": "Dana",
                "signature": "iVBORw0KGgo=",
            },
        )
        self.assertIn("error", answer)
        self.assertEqual(order.state, "sent")

    def test_tour(self):
        self.goods.product_tmpl_id.name = "Tour machine"
        self.plan.name = "Other"
        self.env.ref("sales_process.sales_plan_template_30_40_30").name = "30 / 40 / 30"
        self.start_tour(
            "/odoo/sales", "sales_process_contract_plan", login="sp_rep", timeout=120
        )
        order = self.env["sale.order"].search(
            [("order_line.product_id.name", "=", "Tour machine")]
        )
        self.assertEqual(order.state, "sale")
        self.assertPlan(order, 600.0, 800.0, 600.0)
        self.assertEqual(order.user_id, self.rep_user)
