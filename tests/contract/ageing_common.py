from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from ..common import DIRECTOR, LEADER, REP
from .money_common import MoneyCommon


class AgeingCommon(MoneyCommon):
    """Orders of 1,150.00, paid 30 days after each invoice, with people around."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sale.order"].search([]).sales_plan_line_ids.unlink()
        cls.terms = cls.env["account.payment.term"].create(
            {
                "name": "30 days",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )
        cls.people = {
            name: new_test_user(
                cls.env,
                f"sp_ageing_{name}",
                group,
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )
            for name, group in {
                "rep": REP,
                "stranger": REP,
                "leader": LEADER,
                "director": DIRECTOR,
                "accountant": "account.group_account_invoice",
                "auditor": "account.group_account_readonly",
                "employee": "base.group_user",
                "portal": "base.group_portal",
            }.items()
        }
        cls.north, cls.south = cls.env["crm.team"].create(
            [
                {
                    "name": "North",
                    "company_id": cls.company.id,
                    "user_id": cls.people["leader"].id,
                    "member_ids": [(6, 0, cls.people["rep"].ids)],
                },
                {"name": "South", "company_id": cls.company.id},
            ]
        )
        cls.harbour = cls.env["crm.team"].create(
            {
                "name": "Harbour",
                "company_id": cls.company.id,
                "sales_parent_id": cls.north.id,
            }
        )
        cls.receivables = cls.env["sales.receivables"]

    @classmethod
    def _aged(cls, *parts, **values):
        """A confirmed order with instalments of ``(amount, days ago)``.

        What is left of the total is due in ten days.
        """
        values.setdefault("payment_term_id", cls.terms.id)
        values.setdefault("user_id", cls.people["rep"].id)
        values.setdefault("team_id", cls.north.id)
        rest = 1150.0 - sum(amount for amount, _days in parts)
        parts = [*parts, (rest, -10)] if rest else parts
        order = cls._order(
            *(amount for amount, _days in parts), confirm=False, **values
        )
        for line, (_amount, days) in zip(
            order._sorted_sales_plan(), parts, strict=True
        ):
            line.date_planned = cls._day(-days)
        order.action_confirm()
        return order

    @classmethod
    def _day(cls, days):
        return fields.Date.add(cls.today, days=days)

    def _invoice_on(self, line, days_ago):
        """Post the invoice of an instalment, dated some days ago."""
        move = self._invoice(line, post=False)
        move.invoice_date = self._day(-days_ago)
        move.action_post()
        return move

    def _as(self, name, model="sales.receivables"):
        return self.env[model].with_user(self.people[name])

    def _read(self, by="partner_id", user=None, **options):
        self.env.flush_all()
        model = self._as(user) if user else self.receivables
        return model.get_receivables({"by": by, **options})

    def _only(self, table):
        """The table of the only currency."""
        [currency] = table["currencies"]
        return currency
