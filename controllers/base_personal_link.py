import logging
import re
import time

from odoo.http import request

from ..engine.guess_rate import GuessRate, origin_of
from ..models.base.sales_personal_link_answer import MAXIMUM_NOTE

# A link is a secret and these pages show what was agreed with whom.
HEADERS = [
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex, nofollow"),
    ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "frame-ancestors 'none'; base-uri 'none'"),
]
LINK = re.compile(r"(/sales/(?:confirm|accept|wall)/)[^/?#\s\"']+")
# Nobody but a machine opens so many links that do not exist.
GUESSES = GuessRate(limit=20, seconds=60)


class HideLinks(logging.Filter):
    """Keep the secret part of a link out of the log of requests."""

    def filter(self, record):
        message = record.getMessage()
        if LINK.search(message):
            record.msg, record.args = LINK.sub(r"\1***", message), ()
        return True


logging.getLogger("werkzeug").addFilter(HideLinks())


def html_data(env, lang):
    """Attributes of a page in a language."""
    language = env["res.lang"]._get_data(code=lang)
    return {
        "lang": (lang or "en").replace("_", "-"),
        "dir": language.direction or "ltr",
    }


class PersonalLinkPage:
    """What the plain pages behind personal links share: no login, one answer.

    Opening such a page changes nothing, since mail scanners and previews open links
    too. A page names model and template, shows the question with :meth:`_show` and
    takes the answer with :meth:`_take`.
    """

    _link_model = ""
    _link_template = ""

    def _show(self, token):
        """The question, or why there is none."""
        record = self._find(token)
        if not record._is_open():
            return self._closed_page(record)
        return self._page(record, "ask", token=token)

    def _take(self, token, values):
        """Record the one answer.

        :param dict values: what was sent
        :return: the page that says thank you, or what is wrong
        """
        record = self._find(token)
        if not record._is_open():
            return self._closed_page(record)
        if request.env.user._is_internal():
            return self._page(record, "ask", status=403, token=token)
        answer = self._read_answer(values)
        problem = self._find_problem(answer)
        if not request.validate_csrf(values.get("csrf_token")):
            problem = "again"
        if problem:
            return self._page(
                record, "ask", status=400, token=token, problem=problem, **answer
            )
        page = self._record(record, answer)
        return self._page(record, page) if page else self._closed_page(record)

    def _read_answer(self, values):
        """What the person chose and wrote."""
        return {"action": values.get("action"), "note": values.get("note", "").strip()}

    def _find_problem(self, answer):
        """Hook: what keeps the answer from being recorded; a key of the template."""
        raise NotImplementedError

    def _record(self, record, answer):
        """Hook: record it. Returns the page to show; empty when it is answered."""
        raise NotImplementedError

    def _find(self, token):
        records = request.env[self._link_model].sudo()  # the link is the key
        if self._must_wait():
            return records
        record = records._find(token)
        if not record:
            GUESSES.miss(self._origin(), time.monotonic())
        return record

    def _origin(self):
        return origin_of(request.httprequest.remote_addr or "")

    def _must_wait(self):
        return GUESSES.must_wait(self._origin(), time.monotonic())

    def _closed_page(self, record):
        """Friendly, and the same for links that are unknown, expired or withdrawn."""
        if record._is_answered():
            return self._page(record, "answered")
        if not record and self._must_wait():
            return self._page(record, "wait", status=429)
        return self._page(record.browse(), "closed", status=410 if record else 404)

    def _page(self, record, page, status=200, **values):
        lang = record._get_lang() if record else request.env.lang
        record = record.with_context(lang=lang)
        views = request.env["ir.ui.view"].with_context(lang=lang)
        html = views._render_template(
            self._link_template,
            {
                **self._prepare_page(record),
                "company": record.company_id,
                "colors": record._get_colors() if record else None,
                "page": page,
                "internal": request.env.user._is_internal(),
                "maximum_note": MAXIMUM_NOTE,
                "html_data": html_data(request.env, lang),
                **values,
            },
        )
        return request.make_response(html, headers=HEADERS, status=status)

    def _prepare_page(self, record):
        """Hook: what the template of this page needs beside."""
        return {}
