from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged

from ...engine.call_cutoff import Rhythm
from ...engine.owner_tree import OwnerTree
from ..properties import properties
from .forecast_call_common import ForecastCallCommon

ZONES = (
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
)
DAY = timedelta(days=1)

rhythms = st.builds(
    Rhythm,
    st.integers(0, 6),
    st.floats(0, 23.99),
    st.sampled_from(ZONES).map(ZoneInfo),
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1))


@tagged("post_install", "-at_install")
class TestForecastCallEngine(BaseCase):
    """What holds for every rhythm and every tree."""

    @properties()
    @given(rhythms, moments)
    def test_moments_follow_each_other(self, rhythm, moment):
        after, before = rhythm.next_after(moment), rhythm.before(moment)
        self.assertLess(before, moment)
        self.assertGreater(after, moment)
        # A week of a clock that may have changed by an hour, or not be hit exactly.
        self.assertLessEqual(after - before, timedelta(days=14, hours=2))
        self.assertEqual(rhythm.before(after + timedelta(seconds=1)), after)
        self.assertEqual(rhythm.next_after(before - timedelta(seconds=1)), before)
        local = after.replace(tzinfo=ZoneInfo("UTC")).astimezone(rhythm.zone)
        self.assertEqual(local.weekday(), rhythm.weekday)

    @properties()
    @given(rhythms, st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 100))
    def test_last_moment_lies_in_the_period(self, rhythm, first, days):
        after = first + days * DAY
        moment = rhythm.last_in(first, after)
        self.assertLessEqual(first, rhythm.day_of(moment))
        self.assertLessEqual(rhythm.day_of(moment), after)
        if days >= 7:
            self.assertLess(rhythm.day_of(moment), after)
            self.assertGreaterEqual(rhythm.day_of(rhythm.next_after(moment)), after)

    @properties()
    @given(st.data())
    def test_everybody_counts_once(self, data):
        teams = []
        for id_ in range(1, data.draw(st.integers(1, 8)) + 1):
            parent = data.draw(st.sampled_from([None, *range(1, id_)]))
            leader = data.draw(st.sampled_from([None, 101, 102, 103]))
            teams.append((id_, parent, leader, data.draw(st.booleans())))
        numbers = st.tuples(
            st.integers(101, 110), st.sampled_from([t[0] for t in teams])
        )
        members = data.draw(st.lists(numbers, max_size=12))
        tree = OwnerTree(teams, members, 1)
        inside = tree.inside([("company", 1)])
        below = [child for owner in inside for child in tree.below(owner)]
        self.assertEqual(len(below), len(set(below)))
        active = {("team", id_) for id_, _parent, _leader, is_on in teams if is_on}
        self.assertEqual({o for o in inside if o[0] == "team"}, active)
        for owner in inside - {("company", 1)}:
            self.assertNotIn(tree.person(owner), tree.leaders_above(owner))
            for leader in tree.leaders_above(owner):
                self.assertGreater(tree.rank(owner, leader), 0)


steps = st.lists(
    st.tuples(
        st.sampled_from(["rep", "colleague", "leader"]),
        st.sampled_from(["commit", "best_case", "pipeline"]),
        st.one_of(st.none(), st.integers(0, 1000)),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@tagged("post_install", "-at_install")
class TestForecastCallAppendOnly(ForecastCallCommon):
    """Whatever is called, adjusted and reset: what was there stays as it was."""

    def _state(self, model):
        return {
            row.id: (row.amount, row.date, row.author_id.id, row.category)
            for row in self.env[model].search([("company_id", "=", self.company.id)])
        }

    @properties(25)
    @given(steps)
    def test_append_only(self, lives):
        with self.env.cr.savepoint() as savepoint:
            self._live(lives)
            savepoint.rollback()
        self.env.invalidate_all()

    def _live(self, lives):
        names = ("sales.forecast.call", "sales.forecast.adjustment")
        expected, given_ = {}, 0
        before = {name: self._state(name) for name in names}
        for who, category, amount, is_adjusted in lives:
            user = getattr(self, f"{who}_user")
            owner = ("user", user.id)
            kind = "adjustment" if is_adjusted else "call"
            actor = self.director_user if is_adjusted else user
            row = self._row(
                owner, amount, category=category, kind=kind, reason="Changed"
            )
            self._submit_as(actor, row)
            expected[owner, category, kind] = amount
            given_ += amount is not None
            after = {name: self._state(name) for name in names}
            for name in names:
                for id_, values in before[name].items():
                    self.assertEqual(after[name][id_], values)
            before = after
        self._check(expected, given_, before)

    def _check(self, expected, given_, state):
        """The last one of each counts, every one is there, and one is current."""
        self.assertEqual(sum(map(len, state.values())), given_ + self.there)
        for (owner, category, kind), amount in expected.items():
            entry = self._entry(owner, category=category)
            value = entry["call" if kind == "call" else "adjusted"]
            self.assertEqual(value, amount)
            call, adjusted = entry["call"], entry["adjusted"]
            self.assertEqual(entry["number"], call if adjusted is None else adjusted)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = [("company_id", "=", cls.company.id)]
        cls.there = cls.calls.search_count(domain)
        cls.there += cls.adjustments.search_count(domain)

    def test_one_current_number(self):
        """The database itself refuses a second one."""
        call = self._call(self.rep_user, self.of_rep, 10)
        with self.assertRaisesRegex(Exception, "current_uniq"):
            with self.env.cr.savepoint():
                call.sudo().copy()
        with self.assertRaises(UserError):
            self._call(self.rep_user, self.of_rep, 20, seen=None)
