from odoo import api, models


class SalesScorecard(models.AbstractModel):
    """From a scorecard to the review of the same period."""

    _inherit = "sales.scorecard"

    @api.model
    def _review_facts(self, user_id, period):
        """The newest review of the period the user may see, and whether one may be
        made."""
        reviews = self.env["sales.review"]
        review = reviews.search(
            [
                ("user_id", "=", user_id),
                ("company_id", "=", self.env.company.id),
                ("date_from", "=", period[0]),
                ("date_to", "=", period[1]),
                ("state", "!=", "cancelled"),
            ],
            order="id desc",
            limit=1,
        )
        labels = dict(reviews._fields["state"]._description_selection(self.env))
        leads = self.env.user.has_group("sales_process.group_leader")
        return {
            "id": review.id,
            "state": labels.get(review.state, ""),
            "can_start": not review and leads and user_id != self.env.uid,
        }

    @api.model
    def start_review(self, user_id, kind, first):
        """Begin the review of a person and period, and open it.

        :return: action
        """
        self._check_seller()
        user = self.env["res.users"].browse(user_id).exists()
        review = self.env["sales.review"]._make_for(user, kind, first)
        return review._get_records_action()
