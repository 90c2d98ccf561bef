from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain

from ...engine.contest import Days, previous_spans, run_of, streak
from ...engine.target_split import ramp_weight
from ..target.sales_target_weight import RAMP
from . import contest_sql
from .contest_work import ONE, Person, Rules, results
from .sales_contest_metric import SELF_LOGGED

NONE = Decimal(0)


class SalesContest(models.Model):
    """Counting: the standing of many contests in a fixed number of queries."""

    _inherit = "sales.contest"

    def _refresh(self):
        """Count again and tell everybody who is looking, where something changed.

        The number of queries depends neither on the number of contests nor of people.
        Final standings stay.

        :return: the contests whose standing changed
        """
        contests = self.sudo().filtered(  # places follow from everybody's credit
            lambda contest: contest.state == "running"
        )
        if not contests:
            return contests
        self.env["sales.credit"].sudo()._write_pending()  # what came just now
        self.env.flush_all()
        contests._sync_today()
        people = contests._read_people()
        measure = contests._measures(people)
        rows = []
        for contest in contests:
            some = people[contest.id]
            found = results(contest._rules(), some, measure.of)
            rows += [(contest, result) for result in found]
        changed = contests._save(rows, measure.streaks)
        contests.write({"refreshed_on": fields.Datetime.now()})
        for contest in changed:
            contest._bus_send("sales_contest_changed", {"contest_id": contest.id})
        return changed

    def _rules(self):
        self.ensure_one()
        return Rules(
            self.scoring,
            [row._part() for row in self.metric_ids],
            Decimal(str(self.minimum_score)),
            self.tie_rule == "first",
        )

    def _read_people(self):
        """:return: ``{contest id: [Person]}``, of those who are ranked"""
        people = defaultdict(list)
        by_id = {
            contest.id: (contest, contest.kind == "league", contest.team_scoring)
            for contest in self
        }
        ramps = {}
        for (
            contest_id,
            id_,
            user,
            team,
            league,
            joined,
            heads,
        ) in self.env.execute_query(contest_sql.participants(self)):
            contest, has_leagues, team_scoring = by_id[contest_id]
            if (contest_id, joined) not in ramps:
                ramps[contest_id, joined] = contest._ramp_of(joined)
            ramp = ramps[contest_id, joined] if user else ONE
            if not team or team_scoring == "sum":
                heads = 1
            league = league if has_leagues else None
            person = Person(id_, user, team, league, joined, ramp, heads)
            people[contest_id].append(person)
        return people

    def _ramp_of(self, joined):
        """How much of a full person somebody is over the days he is there, 0–1."""
        self.ensure_one()
        if not self.ramp or not joined or joined >= self.date_to:
            return ONE
        begin = max(self.date_from, joined)
        ramp = ramp_weight(begin, self.date_to, joined=joined, ramp=RAMP)
        return Decimal(f"{ramp:.4f}")

    # === WHAT IS READ === #

    def _measures(self, people):
        """Everything that is scored: see :class:`Measures`."""
        measures = Measures()
        self._read_values(measures, people)
        self._read_references(measures, people)
        self._fill_deals(measures, people)
        self._read_streaks(measures, people)
        return measures

    def _read_values(self, measures, people):
        """What the ledger says of the contest, and of periods before where that is
        what is compared with."""
        windows = self._windows()
        if not windows:
            return
        below = self.env["sales.target"]._read_tree("team_id")
        ledger = self._read_days(windows, people, below)
        for row, number, metrics, first, after in windows:
            company, part = row.company_id.id, row.id
            for person in people[row.contest_id.id]:
                amount, last, active = NONE, None, []
                owners = [person.user] if person.user else below.of([person.team])
                for owner in owners:
                    for metric in metrics:
                        days = ledger.get((company, metric, owner, not person.user))
                        if days:
                            value, day, some = days.between(first, after)
                            amount += value
                            last = max(filter(None, (last, day)), default=None)
                            active += some
                measures.values[part, person.id, number] = amount
                if number == 0:
                    measures.last[part, person.id] = last
                    measures.days[person.id].update(active)
                    measures.part_days[part, person.id] = active

    def _windows(self):
        """Whose days are looked at: ``(what counts, number of the period, metrics,
        first, after)``, number 0 is the contest itself."""
        verified = self._verified_metrics() if self._has_open_streak() else []
        windows = []
        for contest in self:
            spans = [(contest.date_from, contest.date_to)]
            if contest.scoring == "improvement":
                spans += previous_spans(*spans[0], contest.previous_periods)
            for row in contest.metric_ids.filtered(lambda row: row._is_of_ledger()):
                past = spans if row.source == "ledger" else spans[:1]
                metrics = row.metric_id.ids or verified
                windows += [(row, n, metrics, *span) for n, span in enumerate(past)]
        return windows

    def _read_days(self, windows, people, below):
        """:return: ``{(company, metric, owner, whether it is a team): Days}``"""
        rows = [person for some in people.values() for person in some]
        owners = {
            False: {row.user for row in rows if row.user},
            True: below.of([row.team for row in rows if row.team]),
        }
        metrics = {metric for window in windows for metric in window[2]}
        first = min(window[3] for window in windows)
        after = max(window[4] for window in windows)
        credits, ledger = self.env["sales.credit"], defaultdict(Days)
        for by_team, ids in owners.items():
            if ids:
                statement = contest_sql.days(
                    self.company_id.ids, metrics, ids, first, after, by_team
                )
                for company, metric, owner, day, amount, active in credits._read_fast(
                    statement
                ):
                    days = ledger[company, metric, owner, by_team]
                    days.add(day, Decimal(str(amount)), active)
        return ledger

    def _has_open_streak(self):
        """Whether a streak counts whatever is verified."""
        return any(
            row.source == "streak" and not row.metric_id for row in self.metric_ids
        )

    @api.model
    def _verified_metrics(self):
        """Ids of all metrics that are more than what people say of themselves."""
        domain = Domain("active", "=", True) & (
            Domain("is_system", "=", False) | Domain("code", "not in", SELF_LOGGED)
        )
        return (
            self.env["sales.metric"]
            .search(domain & Domain("better", "=", "higher"))
            .ids
        )

    # === STREAKS === #

    def _read_streaks(self, measures, people):
        """How many working days in a row brought something, by participant."""
        if not any(people.values()):
            return
        first = min(contest.date_from for contest in self)
        after = max(contest.date_to for contest in self)
        users = self.env["res.users"]
        places = {
            (contest.company_id.id, person.user or 0)
            for contest in self
            for person in people[contest.id]
        }
        companies = self.env["res.company"]
        working = self.env["sales.target"]._working_days(
            {
                (companies.browse(company), users.browse(user or ()))
                for company, user in places
            },
            first,
            after,
        )
        worked = {
            (company.id, user.id or 0): days.worked_days()
            for (company, user), days in working.items()
        }
        for contest in self:
            today = contest.company_id._sales_today()
            company, first, after = (
                contest.company_id.id,
                contest.date_from,
                contest.date_to,
            )
            rows = contest.metric_ids.filtered(lambda row: row.source == "streak").ids
            cut = {}
            for person in people[contest.id]:
                days = worked[company, person.user or 0]
                if id(days) not in cut:
                    own = [day for day in days if first <= day < after]
                    cut[id(days)] = [day for day in own if day <= today], len(own)
                past, total = cut[id(days)]
                active = measures.days.get(person.id, ())
                measures.streaks[person.id] = run_of(past, active, today)
                for part in rows:
                    active = set(measures.part_days.get((part, person.id), ()))
                    longest = streak(past, active, today)[1]
                    measures.values[part, person.id, 0] = longest
                    measures.references[part, person.id] = total

    # === SAVING === #

    def _save(self, rows, streaks):
        """Write what changed.

        :param list rows: ``(contest, Result)``
        :return: the contests whose standing changed
        """
        kept = [result.person.id for _contest, result in rows]
        changed = set()
        today = {c: c.company_id._sales_today() for c in self}
        query = self.env.execute_query
        changed.update(id_ for (id_,) in query(contest_sql.drop_others(self, kept)))
        if rows:
            columns = _columns(rows, today, streaks)
            changed.update(id_ for (id_,) in query(contest_sql.save_standings(columns)))
            self.env.cr.execute(contest_sql.save_lines(_line_columns(rows)))
        for name in ("sales.standing", "sales.standing.line"):
            self.env[name].invalidate_model()
        self.invalidate_recordset(["standing_ids"])
        return self.browse(sorted(changed))


