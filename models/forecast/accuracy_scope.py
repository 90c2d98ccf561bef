"""What a report of accuracy looks at: options of the screen, checked and resolved."""

from dataclasses import dataclass
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, get_lang

from ...engine.periods import next_of, start_of
from .accuracy_sql import END, START

DAY = timedelta(days=1)
# Periods that are over, and how many of them are looked at.
PERIODS = {"month": 12, "quarter": 8}
# Weeks before the end of a period at which forecasts are looked at.
WEEKS = tuple(range(12, 0, -1))
# The number of the period that goes on, beside those of the closed ones.
PRESENT = -1
CATEGORIES = ("pipeline", "best_case", "commit")


@dataclass(frozen=True)
class Scope:
    """:ivar company: ``res.company``
    :ivar kind: ``month`` or ``quarter``
    :ivar periods: closed ones, (first day, day after the last), ascending
    :ivar present: the period that goes on
    :ivar weeks: the moment of a period that is judged: so many weeks before its end,
        or ``START``
    :ivar owner: ``("user" | "team" | "company", id)``, or None for all one may see
    :ivar category: that deals had then; None for all
    :ivar domain: ``Domain`` on rows of the history
    """

    company: object
    kind: str
    periods: list
    present: tuple
    weeks: int
    owner: tuple | None
    category: str | None
    domain: Domain

    def moments(self, weeks):
        """The moments of the periods, as ``accuracy_sql.Past`` takes them.

        :param weeks: which of them; the end is always there
        """
        midnight = self.company._sales_midnight
        found = []
        for number, (first, after) in enumerate(self.periods):
            since = midnight(first)
            for week in (*weeks, END):
                day = first if week == START else after - max(week, 0) * 7 * DAY
                found.append(
                    {
                        "period": number,
                        "weeks": week,
                        "at": midnight(day),
                        "first": first,
                        "after": after,
                        "since": since,
                        "learnt": midnight(day.replace(day=1)),
                    }
                )
        return found

    @property
    def weeks_left(self):
        """How many weeks before its end the present period is now, 1–12."""
        left = (self.present[1] - self.company._sales_today()).days
        return min(max(-(-left // 7), 1), WEEKS[0])

    def labels(self, env):
        lang = get_lang(env).code
        if self.kind == "month":
            return [
                format_date(env, first, lang, date_format="MMM yyyy")
                for first, _after in self.periods
            ]
        return [
            env._(
                "%(first)s – %(last)s",
                first=format_date(env, first, lang, date_format="MMM"),
                last=format_date(env, after - DAY, lang, date_format="MMM yyyy"),
            )
            for first, after in self.periods
        ]


def resolve(env, options):
    """Check the options of a client and turn them into a :class:`Scope`.

    :param dict options: ``kind``, ``weeks``, ``user_id``, ``team_id`` (with its
        sub-teams), ``category``; all optional
    :raise UserError: saying what is wrong with them
    """
    options = dict(options or {})
    kind = options.get("kind") or "month"
    weeks = options.get("weeks") or START
    category = options.get("category") or None
    known = (
        kind in PERIODS
        and weeks in (START, *WEEKS)
        and category in (None, *CATEGORIES)
        and not isinstance(weeks, bool)
    )
    if not known:
        raise UserError(env._("The accuracy cannot be shown in this way: reload it."))
    company = env.company
    fiscal_month = company._sales_fiscal_month()
    first = start_of(company._sales_today(), kind, fiscal_month)
    present = first, next_of(first, kind, fiscal_month)
    periods = []
    for _number in range(PERIODS[kind]):
        before = start_of(first - DAY, kind, fiscal_month)
        periods.append((before, first))
        first = before
    domain, owner = _owner(env, options)
    if category:
        domain &= Domain("forecast_category", "=", category) | Domain(
            "status", "=", "won"
        )
    return Scope(company, kind, periods[::-1], present, weeks, owner, category, domain)


def sees_all(env):
    return env.user.has_group("sales_team.group_sale_salesman_all_leads")


def _owner(env, options):
    """Whose deals: what one answers for, narrowed by the filters."""
    domain = Domain.TRUE
    owner = ("company", env.company.id) if sees_all(env) else None
    if owner is None:
        # Deals of nobody are seen by everybody, and nobody's forecast.
        domain = Domain("user_id", "=", env.uid)
        if env.user.has_group("sales_process.group_leader"):
            domain |= Domain("team_id.sales_manager_ids", "in", [env.uid])
        else:
            owner = ("user", env.uid)
    if team_id := _number(env, options.get("team_id")):
        domain &= Domain("team_id", "child_of", [team_id])
        owner = ("team", team_id)
    if user_id := _number(env, options.get("user_id")):
        domain &= Domain("user_id", "=", user_id)
        # What somebody called is for all of his teams.
        owner = None if team_id else ("user", user_id)
    return domain, owner


def _number(env, value):
    """An id that came from a client; None when empty."""
    if not value:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise UserError(env._("“%s” is no number of a record.", value))
    return value
