from babel.dates import format_skeleton

from odoo import api, fields, models
from odoo.tools.misc import babel_locale_parse, get_lang

from .sales_plan_line_acceptance import ACCEPTANCE_GROUPS

ACTIONS = [
    ("invoice", "Invoice"),
    ("post", "Post the Draft"),
    ("remind", "Remind"),
    ("promise", "Wait for a Promise"),
    ("call", "Call"),
    ("wait", "Wait for the Payment"),
]


class SalesPlanLineCollection(models.Model):
    """What to do next so that the money of an instalment comes in."""

    _inherit = "sales.plan.line"

    collection_action = fields.Selection(
        selection=ACTIONS,
        string="Next Step",
        compute="_compute_collection_next",
    )
    collection_date = fields.Date(
        string="Next Step On",
        compute="_compute_collection_next",
    )
    collection_next = fields.Char(
        string="What to Do Next",
        compute="_compute_collection_next",
        groups=ACCEPTANCE_GROUPS,
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "state",
        "amount_draft",
        "amount_due",
        "amount_to_invoice",
        "date_invoice_due",
        "contract_id.no_reminders",
        "partner_id.sales_no_reminders",
        "company_id.sales_reminders",
        "promise_ids.state",
        "reminder_line_ids",
    )
    @api.depends_context("lang")
    def _compute_collection_next(self):
        """The number of queries does not depend on the number of instalments."""
        lines = self.sudo()  # what others did is told in words, on an own instalment
        rules = self.env["sales.reminder.rule"]._by_company(lines.company_id)
        today = {company: company._sales_today() for company in lines.company_id}
        sent = lines._origin._find_sent_rules()
        last = lines._origin._find_last_reminded()
        for line in lines:
            facts = {
                "today": today.get(line.company_id),
                "rules": rules.get(line.company_id),
                "sent": sent[line._origin],
                "last": last.get(line._origin),
            }
            action, day, text = line._find_collection_next(**facts)
            line.collection_action = action
            line.collection_date = day
            line.collection_next = text

    def _find_last_reminded(self):
        """The day the customer was last reminded of each of these instalments."""
        groups = self.env["sales.reminder.line"]._read_group(
            [("plan_line_id", "in", self.ids)], ["plan_line_id"], ["date:max"]
        )
        return {line: line.company_id._sales_day(moment) for line, moment in groups}

    def _find_collection_next(self, today, rules, sent, last):
        """What to do next with this instalment.

        :param today: at its company
        :param rules: the reminder rules of its company
        :param sent: those by which the customer was reminded of what is open
        :param last: the day of the last reminder
        :return: (action, day, sentence)
        """
        if not self.amount_due > 0 or not today:
            return self._next_of_invoicing(today)
        return (
            self._next_of_promise(today)
            or self._next_of_reminders(today, rules, sent)
            or self._next_of_nothing(today, last)
        )

    def _next_of_invoicing(self, today):
        if self.amount_draft:
            return "post", today, self.env._("Post the draft invoice")
        if self.state == "due":
            return "invoice", today, self.env._("Invoice it")
        return False, False, False

    def _next_of_promise(self, today):
        """What the last promise asks for, if it counts."""
        promises = self.promise_ids.filtered(lambda promise: not promise.date_withdrawn)
        promise = promises.sorted(lambda promise: (promise.date, promise.id))[-1:]
        if not promise or promise.state == "kept":
            return None
        day = self._say_day(promise.date_promised, today)
        if promise.state == "open":
            text = self.env._("Promise due %s", day)
            return "promise", promise.date_promised, text
        return "call", today, self.env._("Call: promise of %s broken", day)

    def _next_of_reminders(self, today, rules, sent):
        if (
            not self.company_id.sales_reminders
            or self.contract_id.no_reminders
            or self.partner_id.sales_no_reminders
            or not self.date_invoice_due
        ):
            return None
        if self.reminder_error:
            return "call", today, self.env._("Call: the reminder could not be sent")
        due = rules._due_on(today, self.date_invoice_due)
        if due and due not in sent:
            return "remind", today, self.env._("Remind today")
        coming = rules._next_on(today, self.date_invoice_due)
        if not coming:
            return None
        day = fields.Date.add(self.date_invoice_due, days=coming.days)
        return "remind", day, self.env._("Remind on %s", self._say_day(day, today))

    def _next_of_nothing(self, today, last):
        """What is left where no reminder is to come."""
        due = self.date_invoice_due
        if not due or due >= today:
            text = due and self.env._("Payment due %s", self._say_day(due, today))
            return "wait", due, text or self.env._("Wait for the payment")
        if last == today:
            text = self.env._("Call: last reminder sent today, nothing came")
        elif last and last >= due:
            days = (today - last).days
            text = (
                self.env._("Call: last reminder sent yesterday, nothing came")
                if days == 1
                else self.env._(
                    "Call: last reminder sent %s days ago, nothing came", days
                )
            )
        else:
            days = (today - due).days
            text = (
                self.env._("Call: 1 day late")
                if days == 1
                else self.env._("Call: %s days late", days)
            )
        return "call", today, text

    @api.model
    def _say_day(self, day, today):
        """A day as it is said, with the year only where it is another one."""
        locale = babel_locale_parse(get_lang(self.env).code)
        return format_skeleton(
            "MMMd" if day.year == today.year else "yMMMd", day, locale=locale
        )
