"""From credit to lines: the commission of one person in one period of a plan.

Plain Python on what was read for everybody at once (``commission_facts``); the
reckoning itself is ``engine.commission``.
"""

from ...engine import commission
from ...engine.commission import HUNDRED, ONE, ZERO
from ...engine.plan_allocation import to_unit
from .commission_part_work import PartWork
from .commission_result import CommissionLine, CommissionResult


class Work:
    """Works out results.

    :param dict collection: ``{(model, id): (collected, {days: overdue})}``
    :param dict reasons: ``{(model, id): why}`` of documents that take something back
    """

    def __init__(self, collection, reasons):
        self.collection = collection
        self.reasons = reasons

    def result(self, job, balances=None, taken=None):
        """
        :param dict balances: what is to be recovered of this person, of what is earned
            (``amount``) and of what was paid (``payable_amount``); changed
        :param set taken: ids of bonuses this person got before; changed
        :rtype: CommissionResult
        """
        result = CommissionResult(job.rules.id, job.owner, job.first, job.after)
        weight, facts = ZERO, []
        for part in job.parts:
            piece = PartWork(self, job, part)
            result.lines += piece.lines()
            facts.append(piece)
            weight = max(weight, piece.weight)
        first = facts[0]
        result.base, result.target = first.base, first.part.target
        result.attainment = first.attainment
        self._cap(job, result, weight)
        for piece in facts:
            self._bonuses(job, result, piece, set() if taken is None else taken)
        if job.rules.draw:
            self._draw(job, result, weight, balances)
        return result

    def _cap(self, job, result, weight):
        if not job.rules.cap:
            return
        cap = to_unit(job.rules.cap * weight, job.rules.unit)
        amount, payable = commission.capped(result.earned, result.payable, cap)
        if amount or payable:
            result.lines.append(
                CommissionLine(
                    "cap",
                    amount=amount,
                    payable_amount=payable,
                    detail={"cap": cap, "earned": result.earned},
                )
            )

    def _bonuses(self, job, result, piece, taken):
        if piece.part.role != "own" and any(p.role == "own" for p in job.parts):
            return  # bonuses are for the own credit, where there is some
        if piece.part is not next(p for p in job.parts if p.role == piece.part.role):
            return  # once, however many teams somebody leads
        for bonus in job.rules.bonuses:
            if bonus["owner"] not in (None, job.owner):
                continue
            line = self._bonus(job, piece, bonus, taken)
            if line:
                result.lines.append(line)

    def _bonus(self, job, piece, bonus, taken):
        detail = {"bonus_id": bonus["id"], "trigger": bonus["trigger"]}
        if bonus["trigger"] == "day":
            day = bonus["date"]
            if not any(w.first <= day < w.after for w in piece.part.windows):
                return None
            amount = to_unit(bonus["amount"], job.rules.unit)
            return CommissionLine(
                "bonus",
                credit_date=day,
                amount=amount,
                payable_amount=amount,
                detail=detail,
            )
        by_target = bonus["trigger"] == "attainment"
        reached = piece.attainment if by_target else piece.position
        goal = bonus["goal"] * (ONE if by_target else piece.fraction)
        detail |= {"goal": goal, "reached": reached}
        amount = ZERO
        if bonus["is_once"] and bonus["id"] in taken:
            detail["why"] = "once"
        elif reached is None:
            detail["why"] = "no_target"
        elif reached < goal:
            detail["why"] = "not_reached"
        else:
            taken.add(bonus["id"])
            amount = to_unit(bonus["amount"] * piece.weight, job.rules.unit)
        return CommissionLine(
            "bonus",
            share=HUNDRED * piece.weight,
            amount=amount,
            payable_amount=amount,
            detail=detail,
        )

    def _draw(self, job, result, weight, balances):
        draw = to_unit(job.rules.draw * weight, job.rules.unit)
        line = CommissionLine(
            "draw", share=HUNDRED * weight, detail={"draw": draw, "recoverable": False}
        )
        earned = {"amount": result.earned, "payable_amount": result.payable}
        for name, sum_ in earned.items():
            balance = None
            if job.rules.is_recoverable:
                balance = balances.get(name, ZERO)
                line.detail["recoverable"] = True
            amount, balance = commission.drawn(sum_, draw, balance)
            setattr(line, name, amount)
            if balance is not None:
                balances[name] = balance
                line.detail[f"balance_{name}"] = balance
        result.lines.append(line)
