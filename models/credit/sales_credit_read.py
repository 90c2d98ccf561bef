from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# The column of the ledger that says whose credit it is, by the model of the owner.
OWNERS = {
    "res.users": "user_id",
    "res.partner": "owner_partner_id",
    "crm.team": "team_id",
    "res.company": "company_id",
}


class SalesCredit(models.Model):
    """What the ledger says of people, teams and companies."""

    _inherit = "sales.credit"

    @api.model
    def _sum_by_owner(self, metrics, owners, periods, companies):
        """See ``sales.metric._values``: two queries, however many owners and periods."""
        if owners._name not in OWNERS:
            raise UserError(
                self.env._("Credit belongs to people, dealers, teams and companies.")
            )
        self._write_pending()
        periods = [(first, after) for first, after in periods if first < after]
        whole = [period for period in periods if all(day.day == 1 for day in period)]
        result = {}
        for table, day, some in (
            ("sales_credit_sum", "month", whole),
            ("sales_credit", "date", [period for period in periods if period not in whole]),
        ):
            if some and owners and metrics:
                self.env["sales.credit.sum"].flush_model()
                statement = self._sum_statement(
                    table, day, metrics, owners, some, companies
                )
                for *key, amount in self.env.execute_query(statement):
                    if amount:
                        result[tuple(key)] = float(amount)
        return result

    @api.model
    def _sum_statement(self, table, day, metrics, owners, periods, companies):
        owner = SQL.identifier("c", OWNERS[owners._name])
        shared = owners._name in ("crm.team", "res.company")
        return SQL(
            """
            SELECT c.metric_id, %(owner)s, p.first, p.after, SUM(c.amount)
              FROM UNNEST(%(firsts)s::date[], %(afters)s::date[]) p(first, after)
              JOIN %(table)s c ON c.%(day)s >= p.first AND c.%(day)s < p.after
             WHERE c.metric_id = ANY (%(metrics)s) AND %(owner)s = ANY (%(owners)s)
               AND c.company_id = ANY (%(companies)s) AND %(overlay)s
             GROUP BY 1, 2, 3, 4
            """,
            owner=owner,
            firsts=[first for first, _after in periods],
            afters=[after for _first, after in periods],
            table=SQL.identifier(table),
            day=SQL.identifier(day),
            metrics=metrics.ids,
            owners=owners.ids,
            companies=companies.ids,
            # Help is shown to who gave it; a team has earned the thing once.
            overlay=SQL("c.is_overlay IS NOT TRUE") if shared else SQL("TRUE"),
        )
