import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

CONTRACT_REPORT = "sales_process.action_report_contract"
QUOTATION_REPORT = "sale.action_report_saleorder"


class SalesContract(models.Model):
    """The contract on paper: printed, sent, and the quotation it began with."""

    _inherit = "sales.contract"

    # === SENDING === #

    def action_send(self):
        """Write to the customer, with the contract attached."""
        self.ensure_one()
        self.check_access("write")
        template = self.env.ref(
            "sales_process.mail_template_contract", raise_if_not_found=False
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": template and template.id,
                "default_composition_mode": "comment",
                "default_email_layout_xmlid": (
                    "mail.mail_notification_layout_with_responsible_signature"
                ),
                "mark_contract_as_sent": True,
                "force_email": True,
            },
        }

    def message_post(self, **kwargs):
        if self.env.context.get("mark_contract_as_sent"):
            self.check_access("write")
            unsent = self.filtered(lambda c: c.state == "draft" and not c.date_sent)
            unsent.sudo().date_sent = fields.Datetime.now()  # recorded by the system
        return super().message_post(**kwargs)

    # === PRINTING === #

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.env._("Contract %s", self.name.replace("/", "-"))

    def _get_lang(self):
        """The customer's language, as far as it is installed."""
        self.ensure_one()
        installed = dict(self.env["res.lang"].get_installed())
        lang = self.partner_id.lang
        return lang if lang in installed else self.env.lang

    def _print(self):
        """The contract as a file.

        :return: ``(name, content)``
        """
        self.ensure_one()
        return self._render_file(
            CONTRACT_REPORT, self.id, self._get_report_base_filename()
        )

    @api.model
    def _render_file(self, report_ref, record_id, name):
        """Print a record; as a web page where the server cannot make PDFs.

        What was signed is kept in any case.
        """
        self.env.flush_all()  # the program that makes PDFs reads with its own eyes
        reports = self.env["ir.actions.report"].sudo()  # checked by whoever calls
        try:
            content, kind = reports._render_qweb_pdf(report_ref, [record_id])
        except UserError as error:
            _logger.warning("%s is kept as a web page: %s", name, error)
            content, kind = reports._render_qweb_html(report_ref, [record_id])
        return f"{name.replace('/', '-')}.{kind}", content

    # === THE SIGNED QUOTATION === #

    def _file_signed_quotations(self):
        """File the quotations that were signed online as first documents.

        Odoo keeps the signed file in the chatter of the order. Where it is not there
        (yet: the order is confirmed a moment before), the job prints it.
        """
        orders = self.order_ids._find_unfiled_quotations()
        if not orders:
            return
        files = orders._find_signed_files()
        self.env["sales.contract.document"].sudo().create(  # filed by the system
            [
                order._prepare_signed_document(files[order].name, files[order].raw)
                for order in orders
                if order in files
            ]
        )
        if len(files) < len(orders):
            self.env.ref("sales_process.ir_cron_contracts")._trigger()

    @api.model
    def _unfiled_quotations_domain(self):
        """Signed orders whose quotation is no document of their contract yet."""
        documents = self.env["sales.contract.document"].sudo()  # of all contracts
        filed = documents._search([("order_id", "!=", False)])
        return (
            Domain("sales_contract_id", "!=", False)
            & Domain("signed_on", "!=", False)
            & Domain("id", "not in", filed.subselect("order_id"))
        )
