from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from ..common import SalesProcessCommon


class ForecastRateCommon(SalesProcessCommon):
    """A company of its own that learns; its stages stand for 10, 40, 80 and 100 %.

    Of Prove somebody has to sign the "Plan"; nothing else is asked.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.learner = cls.env["res.company"].create({"name": "Learner"})
        cls.learner.sales_forecast_method = "calibrated"
        people = cls.rep_user | cls.leader_user | cls.director_user | cls.colleague_user
        people.write({"company_ids": [(4, cls.learner.id)]})
        for stage, percent in (
            (cls.p_meet, 10),
            (cls.p_prove, 40),
            (cls.p_close, 80),
            (cls.p_won, 100),
        ):
            stage.probability = percent
        cls.plan = cls._criterion(cls.p_prove, name="Plan")
        cls.process.action_publish()
        cls.rates = cls.env["sales.forecast.rate"]
        cls.now = fields.Datetime.now()

    @classmethod
    def _open(cls, stage=None, days=0, **values):
        """An open deal that has been in its stage for so many days."""
        deal = cls._deal(
            **{
                "company_id": cls.learner.id,
                "sales_process_id": cls.process.id,
                "stage_id": (stage or cls.prove).id,
                "expected_revenue": 1000.0,
                **values,
            }
        )
        cls._make_older(deal, days)
        return deal

    @classmethod
    def _make_older(cls, deal, days):
        cls.env.flush_all()
        cls.env.execute_query(
            SQL(
                "UPDATE crm_lead SET date_last_stage_update = %s WHERE id = %s"
                " RETURNING id",
                cls.now - timedelta(days=days, hours=1),
                deal.id,
            )
        )
        cls.env.invalidate_all()

    @classmethod
    def _past(cls, *lives, ended=10, **values):
        """Deals that are closed, each told as ``(outcome, (stage, days) …)``.

        :param int ended: how many days ago they were won or lost
        :return: the deals, in this order
        """
        vals_list, steps = [], []
        for outcome, *stays in lives:
            won = outcome == "won"
            vals_list.append(
                {
                    "name": "Past",
                    "type": "opportunity",
                    "user_id": cls.rep_user.id,
                    "team_id": cls.retail.id,
                    "company_id": cls.learner.id,
                    "sales_process_id": cls.process.id,
                    "stage_id": (cls.won if won else stays[-1][0]).id,
                    "expected_revenue": 1000.0,
                    "active": won,
                    "probability": 100 if won else 0,
                    **values,
                }
            )
        deals = cls.env["crm.lead"].create(vals_list)
        if "sales_process_id" in values:  # and not the one that claims them
            deals.sales_process_id = values["sales_process_id"]
        for deal, (outcome, *stays) in zip(deals, lives, strict=True):
            moment = cls.now - timedelta(days=ended + sum(d for _s, d in stays))
            for stage, days in stays:
                steps.append((deal.id, moment, stage.id, "open"))
                moment += timedelta(days=days)
            steps.append((deal.id, moment, deal.stage_id.id, outcome))
        cls.env["sales.pipeline.history"]._unfold(steps)
        return deals

    @classmethod
    def _some_past(cls):
        """Ten deals of Prove, four of them won.

        Days there: won 5, 5, 5 and 20, and 2 more in Close; lost 20 (four), 1 (two).
        """
        quick = ("won", (cls.prove, 5), (cls.close, 2))
        slow = ("won", (cls.prove, 20), (cls.close, 2))
        return cls._past(
            quick,
            quick,
            quick,
            slow,
            *[("lost", (cls.prove, 20))] * 4,
            *[("lost", (cls.prove, 1))] * 2,
        )

    @classmethod
    def _learn(cls):
        cls.rates._replace(cls.learner, cls.rates._learn(cls.learner))
        cls.env["crm.lead"]._sales_forecast_refresh(
            SQL("l.company_id = %s", cls.learner.id)
        )

    def _rate(self, stage, age=0, evidence="any"):
        return self.rates.search(
            [
                ("company_id", "=", self.learner.id),
                ("process_id", "=", self.process.family_id.id),
                ("stage_id", "=", stage.id),
                ("age_from", "=", age),
                ("evidence", "=", evidence),
            ]
        )
