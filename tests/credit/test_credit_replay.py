"""Random lives of orders, documents and money, each step compared with a model."""

import random
from datetime import timedelta
from decimal import Decimal

from odoo.tests import freeze_time, tagged

from ..common import REP
from ..properties import MORE
from .replay_common import CENT, RATES, START, Ledger
from .replay_people import People
from .test_credit_ledger import CreditCommon

LIVES = MORE or 5
STEPS = 30
METRICS = ("booked", "margin", "invoiced", "collected", "new_customer")


@tagged("post_install", "-at_install")
class TestCreditReplay(People, CreditCommon):
    """Whatever people do, on any day the ledger says what the documents said."""

    @classmethod
    def setUpClass(cls):
        with freeze_time(START):
            super().setUpClass()
            cls._set_up_world()

    @classmethod
    def _set_up_world(cls):
        cls.cid = cls._make_person("credit_cid", REP)
        cls.people = [cls.ann, cls.bob, cls.cid]
        cls.teams = [cls.north, cls.south]
        cls.pricelists = {}
        for name, code in (("steady", "GBP"), ("wild", "CHF")):
            currency = cls.setup_other_currency(
                code,
                rates=[
                    (START + timedelta(days=since), float(rate))
                    for since, rate in RATES[name]
                ],
            )
            cls.pricelists[name] = cls.env["product.pricelist"].create(
                {"name": name, "currency_id": currency.id}
            )

    def test_lives(self):
        for seed in range(LIVES):
            with self.subTest(seed=seed):
                self._live(random.Random(seed))

    def _live(self, dice):
        self.dice, self.model = dice, Ledger()
        self.orders, self.invoices, self.payments, self.log = [], [], [], []
        self.day = START
        self.last = (
            self.env["sales.credit"].search([], order="id desc", limit=1).id or 0
        )
        self.buyers = [
            self.env["res.partner"].create({"name": f"Buyer {n}"}) for n in range(3)
        ]
        days = [START]
        for _step in range(STEPS):
            if dice.random() < 0.6:
                self.day += timedelta(days=dice.randrange(1, 15))
                days.append(self.day)
            with freeze_time(self.day):
                self._step()
                self.env["sales.credit"]._write_pending()
                self._compare(self.day)
                self._compare(dice.choice(days))
        for day in days:
            self._compare(day)
        with freeze_time(self.day):
            self._prove()

    def _step(self):
        self.today = self.company._sales_today()
        actions = [
            self.sell,
            self.sell,
            self.change,
            self.change,
            self.add_line,
            self.cost,
            self.cancel,
            self.confirm_again,
            self.share,
            self.hand_over,
            self.move_person,
            self.invoice,
            self.invoice,
            self.reset,
            self.post_again,
            self.refund,
            self.pay,
            self.pay,
            self.unmatch,
            self.match_again,
            self.match_refund,
        ]
        self.dice.shuffle(actions)
        for action in actions:
            if action() is not False:
                self.log.append((str(self.day), action.__name__))
                return

    # === COMPARING === #

    def _ledger(self):
        domain = [("id", ">", self.last), ("metric_id.code", "in", METRICS)]
        return self.env["sales.credit"].search(domain)

    def _compare(self, day):
        """Totals are exact; shares are but for a cent each time it was divided."""
        rows = self._ledger().filtered(lambda row: row.date <= day)
        for metric in METRICS:
            own = rows.filtered(lambda row, metric=metric: row.metric_id.code == metric)
            total = sum(
                Decimal(str(round(amount, 2))) for amount in own.mapped("amount")
            )
            story = f"{metric} on {day} after {self.log}"
            self.assertEqual(total, self.model.total(metric, day), story)
            found = {}
            for row in own:
                key = (row.user_id, row.team_id)
                found[key] = found.get(key, 0) + Decimal(str(row.amount))
            wanted = self.model.by_holder(metric, day)
            for holder in found.keys() | wanted.keys():
                amount, times = wanted.get(holder, (Decimal(0), 0))
                gap = abs(found.get(holder, 0) - amount)
                self.assertLessEqual(gap, CENT * max(times, 1), f"{holder} {story}")

    def _prove(self):
        self.assertSums()
        audits = self.env["sales.credit.audit"].sudo()
        audits.search([("state", "=", "running")]).state = "done"
        audit = audits._start("manual", date_from=START - timedelta(days=100))._run()
        self.assertEqual((audit.corrections, audit.sums_mended), (0, 0), self.log)
