from collections import defaultdict
from datetime import date
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ...engine.commission import HUNDRED, ZERO
from ...engine.distribution import bounds, counts, quantiles
from ...engine.periods import add_months, cut, start_of
from ...engine.plan_split import decimal

DIRECTOR = "sales_process.group_director"
# As many plans as fit side by side, and as many fiscal years as are offered.
MOST_PLANS, YEARS = 4, 3
# Growth of assumed targets, percent.
GROWTH = (-100, 1000)
KINDS = ("month", "quarter", "year")


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
        before = _by_owner(then)
        afters = [_by_owner(trial.results) for trial in trials]
        told = [_told(trial) for trial in trials]
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
                self._person_dict(owner, names, before, trials, told)
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
        cost, paid = sum(after.values(), ZERO), sum(was.values(), ZERO)
        changes = [after[owner] - was[owner] for owner in after]
        capped = {
            result.owner
            for result in trial.results
            if any(line.kind == "cap" for line in result.lines)
        }
        lacking = {
            result.owner
            for result in trial.results
            if any(line.detail.get("why") == "no_target" for line in result.lines)
        }
        revenue, margin = (
            sum((sums.get(owner, ZERO) for owner in after), ZERO) for sums in sales
        )
        return {
            "id": plan.id,
            "name": plan.display_name,
            "state": plan.state,
            "own_people": trial.own_people,
            "people": len(after),
            "cost": float(cost),
            "before": float(paid),
            "difference": float(cost - paid),
            "revenue": float(revenue),
            "margin": float(margin),
            "of_revenue": _percent(cost, revenue),
            "of_margin": _percent(cost, margin),
            "before_of_revenue": _percent(paid, revenue),
            "before_of_margin": _percent(paid, margin),
            "winners": sum(change > 0 for change in changes),
            "losers": sum(change < 0 for change in changes),
            "at_zero": sum(amount <= 0 for amount in after.values()),
            "at_cap": len(capped),
            "no_target": len(lacking),
            "assumed": len(trial.assumed),
            "quartiles": [float(number) for number in quantiles(after.values())],
            "bars": counts(after.values(), bars),
            "periods": [
                {"after": new, "before": old}
                for new, old in zip(
                    _by_period(trial.results, periods, after),
                    _by_period(then, periods, after),
                    strict=True,
                )
            ],
        }

    @api.model
    def _person_dict(self, owner, names, before, trials, told):
        """One person: ``before``, and by plan what :func:`_told` says, with the
        ``difference``."""
        was = before.get(owner, ZERO)
        plans = {}
        for trial, by_owner in zip(trials, told, strict=True):
            if owner in by_owner:
                after, facts = by_owner[owner]
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
        for kind, model in (("user", "res.users"), ("partner", "res.partner")):
            ids = [id_ for of, id_ in owners if of == kind]
            records = self.env[model].sudo().browse(ids)  # names of who is paid
            found |= {(kind, record.id): record.name for record in records}
        return found

    @api.model
    def _sales(self, setting, owners):
        """Invoiced revenue and margin by owner: two dicts, as the ledger says."""
        metrics = self.env["sales.metric"].sudo()  # the same for everybody
        kinds = [metrics._by_code(code) for code in ("invoiced", "margin")]
        period = setting.date_from, setting.date_to
        result = [defaultdict(lambda: ZERO), defaultdict(lambda: ZERO)]
        for kind, model in (("user", "res.users"), ("partner", "res.partner")):
            records = self.env[model].browse([id_ for of, id_ in owners if of == kind])
            values = metrics._values(
                records, [period], kinds[0] | kinds[1], setting.company
            )
            for (metric_id, owner_id, *_period), amount in values.items():
                place = int(metric_id == kinds[1].id)
                result[place][kind, owner_id] += decimal(round(amount, 6))
        return result

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


def _by_owner(results):
    sums = defaultdict(lambda: ZERO)
    for result in results:
        sums[result.owner] += result.earned
    return dict(sums)


def _told(trial):
    """What a plan means for each of its people: ``{owner: (amount, facts)}``, with the
    ``attainment`` (percent) and the highest ``rate`` with the number of periods that
    reached it (``times``)."""
    by_owner = defaultdict(list)
    for result in trial.results:
        by_owner[result.owner].append(result)
    found = {}
    for owner, results in by_owner.items():
        rate, times = _reached(results, trial.rules)
        found[owner] = (
            sum((result.earned for result in results), ZERO),
            {
                "attainment": _attainment(results),
                "rate": rate,
                "times": times,
                "of": len(results),
                "is_assumed": owner in trial.assumed,
            },
        )
    return found


def _by_period(results, periods, owners):
    """Sums of some owners by the period in which the last day of a result lies."""
    sums = [ZERO] * len(periods)
    for result in results:
        if result.owner in owners:
            place = next(
                (
                    number
                    for number, (first, after) in enumerate(periods)
                    if first < result.date_to <= after
                ),
                None,
            )
            if place is not None:
                sums[place] += result.earned
    return [float(amount) for amount in sums]


def _percent(part, whole):
    """Of something above zero; False where it is not."""
    return float(HUNDRED * part / whole) if whole > 0 else False


def _attainment(results):
    """Percent of all targets together; False without any."""
    known = [r for r in results if r.target and r.attainment is not None]
    whole = sum((result.target for result in known), ZERO)
    if not whole:
        return False
    return float(sum((r.attainment * r.target for r in known), ZERO) / whole)


def _reached(results, rules):
    """The highest bracket reached: its rate and in how many periods."""
    rates = {bracket.key: bracket for bracket in rules.brackets}
    highest = []
    for result in results:
        found = [
            rates[line.detail["bracket_id"]]
            for line in result.lines
            if line.base > 0 and line.detail.get("bracket_id") in rates
        ]
        if found:
            highest.append(max(found))
    if not highest:
        return False, 0
    best = max(highest)
    return float(best.rate), highest.count(best)
