from odoo.tests import tagged

from .paper_common import PaperCommon


@tagged("post_install", "-at_install")
class TestContractSpeed(PaperCommon):
    """The number of queries does not grow with the number of contracts."""

    def _orders(self, count):
        vals = self._order_vals(
            sales_plan_template_id=self.plan.id, partner_id=self.buyer.id
        )
        orders = self.env["sale.order"].create([dict(vals) for _order in range(count)])
        orders.action_confirm()
        return orders

    def _contracts(self, count, **values):
        self.company.sales_contract_type_id = self.kind
        orders = self._orders(count)
        contracts = orders._create_sales_contracts(list(orders))
        if values:
            contracts.sudo().write(values)
        return contracts

    def _count(self, function, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def assertConstant(self, function, make, sizes=(5, 10)):
        """The same number of queries for n and 2n records, on warm caches."""
        for _warm in range(2):
            self._count(function, make(2))
        counts = [self._count(function, make(size)) for size in sizes]
        self.assertEqual(*counts)
        return counts[0]

    def test_creating(self):
        self.company.sales_contract_type_id = self.kind
        self.assertConstant(
            lambda orders: orders._create_sales_contracts(list(orders)), self._orders
        )

    def test_creating_at_confirmation(self):
        self.company.sales_contract_automatic = True
        vals = self._order_vals(partner_id=self.buyer.id)

        def make(count):
            return self.env["sale.order"].create([dict(vals) for _o in range(count)])

        self.assertConstant(lambda orders: orders.action_confirm(), make)

    def test_listing(self):
        names = [
            *("name", "title", "partner_id", "type_id", "user_id", "date_end", "state"),
            *("amount_total", "amount_invoiced", "amount_collected", "amount_due"),
            *("is_overdue", "is_complete", "completeness", "amount_unagreed"),
        ]
        for user in (self.rep_user, self.leader_user, self.accountant_user):

            def read(contracts, user=user):
                mine = contracts.with_user(user)
                mine.search_fetch([("id", "in", contracts.ids)], names)
                mine.read(names)

            with self.subTest(user.name):
                self.assertConstant(read, self._contracts)

    def test_checklists_and_counts(self):
        names = ["checklist", "order_count", "invoice_count", "has_proposal"]

        def read(contracts):
            contracts.with_user(self.accountant_user).read(names)

        self.assertConstant(read, self._contracts)

    def test_finding_what_is_overdue(self):
        def find(contracts):
            contracts.with_user(self.accountant_user).search(
                [("is_overdue", "=", True)]
            )

        self.assertConstant(find, self._contracts)

    def test_steps_of_the_job(self):
        """Each of them, on contracts that it concerns."""
        today = self.company._sales_today()
        self.env["sales.contract"].search([]).sudo().write({"state": "cancelled"})
        running = {"state": "running", "date_start": "2020-01-01"}
        cases = {
            "start": {"state": "signed", "date_start": today},
            "notice": {**running, "date_end": today, "notice_months": 1},
            "end": {**running, "date_end": today, "notice_months": 0},
            "close": {**running, "date_end": "2020-12-31"},
        }
        # Those of notice are past that day already: bring them before it.
        steps = dict(
            zip(
                ("start", "notice", "end", "renew", "close", "reopen", "file"),
                self.env["sales.contract"]._daily_steps(),
                strict=True,
            )
        )
        for name in cases:
            find, act = steps[name]

            def make(count, name=name):
                contracts = self._contracts(count, **cases[name])
                if name == "notice":
                    contracts.sudo().date_end = today.replace(year=today.year + 1)
                    contracts.sudo().reminder_days = 400
                if name == "close":
                    for line in contracts.plan_line_ids.sudo():
                        line.amount_invoiced = line.amount_collected = line.amount
                return contracts

            def run(contracts, find=find, act=act):
                todo = find()
                self.assertEqual(todo & contracts, contracts)
                act(todo)

            with self.subTest(name):
                self.assertConstant(run, make)
