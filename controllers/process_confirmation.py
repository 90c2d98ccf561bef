import logging
import re

from odoo import http
from odoo.http import request
from odoo.tools.image import image_data_uri

from ..models.process.sales_confirmation_answer import MAXIMUM_NOTE

# A link is a secret and these pages show what was agreed with whom.
HEADERS = [
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex, nofollow"),
    ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "frame-ancestors 'none'; base-uri 'none'"),
]
LINK = re.compile(r"(/sales/confirm/)[^/?#\s\"']+")


class HideLinks(logging.Filter):
    """Keep the secret part of a link out of the log of requests."""

    def filter(self, record):
        message = record.getMessage()
        if "/sales/confirm/" in message:
            record.msg, record.args = LINK.sub(r"\1***", message), ()
        return True


logging.getLogger("werkzeug").addFilter(HideLinks())


class ConfirmationPage(http.Controller):
    """The plain page behind a personal link: no login, one answer.

    Opening it changes nothing, since mail scanners and previews open links too.
    """

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
        confirmation = self._find(token)
        if not confirmation._is_open():
            return self._closed_page(confirmation)
        return self._page(confirmation, "ask", token=token)

    @http.route(
        "/sales/confirm/<string:token>/answer",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,  # checked below, so that a lost session gets a page, not an error
        sitemap=False,
    )
    def sales_confirmation_answer(self, token, action="", note="", **kwargs):
        """Record the one answer: ``action`` is ``confirm`` or ``correct``."""
        confirmation = self._find(token)
        if not confirmation._is_open():
            return self._closed_page(confirmation)
        if request.env.user._is_internal():
            return self._page(confirmation, "ask", status=403, token=token)
        note = note.strip()
        problem = self._find_problem(action, note, kwargs.get("csrf_token"))
        if problem:
            return self._page(
                confirmation, "ask", status=400, token=token, note=note, problem=problem
            )
        confirmed = action == "confirm"
        if not confirmation._answer(confirmed, "" if confirmed else note):
            return self._closed_page(confirmation)
        return self._page(confirmation, "confirmed" if confirmed else "corrected")

    def _find(self, token):
        requests = request.env["sales.confirmation"].sudo()  # the link is the key
        return requests._find(token)

    def _find_problem(self, action, note, csrf_token):
        """What keeps the answer from being recorded; a key of the template."""
        if action not in ("confirm", "correct") or not request.validate_csrf(
            csrf_token
        ):
            return "again"
        if action == "correct" and not note:
            return "note"
        return ""

    def _closed_page(self, confirmation):
        """Friendly, and the same for links that are unknown, expired or withdrawn."""
        if confirmation.state in ("confirmed", "corrected"):
            return self._page(confirmation, "answered")
        status = 410 if confirmation else 404
        return self._page(confirmation.browse(), "closed", status=status)

    def _page(self, confirmation, page, status=200, **values):
        lang = confirmation._get_lang() if confirmation else request.env.lang
        confirmation = confirmation.with_context(lang=lang)
        user = confirmation.requested_by_id
        views = request.env["ir.ui.view"].with_context(lang=lang)
        html = views._render_template(
            "sales_process.confirmation_page",
            {
                "confirmation": confirmation,
                "company": confirmation.company_id,
                "colors": confirmation._get_colors() if confirmation else None,
                "photo": user.image_128 and image_data_uri(user.avatar_128),
                "page": page,
                "internal": request.env.user._is_internal(),
                "maximum_note": MAXIMUM_NOTE,
                "html_data": self._html_data(lang),
                **values,
            },
        )
        return request.make_response(html, headers=HEADERS, status=status)

    def _html_data(self, lang):
        language = request.env["res.lang"]._get_data(code=lang)
        return {
            "lang": (lang or "en").replace("_", "-"),
            "dir": language.direction or "ltr",
        }
