from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..common import REP
from .performance_commission_common import CommissionCommon


@tagged("post_install", "-at_install")
class TestCommissionPlan(CommissionCommon):
    """What a plan says of itself, and what it refuses."""

    rule_tested_models = ()

    def _pays(self, plan=None):
        return {
            float(row["amount"]): float(row["commission"])
            for row in (plan or self.commission)._preview_rows()
        }

    def _warned(self, plan=None):
        return str((plan or self.commission).warnings or "")

    # === THE TABLE === #

    def test_table(self):
        self.assertEqual(
            self._pays(), {500.0: 25.0, 1000.0: 50.0, 1250.0: 75.0} | {1500.0: 100.0}
        )
        self.assertIn("1,250.00", self.commission.preview)
        self.assertIn("75.00", self.commission.example)
        self.commission.cap_amount = 90
        self.assertEqual(self._pays()[1500.0], 90.0)
        self.assertIn("capped", self.commission.preview)

    def test_table_agrees_with_what_is_paid(self):
        """What the table says is what an invoice of that amount earns."""
        for values in (
            {"mode": "marginal"},
            {"mode": "retroactive"},
            {"cap_amount": 60},
        ):
            plan = self._commission_plan((0, 5, 7), (900, 10), (2000, 12, 30), **values)
            for number, (amount, pays) in enumerate(self._pays(plan).items()):
                seller = self._make_person(f"commission_t{plan.id}_{number}", REP)
                self._assign(seller, plan)
                self._invoice_of(amount, user=seller)
                self.assertEarned(self._result(plan, seller), pays)

    def test_cliffs_are_shown(self):
        plan = self._commission_plan(mode="retroactive")
        self.assertEqual(self._pays(plan)[999.99], 50.0)
        self.assertEqual(self._pays(plan)[1000.0], 100.0)
        self.assertIn("jumps from", self._warned(plan))
        self.assertIs(self.commission.warnings, False)
        plan.bracket_ids.filtered("lower").rate = 1
        self.assertIn("Selling more pays less", self._warned(plan))

    def test_of_a_target(self):
        plan = self._commission_plan(
            (0, 1), (80, 2), basis="attainment", threshold=50, example_target=1000
        )
        rows = {float(row["percent"]): row for row in plan._preview_rows()}
        self.assertEqual(rows[40.0]["note"], "threshold")
        self.assertEqual(float(rows[40.0]["commission"]), 0.0)
        self.assertEqual(float(rows[50.0]["commission"]), 5.0)
        self.assertEqual(float(rows[80.0]["commission"]), 8.0)
        plan.example_target = 0
        self.assertFalse(plan._preview_rows())
        self.assertFalse(plan.preview)

    def test_in_words(self):
        self.commission.write(
            {"payable": "collected", "clawback_days": 45, "draw_amount": 20}
        )
        words = self.commission.example
        self.assertIn("5 % of", words.replace("\xa0", " "))
        self.assertIn("half of its commission", words)
        self.assertIn("45 days", words)
        self.assertIn("at least", words)
        self.commission.draw_recoverable = True
        self.assertIn("in advance", self.commission.example)

    # === WARNINGS === #

    def test_warnings(self):
        plan = self._commission_plan((500, 5))
        self.assertIn("Nothing is earned below", self._warned(plan))
        self.assertIn("Nobody is in it", self._warned(plan))
        plan.bracket_ids = [Command.clear()]
        self.assertIn("pays nothing", self._warned(plan))
        with self.assertRaisesRegex(UserError, "add a bracket"):
            plan.action_publish()

    def test_people_without_target(self):
        self.commission.basis = "attainment"
        self._assign(self.bob)
        self._publish_targets(ann=1000)
        self.assertIn(self.bob.name, self._warned())
        self.assertNotIn(self.ann.name, self._warned())

    def test_people_paid_twice(self):
        self.commission.action_publish()
        other = self._commission_plan(name="Other")
        self._assign(self.bob, other)
        self.assertNotIn("another plan", self._warned(other))
        self._assign(self.ann, other)
        self.assertIn(
            f"another plan in these days: {self.ann.name}.", self._warned(other)
        )
        version = self.commission._make_version("Why")
        self.assertNotIn("another plan", self._warned(version))

    # === THE FORM === #

    def test_form(self):
        """The table follows while the plan is typed."""
        with Form(self.env["sales.commission.plan"]) as form:
            form.name = "Typed"
            self.assertFalse(form.preview)
            self.assertIn("pays nothing", form.warnings)
            with form.bracket_ids.new() as bracket:
                bracket.rate = 3
            self.assertIn("3,000.00", form.preview)
            with form.assignment_ids.new() as row:
                row.user_id = self.ann
            self.assertFalse(form.warnings)
        plan = form.record
        self.assertEqual(plan.people_count, 1)
        self.assertEqual(plan.metric_id, self.invoiced)
        with Form(plan.with_user(self.env.user)) as form:
            form.date_last = plan._periods()[0][1] - self._one_day()
        self.assertEqual(plan.date_to, plan._periods()[-1][1])
        self.assertEqual(len(plan._periods()), 1)

    def _one_day(self):
        return self._day(2) - self._day(1)

    def test_as_a_rep(self):
        self.commission.action_publish()
        plan = self.commission.with_user(self.ann)
        form = Form(plan)
        self.assertIn("1,250.00", form.preview)
        [data] = plan.read(["name", "assignment_ids", "bracket_ids", "example"])
        self.assertEqual(data["assignment_ids"], self.commission.assignment_ids.ids)
        self.assertNotIn("warnings", plan.fields_get())

    # === CHECKS === #

    def test_whole_periods(self):
        with self.assertRaises(ValidationError):
            self.commission.date_from = self._day(2)

    def test_metrics(self):
        with self.assertRaises(ValidationError):
            self.commission.metric_id = self.env.ref("sales_process.metric_visit")

    @mute_logger("odoo.sql_db")
    def test_brackets(self):
        for vals in ({"lower": 1000}, {"lower": -1}, {"lower": 5, "rate": -1}):
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.commission.bracket_ids.create(
                    {"plan_id": self.commission.id, **vals}
                )
        self.assertEqual(self.commission.bracket_ids.mapped("upper"), [1000.0, 0.0])

    def test_rates(self):
        create = self.env["sales.commission.rate"].create
        plan = {"plan_id": self.commission.id}
        category = {"product_category_id": self.product_a.categ_id.id}
        with self.assertRaises(ValidationError):
            create(plan)
        with self.assertRaises(ValidationError):
            create({**plan, **category, "factor": 2, "is_counted": False})
        rate = create({**plan, **category, "factor": 0, "is_counted": False})
        self.assertEqual(rate.display_name, self.product_a.categ_id.display_name)

    def test_people(self):
        with self.assertRaises(ValidationError):
            self._assign(None)
        with self.assertRaises(ValidationError):
            self._assign(self.bob, role="override")
        with self.assertRaises(ValidationError):
            self._assign(self.bob, team_id=self.south.id)
        row = self._assign(self.bob, date_from=self._day(3))
        self.assertEqual(row.display_name, self.bob.display_name)
        row.date_last = self._day(9)
        self.assertEqual(row.date_to, self._day(10))

    def test_bonuses(self):
        create = self.env["sales.commission.bonus"].create
        values = {"plan_id": self.commission.id, "name": "B", "amount": 1}
        for wrong in (
            {"trigger": "day"},
            {"goal": 0},
            {"user_id": self.ann.id, "partner_id": self.partner_b.id},
        ):
            with self.assertRaises(ValidationError):
                create({**values, **wrong})
        # Somebody can be given one later.
        self.commission.action_publish()
        bonus = create(
            {**values, "trigger": "day", "date": self._day(3), "user_id": self.ann.id}
        )
        self.assertEarned(self._result(), 1.0)
        bonus.unlink()

    def test_closed(self):
        self.commission.action_publish()
        self.commission.action_close()
        self.assertEqual(self.commission.state, "closed")
        self._invoice_of(100)
        plans = self.env["sales.commission.plan"]
        self.assertEqual([float(r.earned) for r in self._compute(plans)], [5.0])
        with self.assertRaises(UserError):
            self.commission.action_close()
        with self.assertRaises(UserError):
            self._assign(self.bob)

    def test_close_ends_with_the_current_period(self):
        today = self.company._sales_today()
        plan = self._commission_plan(
            date_from=today.replace(month=1, day=1),
            date_to=today.replace(month=1, day=1, year=today.year + 1),
        )
        plan.action_publish()
        plan.action_close()
        self.assertEqual(plan.date_to, plan._period_of(today)[1])

    def test_versions_are_linked(self):
        self.commission.bonus_ids = [
            Command.create({"name": "B", "amount": 1, "goal": 1})
        ]
        self.commission.action_publish()
        action = self.commission.action_new_version()
        version = self.commission.browse(action["res_id"])
        self.assertEqual(version.display_name, "Sales, version 2")
        self.assertEqual(version.bonus_ids.mapped("name"), ["B"])
        self.assertEqual(version.assignment_ids.user_id, self.ann)
        self.assertEqual(version.bracket_ids.mapped("rate"), [5.0, 10.0])
        self.assertEqual(self.commission.next_version_id, version)
        self.assertEqual(self.commission.action_open_next()["res_id"], version.id)
        self.assertEqual(version.action_open_previous()["res_id"], self.commission.id)
        version.reason = "Because"
        version.date_from = self._day(1, month=0)
        with self.assertRaisesRegex(UserError, "begin before"):
            version.action_publish()
        version.unlink()
        self.assertFalse(self.commission.next_version_id)
