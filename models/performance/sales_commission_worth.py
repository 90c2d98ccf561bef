from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from odoo import api, models

from ...engine.commission import HUNDRED, ZERO
from ...engine.commission_worth import over_time
from ...engine.plan_allocation import to_unit
from ...engine.plan_split import decimal
from .commission_work import Work
from .commission_worth import UNKNOWN, Marginal

DIRECTOR = "sales_process.group_director"
LEADER = "sales_process.group_leader"


class SalesCommissionPlan(models.Model):
    """What deals and quotations are worth to whoever sells them.

    What one earns is personal: everybody is told of the own commission, a leader of
    that of the people led, nobody of anything else. Nothing of it is stored.
    """

    _inherit = "sales.commission.plan"

    # === WHOSE === #

    @api.model
    def _worth_people(self, offers):
        """Who the user may be told of, for each offer: ``{place: [user ids]}``.

        The own share comes first; of an offer one has no part in, that of its
        salesperson, for those who lead this person. Nobody else is told anything.
        """
        me = self.env.user
        if not me._is_internal():
            return {}
        led = self._worth_led({offer.user for offer in offers} - {None, me.id})
        return {
            place: [me.id, *({offer.user} & led)] for place, offer in enumerate(offers)
        }

    @api.model
    def _worth_led(self, ids):
        """Those of some users whose commission the user may see."""
        user = self.env.user
        if not ids or user.has_group(DIRECTOR):
            return ids
        if not user.has_group(LEADER):
            return set()
        members = self.env["crm.team.member"].sudo()  # leading decides, not the team
        return set(
            members.search(
                [
                    ("user_id", "in", list(ids)),
                    ("crm_team_id.sales_manager_ids", "in", user.ids),
                ]
            ).user_id.ids
        )

    # === HOW MUCH === #

    @api.model
    def _worth_of(self, offers):
        """What offers are worth to the user, or to who is led by the user.

        :param list offers: :class:`.commission_offer.Offer`
        :return: ``{place of the offer: dict}`` as the screens show it, without those
            that are nobody's business; see :meth:`_worth_dict`
        """
        people = self._worth_people(offers)
        found = defaultdict(dict)
        for company in {offer.company for offer in offers}:
            asked = {
                place: people[place]
                for place, offer in enumerate(offers)
                if offer.company == company and place in people
            }
            for (place, user), rows in self._worth_rows(offers, asked, company).items():
                found[place][user] = rows
        result = {}
        for place, by_user in found.items():
            user = next((id_ for id_ in people[place] if id_ in by_user), None)
            result[place] = self._worth_dict(offers[place], user, by_user[user])
        return result

    @api.model
    def _worth_rows(self, offers, asked, company):
        """``{(place, user id): [Worth or UNKNOWN]}`` of the offers of a company."""
        if not asked:
            return {}
        days = [offers[place].day for place in asked]
        plans = self.sudo()  # what is earned does not depend on who may read plans
        plans = plans.with_context(active_test=False).search(
            [
                ("company_id", "=", company.id),
                ("state", "!=", "draft"),
                ("date_from", "<=", max(days)),
                ("date_to", ">", min(days)),
            ]
        )
        owners = {("user", user) for users in asked.values() for user in users}
        last = max(plans.mapped("date_to"), default=None)
        jobs = plans and plans._jobs(plans, min(days), last, owners, last)
        jobs = jobs and _needed(jobs, offers, asked)
        if not jobs:
            return {}
        day = company._sales_today()
        plans._fill_credit(jobs, company, day)
        plans._fill_targets(jobs, company)
        below = self.env["sales.target"]._read_tree("team_id")
        marginal = Marginal(Work(plans._read_collection(jobs, day), {}), below)
        return _worths(marginal, jobs, offers, asked)

    # === HOW IT IS TOLD === #

    @api.model
    def _worth_dict(self, offer, user, rows):
        """What a screen shows of an offer.

        :param list rows: :class:`.commission_worth.Worth`, or ``UNKNOWN``
        :return: dict with ``name`` (False for the user's own), ``currency_id``,
            ``day``, ``earned``, ``chance`` (percent or False), ``weighted``, ``reason``
            (``no_margin`` where it cannot be told yet) and ``plans``: for each what
            :meth:`_worth_plan` says
        """
        company = offer.company
        unit = decimal(company.currency_id.rounding)
        worths = [worth for worth in rows if worth is not UNKNOWN]
        earned = sum((worth.earned for worth in worths), ZERO)
        weighted = None
        if offer.chance is not None:
            weighted = to_unit(earned * offer.chance / HUNDRED, unit)
        owner = self.env["res.users"].sudo().browse(user)  # the name of who is led
        return {
            "name": False if user == self.env.uid else owner.name,
            "currency_id": company.currency_id.id,
            "day": str(offer.day),
            "earned": float(earned),
            "chance": False if offer.chance is None else float(offer.chance),
            "weighted": False if weighted is None else float(weighted),
            "reason": False if len(worths) == len(rows) else "no_margin",
            "plans": [self._worth_plan(worth, offer, unit) for worth in worths],
        }

    @api.model
    def _worth_plan(self, worth, offer, unit):
        """What is told of an offer by one plan: amounts, what lies ahead, and when it
        is paid."""
        job, next_ = worth.job, worth.ahead
        plan = self.sudo().browse(job.rules.id)  # the user may be told of it
        payments = [(job.after - timedelta(days=1), decimal(1))]
        if plan.payable == "collected" and offer.payments:
            payments = offer.payments
        by_target = job.rules.basis == "attainment"
        return {
            "metric": job.rules.metric,
            "period": plan.period_type,
            "from": str(job.first),
            "to": str(job.after),
            "mode": job.rules.mode,
            "base": float(worth.base),
            "share": False if worth.share is None else float(worth.share),
            "earned": float(worth.earned),
            "rate": float(next_.rate),
            "rate_after": float(next_.rate_after),
            "next": next_.lower is not None
            and {
                "gap": float(next_.gap),
                "gap_after": float(max(ZERO, next_.gap_after)),
                "rate": float(next_.next_rate),
                "amount": float(next_.next_amount),
                "is_reached": next_.is_reached,
            },
            "no_target": not worth.target and (by_target or bool(job.rules.threshold)),
            "missing": float(worth.missing),
            "threshold": float(job.rules.threshold),
            "is_capped": worth.is_capped,
            "is_guaranteed": worth.is_guaranteed,
            "payable": plan.payable,
            "payments": [
                {"month": str(month), "amount": float(amount)}
                for month, amount in over_time(worth.earned, payments, unit)
            ],
        }


