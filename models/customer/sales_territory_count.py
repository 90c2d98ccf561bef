from odoo import api, fields, models
from odoo.fields import Domain


class SalesTerritory(models.Model):
    """How many customers and deals belong to a territory and those that lie in it."""

    _inherit = "sales.territory"

    customer_count = fields.Integer(string="Customers", compute="_compute_counts")
    lead_count = fields.Integer(string="Deals", compute="_compute_counts")
    assignment_due = fields.Boolean(
        compute="_compute_assignment_due",
        help="Rules have changed since customers and deals were assigned.",
    )

    @api.depends("parent_path")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_counts(self):
        customers = self._count_inside("res.partner", self._customer_domain())
        leads = self._count_inside("crm.lead", self._lead_domain())
        for territory in self:
            territory.customer_count = customers.get(territory.id, 0)
            territory.lead_count = leads.get(territory.id, 0)

    @api.model
    def _customer_domain(self):
        """Customers themselves: their contacts follow them."""
        return Domain("is_company", "=", True) | Domain("parent_id", "=", False)

    @api.model
    def _lead_domain(self):
        return Domain("type", "=", "opportunity")

    def _count_inside(self, model, domain):
        """``{territory id: number of records}``, as the user may see them."""
        domain &= Domain("sales_territory_id", "child_of", self.ids)
        counts = {}
        if not self.ids or not self.env[model].has_access("read"):
            return counts
        for territory, number in self.env[model]._read_group(
            domain, ["sales_territory_id"], ["__count"]
        ):
            path = territory.sudo().parent_path  # of one that holds a visible record
            for key in map(int, path.rstrip("/").split("/")):
                counts[key] = counts.get(key, 0) + number
        return counts

    def _compute_assignment_due(self):
        runs = self.env["sales.territory.assignment"].sudo()  # that there is one
        due = bool(runs.search_count([("state", "=", "waiting")], limit=1))
        self.assignment_due = due

    # === ACTIONS === #

    def action_assign_now(self):
        """See ``sales.territory.assignment``."""
        return self.env["sales.territory.assignment"].action_start()

    def action_view_customers(self):
        """Open the customers of this territory and those that lie in it."""
        self.ensure_one()
        return self._action_inside(
            "res.partner",
            self.env._("Customers of %s", self.name),
            "list,kanban,form",
            self._customer_domain(),
        )

    def action_view_leads(self):
        """Open the deals of this territory and those that lie in it."""
        self.ensure_one()
        return self._action_inside(
            "crm.lead",
            self.env._("Deals of %s", self.name),
            "list,kanban,graph,pivot,form",
            self._lead_domain(),
        )

    def _action_inside(self, model, name, view_mode, domain):
        domain &= Domain("sales_territory_id", "child_of", self.ids)
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": view_mode,
            "domain": list(domain),
            "context": {"create": False},
        }
