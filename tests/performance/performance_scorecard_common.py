from datetime import datetime, timedelta

from odoo.fields import Command
from odoo.tools import SQL

from ...engine.periods import add_months
from ..common import DIRECTOR, LEADER, REP
from ..target.target_common import TargetCommon


class ScorecardCommon(TargetCommon):
    """The last two months of people who sell.

        World (director)
        ├── North (leader): ann, cid, dan, eve, fay
        └── South (other leader): bob

    ``month`` began last month, ``after`` is the day after its end; the month before it
    began on ``before``. The process "Test" has the stages Meet, Prove and Won.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.after = cls.today.replace(day=1)
        cls.month = add_months(cls.after, -1)
        cls.before = add_months(cls.after, -2)
        cls.invoiced = cls.env.ref("sales_process.metric_invoiced")
        for name in ("cid", "dan", "eve", "fay"):
            setattr(cls, name, cls._make_person(f"card_{name}", REP))
        cls.leader = cls._make_person("card_leader", LEADER)
        cls.other_leader = cls._make_person("card_other", LEADER)
        cls.director = cls._make_person("card_director", DIRECTOR)
        cls.accountant = cls._make_person(
            "card_accountant", "account.group_account_invoice"
        )
        cls.portal = cls._make_person("card_portal", "base.group_portal")
        cls.reps = cls.ann | cls.bob | cls.cid | cls.dan | cls.eve | cls.fay
        cls.world = cls.env["crm.team"].create(
            {
                "name": "World",
                "company_id": cls.company.id,
                "user_id": cls.director.id,
            }
        )
        cls.north.write(
            {
                "sales_parent_id": cls.world.id,
                "user_id": cls.leader.id,
                "member_ids": [
                    Command.set((cls.reps - cls.bob).ids),
                ],
            }
        )
        cls.south.write(
            {"sales_parent_id": cls.world.id, "user_id": cls.other_leader.id}
        )
        cls.cards = cls.env["sales.scorecard"]
        cls.reviews = cls.env["sales.review"]

    # === WHAT THE LEDGER SAYS === #

    @classmethod
    def _credit(cls, user, amount, day=None, metric=None):
        """A row of the ledger, as the engine writes it; in the month by default."""
        metric = metric or cls.booked
        cls._number = getattr(cls, "_number", 900000) + 1
        cls.env["sales.credit"].sudo().create(
            {
                "metric_id": metric.id,
                "date": day or cls.month + timedelta(days=9),
                "user_id": user.id,
                "team_id": user.sale_team_id.id or cls.north.id,
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "amount": amount,
                "source_model": "sale.order",
                "source_id": cls._number,
                "reason": "event",
            }
        )
        cls.env.flush_all()
        cls.env["sales.credit.sum"].sudo()._rebuild(
            [(metric.id, (day or cls.month).replace(day=1))]
        )

    @classmethod
    def _publish(cls, amounts, metric=None):
        """Targets of the month: ``{person: amount}``."""
        plan = cls._make_plan(
            metric_id=(metric or cls.booked).id,
            date_from=cls.before,
            date_to=add_months(cls.before, 12),
        )
        for user, amount in amounts.items():
            for number in (1, 2, 3):
                cls._target({"user_id": user.id}, None, plan, number, amount)
        plan.action_publish()
        return plan

    # === DEALS === #

    @classmethod
    def _process(cls):
        cls.env["sales.process"].search([]).write({"state": "retired"})
        cls.stages = cls.env["crm.stage"].create(
            [
                {"name": f"Card {name}", "sequence": 500 + n, "is_won": name == "Won"}
                for n, name in enumerate(("Meet", "Prove", "Won"))
            ]
        )
        cls.process = cls.env["sales.process"].create(
            {
                "name": "Card",
                "stage_ids": [
                    Command.create({"stage_id": stage.id, "sequence": 10 * n})
                    for n, stage in enumerate(cls.stages)
                ],
            }
        )
        cls.criterion = cls.env["sales.process.criterion"].create(
            {
                "name": "Budget",
                "process_stage_id": cls.process.stage_ids[1].id,
                "kind": "signoff",
                "severity": "advisory",
            }
        )
        cls.process.action_publish()

    @classmethod
    def _lead(cls, user, **values):
        return cls.env["crm.lead"].create(
            {
                "name": f"Deal of {user.name}",
                "type": "opportunity",
                "user_id": user.id,
                "team_id": user.sale_team_id.id or cls.north.id,
                "company_id": cls.company.id,
                "partner_id": cls.customer.id,
                "stage_id": cls.stages[0].id,
                **values,
            }
        )

    @classmethod
    def _closed(cls, user, outcome, days=10, day=None):
        """A deal that was won or lost on a day, so many days after it came.

        :param day: the 20th of the month by default
        """
        deal = cls._lead(user, stage_id=cls.stages[2 if outcome == "won" else 1].id)
        cls.env["sales.pipeline.history"]._write_pending()
        cls.env.flush_all()
        ended = cls._noon(day or cls.month + timedelta(days=19))
        began = ended - timedelta(days=days)
        cls.env.cr.execute(
            SQL("DELETE FROM sales_pipeline_history WHERE lead_id = %s", deal.id)
        )
        rows = [(began, ended, "open", cls.stages[1])]
        rows.append((ended, None, outcome, deal.stage_id))
        for begin, end, status, stage in rows:
            cls.env.cr.execute(
                SQL(
                    """
                    INSERT INTO sales_pipeline_history (
                        lead_id, date_from, date_to, stage_id, sales_process_id,
                        user_id, team_id, company_id, expected_revenue, probability,
                        status, origin, stage_since, process_since)
                    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 1000, 50, %s, 'live', %s,
                            %s)
                    """,
                    deal.id,
                    begin,
                    end,
                    stage.id,
                    cls.process.id,
                    user.id,
                    deal.team_id.id,
                    cls.company.id,
                    status,
                    begin,
                    began,
                )
            )
        cls.env["sales.pipeline.history"]._complete_past([deal.id])
        cls.env.cr.execute(
            SQL(
                "UPDATE crm_lead SET won_status = %s, active = %s WHERE id = %s",
                outcome,
                outcome == "won",
                deal.id,
            )
        )
        cls.env["sales.pipeline.history"]._forget_pending([deal.id])
        cls.env.invalidate_all()
        return deal

    @classmethod
    def _called(cls, user, amount, day=None):
        """What somebody called for the month, on its first day by default."""
        company = cls.company
        day = day or cls.month - timedelta(days=1)
        cls.env["sales.forecast.call"].sudo().create(
            {
                "user_id": user.id,
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "date_from": cls.month,
                "date_to": cls.after,
                "category": "commit",
                "owner_kind": "user",
                "period_type": "month",
                "author_id": user.id,
                "amount": amount,
                "date": cls._noon(day),
            }
        )

    # === ASKING === #

    def _card(self, user, whose=None, day=None, kind="month"):
        self.env.flush_all()
        self.env.invalidate_all()
        cards = self.cards.with_user(user).with_company(self.company)
        return cards.get_scorecard(
            whose.id if whose else None, kind, str(day or self.month)
        )

    def _row(self, card, key):
        [row] = [row for row in card["rows"] if row["key"] == key]
        return row

    def _make(self, user, leader=None):
        """A review of the month, being prepared."""
        reviews = self.reviews.with_user(leader or self.leader)
        return reviews.with_company(self.company)._make_for(user, "month", self.month)

    def _both_sign(self, review):
        review.with_user(review.leader_id).action_share()
        review.with_user(review.user_id).action_sign()
        review.with_user(review.leader_id).action_sign()

    @classmethod
    def _noon(cls, day):
        return datetime(day.year, day.month, day.day, 12)
