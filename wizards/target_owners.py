from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesTargetOwners(models.TransientModel):
    """Who gets targets in a plan, and who no longer has any."""

    _name = "sales.target.owners"
    _description = "Owners of Targets"

    plan_id = fields.Many2one(
        comodel_name="sales.target.plan", required=True, readonly=True
    )
    company_id = fields.Many2one(related="plan_id.company_id")
    is_director = fields.Boolean(compute="_compute_is_director")
    with_company = fields.Boolean(
        string="The Company", default=True, help="A target for the company as a whole."
    )
    with_teams = fields.Boolean(string="Teams", default=True)
    team_ids = fields.Many2many(
        comodel_name="crm.team",
        string="Only These",
        domain="[('company_id', 'in', (company_id, False))]",
        help="Each with the teams below it. Empty: all teams.",
    )
    with_people = fields.Boolean(
        string="Their People", default=True, help="The members of these teams."
    )
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        string="Dealers",
        domain="[('company_id', 'in', (company_id, False))]",
    )
    territory_ids = fields.Many2many(
        comodel_name="sales.territory",
        string="Territories",
        domain="[('company_id', 'in', (company_id, False))]",
        help="Each with those that lie in it.",
    )
    category_ids = fields.Many2many(
        comodel_name="product.category",
        string="Product Categories",
        help="Each with those below it.",
    )
    below_id = fields.Many2one(
        comodel_name="crm.team",
        string="Under the Team",
        domain="[('company_id', 'in', (company_id, False))]",
        help="Where dealers, territories and categories stand. Empty: under the "
        "company.",
    )
    removable_ids = fields.Many2many(
        comodel_name="sales.target", compute="_compute_removable_ids"
    )
    remove_ids = fields.Many2many(
        comodel_name="sales.target",
        string="Take Out",
        domain="[('id', 'in', removable_ids)]",
        help="Their targets are deleted, and those of everybody below them.",
    )

    @api.depends_context("uid")
    def _compute_is_director(self):
        is_director = self.env.user.has_group("sales_process.group_director")
        self.is_director = is_director

    @api.depends("plan_id")
    def _compute_removable_ids(self):
        """One target stands for all periods of its owner."""
        for wizard in self:
            by_node = wizard.plan_id._targets().grouped("node")
            wizard.removable_ids = [targets[0].id for targets in by_node.values()]

    def action_apply(self):
        """Add and take out whom the form says.

        :raise UserError: if it says nobody
        """
        self.ensure_one()
        plan = self.plan_id
        others = [
            records
            for records in (self.partner_ids, self.territory_ids, self.category_ids)
            if records
        ]
        company = self.with_company and self.is_director
        if not (company or self.with_teams or others or self.remove_ids):
            raise UserError(self.env._("Choose who gets targets."))
        gone = self.remove_ids.mapped("node")
        if gone:
            plan._remove_owners(gone)
        teams = self.team_ids if self.team_ids else None
        new = plan._add_owners(
            company=company,
            teams=teams if self.with_teams else self.env["crm.team"],
            people=self.with_teams and self.with_people,
            others=others,
            below=self.below_id,
        )
        if not (new or gone):
            raise UserError(
                self.env._("All of them have targets already: nobody was added.")
            )
        return {"type": "ir.actions.act_window_close"}


class SalesTargetPlans(models.TransientModel):
    """Plans for several metrics at once: one plan each."""

    _name = "sales.target.plans"
    _description = "New Target Plans"

    name = fields.Char(
        required=True, help="Each plan is called by its metric and this."
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
    )
    date_from = fields.Date(string="From", required=True)
    date_last = fields.Date(string="Until", required=True, help="The last day.")
    period_type = fields.Selection(
        selection=lambda self: self._period_types(),
        string="By",
        required=True,
        default="month",
    )
    metric_ids = fields.Many2many(
        comodel_name="sales.metric", string="Metrics", required=True
    )
    over_percent = fields.Float(
        string="Over-Assignment (%)",
        help="What those below get on top, so that the whole is met although some miss "
        "theirs. Percent, 0–100.",
    )
    with_owners = fields.Boolean(
        string="Add All Owners",
        default=True,
        help="The company, its teams and their people.",
    )

    def _period_types(self):
        field = self.env["sales.target.plan"]._fields["period_type"]
        return field._description_selection(self.env)

    @api.model
    def default_get(self, fields_list):
        """By default the next fiscal year."""
        values = super().default_get(fields_list)
        company = self.env.company
        today = fields.Date.add(company._sales_today(), months=6)
        year = company.compute_fiscalyear_dates(today)
        values.setdefault("date_from", year["date_from"])
        values.setdefault("date_last", year["date_to"])
        values.setdefault("name", str(year["date_to"].year))
        return values

    def action_create(self):
        """Make one plan for each metric.

        :raise UserError: without a metric, or for days in the wrong order
        """
        self.ensure_one()
        if not self.metric_ids:
            raise UserError(self.env._("Choose at least one metric."))
        if self.date_last < self.date_from:
            raise UserError(self.env._("A plan ends after it begins: change the days."))
        plans = self.env["sales.target.plan"].create(
            [
                {
                    "name": f"{metric.name} {self.name}",
                    "metric_id": metric.id,
                    "company_id": self.company_id.id,
                    "date_from": self.date_from,
                    "date_to": fields.Date.add(self.date_last, days=1),
                    "period_type": self.period_type,
                    "over_percent": self.over_percent,
                }
                for metric in self.metric_ids
            ]
        )
        if self.with_owners:
            for plan in plans:
                plan._add_owners()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_target_plan_action"
        )
        return {**action, "domain": [("id", "in", plans.ids)], "context": {}}
