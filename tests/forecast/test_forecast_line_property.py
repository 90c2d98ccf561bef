"""Random lives from the deal to the cash, each step compared with plain arithmetic."""

import random

from odoo.tests import tagged

from ..properties import MORE
from .forecast_line_common import ForecastLineCommon

COIN = 10.0


class Paper:
    """A document: coins it asks for (fewer than none for a credit note), coins of it
    that are settled, and those of them that are money."""

    def __init__(self, move, coins, origin=None):
        self.move, self.coins, self.origin = move, coins, origin
        self.posted, self.settled, self.cash = False, 0, 0

    @property
    def sign(self):
        return -1 if self.coins < 0 else 1

    @property
    def open(self):
        return abs(self.coins) - self.settled if self.posted else 0


class Order:
    """An order of ``coins``, with a plan or without."""

    def __init__(self, order, coins, planned):
        self.order, self.coins, self.planned = order, coins, planned
        self.state, self.papers = "draft", []

    @property
    def invoiced(self):
        return sum(paper.coins for paper in self.papers if paper.posted)

    @property
    def drafted(self):
        return any(not paper.posted for paper in self.papers)


@tagged("post_install", "-at_install")
class TestForecastLineProperty(ForecastLineCommon):
    """At every moment the slices of a deal are its value, then its orders, then their
    invoices, then the money."""

    STEPS = 30

    def _life(self, seed):
        self.random = random.Random(seed)
        self.deal = self._deal()
        self.coins, self.status, self.orders = 100, "open", []
        steps = {
            self._step_value: 2,
            self._step_quote: 4,
            self._step_confirm: 4,
            self._step_cancel: 1,
            self._step_reopen: 1,
            self._step_won: 1,
            self._step_lost: 1,
            self._step_restore: 2,
            self._step_invoice: 6,
            self._step_post: 6,
            self._step_pay: 6,
            self._step_write_off: 1,
            self._step_credit: 2,
            self._step_pay_back: 2,
        }
        told = []
        while len(told) < self.STEPS:
            [step] = self.random.choices(list(steps), list(steps.values()))
            what = step()
            if what:
                told.append(f"{step.__name__}: {what}")
                self._compare(f"seed {seed}\n" + "\n".join(told))

    def _expected(self):
        """Coins by kind."""
        replaced = any(one.state == "sale" or one.invoiced for one in self.orders)
        papers = [paper for one in self.orders for paper in one.papers]
        found = {
            "pipeline": 0 if replaced or self.status == "lost" else self.coins,
            "backlog": sum(
                one.coins - one.invoiced for one in self.orders if one.state == "sale"
            ),
            "invoiced": sum(paper.sign * paper.open for paper in papers),
            "collected": sum(paper.sign * paper.cash for paper in papers),
        }
        return {kind: COIN * coins for kind, coins in found.items() if coins}

    def _compare(self, story):
        self.assertEqual(self._sums(self.deal), self._expected(), story)
        rows = self._rows(self.deal)
        self.assertEqual(len(set(rows.ids)), len(rows), story)
        if self.random.random() < 0.2:
            groups = self.lines._read_group(
                [("lead_id", "=", self.deal.id)], ["kind"], ["amount:sum"]
            )
            sums = {kind: round(amount, 2) for kind, amount in groups if amount}
            self.assertEqual(sums, self._expected(), story)
        pipeline = rows.filtered(lambda row: row.kind == "pipeline")
        if pipeline:
            self.assertAlmostEqual(
                sum(pipeline.mapped("weighted_amount")),
                self.deal.sales_forecast_revenue,
                msg=story,
            )

    def _pick(self, things):
        return self.random.choice(things) if things else None

    def _paper(self, condition):
        return self._pick(
            [
                paper
                for one in self.orders
                for paper in one.papers
                if paper.posted and condition(paper)
            ]
        )

    # === STEPS === #

    def _step_value(self):
        self.coins = self.random.randint(1, 300)
        self.deal.expected_revenue = COIN * self.coins
        if self.status == "open":
            self.deal.probability = self.random.randint(1, 99)
        return f"{self.coins}"

    def _step_quote(self):
        parts = [self.random.randint(1, 20) for _n in range(self.random.randint(0, 3))]
        coins = sum(parts) or self.random.randint(5, 40)
        order = self._quote(
            self.deal,
            *(COIN * part for part in parts),
            lines=[(self.product_a, 1, COIN * coins, self.env["account.tax"])],
        )
        self.orders.append(Order(order, coins, bool(parts)))
        return f"{coins} in {parts}"

    def _step_confirm(self):
        one = self._pick([one for one in self.orders if one.state == "draft"])
        if not one:
            return ""
        one.order.action_confirm()
        one.state = "sale"
        return one.order.name

    def _step_cancel(self):
        one = self._pick([one for one in self.orders if one.state != "cancel"])
        if not one:
            return ""
        one.order.with_context(disable_cancel_warning=True).action_cancel()
        one.papers = [paper for paper in one.papers if paper.posted]  # drafts go, too
        one.state = "cancel"
        return one.order.name

    def _step_reopen(self):
        one = self._pick([one for one in self.orders if one.state == "cancel"])
        if not one:
            return ""
        one.order.action_draft()
        one.state = "draft"
        return one.order.name

    def _step_won(self):
        if self.status != "open":
            return ""
        self.deal.action_set_won()
        self.status = "won"
        return "won"

    def _step_lost(self):
        if self.status != "open":
            return ""
        self.deal.action_set_lost()
        self.status = "lost"
        return "lost"

    def _step_restore(self):
        if self.status == "open":
            return ""
        if not self.deal.active:
            self.deal.action_unarchive()
        self.deal.stage_id = self.env["crm.stage"].search(
            [("is_won", "=", False)], limit=1
        )
        self.deal.probability = 40.0
        self.status = "open"
        return "open"

    def _step_invoice(self):
        one = self._pick(
            [
                one
                for one in self.orders
                if one.state == "sale" and not one.drafted and one.coins > one.invoiced
            ]
        )
        if not one:
            return ""
        if one.planned:
            lines = one.order._sorted_sales_plan().filtered(
                lambda line: line.can_invoice and not line.is_final
            )
            if not lines:
                return ""
            coins = round(lines[0].amount_to_invoice / COIN)
            move = self._invoice(lines[0], post=False)
        else:
            coins = self.random.randint(1, one.coins - one.invoiced)
            move = self._down_payment(one.order, COIN * coins)
        one.papers.append(Paper(move, coins))
        return f"{one.order.name}: {coins}"

    def _step_post(self):
        paper = self._pick(
            [p for one in self.orders for p in one.papers if not p.posted]
        )
        if not paper:
            return ""
        paper.move.action_post()
        paper.posted = True
        # Odoo matches a credit note with its invoice when it is posted.
        if paper.origin and paper.origin.open:
            coins = min(paper.open, paper.origin.open)
            paper.settled += coins
            paper.origin.settled += coins
        return f"{paper.coins}"

    def _step_pay(self):
        paper = self._paper(lambda paper: paper.coins > 0 and paper.open)
        if not paper:
            return ""
        coins = self.random.randint(1, paper.open)
        self._pay(paper.move, COIN * coins, installments_mode="full")
        paper.settled += coins
        paper.cash += coins
        return f"{coins} of {paper.coins}"

    def _step_write_off(self):
        paper = self._paper(lambda paper: paper.coins > 0 and paper.open > 1)
        if not paper:
            return ""
        coins = self.random.randint(1, paper.open - 1)
        self._pay(
            paper.move,
            COIN * coins,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
            installments_mode="full",
        )
        paper.settled += paper.open
        paper.cash += coins
        return f"{coins} of {paper.coins}"

    def _step_credit(self):
        paper = self._paper(lambda paper: paper.coins > 0 and not paper.origin)
        if not paper or any(
            other.origin is paper for one in self.orders for other in one.papers
        ):
            return ""
        coins = self.random.randint(1, paper.coins)
        move = self._credit(paper.move, COIN * coins, post=False)
        one = next(one for one in self.orders if paper in one.papers)
        one.papers.append(Paper(move, -coins, origin=paper))
        return f"{coins} of {paper.coins}"

    def _step_pay_back(self):
        paper = self._paper(lambda paper: paper.coins < 0 and paper.open)
        if not paper:
            return ""
        coins = self.random.randint(1, paper.open)
        self._pay(paper.move, COIN * coins, installments_mode="full")
        paper.settled += coins
        paper.cash += coins
        return f"{coins} of {paper.coins}"

    def test_lives(self):
        more = [random.randrange(10**9) for _life in range(MORE // 30)]
        for seed in more or range(3):
            with self.subTest(seed):
                self._life(seed)
