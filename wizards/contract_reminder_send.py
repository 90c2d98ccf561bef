from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesReminderSend(models.TransientModel):
    """Shows the reminders of some instalments before they are sent by hand."""

    _name = "sales.reminder.send"
    _description = "Remind Now"

    plan_line_ids = fields.Many2many(
        comodel_name="sales.plan.line", string="Instalments", readonly=True
    )
    rule_id = fields.Many2one(
        comodel_name="sales.reminder.rule",
        string="Mail",
        compute="_compute_rule_id",
        store=True,
        readonly=False,
        precompute=True,
        help="The words of this reminder are sent.",
    )
    rule_ids = fields.Many2many(
        comodel_name="sales.reminder.rule", compute="_compute_rule_ids"
    )
    mail_count = fields.Integer(compute="_compute_mails")
    summary = fields.Char(compute="_compute_mails")
    problem = fields.Text(compute="_compute_mails")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    # === COMPUTE METHODS === #

    @api.depends("plan_line_ids")
    def _compute_rule_ids(self):
        rules = self.env["sales.reminder.rule"]
        for wizard in self:
            by_company = rules._by_company(wizard.plan_line_ids.company_id)
            wizard.rule_ids = rules.union(*by_company.values())

    @api.depends("plan_line_ids")
    def _compute_rule_id(self):
        """What the daily job would send today, else the first reminder."""
        for wizard in self:
            lines = wizard.plan_line_ids
            due = lines._find_due_by_day()
            wizard.rule_id = lines._latest_rule(due) if due else wizard.rule_ids[:1]

    @api.depends("plan_line_ids")
    def _compute_mails(self):
        for wizard in self:
            groups, problems = wizard._split()
            promised = wizard.plan_line_ids.promise_ids.filtered(
                lambda promise: promise.state == "open"
            )
            problems += [
                self.env._("Promised and not due yet: %s", promise.display_name)
                for promise in promised
            ]
            wizard.mail_count = len(groups)
            wizard.problem = "\n".join(problems)
            wizard.summary = ", ".join(
                f"{address.display_name} ({address.email_normalized})"
                for _company, address, _lang in groups
            )

    @api.depends("plan_line_ids", "rule_id")
    def _compute_preview(self):
        """The first of the mails, as it will be."""
        for wizard in self:
            groups, _problems = wizard._split()
            wizard.preview = Markup()
            if groups and wizard.rule_id:
                lines = next(iter(groups.values()))
                wizard.preview = lines._preview_reminder(wizard.rule_id)

    # === ACTIONS === #

    def action_send(self):
        """Send the mails.

        :raise UserError: where nobody can be written to
        """
        self.ensure_one()
        self.plan_line_ids._check_may_collect()
        groups, problems = self._split()
        if not groups:
            raise UserError("\n".join(problems))
        lines = self.plan_line_ids.browse().union(*groups.values())
        reminders = lines._remind_by_hand(self.rule_id)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "On its way to: %s", ", ".join(reminders.mapped("email"))
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # === BUSINESS METHODS === #

    def _split(self):
        """Which mails can be sent, and why others cannot.

        :return: (groups as of ``_group_by_address``, sentences)
        """
        groups, problems = {}, []
        lines = self.plan_line_ids
        barred = lines.filtered("contract_id.no_reminders")
        problems += [
            self.env._(
                "“No Reminders” is set on the contract %s.", contract.display_name
            )
            for contract in barred.contract_id
        ]
        for key, owed in (lines - barred)._group_by_address().items():
            problem = lines._find_address_problem(key[1])
            if problem:
                problems.append(problem)
            else:
                groups[key] = owed
        return groups, problems