def _needed(jobs, offers, asked):
    """The jobs in which an offer would lie, as what is earned is worked out in them.

    When it is paid follows from the customer, so nothing is asked about what was
    collected. Recoverable advances are left out: what they add is paid back. Bonuses
    of the first time need what came before.
    """
    days = defaultdict(set)
    for place, users in asked.items():
        for user in users:
            days["user", user].add(offers[place].day)
    kept = []
    for job in jobs:
        hit = any(job.first <= day < job.after for day in days[job.owner])
        has_past = any(bonus["is_once"] for bonus in job.rules.bonuses)
        if hit or has_past and job.first <= max(days[job.owner]):
            draw = ZERO if job.rules.is_recoverable else job.rules.draw
            rules = replace(job.rules, payable="earned", draw=draw)
            kept.append(replace(job, rules=rules, is_wanted=hit))
    return kept if any(job.is_wanted for job in kept) else []


def _worths(marginal, jobs, offers, asked):
    """``{(place, user id): [Worth or UNKNOWN]}``, with bonuses of the first time given
    to the first period that reaches them."""
    found, taken = defaultdict(list), defaultdict(set)
    places = defaultdict(list)
    for place, users in asked.items():
        for user in users:
            places["user", user].append(place)
    for job in jobs:
        got = taken[job.rules.id, job.owner]
        for place in places[job.owner]:
            if job.is_wanted and job.first <= offers[place].day < job.after:
                worth = marginal.worth(job, offers[place], got)
                if worth is not None:
                    found[place, job.owner[1]].append(worth)
        if any(bonus["is_once"] for bonus in job.rules.bonuses):
            marginal.work.result(job, {}, got)
    return found
