from odoo import api, fields, models
from odoo.exceptions import ValidationError

# How goals on our metrics are computed.
METRIC_MODE = "sales_metric"
CRM_GOALS = "gamification_sale_crm"


class GamificationGoalDefinition(models.Model):
    """Goals that count what the ledger credits, and which of the others mislead."""

    _inherit = "gamification.goal.definition"

    computation_mode = fields.Selection(
        selection_add=[(METRIC_MODE, "Automatic: a sales metric")],
        ondelete={METRIC_MODE: "set default"},
    )
    sales_metric_id = fields.Many2one(
        comodel_name="sales.metric",
        string="Metric",
        ondelete="restrict",
        index="btree_not_null",
        help="What people are credited with in the period of the goal, at their own "
        "company and in its currency. Nobody can type it.",
    )
    sales_problem = fields.Char(string="Problem", compute="_compute_sales_problem")

    @api.depends("computation_mode")
    def _compute_sales_problem(self):
        """What goals that come with Odoo's CRM really count, in plain words."""
        problems = self._sales_problems()
        ids = self.get_external_id()
        for definition in self:
            module, _dot, name = ids.get(definition.id, "").partition(".")
            known = module == CRM_GOALS and not definition._sales_is_own()
            definition.sales_problem = known and problems.get(name, False)

    @api.model
    def _sales_problems(self):
        """By the name of the definition in Odoo's own data."""
        lines = self.env._(
            "counts lines of invoices, not orders. Use “Collected Money”."
        )
        credit_notes = self.env._(
            "includes drafts, and cannot be read by salespeople. Use “Invoiced "
            "Sales”: it deducts credit notes."
        )
        return {
            "definition_crm_tot_invoices": self.env._(
                "includes draft invoices and leaves out credit notes. Use “Invoiced "
                "Sales”."
            ),
            "definition_crm_lead_delay_open": self.env._(
                "adds up the days until leads were closed, instead of the average "
                "until they were qualified. Use “Qualified Deals”."
            ),
            "definition_crm_lead_delay_close": self.env._(
                "adds up the days until deals were assigned, instead of the average "
                "until they were closed. Use “Won Deals”."
            ),
            "definition_crm_nbr_new_opportunities": self.env._(
                "counts a deal again whenever somebody else gets it. Use “Qualified "
                "Deals”."
            ),
            "definition_crm_nbr_sale_order_created": self.env._(
                "counts orders by their confirmation, however small they are. Use "
                "“Booked Sales”."
            ),
            "definition_crm_nbr_paid_sale_order": lines,
            "definition_crm_tot_paid_sale_order": self.env._(
                "shows the number of invoice lines as if it were money. Use “Collected "
                "Money”."
            ),
            "definition_crm_nbr_customer_refunds": credit_notes,
            "definition_crm_tot_customer_refunds": credit_notes,
        }

    @api.constrains("computation_mode", "sales_metric_id")
    def _check_sales_metric(self):
        for definition in self:
            if definition._sales_is_own() and not definition.sales_metric_id:
                raise ValidationError(
                    self.env._("Choose the metric that “%s” counts.", definition.name)
                )

    # === CREATE, WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        definitions = super().create(vals_list)
        definitions._sales_follow_metric()
        return definitions

    def write(self, vals):
        result = super().write(vals)
        if {"computation_mode", "sales_metric_id"} & vals.keys():
            self._sales_follow_metric()
        return result

    def _sales_follow_metric(self):
        """Take from the metric which direction is better and what it is counted in."""
        for definition in self:
            metric = definition.sales_metric_id
            if not definition._sales_is_own() or not metric:
                continue
            definition.condition = metric.better
            definition.monetary = metric.unit == "money"
            if metric.unit == "hours" and not definition.suffix:
                definition.suffix = self.env._("hours")

    def _sales_is_own(self):
        """Whether it counts a metric of ours."""
        self.ensure_one()
        return self.computation_mode == METRIC_MODE
