from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, LockError, UserError
from odoo.tools import format_date, plaintext2html

# Who sees what was asked and answered; customers see what came of it.
ACCEPTANCE_GROUPS = (
    "sales_process.group_rep,account.group_account_invoice,"
    "account.group_account_readonly"
)
# Who may take an acceptance back that was wrong.
WITHDRAW_GROUPS = "sales_process.group_leader,account.group_account_invoice"


class SalesPlanLine(models.Model):
    """Instalments that wait until the customer accepts what they are for.

    Either a contact is asked and answers on a page, or a person records it with the
    document; ``sales.acceptance`` keeps who said what.
    """

    _inherit = "sales.plan.line"

    acceptance_ids = fields.One2many(
        comodel_name="sales.acceptance",
        inverse_name="plan_line_id",
        string="Acceptances",
        readonly=True,
        groups=ACCEPTANCE_GROUPS,
    )
    acceptance_count = fields.Integer(
        compute="_compute_acceptance", groups=ACCEPTANCE_GROUPS
    )
    acceptance_pending = fields.Boolean(
        compute="_compute_acceptance_pending",
        help="It waits for the customer's acceptance.",
    )
    acceptance_text = fields.Char(
        string="Acceptance",
        compute="_compute_acceptance",
        groups=ACCEPTANCE_GROUPS,
        help="Whom we asked and what they said, last.",
    )

    # === COMPUTE METHODS === #

    @api.depends("trigger", "order_state", "date_accepted")
    def _compute_acceptance_pending(self):
        for line in self:
            line.acceptance_pending = line._waits_for_acceptance()

    @api.depends("acceptance_ids.state", "acceptance_ids.delivery_failed")
    @api.depends_context("lang", "uid")
    def _compute_acceptance(self):
        for line in self:
            rows = line.acceptance_ids
            last = max(rows, key=lambda row: row._origin.id, default=rows)
            line.acceptance_count = len(rows)
            line.acceptance_text = bool(last) and line._describe_acceptance(last)

    def _describe_acceptance(self, row):
        """The last thing that happened, in a few words."""
        values = {
            "who": row.answer_name or row.partner_name,
            "by": row.requested_by_id.name,
            "day": format_date(
                self.env,
                row.company_id._sales_day(row.date_answered or row.date_sent),
            ),
            "note": row.answer_note or "",
        }
        if row.kind == "withdrawal":
            return self.env._("Withdrawn by %(by)s on %(day)s: %(note)s", **values)
        if row.kind == "document":
            return self.env._("Recorded by %(by)s on %(day)s", **values)
        if row.state == "sent" and row.delivery_failed:
            return self.env._("The mail to %(who)s could not be delivered", **values)
        return {
            "sent": self.env._("%(who)s was asked on %(day)s", **values),
            "accepted": self.env._("%(who)s accepted on %(day)s", **values),
            "refused": self.env._("%(who)s, not yet: %(note)s", **values),
            "expired": self.env._("%(who)s did not answer", **values),
            "revoked": self.env._("The question to %(who)s was withdrawn", **values),
        }[row.state]

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if {"amount", "percent", "trigger"} & vals.keys():
            self._drop_outdated_questions()
        return result

    # === ACTION METHODS === #

    def action_ask_acceptance(self):
        """Choose the contact who is asked, and what they are told."""
        self.ensure_one()
        return self._open_acceptance_dialog()

    def action_accept(self):
        """Ask for the day and the document with which the customer accepted."""
        self.ensure_one()
        self.check_access("write")
        self._check_can_accept()
        return self.env["sales.plan.event"]._open("acceptance", line_id=self.id)

    def action_withdraw_acceptance(self):
        """Ask why the customer did not accept after all."""
        self.ensure_one()
        self._check_can_withdraw()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Withdraw the Acceptance"),
            "res_model": "sales.acceptance.withdraw",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_id": self.id},
        }

    def action_view_acceptances(self):
        """Everything that was asked and said about these instalments."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_acceptance_action"
        )
        action["domain"] = [("plan_line_id", "in", self.ids)]
        action["context"] = {}
        return action

    def _open_acceptance_dialog(self, **context):
        self.ensure_one()
        self.check_access("write")
        self._check_can_accept()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for Acceptance"),
            "res_model": "sales.acceptance.ask",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_id": self.id, **context},
        }

    # === ACCEPTING === #

    def _waits_for_acceptance(self):
        self.ensure_one()
        return (
            self.trigger == "acceptance"
            and self.order_state == "sale"
            and not self.date_accepted
        )

    def _check_can_accept(self):
        """:raise UserError: unless it waits for the customer's acceptance"""
        for line in self:
            if line.date_accepted:
                raise UserError(
                    self.env._(
                        "“%(line)s” was accepted on %(day)s. There is nothing to do.",
                        line=line.name,
                        day=format_date(self.env, line.date_accepted),
                    )
                )
            if not line._waits_for_acceptance():
                raise UserError(
                    self.env._(
                        "“%s” does not wait for acceptance. Confirm the order and let "
                        "the instalment wait for acceptance first.",
                        line.name,
                    )
                )

    def _accept(self, day, note="", attachments=None):
        """Record an acceptance on paper; callers check who may say so.

        :param date day: when the customer accepted
        :param str note: what was said, kept with the instalment
        :param attachments: ``ir.attachment`` with the signed document
        """
        self._lock_acceptance()
        self._check_can_accept()
        attachments = attachments or self.env["ir.attachment"]
        for line in self:
            row = line.acceptance_ids._record_document(line, day, note, attachments)
            line._set_accepted(day, row)
            line._note_acceptance(
                self.env["sales.acceptance"]._quote(
                    self.env._(
                        "“%(line)s” was accepted by the customer on %(day)s.",
                        line=line.name,
                        day=format_date(self.env, day),
                    ),
                    note,
                ),
                attachment_ids=attachments.ids,
            )

    def _set_accepted(self, day, row):
        """From ``day`` on it counts as accepted; ``row`` says why.

        Other contacts who were asked about it have nothing to answer any more.
        """
        self._lock_acceptance()
        (self.acceptance_ids._find_open(self) - row)._cancel()
        self.sudo().date_accepted = day  # only the engine sets it

    def _lock_acceptance(self):
        """One acceptance at a time.

        :raise ConcurrencyError: when somebody else is at it; the web layer tries again
        """
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise ConcurrencyError(str(error)) from error
        self.invalidate_recordset(["date_accepted"])

    def _note_acceptance(self, body, attachment_ids=(), **post):
        """Tell it on the instalment, its order and its contract."""
        for line in self.sudo():  # whoever may accept may say so; the author stays
            line.message_post(body=body, attachment_ids=list(attachment_ids), **post)
            for record in filter(None, (line.order_id, line.contract_id)):
                record.message_post(body=body, **post)

    def _ask_salesperson(self, user, title, note=""):
        """Put a to-do on the desk of the salesperson."""
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=title,
            note=plaintext2html(note or ""),
            user_id=user.id,
        )

    # === WHO CAN BE ASKED === #

    def _find_acceptors(self, partners=None):
        """Contacts of the customer.

        :param partners: look among these only; everybody with an address by default
        """
        self.ensure_one()
        order = self.order_id
        named = order.partner_id | order.partner_invoice_id | order.partner_shipping_id
        company = order.partner_id.commercial_partner_id
        if partners is None:
            partners = named | named.search(
                [("commercial_partner_id", "=", company.id), ("email", "!=", False)]
            )
            partners = partners.filtered("email")
        return partners.filtered(
            lambda p: p in named or p.commercial_partner_id == company
        )

    def _default_acceptor(self):
        """Whom to ask: the contact of the order, else a person there, else anybody."""
        self.ensure_one()
        people = self._find_acceptors()
        contact = self.order_id.partner_id
        if contact in people and not contact.is_company:
            return contact
        return people.filtered(lambda p: not p.is_company)[:1] or people[:1]

    def _describe_delivered(self):
        """What the order has delivered, line by line, in the language of the context.

        Where nobody keeps quantities, everything that was ordered.
        """
        self.ensure_one()
        lang = self.env["res.lang"]._lang_get(self.env.lang or "en_US")
        lines = self.order_id._sales_deliverable_lines()
        delivered = lines.filtered("qty_delivered")
        texts = []
        for line in delivered or lines:
            quantity = line.qty_delivered if delivered else line.product_uom_qty
            product = line.product_id.with_context(lang=self.env.lang)
            unit = line.product_uom_id.with_context(lang=self.env.lang)
            texts.append(
                self.env._(
                    "%(quantity)s %(unit)s %(product)s",
                    quantity=lang.format("%.12g", quantity, grouping=True),
                    unit=unit.name,
                    product=product.name,
                )
            )
        return "\n".join(texts) or self.order_id.name

    # === NO LONGER === #

    def _drop_outdated_questions(self):
        """Nobody shall accept another amount than the instalment now has."""
        rows = self.env["sales.acceptance"]._find_open(self)
        for row in rows.filtered(lambda row: not row._fits_instalment()):
            row._cancel()
            row.plan_line_id._note_acceptance(
                self.env._(
                    "“%(line)s” has changed, so the question to %(contact)s was "
                    "withdrawn. Ask again.",
                    line=row.plan_line_name,
                    contact=row.partner_name,
                )
            )

    def _check_can_withdraw(self):
        """:raise AccessError: for others than leaders and accountants
        :raise UserError: where there is nothing to withdraw, or it has an invoice
        """
        self.check_access("write")
        if not self.env.su and not self.env.user.has_groups(WITHDRAW_GROUPS):
            raise AccessError(
                self.env._(
                    "Only team leaders and accountants withdraw an acceptance. Ask one "
                    "of them."
                )
            )
        for line in self:
            if not line.date_accepted:
                raise UserError(
                    self.env._(
                        "“%s” is not accepted, so there is nothing to withdraw.",
                        line.name,
                    )
                )
            if line._is_invoiced():
                raise UserError(
                    self.env._(
                        "“%s” is invoiced because it was accepted. Credit the invoice "
                        "first.",
                        line.name,
                    )
                )

    def _withdraw_acceptance(self, reason):
        """The instalment waits again.

        :param str reason: kept with the acceptance, which stays on record
        """
        self.ensure_one()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the acceptance does not count."))
        self._lock_acceptance()
        self._check_can_withdraw()
        rows = self.sudo().acceptance_ids  # rights are checked; rows are the engine's
        row = rows.filtered(lambda r: r.state == "accepted" and not r.withdrawal_ids)
        self.env["sales.acceptance"]._record_withdrawal(self, row[:1], reason)
        day = format_date(self.env, self.date_accepted)
        self.sudo().date_accepted = False  # only the engine sets it
        self._note_acceptance(
            row._quote(
                self.env._(
                    "Acceptance of “%(line)s” of %(day)s withdrawn.",
                    line=self.name,
                    day=day,
                ),
                reason,
            )
        )
