import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

LEADER_GROUP = "sales_process.group_leader"


class SalesReview(models.Model):
    """How reviews are made: with the figures of the scorecard, of many at once."""

    _inherit = "sales.review"

    @api.model
    def _make_for(self, users, kind, day):
        """Reviews of people for the period of a day, prepared by the user.

        Whoever has one that is not finished keeps it.

        :param users: recordset of ``res.users``
        :return: recordset, those that were there included
        :raise AccessError: for people the user does not lead
        """
        company = self.env.company
        tree = self._check_may_review(users, company)
        periods = self.env["sales.scorecard"]._periods(company, kind, day)
        first, after = periods[-1]
        there = self.search(
            [
                ("user_id", "in", users.ids),
                ("company_id", "=", company.id),
                ("date_from", "=", first),
                ("date_to", "=", after),
                ("state", "in", ("draft", "shared")),
            ]
        )
        before = self._last_signed(users, company, after)
        made = self.sudo().create(  # by the system, after the check above
            [
                {
                    "user_id": user.id,
                    "leader_id": self.env.uid,
                    "team_id": tree.home.get(user.id),
                    "company_id": company.id,
                    "kind": kind,
                    "date_from": first,
                    "date_to": after,
                    "previous_id": before.get(user.id),
                }
                for user in users - there.user_id
            ]
        )
        made._take_over_goals()
        made._read_figures()
        return there | made.with_env(self.env)

    @api.model
    def _check_may_review(self, users, company):
        """:return: the tree of owners
        :raise AccessError: for people the user does not lead, and for oneself
        """
        scorecards = self.env["sales.scorecard"]
        tree = scorecards._tree(company)
        led = scorecards._seen_people(tree) - {self.env.uid}
        may = self.env.su or self.env.user.has_group(LEADER_GROUP)
        if not may or not set(users.ids) <= led:
            raise AccessError(
                self.env._("Reviews are prepared by those who lead the salesperson.")
            )
        if not users:
            raise UserError(self.env._("Choose at least one salesperson."))
        return tree

    @api.model
    def _last_signed(self, users, company, after):
        """``{user id: id of the last signed review}``"""
        reviews = self.sudo().search_fetch(  # also by the leader before
            [
                ("user_id", "in", users.ids),
                ("company_id", "=", company.id),
                ("state", "=", "signed"),
                ("date_to", "<=", after),
            ],
            ["user_id"],
            order="date_to, id",
        )
        return {review.user_id.id: review.id for review in reviews}

    # === FIGURES === #

    def _read_figures(self):
        """Take the figures of the scorecards, and what came of the goals due.

        The caller is the system.
        """
        scorecards = self.env["sales.scorecard"]
        for (company, kind, first), reviews in self.grouped(
            lambda review: (review.company_id, review.kind, review.date_from)
        ).items():
            cards = scorecards.with_company(company)._scorecards(
                company,
                reviews.user_id.ids,
                scorecards._periods(company, kind, first),
            )
            by_user = dict(zip(reviews.user_id.ids, cards, strict=True))
            for review in reviews:
                review._keep_figures(by_user[review.user_id.id])
        self._check_goals()

    def _keep_figures(self, card):
        self.ensure_one()
        values = {
            "line_ids": [
                Command.clear(),
                *(
                    Command.create(self._line_values(place, row))
                    for place, row in enumerate(card["rows"])
                ),
            ],
            "date_read": fields.Datetime.now(),
        }
        if not self.date_read:  # what was written over the suggestion stays
            facts = card["focus"]
            parts = (facts["name"], facts["reason"], facts["advice"])
            values["focus"] = "\n".join(filter(None, parts))
        self.write(values)

    @api.model
    def _line_values(self, place, row):
        """A row of a scorecard as a line; what is not known is said by its flag."""
        trend = [point["value"] for point in row["trend"]]
        return {
            "sequence": place,
            "key": row["key"],
            "name": row["name"],
            "group": row["group"],
            "unit": row["unit"],
            "better": row["better"],
            "is_known": row["value"] is not None,
            "value": row["value"] or 0.0,
            "why": row["why"],
            "has_target": row["target"] is not None,
            "target": row["target"] or 0.0,
            "attainment": row["attainment"] or 0.0,
            "peers": row["peers"],
            "has_median": row["median"] is not None,
            "median": row["median"] or 0.0,
            "tone": row["tone"] or False,
            "trend": json.dumps(trend),
        }

    # === GOALS AGREED BEFORE === #

    def _take_over_goals(self):
        """Show the goals of signed reviews that are due by the end of the period."""
        if not self:
            return
        goals = self.env["sales.review.goal"].search(
            [
                ("review_id.user_id", "in", self.user_id.ids),
                ("review_id.company_id", "in", self.company_id.ids),
                ("review_id.state", "=", "signed"),
                ("checked_review_id", "=", False),
            ]
        )
        for review in self:
            due = goals.filtered(
                lambda goal, review=review: (
                    goal.review_id.user_id == review.user_id
                    and goal.review_id.company_id == review.company_id
                    and goal.date_due < review.date_to
                )
            )
            due.checked_review_id = review

    def _check_goals(self):
        """What came of the goals due, of all reviews in one query of the ledger."""
        goals = self.last_goal_ids
        values = goals._measure()
        for goal in goals:
            if goal.kind != "text":
                goal._keep_result(values.get(goal))
