from odoo import api, fields, models
from odoo.tools import format_amount, format_date

MAXIMUM_NAME = 100
MAXIMUM_AGENT = 300


class SalesAcceptance(models.Model):
    """What becomes of the answer, and what page and mails show."""

    _inherit = "sales.acceptance"

    # === ANSWERING === #

    def _is_open(self):
        return super()._is_open() and self._fits_instalment()

    def _is_answered(self):
        """Also where a colleague of the contact accepted before."""
        done = self.plan_line_id.date_accepted and self.state == "revoked"
        return super()._is_answered() or bool(done)

    def _fits_instalment(self):
        """Whether the instalment still is what was asked about, and not accepted."""
        line = self.plan_line_id
        return bool(
            line
            and line._waits_for_acceptance()
            and not line.currency_id.compare_amounts(line.amount, self.amount)
        )

    def _answer(self, accepted, name, note="", ip="", user_agent=""):
        """Record what the contact answered. Works once.

        :param bool accepted: False for “not yet”
        :param str name: of the person who answers
        :param str note: why not
        :param str ip: where the answer came from
        :param str user_agent: what the browser says it is
        :return: False when the question was not open any more
        :raise ConcurrencyError: when somebody answers this very moment
        """
        return self._answer_once(
            accepted,
            {
                "answer_name": (name or "")[:MAXIMUM_NAME].strip() or self.partner_name,
                "answer_note": self._clean_note(note),
                "ip": ip,
                "user_agent": (user_agent or "")[:MAXIMUM_AGENT],
            },
        )

    def _record_answer(self, accepted, values):
        line, today = self.plan_line_id, self.company_id._sales_today()
        if accepted:
            line._set_accepted(today, self)
        self._close(
            "accepted" if accepted else "refused",
            date_answered=fields.Datetime.now(),
            date_accepted=accepted and today,
            **values,
        )
        title = self._describe_answer()
        line._note_acceptance(
            self._quote(title, self.delivered, self.answer_note),
            author_id=self.partner_id.id,
            message_type="notification",
            subtype_xmlid="mail.mt_note",
        )
        self._tell_salesperson(title)
        self._send_receipt()

    def _describe_answer(self):
        """The answer in one line."""
        values = {
            "who": self.answer_name,
            "what": self.plan_line_name,
            "amount": format_amount(self.env, self.amount, self.currency_id),
        }
        if self.state == "accepted":
            return self.env._("%(who)s accepted: %(what)s (%(amount)s)", **values)
        return self.env._(
            "%(who)s does not accept yet: %(what)s (%(amount)s)", **values
        )

    def _tell_salesperson(self, title):
        """A message at once; what was not accepted is to be done something about."""
        user = self._get_salesperson()
        if not user:
            return
        if self.state == "refused":
            self.plan_line_id._ask_salesperson(user, title, self.answer_note)
        user._bus_send(
            "simple_notification",
            {
                "title": self.order_id.display_name,
                "message": title,
                "type": "success" if self.state == "accepted" else "warning",
            },
        )

    def _get_salesperson(self):
        """Who has to know: the owner of the order, else whoever asked."""
        user = self.plan_line_id.user_id or self.requested_by_id
        return user.filtered("active")

    # === ON PAPER, AND WITHDRAWN === #

    @api.model
    def _record_document(self, line, day, note, attachments):
        """A person recorded that the customer accepted; rights are checked before.

        :param date day: of the acceptance
        :param attachments: ``ir.attachment`` of what the customer signed
        """
        row = self._create_answered(
            line,
            kind="document",
            state="accepted",
            date_accepted=day,
            answer_note=note,
            attachment_ids=attachments.ids,
        )
        # Nobody may change or delete what a row of the engine is proved by.
        attachments.sudo().write({"res_model": row._name, "res_id": row.id})
        return row

    @api.model
    def _record_withdrawal(self, line, row, reason):
        """A new row takes the acceptance ``row`` back; rights are checked before."""
        return self._create_answered(
            line,
            kind="withdrawal",
            state="revoked",
            answer_note=reason,
            withdraws_id=row.id,
        )

    @api.model
    def _create_answered(self, line, **values):
        partner, now = line.order_id.partner_id, fields.Datetime.now()
        rows = self.sudo()  # rows are the engine's, callers check rights
        return rows.create(
            {
                **self._prepare_instalment(line),
                "company_id": line.company_id.id,
                "partner_id": partner.id,
                "partner_name": partner.name or partner.display_name,
                "date_sent": now,
                "date_answered": now,
                "requested_by_id": self.env.uid,
                **values,
            }
        )

    # === EXPIRY === #

    def _tell_expired(self):
        for row in self.filtered("plan_line_id"):
            user = row._get_salesperson()
            if not user:
                continue
            local = row.with_context(lang=user.lang)
            local.plan_line_id._ask_salesperson(
                user,
                local.env._(
                    "No answer from %(who)s: %(what)s",
                    who=row.partner_name,
                    what=row.plan_line_name,
                ),
            )

    # === WHAT MAIL AND PAGE SHOW === #

    def _get_receipt_reply_to(self):
        line = self.plan_line_id
        leaders = self.env["res.users"]
        if line.team_id:
            leaders = line.team_id._sales_leaders() - line.user_id
        return self._pick_reply_to(leaders)

    def _get_delivered_html(self):
        return self._with_breaks(self.delivered or "")

    def _format_amount(self):
        return format_amount(
            self.env, self.amount, self.currency_id, lang_code=self._get_lang()
        )

    def _describe_due(self):
        """When the instalment is due if it is accepted today."""
        line, today = self.plan_line_id, self.company_id._sales_today()
        due = line._add_delay(today)
        if due == today:
            return self.env._("at once")
        day = format_date(self.env, due, lang_code=self._get_lang(), date_format="long")
        return self.env._("on %s", day)
