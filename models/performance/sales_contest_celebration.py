from odoo import api, models

CELEBRATION = "sales_celebration"
# More wins at once are an import, and nobody claps for an import.
MANY = 20


class SalesContest(models.Model):
    """Who celebrates what."""

    _inherit = "sales.contest"

    @api.model
    def _celebrate_wins(self, user_ids):
        """People have just won a deal each: clap where a contest asks for it.

        The winner is celebrated, and in contests of teams the team. Who turned it off
        for themselves hears nothing.
        """
        if not user_ids or len(user_ids) > MANY:
            return
        participants = self.env["sales.contest.participant"].sudo()  # whoever won
        rows = participants.search(
            [
                ("contest_id.state", "=", "running"),
                ("contest_id.celebrate", "=", True),
                ("opted_out", "=", False),
                ("member_ids", "in", list(user_ids)),
            ]
        )
        told = {}
        for row in rows.sorted(lambda row: bool(row.team_id)):
            for winner in row.member_ids.filtered(lambda user: user.id in user_ids):
                for user in row.member_ids if row.team_id else winner:
                    payload = row.contest_id._prepare_win(winner, user)
                    told.setdefault((user, winner), payload)
        self._celebrate(
            [
                (user, payload)
                for (user, _winner), payload in told.items()
                if user.sales_celebrate
            ]
        )

    def _prepare_win(self, winner, user):
        """What ``user`` is told of a deal that ``winner`` won: no deal, no amount."""
        is_own = winner == user
        return {
            "kind": "win" if is_own else "team_win",
            "name": "" if is_own or self.anonymous else winner.name,
            "contest": self.name,
        }

    def _celebrate_prize(self, users, prize):
        """Tell people that a prize of this contest is theirs.

        :param str prize: what it is, in words
        """
        self.ensure_one()
        if self.celebrate:
            payload = {"kind": "prize", "prize": prize, "contest": self.name}
            self._celebrate([(user, payload) for user in users if user.sales_celebrate])

    @api.model
    def _celebrate(self, messages):
        """Send celebrations.

        :param list messages: ``(user, payload)``
        """
        for user, payload in messages:
            user._bus_send(CELEBRATION, payload)
