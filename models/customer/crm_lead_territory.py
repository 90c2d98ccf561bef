from odoo import api, fields, models

from .sales_territory_find import Place


class CrmLead(models.Model):
    """Deals belong to the territory of their customer, else of their address."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "sales.territory.holder"]

    sales_territory_manual_id = fields.Many2one(tracking=True)

    @api.depends(
        "sales_territory_manual_id",
        # Changes with everything the rules look at on the customer.
        "partner_id.sales_territory_id",
        "company_id",
        "country_id",
        "state_id",
        "zip",
    )
    def _compute_sales_territory_id(self):
        return super()._compute_sales_territory_id()

    def _sales_territory_source(self):
        return self.partner_id.commercial_partner_id.sudo()  # of a deal one may see

    def _sales_places(self):
        places = {}
        for lead in self:
            customer = lead._sales_territory_source()
            place = customer or lead
            places[lead] = Place(
                customer._origin.id or None,
                lead.company_id.id or None,
                place.country_id.id or None,
                place.state_id.id or None,
                place.zip or None,
                customer.industry_id.id or None,
            )
        return places
