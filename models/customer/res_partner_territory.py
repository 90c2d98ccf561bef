from odoo import api, fields, models
from odoo.exceptions import UserError

from .sales_territory_find import Place

DECISIVE = (
    "sales_territory_manual_id",
    "parent_id",
    "company_id",
    "country_id",
    "state_id",
    "zip",
    "industry_id",
)


class ResPartner(models.Model):
    """Customers belong to a territory, and contacts to that of their customer."""

    _name = "res.partner"
    _inherit = ["res.partner", "sales.territory.holder"]

    sales_territory_manual_id = fields.Many2one(tracking=True)

    @api.depends(
        *DECISIVE,  # of the customer in a form, whom the next ones do not lead to
        *(f"commercial_partner_id.{name}" for name in DECISIVE),
    )
    def _compute_sales_territory_id(self):
        return super()._compute_sales_territory_id()

    def _sales_customer(self):
        """The customer a contact belongs to; as it is being edited, if it is one."""
        self.ensure_one()
        customer = self.commercial_partner_id
        return self if customer == self._origin else customer

    def _sales_chosen_territory(self):
        return super(ResPartner, self._sales_customer())._sales_chosen_territory()

    def _sales_places(self):
        places = {}
        for partner in self:
            customer = partner._sales_customer().sudo()  # of a contact one may see
            places[partner] = Place(
                customer._origin.id or None,
                customer.company_id.id or None,
                customer.country_id.id or None,
                customer.state_id.id or None,
                customer.zip or None,
                customer.industry_id.id or None,
            )
        return places

    def _sales_choose(self, territory):
        """Contacts follow: it is the customer one chooses for."""
        customer = self._sales_customer()
        if customer == self:
            return super()._sales_choose(territory)
        if territory and customer.sales_territory_id != self.sales_territory_id:
            raise UserError(
                self.env._(
                    "“%(contact)s” belongs to the territory of “%(customer)s”. Choose "
                    "the territory there.",
                    contact=self.name,
                    customer=customer.name,
                )
            )
        return None

    def action_sales_territory_by_rules(self):
        customers = self.commercial_partner_id
        return super(ResPartner, customers).action_sales_territory_by_rules()
