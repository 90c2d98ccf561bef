from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .performance_statement_common import StatementCommon


@tagged("post_install", "-at_install")
class TestPerformanceStatement(StatementCommon):
    """Hand-calculated statements, and what is corrected of them later."""

    def test_by_hand(self):
        """1,600.00 invoiced: 50.00 + 60.00; of 600.00 half is paid."""
        first = self._invoiced(1000.0)
        second = self._invoiced(600.0)
        self._pay(first)
        self._pay(second, 345.0)
        self._compute()
        statement = self._of(self.ann)
        self.assertEqual(
            (
                statement.amount_earned,
                statement.amount_held,
                statement.amount_corrected,
                statement.amount,
            ),
            (110.0, 30.0, 0.0, 80.0),
        )
        by_document = {
            name: (sum(lines.mapped("amount")), sum(lines.mapped("payable_amount")))
            for name, lines in statement.line_ids.grouped("document_name").items()
            if name
        }
        self.assertEqual(
            by_document, {first.name: (50.0, 50.0), second.name: (60.0, 30.0)}
        )
        self.assertEqual(statement.team_id, self.north)
        self.assertEqual(statement.state, "draft")

    def test_zero_explains_itself(self):
        self._compute()
        for owner in (self.ann, self.bob, self.dealer):
            statement = self._of(owner)
            self.assertEqual(statement.amount, 0.0)
            self.assertIn("nothing was credited", statement.line_ids[0].words)

    def test_words(self):
        self._pay(self._invoiced(1000.0))
        invoice = self._invoiced(600.0)
        self._compute()
        lines = self._of(self.ann).line_ids
        base = lines.filtered(lambda line: line.kind == "base")
        self.assertIn("1,600.00", base.words)
        line = lines.filtered(lambda line: line.source_id == invoice.id)
        for part in ("Field", "600.00", "10 %", "60.00", "paid 0 %", "60.00 are held"):
            self.assertIn(part, line.words.replace("\xa0", " "))
        action = line.action_open_document()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("account.move", invoice.id)
        )
        action = base.action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), (base._name, base.id))

    def test_paid_later_is_a_correction(self):
        """Held in the month before, payable in this one, named by its document."""
        before = fields.Date.subtract(self.first, days=5)
        with freeze_time(before):
            invoice = self._invoiced(1000.0, before)
        self._compute(1)
        old = self._of(self.ann, 1)
        self.assertEqual((old.amount_earned, old.amount), (50.0, 0.0))
        self._confirm(old)
        self._pay(invoice)
        self._compute()
        new = self._of(self.ann)
        line = new.correction_ids
        self.assertEqual(
            (line.source_id, line.why, line.amount, line.payable_amount),
            (invoice.id, "collected", 0.0, 50.0),
        )
        self.assertEqual((new.amount, new.amount_corrected), (50.0, 50.0))
        self.assertIn("the customer has paid", line.words)
        self.assertEqual(old.later_correction_ids, line)
        self.assertComplete(self.ann)
        self._confirm(new)
        self.assertComplete(self.ann)
        self._unmatch(invoice)
        self.assertComplete(self.ann)
        self.assertEqual(old.line_ids.mapped("payable_amount"), [0.0, 0.0])

    def test_changed_rule_and_person(self):
        """Taken out of the plan afterwards: what was said is taken back by name."""
        before = fields.Date.subtract(self.first, days=5)
        with freeze_time(before):
            invoice = self._invoiced(1000.0, before)
        self._pay(invoice)
        self._compute(1)
        old = self._of(self.ann, 1)
        self._confirm(old)
        self.assertEqual(old.amount, 50.0)
        row = self.commission.assignment_ids.filtered(lambda a: a.user_id == self.ann)
        row.date_to = fields.Date.subtract(self.first, months=1)
        self._compute()
        new = self._of(self.ann)
        self.assertEqual(new.correction_ids.mapped("why"), ["gone"])
        self.assertEqual((new.amount, new.amount_earned), (-50.0, 0.0))
        self.assertIn("earns nothing any more", new.correction_ids.words)
        self.assertComplete(self.ann)

    def test_rate_of_the_whole_month_changes(self):
        """Retroactive: what comes late changes the rate of what was stated."""
        plan = self._make_commission(
            ((0, 5), (1000, 10)),
            [self.leader],
            mode="retroactive",
            payable="earned",
            name="Boss",
        )
        before = fields.Date.subtract(self.first, days=5)
        with freeze_time(before):
            first = self._invoiced(800.0, before, user_id=self.leader.id)
        self._compute(1)
        old = self._of(self.leader, 1)
        self.assertEqual(old.amount, 40.0)
        self._confirm(old)
        with freeze_time(before):
            second = self._invoiced(700.0, before, user_id=self.leader.id)
        self._compute()
        new = self._of(self.leader)
        found = {
            line.source_id: (line.why, line.amount, line.payable_amount)
            for line in new.correction_ids
        }
        self.assertEqual(
            found, {first.id: ("rate", 40.0, 40.0), second.id: ("new", 70.0, 70.0)}
        )
        self.assertEqual(new.correction_ids.plan_id, plan)
        self.assertComplete(self.leader)

    def test_working_out_again_changes_nothing(self):
        self._invoiced(1000.0)
        self._compute()
        lines = self._of(self.ann).line_ids
        self._compute()
        self.assertEqual(self._of(self.ann).line_ids, lines)

    def test_corrections_go_to_one_statement(self):
        """To the earliest in progress, and to the next once that is checked."""
        old_day = fields.Date.subtract(self.first, months=1, days=5)
        with freeze_time(old_day):
            invoice = self._invoiced(1000.0, old_day)
        self._compute(2)
        self._confirm(self._of(self.ann, 2))
        self._compute(1)
        self._compute()
        self._pay(invoice)
        self._compute()
        middle, last = self._of(self.ann, 1), self._of(self.ann)
        self.assertEqual((middle.amount_corrected, last.amount_corrected), (50.0, 0.0))
        middle.with_user(self.accountant).action_check()
        self.assertComplete(self.ann)
        self._unmatch(invoice)
        self._compute()
        self.assertEqual(
            (middle.amount_corrected, last.amount_corrected), (50.0, -50.0)
        )
        middle.with_user(self.accountant).action_reset()
        self.assertEqual((middle.amount_corrected, last.amount_corrected), (0.0, 0.0))
        self.assertComplete(self.ann)

    def test_set_back_below_a_later_one(self):
        """A statement that a later one corrected already says only the rest."""
        day = fields.Date.subtract(self.first, days=5)
        with freeze_time(day):
            invoice = self._invoiced(1000.0, day)
        self._compute(1)
        old = self._of(self.ann, 1)
        old.with_user(self.accountant).action_check()
        self._pay(invoice)
        self._compute()
        new = self._of(self.ann)
        self._confirm(new)
        old.with_user(self.accountant).action_reset()
        old.with_user(self.accountant).action_check()
        self.assertComplete(self.ann)
        self.assertEqual(old.amount + new.amount, 50.0)

    def test_nobody_gets_an_empty_one_for_nothing(self):
        """Quarters are stated when they end; those who left only if something came."""
        self.assertFalse(self._of(self.leader))
        self._compute()
        self.assertFalse(self._of(self.leader))

    def test_periods_do_not_overlap(self):
        self._compute()
        self.statements._compute_statements(
            self.company, self.first, fields.Date.add(self.first, months=3)
        )
        found = self.statements.search([("user_id", "=", self.ann.id)])
        self.assertEqual(len(found), 1)
        run = (
            self.env["sales.commission.run"]
            .sudo()
            .create(
                {
                    "date_from": self.first,
                    "date_last": fields.Date.add(self.first, months=3, days=-1),
                }
            )
        )
        with self.assertRaises(UserError):
            run.action_start()

    def test_run(self):
        self._invoiced(1000.0)
        run = (
            self.env["sales.commission.run"]
            .sudo()
            .create(
                {
                    "date_from": self.first,
                    "date_last": fields.Date.subtract(self.after, days=1),
                }
            )
        )
        run.action_start()
        self.assertEqual((run.state, run.total_count, run.progress), ("running", 3, 0))
        run._continue(lambda count: True)
        self.assertEqual((run.state, run.progress), ("done", 100))
        self.assertEqual(self._of(self.ann).amount_earned, 50.0)
        runs = self.env["sales.commission.run"].sudo()
        self.assertFalse(
            runs._begin_daily().filtered(lambda r: r.company_id == self.company)
        )
        self.assertIn(
            self._of(self.ann),
            self.statements.search(
                [tuple(part) for part in run.action_view_statements()["domain"]]
            ),
        )

    def test_of_another_company(self):
        """Each company pays for its own credit in its own currency."""
        other = (
            self._create_company(name="Other")
            if hasattr(self, "_create_company")
            else self.env["res.company"].create({"name": "Other"})
        )
        self._invoiced(1000.0)
        self.statements._compute_statements(other, self.first, self.after)
        self.assertFalse(self.statements.search([("company_id", "=", other.id)]))
        self._compute()
        self.assertEqual(self._of(self.ann).currency_id, self.company.currency_id)

    def test_foreign_invoice(self):
        """3 of the foreign one are 1 of ours on the day of the document."""
        currency = self.setup_other_currency(
            "EUR", rates=[("2000-01-01", 2.0), (self._days(-10), 3.0)]
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        self._invoiced(900.0, pricelist_id=pricelist.id)
        self._compute()
        self.assertEqual(self._of(self.ann).amount_earned, 15.0)

    def test_queries_do_not_grow(self):
        people = self.env["res.users"].browse(
            [
                self._make_person(f"many_{n}", "sales_team.group_sale_salesman").id
                for n in range(9)
            ]
        )
        self._make_commission(owners=list(people), name="Many")
        for person in people:
            self._invoiced(1000.0, user_id=person.id)
        counts = []
        for some in (people[:3], people[3:]):
            owners = [("user", person.id) for person in some]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.statements._compute_statements(
                self.company, self.first, self.after, owners
            )
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        self.assertEqual(self._of(people[8]).amount_earned, 50.0)
