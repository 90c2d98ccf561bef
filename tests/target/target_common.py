from datetime import date

from ..credit.test_credit_ledger import CreditCommon


class TargetCommon(CreditCommon):
    """A year by months for the company, two teams and their two reps.

    company
    ├── North: ann
    └── South: bob
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.booked = cls.env.ref("sales_process.metric_booked")
        cls.year = cls.today.year + 1
        cls.plan = cls._make_plan()

    @classmethod
    def _make_plan(cls, **values):
        values.setdefault("name", "Bookings")
        values.setdefault("metric_id", cls.booked.id)
        values.setdefault("date_from", date(cls.year, 1, 1))
        values.setdefault("date_to", date(cls.year + 1, 1, 1))
        return cls.env["sales.target.plan"].create(values)

    @classmethod
    def _target(cls, owner=None, parent=None, plan=None, month=1, amount=0.0, **values):
        """A target of one month.

        :param dict owner: such as ``{"user_id": 7}``; None for the company
        """
        plan = plan or cls.plan
        first, after = plan._periods()[month - 1]
        return cls.env["sales.target"].create(
            {
                "plan_id": plan.id,
                "parent_id": parent.id if parent else False,
                "date_from": first,
                "date_to": after,
                "amount": amount,
                **(owner or {}),
                **values,
            }
        )

    @classmethod
    def _january(cls, plan=None):
        """Targets of the first month of everybody, without amounts."""
        top = cls._target(plan=plan)
        cls.top = top
        cls.t_north, cls.t_south = (
            cls._target({"team_id": team.id}, top, plan)
            for team in (cls.north, cls.south)
        )
        cls.t_ann = cls._target({"user_id": cls.ann.id}, cls.t_north, plan)
        cls.t_bob = cls._target({"user_id": cls.bob.id}, cls.t_south, plan)
