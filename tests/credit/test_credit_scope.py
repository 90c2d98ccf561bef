from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import tagged

from ...models.credit.sales_credit_scope import Scope
from .test_credit_ledger import CreditCommon

QUARTER = (date(2023, 1, 1), date(2023, 4, 1))
FEBRUARY = (date(2023, 2, 1), date(2023, 3, 1))
# Part of January, two whole months and a day of April.
LONG = (date(2023, 1, 15), date(2023, 4, 2))
DAY = (date(2023, 3, 31), date(2023, 4, 1))
PERIODS = (QUARTER, FEBRUARY, LONG, DAY)


def scope(kind, records, teams=None):
    return Scope(kind, frozenset(records.ids), frozenset(teams.ids) if teams else None)


@tagged("post_install", "-at_install")
class TestCreditScope(CreditCommon):
    """Sums of any kind of owner in one go, by hand.

    ======== ===== ====== ============================= ======= ==========
    day      order team   who earns it                  country category
    ======== ===== ====== ============================= ======= ==========
    20 Jan   1,000 North  Ann                           Germany usual
    10 Feb     500 South  Bob; Ann 20 % on top (North)  Germany usual
    31 Mar     200 South  Ann                           Germany rare
    1 Apr      300 North  Ann 80 %, a dealer 20 %       France  usual
    ======== ===== ====== ============================= ======= ==========
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sales.territory"].search([]).active = False
        cls.east, cls.west = (
            cls.env["sales.territory"].create(
                {
                    "name": country.name,
                    "rule_ids": [
                        Command.create({"country_ids": [Command.set(country.ids)]})
                    ],
                }
            )
            for country in (cls.env.ref("base.de"), cls.env.ref("base.fr"))
        )
        cls.customer.country_id = cls.env.ref("base.de")
        abroad = cls.env["res.partner"].create(
            {"name": "Far away", "country_id": cls.env.ref("base.fr").id}
        )
        cls.usual, cls.rare = cls.env["product.category"].create(
            [{"name": "Usual"}, {"name": "Rare"}]
        )
        cls.dealer = cls.partner_b
        cls.product_a.categ_id = cls.usual
        cls._sold_on(date(2023, 1, 20), 1000.0)
        bob = {"user_id": cls.bob.id, "team_id": cls.south.id}
        cls._sold_on(
            date(2023, 2, 10),
            500.0,
            **bob,
            sales_split_ids=[
                Command.create({"user_id": cls.bob.id, "percent": 100}),
                Command.create(
                    {"user_id": cls.ann.id, "percent": 20, "is_overlay": True}
                ),
            ],
        )
        cls._sold_on(
            date(2023, 4, 1),
            300.0,
            partner_id=abroad.id,
            sales_split_ids=[
                Command.create({"user_id": cls.ann.id, "percent": 80}),
                Command.create({"partner_id": cls.dealer.id, "percent": 20}),
            ],
        )
        cls.product_a.categ_id = cls.rare
        cls._sold_on(date(2023, 3, 31), 200.0, team_id=cls.south.id)
        cls.booked = cls.env.ref("sales_process.metric_booked")
        cls.new_customer = cls.env.ref("sales_process.metric_new_customer")

    @classmethod
    def _sold_on(cls, day, price, **values):
        order = cls._sold(price, **values)
        order.date_order = datetime(day.year, day.month, day.day, 12)
        cls.env["sales.credit"]._write_pending()
        return order

    def _sums(self, scopes, periods=PERIODS, metrics=None, companies=None):
        return self.env["sales.credit"]._sum_by_scope(
            scopes, periods, metrics or self.booked, companies or self.company
        )

    def test_by_hand(self):
        teams = self.north | self.south
        wanted = {
            # quarter, February, 15 January until 1 April, 31 March
            scope("company", self.company): (1700, 500, 2000, 200),
            scope("company", self.company, self.south): (700, 500, 700, 200),
            scope("team", self.north): (1000, 0, 1300, 0),
            scope("team", teams): (1700, 500, 2000, 200),
            scope("territory", self.east): (1700, 500, 1700, 200),
            scope("territory", self.west): (0, 0, 300, 0),
            scope("territory", self.east | self.west): (1700, 500, 2000, 200),
            scope("territory", self.east, self.south): (700, 500, 700, 200),
            scope("category", self.rare): (200, 0, 200, 200),
            scope("category", self.rare | self.usual): (1700, 500, 2000, 200),
            # The help for Bob counts for Ann.
            scope("user", self.ann): (1300, 100, 1540, 200),
            scope("user", self.ann, self.north): (1100, 100, 1340, 0),
            scope("user", self.ann, teams): (1300, 100, 1540, 200),
            scope("user", self.ann | self.bob): (1800, 600, 2040, 200),
            scope("dealer", self.dealer): (0, 0, 60, 0),
            scope("dealer", self.dealer, self.south): (0, 0, 0, 0),
            Scope("team", frozenset()): (0, 0, 0, 0),
            Scope("user", frozenset(self.ann.ids), frozenset()): (0, 0, 0, 0),
        }
        found = self._sums(list(wanted))
        self.assertEqual(
            found,
            {
                (one, self.booked.id, *period): float(amount)
                for one, amounts in wanted.items()
                for period, amount in zip(PERIODS, amounts, strict=True)
                if amount
            },
        )

    def test_several_metrics(self):
        one = scope("company", self.company)
        found = self._sums([one], [QUARTER, LONG], self.booked | self.new_customer)
        self.assertEqual(
            found,
            {
                (one, self.booked.id, *QUARTER): 1700.0,
                (one, self.booked.id, *LONG): 2000.0,
                (one, self.new_customer.id, *QUARTER): 1.0,
                (one, self.new_customer.id, *LONG): 2.0,
            },
        )

    def test_what_there_is_not(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        ann = scope("user", self.ann)
        self.assertEqual(self._sums([ann], companies=other), {})
        self.assertEqual(self._sums([ann], []), {})
        self.assertEqual(self._sums([]), {})
        self.assertEqual(self._sums([ann], [(DAY[1], DAY[0]), (DAY[0], DAY[0])]), {})
        with self.assertRaises(ValueError):
            self._sums([scope("planet", self.company)])

    def test_owners_read_alone_agree(self):
        values = self.booked._values(self.ann, PERIODS, self.booked, self.company)
        self.assertEqual(
            [values[self.booked.id, self.ann.id, *period] for period in PERIODS],
            [1300.0, 100.0, 1540.0, 200.0],
        )

    def test_every_day_of_a_period_is_read_once(self):
        """Around the ends of months, of a leap year and of short periods."""
        edges = [date(2023, 12, 30) + timedelta(days=n) for n in range(66)]
        periods = [(low, high) for low in edges[::2] for high in edges[::3]]
        months, ends = self.env["sales.credit"]._split_periods(periods)
        found = {number: [] for number in range(len(periods))}
        for month, number in months:
            self.assertEqual(month.day, 1)
            after = (month + timedelta(days=31)).replace(day=1)
            found[number] += self._days_of(month, after)
        for first, after, number in ends:
            self.assertLess(first, after)
            found[number] += self._days_of(first, after)
        for number, period in enumerate(periods):
            self.assertEqual(sorted(found[number]), self._days_of(*period))

    def _days_of(self, first, after):
        return [first + timedelta(days=n) for n in range((after - first).days)]

    def test_queries_do_not_grow(self):
        few = [scope("team", self.north), scope("territory", self.east)]
        many = [
            scope(kind, records)
            for kind, records in (
                ("company", self.company),
                ("team", self.south),
                ("category", self.rare),
                ("user", self.ann),
                ("user", self.bob),
                ("dealer", self.dealer),
            )
        ]
        days = [date(2023, 1, 1) + timedelta(days=3 * n) for n in range(40)]
        counts = []
        for scopes, periods in (
            (few, [LONG]),
            (few + many, [*PERIODS, *zip(days, days[1:], strict=False)]),
        ):
            before = self.env.cr.sql_log_count
            self._sums(scopes, periods)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertGreaterEqual(*counts)
