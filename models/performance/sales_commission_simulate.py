from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...engine.commission import HUNDRED, ONE, ZERO
from ...engine.periods import cut
from .commission_facts import Job, Part, Window, parts_of
from .commission_trial import Trial
from .commission_work import Work


class SalesCommissionPlan(models.Model):
    """What a plan would have cost: worked out on the ledger of a time that is over.

    Plans are read, their people and targets too; the commission itself comes from the
    same code as that of statements. Nothing is written.

    Everything counts as earned, whoever has paid: what a customer pays later is held
    for a while and costs the same. Advances and bonuses of the first time begin anew.
    """

    _inherit = "sales.commission.plan"

    # === ACTION METHODS === #

    def action_simulate(self):
        """Open the simulator with this plan."""
        action = self.env["ir.actions.client"]._for_xml_id(
            "sales_process.sales_commission_simulator_action"
        )
        return {**action, "params": {"plans": self.ids}}

    def action_copy_draft(self):
        """Open a draft that is the same, people included, to be changed and tried.

        :raise AccessError: for a plan that pays the user
        """
        self.ensure_one()
        self.check_access("write")
        self._check_not_own()
        plan = self.sudo()  # people of a draft are as free as those of a new one
        rows = plan.assignment_ids.copy_data()
        made = plan.copy(
            {
                "name": self.env._("%s (copy)", self.name),
                "assignment_ids": [
                    fields.Command.create({**vals, "plan_id": False}) for vals in rows
                ],
                "bonus_ids": [
                    fields.Command.create({**vals, "plan_id": False})
                    for vals in plan.bonus_ids.copy_data()
                ],
            }
        )
        return made.with_env(self.env).get_formview_action()

    # === A PLAN, TRIED === #

    def _simulate(self, date_from, date_to, growth=None):
        """What this plan, draft or not, would have paid in a time.

        :param date date_from: first day
        :param date date_to: day after the last
        :param growth: who has no published target then gets the result of a year
            earlier and so many percent; None: no target
        :rtype: Trial
        :raise UserError: where the time does not consist of whole periods of the plan
        """
        self.ensure_one()
        plan = self.sudo()  # what is earned does not depend on who asks
        company = plan.company_id
        offset = plan._months_to(date_from, date_to)
        rules = plan._rules()[plan]
        bonuses = [_moved(bonus, offset) for bonus in rules.bonuses]
        rules = replace(rules, bonuses=bonuses, payable="earned")
        stays = plan._stays_then(date_from, date_to, offset)
        own_people = bool(plan.assignment_ids)
        if not own_people:
            stays = plan._stays_of_others(date_from, date_to)
        jobs = [
            Job(rules, owner, first, after, parts)
            for first, after in plan._cut(date_from, date_to)
            for owner, some in stays.items()
            if (parts := parts_of(some, first, after))
        ]
        assumed = set()
        if not jobs:
            return Trial(self, rules, [], own_people, assumed)
        plan._fill_credit(jobs, company, company._sales_today())
        plan._fill_targets(jobs, company)
        if growth is not None and _needs_target(rules):
            assumed = plan._assume_targets(jobs, company, growth)
        return Trial(self, rules, plan._estimate(jobs, company), own_people, assumed)

    @api.model
    def _simulate_then(self, company, date_from, date_to):
        """What plans in force have paid in a time: :class:`.CommissionResult` of each
        person and period, everything counted as earned."""
        plans = self._in_force(company, date_from, date_to)
        every = plans._with_earlier()
        day = company._sales_today()
        jobs = every._jobs(plans, date_from, date_to, None, day) if plans else []
        if not jobs:
            return []
        jobs = [
            replace(job, rules=replace(job.rules, payable="earned")) for job in jobs
        ]
        every._fill_credit(jobs, company, day)
        every._fill_targets(jobs, company)
        return every._estimate(jobs, company)

    def _estimate(self, jobs, company):
        """Results of jobs that know their credit and targets."""
        for job in jobs:
            _condense(job)
        collection = self._read_collection(jobs, company._sales_today())
        return self._results(jobs, Work(collection, {}))

    # === WHEN, WHO === #

    @api.model
    def _in_force(self, company, date_from, date_to):
        plans = self.env["sales.commission.plan"].sudo()  # whoever is paid by them
        return plans.with_context(active_test=False).search(
            [
                ("company_id", "=", company.id),
                ("state", "!=", "draft"),
                ("date_from", "<", date_to),
                ("date_to", ">", date_from),
            ]
        )

    def _cut(self, date_from, date_to):
        try:
            month = self.company_id._sales_fiscal_month()
            return cut(date_from, date_to, self.period_type, month)
        except ValueError as error:
            kinds = dict(self._fields["period_type"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "“%(plan)s” adds up by %(period)s, and %(day)s does not begin one. "
                    "Choose a time of whole ones.",
                    plan=self.display_name,
                    period=kinds[self.period_type].lower(),
                    day=format_date(self.env, str(error)),
                )
            ) from error

    def _months_to(self, date_from, date_to):
        """Months by which the plan is moved; 0 where it held at that time."""
        if self.date_from <= date_from and date_to <= self.date_to:
            return 0
        years = date_from.year - self.date_from.year
        return years * 12 + date_from.month - self.date_from.month

    def _stays_then(self, date_from, date_to, offset):
        """Who is in the plan, with their days moved like the plan: ``{owner: [Stay]}``.

        Who is in it without days of its own is in it all the time.
        """
        found = {}
        for row in self.assignment_ids:
            first = row.date_from and fields.Date.add(row.date_from, months=offset)
            after = row.date_to and fields.Date.add(row.date_to, months=offset)
            stay = row._as_stay()._replace(
                first=max(first or date_from, date_from),
                after=min(after or date_to, date_to),
            )
            found.setdefault(stay.owner, []).append(stay)
        return found

    def _stays_of_others(self, date_from, date_to):
        """Who was paid in a time by any plan, once for the same thing on a day."""
        plans = self._in_force(self.company_id, date_from, date_to)
        rows = plans.assignment_ids.sorted(lambda row: row._range())
        kept = {}
        for stay in (row._as_stay() for row in rows):
            stays = kept.setdefault((stay.owner, stay.role, stay.team), [])
            if stays and stay.first <= stays[-1].after:
                last = stays.pop()
                stay = stay._replace(
                    first=last.first, after=max(last.after, stay.after)
                )
            stays.append(stay)
        found = {}
        for (owner, _role, _team), stays in kept.items():
            found.setdefault(owner, []).extend(stays)
        return found

    # === TARGETS === #

    def _assume_targets(self, jobs, company, growth):
        """Give parts without a target what they brought a year earlier, and more.

        :param growth: percent
        :return: set of owners
        """
        lacking = [
            (job, part) for job in jobs for part in job.parts if part.target is None
        ]
        ghosts = [
            replace(
                job,
                first=_year_before(job.first),
                after=_year_before(job.after),
                parts=[
                    Part(
                        part.role,
                        part.team,
                        [
                            Window(
                                _year_before(window.first),
                                _year_before(window.after),
                                window.share,
                            )
                            for window in part.windows
                        ],
                    )
                ],
            )
            for job, part in lacking
        ]
        if ghosts:
            self._fill_credit(ghosts, company, company._sales_today())
        assumed = set()
        for (job, part), ghost in zip(lacking, ghosts, strict=True):
            brought = sum((row[-1] for row in ghost.parts[0].rows), ZERO)
            if brought > 0:
                part.target = brought * (ONE + growth / HUNDRED)
                assumed.add(job.owner)
        return assumed


def _moved(bonus, months):
    """A bonus of a day, on the day it would have been."""
    if not bonus["date"] or not months:
        return bonus
    return {**bonus, "date": fields.Date.add(bonus["date"], months=months)}


def _needs_target(rules):
    return (
        rules.basis == "attainment"
        or rules.threshold
        or any(bonus["trigger"] == "attainment" for bonus in rules.bonuses)
    )


def _year_before(day):
    return fields.Date.subtract(day, years=1)


def _condense(job):
    """Add up credit that is paid alike: without rates of products and without what is
    overdue, it does not matter which document brought what."""
    if job.rules.rates or job.rules.clawback_days:
        return
    for part in job.parts:
        sums = {}
        for window, _model, _id, day, *_what, amount in part.rows:
            known = sums.setdefault(id(window), [window, day, ZERO])
            known[2] += amount
        part.rows = [
            (window, None, None, day, None, None, amount)
            for window, day, amount in sums.values()
        ]
