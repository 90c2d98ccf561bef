from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class SalesPlanLineReminder(models.Model):
    """Customers are reminded of open instalments, at most once by each rule."""

    _inherit = "sales.plan.line"

    collector_id = fields.Many2one(
        comodel_name="res.users",
        string="Collects",
        compute="_compute_collector_id",
        store=True,
        index="btree_not_null",
        help="Who asks the customer for the money: as the contract says, else the "
        "company, else the salesperson.",
    )
    reminder_line_ids = fields.One2many(
        comodel_name="sales.reminder.line",
        inverse_name="plan_line_id",
        string="Reminders Sent",
        readonly=True,
    )
    reminder_count = fields.Integer(compute="_compute_reminder_count")
    reminder_error = fields.Text(
        string="Not Reminded Because",
        readonly=True,
        copy=False,
        help="Why the last reminder could not be sent.",
    )
    date_reminder_tried = fields.Date(
        string="Reminder Tried On",
        readonly=True,
        copy=False,
        help="The last day the daily job tried to remind the customer and could not.",
    )

    # === COMPUTE METHODS === #

    @api.depends("contract_id.collector_id", "company_id.sales_collector_id", "user_id")
    def _compute_collector_id(self):
        for line in self:
            line.collector_id = (
                line.contract_id.collector_id
                or line.company_id.sales_collector_id
                or line.user_id
            )

    @api.depends("reminder_line_ids")
    def _compute_reminder_count(self):
        counts = dict(
            self.env["sales.reminder.line"]._read_group(
                [("plan_line_id", "in", self.ids)], ["plan_line_id"], ["__count"]
            )
        )
        for line in self:
            line.reminder_count = counts.get(line._origin, 0)

    # === ACTIONS === #

    def action_remind(self):
        """Show the mails that remind of these instalments, to be sent now.

        :raise UserError: where nothing is open
        """
        self._check_may_collect()
        lines = self._filter_open()
        wizard = self.env["sales.reminder.send"].create(
            {"plan_line_ids": [fields.Command.set(lines.ids)]}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Remind Now"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_view_reminders(self):
        """Open the reminders of these instalments."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_reminder_action"
        )
        action["domain"] = [("line_ids.plan_line_id", "in", self.ids)]
        action["context"] = {}
        return action

    def _check_may_collect(self):
        """Whoever may change an instalment may ask the customer for its money."""
        self.check_access("write")

    def _filter_open(self):
        """:raise UserError: where nothing of these instalments is open"""
        lines = self.filtered(lambda line: line.amount_due > 0)
        if not lines:
            raise UserError(
                self.env._(
                    "Nothing is open here: what is invoiced is paid. Invoice what is "
                    "due first."
                )
            )
        return lines

    # === WHO IS REMINDED OF WHAT === #

    @api.model
    def _find_to_remind(self):
        """Instalments the customer has to be reminded of today, each with its rule.

        :return: ``{instalment: rule}``
        """
        companies = self.env["res.company"].search([("sales_reminders", "=", True)])
        rules = self.env["sales.reminder.rule"]._by_company(companies)
        domains = [
            self._reminder_domain(company, rules[company])
            for company in companies
            if rules[company]
        ]
        lines = (
            self.search(Domain.OR(domains), order="id") if domains else self.browse()
        )
        return lines._find_due_rules(rules)

    @api.model
    def _reminder_domain(self, company, rules):
        """Of what the customers of a company may have to be reminded today."""
        today = company._sales_today()
        first = fields.Date.subtract(today, days=min(rules.mapped("days")))
        return Domain(
            [
                ("company_id", "=", company.id),
                ("amount_due", ">", 0),
                ("date_invoice_due", "<=", first),
                ("partner_id.sales_no_reminders", "=", False),
                "|",
                ("contract_id", "=", False),
                ("contract_id.no_reminders", "=", False),
                "|",
                ("date_reminder_tried", "=", False),
                ("date_reminder_tried", "<", today),
                ("promise_ids", "not any", [("state", "=", "open")]),
            ]
        )

    def _find_due_rules(self, rules, sent=None):
        """The rule by which each of these instalments is to be reminded of today.

        :param dict rules: of each company
        :return: ``{instalment: rule}``, without those that had their reminder
        """
        sent = self._find_sent_rules() if sent is None else sent
        today = {company: company._sales_today() for company in self.company_id}
        result = {}
        for line in self.filtered("date_invoice_due"):
            company = line.company_id
            rule = rules[company]._due_on(today[company], line.date_invoice_due)
            if rule and rule not in sent[line]:
                result[line] = rule
        return result

    def _find_sent_rules(self):
        """The rules by which a reminder was sent of what is open now.

        :return: ``{instalment: rules}``
        """
        sent = defaultdict(self.env["sales.reminder.rule"].browse)
        logged = self.env["sales.reminder.line"].sudo()  # so that nothing is sent twice
        for line in logged.search(
            [("plan_line_id", "in", self.ids), ("rule_id", "!=", False)]
        ):
            if line.date_due == line.plan_line_id.date_invoice_due:
                sent[line.plan_line_id] |= line.rule_id
        return sent

    def _group_by_address(self):
        """One group for each mail.

        :return: ``{(company, address, language): instalments}``
        """
        groups = defaultdict(self.browse)
        for line in self:
            address = line.order_id.partner_invoice_id or line.partner_id
            lang = address.lang or line.company_id.partner_id.lang
            groups[line.company_id, address, lang] |= line
        return groups

    @api.model
    def _find_address_problem(self, address):
        """Why nobody can be reminded at an address; empty if somebody can."""
        if address.sales_no_reminders:
            return self.env._(
                "“No Reminders” is set on %s. Call, or change that on the contact.",
                address.display_name,
            )
        if not address.email_normalized:
            return self.env._(
                "%s has no valid e-mail address. Enter one on the contact, or call.",
                address.display_name,
            )
        return ""

    # === BY HAND === #

    def _find_due_by_day(self):
        """The latest rule whose day has come, sent or not, of each instalment."""
        rules = self.env["sales.reminder.rule"]._by_company(self.company_id)
        return self._find_due_rules(rules, sent=defaultdict(set))

    def _remind_by_hand(self, rule):
        """Send the mail of a rule now. It stands for the one due by rule, if any.

        :param rule: the rule whose mail is sent
        :return: the reminders
        """
        self._check_may_collect()
        lines = self._filter_open()
        rules = self.env["sales.reminder.rule"]._by_company(lines.company_id)
        due = lines._find_due_rules(rules)
        return lines._send_reminders(due, template_rule=rule, user=self.env.user)

    def _preview_reminder(self, rule):
        """The body of the mail that these instalments would be reminded of in.

        :param rule: the rule whose mail is shown
        """
        self.check_access("read")
        lines = self.sudo()  # as it will be sent
        vals_list = lines._prepare_reminders({}, rule)
        reminder = lines.env["sales.reminder"].new(vals_list[0])
        template = rule.sudo().template_id  # its words are sent anyway
        return template._render_field("body_html", [reminder.id], compute_lang=True)[
            reminder.id
        ]

    # === SENDING === #

    def _send_reminders(self, rules, template_rule=None, user=None):
        """Send one mail for each address, company and language, and log it.

        Callers checked who may, and that the addresses can be written to.

        :param dict rules: the rule each instalment is reminded of by; none for those
            that had their reminder by rule
        :param template_rule: the rule whose mail is sent; by default the latest
        :param user: who sends them by hand; none for the daily job
        :return: the reminders
        """
        lines = self.sudo()  # recorded by the system
        reminders = lines.env["sales.reminder"].create(
            lines._prepare_reminders(rules, template_rule, user)
        )
        reminders._send()
        lines._after_reminded(reminders)
        return reminders

    def _prepare_reminders(self, rules, template_rule=None, user=None):
        """Values of the reminders, see :meth:`_send_reminders`."""
        moves = self._find_open_invoices()
        nobody = self.env["sales.reminder.rule"]
        return [
            {
                "company_id": company.id,
                "partner_id": address.id,
                "commercial_partner_id": address.commercial_partner_id.id,
                "lang": lang,
                "email": address.email_normalized,
                "rule_id": (template_rule or owed._latest_rule(rules)).id,
                "collector_id": owed.collector_id[:1].id,
                "user_id": user and user.id,
                "date": fields.Datetime.now(),
                "line_ids": [
                    fields.Command.create(
                        {
                            "rule_id": rules.get(line, nobody).id,
                            "plan_line_id": line.id,
                            "move_id": moves[line].id,
                            "date_due": line.date_invoice_due
                            or line.company_id._sales_today(),
                            "amount": line.amount_due,
                            "currency_id": line.currency_id.id,
                        }
                    )
                    for line in owed
                ],
            }
            for (company, address, lang), owed in self._group_by_address().items()
        ]

    def _latest_rule(self, rules):
        """Of the rules of these instalments, the one with the most days."""
        found = self.env["sales.reminder.rule"].union(*(rules[line] for line in self))
        return found.sorted("days")[-1:]

    def _find_open_invoices(self):
        """The invoice of each instalment that is open and due first.

        :return: ``{instalment: invoice}``, an empty one where there is none
        """
        result = {}
        for line in self:
            moves = line.invoice_ids.filtered(
                lambda move: (
                    move.state == "posted"
                    and move.move_type != "out_refund"
                    and move.amount_residual > 0
                )
            )
            result[line] = moves.sorted(
                lambda move: (move.invoice_date_due or move.date, move.id)
            )[:1]
        return result

    def _after_reminded(self, reminders):
        """Say so on the instalments, and put to-dos on the desks the rules name."""
        failed = self.filtered("reminder_error")
        failed.write({"reminder_error": False, "date_reminder_tried": False})
        bodies, todos = {}, []
        for reminder in reminders:
            for line in reminder.line_ids.plan_line_id:
                bodies[line.id] = self.env._(
                    "Reminder sent to %(email)s: %(rule)s",
                    email=reminder.email,
                    rule=reminder.rule_id.name,
                )
            if reminder.rule_id.with_todo and reminder.collector_id:
                todos.append(reminder)
        self._message_log_batch(bodies)
        self._create_todos(
            (
                reminder.line_ids[:1].plan_line_id,
                reminder.collector_id,
                lambda env, reminder=reminder: env._(
                    "Call %(customer)s: “%(rule)s” was sent for %(total)s",
                    customer=reminder.commercial_partner_id.name,
                    rule=reminder.rule_id.name,
                    total=reminder._format_total(env),
                ),
            )
            for reminder in todos
        )

    @api.model
    def _create_todos(self, todos):
        """Put to-dos on people's desks, all at once and without a mail for each.

        :param todos: ``(instalment, user, summary in the language of an environment)``
        """
        activity_type = self.env.ref("sales_process.mail_activity_type_collection")
        model_id = self.env["ir.model"]._get_id(self._name)
        todos = list(todos)
        # An activity reads the name of its record by itself: have all of them at hand.
        self.sudo().union(*(line for line, *_rest in todos)).mapped("display_name")
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        activities.sudo().create(  # to-dos for colleagues
            [
                {
                    "activity_type_id": activity_type.id,
                    "automated": True,
                    "date_deadline": line.company_id._sales_today(),
                    "res_id": line.id,
                    "res_model_id": model_id,
                    "summary": summary(self.with_context(lang=user.lang).env),
                    "user_id": user.id,
                }
                for line, user, summary in todos
                if user
            ]
        )

    # === RIGHTS === #

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | {
            "collector_id",
            "reminder_line_ids",
            "reminder_error",
            "date_reminder_tried",
        }
