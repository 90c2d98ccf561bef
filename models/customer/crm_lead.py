from odoo import fields, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # Its own field and not a path in a domain: a path stops at customers the user may
    # not read, and lists would then hold fewer deals than the figures they explain.
    sales_customer_class = fields.Selection(
        related="partner_id.sales_customer_class", groups="base.group_user"
    )
