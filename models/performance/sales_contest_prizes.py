from odoo import models


class SalesContest(models.Model):
    """Prizes: badges and karma, given once, when a contest is over."""

    _inherit = "sales.contest"

    def _protect_badges(self):
        """From now on only the engine gives these badges."""
        badges = self.prize_ids.badge_id.filtered(lambda b: not b.sales_is_prize)
        badges.write({"sales_is_prize": True})

    def _give_prizes(self):
        """Badges and karma of everybody who won, of a team of all its people.

        One notification of each winner says what was won: Odoo would send a mail for
        the badge and another one for a rank.
        """
        badges, karma, won = [], {}, {}
        for contest in self:
            for standing in contest.standing_ids:
                for prize in contest.prize_ids.filtered(
                    lambda prize, standing=standing: prize._wins(standing)
                ):
                    for user in standing.participant_id.member_ids:
                        won.setdefault((contest, user), []).append((standing, prize))
                        if prize.badge_id:
                            badges.append(contest._badge_values(prize, standing, user))
                        if prize.karma:
                            gain = karma.get(user, {}).get("gain", 0)
                            karma[user] = contest._karma_values(prize, gain)
        self.env["gamification.badge.user"].create(badges)
        self._add_karma(karma)
        self._tell_winners(won)

    def _add_karma(self, karma):
        """Karma of all winners at once, with the ranks that follow from it.

        :param dict karma: ``{user: values of Odoo's _add_karma_batch}``
        """
        users = self.env["res.users"].browse([user.id for user in karma])
        users = users.with_context(sales_contest_prizes=True)
        users._add_karma_batch(
            dict(zip(users, karma.values(), strict=True)),
        )
        users.mapped("karma")  # ranks are worked out now, not when something is saved

    def _badge_values(self, prize, standing, user):
        return {
            "badge_id": prize.badge_id.id,
            "user_id": user.id,
            "sales_contest_id": self.id,
            "comment": self.env._(
                "%(prize)s: place %(rank)s in “%(contest)s”",
                prize=prize.name,
                rank=standing.rank,
                contest=self.display_name,
            ),
        }

    def _karma_values(self, prize, gain):
        return {
            "gain": gain + prize.karma,
            "source": self,
            "reason": self.env._("Contest"),
        }

    def _tell_winners(self, won):
        """Tell winners in their inbox, or by mail where that is how they want it."""
        for (contest, user), rows in won.items():
            standing = rows[0][0]
            for _standing, prize in rows:
                contest._celebrate_prize(user, prize.name)
            lang = contest.with_context(lang=user.lang)
            contest.message_notify(
                partner_ids=user.partner_id.ids,
                subject=lang.env._(
                    "Place %(rank)s in “%(contest)s”",
                    rank=standing.rank,
                    contest=contest.display_name,
                ),
                body=lang.env._(
                    "Congratulations! You win: %s",
                    ", ".join(prize.name for _standing, prize in rows),
                ),
            )

    def _celebrate_prize(self, users, prize):
        """Hook: people have won something.

        :param str prize: what it is, in words
        """
