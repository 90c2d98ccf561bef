from datetime import date

from odoo.tests import HttpCase, tagged

from ..common import DIRECTOR
from .performance_worth_common import WorthCommon


@tagged("post_install", "-at_install")
class TestWorthTour(WorthCommon, HttpCase):
    """What a deal is worth, and the simulator, in the browser."""

    rule_tested_models = ()

    def test_deal(self):
        deal = self._worth_deal()
        self.start_tour(
            f"/odoo/crm.lead/{deal.id}",
            "sales_process_worth_deal",
            login=self.ann.login,
        )

    def test_quotation(self):
        self.ann.group_ids |= self.env.ref("sale.group_discount_per_so_line")
        order = self._quoted(2000.0)
        url = f"/odoo/sale.order/{order.id}"
        self.start_tour(url, "sales_process_worth_quotation", login=self.ann.login)
        self.assertEqual(order.order_line.discount, 0.0)
        other = self._quoted(2000.0, user_id=self.bob.id, team_id=self.south.id)
        url = f"/odoo/sale.order/{other.id}"
        self.start_tour(url, "sales_process_worth_nothing", login=self.bob.login)

    def test_simulator(self):
        self.ann.name = "Tour Ann"
        year = self.today.year - 1
        self._invoice_of(1000.0, day=date(year, 2, 3))
        values = {
            "metric_id": self.invoiced.id,
            "date_from": date(year + 1, 1, 1),
            "date_to": date(year + 2, 1, 1),
        }
        flat = self._commission_plan((0, 6), name="Tour Flat", **values)
        steep = self._commission_plan((0, 20), name="Tour Steep", **values)
        for plan in (flat, steep):
            self._assign(self.ann, plan)
        director = self._make_person("simulator_tour", DIRECTOR)
        self.start_tour(
            f"/odoo/commission-plans/{flat.id}",
            "sales_process_simulator",
            login=director.login,
        )
