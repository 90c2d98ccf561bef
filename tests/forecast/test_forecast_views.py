from lxml import etree

from odoo.fields import Date
from odoo.tests import Form, HttpCase, tagged

from .forecast_range_common import ForecastRangeCommon


@tagged("post_install", "-at_install")
class TestForecastViews(ForecastRangeCommon):
    """Odoo's forecast views show the weighted revenue, and the deal says why."""

    rule_tested_models = ()

    def _arch(self, name, type_):
        view = self.env.ref(name)
        result = self.env["crm.lead"].with_user(self.rep_user).get_view(view.id, type_)
        return etree.fromstring(result["arch"])

    def test_kanban_of_months(self):
        arch = self._arch("crm.crm_lead_view_kanban_forecast", "kanban")
        bar = arch.find(".//progressbar")
        self.assertEqual(bar.get("sum_field"), "sales_forecast_revenue")
        self.assertFalse(bar.get("recurring_revenue_sum_field"))
        self.assertEqual(arch.get("js_class"), "forecast_kanban")
        self.assertTrue(arch.xpath("//field[@name='prorated_revenue']"))

    def test_list(self):
        arch = self._arch("crm.crm_lead_view_tree_forecast", "list")
        self.assertEqual(
            {
                name: arch.find(f".//field[@name='{name}']").get("optional")
                for name in (
                    "sales_forecast_revenue",
                    "sales_forecast_category",
                    "prorated_revenue",
                )
            },
            {
                "sales_forecast_revenue": "show",
                "sales_forecast_category": "show",
                "prorated_revenue": "hide",
            },
        )
        arch = self._arch("crm.crm_case_tree_view_oppor", "list")
        field = arch.find(".//field[@name='sales_forecast_revenue']")
        self.assertEqual(field.get("optional"), "hide")

    def test_graph_and_pivot(self):
        arch = self._arch("crm.crm_lead_view_graph_forecast", "graph")
        measures = arch.xpath("//field[@type='measure']/@name")
        self.assertEqual(measures, ["prorated_revenue", "sales_forecast_revenue"])
        arch = self._arch("crm.crm_lead_view_pivot_forecast", "pivot")
        measures = arch.xpath("//field[@type='measure']/@name")
        self.assertEqual(measures, ["sales_forecast_revenue"])
        self.assertFalse(arch.xpath("//field[@name='prorated_revenue']/@invisible"))

    def test_search(self):
        self._worth(10, 50, sales_forecast_choice="commit")
        self._worth(0, 50, date_deadline=False)
        for name in (
            "crm.view_crm_case_opportunities_filter",
            "crm.crm_lead_view_search_forecast",
        ):
            arch = self._arch(name, "search")
            for filter_ in ("by_hand", "no_date", "no_amount", "commit"):
                node = arch.find(f".//filter[@name='sales_forecast_{filter_}']")
                self.assertIsNotNone(node, filter_)
        model = self.env["crm.lead"].with_user(self.rep_user)
        self.assertEqual(model.search_count([("sales_forecast_value", "=", 0)]), 1)
        self.assertEqual(
            model.search_count([("sales_forecast_choice", "!=", False)]), 1
        )

    def test_core_field_is_untouched(self):
        deal = self._worth(1000, 30, sales_forecast_choice="omitted")
        self.assertEqual(deal.prorated_revenue, 300)
        self.assertEqual(deal.sales_forecast_revenue, 0)

    def test_form(self):
        deal = self._worth(1000, 30).with_user(self.rep_user)
        with Form(deal, view="crm.crm_lead_view_form") as form:
            form.sales_forecast_choice = "commit"
        self.assertEqual(deal.sales_forecast_category, "commit")
        self.assertEqual(deal.sales_forecast_chosen_by_id, self.rep_user)
        self.assertIn("Rep chose “Commit”", deal.sales_forecast_why)
        deal.action_sales_release_category()
        self.assertFalse(deal.sales_forecast_chosen_by_id)


@tagged("post_install", "-at_install")
class TestForecastRangeTour(ForecastRangeCommon, HttpCase):
    """The range and Odoo's forecast in a browser, as a rep."""

    rule_tested_models = ()

    def _pipeline(self):
        today = Date.today()
        for number in range(6):
            self._worth(1000, 50, f"Small {number}", date_deadline=today)
        self._worth(90_000, 30, "Whale", date_deadline=today)
        self._worth(0, 30, "Bare", date_deadline=today)

    def test_range(self):
        self._pipeline()
        self.start_tour("/odoo/crm", "sales_process_forecast_range", login="sp_rep")

    def test_range_on_a_phone(self):
        self.browser_size = "390x844"
        self.touch_enabled = True
        self._pipeline()
        self.start_tour(
            "/odoo/crm", "sales_process_forecast_range_phone", login="sp_rep"
        )

    def test_odoo_forecast(self):
        self._pipeline()
        self.start_tour(
            "/odoo/action-crm.crm_lead_action_forecast",
            "sales_process_odoo_forecast",
            login="sp_rep",
        )
