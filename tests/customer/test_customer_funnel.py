from odoo.exceptions import UserError
from odoo.tests import tagged

from ...models.pipeline.sales_funnel_action import DEAL_FIGURES, STAY_FIGURES
from ..pipeline.funnel_common import FunnelCommon


@tagged("post_install", "-at_install")
class TestCustomerFunnel(FunnelCommon):
    """The lives of ``FunnelCommon``, by what the customers are worth.

    Ann, Bob and Cid are deals with an A customer, one through a contact; Dan and Eve
    with a former one; Fay with one who never bought; Gus has no customer at all.
    """

    CLASSES = {"Ann": "a", "Bob": "a", "Cid": "a", "Dan": "former", "Eve": "former"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        create = cls.env["res.partner"].create
        names = ("Good", "Gone", "New")
        good, gone, new = (create({"name": n, "is_company": True}) for n in names)
        contact = create({"name": "Contact", "parent_id": good.id})
        good.sudo().sales_own_class = "a"
        gone.sudo().sales_own_class = "former"
        partners = {"Ann": good, "Bob": contact, "Cid": good, "Dan": gone, "Eve": gone}
        for name, deal in cls.deals.items():
            partner = partners.get(name, new if name == "Fay" else None)
            deal.sudo().partner_id = partner
        cls.env.flush_all()

    def _groups(self, **options):
        groups = self._funnel(group_by="class", **options)["groups"]
        return [(g["id"], g["name"], g["totals"]["deals"]) for g in groups]

    def test_groups(self):
        self.assertEqual(
            self._groups(), [("a", "A", 3), ("former", "Former", 2), (0, "None", 2)]
        )
        filters = self.env["sales.funnel.report"].get_filters()
        self.assertIn({"key": "class", "label": "Customer Class"}, filters["groups"])
        [offered] = [f for f in filters["filters"] if f["key"] == "customer_class"]
        self.assertEqual(
            offered["values"],
            [{"id": "a", "name": "A"}, {"id": "former", "name": "Former"}],
        )

    def test_groups_add_up(self):
        funnel = self._funnel(group_by="class")
        for figure in ("entered", "advanced", "lost", "returned", "still_there"):
            for index, stage in enumerate(funnel["stages"]):
                self.assertEqual(
                    sum(g["stages"][index][figure] for g in funnel["groups"]),
                    stage[figure],
                    (figure, stage["name"]),
                )
        # Eve, a former customer, is still in Meet; Dan was there twice.
        former = funnel["groups"][1]["stages"][0]
        self.assertFigures(former, entered=3, still_there=1, advanced=2)

    def test_filter(self):
        self.assertFigures(
            self._funnel(customer_class="a")["totals"], deals=3, won=1, lost=2
        )
        self.assertFigures(self._funnel(customer_class="b")["totals"], deals=0)
        self.assertFigures(self._funnel(customer_class=False)["totals"], deals=7)
        for value in ("z", 5, True, ["a"], {"a": 1}):
            with self.assertRaises(UserError, msg=str(value)) as caught:
                self._funnel(customer_class=value)
            self.assertIn("not a valid choice", str(caught.exception))

    def test_every_figure_opens_its_records(self):
        report = self.env["sales.funnel.report"].with_user(self.director_user)
        for more in (
            {},
            {"customer_class": "former"},
            {"mode": "period", "date_from": "2024-01-06", "date_to": "2024-01-13"},
        ):
            options = self._options(group_by="class", **more)
            funnel = report.get_funnel(options)
            for group in funnel["groups"]:
                totals = {**group["totals"], "lost_deals": group["totals"]["lost"]}
                for figure in DEAL_FIGURES.keys() - {"decided"}:
                    self._check_opens(options, totals, figure, None, group["id"])
                for stage in group["stages"]:
                    for figure in STAY_FIGURES:
                        stage_id = stage["stage_id"]
                        self._check_opens(options, stage, figure, stage_id, group["id"])

    def test_none_opens_deals_without_a_customer(self):
        """Also where the group is a record that the customer points to."""
        self.deals["Ann"].partner_id.industry_id = self.env[
            "res.partner.industry"
        ].create({"name": "Timber"})
        self.env.flush_all()
        options = self._options(group_by="industry")
        groups = self._funnel(group_by="industry")["groups"]
        self.assertEqual(
            [(g["name"], g["totals"]["deals"]) for g in groups],
            [("None", 4), ("Timber", 3)],
        )
        for group in groups:
            self._check_opens(options, group["totals"], "deals", None, group["id"])

    def _check_opens(self, options, figures, figure, stage_id, group):
        report = self.env["sales.funnel.report"].with_user(self.director_user)
        action = report.action_open(options, figure, stage_id, group)
        model = self.env[action["res_model"]].with_user(self.director_user)
        found = model.with_context(**action["context"]).search_count(action["domain"])
        self.assertEqual(found, figures[figure], (options, figure, stage_id, group))

    def test_by_the_company_one_works_in(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.director_user.company_ids |= other
        report = self.env["sales.funnel.report"].with_user(self.director_user)
        both = report.with_context(allowed_company_ids=(other | self.company).ids)
        groups = both.get_funnel(self._options(group_by="class"))["groups"]
        self.assertEqual([(g["id"], g["totals"]["deals"]) for g in groups], [(0, 7)])

    def test_a_rep_sees_the_class_of_own_deals_only(self):
        for user, deals in ((self.rep_user, 7), (self.colleague_user, 0)):
            report = self.env["sales.funnel.report"].with_user(user)
            groups = report.get_funnel(self._options(group_by="class"))["groups"]
            self.assertEqual(sum(g["totals"]["deals"] for g in groups), deals)

    def test_deals_group_by_class(self):
        deals = self.env["crm.lead"].with_user(self.rep_user)
        deals = deals.with_context(active_test=False)
        ours = [("id", "in", [deal.id for deal in self.deals.values()])]
        self.assertEqual(
            deals._read_group(ours, ["sales_customer_class"], ["__count"]),
            [("a", 3), ("former", 2), (False, 2)],
        )
