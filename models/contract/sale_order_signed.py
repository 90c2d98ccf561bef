from datetime import timedelta

from odoo import models

from .sales_contract_print import QUOTATION_REPORT


class SaleOrder(models.Model):
    """The signed quotation, for the contract."""

    _inherit = "sale.order"

    def _find_unfiled_quotations(self):
        """Of these orders, the signed ones whose quotation was not filed yet."""
        signed = self.filtered("signed_on")
        if not signed:
            return signed
        documents = self.env["sales.contract.document"].sudo()  # whoever filed it
        filed = documents.search([("order_id", "in", signed.ids)]).order_id
        return signed - filed.with_env(self.env)

    def _find_signed_files(self):
        """The files that Odoo kept in the chatter when quotations were signed online.

        :return: ``{order: attachment}`` for those that have one
        """
        files = self.env["ir.attachment"].sudo()  # of orders that were checked
        found = files.search(
            [
                ("res_model", "=", "sale.order"),
                ("res_id", "in", self.ids),
                ("mimetype", "in", ("application/pdf", "text/html")),
            ],
            order="id",
        )
        result = {}
        for order in self:
            result.update(
                (order, file)
                for file in found
                if file.res_id == order.id
                and file.name.startswith(order.name)
                # Sent ones have the same name, but came before.
                and file.create_date >= order.signed_on - timedelta(seconds=5)
            )
        return result

    def _prepare_signed_document(self, name, content):
        """Values of the document that the signed quotation is of the contract.

        :param str name: of the file
        :param bytes content: of the file
        """
        self.ensure_one()
        return {
            "contract_id": self.sales_contract_id.id,
            "order_id": self.id,
            "name": name,
            "raw": content,
            "sales_document_category": "quotation",
            "date": self.company_id._sales_day(self.signed_on),
        }

    def _file_signed_quotation(self):
        """Print the signed quotation and file it."""
        self.ensure_one()
        documents = self.env["sales.contract.document"].sudo()  # filed by the system
        documents.create(
            self._prepare_signed_document(
                *self.env["sales.contract"]._render_file(
                    QUOTATION_REPORT, self.id, self._get_report_base_filename()
                )
            )
        )
