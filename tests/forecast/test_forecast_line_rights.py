from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..contract.ageing_common import AgeingCommon
from .forecast_line_common import ForecastLineCommon


@tagged("post_install", "-at_install")
class TestForecastLineRights(AgeingCommon, ForecastLineCommon):
    """Reps see own rows, leaders those of teams below, accountants no deals."""

    rule_tested_models = ("sales.forecast.line",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owners = {
            "own": (cls.people["rep"], cls.north),
            "below": (cls.people["stranger"], cls.harbour),
            "elsewhere": (cls.people["stranger"], cls.south),
            "nobody": (cls.env["res.users"], cls.env["crm.team"]),
        }
        cls.deals, cls.orders = {}, {}
        for name, (user, team) in cls.owners.items():
            values = {"user_id": user.id, "team_id": team.id}
            cls.deals[name] = cls._deal(**values)
            cls.orders[name] = cls._order(1150.0, **values)

    def _seen(self, person, kind):
        """Whose rows of a kind a person finds, of those of this test."""
        rows = self._as(person, "sales.forecast.line").search([("kind", "=", kind)])
        rows = rows.sudo()
        found = rows.lead_id.ids if kind == "pipeline" else rows.order_id.ids
        made = self.deals if kind == "pipeline" else self.orders
        return {name for name, record in made.items() if record.id in found}

    def _as(self, person, model):
        return (
            self.env[model]
            .with_user(self.people[person])
            .with_context(allowed_company_ids=self.company.ids)
        )

    def test_deals(self):
        everything = set(self.owners)
        for person, expected in {
            "rep": {"own", "nobody"},
            "stranger": {"below", "elsewhere", "nobody"},
            "leader": {"own", "below", "nobody"},
            "director": everything,
            "accountant": set(),
            "auditor": set(),
        }.items():
            with self.subTest(person):
                self.assertEqual(self._seen(person, "pipeline"), expected)

    def test_backlog(self):
        everything = set(self.owners)
        for person, expected in {
            "rep": {"own", "nobody"},
            "leader": {"own", "below", "nobody"},
            "director": everything,
            "accountant": everything,
            "auditor": everything,
        }.items():
            with self.subTest(person):
                self.assertEqual(self._seen(person, "backlog"), expected)

    def test_invoices_and_money(self):
        for order in self.orders.values():
            move = self._invoice(order.sales_plan_line_ids)
            self._pay(move, 150.0)
        everything = set(self.owners)
        # Money of nobody is a dealer's
        for kind, more in (("invoiced", {"nobody"}), ("collected", set())):
            for person, expected in {
                "rep": {"own"} | more,
                "leader": {"own", "below"} | more,
                "director": everything,
                "accountant": everything,
            }.items():
                with self.subTest(kind=kind, person=person):
                    self.assertEqual(self._seen(person, kind), expected)

    def test_nobody_else(self):
        for person in ("employee", "portal"):
            with self.subTest(person), self.assertRaises(AccessError):
                self._as(person, "sales.forecast.line").search([])

    def test_nobody_writes(self):
        rows = self._as("director", "sales.forecast.line").search([], limit=1)
        self.assertTrue(rows)
        for operation in ("create", "write", "unlink"):
            self.assertFalse(rows.has_access(operation))

    def test_an_accountant_is_told_of_no_deal(self):
        self.deals["own"].unlink()
        order = self._order_of(self._deal(), 1150.0)
        lines = self._as("accountant", "sales.forecast.line")
        self.assertTrue(lines.search([("order_id", "=", order.id)]))
        self.assertNotIn("lead_id", lines.fields_get())
        with self.assertRaises(AccessError):
            lines.search([("lead_id", "!=", False)])

    def test_lists_of_every_role_open(self):
        for person in ("rep", "leader", "director", "accountant", "auditor"):
            with self.subTest(person):
                lines = self._as(person, "sales.forecast.line")
                for kind in ("pivot", "graph", "list", "kanban", "search"):
                    lines.get_view(view_type=kind)
                fields = {name: {} for name in lines.fields_get()}
                for name in list(fields):
                    if lines._fields[name].relational:
                        fields[name] = {"fields": {"display_name": {}}}
                self.assertTrue(lines.web_search_read([], fields)["records"])
                self.assertTrue(
                    lines.formatted_read_group([], ["date:month"], ["amount:sum"])
                )

    def test_drill_down_as_the_person(self):
        lines = self._as("leader", "sales.forecast.line")
        for group in lines.formatted_read_group(
            [], ["user_id", "kind"], ["amount:sum", "weighted_amount:sum"]
        ):
            rows = lines.search(group["__extra_domain"])
            self.assertAlmostEqual(sum(rows.mapped("amount")), group["amount:sum"])
            self.assertAlmostEqual(
                sum(rows.mapped("weighted_amount")), group["weighted_amount:sum"]
            )
