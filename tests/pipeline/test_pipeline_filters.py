from odoo.tests import tagged

from .funnel_common import FunnelCommon


@tagged("post_install", "-at_install")
class TestPipelineFilters(FunnelCommon):
    """What the funnel screen offers to narrow its figures by."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.env["utm.source"].create({"name": "Test Fair"})
        cls.industry = cls.env["res.partner.industry"].create({"name": "Test Mining"})
        cls.state = cls.env.ref("base.state_us_5")
        quarry = cls.env["res.partner"].create(
            {"name": "Quarry", "is_company": True, "industry_id": cls.industry.id}
        )
        cls.deals["Ann"].write(
            {
                "source_id": cls.source.id,
                "country_id": cls.state.country_id.id,
                "state_id": cls.state.id,
                "partner_id": quarry.id,
            }
        )
        cls.env.flush_all()

    def _filters(self, user=None):
        report = self.env["sales.funnel.report"].with_user(user or self.director_user)
        return {line["key"]: line for line in report.get_filters()["filters"]}

    def _values(self, user=None):
        """``{key: ids offered}``"""
        return {
            key: {value["id"] for value in line["values"]}
            for key, line in self._filters(user).items()
        }

    def test_values_that_occur(self):
        values = self._values(self.rep_user)
        self.assertEqual(values["source_id"], {self.source.id})
        self.assertEqual(values["industry_id"], {self.industry.id})
        self.assertEqual(values["country_id"], {self.state.country_id.id})
        self.assertEqual(values["state_id"], {self.state.id})
        labels = {key: line["label"] for key, line in self._filters().items()}
        labels.pop("category_id", None)  # only with products on deals
        labels.pop("customer_class", None)  # a higher layer's
        self.assertEqual(
            labels,
            {
                "source_id": "Source",
                "industry_id": "Industry",
                "country_id": "Country",
                "state_id": "State",
            },
        )

    def test_the_process_most_deals_follow_is_the_usual_one(self):
        """Seven follow the process of the test, one another."""
        self.env["crm.lead"].with_context(active_test=False).search(
            [("id", "not in", [deal.id for deal in self.deals.values()])]
        ).unlink()
        self.deals["Eve"].sudo().sales_process_id = self._create_process(
            "Other", self.stages
        )
        for user, process in (
            (self.rep_user, self.process),
            (self.stranger_user, self.process.browse()),
        ):
            report = self.env["sales.funnel.report"].with_user(user)
            self.assertEqual(report.get_filters()["process_id"], process.id)

    def test_names_in_order(self):
        for name in ("beta", "Alpha"):
            source = self.env["utm.source"].create({"name": f"{name} test"})
            self._live(name, "0 meet", source_id=source.id)
        names = [v["name"] for v in self._filters()["source_id"]["values"]]
        ours = [n for n in names if n in ("Alpha test", "beta test", "Test Fair")]
        self.assertEqual(ours, ["Alpha test", "beta test", "Test Fair"])

    def test_a_category_of_the_product(self):
        if "sales_product_id" not in self.env["crm.lead"]._fields:
            self.skipTest("Deals have no product here.")
        category = self.env["product.category"].create({"name": "Test Machines"})
        product = self.env["product.product"].create(
            {"name": "Press", "categ_id": category.id}
        )
        self.deals["Bob"].sales_product_id = product
        [value] = self._filters(self.rep_user)["category_id"]["values"]
        self.assertEqual(value, {"id": category.id, "name": category.display_name})
        self.assertFigures(self._funnel(category_id=category.id)["totals"], deals=1)

    def test_only_of_deals_a_person_may_read(self):
        for user, offered in (
            (self.rep_user, True),
            (self.leader_user, True),
            (self.colleague_user, False),
            (self.other_leader_user, False),
        ):
            values = self._values(user)
            self.assertEqual(self.source.id in values["source_id"], offered, user.name)
            self.assertEqual(self.state.id in values["state_id"], offered, user.name)

    def test_every_filter_narrows_every_tab(self):
        """Ann alone is left in each of them, and Eve and Fay are still open."""
        report = self.env["sales.funnel.report"].with_user(self.director_user)
        for key, line in self._filters().items():
            for value in line["values"]:
                if value["name"] not in ("Test Fair", "Test Mining", "California (US)"):
                    continue
                options = self._options(**{key: value["id"]})
                self.assertFigures(
                    report.get_funnel(options)["totals"], deals=1, won=1, open=0
                )
                self.assertEqual(report.get_bottlenecks(options)["open"]["count"], 0)
                lines = report.get_team_comparison(options)["lines"]
                self.assertEqual(lines[0]["deals"], 1)
                shape = report.get_required_shape(options)
                self.assertEqual(shape["wins"], 1)

    def test_groups_have_labels(self):
        report = self.env["sales.funnel.report"].with_user(self.director_user)
        labels = {g["key"]: g["label"] for g in report.get_filters()["groups"]}
        self.assertEqual(labels["user"], "Salesperson")
        self.assertEqual(labels["team"], "Sales Team")
        self.assertEqual(labels["industry"], "Industry")

    def test_queries_do_not_grow(self):
        report = self.env["sales.funnel.report"].with_user(self.director_user)
        counts = []
        for number in (1, 5, 10):
            for index in range(number):
                source = self.env["utm.source"].create({"name": f"S {number} {index}"})
                self._live("More", "0 meet", source_id=source.id)
            self.env.cr.flush()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            report.get_filters()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
