import time

from odoo import http
from odoo.http import request

from ..engine.guess_rate import origin_of
from .base_personal_link import GUESSES, HEADERS, html_data

# The page loads its own script and style, and asks its own data: nothing else.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
WALL_HEADERS = [
    *((name, value) for name, value in HEADERS if name != "Content-Security-Policy"),
    ("Content-Security-Policy", POLICY),
]
ROUTE = {
    "type": "http",
    "auth": "public",
    "methods": ["GET"],
    "readonly": True,
    "sitemap": False,
    "save_session": False,
}


class WallPage(http.Controller):
    """The page of a wall screen: no login, nothing to press, nothing personal."""

    @http.route("/sales/wall/<string:token>", **ROUTE)
    def sales_wall(self, token, **_kwargs):
        """The frame; what is on it comes from :meth:`sales_wall_data`."""
        wall = self._find(token)
        lang = wall._get_lang() if wall else request.env.lang
        views = request.env["ir.ui.view"].with_context(lang=lang)
        html = views._render_template(
            "sales_process.contest_wall_page",
            {"is_open": bool(wall), "html_data": html_data(request.env, lang)},
        )
        status = 200 if wall else 404
        return request.make_response(html, headers=WALL_HEADERS, status=status)

    @http.route("/sales/wall/<string:token>/data", **ROUTE)
    def sales_wall_data(self, token, **_kwargs):
        """What the screen shows now."""
        wall = self._find(token)
        if not wall:
            return request.make_json_response({}, headers=WALL_HEADERS, status=404)
        data = wall.with_context(lang=wall._get_lang())._get_page()
        return request.make_json_response(data, headers=WALL_HEADERS)

    @http.route("/sales/wall/<string:token>/photo/<string:key>", **ROUTE)
    def sales_wall_photo(self, token, key, **_kwargs):
        """The picture of somebody whom the screen shows."""
        wall = self._find(token)
        user = wall and wall._find_photo(key)
        if not user:
            return request.make_response("", headers=WALL_HEADERS, status=404)
        binary = request.env["ir.binary"]
        stream = binary._get_image_stream_from(user.sudo(), "avatar_128")  # it is shown
        response = stream.get_response()
        response.headers["Cache-Control"] = "private, max-age=3600"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def _find(self, token):
        walls = request.env["sales.contest.wall"]
        origin = origin_of(request.httprequest.remote_addr or "")
        if GUESSES.must_wait(origin, time.monotonic()):
            return walls
        wall = walls._find(token)
        if not wall:
            GUESSES.miss(origin, time.monotonic())
        return wall
