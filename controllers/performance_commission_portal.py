from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.performance.sales_commission_statement_print import COMMISSION_REPORT

URL = "/my/commission"


class CommissionPortal(CustomerPortal):
    """A dealer's own statements of commission."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "commission_count" in counters:
            values["commission_count"] = self._count_commission()
        return values

    def _get_commission_domain(self):
        dealer = request.env.user.partner_id.commercial_partner_id
        return [("partner_id.commercial_partner_id", "=", dealer.id)]

    def _count_commission(self):
        statements = request.env["sales.commission.statement"]
        if not statements.has_access("read"):
            return 0
        return statements.search_count(self._get_commission_domain())

    @http.route([URL, f"{URL}/page/<int:page>"], type="http", auth="user", website=True)
    def portal_my_commission(self, page=1, **_kwargs):
        """List the statements of the dealer who is signed in."""
        total = self._count_commission()
        pager = portal_pager(url=URL, total=total, page=page, step=self._items_per_page)
        statements = request.env["sales.commission.statement"]
        if total:
            statements = statements.search(
                self._get_commission_domain(),
                limit=self._items_per_page,
                offset=pager["offset"],
            )
        values = {
            **self._prepare_portal_layout_values(),
            "statements": statements,
            "page_name": "commission",
            "pager": pager,
            "default_url": URL,
        }
        return request.render("sales_process.portal_my_commission", values)

    def _find_statement(self, statement_id):
        """A statement that this person may see.

        :return: the statement; empty for strangers
        """
        statement = request.env["sales.commission.statement"].browse(statement_id)
        return statement.exists()._filtered_access("read")

    @http.route(f"{URL}/<int:statement_id>", type="http", auth="user", website=True)
    def portal_commission(
        self, statement_id, report_type=None, download=False, message=None, **_kwargs
    ):
        """Show a statement, or print it."""
        statement = self._find_statement(statement_id)
        if not statement:
            return request.redirect("/my")
        state = request.env["ir.actions.report"].get_wkhtmltopdf_state()
        if report_type == "pdf" and state == "install":
            report_type = "html"  # readable and printable, where PDFs cannot be made
        if report_type in ("html", "pdf", "text"):
            return self._show_report(
                model=statement.sudo(),  # access is checked above
                report_type=report_type,
                report_ref=COMMISSION_REPORT,
                download=download,
            )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "commission",
            "statement": statement,
            # Checked above; names of rules and of people go with it
            "doc": statement.sudo(),
            "can_acknowledge": statement.can_acknowledge,
            "message": message,
            "res_company": statement.sudo().company_id,  # whose logo is shown
        }
        return request.render("sales_process.portal_commission_page", values)

    @http.route(
        f"{URL}/<int:statement_id>/answer",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_commission_answer(self, statement_id, question="", **_kwargs):
        """The dealer agrees, or asks about it where a question is written."""
        statement = self._find_statement(statement_id)
        if not statement:
            return request.redirect("/my")
        url = f"{URL}/{statement_id}"
        try:
            if question.strip():
                disputes = request.env["sales.commission.dispute"]
                disputes._ask(statement, statement.line_ids.browse(), question)
                return request.redirect(f"{url}?message=asked")
            statement.action_acknowledge()
        except UserError:
            return request.redirect(url)
        return request.redirect(f"{url}?message=agreed")
