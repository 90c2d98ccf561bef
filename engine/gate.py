"""Decide whether the exit criteria of a sales stage are met.

What
----
A deal leaves a stage when each criterion of that stage is proven. Proof comes in
two forms: *facts* that the system finds by itself (a meeting that was held, an
inbound mail, a filled field) and *proofs* that somebody recorded (evidence that a
manager verified, a confirmation by the buyer, a waiver). This module weighs both;
it knows nothing of the database.

How to use
----------
Describe the criterion with :class:`Rule`, collect :class:`Fact` and :class:`Proof`
records for the deal and call :func:`judge`. All moments are naive UTC datetimes.

Examples
--------
>>> from datetime import datetime, timedelta
>>> now = datetime(2024, 5, 31, 12)
>>> rule = Rule(id=1, key="a", kind="meeting", minimum_count=2, validity_days=30)
>>> held = [Fact("meeting", None, now - timedelta(days=d), "calendar.event", d)
...         for d in (3, 20)]
>>> judge(rule, held, [], now).state
'met'
>>> judge(rule, held[:1], [], now).state
'open'

The second meeting is too old once the validity of 30 days has passed:

>>> judge(rule, held, [], now + timedelta(days=11)).state
'open'
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Kinds that describe how a deal *is* rather than something that happened on a day.
# They carry no date of their own, so a validity needs a dated confirmation.
STATE_KINDS = frozenset({"fields", "domain", "stakeholder"})

# A criterion in one of these states does not hold a deal back.
PASSING_STATES = frozenset({"met", "waived", "imported"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One exit criterion.

    :ivar key: identity of the criterion across versions of a process
    :ivar kind: what is looked at, e.g. ``"meeting"``
    :ivar severity: ``"hard"`` blocks, ``"soft"`` asks a reason, ``"advisory"`` tells
    :ivar verifier: who has to say yes; ``"system"`` accepts facts alone
    :ivar ref: narrows the facts (an activity type, a buying role, a category); None
        takes any. A fact may come once per ref: it counts once
    :ivar since_stage: only facts after the stage was entered count
    :ivar minimum_amount: applies to deals of at least this amount, in the currency
        of the process; 0 applies to all
    :ivar validity_days: days after which a proof lapses; 0 never
    """

    id: int
    key: str
    kind: str
    severity: str = "hard"
    verifier: str = "system"
    ref: str | None = None
    since_stage: bool = False
    minimum_amount: float = 0.0
    minimum_count: int = 1
    validity_days: int = 0
    field_names: tuple = ()
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the system found: ``at`` is None for a fact without a date."""

    kind: str
    ref: str | None
    at: datetime | None
    model: str | None = None
    res_id: int | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """One row of recorded evidence, as the gate needs it.

    :ivar source: ``manual``, ``buyer``, ``waiver``, ``gate`` (written when the gate
        let the deal through) or ``skip`` (a soft criterion left open)
    """

    id: int
    key: str
    state: str
    source: str
    expires: datetime | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What :func:`judge` says about one criterion of one deal.

    :ivar state: ``met``, ``waived``, ``imported``, ``submitted``, ``rejected``,
        ``expired`` or ``open``
    :ivar fact: the fact that carries a ``met`` found by the system
    :ivar proof: the evidence behind the state, if any
    :ivar expires: when a ``met`` or ``waived`` lapses
    """

    state: str
    fact: Fact | None = None
    proof: Proof | None = None
    expires: datetime | None = None

    @property
    def passes(self):
        return self.state in PASSING_STATES


def lapses(proof, now):
    """Whether the validity of ``proof`` is over at ``now`` (half-open interval)."""
    return bool(proof.expires) and proof.expires <= now


def judge(rule, facts, proofs, now, *, entered=None, passed=False, imported=False):
    """Weigh facts and proofs of one deal for one criterion.

    :param Rule rule: the criterion
    :param facts: iterable of :class:`Fact` of this deal, any kind
    :param proofs: iterable of :class:`Proof` of this deal and criterion, oldest first
    :param datetime now: naive UTC
    :param datetime entered: when the deal entered its current stage, naive UTC
    :param bool passed: the deal is beyond this stage, so what the gate accepted then
        still holds; a criterion of the current stage is judged afresh
    :param bool imported: the deal started behind this stage
    :rtype: Verdict
    """
    decided, latest = _decided(proofs, now, passed)
    if decided and decided.state == "waived":
        return Verdict("waived", proof=decided, expires=decided.expires)
    if decided and not _needs_fact(rule):
        return Verdict("met", proof=decided, expires=decided.expires)
    if rule.verifier == "system":
        verdict = _judge_facts(rule, facts, decided, now, entered)
        if verdict:
            return verdict
    if decided:
        return Verdict("met", proof=decided, expires=decided.expires)
    if imported:
        return Verdict("imported")
    return Verdict(_undecided_state(latest, now), proof=latest)


def _needs_fact(rule):
    """A state with a validity is met while it holds *and* was confirmed in time."""
    return rule.verifier == "system" and rule.kind in STATE_KINDS and rule.validity_days


def _decided(proofs, now, passed):
    """The evidence that settles the criterion, and the latest row of any kind."""
    decided = latest = None
    for proof in proofs:
        if proof.source == "skip" or (proof.source == "gate" and not passed):
            continue
        latest = proof
        if proof.state == "rejected":
            decided = None
        elif proof.state in ("verified", "waived") and not lapses(proof, now):
            decided = proof
    return decided, latest


def _undecided_state(latest, now):
    if latest is None:
        return "open"
    if latest.state in ("submitted", "rejected"):
        return latest.state
    if latest.state == "expired" or lapses(latest, now):
        return "expired"
    return "open"


def _judge_facts(rule, facts, confirmed, now, entered):
    """A ``met`` verdict when enough facts hold at ``now``, else None."""
    if _needs_fact(rule) and not confirmed:
        return None
    found = [fact for fact in facts if _counts(rule, fact, now, entered)]
    found = list({(f.model, f.res_id): f for f in found}.values())
    if len(found) < max(rule.minimum_count, 1):
        return Verdict("open") if _needs_fact(rule) else None
    if rule.kind in STATE_KINDS:
        expires = confirmed.expires if confirmed else None
        return Verdict("met", fact=found[0], proof=confirmed, expires=expires)
    found.sort(key=lambda fact: fact.at, reverse=True)
    expires = None
    if rule.validity_days:
        # The criterion opens again when too few facts are young enough.
        weakest = found[max(rule.minimum_count, 1) - 1]
        expires = weakest.at + timedelta(days=rule.validity_days)
    return Verdict("met", fact=found[0], expires=expires)


def _counts(rule, fact, now, entered):
    if fact.kind != rule.kind or (rule.ref is not None and fact.ref != rule.ref):
        return False
    if fact.at is None:
        return True
    if fact.at > now:
        return False
    if rule.since_stage and entered and fact.at < entered:
        return False
    return not rule.validity_days or fact.at > now - timedelta(days=rule.validity_days)


def progress(states):
    """Share of met criteria in percent, 0–100; 100 when nothing applies.

    >>> progress(["met", "open", "waived", "submitted"])
    50.0
    >>> progress([])
    100.0
    """
    states = list(states)
    if not states:
        return 100.0
    return 100.0 * sum(state in PASSING_STATES for state in states) / len(states)
