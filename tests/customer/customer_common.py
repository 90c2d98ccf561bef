from odoo.fields import Command
from odoo.tests import freeze_time

from ..common import SalesProcessCommon

# A Saturday; the window of 12 months begins on 2023-06-16.
NOW = "2024-06-15 12:00:00"


class CustomerCommon(SalesProcessCommon):
    """Customers of a company of their own, whose invoices a test posts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls._create_company("Seller")
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.seller.ids)
        )
        for name in ("seller", "customer", "buyer"):
            setattr(cls, name, getattr(cls, name).with_env(cls.env))
        people = cls.rep_user | cls.leader_user | cls.director_user
        people |= cls.accountant_user | cls.portal_user | cls.designer_user
        people.write(
            {
                "company_ids": [Command.link(cls.seller.id)],
                "company_id": cls.seller.id,
            }
        )

    @classmethod
    def _create_company(cls, name):
        """A company in UTC that can post invoices."""
        company = cls.env["res.company"].create(
            {"name": name, "currency_id": cls.env.ref("base.USD").id}
        )
        company.resource_calendar_id.tz = "UTC"
        cls.env.user.company_ids |= company
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=company, install_demo=False
        )
        return company

    @classmethod
    def _customer(cls, name, **values):
        return cls.env["res.partner"].create(
            {"name": name, "is_company": True, **values}
        )

    @classmethod
    def _invoice(cls, partner, amount, day, *, kind="out_invoice", post=True, **values):
        """An invoice without taxes, with the given date."""
        line = {"name": "Work", "price_unit": amount, "tax_ids": [Command.clear()]}
        company = values.pop("company", cls.seller)
        line |= values.pop("line", {})
        move = (
            cls.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": kind,
                    "partner_id": partner.id,
                    "invoice_date": day,
                    "invoice_line_ids": [Command.create(line)],
                    **values,
                }
            )
        )
        if post:
            move.action_post()
        return move

    def _judge(self, moment=NOW, company=None):
        with freeze_time(moment):
            counts = (company or self.seller)._sales_judge_customers()
        self.env.invalidate_all()
        return counts

    def _classes(self, partners):
        return [partner.sales_customer_class for partner in partners]
