from collections import defaultdict
from fractions import Fraction

from odoo import api, fields, models
from odoo.fields import Domain

from ...engine.contest import exact, own_medians, previous_spans, streak
from ...engine.target_split import ramp_weight
from ..target.sales_target_weight import RAMP
from . import contest_sql
from .contest_work import Person, Rules, results
from .sales_contest_metric import SELF_LOGGED

# How exact references are: what is stored is what was divided by.
CENT = 2


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
        contests._sync_participants()
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
            exact(self.minimum_score),
            self.tie_rule == "first",
        )

    def _read_people(self):
        """:return: ``{contest id: [Person]}``, of those who are ranked"""
        people = defaultdict(list)
        by_id = {contest.id: contest for contest in self}
        for (
            contest_id,
            id_,
            user,
            team,
            league,
            joined,
            heads,
        ) in self.env.execute_query(contest_sql.participants(self)):
            contest = by_id[contest_id]
            ramp = contest._ramp_of(joined) if user else 1.0
            if not team or contest.team_scoring == "sum":
                heads = 1
            league = league if contest.kind == "league" else None
            people[contest_id].append(Person(id_, user, team, league, ramp, heads))
        return people

    def _ramp_of(self, joined):
        """How much of a full person somebody is over the days he is there, 0–1."""
        self.ensure_one()
        if not self.ramp or not joined or joined >= self.date_to:
            return 1.0
        begin = max(self.date_from, joined)
        return round(ramp_weight(begin, self.date_to, joined=joined, ramp=RAMP), 4)

    # === WHAT IS READ === #

    def _measures(self, people):
        """Everything that is scored: see :class:`Measures`."""
        measures = Measures()
        measures.joined = self._read_joined()
        self._read_values(measures)
        self._read_references(measures, people)
        self._fill_deals(measures, people)
        self._read_streaks(measures, people)
        return measures

    def _read_joined(self):
        rows = self.env["sales.contest.participant"].search_fetch(
            [("contest_id", "in", self.ids)], ["date_joined"], order="id"
        )
        return {row.id: row.date_joined for row in rows}

    def _read_values(self, measures):
        """What the ledger says of the contest, and of periods before where that is
        what is compared with."""
        verified = self._verified_metrics() if self._has_open_streak() else []
        windows = []
        for contest in self:
            spans = [(contest.date_from, contest.date_to)]
            if contest.scoring == "improvement":
                spans += previous_spans(*spans[0], contest.previous_periods)
            for row in contest.metric_ids.filtered(lambda row: row._is_of_ledger()):
                past = spans if row.source == "ledger" else spans[:1]
                for metric in row.metric_id.ids or verified:
                    windows += [
                        (
                            row.id,
                            contest.id,
                            number,
                            contest.company_id.id,
                            metric,
                            *days,
                        )
                        for number, days in enumerate(past)
                    ]
        if not windows:
            return
        credits = self.env["sales.credit"]
        for part, person, number, amount, day, days in credits._read_fast(
            contest_sql.values(windows, True)
        ):
            measures.values[part, person, number] = amount
            if number == 0:
                measures.last[part, person] = day
                measures.days[person].update(days or ())
                measures.part_days[part, person] = days or ()

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

    def _read_references(self, measures, people):
        """Targets, or what people usually bring."""
        windows = []
        for contest in self:
            for row in contest.metric_ids.filtered(lambda row: row.source == "ledger"):
                if contest.scoring == "improvement":
                    self._fill_medians(measures, contest, row, people[contest.id])
                elif contest.scoring == "attainment":
                    windows.append(
                        (
                            row.id,
                            contest.id,
                            contest.company_id.id,
                            row.metric_id.id,
                            contest.date_from,
                            contest.date_to,
                        )
                    )
        if windows:
            self._fill_targets(measures, windows)

    @api.model
    def _fill_medians(self, measures, contest, row, people):
        spans = previous_spans(
            contest.date_from, contest.date_to, contest.previous_periods
        )
        past = {}
        for person in people:
            joined = measures.joined.get(person.id)
            past[person.id] = [
                exact(measures.values.get((row.id, person.id, number), 0))
                for number, (first, _after) in enumerate(spans, 1)
                if not joined or joined <= first or not person.user
            ]
        medians = own_medians(past, [person.id for person in people])
        for id_, value in medians.items():
            measures.references[row.id, id_] = round(exact(value), CENT)

    def _fill_targets(self, measures, windows):
        """Targets of the days of the contest, by their working days."""
        by_part = {window[0]: window for window in windows}
        rows = self.env.execute_query(contest_sql.targets(windows))
        if not rows:
            return
        companies = {contest.company_id for contest in self}
        nobody = self.env["res.users"]
        working = self.env["sales.target"]._working_days(
            {(company, nobody) for company in companies},
            min(row[2] for row in rows),
            max(row[3] for row in rows),
        )
        by_company = {place[0].id: days for place, days in working.items()}
        known = {}
        sums = defaultdict(Fraction)
        for part, person, first, after, amount in rows:
            _part, _contest, company, _metric, low, high = by_part[part]
            key = (company, max(first, low), min(after, high), first, after)
            if key not in known:
                known[key] = exact(round(by_company[company].part(*key[1:]), 10))
            sums[part, person] += exact(amount) * known[key]
        for key, amount in sums.items():
            measures.references[key] = round(amount, CENT)

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
            rows = contest.metric_ids.filtered(lambda row: row.source == "streak")
            cut = {}
            for person in people[contest.id]:
                days = worked[contest.company_id.id, person.user or 0]
                if id(days) not in cut:
                    own = [d for d in days if contest.date_from <= d < contest.date_to]
                    cut[id(days)] = [d for d in own if d <= today], len(own)
                past, total = cut[id(days)]
                active = measures.days.get(person.id, ())
                measures.streaks[person.id] = streak(past, active, today)[0]
                for row in rows:
                    active = set(measures.part_days.get((row.id, person.id), ()))
                    longest = streak(past, active, today)[1]
                    measures.values[row.id, person.id, 0] = longest
                    measures.references[row.id, person.id] = total

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
        self.joined, self.streaks, self.part_days = {}, {}, {}
        self.days = defaultdict(set)

    def of(self, part, person):
        """What somebody brought of a part: ``(value, reference, last day)``."""
        key = (part.id, person.id)
        return (
            self.values.get((*key, 0), 0),
            self.references.get(key, 0),
            self.last.get(key),
        )


def _columns(rows, today, streaks):
    """Columns of standings, see ``contest_sql.save_standings``."""
    columns = {
        "contest_id": ("int", [c.id for c, _r in rows]),
        "company_id": ("int", [c.company_id.id for c, _r in rows]),
        "participant_id": ("int", [r.person.id for _c, r in rows]),
        "user_id": ("int", [r.person.user for _c, r in rows]),
        "team_id": ("int", [r.person.team for _c, r in rows]),
        "league_id": ("int", [r.person.league for _c, r in rows]),
        "score": ("numeric", [f"{float(r.score):.2f}" for _c, r in rows]),
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
            _number(line.value),
            _number(line.reference),
            line.ramp,
            line.heads,
            f"{float(line.points):.4f}",
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


def _number(value):
    """A number as text: decimals as they are, fractions of hundredths exactly."""
    return f"{float(value):.2f}" if isinstance(value, Fraction) else value
