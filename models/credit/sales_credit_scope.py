from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from .sales_credit_read import NOTHING, SUM

# By kind of scope: the column of the ledger, and whether overlay credit counts.
KINDS = {
    "company": ("company_id", False),
    "team": ("team_id", False),
    "territory": ("territory_id", False),
    "category": ("product_category_id", False),
    "user": ("user_id", True),
    "dealer": ("owner_partner_id", True),
}
# The sums of months say nothing of these: they are read from the ledger.
IN_LEDGER_ALONE = {"territory", "category"}


class Scope(NamedTuple):
    """Whose credit is added up.

    :ivar str kind: a key of ``KINDS``
    :ivar frozenset ids: of records that all count in, such as a team and all below it
    :ivar team_ids: frozenset of teams whose credit alone counts; None for any
    """

    kind: str
    ids: frozenset
    team_ids: frozenset | None = None


class SalesCredit(models.Model):
    """What the ledger says of many kinds of owners at once."""

    _inherit = "sales.credit"

    @api.model
    def _sum_by_scope(self, scopes, periods, metrics, companies):
        """Credit of scopes of any kind.

        Whole months are read from the sums, what is left of a period at its ends and
        what the sums do not tell apart from the ledger. The number of queries depends
        on neither the scopes nor the periods.

        :param list scopes: of :class:`Scope`
        :param list periods: ``(first day, day after the last)``
        :param metrics: recordset of ``sales.metric``
        :param companies: recordset
        :return: ``{(scope, metric id, first day, day after): amount}`` as floats,
            without those that are zero; overlay credit counts for users and dealers
        :raise ValueError: for a kind there is not
        """
        return {
            (*key, *period): amount
            for key, sums in self._sums_by_scope(
                scopes, periods, metrics, companies
            ).items()
            for period, amount in sums.items()
        }

    @api.model
    def _sums_by_scope(self, scopes, periods, metrics, companies):
        """The same, told apart by scope: what takes less time where there are many.

        :return: ``{(scope, metric id): {(first day, day after): amount}}``
        """
        scopes = list(dict.fromkeys(scopes))
        if unknown := {scope.kind for scope in scopes} - KINDS.keys():
            raise ValueError(f"Credit is not kept by {', '.join(sorted(unknown))}.")
        periods = list(dict.fromkeys(periods))
        self._write_pending()
        months, ends = self._split_periods(periods)
        whole = [
            (first, after, number)
            for number, (first, after) in enumerate(periods)
            if first < after
        ]
        groups = {}
        for number, scope in enumerate(scopes):
            if scope.ids:
                group = groups.setdefault((scope.kind, scope.team_ids is not None), {})
                group[number] = scope
        in_sums = [self._from_sums(months)] if months else []
        in_sums += [self._from_ledger(ends)] if ends else []
        in_ledger = []
        if whole and any(kind in IN_LEDGER_ALONE for kind, _is_limited in groups):
            in_ledger = [self._from_ledger(whole)]
        arms = [
            self._scope_statement(source, kind, some, metrics, companies)
            for (kind, _is_limited), some in groups.items()
            for source in (in_ledger if kind in IN_LEDGER_ALONE else in_sums)
        ]
        if not (arms and metrics and companies):
            return {}
        found = {}
        for metric_id, scope, period, amount in self._read_fast(
            SQL(" UNION ALL ").join(SQL("(%s)", arm) for arm in arms)
        ):
            sums = found.setdefault((scope, metric_id), {})
            sums[period] = sums.get(period, 0.0) + amount
        return {
            (scopes[scope], metric_id): {
                periods[period]: amount
                for period, amount in sums.items()
                if abs(amount) >= NOTHING
            }
            for (scope, metric_id), sums in found.items()
        }

    @api.model
    def _scope_statement(self, source, kind, scopes, metrics, companies):
        """Rows (metric, number of the scope, number of the period, amount).

        :param SQL source: see ``_from_sums`` and ``_from_ledger``
        :param dict scopes: of one kind by their number, with a limit to teams all of
            them or none
        """
        column, with_overlay = KINDS[kind]
        column = SQL.identifier("c", column)
        owners = [
            (id_, number) for number, scope in scopes.items() for id_ in scope.ids
        ]
        teams = [
            (team_id, number)
            for number, scope in scopes.items()
            for team_id in scope.team_ids or ()
        ]
        is_limited = any(scope.team_ids is not None for scope in scopes.values())
        return SQL(
            """
            SELECT c.metric_id, s.number, p.number, %(sum)s
              FROM %(source)s
              JOIN %(owners)s s(id, number) ON s.id = %(column)s
              %(limit)s
             WHERE c.metric_id = ANY (%(metrics)s)
               AND c.company_id = ANY (%(companies)s) AND %(overlay)s
             GROUP BY 1, 2, 3
            """,
            sum=SUM,
            source=source,
            owners=_unnest(owners),
            column=column,
            limit=SQL(
                "JOIN %s t(id, number) ON t.number = s.number AND t.id = c.team_id",
                _unnest(teams),
            )
            if is_limited
            else SQL(),
            metrics=metrics.ids,
            companies=companies.ids,
            overlay=SQL("TRUE") if with_overlay else SQL("c.is_overlay IS NOT TRUE"),
        )


def _unnest(pairs):
    ids, numbers = zip(*pairs, strict=True) if pairs else ((), ())
    return SQL("UNNEST(%s::int[], %s::int[])", list(ids), list(numbers))
