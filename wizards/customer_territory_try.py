from odoo import api, fields, models


class SalesTerritoryTry(models.TransientModel):
    """Which territory the rules give a customer, and why."""

    _name = "sales.territory.try"
    _description = "Try a Customer"

    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer")
    territory_id = fields.Many2one(
        comodel_name="sales.territory",
        string="By the Rules",
        compute="_compute_territory",
    )
    note = fields.Char(string="Why", compute="_compute_territory")
    current_id = fields.Many2one(
        comodel_name="sales.territory",
        string="At Present",
        related="partner_id.sales_territory_id",
    )
    is_manual = fields.Boolean(related="partner_id.sales_territory_manual")

    @api.depends("partner_id")
    def _compute_territory(self):
        territories = self.env["sales.territory"]
        places = {
            wizard: wizard.partner_id._sales_places()[wizard.partner_id]
            for wizard in self
            if wizard.partner_id
        }
        found = territories._match(places)
        for wizard in self:
            territory, rule = found.get(wizard, (territories, territories.rule_ids))
            wizard.territory_id = territory
            wizard.note = wizard in places and territories._explain(
                places[wizard], territory, rule
            )
