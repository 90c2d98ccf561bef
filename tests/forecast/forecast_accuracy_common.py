from datetime import timedelta

from odoo.tools import SQL

from ...engine.periods import next_of, start_of
from ..common import SalesProcessCommon

DAY = timedelta(days=1)


class ForecastAccuracyCommon(SalesProcessCommon):
    """Deals of months that are over, told row by row.

    Stages have 10, 40 and 80 %. ``months`` are the closed months, the last one first;
    days count from 0 and hours are noon, at the company.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A company of its own: no other deal counts, and its currency is none of ours.
        cls.company = cls.env["res.company"].create(
            {
                "name": "Past Inc",
                "currency_id": cls.env.ref("base.CHF").id,
                "sales_forecast_method": "stage",
            }
        )
        cls.company.resource_calendar_id.tz = "Europe/Zurich"
        people = (
            cls.rep_user
            | cls.colleague_user
            | cls.stranger_user
            | cls.leader_user
            | cls.other_leader_user
            | cls.director_user
            | cls.accountant_user
        )
        people.write({"company_ids": [(4, cls.company.id)]})
        people.write({"company_id": cls.company.id})
        (cls.world | cls.north | cls.retail | cls.south).write({"company_id": False})
        for stage, percent, category in (
            (cls.p_meet, 10, "pipeline"),
            (cls.p_prove, 40, "best_case"),
            (cls.p_close, 80, "commit"),
        ):
            stage.write({"probability": percent, "forecast_category": category})
        cls.process.action_publish()
        cls.months = []
        first = start_of(cls.company._sales_today(), "month")
        for _number in range(14):
            first = start_of(first - DAY, "month")
            cls.months.append(first)

    @classmethod
    def _noon(cls, month, day):
        """Noon of a day of a closed month, naive UTC; day 0 is its first."""
        start = cls.company._sales_midnight(cls.months[month] + day * DAY)
        return start + timedelta(hours=12)

    @classmethod
    def _past(cls, *rows, user=None, team=None, company=None):
        """A deal with this history.

        :param rows: ``(moment, status, stage, amount, closing day, probability)``, the
            last row holds until now
        """
        user = user or cls.rep_user
        team = team or cls.retail
        company = company or cls.company
        deal = cls._deal(
            user_id=user.id,
            team_id=team.id,
            company_id=company.id,
            partner_id=False,
            stage_id=rows[-1][2].id,
            expected_revenue=rows[-1][3],
        )
        cls.env["sales.pipeline.history"]._write_pending()
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL("DELETE FROM sales_pipeline_history WHERE lead_id = %s", deal.id)
        )
        ends = [row[0] for row in rows[1:]] + [None]
        for (moment, status, stage, amount, day, percent), end in zip(
            rows, ends, strict=True
        ):
            category = {"won": "closed", "lost": "omitted"}.get(status)
            line = cls.process.stage_ids.filtered(
                lambda line, stage=stage: line.stage_id == stage
            )
            cls.env.cr.execute(
                SQL(
                    """
                    INSERT INTO sales_pipeline_history (
                        lead_id, date_from, date_to, stage_id, sales_process_id,
                        user_id, team_id, company_id, expected_revenue, probability,
                        date_deadline, forecast_category, status, origin, stage_since,
                        process_since)
                    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
                            'live', %s, %s)
                    """,
                    deal.id,
                    moment,
                    end,
                    stage.id,
                    cls.process.id,
                    user.id,
                    team.id,
                    company.id,
                    amount,
                    percent,
                    day,
                    category or line.forecast_category,
                    status,
                    moment,
                    rows[0][0],
                )
            )
        cls.env["sales.pipeline.history"]._complete_past([deal.id])
        cls.env.cr.execute(
            SQL(
                "UPDATE crm_lead SET won_status = %s, active = %s WHERE id = %s",
                {"open": "pending"}.get(rows[-1][1], rows[-1][1]),
                rows[-1][1] != "lost",
                deal.id,
            )
        )
        cls.env["sales.pipeline.history"]._forget_pending([deal.id])
        cls.env.invalidate_all()
        return deal

    @classmethod
    def _simple(cls, month, amount, outcome, stage=None, percent=50.0, **more):
        """A deal that came 100 days before a month, to be closed on its 11th day, and
        was won, lost or left open on that day."""
        stage = stage or cls.prove
        opened = cls.company._sales_midnight(cls.months[month]) - 100 * DAY
        day = cls.months[month] + 10 * DAY
        rows = [(opened, "open", stage, amount, day, percent)]
        if outcome == "won":
            rows.append((cls._noon(month, 10), "won", cls.won, amount, day, 100.0))
        elif outcome == "lost":
            rows.append((cls._noon(month, 10), "lost", stage, amount, day, 0.0))
        return cls._past(*rows, **more)

    def _summary(self, user=None, **options):
        accuracy = self.env["sales.forecast.accuracy"]
        accuracy = accuracy.with_user(user or self.director_user)
        return accuracy.with_company(self.company).get_summary(options)

    @classmethod
    def _end(cls, month):
        return next_of(cls.months[month], "month")
