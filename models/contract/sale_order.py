from odoo import api, fields, models


class SaleOrder(models.Model):
    """An order is paid by a plan and belongs to a contract.

    See ``sale_order_plan`` for how the plan is made and kept right, and
    ``sale_order_trigger`` for the events its instalments wait for.
    """

    _inherit = "sale.order"

    sales_plan_template_id = fields.Many2one(
        comodel_name="sales.plan.template",
        string="Payment Plan",
        compute="_compute_sales_plan_template_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain="[('company_id', 'in', (company_id, False))]",
    )
    sales_plan_source_id = fields.Many2one(
        comodel_name="sales.plan.template",
        string="Instalments Made By",
        copy=False,
        help="The payment plan that the instalments come from.",
    )
    sales_plan_line_ids = fields.One2many(
        comodel_name="sales.plan.line",
        inverse_name="order_id",
        string="Instalments",
    )
    sales_plan_total = fields.Monetary(
        string="Planned", compute="_compute_sales_plan_total", compute_sudo=True
    )
    sales_plan_gap = fields.Monetary(
        string="Not Planned",
        compute="_compute_sales_plan_total",
        compute_sudo=True,
        help="Total of the order less its instalments.",
    )
    sales_plan_collected = fields.Monetary(
        string="Collected", compute="_compute_sales_plan_collected", compute_sudo=True
    )
    sales_plan_differs = fields.Boolean(
        string="Other Instalments than the Plan",
        compute="_compute_sales_plan_differs",
        help="Instalments were typed, so another plan did not replace them.",
    )
    # Pressed on the form, before anything is saved; see ``sale_order_plan``.
    sales_plan_command = fields.Selection(
        selection=[
            ("adjust", "Adjust to the Total"),
            ("round", "Round Off"),
            ("apply", "Replace the Instalments"),
            ("keep", "Keep the Instalments"),
        ],
        store=False,
    )
    sales_contract_id = fields.Many2one(
        comodel_name="sales.contract",
        string="Contract",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    # === COMPUTE METHODS === #

    @api.depends("partner_id")
    def _compute_sales_plan_template_id(self):
        """The customer's usual plan; none in a web shop, whose carts always change."""
        for order in self:
            order.sales_plan_template_id = (
                order._usual_sales_plan() or order.sales_plan_template_id
            )

    def _usual_sales_plan(self):
        """How the customer usually pays this company; an empty record if not said."""
        templates = self.env["sales.plan.template"]
        if "website_id" in self._fields and self.website_id:
            return templates
        usual = self.partner_id.with_company(self.company_id).sales_plan_template_id
        fits = usual.active and usual.company_id in (
            self.company_id,
            templates.company_id,
        )
        return usual if fits else templates

    @api.depends("sales_plan_line_ids.amount", "amount_total", "currency_id")
    def _compute_sales_plan_total(self):
        for order in self:
            total = sum(order.sales_plan_line_ids.mapped("amount"))
            gap = order.amount_total - total if order.sales_plan_line_ids else 0.0
            currency = order.currency_id
            order.sales_plan_total = total
            order.sales_plan_gap = currency.round(gap) if currency else gap

    @api.depends("sales_plan_line_ids.amount_collected")
    def _compute_sales_plan_collected(self):
        for order in self:
            lines = order.sales_plan_line_ids
            order.sales_plan_collected = sum(lines.mapped("amount_collected"))

    @api.depends(
        "state",
        "sales_plan_template_id",
        "sales_plan_source_id",
        "sales_plan_line_ids",
    )
    def _compute_sales_plan_differs(self):
        for order in self:
            template = order.sales_plan_template_id
            planned = order.state != "cancel" and bool(order.sales_plan_line_ids)
            order.sales_plan_differs = (
                planned and bool(template) and template != order.sales_plan_source_id
            )

    # === ACTION METHODS === #

    def action_sales_view_plan(self):
        """Open the instalments of these orders."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_plan_line_action"
        )
        action["domain"] = [("order_id", "in", self.ids)]
        action["context"] = {"default_order_id": self.id if len(self) == 1 else False}
        return action
