import random
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import tagged
from odoo.tools import SQL

from ..properties import properties
from .replay_common import START, ReplayCase

DEALS = 2000
SPAN = 120 * 24 * 3600  # seconds
FEW = 4

changes = st.lists(
    st.one_of(
        st.tuples(st.just("stage"), st.integers(0, 2)),
        st.tuples(st.just("owner"), st.integers(0, 3)),
        st.tuples(st.just("amount"), st.integers(0, 10**6)),
        st.tuples(st.just("closing"), st.none() | st.integers(0, 240)),
        st.tuples(st.just("status"), st.integers(0, 2)),
    ),
    max_size=3,
)
# Now and then within the same second, or in the last moment of one.
gaps = st.one_of(
    st.sampled_from([1, 999_999, 1_000_000]),
    st.integers(1, 20 * 24 * 3600).map(lambda seconds: seconds * 1_000_000),
)


@st.composite
def lives(draw):
    """A few deals and what happens to them, see :class:`ReplayCase`."""
    moment, steps = START, []
    for gap in draw(st.lists(gaps, min_size=1, max_size=8)):
        moment += timedelta(microseconds=gap)
        changed = st.dictionaries(
            st.integers(0, FEW - 1), changes, min_size=1, max_size=FEW
        )
        steps.append((moment, draw(changed)))
    return steps


@tagged("post_install", "-at_install")
class TestPipelineLives(ReplayCase):
    """Any life of a few deals, against the same life told in plain Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._new_deals(FEW)

    @properties(100)
    @given(steps=lives(), data=st.data())
    def test_any_life(self, steps, data):
        """As of every second that matters, between any two of them, and every stay."""
        oracle = self._live(steps)
        # What is checked at commit: a chain without a gap.
        self.env.cr.execute(SQL("SET CONSTRAINTS ALL IMMEDIATE"))
        self.env.cr.execute(SQL("SET CONSTRAINTS ALL DEFERRED"))
        happened = {moment.replace(microsecond=0) for moment, _changed in steps}
        seconds = sorted(happened | {m - timedelta(seconds=1) for m in happened})
        for moment in seconds:
            self._check_as_of(oracle, moment)
        self._check_stays(oracle)
        moments = [data.draw(st.sampled_from(seconds), label=x) for x in ("a", "b")]
        view = data.draw(st.integers(0, 3), label="view")
        period = data.draw(st.sampled_from(self.PERIODS), label="period")
        self._check_waterfall(oracle, moments, self._views()[view], period)


@tagged("post_install", "-at_install")
class TestPipelineReplay(ReplayCase):
    """The life of many deals, always the same one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = random.Random(20240101)
        cls._new_deals(DEALS)
        cls.oracle = cls._live(cls._steps())

    @classmethod
    def _steps(cls):
        """600 moments in 120 days; at each, up to 30 deals change."""
        pick = cls.random
        moments = {
            START
            + timedelta(
                seconds=pick.randrange(SPAN),
                microseconds=pick.choice([0, 0, 1, 999999]),
            )
            for _ in range(600)
        }
        seen = set()
        for moment in sorted(moments):
            numbers = pick.sample(range(DEALS), pick.randint(1, 30))
            yield (
                moment,
                {
                    number: cls._some_changes(is_new=number not in seen)
                    for number in numbers
                },
            )
            seen.update(numbers)

    @classmethod
    def _some_changes(cls, *, is_new):
        pick = cls.random
        closing = None if pick.random() < 0.1 else pick.randrange(240)
        possible = {
            "stage": pick.randrange(3),
            "owner": pick.randrange(4),
            "amount": pick.randrange(10**6),
            "closing": closing,
            "status": pick.randrange(3),
        }
        if is_new:
            return [(n, possible[n]) for n in ("owner", "amount", "closing")]
        return pick.sample(sorted(possible.items()), pick.choice([1, 1, 2, 3]))

    def _moment(self):
        """Any second, often one at which something happened, or the one before."""
        life = self.random.choice(list(self.oracle.lives.values()))
        moment = self.random.choice(life)[0].replace(microsecond=0)
        if self.random.random() < 0.4:
            moment = START + timedelta(seconds=self.random.randrange(SPAN))
        return moment - timedelta(seconds=self.random.randint(0, 1))

    def test_as_of(self):
        for _ in range(15):
            self._check_as_of(self.oracle, self._moment())

    def test_waterfall(self):
        seen = set()
        for view in self._views():
            for period in self.PERIODS:
                for _ in range(3):
                    moments = [self._moment(), self._moment()]
                    seen |= self._check_waterfall(
                        self.oracle, moments, view, period
                    ).keys()
        self.assertEqual(len(seen), 12, "each bar has occurred, but for deleted deals")

    def test_waterfall_of_deleted_deals(self):
        gone = self.random.sample(sorted(self.states), 60)
        self.env["crm.lead"].with_context(active_test=False).browse(gone).unlink()
        kept = {deal: list(life) for deal, life in self.oracle.lives.items()}
        self.addCleanup(self.oracle.lives.update, kept)
        for deal in gone:
            self.oracle.note(deal, datetime.utcnow(), None)
        for _ in range(6):
            moments = [self._moment(), self._moment()]
            self._check_waterfall(self.oracle, moments, self._views()[0], None)
        tomorrow = datetime.utcnow().replace(microsecond=0) + timedelta(days=1)
        bars = self._check_waterfall(
            self.oracle, [self._moment(), tomorrow], self._views()[0], None
        )
        self.assertIn("removed", bars)

    def test_dwell_times(self):
        self._check_stays(self.oracle)
