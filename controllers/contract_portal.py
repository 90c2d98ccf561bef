import binascii

from odoo import http
from odoo.exceptions import AccessError, LockError, MissingError, UserError
from odoo.http import request
from odoo.tools import consteq

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.contract.sales_contract_print import CONTRACT_REPORT
from .contract_acceptance import AcceptanceAnswers

HISTORY = "my_contracts_history"


class ContractPortal(CustomerPortal):
    """A customer's own contracts, with what is due and what is paid."""

    # === HOME AND LIST === #

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "contract_count" in counters:
            values["contract_count"] = self._count_contracts()
        if "contract_sign_count" in counters:
            values["contract_sign_count"] = len(self._find_contracts_to_sign())
        return values

    def _get_contracts_domain(self):
        contracts = request.env["sales.contract"]
        return contracts._portal_domain(request.env.user.partner_id)

    def _count_contracts(self):
        contracts = request.env["sales.contract"]
        if not contracts.has_access("read"):
            return 0
        return contracts.search_count(self._get_contracts_domain())

    def _find_contracts_to_sign(self):
        contracts = request.env["sales.contract"]
        if not contracts.has_access("read"):
            return contracts
        drafts = contracts.search(
            [*self._get_contracts_domain(), ("state", "=", "draft")]
        )
        # Found with the rights of the customer, judged by what only we may read.
        return drafts.sudo().filtered(lambda contract: contract._can_be_signed_online())

    def _get_contract_sortings(self):
        return {
            "date": {"label": request.env._("Newest"), "order": "id desc"},
            "end": {"label": request.env._("End"), "order": "date_end, id desc"},
            "open": {
                "label": request.env._("Open Amount"),
                "order": "amount_due desc, id desc",
            },
            "title": {"label": request.env._("Title"), "order": "title, id desc"},
        }

    @http.route(
        ["/my/contracts", "/my/contracts/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_contracts(self, page=1, sortby=None, **_kwargs):
        """List the contracts of the customer who is signed in."""
        sortings = self._get_contract_sortings()
        if sortby not in sortings:
            sortby = "date"
        total = self._count_contracts()
        pager = portal_pager(
            url="/my/contracts",
            total=total,
            page=page,
            step=self._items_per_page,
            url_args={"sortby": sortby},
        )
        contracts = request.env["sales.contract"]
        if total:
            contracts = contracts.search(
                self._get_contracts_domain(),
                order=sortings[sortby]["order"],
                limit=self._items_per_page,
                offset=pager["offset"],
            )
        request.session[HISTORY] = contracts.ids[:100]
        values = {
            **self._prepare_portal_layout_values(),
            # Found with the rights of the customer; orders and amounts go with them.
            "contracts": contracts.sudo(),
            "page_name": "contract",
            "pager": pager,
            "default_url": "/my/contracts",
            "sortby": sortby,
            "searchbar_sortings": sortings,
        }
        return request.render("sales_process.portal_my_contracts", values)

    # === ONE CONTRACT === #

    def _find_contract(self, contract_id, access_token=None):
        """The contract a person may see, by login or by the link that we sent.

        :return: the contract as the system reads it, on behalf of this person
        :raise AccessError: for strangers, and for whoever holds a link to a draft that
            was not sent
        :raise MissingError: when there is none
        """
        self._document_check_access("sales.contract", contract_id, access_token)
        contract = request.env["sales.contract"].browse(contract_id)
        if not contract.sudo()._is_shown_to_customer():  # asked before it is shown
            contract.check_access("read")
        return contract.sudo()  # checked above

    @http.route(
        "/my/contracts/<int:contract_id>", type="http", auth="public", website=True
    )
    def portal_contract(
        self,
        contract_id,
        report_type=None,
        access_token=None,
        message=None,
        download=False,
        **kwargs,
    ):
        """Show a contract, or print it."""
        try:
            contract = self._find_contract(contract_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if report_type == "pdf" and not self._can_print():
            report_type = "html"  # readable and printable, where PDFs cannot be made
        if report_type in ("html", "pdf", "text"):
            return self._show_report(
                model=contract,
                report_type=report_type,
                report_ref=CONTRACT_REPORT,
                download=download,
            )
        values = self._get_page_view_values(
            contract,
            access_token,
            self._prepare_contract_page(contract, message),
            HISTORY,
            False,
            **kwargs,
        )
        return request.render("sales_process.portal_contract_page", values)

    def _can_print(self):
        return request.env["ir.actions.report"].get_wkhtmltopdf_state() != "install"

    def _prepare_contract_page(self, contract, message):
        action = contract._get_portal_return_action()
        visitor = request.env.user.partner_id
        signer = contract.customer_signatory_id or contract.partner_id
        return {
            "page_name": "contract",
            "contract": contract,
            "message": message,
            "documents": contract._find_shared_documents(),
            "invoices": contract._find_posted_invoices(),
            "acceptances": contract._find_open_acceptances(),
            "can_sign": contract._can_be_signed_online(),
            "visitor": visitor,
            "signer": signer if request.env.user._is_public() else visitor,
            "backend_url": f"/odoo/action-{action.id}/{contract.id}",
            "res_company": contract.company_id,  # whose logo is shown
        }

    @http.route(
        "/my/contracts/<int:contract_id>/document/<int:document_id>",
        type="http",
        auth="public",
        readonly=True,
    )
    def portal_contract_document(self, contract_id, document_id, access_token=None):
        """Download a file that is meant for the customer."""
        try:
            contract = self._find_contract(contract_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        document = contract.document_ids.filtered(
            lambda d: d.is_shared and d.id == document_id
        )
        if not document:
            return request.redirect("/my")
        stream = request.env["ir.binary"]._get_stream_from(document.attachment_id)
        return stream.get_response(as_attachment=True)

    # === SIGNING === #

    @http.route(
        "/my/contracts/<int:contract_id>/sign",
        type="jsonrpc",
        auth="public",
        website=True,
    )
    def portal_contract_sign(
        self, contract_id, access_token=None, seen=None, name=None, signature=None
    ):
        """Sign a contract that was sent and lacks nothing.

        :param str seen: tells which wording the person has read
        :return: what Odoo's signature form expects: where to go, or what is wrong
        """
        query = request.httprequest.args
        access_token = access_token or query.get("access_token")
        try:
            contract = self._find_contract(contract_id, access_token)
        except (AccessError, MissingError):
            return {"error": request.env._("This contract is not open to you.")}
        problem = self._find_sign_problem(
            contract, str(seen or query.get("seen")), name, signature
        )
        if not problem:
            problem = self._sign_contract(contract, name, signature)
        if problem:
            return {"error": problem}
        return {
            "force_refresh": True,
            "redirect_url": contract.get_portal_url(query_string="&message=signed"),
        }

    def _find_sign_problem(self, contract, seen, name, signature):
        """Why this cannot be the signature of the customer; empty when it can."""
        env = request.env
        if env.user._is_internal():
            return env._(
                "Only the customer signs here. Record what you were sent on paper on "
                "the contract itself."
            )
        if not contract._can_be_signed_online():
            return env._("There is nothing to sign on this contract at the moment.")
        if not consteq(contract._fingerprint(), seen):
            return env._(
                "The contract has changed since you opened it. Load the page again and "
                "read what is new."
            )
        if not (name or "").strip():
            return env._("Please enter your name.")
        if not signature:
            return env._("Please sign in the field below your name.")
        return ""

    def _sign_contract(self, contract, name, signature):
        """Record the signature, all of it or nothing.

        :return: what went wrong, in words for the customer
        """
        try:
            with request.env.cr.savepoint():
                contract._sign(name, signature)
        except LockError:
            return request.env._("Somebody is changing the contract. Try again.")
        except (TypeError, binascii.Error):
            return request.env._("The signature could not be read. Draw it again.")
        except UserError as error:
            return str(error)
        return ""


class PortalAcceptancePage(AcceptanceAnswers, http.Controller):
    """A contact who is signed in answers without the mail with the link.

    Only the very person who was asked: the question is bound to a contact, not to
    whoever sees the contract.
    """

    @http.route(
        "/my/contracts/<int:contract_id>/accept/<int:acceptance_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def portal_acceptance(self, contract_id, acceptance_id):
        """Show what was delivered, and what accepting it means."""
        return self._show((contract_id, acceptance_id))

    @http.route(
        "/my/contracts/<int:contract_id>/accept/<int:acceptance_id>/answer",
        type="http",
        auth="user",
        methods=["POST"],
        csrf=False,  # checked later, so that a lost session gets a page, not an error
        sitemap=False,
    )
    def portal_acceptance_answer(self, contract_id, acceptance_id, **kwargs):
        """Record the one answer: ``action`` is ``accept`` or ``refuse``."""
        return self._take((contract_id, acceptance_id), kwargs)

    def _find(self, token):
        contract_id, acceptance_id = token
        rows = request.env[self._link_model].sudo()  # bound to the person who asks
        return rows.search(
            [
                ("id", "=", acceptance_id),
                ("kind", "=", "page"),
                ("partner_id", "=", request.env.user.partner_id.id),
                ("plan_line_id.contract_id", "=", contract_id),
            ]
        )

    def _get_answer_path(self, key):
        contract_id, acceptance_id = key
        return f"/my/contracts/{contract_id}/accept/{acceptance_id}/answer"

    def _get_back_path(self, record):
        contract = record.plan_line_id.contract_id
        return contract.access_url if contract else ""
