from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SalesReminderRule(models.Model):
    """When a customer is reminded of an open instalment, and in which words."""

    _name = "sales.reminder.rule"
    _description = "Reminder Rule"
    _order = "days, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index="btree_not_null",
        help="Empty: for all companies that have no rule of their own for these days.",
    )
    days = fields.Integer(
        required=True,
        help="Days after the payment is due; below zero: before.",
    )
    when = fields.Char(compute="_compute_when", help="The days in words.")
    template_id = fields.Many2one(
        comodel_name="mail.template",
        string="Mail",
        required=True,
        domain="[('model', '=', 'sales.reminder')]",
        ondelete="restrict",
    )
    with_todo = fields.Boolean(
        string="To-Do for Who Collects",
        help="Besides the mail, whoever collects the money gets a to-do to call.",
    )

    _days_unique = models.UniqueIndex(
        "(COALESCE(company_id, 0), days) WHERE active IS TRUE",
        "There is a reminder for these days already. Change that one, or choose other "
        "days.",
    )

    @api.depends("days")
    @api.depends_context("lang")
    def _compute_when(self):
        for rule in self:
            days = abs(rule.days)
            if not days:
                rule.when = self.env._("On the day it is due")
            elif rule.days < 0:
                rule.when = self.env._("%s days before it is due", days)
            else:
                rule.when = self.env._("%s days after it was due", days)

    @api.constrains("template_id")
    def _check_template_id(self):
        for rule in self:
            if rule.template_id.sudo().model != "sales.reminder":  # only its model
                raise ValidationError(
                    self.env._(
                        "“%s” is not a mail for payment reminders. Choose one that "
                        "applies to “Reminder”.",
                        rule.template_id.sudo().name,  # its name alone
                    )
                )

    @api.model
    def _by_company(self, companies):
        """The rules of companies by days. A rule of their own goes before a common one.

        :return: ``{company: rules}``
        """
        rules = self.sudo().search(  # which reminders there are is no secret
            [("company_id", "in", [*companies.ids, False])]
        )
        common = {rule.days: rule for rule in rules if not rule.company_id}
        result = {}
        for company in companies:
            own = {rule.days: rule for rule in rules if rule.company_id == company}
            mine = {**common, **own}
            result[company] = self.sudo().union(  # as above
                *(mine[days] for days in sorted(mine))
            )
        return result

    def _due_on(self, today, date_due):
        """The last of these rules whose day has come for what is due on ``date_due``.

        Whoever catches up sends one reminder, not one for each day that has passed.
        """
        passed = (today - date_due).days
        return self.filtered(lambda rule: rule.days <= passed)[-1:]

    def _next_on(self, today, date_due):
        """The first of these rules whose day is still to come."""
        passed = (today - date_due).days
        return self.filtered(lambda rule: rule.days > passed)[:1]
