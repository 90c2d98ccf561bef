from odoo import fields
from odoo.fields import Command

from ..common import DIRECTOR, LEADER
from ..credit.test_credit_ledger import CreditCommon


class StatementCommon(CreditCommon):
    """Ann sells in North, which the leader leads; Bob and the dealer in South.

    The plan pays 5 % of what is invoiced in a month, and 10 % of what lies above
    1,000.00; as the customer pays.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader = cls._make_person("statement_leader", LEADER)
        cls.director = cls._make_person("statement_director", DIRECTOR)
        cls.accountant = cls._make_person(
            "statement_accountant", "account.group_account_invoice"
        )
        cls.north.user_id = cls.leader
        cls.dealer = cls.partner_b
        cls.portal = cls._make_person("statement_portal", "base.group_portal")
        cls.portal.partner_id.parent_id = cls.dealer
        cls.first = cls.today.replace(day=1)
        cls.after = fields.Date.add(cls.first, months=1)
        cls.statements = cls.env["sales.commission.statement"].sudo()
        cls.commission = cls._make_commission()

    @classmethod
    def _make_commission(cls, brackets=((0, 5), (1000, 10)), owners=None, **values):
        """A published plan.

        :param list owners: users and dealers; Ann, Bob and the dealer by default
        """
        owners = owners or [cls.ann, cls.bob, cls.dealer]
        first = cls.first.replace(month=1)
        plan = cls.env["sales.commission.plan"].create(
            {
                "name": "Field",
                "company_id": cls.company.id,
                "metric_id": cls.env.ref("sales_process.metric_invoiced").id,
                "date_from": fields.Date.subtract(first, years=1),
                "date_to": fields.Date.add(first, years=1),
                "bracket_ids": [
                    Command.create({"lower": lower, "rate": rate})
                    for lower, rate in brackets
                ],
                "assignment_ids": [
                    Command.create(
                        {
                            "user_id"
                            if owner._name == "res.users"
                            else "partner_id": owner.id
                        }
                    )
                    for owner in owners
                ],
                **values,
            }
        )
        plan.action_publish()
        return plan

    @classmethod
    def _invoiced(cls, price=1000.0, day=None, **values):
        """A posted invoice of an order of Ann's."""
        order = cls._sold(price, **values)
        invoice = order._create_invoices()
        invoice.invoice_date = day or cls.today
        invoice.action_post()
        cls.env["sales.credit"]._write_pending()
        return invoice

    def _compute(self, back=0):
        """Work out the statements of a month, this one by default."""
        first = fields.Date.subtract(self.first, months=back)
        return self.statements._compute_statements(
            self.company, first, fields.Date.add(first, months=1)
        )

    def _of(self, owner, back=0):
        """The statement of somebody of a month."""
        name = "user_id" if owner._name == "res.users" else "partner_id"
        return self.statements.search(
            [
                (name, "=", owner.id),
                (
                    "date_from",
                    "=",
                    fields.Date.subtract(self.first, months=back),
                ),
            ]
        )

    def _confirm(self, statement):
        """Bring it all the way, each step by whom it is for."""
        statement.with_user(self.leader if statement.team_id else self.accountant)
        statement.with_user(self.accountant).action_check()
        statement.with_user(self.director).action_confirm()

    def _fresh(self, owner, windows):
        """Commission from scratch of some months, ``(earned, payable)``."""
        kind = "user" if owner._name == "res.users" else "partner"
        earned = payable = 0
        for first, after in windows:
            for result in self.env["sales.commission.plan"]._compute_commission(
                self.company, first, after, [(kind, owner.id)]
            ):
                earned += result.earned
                payable += result.payable
        return float(earned), float(payable)

    def assertComplete(self, owner, story=""):
        """What was said and what is still to be said is commission from scratch."""
        kind = "user" if owner._name == "res.users" else "partner"
        name = "user_id" if kind == "user" else "partner_id"
        said = self.statements.search([(name, "=", owner.id), ("state", "!=", "draft")])
        windows = {(s.date_from, s.date_to) for s in said}
        rows = self.statements._open_corrections(self.company, [(kind, owner.id)])
        rows = rows[kind, owner.id]
        earned = sum(said.line_ids.mapped("amount")) + float(
            sum(row["amount"] for row in rows)
        )
        payable = sum(said.line_ids.mapped("payable_amount")) + float(
            sum(row["payable_amount"] for row in rows)
        )
        fresh = self._fresh(owner, windows)
        self.assertAlmostEqual(earned, fresh[0], 2, story)
        self.assertAlmostEqual(payable, fresh[1], 2, story)
        self.assertAlmostEqual(
            sum(said.mapped("amount")), sum(said.line_ids.mapped("payable_amount")), 2
        )
