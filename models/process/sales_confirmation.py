from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.sales_personal_link import DEFAULT_DAYS


class SalesConfirmation(models.Model):
    """The buyer is asked to confirm a statement through a personal link.

    A request binds one contact, one deal and one exit criterion to a personal link. The
    answer becomes evidence on the word of the customer.

    ``_request`` checks, mails and notes; the public page hands the answer to
    ``_answer``, once (see ``sales_confirmation_answer``).
    """

    _name = "sales.confirmation"
    _description = "Confirmation by the Buyer"
    _inherit = ["sales.personal.link"]
    _order = "id desc"

    _link_path = "/sales/confirm/"
    _link_mail = "sales_process.confirmation_mail_ask"
    _receipt_mail = "sales_process.confirmation_mail_receipt"
    _withdrawn_state = "cancelled"
    _answered_states = ("confirmed", "corrected")

    lead_id = fields.Many2one(
        comodel_name="crm.lead",
        string="Deal",
        readonly=True,
        index=True,
        ondelete="set null",
    )
    criterion_id = fields.Many2one(
        comodel_name="sales.process.criterion",
        string="Exit Criterion",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    criterion_key = fields.Char(required=True, readonly=True)
    email = fields.Char(required=True)
    date_expiry = fields.Datetime(required=True)
    token_digest = fields.Char(required=True)
    statement = fields.Text(required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ("sent", "Asked"),
            ("confirmed", "Confirmed"),
            ("corrected", "Corrected"),
            ("expired", "Expired"),
            ("cancelled", "Withdrawn"),
        ],
        required=True,
        default="sent",
        readonly=True,
        index=True,
    )
    answer_note = fields.Text(string="What the Buyer Wrote", readonly=True)
    evidence_id = fields.Many2one(
        comodel_name="sales.evidence",
        readonly=True,
        ondelete="set null",
    )

    _token_uniq = models.UniqueIndex("(token_digest)", "This link exists already.")
    _open_idx = models.Index("(lead_id, criterion_key) WHERE state = 'sent'")
    _expiry_idx = models.Index("(date_expiry) WHERE state = 'sent'")

    # === COMPUTE METHODS === #

    @api.depends("criterion_id", "partner_name")
    def _compute_display_name(self):
        for request in self:
            request.display_name = (
                f"{request.criterion_id.name} · {request.partner_name}"
            )

    # === ACTION METHODS === #

    def action_cancel(self):
        """Withdraw open requests; their links stop working."""
        for request in self:
            request.check_access("read")
            request.lead_id.check_access("write")
            if request.state != "sent":
                raise UserError(
                    self.env._(
                        "“%s” is no longer open, so there is nothing to withdraw.",
                        request.display_name,
                    )
                )
        self._cancel()
        return True

    def action_ask_again(self):
        """Send the same question with a fresh link."""
        self.ensure_one()
        self.check_access("read")
        return self.lead_id._sales_dialog(
            self.env._("Ask the Buyer to Confirm"),
            "sales.confirmation.send",
            default_lead_id=self.lead_id.id,
            default_criterion_id=self.criterion_id.id,
            default_partner_id=self.partner_id.id,
            default_statement=self.statement,
        )

    # === ASKING === #

    @api.model
    def _request(self, lead, criterion, partner, statement, days=DEFAULT_DAYS):
        """Ask ``partner`` by mail to confirm ``statement``.

        An open request for the same deal, criterion and contact is withdrawn.

        :param lead: the deal, which the current user has to be allowed to change
        :param str statement: what is confirmed, in the language of the contact
        :param int days: for how long the link works
        :return: the request
        :raise UserError: when it cannot be asked, with what to do about it
        """
        statement = (statement or "").strip()
        lead.check_access("write")
        partner.check_access("read")
        message = self._request_error_message(lead, criterion, partner)
        if not message and not statement:
            message = self.env._("Write what the buyer is asked to confirm.")
        message = message or self._days_error_message(days)
        if message:
            raise UserError(message)
        self._find_open(lead, criterion, partner)._cancel()
        token = self._new_token()
        requests = self.sudo()  # rights on the deal are checked; rows are the engine's
        request = requests.create(
            self._prepare_request(lead, criterion, partner, statement, days, token)
        )
        request._mail_link(token)
        request.sudo(False)._note_request()
        return request.sudo(False)

    def _prepare_request(self, lead, criterion, partner, statement, days, token):
        company = lead.company_id or self.env.company
        return {
            **self._prepare_link(company, partner, days, token),
            "lead_id": lead.id,
            "criterion_id": criterion.id,
            "criterion_key": criterion.key,
            "statement": statement,
        }

    @api.model
    def _request_error_message(self, lead, criterion, partner):
        """Why ``partner`` cannot be asked; empty when he can."""
        if "customer" not in (criterion.kind, criterion.verifier):
            return self.env._("“%s” is not confirmed by the buyer.", criterion.name)
        if criterion.process_id.family_id != lead.sales_process_id.family_id:
            return self.env._(
                "“%(criterion)s” is not asked in the process of “%(deal)s”.",
                criterion=criterion.name,
                deal=lead.name,
            )
        if partner not in lead._sales_buyers(partner):
            return self.env._(
                "%(contact)s is neither a contact of the customer of “%(deal)s” nor in "
                "its buying committee. Add the person there first.",
                contact=partner.display_name,
                deal=lead.name,
            )
        return self._address_error_message(partner)

    def _note_request(self):
        """Tell on the deal what was asked, without the link."""
        self.ensure_one()
        self.lead_id.message_post(
            body=self._quote(
                self.env._(
                    "Confirmation asked from %(contact)s (%(email)s):",
                    contact=self.partner_name,
                    email=self.email,
                ),
                self.statement,
            )
        )

    @api.model
    def _find_open(self, lead, criterion, partner):
        return self.sudo().search(  # also what a colleague asked about this deal
            [
                ("lead_id", "=", lead.id),
                ("criterion_key", "=", criterion.key),
                ("partner_id", "=", partner.id),
                ("state", "=", "sent"),
            ]
        )
