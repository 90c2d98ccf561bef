from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount

from ..base.sales_personal_link import DEFAULT_DAYS

# Where somebody answered from: kept as proof, shown to those who may need it.
PROOF_GROUPS = (
    "sales_process.group_leader,account.group_account_invoice,"
    "account.group_account_readonly"
)


class SalesAcceptance(models.Model):
    """What a customer said about the acceptance of an instalment, and how we know.

    Three kinds of rows: a contact is asked through a personal link and answers on a
    page; a person records an acceptance on paper with the document; and an acceptance
    that was wrong is withdrawn. Rows are written by the engine alone, and never again
    once they are answered: a withdrawal is a row of its own.

    ``_request`` asks; ``sales_acceptance_answer`` has what becomes of it, and
    ``sales_plan_line_acceptance`` what it does to the instalment.
    """

    _name = "sales.acceptance"
    _description = "Acceptance by the Customer"
    _inherit = ["sales.personal.link"]
    _order = "id desc"

    _link_path = "/sales/accept/"
    _link_mail = "sales_process.acceptance_mail_ask"
    _receipt_mail = "sales_process.acceptance_mail_receipt"
    _withdrawn_state = "revoked"
    _answered_states = ("accepted", "refused")

    kind = fields.Selection(
        selection=[
            ("page", "Asked Online"),
            ("document", "Document"),
            ("withdrawal", "Withdrawal"),
        ],
        required=True,
        default="page",
        readonly=True,
    )
    plan_line_id = fields.Many2one(
        comodel_name="sales.plan.line",
        string="Instalment",
        readonly=True,
        index=True,
        ondelete="set null",
    )
    plan_line_name = fields.Char(
        string="Name of the Instalment", required=True, readonly=True
    )
    order_id = fields.Many2one(
        comodel_name="sale.order", readonly=True, index=True, ondelete="set null"
    )
    contract_id = fields.Many2one(related="plan_line_id.contract_id")
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True
    )
    amount = fields.Monetary(
        required=True, readonly=True, help="Of the instalment, as it was then."
    )
    delivered = fields.Text(
        string="What Was Delivered",
        readonly=True,
        help="As the customer was told when asked.",
    )
    state = fields.Selection(
        selection=[
            ("sent", "Asked"),
            ("accepted", "Accepted"),
            ("refused", "Not Accepted"),
            ("expired", "Expired"),
            ("revoked", "Withdrawn"),
        ],
        required=True,
        default="sent",
        readonly=True,
        index=True,
    )
    date_accepted = fields.Date(string="Accepted On", readonly=True)
    answer_name = fields.Char(
        string="Answered by", readonly=True, help="The name the person entered."
    )
    answer_note = fields.Text(string="Remark", readonly=True)
    ip = fields.Char(string="IP Address", readonly=True, groups=PROOF_GROUPS)
    user_agent = fields.Char(string="Browser", readonly=True, groups=PROOF_GROUPS)
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment", string="Documents", readonly=True, copy=False
    )
    withdraws_id = fields.Many2one(
        comodel_name="sales.acceptance",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    withdrawal_ids = fields.One2many(
        comodel_name="sales.acceptance", inverse_name="withdraws_id", readonly=True
    )

    _token_uniq = models.UniqueIndex("(token_digest)", "This link exists already.")
    _expiry_idx = models.Index("(date_expiry) WHERE state = 'sent'")
    _withdraws_uniq = models.UniqueIndex(
        "(withdraws_id)", "This acceptance is withdrawn already."
    )

    # === COMPUTE METHODS === #

    @api.depends("plan_line_name", "partner_name")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.plan_line_name} · {row.partner_name}"

    # === CRUD METHODS === #

    def write(self, vals):
        """Not even the engine changes what was answered."""
        if any(row.state != "sent" for row in self):
            raise AccessError(
                self.env._("What was said about an acceptance stays as it is.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_answered(self):
        if any(row.state != "sent" for row in self):
            raise UserError(
                self.env._("What was said about an acceptance stays on record.")
            )

    # === ACTION METHODS === #

    def action_cancel(self):
        """Withdraw open questions; their links stop working."""
        for row in self:
            row.check_access("read")
            row.plan_line_id.check_access("write")
            if row.state != "sent":
                raise UserError(
                    self.env._(
                        "“%s” is no longer open, so there is nothing to withdraw.",
                        row.display_name,
                    )
                )
        self._cancel()
        return True

    def action_ask_again(self):
        """Ask the same with a fresh link."""
        self.ensure_one()
        self.check_access("read")
        return self.plan_line_id._open_acceptance_dialog(
            default_partner_id=self.partner_id.id, default_delivered=self.delivered
        )

    # === ASKING === #

    @api.model
    def _request(self, line, partner, delivered, days=DEFAULT_DAYS):
        """Ask ``partner`` by mail to accept what an instalment was for.

        An open question to the same contact about the same instalment is withdrawn.

        :param line: the instalment, which the current user has to be allowed to change
        :param str delivered: what is accepted, in the language of the contact
        :param int days: for how long the link works
        :return: the question
        :raise UserError: when it cannot be asked, with what to do about it
        """
        delivered = (delivered or "").strip()
        line.check_access("write")
        partner.check_access("read")
        line._check_can_accept()
        message = self._request_error_message(line, partner)
        if not message and not delivered:
            message = self.env._("Write what was delivered, so the customer knows.")
        message = message or self._days_error_message(days)
        if message:
            raise UserError(message)
        rows = self.sudo()  # rights on the instalment are checked above
        rows._find_open(line).filtered(lambda r: r.partner_id == partner)._cancel()
        token = self._new_token()
        row = rows.create(
            {
                **self._prepare_link(line.company_id, partner, days, token),
                **self._prepare_instalment(line),
                "delivered": delivered,
            }
        )
        row._mail_link(token)
        line._note_acceptance(
            self._quote(
                self.env._(
                    "Acceptance of “%(line)s” (%(amount)s) asked from %(contact)s "
                    "(%(email)s):",
                    line=line.name,
                    amount=format_amount(self.env, line.amount, line.currency_id),
                    contact=row.partner_name,
                    email=row.email,
                ),
                delivered,
            )
        )
        return row.sudo(False)

    @api.model
    def _request_error_message(self, line, partner):
        """Why ``partner`` cannot be asked; empty when they can."""
        if partner not in line._find_acceptors(partner):
            return self.env._(
                "%(contact)s is not a contact of %(customer)s. Add the person there "
                "first.",
                contact=partner.display_name,
                customer=line.order_id.partner_id.commercial_partner_id.display_name,
            )
        return self._address_error_message(partner)

    @api.model
    def _prepare_instalment(self, line):
        """What a row keeps of its instalment, however that changes."""
        return {
            "plan_line_id": line.id,
            "plan_line_name": line.name,
            "order_id": line.order_id.id,
            "currency_id": line.currency_id.id,
            "amount": line.amount,
        }

    @api.model
    def _find_open(self, lines):
        """Questions about these instalments that wait for an answer, whoever asked."""
        rows = self.sudo()  # rights on the instalments are what counts
        return rows.search([("plan_line_id", "in", lines.ids), ("state", "=", "sent")])
