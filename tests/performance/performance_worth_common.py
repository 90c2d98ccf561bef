from odoo.fields import Command

from ...engine.periods import add_months
from .performance_commission_common import CommissionCommon


class WorthCommon(CommissionCommon):
    """This month and the next: 5 % of what is booked up to 1,000, 8 % above.

    Ann sells in North and has booked nothing yet; what she sells costs 600 a piece.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.month = cls.today.replace(day=1)
        cls.commission.unlink()
        cls.commission = cls._worth_plan()

    @classmethod
    def _worth_plan(cls, *brackets, users=None, **values):
        plan = cls._commission_plan(
            *(brackets or ((0, 5), (1000, 8))),
            **{
                "metric_id": cls.booked.id,
                "date_from": cls.month,
                "date_to": add_months(cls.month, 2),
                **values,
            },
        )
        for user in users or [cls.ann]:
            cls._assign(user, plan)
        plan.action_publish()
        return plan

    def _replace_plan(self, *brackets, **values):
        """Another plan than that of the common set-up."""
        self._retire_plan()
        self.commission = self._worth_plan(*brackets, **values)
        return self.commission

    def _retire_plan(self):
        self.commission._decide("draft")

    @classmethod
    def _worth_deal(cls, amount=1000.0, user=None, **values):
        user = user or cls.ann
        return cls.env["crm.lead"].create(
            {
                "name": "Roof",
                "type": "opportunity",
                "user_id": user.id,
                "team_id": (cls.south if user == cls.bob else cls.north).id,
                "partner_id": cls.customer.id,
                "company_id": cls.company.id,
                "expected_revenue": amount,
                "date_deadline": cls.today,
                **values,
            }
        )

    @classmethod
    def _quoted(cls, price=1000.0, deal=None, discount=0.0, **values):
        deal = deal if deal is not None else cls.env["crm.lead"]
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "user_id": cls.ann.id,
                "team_id": cls.north.id,
                "company_id": cls.company.id,
                "opportunity_id": deal.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product_a.id,
                            "product_uom_qty": 1,
                            "price_unit": price,
                            "discount": discount,
                            "tax_ids": [Command.set(cls.tax_sale_a.ids)],
                        }
                    )
                ],
                **values,
            }
        )

    def _worth(self, record, user=None):
        """What somebody is told of a deal or a quotation; None where nothing is."""
        self.env.flush_all()
        record = record.with_user(user or self.ann)
        record.env.invalidate_all()
        return record.get_commission_worth().get(record.id)

    def assertWorth(self, record, earned, user=None, **plan):
        """What it earns, and some of what is told of its first plan."""
        found = self._worth(record, user)
        self.assertTrue(found, record.name)
        self.assertAlmostEqual(found["earned"], earned, 2)
        for name, value in plan.items():
            told = found["plans"][0]
            told = told["next"][name] if name in (told["next"] or ()) else told[name]
            self.assertEqual(told, value, name)
        return found
