from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.commission import HUNDRED, ONE, ZERO
from ...engine.plan_allocation import divide
from ...engine.plan_split import decimal
from . import commission_sql
from .commission_facts import Job, Rates, Rules, as_decimal, parts_of
from .commission_work import Work

# The field of a target that says whose it is, by the kind of owner.
TARGET_FIELDS = {"user": "user_id", "partner": "partner_id", "team": "team_id"}


class SalesCommissionPlan(models.Model):
    """What people have earned: from scratch, whenever it is asked for.

    How it works: the assignments give windows, that is whose credit counts from when
    to when. Ledger, targets and collection are read once for all windows; then each
    result is worked out by itself (``commission_work``).
    """

    _inherit = "sales.commission.plan"

    @api.model
    def _compute_commission(
        self, company, date_from, date_to, people=None, moment=None
    ):
        """What people have earned by plans in the periods that end in some days.

        Worked out from the ledger, the assignments, the targets and the collection of
        the documents, in a number of queries that depends on none of them. A period of
        a plan belongs to the range in which its last day lies, so ranges that follow
        each other hold each period once.

        :param company: ``res.company``
        :param date date_from: first day
        :param date date_to: day after the last
        :param people: list of owners, ``("user", id)`` or ``("partner", id)``; all by
            default
        :param datetime moment: naive UTC; nothing that happened after its day counts.
            Now by default
        :return: list of :class:`.commission_result.CommissionResult`, by plan, owner
            and period; called on plans, only of these (drafts, too)
        """
        day = company._sales_day(moment or fields.Datetime.now())
        plans = self.sudo()  # what is earned does not depend on who asks
        if not plans:
            plans = plans.with_context(active_test=False).search(
                [
                    ("company_id", "=", company.id),
                    ("state", "!=", "draft"),
                    ("date_from", "<", date_to),
                    ("date_to", ">", date_from),
                ]
            )
        people = None if people is None else set(people)
        every = plans._with_earlier()
        jobs = every._jobs(plans, date_from, date_to, people, day)
        if not jobs:
            return []
        every._fill_credit(jobs, company, day)
        every._fill_targets(jobs, company)
        work = Work(every._read_collection(jobs, day), every._read_reasons(jobs))
        return every._results(jobs, work)

    # === WHO, WHEN === #

    def _with_earlier(self):
        """These plans, with the versions before where advances are carried on."""
        plans, rest = self, self
        while rest := rest.filtered("draw_recoverable").previous_version_id - plans:
            plans |= rest
        return plans

    def _jobs(self, asked, date_from, date_to, people, day):
        """What is to be worked out, in the order of time.

        Where what came before matters, for advances and bonuses of the first time, all
        earlier periods are worked out too.

        :param asked: those of these plans whose results are wanted
        """
        jobs = []
        for plan, rules in self._rules().items():
            has_past = plan.draw_recoverable or any(plan.bonus_ids.mapped("is_once"))
            owners = plan._stays_by_owner(people)
            for first, after in plan._periods():
                is_wanted = plan in asked and date_from < after <= date_to
                if first > day or not (is_wanted or has_past and after <= date_to):
                    continue
                for owner, stays in owners.items():
                    if parts := parts_of(stays, first, after):
                        jobs.append(Job(rules, owner, first, after, parts, is_wanted))
        return sorted(jobs, key=lambda job: (job.first, job.rules.id, job.owner))

    def _stays_by_owner(self, people=None):
        """``{owner: [Stay]}`` of those who are asked for."""
        rows = self.assignment_ids.grouped(lambda row: row._owner())
        return {
            owner: [row._as_stay() for row in some]
            for owner, some in rows.items()
            if people is None or owner in people
        }

    def _rules(self):
        """``{plan: Rules}``"""
        above = self._categories_above()
        return {
            plan: Rules(
                id=plan.id,
                metric=plan.metric_id.code,
                basis=plan.basis,
                mode=plan.mode,
                payable=plan.payable,
                brackets=[row._as_bracket() for row in plan.bracket_ids],
                rates=Rates([row._as_dict() for row in plan.rate_ids], above),
                bonuses=[row._as_dict() for row in plan.bonus_ids],
                threshold=as_decimal(plan.threshold),
                cap=as_decimal(plan.cap_amount),
                draw=as_decimal(plan.draw_amount),
                is_recoverable=plan.draw_recoverable,
                clawback_days=plan.clawback_days,
                unit=decimal(plan.currency_id.rounding),
            )
            for plan in self
        }

    def _categories_above(self):
        """Each category with those above it, the nearest first: ``{id: [ids]}``."""
        categories = self.rate_ids.product_category_id
        if not categories:
            return {}
        below = categories.search_fetch(
            [("id", "child_of", categories.ids)], ["parent_path"]
        )
        return {
            category.id: [int(id_) for id_ in category.parent_path.split("/") if id_][
                ::-1
            ]
            for category in below
        }

    # === CREDIT === #

    def _fill_credit(self, jobs, company, day):
        """Read the ledger for all parts."""
        places = [
            (job, part, window)
            for job in jobs
            for part in job.parts
            for window in part.windows
        ]
        credits = self.env["sales.credit"].sudo()  # of everybody, whoever asks
        credits._write_pending()
        statement = commission_sql.credits(
            self._windows(places, company),
            day,
            any(plan.rate_ids.product_tmpl_id for plan in self),
        )
        for number, *row, amount in credits._read_fast(statement):
            _job, part, window = places[number]
            part.rows.append((window, *row, decimal(amount)))
        self._split_money(jobs)

    def _windows(self, places, company):
        """Whose credit counts when, see ``commission_sql.credits``."""
        metrics = {plan.id: plan.metric_id.id for plan in self}
        below = self.env["sales.target"]._read_tree("team_id")
        windows = []
        for number, (job, part, window) in enumerate(places):
            kind, ids = job.owner[0], [job.owner[1]]
            if part.team:
                kind, ids = "team", below.of([part.team])
            metric = metrics[job.rules.id]
            windows += [
                (number, kind, id_, metric, company.id, window.first, window.after)
                for id_ in sorted(ids)
            ]
        return windows

    def _split_money(self, jobs):
        """Money has no products: it is divided by what is on the document."""
        parts = [
            (job, part)
            for job in jobs
            if job.rules.metric == "collected" and job.rules.rates
            for part in job.parts
        ]
        ids = sorted({row[2] for _job, part in parts for row in part.rows})
        if not ids:
            return
        products = defaultdict(list)
        for id_, *what, weight in self._rows(commission_sql.invoice_products(ids)):
            products[id_].append((what, weight))
        for job, part in parts:
            rows = []
            for window, model, id_, day, *_none, amount in part.rows:
                found = products.get(id_) or [((None, None), ONE)]
                amounts = divide(
                    amount, [weight for _what, weight in found], job.rules.unit
                )
                rows += [
                    (window, model, id_, day, *what, share)
                    for (what, _weight), share in zip(found, amounts, strict=True)
                    if share
                ]
            part.rows = rows

    # === TARGETS === #

    def _fill_targets(self, jobs, company):
        """What was to be reached by each part, for its days.

        A target of somebody who has it for a part of its period alone (``share``) holds
        for that part; where a person is in the plan for fewer days than that, or the
        target is for more days than the period, it counts by days.
        """
        metrics = {plan.id: plan.metric_id.id for plan in self}
        wanted = {"user": set(), "partner": set(), "team": set()}
        for job in jobs:
            for part in job.parts:
                kind, id_ = ("team", part.team) if part.team else job.owner
                wanted[kind].add(id_)
        found = self._read_targets(wanted, set(metrics.values()), company)
        for job in jobs:
            metric = metrics[job.rules.id]
            for part in job.parts:
                owner = ("team", part.team) if part.team else job.owner
                amounts = [
                    amount * share
                    for first, after, amount, of in found.get((owner, metric), ())
                    if (share := _share_of(part.windows, first, after, of))
                ]
                if amounts:
                    part.target = sum(amounts, ZERO)

    @api.model
    def _read_targets(self, wanted, metrics, company):
        """Published targets: ``{(owner, metric id): [(first, after, amount, share)]}``,
        shares 0–1."""
        targets = self.env["sales.target"]
        targets.flush_model()
        self.env["sales.target.plan"].flush_model(["state"])
        arms = [
            SQL(
                """
                SELECT %(kind)s, %(owner)s, metric_id, date_from, date_to, amount, share
                  FROM sales_target
                 WHERE %(owner)s = ANY (%(ids)s) AND metric_id = ANY (%(metrics)s)
                   AND company_id = %(company)s AND plan_state = 'published'
                """,
                kind=kind,
                owner=SQL.identifier(TARGET_FIELDS[kind]),
                ids=list(ids),
                metrics=list(metrics),
                company=company.id,
            )
            for kind, ids in wanted.items()
            if ids
        ]
        found = defaultdict(list)
        if not arms:
            return found
        for kind, id_, metric, first, after, amount, share in self._rows(
            SQL(" UNION ALL ").join(arms)
        ):
            found[(kind, id_), metric].append(
                (first, after, as_decimal(amount), as_decimal(share) / HUNDRED)
            )
        return found

    # === RESULTS === #

    def _results(self, jobs, work):
        """
        :param work: :class:`.commission_work.Work`
        :return: list of :class:`.commission_result.CommissionResult` of wanted jobs
        """
        roots = {plan.id: plan._root() for plan in self}
        balances, taken = defaultdict(dict), defaultdict(set)
        results = []
        for job in jobs:
            result = work.result(
                job,
                balances[roots[job.rules.id], job.owner],
                taken[job.rules.id, job.owner],
            )
            if job.is_wanted:
                results.append(result)
        return sorted(results, key=lambda r: (r.plan_id, r.owner, r.date_from))

    def _root(self):
        """The first version of a plan."""
        plan = self
        while plan.previous_version_id:
            plan = plan.previous_version_id
        return plan

    def _read_collection(self, jobs, day):
        """Of the documents where it matters, see ``_collection_of``."""
        sources, days = set(), set()
        for job in jobs:
            rules = job.rules
            if rules.payable == "collected" or rules.clawback_days:
                if rules.metric == "collected":
                    continue  # it is collected, or it would not be there
                days |= {rules.clawback_days} - {0}
                sources |= {row[1:3] for part in job.parts for row in part.rows}
        return self._collection_of(sources, day, sorted(days)) if sources else {}

    @api.model
    def _read_reasons(self, jobs):
        """Why documents take something back: ``refund``, ``cancelled``; others have
        changed."""
        sources = {
            row[1:3]
            for job in jobs
            for part in job.parts
            for row in part.rows
            if row[-1] < 0
        }
        orders = [id_ for model, id_ in sources if model == "sale.order"]
        moves = [id_ for model, id_ in sources if model == "account.move"]
        reasons = {}
        for model, ids, statement in (
            (
                "sale.order",
                orders,
                SQL(
                    "SELECT id, 'cancelled' FROM sale_order"
                    " WHERE id = ANY (%s) AND state <> 'sale'",
                    orders,
                ),
            ),
            (
                "account.move",
                moves,
                SQL(
                    "SELECT id, CASE WHEN state <> 'posted' THEN 'cancelled'"
                    " ELSE 'refund' END FROM account_move WHERE id = ANY (%s)"
                    " AND (state <> 'posted' OR move_type = 'out_refund')",
                    moves,
                ),
            ),
        ):
            if ids:
                found = self._rows(statement)
                reasons |= {(model, id_): why for id_, why in found}
        return reasons


def _share_of(windows, first, after, share):
    """How much of a target counts in some days.

    :param share: part of its period the target is for, 0–1

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> from .commission_facts import Window
    >>> half = [Window(date(2024, 4, 16), date(2024, 5, 1), Decimal(100))]
    >>> _share_of(half, date(2024, 4, 1), date(2024, 5, 1), ONE)
    Decimal('0.5')
    >>> _share_of(half, date(2024, 4, 1), date(2024, 5, 1), Decimal("0.45"))
    Decimal('1')
    """
    days = sum(
        max(0, (min(window.after, after) - max(window.first, first)).days)
        for window in windows
    )
    if not days or not share:
        return ZERO
    return min(ONE, days / (share * (after - first).days))
