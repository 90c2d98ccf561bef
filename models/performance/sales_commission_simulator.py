from collections import defaultdict
from datetime import date
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ...engine.commission import ZERO
from ...engine.distribution import bounds, counts, quantiles
from ...engine.periods import add_months, cut, start_of
from ...engine.plan_split import decimal
from .commission_trial import by_owner, by_period, percent, told

DIRECTOR = "sales_process.group_director"
# As many plans as fit side by side, and as many fiscal years as are offered.
MOST_PLANS, YEARS = 4, 3
# Growth of assumed targets, percent.
GROWTH = (-100, 1000)
KINDS = ("month", "quarter", "year")
OWNERS = {"user": "res.users", "partner": "res.partner", "company": "res.company"}


class Setting(NamedTuple):
    """What is simulated.

    :ivar company: ``res.company``
    :ivar plans: ``sales.commission.plan``
    :ivar date_from: first day
    :ivar date_to: day after the last
    :ivar growth: percent, see ``sales.commission.plan._simulate``; None: no assumption
    """

    company: object
    plans: object
    date_from: date
    date_to: date
    growth: object


class SalesCommissionSimulator(models.AbstractModel):
    """Plans against the ledger of a time that is over, before they are published.

    What they would have cost beside what was paid by the plans in force then, who
    would have won and lost, and what is assumed. For directors; nothing is stored.
    """

    _name = "sales.commission.simulator"
    _description = "Simulator of Commission"

    # === READING === #

    @api.readonly
    @api.model
    def get_choices(self):
        """Plans that can be tried, and times that are over.

        :return: dict with ``plans`` (dicts with ``id``, ``name``, ``state``,
            ``people``) and ``times`` (dicts with ``from``, ``to`` (day after the last)
            and ``label``), the last full year first
        """
        self._check_director()
        company = self.env.company
        plans = self.env["sales.commission.plan"].search(
            [("company_id", "=", company.id)], limit=200
        )
        states = dict(plans._fields["state"]._description_selection(self.env))
        return {
            "company": company.display_name,
            "plans": [
                {
                    "id": plan.id,
                    "name": plan.display_name,
                    "state": plan.state,
                    "state_label": states[plan.state],
                    "people": plan.people_count,
                }
                for plan in plans
            ],
            "times": self._times(company),
        }

    @api.readonly
    @api.model
    def simulate(self, options):
        """What plans would have cost in a time; nothing is written.

        :param dict options: ``plans`` (ids), ``from`` and ``to`` (days, ``to`` the one
            after the last) and ``growth`` (percent, or False)
        :return: dict with ``currency_id``, ``revenue`` and ``margin`` of all people,
            ``stated`` (what confirmed statements say), ``periods``, ``plans`` (see
            :meth:`_plan_dict`) and ``people`` (see :meth:`_person_dict`)
        """
        setting = self._setting(options)
        trials = [
            plan._simulate(setting.date_from, setting.date_to, setting.growth)
            for plan in setting.plans
        ]
        then = self.env["sales.commission.plan"]._simulate_then(
            setting.company, setting.date_from, setting.date_to
        )
        return self._result(setting, trials, then)

    # === WHAT IS ASKED FOR === #

    @api.model
    def _check_director(self):
        if not self.env.user.has_group(DIRECTOR):
            raise AccessError(
                self.env._("What plans would cost is for directors. Ask one of them.")
            )

    @api.model
    def _setting(self, options):
        self._check_director()
        company = self.env.company
        plans = self.env["sales.commission.plan"].browse(
            dict.fromkeys(options.get("plans") or [])
        )
        plans.check_access("read")
        plans = plans.filtered(lambda plan: plan.company_id == company)
        if not plans or len(plans) > MOST_PLANS:
            raise UserError(self.env._("Choose one to %s plans.", MOST_PLANS))
        first, after = (date.fromisoformat(options[key]) for key in ("from", "to"))
        if first >= after:
            raise UserError(self.env._("The time ends before it begins."))
        growth = options.get("growth")
        if growth is False or growth is None:
            return Setting(company, plans, first, after, None)
        if not GROWTH[0] < growth <= GROWTH[1]:
            raise UserError(
                self.env._("Assume targets between −99 % and +1,000 % of last year.")
            )
        return Setting(company, plans, first, after, decimal(growth))

    @api.model
    def _times(self, company):
        month = company._sales_fiscal_month()
        today = company._sales_today()
        year = start_of(today, "year", month)
        times = [
            (add_months(year, -12 * number), add_months(year, -12 * number + 12))
            for number in range(1, YEARS + 1)
        ]
        quarter = start_of(today, "quarter", month)
        times += [
            (add_months(quarter, -3 * number), add_months(quarter, -3 * number + 3))
            for number in range(1, 5)
        ]
        times.append((add_months(today.replace(day=1), -12), today.replace(day=1)))
        return [
            {"from": str(first), "to": str(after), "label": self._label(first, after)}
            for first, after in dict.fromkeys(times)
        ]

    @api.model
    def _label(self, first, after):
        """Months by their names: “Jan 2024 – Dec 2024”, or one of them."""
        last = add_months(after, -1)
        names = [
            format_date(self.env, day, date_format="MMM y") for day in (first, last)
        ]
        return " – ".join(dict.fromkeys(names))

    # === RESULT === #

    @api.model
    def _result(self, setting, trials, then):
        periods = self._periods(setting, trials, then)
        before = by_owner(then)
        afters = [by_owner(trial.results) for trial in trials]
        facts = [told(trial) for trial in trials]
        owners = sorted({*before, *(owner for sums in afters for owner in sums)})
        bars = bounds(before.values(), *(sums.values() for sums in afters))
        names = self._names(owners)
        sales = self._sales(setting, owners)
        return {
            "company": setting.company.display_name,
            "currency_id": setting.company.currency_id.id,
            "label": self._label(setting.date_from, setting.date_to),
            "stated": float(sum(self._stated(setting).values(), ZERO)),
            "bars": [float(bound) for bound in bars],
            "before_bars": counts(before.values(), bars),
            "periods": [self._label(first, after) for first, after in periods],
            "growth": False if setting.growth is None else float(setting.growth),
            "plans": [
                self._plan_dict(trial, sums, before, then, periods, sales, bars)
                for trial, sums in zip(trials, afters, strict=True)
            ],
            "people": [
                self._person_dict(owner, names, before, trials, facts)
                for owner in owners
            ],
        }

    @api.model
    def _periods(self, setting, trials, then):
        """Periods in which all plans can be shown: the longest any of them has."""
        months = [
            (result.date_to - result.date_from).days
            for result in (*then, *(r for trial in trials for r in trial.results))
        ]
        longest = max(months, default=0)
        kind = KINDS[(longest > 31) + (longest > 92)]
        month = setting.company._sales_fiscal_month()
        try:
            return cut(setting.date_from, setting.date_to, kind, month)
        except ValueError:  # the periods of plans that ended meanwhile
            return [(setting.date_from, setting.date_to)]

    @api.model
    def _plan_dict(self, trial, after, before, then, periods, sales, bars):
        """One plan in figures: ``cost`` and ``before`` (of its people, by the plans in
        force then), what that is of revenue and margin, who wins and loses, and what
        was assumed."""
        plan = trial.plan
        was = {owner: before.get(owner, ZERO) for owner in after}
        sums = zip(
            by_period(trial.results, periods, after),
            by_period(then, periods, after),
            strict=True,
        )
        return {
            "id": plan.id,
            "name": plan.display_name,
            "state": plan.state,
            "own_people": trial.own_people,
            "assumed": len(trial.assumed),
            **self._money_of(after, was, sales),
            **self._people_of(trial, after, was),
            "quartiles": [float(number) for number in quantiles(after.values())],
            "bars": counts(after.values(), bars),
            "periods": [{"after": new, "before": old} for new, old in sums],
        }

    @api.model
    def _money_of(self, after, was, sales):
        cost, paid = sum(after.values(), ZERO), sum(was.values(), ZERO)
        own, whole = sales
        revenue, margin = (
            sum((sums.get(owner, ZERO) for owner in after), ZERO) for sums in own
        )
        # Who is paid for teams sells nothing: then it is that of the company
        is_whole = not revenue and not margin
        if is_whole:
            revenue, margin = whole
        return {
            "cost": float(cost),
            "before": float(paid),
            "difference": float(cost - paid),
            "revenue": float(revenue),
            "margin": float(margin),
            "is_whole": is_whole,
            "of_revenue": percent(cost, revenue),
            "of_margin": percent(cost, margin),
            "before_of_revenue": percent(paid, revenue),
            "before_of_margin": percent(paid, margin),
        }

    @api.model
    def _people_of(self, trial, after, was):
        changes = [after[owner] - was[owner] for owner in after]
        capped, lacking = set(), set()
        for result in trial.results:
            for line in result.lines:
                if line.kind == "cap":
                    capped.add(result.owner)
                if line.detail.get("why") == "no_target":
                    lacking.add(result.owner)
        return {
            "people": len(after),
            "winners": sum(change > 0 for change in changes),
            "losers": sum(change < 0 for change in changes),
            "at_zero": sum(amount <= 0 for amount in after.values()),
            "at_cap": len(capped),
            "no_target": len(lacking),
        }

    @api.model
    def _person_dict(self, owner, names, before, trials, told_by):
        """One person: ``before``, and by plan what :func:`.commission_trial.told` says,
        with the ``difference``."""
        was = before.get(owner, ZERO)
        plans = {}
        for trial, people in zip(trials, told_by, strict=True):
            if owner in people:
                after, facts = people[owner]
                plans[trial.plan.id] = {
                    "after": float(after),
                    "difference": float(after - was),
                    **facts,
                }
        return {
            "key": f"{owner[0]}-{owner[1]}",
            "name": names.get(owner, ""),
            "before": float(was),
            "plans": plans,
        }

    # === FACTS BESIDE IT === #

    @api.model
    def _names(self, owners):
        found = {}
        for kind, model in OWNERS.items():
            ids = [id_ for of, id_ in owners if of == kind]
            records = self.env[model].sudo().browse(ids)  # names of who is paid
            found |= {(kind, record.id): record.name for record in records}
        return found

    @api.model
    def _sales(self, setting, owners):
        """Invoiced revenue and margin, as the ledger says: those of each owner (two
        dicts), and those of the company."""
        metrics = self.env["sales.metric"].sudo()  # the same for everybody
        kinds = [metrics._by_code(code) for code in ("invoiced", "margin")]
        period, company = (setting.date_from, setting.date_to), setting.company
        company_key = ("company", company.id)
        result = [defaultdict(lambda: ZERO), defaultdict(lambda: ZERO)]
        for kind, model in OWNERS.items():
            ids = [id_ for of, id_ in (*owners, company_key) if of == kind]
            records = self.env[model].browse(ids)
            values = metrics._values(records, [period], kinds[0] | kinds[1], company)
            for (metric_id, owner_id, *_period), amount in values.items():
                place = int(metric_id == kinds[1].id)
                result[place][kind, owner_id] += decimal(round(amount, 6))
        whole = [sums.pop(("company", company.id), ZERO) for sums in result]
        return result, whole

    @api.model
    def _stated(self, setting):
        """What confirmed statements of the time say, by the field of their owner."""
        statements = self.env["sales.commission.statement"].sudo()  # their sum alone
        groups = statements._read_group(
            [
                ("company_id", "=", setting.company.id),
                ("state", "in", ("confirmed", "paid")),
                ("date_from", ">=", setting.date_from),
                ("date_to", "<=", setting.date_to),
            ],
            ["company_id"],
            ["amount_earned:sum"],
        )
        return {company: decimal(amount or 0) for company, amount in groups}
