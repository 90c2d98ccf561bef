from datetime import date

from odoo.fields import Command
from odoo.tests import Form, tagged

from .plan_common import PlanCommon

DAY = date(2024, 1, 31)


@tagged("post_install", "-at_install")
class TestContractPlanTemplate(PlanCommon):
    """Templates: what they make of an amount, and which of them are refused."""

    def _made(self, template, total, start=DAY, **values):
        currency = self.company.currency_id
        return [
            (vals["name"], vals["amount"], vals["date_planned"])
            for vals in template._prepare_plan(total, currency, start, **values)
        ]

    # === WHAT THEY MAKE === #

    def test_ready_templates_make_a_thousand(self):
        expected = {
            "single": [1000.0],
            "50_50": [500.0, 500.0],
            "30_40_30": [300.0, 400.0, 300.0],
            "retention": [300.0, 650.0, 50.0],
            # 1000 / 12 = 83.333…: four cents too few, for the first four.
            "monthly": [83.34] * 4 + [83.33] * 8,
        }
        for name, amounts in expected.items():
            template = self.env.ref(f"sales_process.sales_plan_template_{name}")
            with self.subTest(name):
                made = self._made(template, 1000.0)
                self.assertEqual([amount for _n, amount, _d in made], amounts)

    def test_900_in_three_is_300_each(self):
        thirds = self._template(
            "Thirds", ("Part", "percent", 100, "date", {"repeat": 3})
        )
        self.assertEqual(
            [amount for _n, amount, _d in self._made(thirds, 900.0)], [300.0] * 3
        )

    def test_months_end_with_the_month(self):
        """From 31 January: 29 February in a leap year, then 31 March again."""
        monthly = self._template(
            "Quarter", ("Month", "percent", 100, "date", {"repeat": 3})
        )
        self.assertEqual(
            self._made(monthly, 300.0),
            [
                ("Month 1/3", 100.0, date(2024, 1, 31)),
                ("Month 2/3", 100.0, date(2024, 2, 29)),
                ("Month 3/3", 100.0, date(2024, 3, 31)),
            ],
        )

    def test_expected_days_until_the_trigger_fires(self):
        """30 days after the order, or when delivery is promised; plus the delays."""
        plan = self._template(
            "Expected",
            ("Sign", "percent", 10, "signing", {"delay_days": 14}),
            ("Deliver", "percent", 20, "delivery", {"expected_days": 30}),
            (
                "Keep",
                "percent",
                30,
                "acceptance",
                {"expected_days": 40, "delay_months": 12},
            ),
            ("Rest", "balance", 0, "invoice", {"delay_days": 10}),
        )
        self.assertEqual(
            [day for _n, _a, day in self._made(plan, 100.0, date(2024, 3, 1))],
            [
                date(2024, 3, 15),  # 1 March + 14 days
                date(2024, 3, 31),  # + 30 days
                date(2025, 4, 10),  # + 40 days, + 12 months
                date(2025, 4, 20),  # 10 days after the one before it
            ],
        )
        promised = self._made(plan, 100.0, date(2024, 3, 1), promised=date(2024, 6, 1))
        self.assertEqual(
            [day for _n, _a, day in promised][1:3],
            [date(2024, 6, 1), date(2025, 6, 1)],
            "nothing is accepted before it is delivered",
        )

    def test_a_row_that_waits_for_the_invoice_before_it(self):
        """Each waits a month for the one before it, not one, two, three months."""
        plan = self._template(
            "Chain",
            ("Start", "percent", 40, "signing"),
            ("Next", "balance", 0, "invoice", {"repeat": 3, "delay_days": 5}),
        )
        vals_list = plan._prepare_plan(100.0, self.company.currency_id, DAY)
        self.assertEqual(
            [(vals["delay_months"], vals["delay_days"]) for vals in vals_list],
            [(0, 0), (0, 5), (1, 0), (1, 0)],
        )

    def test_currency_without_cents(self):
        yen = self.env.ref("base.JPY")
        made = self.plan._prepare_plan(1001, yen, DAY)
        self.assertEqual([vals["amount"] for vals in made], [300, 401, 300])

    # === WHILE IT IS EDITED === #

    def test_preview_before_saving(self):
        form = Form(self.env["sales.plan.template"])
        form.name = "New"
        with form.line_ids.new() as line:
            line.name = "First"
            line.value = 25
            line.trigger = "signing"
        self.assertIn("7,500.00", form.preview, "how much is unplanned")
        with form.line_ids.new() as line:
            line.name = "Second"
            line.share = "balance"
            line.trigger = "delivery"
            line.delay_days = 30
        form.preview_amount = 1234.56
        for text in ("308.64", "925.92", "On signing", "30 days after delivery"):
            self.assertIn(text, form.preview)

    def test_summary(self):
        self.assertEqual(
            self.plan.summary, "Down payment 30 %, Delivery 40 %, Acceptance 30 %"
        )
        monthly = self.env.ref("sales_process.sales_plan_template_monthly")
        self.assertEqual(monthly.summary, "Month 12 × 8.33 %")

    def test_copy_takes_the_instalments(self):
        copy = self.plan.copy()
        self.assertEqual(copy.name, "30 / 40 / 30 (copy)")
        self.assertEqual(copy.summary, self.plan.summary)

    # === WHAT IS REFUSED === #

    def test_no_plan_at_all(self):
        for lines, message in (
            ([("A", "percent", 60, "date"), ("B", "percent", 50, "date")], "110 %"),
            ([("A", "percent", -5, "date")], "below zero"),
            ([("A", "amount", -5, "date")], "below zero"),
            ([("A", "percent", 50, "invoice")], "there is none"),
            (
                [("A", "balance", 0, "date"), ("B", "balance", 0, "date")],
                "Only one instalment",
            ),
            ([("A", "percent", 50, "date", {"repeat": 0})], "1 to 120"),
            ([("A", "percent", 50, "date", {"repeat": 121})], "1 to 120"),
            ([("A", "percent", 50, "date", {"delay_days": -1})], "before what it"),
        ):
            with self.subTest(lines), self.assertRefused(message):
                self._template("Bad", *lines)

    def test_one_line_after_the_other(self):
        """Over RPC each line is checked; in a form all of them at once."""
        down, delivery, acceptance = self.plan.line_ids
        with self.assertRefused("130 %"):
            down.value = 60
        with self.assertRefused("there is none"):
            delivery.write({"trigger": "invoice", "sequence": -1})
        self.plan.line_ids = [
            Command.update(down.id, {"value": 70}),
            Command.update(delivery.id, {"value": 10}),
            Command.update(acceptance.id, {"value": 20}),
        ]
        self.assertEqual(self.plan.line_ids.mapped("value"), [70, 10, 20])
        with self.assertRefused("there is none"):
            self.plan.line_ids = [
                Command.update(delivery.id, {"trigger": "invoice"}),
                Command.delete(down.id),
            ]

    def test_a_template_that_does_not_fit(self):
        currency = self.company.currency_id
        for template, message in (
            (self._template("None"), "it has no instalments"),
            (
                self._template("Short", ("A", "percent", 90, "date")),
                "leave .*100.00 of .*1,000.00 unplanned",
            ),
            (
                self._template("Fixed", ("A", "amount", 1200, "date")),
                "exceed .*1,000.00 by .*200.00",
            ),
        ):
            with self.subTest(template.name):
                with self.assertRefused(message):
                    template._prepare_plan(1000.0, currency, DAY)
