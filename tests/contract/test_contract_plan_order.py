from odoo import fields
from odoo.fields import Command
from odoo.tests import Form, tagged

from .plan_common import PlanCommon


@tagged("post_install", "-at_install")
class TestContractPlanOrder(PlanCommon):
    """How an order comes to its instalments, and keeps them right."""

    # === MADE BY A TEMPLATE === #

    def test_created_with_a_template(self):
        order = self._planned(999.99)
        # 299.997, 399.996, 299.997: two cents left, for the larger remainders.
        self.assertPlan(order, 300.0, 399.99, 300.0)
        self.assertEqual(
            order.sales_plan_line_ids.mapped("trigger"),
            ["signing", "delivery", "acceptance"],
        )
        self.assertEqual(order.sales_plan_line_ids.mapped("is_final"), [0, 0, 1])

    def test_900_in_three_whatever_the_unit(self):
        """Three dozen at 25.00: money is divided, never quantities."""
        thirds = self._template(
            "Thirds", ("Part", "percent", 100, "date", {"repeat": 3})
        )
        dozen = self.env.ref("uom.product_uom_dozen")
        line = self._order_line(300, 3, product_uom_id=dozen.id)
        order = self._order(order_line=[line], sales_plan_template_id=thirds.id)
        self.assertPlan(order, 300.0, 300.0, 300.0)

    def test_taxes_are_part_of_it(self):
        tax = self.env["account.tax"].create({"name": "19 %", "amount": 19})
        line = self._order_line(100, tax_ids=[Command.set(tax.ids)])
        order = self._planned(order_line=[line])
        # 119.00: 35.70, 47.60, 35.70
        self.assertPlan(order, 35.7, 47.6, 35.7)

    def test_chosen_later_over_rpc(self):
        order = self._order().with_user(self.rep_user)
        order.sales_plan_template_id = self.plan
        self.assertPlan(order, 300.0, 400.0, 300.0)
        order.sales_plan_template_id = self.env.ref(
            "sales_process.sales_plan_template_50_50"
        )
        self.assertPlan(order, 500.0, 500.0)
        order.sales_plan_template_id = False
        self.assertFalse(order.sales_plan_line_ids)

    def test_chosen_before_there_is_a_total(self):
        order = self._planned(order_line=[])
        self.assertFalse(order.sales_plan_line_ids)
        order.order_line = [self._order_line(100)]
        self.assertPlan(order, 30.0, 40.0, 30.0)
        order = self._planned(order_line=[])
        self.env["sale.order.line"].create(
            {"order_id": order.id, "product_id": self.goods.id, "price_unit": 100}
        )
        order.action_confirm()
        self.assertPlan(order, 30.0, 40.0, 30.0)

    def test_the_usual_plan_of_a_customer(self):
        self.customer.sales_plan_template_id = self.plan
        self.assertEqual(self.buyer.sales_plan_template_id, self.plan)
        order = self._order(partner_id=self.buyer.id)
        self.assertPlan(order, 300.0, 400.0, 300.0)
        other = self.env["res.company"].create({"name": "Plan Two"})
        self.assertFalse(self.customer.with_company(other).sales_plan_template_id)
        self.plan.active = False
        self.assertFalse(self._order(partner_id=self.buyer.id).sales_plan_line_ids)

    def test_a_usual_plan_that_does_not_fit_stops_no_quotation(self):
        fixed = self._template("Fixed", ("A", "amount", 5000, "date"))
        self.customer.sales_plan_template_id = fixed
        order = self._order()
        self.assertFalse(order.sales_plan_line_ids)
        self.assertIn("exceed", order.sales_plan_message)
        with self.assertRefused("exceed"):
            order.action_confirm()

    def test_names_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.plan.line_ids[0].with_context(lang="de_DE").name = "Anzahlung"
        self.customer.lang = "de_DE"
        order = self._planned()
        self.assertEqual(order.sales_plan_line_ids[0].name, "Anzahlung")

    def test_copy_proposes_the_plan_anew(self):
        order = self._planned()
        order.action_confirm()
        first = order.sales_plan_line_ids[0]
        self._invoice(first, 300)
        copy = order.copy()
        self.assertEqual(copy.sales_plan_template_id, self.plan)
        self.assertPlan(copy, 300.0, 400.0, 300.0)
        self.assertEqual(copy.sales_plan_line_ids.mapped("amount_invoiced"), [0, 0, 0])
        self.assertFalse(copy.sales_plan_line_ids & order.sales_plan_line_ids)

    # === ON THE FORM === #

    def _form(self, order=None):
        orders = order or self.env["sale.order"]
        form = Form(orders.with_user(self.rep_user))
        if not order:
            form.partner_id = self.customer
        return form

    def _add_product(self, form, price):
        with form.order_line.new() as line:
            line.product_id = self.goods
            line.price_unit = price

    def _shown(self, form):
        lines = form.sales_plan_line_ids
        return [lines.edit(index).amount for index in range(len(lines))]

    def test_instalments_at_once(self):
        form = self._form()
        form.sales_plan_template_id = self.plan
        self._add_product(form, 100)
        self.assertEqual(self._shown(form), [30, 40, 30])
        self._add_product(form, 900)
        self.assertEqual(self._shown(form), [300, 400, 300], "nothing typed nor saved")
        self.assertPlan(form.save(), 300.0, 400.0, 300.0)

    def test_a_saved_plan_gets_a_proposal(self):
        order = self._planned()
        form = self._form(order)
        self._add_product(form, 200)
        self.assertEqual(self._shown(form), [300, 400, 300])
        self.assertEqual(form.sales_plan_gap, 200)
        lines = form.sales_plan_line_ids
        proposed = [lines.edit(index).amount_proposed for index in range(3)]
        self.assertEqual(proposed, [360, 480, 360])
        order = form.save()
        self.assertEqual(order.sales_plan_gap, 200)
        with self.assertRefused("200.00 of its total unplanned"):
            order.action_confirm()
        form = self._form(order)
        form.sales_plan_command = "adjust"
        self.assertFalse(form.sales_plan_command)
        self.assertEqual(self._shown(form), [360, 480, 360])
        order = form.save()
        order.action_confirm()
        self.assertPlan(order, 360.0, 480.0, 360.0)

    def test_a_proposal_for_every_instalment(self):
        """1,000 and 8,500 are planned, 950 come on top: all of them shrink by 1/11."""
        order = self._order(9500, sales_plan_line_ids=self._typed(1000, 8500))
        form = self._form(order)
        with form.sales_plan_line_ids.new() as line:
            line.name = "Extra"
            line.percent = 10
            line.date_planned = "2024-05-01"
        lines = form.sales_plan_line_ids
        proposed = [lines.edit(index).amount_proposed for index in range(3)]
        self.assertEqual(proposed, [909.09, 7727.27, 863.64])

    def test_a_new_total_changes_no_amount_by_its_percentage(self):
        """285.71 of 1100.00 shows as 25.97 %, which would be 285.67."""
        order = self._order(sales_plan_line_ids=self._typed(285.71, 714.29))
        form = self._form(order)
        with form.order_line.edit(0) as line:
            line.price_unit = 1100
        with form.sales_plan_line_ids.edit(0) as line:
            self.assertEqual(line.percent, 25.97)
        order = form.save()
        self.assertEqual(order.sales_plan_line_ids.mapped("amount"), [285.71, 714.29])
        order.sales_plan_line_ids[0].percent = 25.97  # as a form may send it
        self.assertEqual(order.sales_plan_line_ids.mapped("amount"), [285.71, 714.29])

    def test_typing_percent_or_amount(self):
        form = self._form(self._planned(900))
        with form.sales_plan_line_ids.edit(0) as line:
            line.amount = 300
            self.assertEqual(line.percent, 33.33)
            self.assertEqual(line.amount, 300, "not 33.33 % of 900")
        with form.sales_plan_line_ids.edit(1) as line:
            line.percent = 50
            self.assertEqual(line.amount, 450)
        self.assertEqual(form.sales_plan_gap, 900 - 300 - 450 - 270)
        form.sales_plan_command = "round"
        order = form.save()
        self.assertPlan(order, 300.0, 450.0, 150.0)

    def test_what_was_typed_is_not_overwritten(self):
        order = self._planned()
        order.sales_plan_line_ids[0].name = "On the handshake"
        form = self._form(order)
        form.sales_plan_template_id = self.env.ref(
            "sales_process.sales_plan_template_50_50"
        )
        self.assertEqual(len(form.sales_plan_line_ids), 3)
        self.assertTrue(form.sales_plan_differs)
        form.sales_plan_command = "keep"
        self.assertEqual(form.sales_plan_template_id, self.plan)
        self.assertFalse(form.sales_plan_differs)
        form.sales_plan_template_id = self.env.ref(
            "sales_process.sales_plan_template_50_50"
        )
        form.sales_plan_command = "apply"
        self.assertPlan(form.save(), 500.0, 500.0)
        self.assertFalse(order.sales_plan_differs)

    def test_a_new_instalment_goes_last(self):
        order = self._planned()
        line = self.env["sales.plan.line"].create(
            {"order_id": order.id, "name": "More", "date_planned": "2024-05-01"}
        )
        self.assertTrue(line.is_final)
        self.assertEqual(order._sorted_sales_plan()[-1], line)

    def test_percent_over_rpc(self):
        order = self._order(
            sales_plan_line_ids=[
                Command.create({"name": "A", "percent": 12.5, "trigger": "signing"}),
                Command.create({"name": "B", "percent": 87.5, "trigger": "delivery"}),
            ]
        )
        self.assertPlan(order, 125.0, 875.0)
        order.sales_plan_line_ids[1].percent = 80
        self.assertEqual(order.sales_plan_gap, 75)
        order.action_sales_round_off_plan()
        self.assertPlan(order, 125.0, 875.0)

    def test_total_and_percentages_in_one_go(self):
        """Percentages are of the total that is saved with them."""
        order = self._planned()
        first, second, third = order.sales_plan_line_ids
        order.write(
            {
                "sales_plan_line_ids": [
                    Command.update(first.id, {"percent": 50}),
                    Command.update(second.id, {"percent": 25}),
                    Command.update(third.id, {"percent": 25}),
                ],
                "order_line": [Command.update(order.order_line.id, {"price_unit": 80})],
            }
        )
        self.assertPlan(order, 40.0, 20.0, 20.0)

    # === TO ANOTHER TOTAL === #

    def test_adjusting_keeps_invoiced_instalments(self):
        order = self._planned()
        order.action_confirm()
        self._invoice(order.sales_plan_line_ids[0], 300)
        order.order_line.price_unit = 1200
        # 900 left for 400 and 300: 514.285…, 385.714…
        self.assertEqual(
            order.sales_plan_line_ids.mapped("amount_proposed"), [300, 514.29, 385.71]
        )
        order.with_user(self.rep_user).action_sales_adjust_plan()
        self.assertPlan(order, 300.0, 514.29, 385.71)

    def test_adjusting_without_a_way(self):
        order = self._planned()
        order.action_confirm()
        lines = order.sales_plan_line_ids
        self._invoice(lines[0], 300)
        self._invoice(lines[1], 400)
        order.order_line.price_unit = 600
        with self.assertRefused("exceed the total by .*100.00"):
            order.action_sales_adjust_plan()
        self._invoice(lines[2], 300)
        order.order_line.price_unit = 1100
        for method in ("action_sales_adjust_plan", "action_sales_round_off_plan"):
            with self.assertRefused("Add another one of .*100.00"):
                getattr(order, method)()
        self.assertEqual(lines.mapped("amount_proposed"), [300, 400, 300])

    def test_adjusting_leaves_fixed_amounts_of_a_template(self):
        """200 fixed and the rest: of 1500 it stays 200, as the template says."""
        plan = self._template(
            "Fee", ("Fee", "amount", 200, "signing"), ("Rest", "balance", 0, "delivery")
        )
        order = self._planned(template=plan)
        self.assertPlan(order, 200.0, 800.0)
        order.order_line.price_unit = 1500
        order.action_sales_adjust_plan()
        self.assertPlan(order, 200.0, 1300.0)
        order.sales_plan_line_ids = [
            Command.update(line.id, {"amount": amount})
            for line, amount in zip(order.sales_plan_line_ids, (500, 1000), strict=True)
        ]
        order.order_line.price_unit = 3000
        order.action_sales_adjust_plan()
        self.assertPlan(order, 1000.0, 2000.0)

    def test_rounding_off_below_zero(self):
        order = self._planned()
        order.order_line.price_unit = 600
        with self.assertRefused("“Acceptance” is smaller"):
            order.action_sales_round_off_plan()
        self.assertEqual(order.sales_plan_line_ids.mapped("amount"), [300, 400, 300])

    def test_currencies_round_their_own_way(self):
        currency = self.env["res.currency"].create(
            {"name": "XSW", "symbol": "x", "rounding": 0.05}
        )
        currency.rate_ids = [Command.create({"rate": 1, "name": "2000-01-01"})]
        pricelist = self.env["product.pricelist"].create(
            {"name": "Steps", "currency_id": currency.id}
        )
        order = self._planned(10, pricelist_id=pricelist.id, template=self.plan)
        order.order_line.price_unit = 100.15
        order.action_sales_adjust_plan()
        # In steps of 0.05: 600.9, 801.2, 600.9 of 2003 steps.
        self.assertPlan(order, 30.05, 40.05, 30.05)

    # === WHAT IS REFUSED === #

    def test_confirming_with_a_gap(self):
        order = self._planned()
        order.order_line.price_unit = 999
        for confirm in (
            order.action_confirm,
            lambda: order.write({"state": "sale"}),
            order.action_quotation_send,
        ):
            with self.assertRefused("exceed its total by .*1.00"):
                confirm()
        self.assertFalse(order._has_to_be_signed())
        self.assertEqual(order.state, "draft")
        order.action_sales_adjust_plan()
        self.assertTrue(order._has_to_be_signed())
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_confirming_without_a_required_plan(self):
        order = self._order()
        self.company.sales_plan_required = True
        with self.assertRefused("has no payment plan yet"):
            order.action_confirm()
        self._order(order_line=[]).action_confirm()  # nothing to pay, nothing to plan
        order.sales_plan_template_id = self.plan
        order.action_confirm()
        with self.assertRefused("has no payment plan yet"):
            order.sales_plan_line_ids = [Command.clear()]
        with self.assertRefused("has no payment plan yet"):
            self._order(state="sale")

    def test_over_the_total(self):
        order = self._planned()
        line = order.sales_plan_line_ids[0]
        for change in (
            lambda: line.write({"amount": 301}),
            lambda: line.write({"percent": 31}),
            lambda: order.write({"sales_plan_line_ids": self._typed(1)}),
            lambda: self.env["sales.plan.line"].create(
                {
                    "order_id": order.id,
                    "name": "More",
                    "amount": 1,
                    "date_planned": "2024-05-01",
                }
            ),
            lambda: self._order(sales_plan_line_ids=self._typed(600, 600)),
        ):
            with self.assertRefused("exceed its total by"):
                change()

    def test_import_over_the_total(self):
        order = self._planned()
        result = (
            self.env["sales.plan.line"]
            .with_user(self.rep_user)
            .load(
                ["order_id/.id", "name", "amount", "date_planned"],
                [[str(order.id), "More", "5", "2024-05-01"]],
            )
        )
        self.assertFalse(result["ids"])
        self.assertIn("exceed its total by", result["messages"][0]["message"])

    def test_a_confirmed_plan_stays_whole(self):
        order = self._planned()
        order.action_confirm()
        first, second, _third = order.sales_plan_line_ids
        with self.assertRefused("unplanned"):
            first.amount = 200
        with self.assertRefused("unplanned"):
            second.unlink()
        order.sales_plan_line_ids = [
            Command.update(first.id, {"amount": 200}),
            Command.update(second.id, {"amount": 500}),
        ]
        self.assertPlan(order, 200.0, 500.0, 300.0)
        order.order_line.price_unit = 1100  # the order may change: it shows
        self.assertEqual(order.sales_plan_gap, 100)
        first.name = "Still editable"

    def test_negative(self):
        for vals, message in (
            ({"amount": -1}, "below zero"),
            ({"percent": -1}, "below zero"),
            ({"delay_days": -1}, "before what it waits for"),
            ({"trigger": "date", "date_planned": False}, "due on a date and has none"),
        ):
            order = self._planned()
            with self.subTest(vals), self.assertRefused(message):
                order.sales_plan_line_ids[1].write(vals)

    def test_triggers_that_never_fire(self):
        order = self._planned()
        first, second, _third = order.sales_plan_line_ids
        with self.assertRefused("no invoice before it"):
            first.trigger = "invoice"
        second.trigger = "invoice"
        with self.assertRefused("no invoice before it"):
            second.sequence = -5
        expense = self._order_line(100, is_expense=True)
        order = self._order(order_line=[expense])
        with self.assertRefused("nothing on .* is delivered"):
            order.sales_plan_line_ids = self._typed(100, trigger="delivery")
        order = self._planned(order_line=[])  # too early to say
        order.sales_plan_line_ids = self._typed(0, trigger="delivery")
        order.order_line = [expense]
        with self.assertRefused("unplanned"):
            order.action_confirm()
        with self.assertRefused("nothing on .* is delivered"):
            order.action_sales_adjust_plan()

    def test_cancelled_order(self):
        order = self._planned()
        line = order.sales_plan_line_ids[0]
        order.action_cancel()
        for change in (
            lambda: line.write({"amount": 1}),
            lambda: line.write({"name": "x"}),
            lambda: order.write({"sales_plan_line_ids": [Command.clear()]}),
            line.unlink,
            lambda: order.write({"sales_plan_line_ids": self._typed(1)}),
            order.action_sales_apply_plan,
        ):
            with self.assertRefused("is cancelled"):
                change()
        self.assertEqual(line.state, "planned")
        order.action_draft()
        line.name = "Editable again"
        order.unlink()
        self.assertFalse(line.exists())

    def test_a_cancelled_order_can_be_deleted(self):
        order = self._planned()
        lines = order.sales_plan_line_ids
        messages = lines.message_ids
        order.action_cancel()
        order.unlink()
        self.assertFalse(lines.exists() or messages.exists())

    def test_invoiced_instalments(self):
        order = self._planned()
        order.action_confirm()
        first, second, _third = order.sales_plan_line_ids
        self._invoice(first, 250)
        with self.assertRefused("has an invoice"):
            first.unlink()
        with self.assertRefused("250.00 of “Down payment” are"):
            order.sales_plan_line_ids = [
                Command.update(first.id, {"amount": 249}),
                Command.update(second.id, {"amount": 451}),
            ]
        with self.assertRefused("has an invoice"):
            order.sales_plan_template_id = self.env.ref(
                "sales_process.sales_plan_template_50_50"
            )
        order._action_cancel()
        with self.assertRefused("has an invoice"):
            order.unlink()

    def test_figures_belong_to_the_engine(self):
        order = self._planned()
        line = order.sales_plan_line_ids[0].with_user(self.rep_user)
        for name, value in (
            ("amount_invoiced", 1),
            ("amount_collected", 1),
            ("amount_due", 1),
            ("date_invoiced", "2024-05-01"),
            ("date_accepted", "2024-05-01"),
            ("date_trigger", "2024-05-01"),
            ("date_firm", "2024-05-01"),
            ("user_id", self.colleague_user.id),
            ("company_id", 1),
            ("order_state", "sale"),
        ):
            with self.subTest(name):
                with self.assertRefused("recorded by the system"):
                    line.write({name: value})
                with self.assertRefused("recorded by the system"):
                    line.create({"order_id": order.id, "name": "x", name: value})
        order = order.with_user(self.rep_user)
        with self.assertRefused("recorded by the system"):
            order.sales_delivery_stated_on = "2024-05-01"
        line.with_context(default_amount_collected=5).create(
            {"order_id": order.id, "name": "Zero", "date_planned": "2024-05-01"}
        )
        self.assertEqual(order.sales_plan_collected, 0)

    def test_an_instalment_stays_with_its_order(self):
        line = self._planned().sales_plan_line_ids[0]
        with self.assertRefused("stays with its order"):
            line.order_id = self._order()

    def test_states_of_time(self):
        order = self._planned()
        order.sales_plan_line_ids = [Command.clear(), *self._typed(1000)]
        line = order.sales_plan_line_ids
        self.assertEqual(line.state, "planned", "a quotation owes nothing")
        order.action_confirm()
        self.assertEqual(line.state, "due")
        found = line.search([("state", "=", "due"), ("order_id", "=", order.id)])
        self.assertEqual(found, line)
        order.action_cancel()
        self.assertEqual(line.state, "planned")
        self.assertFalse(
            line.search([("state", "=", "due"), ("order_id", "=", order.id)])
        )
        others = [
            ("state", "not in", ("due", "collected")),
            ("order_id", "=", order.id),
        ]
        self.assertEqual(line.search(others), line)
        self.assertEqual(fields.Date.today(), line.date_firm)
