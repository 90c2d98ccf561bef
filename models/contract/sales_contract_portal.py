import hashlib

from odoo import api, models
from odoo.fields import Domain

from .sales_contract_checklist import SIGNED_CATEGORY


def values_of(records, *names):
    """Values of fields, record by record, in an order that stays."""
    return [[record[name] for name in names] for record in records.sorted("id")]


class SalesContract(models.Model):
    """What a customer sees of a contract, and may do with it, in the portal."""

    _inherit = "sales.contract"

    # === WHAT CUSTOMERS SEE === #

    @api.model
    def _portal_domain(self, partner):
        """Contracts of the customer behind ``partner`` that we sent or they signed."""
        company = partner.commercial_partner_id
        return Domain("partner_id", "child_of", company.ids) & (
            Domain("date_signed", "!=", False) | Domain("date_sent", "!=", False)
        )

    def _is_shown_to_customer(self):
        """Nobody outside sees a draft that was never sent, whatever link they hold."""
        self.ensure_one()
        return bool(self.date_signed or self.date_sent)

    def _find_shared_documents(self):
        """The latest files that are meant for the customer."""
        return self.document_ids.filtered(lambda d: d.is_shared and d.is_latest)

    def _find_posted_invoices(self):
        """Invoices and credit notes that the customer got, newest first."""
        moves = self._find_invoices().sudo()  # theirs, with the contract
        moves = moves.filtered(lambda move: move.state == "posted")
        return moves.sorted(lambda move: (move.invoice_date, move.id), reverse=True)

    def _find_open_acceptances(self):
        """What the customer is asked to accept.

        :return: a dict of the open ``sales.acceptance`` by instalment, the oldest first
        """
        rows = self.env["sales.acceptance"]._find_open(self.plan_line_ids)
        rows = rows.filtered(lambda row: row._is_open()).sorted("id")
        return rows.grouped("plan_line_id")

    # === SIGNING ON THE PAGE === #

    def _can_be_signed_online(self):
        """Whether the customer can sign on the page now."""
        return bool(self.date_sent) and self._is_ready_to_sign()

    def _is_ready_to_sign(self):
        """Whether the customer can sign on the page once the contract is sent.

        As for quotations, a company decides whether people sign online.
        """
        self.ensure_one()
        return bool(
            self.state == "draft"
            and self.company_id.portal_confirmation_sign
            and not self._find_signing_problem((SIGNED_CATEGORY,))
        )

    def _fingerprint(self):
        """Tells whether the contract still is what somebody read.

        :return: a text that differs when anything differs that both sides agree on
        """
        self.ensure_one()
        orders = self.order_ids.filtered(lambda o: o.state != "cancel").sorted("id")
        lines = orders.order_line.filtered(lambda line: not line.is_downpayment)
        clauses = self.clause_ids
        parts = [
            self.commercial_partner_id.id,
            values_of(self, "title", "terms", "date_start", "date_end"),
            values_of(self, "notice_months", "renewal"),
            values_of(orders, "amount_untaxed", "amount_total"),
            values_of(lines, "name", "product_uom_qty", "price_subtotal"),
            values_of(self.plan_line_ids, "name", "amount", "date_planned"),
            values_of(self.plan_line_ids, "trigger", "delay_months", "delay_days"),
            values_of(clauses, "name", "text", "deviation"),
        ]
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    # === FOR COLLEAGUES === #

    def action_preview(self):
        """Show the contract as the customer sees it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "target": "self",
            "url": self.get_portal_url(),
        }

    def _get_portal_return_action(self):
        """The list that “Back to edit mode” leads to."""
        return self.env.ref("sales_process.sales_contract_action")
