from datetime import timedelta
from decimal import Decimal

from odoo.fields import Command

from ...engine.periods import add_months
from ..target.target_common import TargetCommon


class CommissionCommon(TargetCommon):
    """Two past months of invoices without tax, at 5 % up to 1,000 and 10 % above.

    Ann sells in North, Bob in South. ``first`` begins the first month, ``second`` the
    one after it; both are over.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = add_months(cls.today.replace(day=1), -3)
        cls.second = add_months(cls.first, 1)
        cls.third = add_months(cls.first, 2)
        cls.invoiced = cls.env.ref("sales_process.metric_invoiced")
        cls.collected = cls.env.ref("sales_process.metric_collected")
        cls.commission = cls._commission_plan()
        cls._assign(cls.ann)

    @classmethod
    def _commission_plan(cls, *brackets, **values):
        """A plan of the two months.

        :param brackets: ``(lower, rate)`` or ``(lower, rate, fixed amount)``
        """
        brackets = brackets or ((0, 5), (1000, 10))
        return cls.env["sales.commission.plan"].create(
            {
                "name": "Sales",
                "metric_id": cls.invoiced.id,
                "date_from": cls.first,
                "date_to": cls.third,
                "period_type": "month",
                "payable": "earned",
                "bracket_ids": [
                    Command.create({"lower": lower, "rate": rate, "amount": sum(more)})
                    for lower, rate, *more in brackets
                ],
                **values,
            }
        )

    @classmethod
    def _assign(cls, user=None, plan=None, **values):
        return cls.env["sales.commission.assignment"].create(
            {
                "plan_id": (plan or cls.commission).id,
                "user_id": user.id if user else False,
                **values,
            }
        )

    @classmethod
    def _invoice_of(cls, amount, day=None, user=None, product=None, **values):
        """A posted invoice without tax, in the first month by default."""
        user = user or cls.ann
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.customer.id,
                "invoice_date": day or cls._day(5),
                "invoice_user_id": user.id,
                "team_id": (cls.south if user == cls.bob else cls.north).id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": (product or cls.product_a).id,
                            "quantity": 1,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        move.action_post()
        return move

    @classmethod
    def _day(cls, number, month=1):
        """A day of the first month, or of a later one."""
        return add_months(cls.first, month - 1) + timedelta(days=number - 1)

    @classmethod
    def _publish_targets(cls, owners=(), **amounts):
        """Published targets of the two months.

        :param owners: ``(person or team, amount)``
        :param amounts: the same by their name
        """
        owners = [*owners, *((getattr(cls, name), n) for name, n in amounts.items())]
        plan = cls._make_plan(
            metric_id=cls.invoiced.id, date_from=cls.first, date_to=cls.third
        )
        for owner, amount in owners:
            column = "team_id" if owner._name == "crm.team" else "user_id"
            for month in (1, 2):
                cls._target({column: owner.id}, None, plan, month, amount)
        plan.action_publish()
        return plan

    def _compute(self, plan=None, first=None, after=None, people=None, moment=None):
        self.env.flush_all()
        plan = self.commission if plan is None else plan
        return plan._compute_commission(
            self.company, first or self.first, after or self.second, people, moment
        )

    def _result(self, plan=None, user=None, **kwargs):
        """The one result of somebody, with everything that always holds checked."""
        user = user or self.ann
        [result] = self._compute(plan, people=[("user", user.id)], **kwargs)
        self.assertAddsUp(result)
        return result

    def assertAddsUp(self, result):
        unit = Decimal("0.01")
        for line in result.lines:
            for amount in (line.amount, line.payable_amount):
                self.assertEqual(amount, amount.quantize(unit))
        self.assertEqual(result.earned, sum(line.amount for line in result.lines))
        self.assertEqual(result.held, result.earned - result.payable)

    def assertEarned(self, result, earned, payable=None):
        found = (float(result.earned), float(result.payable))
        self.assertEqual(found, (earned, earned if payable is None else payable))

    def assertLines(self, result, kind, *expected):
        """Lines of a kind: ``(base, rate, amount)`` each."""
        found = [
            (float(line.base), float(line.rate), float(line.amount))
            for line in result.lines
            if line.kind == kind
        ]
        self.assertEqual(found, [tuple(map(float, row)) for row in expected])

    def _line(self, result, kind):
        [line] = [line for line in result.lines if line.kind == kind]
        return line
