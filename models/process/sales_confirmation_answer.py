from odoo import fields, models
from odoo.tools import plaintext2html


class SalesConfirmation(models.Model):
    """What becomes of the answer, and what page and mails show."""

    _inherit = "sales.confirmation"

    # === ANSWERING === #

    def _is_open(self):
        return super()._is_open() and bool(self.lead_id)

    def _answer(self, confirmed, note=""):
        """Record what the contact answered. Works once.

        :param bool confirmed: False when the contact corrects the statement
        :param str note: what the contact wrote
        :return: False when the request was not open any more
        :raise ConcurrencyError: when somebody answers this very moment
        """
        return self._answer_once(confirmed, self._clean_note(note))

    def _record_answer(self, confirmed, note):
        evidence = self.env["sales.evidence"].create(
            self._prepare_evidence(confirmed, note)
        )
        self._close(
            "confirmed" if confirmed else "corrected",
            date_answered=fields.Datetime.now(),
            answer_note=note,
            evidence_id=evidence.id,
        )
        self._tell_salesperson(confirmed, note)
        self._send_receipt()

    def _prepare_evidence(self, confirmed, note):
        lines = [f"{self.partner_name} <{self.email}>", self.statement]
        if note:
            lines.append(self.env._("Wrote: %s", note))
        values = {
            "level": "customer",
            "partner_id": self.partner_id.id,
            "submitted_by_id": self.requested_by_id.id,
            "verified_by_id": False,
            "note": "\n".join(lines),
            "res_model": self._name,
            "res_id": self.id,
        }
        if not confirmed:
            values |= {"reject_reason": note, "date_expiry": False}
        return self.lead_id._sales_evidence_vals(
            self.criterion_id,
            "verified" if confirmed else "rejected",
            "buyer",
            **values,
        )

    def _tell_salesperson(self, confirmed, note):
        """Note the answer on the deal and on the desk of the salesperson."""
        who, what = self.partner_name, self.criterion_id.name
        if confirmed:
            title = self.env._("%(who)s confirmed: %(what)s", who=who, what=what)
        else:
            title = self.env._("%(who)s corrects: %(what)s", who=who, what=what)
        self.lead_id.message_post(
            body=self._quote(title, self.statement, note),
            author_id=self.partner_id.id,
            message_type="notification",
            subtype_xmlid="mail.mt_note",
        )
        user = self._get_salesperson()
        if user:
            self.lead_id._sales_request(user, title, note=plaintext2html(note or ""))
            user._bus_send(
                "simple_notification",
                {
                    "title": self.lead_id.name,
                    "message": title,
                    "type": "success" if confirmed else "warning",
                },
            )

    def _get_salesperson(self):
        """Who has to know: the owner of the deal, else whoever asked."""
        user = self.lead_id.user_id or self.requested_by_id
        return user.filtered("active")

    # === EXPIRY === #

    def _tell_expired(self):
        for request in self.filtered("lead_id.active"):
            user = request._get_salesperson()
            if user:
                request = request.with_context(lang=user.lang)
                request.lead_id._sales_request(
                    user,
                    self.with_context(lang=user.lang).env._(
                        "No answer from %(who)s: %(what)s",
                        who=request.partner_name,
                        what=request.criterion_id.name,
                    ),
                )

    # === WHAT MAIL AND PAGE SHOW === #

    def _get_receipt_reply_to(self):
        """Where a contact who never answered can say so: not the salesperson."""
        return self._pick_reply_to(
            self.lead_id._sales_verifier() - self.lead_id.user_id
        )

    def _get_statement_html(self):
        return self._with_breaks(self.statement)
