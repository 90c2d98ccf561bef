"""Random lives of two orders, each step compared with a model that knows no database.

The model counts coins. A document is a pile of coins; each coin lies on one instalment
and is paid, settled or open. It is told what people did, never what Odoo made of it.
"""

import random
from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..properties import MORE
from .money_common import MoneyCommon

COIN = 10.0


class Paper:
    """A document of the model.

    :ivar coins: how many coins it is worth; fewer than none for a credit note
    :ivar pin: place of the instalment it was made for
    :ivar links: ``[partner, coins, cash]``, partner None for money
    """

    def __init__(self, move, coins, pin=None, origin=None):
        self.move, self.coins, self.pin, self.origin = move, coins, pin, origin
        self.state, self.day, self.links = "draft", None, []

    @property
    def sign(self):
        return -1 if self.coins < 0 else 1

    def place(self):
        """Of the instalment it was made for, itself or what it takes back."""
        return self.origin.pin if self.pin is None and self.origin else self.pin

    def settled(self):
        """Coins matched with money or with posted documents, and how many are cash."""
        live = [
            link for link in self.links if link[0] is None or link[0].state == "posted"
        ]
        return sum(link[1] for link in live), sum(link[2] for link in live)

    def open(self):
        return abs(self.coins) - self.settled()[0]


class Money:
    """A payment that came before anybody said what for.

    :ivar coins: how many coins came in
    """

    def __init__(self, payment, coins):
        self.payment, self.coins = payment, coins
        self.state, self.links = "posted", []

    def open(self):
        return self.coins - sum(link[1] for link in self.links)


class Model:
    """What an order's instalments must show.

    :ivar amounts: of the instalments, in coins
    :ivar papers: of the order, in whatever state
    """

    def __init__(self, amounts):
        self.amounts, self.papers = amounts, []

    def figures(self):
        places = range(len(self.amounts))
        self.piles = [[] for _place in places]  # (paper, kind of coin)
        self.reserved = [0 for _place in places]
        self.lying = {}  # paper: places of its coins, in sequence
        self.not_taken_back = {}  # invoice: places of its coins
        posted = sorted(
            (paper for paper in self.papers if paper.state == "posted"),
            key=lambda paper: (paper.day, paper.move.id),
        )
        drafts = [p for p in self.papers if p.state == "draft" and p.coins > 0]
        for paper in posted:
            if paper.place() is not None:
                self.lay(paper, [paper.place()] * abs(paper.coins))
        for paper in drafts:
            if paper.pin is not None:
                self.reserved[paper.pin] += paper.coins
        for paper in posted:
            if paper.place() is None:
                find = self.fill if paper.coins > 0 else self.take_back
                self.lay(paper, find(paper))
        for paper in drafts:
            if paper.pin is None:
                for place in self.fill(paper):
                    self.reserved[place] += 1
        return [self.sum_up(place) for place in places]

    def worth(self, place):
        return sum(paper.sign for paper, _kind in self.piles[place])

    def here(self):
        """Coins on each instalment, drafts included."""
        return [self.worth(n) + coins for n, coins in enumerate(self.reserved)]

    def lay(self, paper, coins):
        settled, cash = paper.settled()
        for number, place in enumerate(coins):
            kind = "cash" if number < cash else "gone" if number < settled else "open"
            self.piles[place].append((paper, kind))
        self.lying[paper] = coins

    def fill(self, paper):
        """Where the coins of an invoice go: where there is room, else on the last."""
        here, coins = self.here(), []
        for _coin in range(paper.coins):
            free = [p for p, amount in enumerate(self.amounts) if here[p] < amount]
            coins.append(free[0] if free else len(here) - 1)
            here[coins[-1]] += 1
        return coins

    def take_back(self, paper):
        """Where a credit note takes its coins: of its invoice, then of anything."""
        here, coins, left = self.here(), [], []
        if paper.origin in self.lying:
            left = self.not_taken_back.setdefault(
                paper.origin, list(self.lying[paper.origin])
            )
        for _coin in range(-paper.coins):
            full = [place for place in left if here[place] > 0]
            full = full or [place for place, worth in enumerate(here) if worth > 0]
            place = full[-1] if full else len(here) - 1
            if place in left:
                left.remove(place)
            coins.append(place)
            here[place] -= 1
        return sorted(coins, reverse=True)

    def sum_up(self, place):
        pile = self.piles[place]

        def coins(wanted):
            return COIN * sum(paper.sign for paper, kind in pile if kind == wanted)

        days = [p.day for p, kind in pile if kind == "open" and p.coins > 0]
        return {
            "amount_invoiced": COIN * self.worth(place),
            "amount_collected": coins("cash"),
            "amount_due": coins("open"),
            "amount_draft": COIN * self.reserved[place],
            "date_invoice_due": min(days, default=False),
        }


