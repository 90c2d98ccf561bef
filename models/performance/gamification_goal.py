from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import float_compare

from .gamification_goal_definition import METRIC_MODE

WEEK = timedelta(days=7)
# Who runs challenges in Odoo.
MANAGER = "base.group_erp_manager"


class GamificationGoal(models.Model):
    """Goals on our metrics: read from the ledger, the same moment for everybody.

    Goals on other definitions go on as Odoo has them.
    """

    _inherit = "gamification.goal"

    definition_suffix = fields.Char(related=None, compute="_compute_definition_suffix")
    sales_company_id = fields.Many2one(
        comodel_name="res.company",
        string="Company",
        compute="_compute_sales_company_id",
        compute_sudo=True,  # which company somebody works at is no secret
        help="What is credited at this company counts.",
    )

    @api.depends("definition_id.full_suffix", "sales_company_id")
    def _compute_definition_suffix(self):
        """The unit of the goal; money has the currency of its company."""
        for goal in self:
            definition = goal.definition_id
            goal.definition_suffix = definition.full_suffix
            if definition.computation_mode == METRIC_MODE and definition.monetary:
                symbol = goal.sales_company_id.currency_id.symbol
                words = (symbol, definition.suffix)
                goal.definition_suffix = " ".join(filter(None, words))

    @api.depends("challenge_id.sales_company_id", "user_id.company_id")
    def _compute_sales_company_id(self):
        for goal in self:
            chosen = goal.challenge_id.sales_company_id
            goal.sales_company_id = chosen or goal.user_id.company_id

    # === WHO MAY SET THEM === #

    def write(self, vals):
        self._sales_check_write(vals)
        return super().write(vals)

    def _sales_check_write(self, vals):
        """Odoo lets participants write goals, those of their colleagues too.

        :raise AccessError: for goals on our metrics, whose value nobody types and whose
            terms only those set who run challenges
        """
        if self.env.su:
            return
        definitions = self.definition_id
        definitions |= definitions.browse(vals.get("definition_id") or ())
        if METRIC_MODE not in definitions.mapped("computation_mode"):
            return
        if "current" in vals or not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._(
                    "This goal counts by itself and cannot be set by hand. Refresh it "
                    "to see where it stands."
                )
            )

    # === REFRESH === #

    def update_goal(self):
        own = self.filtered(lambda goal: goal.definition_id._sales_is_own())
        own._sales_refresh()
        return super(GamificationGoal, self - own).update_goal()

    @api.model
    def _sales_open(self, challenges=None):
        """Goals on our metrics that are still to be decided.

        :param challenges: recordset, all goals by default
        """
        goals = self.sudo()  # everybody's, whoever refreshes the challenge
        domain = [("definition_id.computation_mode", "=", METRIC_MODE)]
        domain += [("state", "in", ("inprogress", "reached"))]
        if challenges is not None:
            domain.append(("challenge_id", "in", challenges.ids))
        return goals.search(domain).filtered(lambda goal: goal._sales_is_open())

    def _sales_is_open(self):
        """Whether what happens still counts: a goal that was closed is history, unless
        somebody has put it back to work."""
        self.ensure_one()
        if self.state == "reached":
            return not self.closed
        return self.state == "inprogress"

    def _sales_refresh(self):
        """Set the goals to what the ledger says, in a constant number of queries."""
        goals = self.sudo()  # a colleague's credits are nobody's to read, their sum is
        goals = goals.filtered(lambda goal: goal._sales_is_open())
        changed = goals.browse()
        for company, of_company in goals.grouped("sales_company_id").items():
            today = company._sales_today()
            values = of_company._sales_values(company, today)
            for goal in of_company:
                vals = goal._sales_changes(values[goal], today)
                if vals:
                    goal.with_context(no_remind_goal=True).write(vals)
                if "current" in vals:
                    changed |= goal
        changed._sales_report()

    def _sales_values(self, company, today):
        """What the people of the goals are credited with at a company.

        :return: ``{goal: amount}`` in the unit of the metric, money in the currency of
            the company
        """
        metrics = self.definition_id.sales_metric_id
        periods = {goal: goal._sales_period(today) for goal in self}
        found = metrics._values(
            self.user_id, list(dict.fromkeys(periods.values())), metrics, company
        )
        result = {}
        for goal, period in periods.items():
            metric = goal.definition_id.sales_metric_id
            value = found.get((metric.id, goal.user_id.id, *period), 0.0)
            is_money = metric.unit == "money"
            value = company.currency_id.round(value) if is_money else round(value, 6)
            result[goal] = value
        return result

    def _sales_period(self, today):
        """The days that count, ``(first day, day after the last)``.

        A goal without an end counts until now, one without a start since ever.
        """
        self.ensure_one()
        after = self._sales_after()
        first = self.start_date or self._sales_first_day() or today
        return first, after or today + timedelta(days=1)

    def _sales_after(self):
        """The day after the last; False without an end.

        Odoo's weeks last from Monday to Monday. Ours have seven days.
        """
        self.ensure_one()
        if not self.end_date:
            return False
        is_week = self.challenge_id.period == "weekly" and self.start_date
        if is_week and self.end_date - self.start_date == WEEK:
            return self.end_date
        return self.end_date + timedelta(days=1)

    @api.model
    def _sales_first_day(self):
        """When the ledger begins."""
        sums = self.env["sales.credit.sum"]
        return sums.search([], order="month, id", limit=1).month

    def _sales_changes(self, value, today):
        """What to write on a goal.

        :param float value: what its person is credited with
        :param datetime.date today: at the company of the goal
        """
        self.ensure_one()
        after = self._sales_after()
        is_over = bool(after) and today >= after
        is_over = is_over or self.challenge_id.state == "done"
        lower = self.definition_id.sales_metric_id.better == "lower"
        order = float_compare(value, self.target_goal, precision_digits=6)
        reached = order <= 0 if lower else order >= 0
        if is_over:
            state = "reached" if reached else "failed"
        else:
            # Little enough so far is no success before the end.
            reached = reached and not (lower and after)
            state = "reached" if reached else "inprogress"
        vals = {"current": value, "state": state, "closed": is_over}
        return {name: new for name, new in vals.items() if self[name] != new}

    def _sales_report(self):
        """Tell of changes where a challenge does at once: one report for all goals."""
        for challenge, goals in self.grouped("challenge_id").items():
            if challenge.report_message_frequency == "onchange":
                challenge.report_progress(users=goals.user_id)
