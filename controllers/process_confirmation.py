from odoo import http
from odoo.tools.image import image_data_uri

from .base_personal_link import PersonalLinkPage


class ConfirmationPage(PersonalLinkPage, http.Controller):
    """The page on which a buyer confirms or corrects a statement."""

    _link_model = "sales.confirmation"
    _link_template = "sales_process.confirmation_page"

    @http.route(
        "/sales/confirm/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def sales_confirmation(self, token, **_kwargs):
        """Show what the contact is asked to confirm."""
        return self._show(token)

    @http.route(
        "/sales/confirm/<string:token>/answer",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,  # checked later, so that a lost session gets a page, not an error
        sitemap=False,
    )
    def sales_confirmation_answer(self, token, **kwargs):
        """Record the one answer: ``action`` is ``confirm`` or ``correct``."""
        return self._take(token, kwargs)

    def _find_problem(self, answer):
        if answer["action"] not in ("confirm", "correct"):
            return "again"
        if answer["action"] == "correct" and not answer["note"]:
            return "note"
        return ""

    def _record(self, record, answer):
        confirmed = answer["action"] == "confirm"
        if not record._answer(confirmed, "" if confirmed else answer["note"]):
            return ""
        return "confirmed" if confirmed else "corrected"

    def _prepare_page(self, record):
        user = record.requested_by_id
        return {
            "confirmation": record,
            "photo": user.image_128 and image_data_uri(user.avatar_128),
        }