class Measures:
    """What was read of all participants.

    :ivar dict values: ``{(part, participant, number of the period): value}``
    :ivar dict references: ``{(part, participant): what it is measured against}``
    :ivar dict last: ``{(part, participant): day of the last credit}``
    :ivar dict days: ``{participant: days with credit}``
    :ivar dict part_days: ``{(part, participant): days with credit}``
    :ivar dict streaks: ``{participant: working days in a row up to today}``
    """

    def __init__(self):
        self.values, self.references, self.last = {}, {}, {}
        self.streaks, self.part_days = {}, {}
        self.days = defaultdict(set)

    def of(self, part, person):
        """What somebody brought of a part: ``(value, reference, last day)``."""
        key = (part.id, person.id)
        return (
            self.values.get((*key, 0), 0),
            self.references.get(key, NONE),
            self.last.get(key),
        )


def _columns(rows, today, streaks):
    """Columns of standings, see ``contest_sql.save_standings``."""
    company = {contest: contest.company_id.id for contest in today}
    columns = {
        "contest_id": ("int", [c.id for c, _r in rows]),
        "company_id": ("int", [company[c] for c, _r in rows]),
        "participant_id": ("int", [r.person.id for _c, r in rows]),
        "user_id": ("int", [r.person.user for _c, r in rows]),
        "team_id": ("int", [r.person.team for _c, r in rows]),
        "league_id": ("int", [r.person.league for _c, r in rows]),
        "score": ("numeric", [f"{r.score:.2f}" for _c, r in rows]),
        "rank": ("int", [r.rank for _c, r in rows]),
        "is_tied": ("bool", [r.is_tied for _c, r in rows]),
        "is_qualified": ("bool", [r.is_qualified for _c, r in rows]),
        "reached_on": ("date", [r.reached for _c, r in rows]),
        "streak": ("int", [streaks.get(r.person.id, 0) for _c, r in rows]),
        "rank_day": ("date", [today[c] for c, _r in rows]),
    }
    return columns


def _line_columns(rows):
    """Columns of lines, see ``contest_sql.save_lines``."""
    table = [
        (
            contest.id,
            result.person.id,
            line.part,
            line.value,
            line.reference,
            line.ramp,
            line.heads,
            f"{line.points:.4f}",
        )
        for contest, result in rows
        for line in result.lines
    ]
    names = (
        ("contest", "int"),
        ("participant", "int"),
        ("part", "int"),
        ("value", "numeric"),
        ("reference", "numeric"),
        ("share_ramp", "numeric"),
        ("heads", "int"),
        ("points", "numeric"),
    )
    columns = zip(*table, strict=True) if table else [()] * len(names)
    return {
        name: (kind, column)
        for (name, kind), column in zip(names, columns, strict=True)
    }
