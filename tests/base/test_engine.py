import doctest
import importlib
import itertools
import pkgutil
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ... import engine
from ...engine.gate import (
    STATE_KINDS,
    Fact,
    Proof,
    Rule,
    judge,
    progress,
)
from ..properties import properties

NOW = datetime(2024, 5, 31, 12)
DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestEngine(BaseCase):
    """The examples in the documentation of the engine hold."""

    def test_doctests(self):
        names = [module.name for module in pkgutil.iter_modules(engine.__path__)]
        self.assertIn("gate", names)
        attempted = 0
        for name in names:
            module = importlib.import_module(f"{engine.__name__}.{name}")
            result = doctest.testmod(module)
            self.assertEqual(result.failed, 0, name)
            attempted += result.attempted
        self.assertGreater(attempted, 0)


@tagged("post_install", "-at_install")
class TestEngineGate(BaseCase):
    """Properties that hold for every rule, fact and proof."""

    KINDS = ("fields", "domain", "stakeholder", "meeting", "email", "signoff")

    def _rules(self):
        for kind, verifier, count, validity in itertools.product(
            self.KINDS, ("system", "manager"), (1, 3), (0, 10)
        ):
            yield Rule(
                id=1,
                key="k",
                kind=kind,
                verifier=verifier,
                minimum_count=count,
                validity_days=validity,
            )

    def _facts(self, kind, days):
        dated = kind not in STATE_KINDS
        return [
            Fact(kind, None, NOW - d * DAY if dated else None, "m", d) for d in days
        ]

    def _proof(self, state, source="manual", expires=None, id_=1):
        return Proof(id_, "k", state, source, expires)

    def test_nothing_known_never_passes(self):
        for rule in self._rules():
            self.assertEqual(judge(rule, [], [], NOW).state, "open", rule)

    def test_a_waiver_always_passes_until_it_lapses(self):
        for rule in self._rules():
            waiver = self._proof("waived", "waiver", NOW + DAY)
            self.assertEqual(judge(rule, [], [waiver], NOW).state, "waived", rule)
            self.assertFalse(judge(rule, [], [waiver], NOW + DAY).passes, rule)

    @properties()
    @given(
        st.sampled_from(KINDS),
        st.integers(0, 4),
        st.integers(0, 20),
        st.lists(st.integers(0, 30), unique=True, max_size=8),
        st.integers(0, 8),
    )
    def test_more_facts_never_hurt(self, kind, needed, validity, days, few):
        rule = Rule(
            id=1, key="k", kind=kind, minimum_count=needed, validity_days=validity
        )
        one = judge(rule, self._facts(kind, days[:few]), [], NOW)
        all_ = judge(rule, self._facts(kind, days), [], NOW)
        self.assertLessEqual(one.passes, all_.passes)
        # The order in which they are told makes no difference.
        back = judge(rule, self._facts(kind, days[::-1]), [], NOW)
        self.assertEqual((back.state, back.expires), (all_.state, all_.expires))

    def test_facts_count_only_for_the_system(self):
        for rule in self._rules():
            passes = judge(rule, self._facts(rule.kind, (1, 2, 3)), [], NOW).passes
            needs_date = rule.kind in STATE_KINDS and rule.validity_days
            self.assertEqual(passes, rule.verifier == "system" and not needs_date, rule)

    def test_verified_then_rejected_is_open_again(self):
        rule = Rule(id=1, key="k", kind="signoff", verifier="manager")
        rows = [self._proof("verified"), self._proof("rejected", id_=2)]
        self.assertEqual(judge(rule, [], rows, NOW).state, "rejected")
        rows.append(self._proof("verified", id_=3))
        self.assertEqual(judge(rule, [], rows, NOW).state, "met")

    def test_handing_in_again_keeps_what_was_verified(self):
        rule = Rule(id=1, key="k", kind="signoff", verifier="manager")
        rows = [self._proof("verified"), self._proof("submitted", id_=2)]
        self.assertEqual(judge(rule, [], rows, NOW).state, "met")
        self.assertEqual(judge(rule, [], rows[1:], NOW).state, "submitted")

    def test_what_the_gate_accepted_holds_beyond_the_stage_only(self):
        rule = Rule(id=1, key="k", kind="meeting")
        rows = [self._proof("verified", "gate")]
        self.assertTrue(judge(rule, [], rows, NOW, passed=True).passes)
        self.assertFalse(judge(rule, [], rows, NOW, passed=False).passes)

    def test_left_open_on_purpose_is_not_met(self):
        rule = Rule(id=1, key="k", kind="meeting", severity="soft")
        rows = [self._proof("waived", "skip")]
        for passed in (True, False):
            self.assertEqual(judge(rule, [], rows, NOW, passed=passed).state, "open")

    def test_imported_is_not_verified(self):
        rule = Rule(id=1, key="k", kind="signoff", verifier="manager")
        self.assertEqual(judge(rule, [], [], NOW, imported=True).state, "imported")
        rows = [self._proof("verified")]
        self.assertEqual(judge(rule, [], rows, NOW, imported=True).state, "met")

    def test_expiry_is_that_of_the_weakest_fact_needed(self):
        """Two meetings 1 and 4 days old, valid 10 days: short of one in 6 days."""
        rule = Rule(id=1, key="k", kind="meeting", minimum_count=2, validity_days=10)
        facts = self._facts("meeting", (1, 4, 9))
        verdict = judge(rule, facts, [], NOW)
        self.assertEqual(verdict.expires, NOW + 6 * DAY)
        self.assertTrue(judge(rule, facts, [], NOW + 6 * DAY - DAY / 24).passes)
        self.assertFalse(judge(rule, facts, [], NOW + 6 * DAY).passes)

    def test_only_since_the_stage_was_entered(self):
        rule = Rule(id=1, key="k", kind="email", since_stage=True)
        facts = self._facts("email", (3,))
        self.assertFalse(judge(rule, facts, [], NOW, entered=NOW - 2 * DAY).passes)
        self.assertTrue(judge(rule, facts, [], NOW, entered=NOW - 3 * DAY).passes)

    def test_the_future_proves_nothing(self):
        rule = Rule(id=1, key="k", kind="meeting")
        self.assertFalse(judge(rule, self._facts("meeting", (-1,)), [], NOW).passes)

    def test_role_narrows(self):
        rule = Rule(id=1, key="k", kind="meeting", ref="champion")
        facts = [
            Fact("meeting", None, NOW, "m", 1),
            Fact("meeting", "user", NOW, "m", 1),
        ]
        self.assertFalse(judge(rule, facts, [], NOW).passes)
        facts.append(Fact("meeting", "champion", NOW, "m", 1))
        self.assertTrue(judge(rule, facts, [], NOW).passes)

    def test_progress(self):
        self.assertEqual(progress([]), 100.0)
        self.assertEqual(progress(["open"]), 0.0)
        self.assertEqual(progress(["met", "waived", "imported", "expired"]), 75.0)