@tagged("post_install", "-at_install")
class TestContractFiguresProperty(MoneyCommon):
    STEPS = 25

    def _life(self, seed, currency=None):
        generator = self.generator = random.Random(seed)
        # In one long transaction, Odoo's own statements find no statistics to go by.
        self.env.cr.execute("ANALYZE")
        self.currency = currency or self.company.currency_id
        self.money = []
        values = {}
        if currency:
            values["pricelist_id"] = (
                self.env["product.pricelist"]
                .create({"name": currency.name, "currency_id": currency.id})
                .id
            )
        self.models = {}
        for _order in range(2):
            amounts = [
                generator.randint(0, 12) for _part in range(generator.randint(1, 4))
            ]
            amounts[-1] += 5
            order = self._order(
                *(COIN * amount for amount in amounts),
                lines=[
                    (self.product_a, 1, COIN * sum(amounts), self.env["account.tax"])
                ],
                **values,
            )
            self.models[order] = Model(amounts)
        steps = {
            self._step_invoice: 5,
            self._step_down_payment: 3,
            self._step_post: 8,
            self._step_pay: 6,
            self._step_write_off: 2,
            self._step_credit: 4,
            self._step_pay_back: 3,
            self._step_prepay: 2,
            self._step_match: 4,
            self._step_cancel_payment: 1,
            self._step_unmatch: 2,
            self._step_reset: 2,
            self._step_cancel: 1,
            self._step_delete: 1,
            self._step_change_plan: 2,
        }
        told = []
        while len(told) < self.STEPS:
            [step] = generator.choices(list(steps), list(steps.values()))
            what = step()
            if what:
                told.append(f"{step.__name__}: {what}")
                self._compare(f"seed {seed}\n" + "\n".join(told))

    def _compare(self, story):
        for order, model in self.models.items():
            names = model.figures()[0]
            found = [
                {name: line[name] for name in names}
                for line in order.sales_plan_line_ids
            ]
            self.assertEqual(found, model.figures(), f"{order.name}, {story}")
            # The same from the database: what was written is what was read.
            if self.generator.random() < 0.3:
                self.env.flush_all()
                self.env.invalidate_all()

    def _pick(self, condition):
        papers = [
            paper
            for model in self.models.values()
            for paper in model.papers
            if condition(paper)
        ]
        return self.generator.choice(papers) if papers else None

    def _model_of(self, paper):
        return next(model for model in self.models.values() if paper in model.papers)

    # === STEPS: what people do, in Odoo and in the model === #

    def _step_invoice(self):
        order, model = self.generator.choice(list(self.models.items()))
        lines = order.sales_plan_line_ids.filtered(
            lambda line: (
                line.can_invoice and not line.is_final and not line.amount_draft
            )
        )
        drafted = {paper.pin for paper in model.papers if paper.state == "draft"}
        lines = lines.filtered(
            lambda line: list(order.sales_plan_line_ids).index(line) not in drafted
        )
        if not lines:
            return ""
        line = self.generator.choice(list(lines))
        place = list(order.sales_plan_line_ids).index(line)
        coins = round(line.amount_to_invoice / COIN)
        paper = Paper(self._invoice(line, post=False), coins, pin=place)
        model.papers.append(paper)
        return f"{order.name} part {place}: {coins}"

    def _step_down_payment(self):
        order, model = self.generator.choice(list(self.models.items()))
        coins = self.generator.randint(1, 15)
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": [Command.set(order.ids)],
                "advance_payment_method": "fixed",
                "fixed_amount": COIN * coins,
            }
        )
        paper = Paper(wizard._create_invoices(order), coins)
        model.papers.append(paper)
        return f"{order.name}: {coins}"

    def _step_post(self):
        paper = self._pick(lambda paper: paper.state == "draft")
        if not paper:
            return ""
        if not paper.day:
            paper.day = self.today - timedelta(days=self.generator.randint(0, 60))
            paper.move.invoice_date = paper.day
        paper.move.action_post()
        paper.state = "posted"
        # Odoo matches a credit note with its invoice when it is posted.
        origin = paper.origin
        if origin and origin.state == "posted" and paper.open() and origin.open():
            coins = min(paper.open(), origin.open())
            paper.links.append([origin, coins, 0])
            origin.links.append([paper, coins, 0])
        return f"{paper.coins}"

    def _step_pay(self):
        paper = self._pick(lambda p: p.state == "posted" and p.coins > 0 and p.open())
        if not paper:
            return ""
        coins = self.generator.randint(1, paper.open())
        self._pay(
            paper.move,
            COIN * coins,
            currency_id=self.currency.id,
            payment_difference_handling="open",
            installments_mode="full",
        )
        paper.links.append([None, coins, coins])
        return f"{coins} of {paper.coins}"

    def _step_write_off(self):
        """A clerk takes what came and writes the rest off."""
        paper = self._pick(
            lambda p: p.state == "posted" and p.coins > 0 and p.open() > 1
        )
        if not paper:
            return ""
        coins, rest = self.generator.randint(1, paper.open() - 1), paper.open()
        self._pay(
            paper.move,
            COIN * coins,
            currency_id=self.currency.id,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
            installments_mode="full",
        )
        paper.links.append([None, rest, coins])
        return f"{coins} for {rest} of {paper.coins}"

    def _step_credit(self):
        paper = self._pick(lambda p: p.state == "posted" and p.coins > 0)
        if not paper:
            return ""
        coins = self.generator.randint(1, paper.coins)
        move = self._credit(paper.move, COIN * coins, post=False)
        self.assertEqual(move.amount_total, COIN * coins)
        self._model_of(paper).papers.append(
            Paper(move, -coins, pin=paper.pin, origin=paper)
        )
        return f"{coins} of {paper.coins}"

    def _step_pay_back(self):
        paper = self._pick(lambda p: p.state == "posted" and p.coins < 0 and p.open())
        if not paper:
            return ""
        coins = self.generator.randint(1, paper.open())
        self._pay(
            paper.move,
            COIN * coins,
            currency_id=self.currency.id,
            payment_difference_handling="open",
            installments_mode="full",
        )
        paper.links.append([None, coins, coins])
        return f"{coins} of {paper.coins}"

    def _step_prepay(self):
        """Money comes that nobody has asked for yet, in one currency or the other."""
        coins = self.generator.randint(1, 15)
        amount, currency = COIN * coins, self.currency
        if currency.rate == 2 and self.generator.random() < 0.5:
            amount, currency = amount / 2, self.company.currency_id
        payment = self._payment(amount, currency_id=currency.id)
        self.money.append(Money(payment, coins))
        return f"{coins} in {currency.name}"

    def _step_match(self):
        """Such money turns out to be for an invoice."""
        paper = self._pick(lambda p: p.state == "posted" and p.coins > 0 and p.open())
        money = [money for money in self.money if money.open()]
        if not paper or not money:
            return ""
        money = self.generator.choice(money)
        self._match(paper.move, money.payment.move_id)
        coins = min(paper.open(), money.open())
        paper.links.append([money, coins, coins])
        money.links.append([paper, coins, coins])
        return f"{coins} for {paper.coins}"

    def _step_cancel_payment(self):
        used = [money for money in self.money if money.links]
        if not used:
            return ""
        money = self.generator.choice(used)
        money.payment.action_cancel()
        for paper in {link[0] for link in money.links}:
            paper.links = [link for link in paper.links if link[0] is not money]
        self.money.remove(money)
        return f"{money.coins}"

    def _step_unmatch(self):
        paper = self._pick(lambda p: p.state == "posted" and p.links)
        if not paper:
            return ""
        self._unmatch(paper.move)
        for partner in {link[0] for link in paper.links if link[0]}:
            partner.links = [link for link in partner.links if link[0] is not paper]
        paper.links = []
        return f"{paper.coins}"

    def _step_reset(self):
        """Matches stay with a document that goes back to draft."""
        paper = self._pick(
            lambda p: p.state == "posted" and not any(link[0] for link in p.links)
        )
        if not paper:
            return ""
        paper.move.button_draft()
        paper.state = "draft"
        return f"{paper.coins}"

    def _step_cancel(self):
        paper = self._pick(
            lambda p: (
                p.state in ("draft", "posted")
                and not any(other.origin is p for other in self._model_of(p).papers)
            )
        )
        if not paper:
            return ""
        paper.move.button_cancel()
        paper.state = "cancel"
        for partner in {link[0] for link in paper.links if link[0]}:
            partner.links = [link for link in partner.links if link[0] is not paper]
        paper.links = []
        return f"{paper.coins}"

    def _step_delete(self):
        paper = self._pick(lambda p: p.state == "draft" and not p.day)
        if not paper:
            return ""
        paper.move.unlink()
        self._model_of(paper).papers.remove(paper)
        return f"{paper.coins}"

    def _step_change_plan(self):
        order, model = self.generator.choice(list(self.models.items()))
        if len(model.amounts) < 2:
            return ""
        one, other = self.generator.sample(range(len(model.amounts)), 2)
        coins = self.generator.randint(0, model.amounts[one])
        if not coins:
            return ""
        before = list(model.amounts)
        model.amounts[one] -= coins
        model.amounts[other] += coins
        invoiced = [figures["amount_invoiced"] for figures in model.figures()]
        places = self.generator.sample(
            (one, other), 2
        )  # one is written after the other
        change = dict(
            (order.sales_plan_line_ids[place], COIN * model.amounts[place])
            for place in places
        )
        if all(invoiced[place] <= COIN * model.amounts[place] for place in places):
            self._replan(order, change)
            return f"{order.name} {one} to {other}: {coins}"
        with self.assertRaises(ValidationError) as caught:
            self._replan(order, change)
        self.assertIn("are invoiced", str(caught.exception))
        model.amounts[:] = before
        return f"{order.name} {one} to {other}: {coins} refused"

    def _seeds(self, examples):
        """The same lives on every run; as many new ones as somebody asks for."""
        if not MORE:
            return examples
        # A life has dozens of examples.
        return [random.randrange(10**9) for _life in range(max(MORE // 50, 1))]

    def test_lives_in_the_currency_of_the_company(self):
        # In the first one an invoice is taken back more than once.
        for seed in self._seeds((902037442, 0, 1)):
            self._life(seed)

    def test_lives_in_foreign_currencies(self):
        for code, rate, seeds in (("GBP", 2.0, (100, 1000)), ("JPY", 151.3, (101,))):
            currency = self.setup_other_currency(code, rates=[("1900-01-01", rate)])
            for seed in self._seeds(seeds):
                self._life(seed, currency)
