from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..credit.sales_credit_scope import KINDS as CREDIT_KINDS
from .grid_tree import CATEGORIES, LINES, NOBODY

OPEN = Domain(
    [
        ("type", "=", "opportunity"),
        ("active", "=", True),
        ("won_status", "=", "pending"),
    ]
)
NOT_OMITTED = Domain("sales_forecast_category", "!=", "omitted")
NO_AMOUNT = Domain("sales_forecast_value", "in", (False, 0))
# Measures whose cell is made of open deals.
OF_DEALS = {
    **{name: Domain("sales_forecast_category", "=", name) for name in CATEGORIES},
    "weighted": NOT_OMITTED,
    "gap": NOT_OMITTED,
    "coverage": Domain("sales_forecast_category", "in", ("best_case", "pipeline")),
    "chance": NOT_OMITTED,
    "no_amount": NOT_OMITTED & NO_AMOUNT,
    "omitted": ~NOT_OMITTED,
    **dict.fromkeys(("overdue", "undated", "later"), NOT_OMITTED),
}


class SalesForecastGrid(models.AbstractModel):
    """From a figure of the grid to the records it sums."""

    _inherit = "sales.forecast.grid"

    @api.readonly
    @api.model
    def open_deals(self, options, node, measure, place=None):
        """Open exactly what a cell is the sum of.

        :param dict options: those the grid was read with
        :param str node: of the row
        :param str measure: ``quota``, ``closed``, a category, a line, ``weighted``,
            ``gap``, ``coverage`` or ``chance``
        :param place: of the period, counted from 0; None for all of them together
        :return: action
        :raise UserError: for a row one does not see, and where some of the records are
            not one's own to see
        """
        frame = self._frame(options)
        tree = self._places(frame)
        quotas = self._read_quotas(frame, tree)
        row = self._find_row(frame, tree, node)
        periods = frame.periods if place is None else frame.periods[place : place + 1]
        known = {"quota", "closed", *OF_DEALS}
        if not row or measure not in known or not periods:
            raise UserError(
                self.env._("There is no such cell, or it is not yours to see.")
            )
        if measure == "quota":
            return self._open_quota(row, quotas, periods)
        if measure == "closed":
            return self._open_closed(frame, tree, row, quotas, periods)
        domain = (
            OPEN
            & OF_DEALS[measure]
            & self._day_domain(frame, measure, periods)
            & self._owner_domain(frame, tree, row)
        )
        return self._open_records(
            "crm.crm_lead_opportunities", row, self._measure_names()[measure], domain
        )

    @api.model
    def _find_row(self, frame, tree, node):
        """The row of a node, named; None where the grid has none.

        Only of a row that is there because of its deals are any deals read.
        """
        *above, last = str(node).split("/")
        above = tree.by_node.get("/".join(above))
        row = tree.by_node.get(node)
        if above and (not row or row.id == NOBODY):
            self._count_deals(frame, tree, _direct_deals_sql(tree, above, last))
            self._prune(tree)
            row = tree.by_node.get(node)
        if row:
            self._name_rows([row])
        return row

    @api.model
    def _day_domain(self, frame, measure, periods):
        """On which days deals of a measure close."""
        day = "date_deadline"
        if measure in ("no_amount", "omitted"):
            return Domain.TRUE
        if measure == "undated":
            return Domain(day, "=", False)
        if measure == "overdue":
            return Domain(day, "<", str(frame.today))
        if measure == "later":
            return Domain(day, ">=", str(frame.periods[-1][1]))
        first = max(frame.today, periods[0][0])
        return Domain(day, ">=", str(first)) & Domain(day, "<", str(periods[-1][1]))

    @api.model
    def _owner_domain(self, frame, tree, row):
        """Whose deals they are."""
        of_user = Domain("company_id", "=", False) & Domain(
            "user_id.company_id", "=", frame.company.id
        )
        domain = Domain("company_id", "=", frame.company.id) | of_user
        if row.kind == "user":
            domain &= Domain("user_id", "=", row.id or False)
        if row.kind == "company" or (row.kind == "user" and row.team_id is None):
            return domain
        if (row.id if row.kind == "team" else row.team_id) == NOBODY:
            return domain & Domain("team_id", "not in", tree.known_teams())
        if row.kind == "team":
            return domain & Domain("team_id", "in", tree.teams_below(row))
        return domain & Domain("team_id", "in", tree.teams_at(row.team_id))

    @api.model
    def _open_closed(self, frame, tree, row, quotas, periods):
        scope = self._scopes(frame, tree, quotas).get(row)
        if not scope:
            raise UserError(
                self.env._("The ledger does not say what was booked by nobody.")
            )
        column, with_overlay = CREDIT_KINDS[scope.kind]
        domain = (
            Domain("metric_id", "=", self._booked().id)
            & Domain("company_id", "=", frame.company.id)
            & Domain(column, "in", list(scope.ids))
            & Domain("date", ">=", str(periods[0][0]))
            & Domain("date", "<", str(periods[-1][1]))
        )
        if scope.team_ids is not None:
            domain &= Domain("team_id", "in", list(scope.team_ids))
        if not with_overlay:
            domain &= Domain("is_overlay", "!=", True)
        name = self._measure_names()["closed"]
        return self._open_records(
            "sales_process.sales_credit_action", row, name, domain
        )

    @api.model
    def _open_quota(self, row, quotas, periods):
        quotas = self._quotas_of(row, quotas)
        ids = [
            id_
            for id_, (begin, end, _amount) in quotas.items()
            if begin < periods[-1][1] and end > periods[0][0]
        ]
        if not ids:
            raise UserError(
                self.env._(
                    "%s has no quota in these days: no published target plan of "
                    "bookings says anything of them.",
                    row.name,
                )
            )
        return self._open_records(
            "sales_process.sales_target_action_attainment",
            row,
            self._measure_names()["quota"],
            Domain("id", "in", ids),
        )

    @api.model
    def _open_records(self, xmlid, row, measure, domain):
        """An action with the records of a domain, if all may be seen."""
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        records = self.env[action["res_model"]].with_context(active_test=False)
        everything = records.sudo()  # only to say that there are more
        if everything.search_count(domain) != records.search_count(domain):
            raise UserError(
                self.env._(
                    "You see the sum of %s, and of what it is made of only what is "
                    "your own.",
                    row.name,
                )
            )
        name = self.env._("%(measure)s: %(owner)s", measure=measure, owner=row.name)
        return {
            **action,
            "name": name,
            "display_name": name,
            "domain": list(domain),
            "context": {"create": False, "active_test": False},
        }

    @api.model
    def _measure_names(self):
        """What measures and lines are called, in their order."""
        return {
            "quota": self.env._("Quota"),
            "closed": self.env._("Closed"),
            "commit": self.env._("Commit"),
            "best_case": self.env._("Best Case"),
            "pipeline": self.env._("Pipeline"),
            "weighted": self.env._("Weighted"),
            "gap": self.env._("Gap"),
            "coverage": self.env._("Coverage"),
            "chance": self.env._("Chance"),
            **self._line_names(),
        }

    @api.model
    def _line_names(self):
        names = {
            "overdue": self.env._("Overdue"),
            "undated": self.env._("No Date"),
            "later": self.env._("Later"),
            "no_amount": self.env._("No Amount"),
            "omitted": self.env._("Omitted"),
        }
        return {name: names[name] for name in LINES}


def _direct_deals_sql(tree, above, last):
    """Which deals ``l`` can make a row below another one.

    :param Row above: of the grid
    :param str last: the end of the node of the row
    """
    arms = []
    if last.startswith("u"):
        user_id = int(last[1:]) if last[1:].isdecimal() else NOBODY
        is_user = SQL("= %s", user_id) if user_id != NOBODY else SQL("IS NULL")
        arms.append(SQL("l.user_id %s", is_user))
    team_id = above.id if last.startswith("u") else NOBODY
    if team_id != NOBODY:
        arms.append(SQL("l.team_id = ANY (%s)", tree.teams_at(team_id)))
    else:
        known = tree.known_teams()
        arms.append(SQL("(l.team_id IS NULL OR l.team_id <> ALL (%s))", known))
    return SQL("(%s)", SQL(" AND ").join(arms))
