import hashlib
import hmac
import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import consteq

from ..base.sales_personal_link import MAXIMUM_TOKEN, digest_of

PATH = "/sales/wall/"
# How long a contest that is over stays on the screen, in days.
ENDED_DAYS = 7


class SalesContestWall(models.Model):
    """A screen on the wall of an office that shows contests to whoever passes by.

    It is a page without login behind a secret link. What stands on it is what the
    contests themselves let everybody see: no ids, no customers, no amounts. A new link
    makes the old one useless, and so does archiving.
    """

    _name = "sales.contest.wall"
    _description = "Wall Screen"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, help="Where the screen hangs.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    contest_ids = fields.Many2many(
        comodel_name="sales.contest",
        relation="sales_contest_wall_rel",
        column1="wall_id",
        column2="contest_id",
        string="Contests",
        check_company=True,
        domain="[('company_id', '=', company_id),"
        " ('state', 'in', ('draft', 'running'))]",
        help="Shown one after the other while they run, and a week longer. The seasons "
        "that follow are shown, too.",
    )
    seconds = fields.Integer(
        string="Seconds per Page",
        required=True,
        default=15,
        help="How long each page stays, from 5 to 600 seconds.",
    )
    token = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    token_digest = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    url = fields.Char(
        string="Link",
        compute="_compute_url",
        compute_sudo=True,
        help="Whoever has it sees the screen, without a login.",
    )

    _seconds_in_range = models.Constraint(
        "CHECK (seconds BETWEEN 5 AND 600)", "A page stays for 5 to 600 seconds."
    )
    _token_uniq = models.UniqueIndex("(token_digest)")

    # === COMPUTE METHODS === #

    @api.depends("token")
    def _compute_url(self):
        for wall in self:
            base = wall.company_id.get_base_url()
            wall.url = f"{base}{PATH}{wall.token}" if wall.token else False

    # === CONSTRAINT METHODS === #

    @api.constrains("contest_ids")
    def _check_contests(self):
        """Nobody shows to all what they may not see themselves."""
        if not self.env.su:
            self.contest_ids.check_access("read")
        for wall in self:
            if not wall.contest_ids:
                raise ValidationError(
                    self.env._("Choose the contests “%s” is to show.", wall.name)
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        walls = super().create(vals_list)
        walls._renew()
        walls._check_contests()
        return walls

    # === LINK === #

    def _renew(self):
        """Give every screen a new link; the old ones stop working."""
        for wall in self.sudo():  # nobody writes tokens, callers checked the rights
            token = secrets.token_urlsafe(32)
            wall.write({"token": token, "token_digest": digest_of(token)})

    @api.model
    def _find(self, token):
        """The screen behind a link; empty when there is none, or an archived one."""
        if not token or len(token) > MAXIMUM_TOKEN:
            return self.browse()
        walls = self.sudo()  # the link is the key
        wall = walls.search([("token_digest", "=", digest_of(token))], limit=1)
        return wall if wall and consteq(wall.token, token) else self.browse()

    def action_open(self):
        """Open the screen in a tab of its own."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": self.url, "target": "new"}

    def action_new_link(self):
        """Make a new link, so that whoever has the old one sees nothing any more."""
        self.check_access("write")
        self._renew()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The old link does not work any more. Open the new one on your "
                    "screen."
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # === WHAT IS SHOWN === #

    def _shown_contests(self):
        """Contests to show now: running ones, then those that ended lately.

        Seasons that follow a chosen contest are shown without anybody choosing them.
        """
        self.ensure_one()
        contests = newest = self.contest_ids
        while newest := newest.next_ids - contests:
            contests |= newest
        contests = contests.filtered(lambda row: row.company_id == self.company_id)
        today = self.company_id._sales_today()
        oldest = fields.Date.subtract(today, days=ENDED_DAYS)
        running = contests.filtered(lambda row: row.state == "running")
        ended = contests.filtered(
            lambda row: row.state == "ended" and row.date_to > oldest
        )
        return running.sorted("date_to") + (ended - running)

    def _get_lang(self):
        """The language of the screen: of whoever made it."""
        return self.create_uid.lang or self.company_id.partner_id.lang or self.env.lang

    def _photo_key(self, user_id):
        """What stands for a person in the address of a picture: no id, no way back."""
        self.ensure_one()
        text = f"{user_id}".encode()
        key = self.token.encode()
        return hmac.new(key, text, hashlib.sha256).hexdigest()[:24]
