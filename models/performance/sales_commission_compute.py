from odoo import api, models


class SalesCommissionPlan(models.Model):
    """What people have earned: from scratch, whenever it is asked for."""

    _inherit = "sales.commission.plan"

    @api.model
    def _compute_commission(
        self, company, date_from, date_to, people=None, moment=None
    ):
        """What people have earned by plans in the periods that end in some days.

        Worked out from the ledger, the assignments, the targets and the collection of
        the documents, in a number of queries that depends on none of them. A period of
        a plan belongs to the range in which its last day lies, so ranges that follow
        each other hold each period once.

        :param company: ``res.company``
        :param date date_from: first day
        :param date date_to: day after the last
        :param people: list of owners, ``("user", id)`` or ``("partner", id)``; all by
            default
        :param datetime moment: naive UTC; nothing that happened after its day counts.
            Now by default
        :return: list of :class:`.commission_result.CommissionResult`, by owner, plan
            and period; called on plans, only of these (drafts, too)
        """
        return []
