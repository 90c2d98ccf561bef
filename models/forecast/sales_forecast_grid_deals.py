from odoo import api, models
from odoo.tools import SQL

from .forecast_sql import FAST, IS_OPEN, of_company


class SalesForecastGrid(models.AbstractModel):
    """What open deals are worth, by person, period and category."""

    _inherit = "sales.forecast.grid"

    @api.model
    def _count_deals(self, frame, tree, which=None):
        """Add open deals of those in the tree, read in one statement.

        :param SQL which: of the deals ``l``; all by default
        """
        self.env["crm.lead"].flush_model()
        for team_id, user_id, number, category, *amounts in self._read_fast(
            self._deals_statement(frame, tree, which)
        ):
            place = period_of(number)
            for row in tree.rows_of(team_id, user_id):
                row.add(place, category, *amounts)

    @api.model
    def _deals_statement(self, frame, tree, which):
        """Rows (team, person, number, category, amount, weighted, deals, empty)."""
        return SQL(
            """
            SELECT l.team_id, l.user_id, %(number)s AS number,
                   l.sales_forecast_category,
                   SUM(l.sales_forecast_value)::float8,
                   SUM(l.sales_forecast_revenue)::float8, COUNT(*),
                   COUNT(*) FILTER (WHERE COALESCE(l.sales_forecast_value, 0) = 0)
              FROM crm_lead l
             WHERE %(is_open)s AND %(of_company)s AND %(whose)s
               AND %(which)s
             GROUP BY 1, 2, 3, 4
            """,
            number=number_sql(SQL("l.date_deadline"), frame.bounds),
            is_open=IS_OPEN,
            of_company=of_company("l", frame.company.id),
            whose=whose_sql(tree, "l"),
            which=which or SQL("TRUE"),
        )

    @api.model
    def _read_fast(self, statement):
        return self.env.execute_query(SQL("%s; %s", FAST, statement))


def number_sql(day, bounds):
    """In which period a day lies: 0 before all of them, 1 for the first one, …

    :param SQL day: a date; without one it is -1
    :param list bounds: days at which periods begin, and the one after the last
    """
    return SQL("COALESCE(WIDTH_BUCKET(%s, %s::date[]), -1)", day, bounds)


def period_of(number):
    """The place of a period by what ``number_sql`` gives, see ``Row.add``."""
    return -1 if number < 0 else None if number == 0 else number - 1


def whose_sql(tree, alias):
    """Whether a record is of somebody in the tree.

    :param alias: of a table with ``team_id`` and ``user_id``
    """
    team, user = SQL.identifier(alias, "team_id"), SQL.identifier(alias, "user_id")
    if tree.is_whole:
        return SQL("TRUE")
    arms = []
    if teams := [id_ for team_id in tree.teams for id_ in tree.teams_at(team_id)]:
        arms.append(SQL("%s = ANY (%s)", team, teams))
    arms += [SQL("%s = %s", user, user_id) for user_id in tree.own]
    return SQL("(%s)", SQL(" OR ").join(arms)) if arms else SQL("FALSE")
