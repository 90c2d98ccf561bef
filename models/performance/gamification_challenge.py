from collections import Counter

from markupsafe import Markup

from odoo import api, fields, models

from .gamification_goal_definition import METRIC_MODE

# Places that have a badge of their own.
PLACES = ("reward_first_id", "reward_second_id", "reward_third_id")


class GamificationChallenge(models.Model):
    """Challenges whose goals count our metrics.

    Others, and those with goals of both kinds, go on as Odoo has them.
    """

    _inherit = "gamification.challenge"

    sales_company_id = fields.Many2one(
        comodel_name="res.company",
        string="Company",
        help="Goals on sales metrics count what is credited at this company. Empty: at "
        "the main company of each participant.",
    )
    sales_date_rewarded = fields.Date(
        string="Rewarded Period",
        readonly=True,
        copy=False,
        help="First day of the last period whose winners have got their badges.",
    )
    sales_warning = fields.Text(string="Warning", compute="_compute_sales_warning")

    @api.depends("line_ids.definition_id")
    def _compute_sales_warning(self):
        for challenge in self:
            challenge.sales_warning = "\n".join(
                self.env._(
                    "“%(goal)s” %(problem)s",
                    goal=definition.name,
                    problem=definition.sales_problem,
                )
                for definition in challenge.line_ids.definition_id
                if definition.sales_problem
            )

    # === REFRESH === #

    @api.model
    def _cron_update(self, ids=False, commit=True):
        # Before Odoo closes challenges, whose last day it would not look at any more.
        self.env["gamification.goal"]._sales_open()._sales_refresh()
        return super()._cron_update(ids=ids, commit=commit)

    def _update_all(self):
        # Odoo leaves out those who have not been online since.
        self.env["gamification.goal"]._sales_open(self)._sales_refresh()
        return super()._update_all()

    # === BADGES === #

    def _check_challenge_reward(self, force=False):
        own = self.filtered(lambda challenge: challenge._sales_is_own())
        if force:
            self.env["gamification.goal"]._sales_open(self)._sales_refresh()
        for challenge in own:
            challenge._sales_reward()
        return super(GamificationChallenge, self - own)._check_challenge_reward(force)

    def _sales_is_own(self):
        """Whether all of its goals count our metrics."""
        self.ensure_one()
        definitions = self.line_ids.definition_id
        return bool(definitions) and all(
            definition._sales_is_own() for definition in definitions
        )

    def _sales_reward(self):
        """Give the badges of every period that is over, once; Odoo's own check never
        finds the end of a period that comes again."""
        self.ensure_one()
        # Not goals of before, if it has counted something else then.
        domain = [("definition_id.computation_mode", "=", METRIC_MODE)]
        domain += [("challenge_id", "=", self.id), ("state", "!=", "draft")]
        if self.sales_date_rewarded:
            domain.append(("start_date", ">", self.sales_date_rewarded))
        goals = self.env["gamification.goal"].search(domain, order="start_date, id")
        periods = goals.grouped(lambda goal: self.period != "once" and goal.start_date)
        for start, of_period in periods.items():
            if any(goal._sales_is_open() for goal in of_period):
                if self.reward_realtime:
                    self._sales_reward_everyone(of_period)
                continue
            winners = self._sales_reward_everyone(of_period)
            self._sales_announce(winners, self._sales_reward_best(of_period))
            self.sales_date_rewarded = start or fields.Date.today()

    def _sales_reward_everyone(self, goals):
        """Give the badge for everybody who has reached all goals of a period.

        :return: who has got it
        """
        if not self.reward_id:
            return self.env["res.users"]
        reached = Counter(goal.user_id for goal in goals if goal.state == "reached")
        users = [user for user, n in reached.items() if n == len(self.line_ids)]
        if self.reward_realtime:  # which gives it to everybody once
            given = self.env["gamification.badge.user"].search(
                [("challenge_id", "=", self.id), ("badge_id", "=", self.reward_id.id)]
            )
            users = [user for user in users if user not in given.user_id]
        for user in users:
            self._reward_user(user, self.reward_id)
        return self.env["res.users"].union(*users)

    def _sales_reward_best(self, goals):
        """Give the badges of the first three.

        :return: list of (user, badge)
        """
        result = []
        for user, name in zip(self._sales_ranking(goals), PLACES, strict=False):
            badge = self[name]
            if not badge:
                break
            self._reward_user(user, badge)
            result.append((user, badge))
        return result

    def _sales_ranking(self, goals):
        """People of a period, the best first: by all goals reached, then by how far
        they got in percent; without those who failed, unless failures are rewarded."""
        ranks = []
        for user, own in goals.grouped("user_id").items():
            is_done = all(goal.state == "reached" for goal in own)
            if not is_done and not self.reward_failure:
                continue
            ranks.append((is_done, sum(map(self._sales_percent, own)), user))
        ranks.sort(key=lambda rank: rank[:2], reverse=True)
        return [user for _is_done, _percent, user in ranks]

    @api.model
    def _sales_percent(self, goal):
        """How far a goal is, in percent, above 100 too; less is better: all or nothing,
        as in Odoo's own ranking."""
        if goal.definition_condition == "lower":
            return 100.0 if goal.state == "reached" else 0.0
        return 100.0 * goal.current / goal.target_goal if goal.target_goal else 0.0

    def _sales_announce(self, winners, best):
        """Tell participants that a period is over, and who has won."""
        lines = [self.env._("A period of “%s” is over.", self.name)]
        if winners:
            lines.append(
                self.env._(
                    "Badge “%(badge)s” for reaching every goal: %(people)s",
                    badge=self.reward_id.name,
                    people=", ".join(winners.mapped("name")),
                )
            )
        lines += [
            self.env._(
                "%(place)s. %(person)s: badge “%(badge)s”",
                place=place,
                person=user.name,
                badge=badge.name,
            )
            for place, (user, badge) in enumerate(best, 1)
        ]
        if not winners and not best:
            lines.append(self.env._("No badge was won."))
        self.message_post(
            body=Markup("<br/>").join(lines), partner_ids=self.user_ids.partner_id.ids
        )
