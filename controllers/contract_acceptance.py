from odoo import http
from odoo.http import request
from odoo.tools.image import image_data_uri

from ..models.contract.sales_acceptance_answer import MAXIMUM_NAME
from .base_personal_link import PersonalLinkPage


class AcceptanceAnswers(PersonalLinkPage):
    """What a customer is asked about an instalment, and how the answer is read.

    The question is found by the secret of a mailed link (:class:`AcceptancePage`), or
    by the login of the contact who is asked, in the portal.
    """

    _link_model = "sales.acceptance"
    _link_template = "sales_process.acceptance_page"

    def _read_answer(self, values):
        name = values.get("name", "").strip()
        return {**super()._read_answer(values), "name": name}

    def _find_problem(self, answer):
        if answer["action"] not in ("accept", "refuse"):
            return "again"
        if not answer["name"]:
            return "name"
        if answer["action"] == "refuse" and not answer["note"]:
            return "note"
        return ""

    def _record(self, record, answer):
        accepted = answer["action"] == "accept"
        recorded = record._answer(
            accepted,
            answer["name"],
            "" if accepted else answer["note"],
            request.httprequest.remote_addr,
            request.httprequest.user_agent.string,
        )
        if not recorded:
            return ""
        return "accepted" if accepted else "refused"

    def _prepare_page(self, record):
        user = record.requested_by_id
        return {
            "acceptance": record,
            "photo": user.image_128 and image_data_uri(user.avatar_128),
            "maximum_name": MAXIMUM_NAME,
            "answer_path": self._get_answer_path,
            "back_path": self._get_back_path(record),
        }

    def _get_answer_path(self, key):
        """Hook: where the answer to the question found by ``key`` is sent."""
        raise NotImplementedError

    def _get_back_path(self, record):
        """Hook: where the person came from; nowhere by default."""
        return ""


class AcceptancePage(AcceptanceAnswers, http.Controller):
    """The page on which a customer accepts what an instalment is for."""

    @http.route(
        "/sales/accept/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def sales_acceptance(self, token, **_kwargs):
        """Show what was delivered, and what accepting it means."""
        return self._show(token)

    @http.route(
        "/sales/accept/<string:token>/answer",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,  # checked later, so that a lost session gets a page, not an error
        sitemap=False,
    )
    def sales_acceptance_answer(self, token, **kwargs):
        """Record the one answer: ``action`` is ``accept`` or ``refuse``."""
        return self._take(token, kwargs)

    def _get_answer_path(self, key):
        return f"/sales/accept/{key}/answer"
