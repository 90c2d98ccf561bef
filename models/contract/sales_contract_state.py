from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .sales_contract_checklist import SIGNED_CATEGORY

# From which state a contract may come into which other. Guard, buttons and the text of
# the refusal are all made of this. ``closed`` opens again when a payment is taken back.
TRANSITIONS = {
    "draft": ("signed", "cancelled"),
    "signed": ("running", "cancelled"),
    "running": ("closed", "cancelled"),
    "closed": ("running",),
    "cancelled": (),
}


class SalesContract(models.Model):
    """The states of a contract, and who may bring it into which."""

    _inherit = "sales.contract"

    next_states = fields.Char(
        compute="_compute_next_states",
        help="For the buttons: the states that can follow.",
    )

    @api.depends("state")
    def _compute_next_states(self):
        for contract in self:
            contract.next_states = ",".join(TRANSITIONS.get(contract.state, ()))

    def _check_transition(self, target):
        """:raise UserError: for contracts that cannot come into this state"""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for contract in self:
            if target in TRANSITIONS[contract.state]:
                continue
            raise UserError(
                self.env._(
                    "%(contract)s is “%(state)s” and cannot become “%(target)s”. What "
                    "can follow: %(next)s.",
                    contract=contract.name,
                    state=labels[contract.state],
                    target=labels[target],
                    next=", ".join(labels[s] for s in TRANSITIONS[contract.state])
                    or self.env._("nothing"),
                )
            )

    def _move_to(self, target, **values):
        """Bring contracts into another state; the only way there is.

        :param values: what else is recorded with it
        """
        self._check_transition(target)
        self.sudo().write({"state": target, **values})  # recorded by the system
        self.flush_recordset(["state"])  # unique indexes look at it

    # === SIGNATURE === #

    def action_record_signature(self):
        """Ask who signed and when, and for the signed document."""
        self.ensure_one()
        self._check_signable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Record the Signature"),
            "res_model": "sales.contract.sign",
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_id": self.id},
        }

    def _check_signable(self, provided=(SIGNED_CATEGORY,)):
        """:raise UserError: naming all that is missing, or the state it is in"""
        self.check_access("write")
        self._check_transition("signed")
        problem = self._find_signing_problem(provided)
        if problem:
            raise UserError(problem)

    def _sign(self, name, signature=None, date=None, document=None):
        """Record that the customer signed; callers check who may say so.

        Instalments that wait for the signature become due by it.

        :param str name: who signed
        :param signature: the drawn signature, base64; None for one on paper
        :param date date: when; today at the company by default
        :param document: values of the signed ``sales.contract.document``: ``name`` and
            ``datas``. Without it a drawn signature is printed into the contract.
        :raise UserError: when it cannot be signed, naming all that is missing
        """
        self.ensure_one()
        self.lock_for_update()  # the customer and a colleague at the same moment
        self.invalidate_recordset(["state"])
        provided = (SIGNED_CATEGORY,) if signature or document else ()
        self._check_signable(provided)
        name = (name or "").strip()
        if not name:
            raise UserError(self.env._("Say who signed."))
        today = self.company_id._sales_today()
        date = fields.Date.to_date(date) or today
        if date > today:
            raise UserError(
                self.env._("Nobody signs in the future. Choose today or a day before.")
            )
        self._move_to(
            "signed",
            signed_by=name,
            signature=signature or False,
            date_signed=date,
            amount_signed=self.amount_total,
        )
        self._file_signature(document, printed=bool(signature))
        return True

    def _file_signature(self, document, printed):
        """Keep what was signed and tell those who follow."""
        file = self.env["sales.contract.document"]
        if printed and not document:
            title, content = self._print()
            document = {"name": title, "raw": content}
        if document:
            file = file.sudo().create(  # the customer signs without rights on files
                {
                    **document,
                    "contract_id": self.id,
                    "sales_document_category": SIGNED_CATEGORY,
                    "date": self.date_signed,
                }
            )
        author = self.env.user.partner_id
        if self.env.user._is_public():
            author = self.customer_signatory_id or self.partner_id
        contract = self.sudo()  # a customer may not post, but has signed
        contract.message_post(
            body=self.env._(
                "Signed by %(name)s on %(date)s.",
                name=self.signed_by,
                date=format_date(self.env, self.date_signed),
            ),
            author_id=author.id,
            attachment_ids=file.attachment_id.ids,
            subtype_xmlid="mail.mt_comment",
        )

    def _sign_by_quotation(self):
        """Sign contracts whose quotations were signed, where the type says so.

        One that lacks something stays a draft; its checklist says what.
        """
        for contract in self.filtered("type_id.sign_by_quotation"):
            orders = contract.order_ids
            if not orders or not all(o.signed_on and o.signed_by for o in orders):
                continue
            if contract._find_signing_problem((SIGNED_CATEGORY,)):
                continue
            last = orders.sorted("signed_on")[-1]
            contract._move_to(
                "signed",
                signed_by=last.signed_by,
                signature=last.signature,
                date_signed=contract.company_id._sales_day(last.signed_on),
                amount_signed=contract.amount_total,
            )

    # === CANCELLATION === #

    def action_cancel(self):
        """Ask why the contract is called off."""
        self.ensure_one()
        self._check_cancellable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel the Contract"),
            "res_model": "sales.contract.cancel",
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_id": self.id},
        }

    def _check_cancellable(self):
        """:raise UserError: while invoices are open, naming them"""
        self.check_access("write")
        self._check_transition("cancelled")
        for contract in self:
            invoices = contract._find_open_invoices()
            if invoices:
                raise UserError(
                    self.env._(
                        "%(contract)s has open invoices: %(invoices)s. Collect, credit "
                        "or delete them first.",
                        contract=contract.name,
                        invoices=", ".join(
                            move.name or self.env._("a draft") for move in invoices
                        ),
                    )
                )

    def _find_open_invoices(self):
        """Invoices that are drafts or not paid."""
        moves = self._find_invoices().sudo()  # whoever cancels need not see them
        return moves.filtered(
            lambda move: (
                move.state == "draft"
                or (
                    move.state == "posted"
                    and not move.currency_id.is_zero(move.amount_residual)
                )
            )
        )

    def _cancel(self, reason):
        """Call these contracts off. Their orders stay as they are.

        :param str reason: why, kept with the contract
        """
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the contract is cancelled."))
        self._check_cancellable()
        self._move_to("cancelled", cancel_reason=reason)
        self._forget_reminders()
        for contract in self:
            contract.message_post(
                body=self.env._("Cancelled. Reason: %s", reason),
                # A note: the customer reads the page of the contract, not our reasons.
                subtype_xmlid="mail.mt_note",
                partner_ids=(contract.user_id | contract.collector_id).partner_id.ids,
            )

    # === END === #

    def _is_settled(self):
        """Whether everything is invoiced and nothing is open."""
        self.ensure_one()
        compare = self.currency_id.compare_amounts
        for order in self.order_ids:  # filtered() would read each by itself
            if order.state != "sale":
                continue
            lines = order.sales_plan_line_ids
            if lines:
                invoiced = sum(lines.mapped("amount_invoiced"))
                if compare(invoiced, order.amount_total) < 0 or any(
                    compare(line.amount_due, 0.0) for line in lines
                ):
                    return False
            elif compare(order.amount_total, 0.0) > 0 and (
                order.invoice_status != "invoiced"
                or any(
                    move.state == "posted" and compare(move.amount_residual, 0.0)
                    for move in order.invoice_ids
                )
            ):
                return False
        return True
