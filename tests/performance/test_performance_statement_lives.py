"""Random lives: whatever happens, what was said plus what is open is the truth."""

import random
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..properties import MORE
from .performance_statement_common import StatementCommon

LIVES = MORE or 3
STEPS = 22


@tagged("post_install", "-at_install")
class TestPerformanceStatementLives(StatementCommon):
    """People sell, customers pay and take back; statements are confirmed any time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_commission(
            ((0, 2), (500, 4)),
            [cls.ann],
            name="Everything",
            mode="retroactive",
            clawback_days=40,
            cap_amount=90,
        )
        cls._make_commission(((0, 1),), [cls.ann, cls.bob], name="Draw", draw_amount=15)

    def test_lives(self):
        for seed in range(LIVES):
            with self.subTest(seed=seed):
                self._live(random.Random(seed))

    def _live(self, dice):
        self.dice, self.invoices, self.log = dice, [], []
        self.day = fields.Date.subtract(self.first, months=4)
        actions = [
            self.sell,
            self.sell,
            self.pay,
            self.pay,
            self.unmatch,
            self.refund,
            self.reset_invoice,
            self.reassign,
            self.compute,
            self.compute,
            self.check,
            self.confirm,
            self.confirm,
            self.set_back,
        ]
        for _step in range(STEPS):
            self.day += timedelta(days=dice.randrange(0, 12))
            action = dice.choice(actions)
            self.log.append((str(self.day), action.__name__))
            self.today = self.day
            with freeze_time(f"{self.day} 12:00:00"):
                action()
                self.env["sales.credit"]._write_pending()
                for owner in (self.ann, self.bob):
                    self.assertComplete(owner, self.log)
        for statement in self.statements.search([("company_id", "=", self.company.id)]):
            self.assertAlmostEqual(
                statement.amount_earned
                - statement.amount_held
                + statement.amount_corrected,
                statement.amount,
                2,
                self.log,
            )

    # === WHAT HAPPENS === #

    def _any_invoice(self):
        return self.dice.choice(self.invoices) if self.invoices else None

    def sell(self):
        person = self.dice.choice((self.ann, self.bob))
        price = self.dice.choice((100.0, 333.33, 900.0, 1500.0))
        back = timedelta(days=self.dice.choice((0, 0, 20)))
        self.invoices.append(self._invoiced(price, self.day - back, user_id=person.id))

    def pay(self):
        invoice = self._any_invoice()
        if not invoice or invoice.state != "posted" or invoice.amount_residual <= 0:
            return
        amount = self.dice.choice((invoice.amount_residual, 50.0))
        self._pay(invoice, min(amount, invoice.amount_residual), payment_date=self.day)

    def unmatch(self):
        invoice = self._any_invoice()
        if invoice:
            self._unmatch(invoice)

    def refund(self):
        invoice = self._any_invoice()
        if invoice and invoice.state == "posted" and invoice.amount_residual > 0:
            refund = self._credit(invoice, self.dice.choice((None, 30.0)))
            refund = refund if refund._name == "account.move" else None
            if refund and self.dice.random() < 0.5:
                self._match(invoice, refund)

    def reset_invoice(self):
        invoice = self._any_invoice()
        if invoice and invoice.state == "posted":
            self._unmatch(invoice)
            invoice.button_draft()
            if self.dice.random() < 0.5:
                invoice.action_post()

    def reassign(self):
        row = self.dice.choice(self.commission.assignment_ids)
        row.date_to = self.dice.choice((False, self.day, self.day - timedelta(days=35)))

    def _month(self):
        first = self.day.replace(day=1)
        first = fields.Date.subtract(first, months=self.dice.choice((0, 0, 1, 2)))
        return first, fields.Date.add(first, months=1)

    def compute(self):
        self.statements._compute_statements(self.company, *self._month())

    def _in_state(self, state):
        found = self.statements.search(
            [("company_id", "=", self.company.id), ("state", "=", state)]
        )
        return self.dice.choice(found) if found else found

    def check(self):
        self._in_state("draft").with_user(self.accountant).action_check()

    def confirm(self):
        statement = self._in_state("checked") or self._in_state("draft")
        if statement.state == "draft":
            statement.with_user(self.accountant).action_check()
        if statement:
            statement.with_user(self.director).action_confirm()
            with self.assertRaises(UserError):
                statement.sudo().amount = 0

    def set_back(self):
        self._in_state("checked").with_user(self.accountant).action_reset()
