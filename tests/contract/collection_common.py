from datetime import timedelta

from odoo.tests import new_test_user

from ..common import DIRECTOR, LEADER, REP
from .money_common import MoneyCommon


class CollectionCommon(MoneyCommon):
    """Customers who owe money, and the people who ask for it.

    The four rules that come with the addon are the only ones: -7, 0, +7 and +21 days.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.company"].search([]).write(
            {"sales_reminders": False, "sales_hold_mode": "none"}
        )
        cls.company.sales_reminders = True
        rules = cls.env["sales.reminder.rule"]
        cls.before, cls.due, cls.late, cls.last = (
            cls.env.ref(f"sales_process.sales_reminder_rule_{name}")
            for name in ("before", "due", "late", "last")
        )
        shipped = cls.before | cls.due | cls.late | cls.last
        (rules.search([]) - shipped).active = False
        groups = {
            "rep": REP,
            "stranger": REP,
            "leader": LEADER,
            "director": DIRECTOR,
            "accountant": "account.group_account_invoice",
            "auditor": "account.group_account_readonly",
            "manager": "account.group_account_manager",
            "employee": "base.group_user",
            "portal": "base.group_portal",
        }
        cls.people = {
            name: new_test_user(
                cls.env,
                f"sp_collect_{name}",
                group,
                name=name.title(),
                email=f"{name}@us.example",
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )
            for name, group in groups.items()
        }
        cls.team = cls.env["crm.team"].create(
            {
                "name": "North",
                "company_id": cls.company.id,
                "user_id": cls.people["leader"].id,
                "member_ids": [(6, 0, cls.people["rep"].ids)],
            }
        )
        cls.collector = cls.people["accountant"]
        cls.company.sales_collector_id = cls.collector
        cls.partner_a.write({"name": "Lumber", "email": "pay@lumber.example"})
        cls.partner_b.write({"name": "Granite", "email": "pay@granite.example"})
        for partner in cls.partner_a | cls.partner_b:
            partner.property_payment_term_id = False
            partner.lang = "en_US"

    def _owed(self, days_late, *amounts, **values):
        """The first instalment of an order, invoiced and due so many days ago."""
        values.setdefault("user_id", self.people["rep"].id)
        values.setdefault("team_id", self.team.id)
        order = self._order(*(amounts or (1150.0,)), **values)
        line = order._sorted_sales_plan()[0]
        self._bill(line, days_late)
        return line

    def _bill(self, line, days_late):
        """Post its invoice with the day it is due on."""
        due = self.today - timedelta(days=days_late)
        draft = self._invoice(line, post=False)
        draft.write(
            {"invoice_payment_term_id": False, "invoice_date": min(due, self.today)}
        )
        draft.invoice_date_due = due
        draft.action_post()
        self.env.flush_all()
        return draft

    def _run(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(
                "sales_process.ir_cron_collection"
            ).sudo().method_direct_trigger()
        self.env.invalidate_all()

    def _sent(self, lines=None):
        domain = [("line_ids.plan_line_id", "in", lines.ids)] if lines else []
        return self.env["sales.reminder"].search(domain, order="id")

    def _todos(self, kind="collection", user=None):
        domain = [
            (
                "activity_type_id",
                "=",
                self.env.ref(f"sales_process.mail_activity_type_{kind}").id,
            )
        ]
        if user:
            domain.append(("user_id", "=", user.id))
        return self.env["mail.activity"].sudo().search(domain)

    def _as(self, name, records):
        return records.with_user(self.people[name])
