from odoo import api, fields, models

CLASSES = [
    ("a", "A"),
    ("b", "B"),
    ("c", "C"),
    ("former", "Former"),
]
# What everybody reads, and where the job keeps it on the customer.
JUDGED = {
    "sales_customer_class": "sales_own_class",
    "sales_customer_class_date": "sales_own_class_date",
    "sales_customer_revenue": "sales_own_revenue",
    "sales_recency_score": "sales_own_recency",
    "sales_frequency_score": "sales_own_frequency",
    "sales_monetary_score": "sales_own_monetary",
}


class ResPartner(models.Model):
    """What a customer is worth to the company one works in.

    The job of ``res.company`` writes the ``sales_own_*`` fields on the customer alone,
    the commercial partner. Nobody else may touch or even see them: merging contacts
    copies every stored field a person can read. What people read, search and group by
    follows the commercial partner, so contacts are right at once wherever they move.
    """

    _inherit = "res.partner"

    sales_own_class = fields.Selection(
        selection=CLASSES, company_dependent=True, groups=fields.NO_ACCESS
    )
    sales_own_class_date = fields.Date(company_dependent=True, groups=fields.NO_ACCESS)
    sales_own_revenue = fields.Float(company_dependent=True, groups=fields.NO_ACCESS)
    sales_own_recency = fields.Integer(company_dependent=True, groups=fields.NO_ACCESS)
    sales_own_frequency = fields.Integer(
        company_dependent=True, groups=fields.NO_ACCESS
    )
    sales_own_monetary = fields.Integer(company_dependent=True, groups=fields.NO_ACCESS)

    # A customer in the portal must not read how much he is worth.
    sales_customer_class = fields.Selection(
        related="commercial_partner_id.sales_own_class",
        string="Customer Class",
        groups="base.group_user",
        help="Judged every night by the customer invoices of this company. A: the "
        "customers who bring most of the revenue, B: those who follow, C: all others "
        "who bought. Former: bought before, but not lately. Empty: never bought.",
    )
    sales_customer_class_date = fields.Date(
        related="commercial_partner_id.sales_own_class_date",
        string="In This Class Since",
        groups="base.group_user",
    )
    sales_customer_revenue = fields.Float(
        related="commercial_partner_id.sales_own_revenue",
        string="Revenue Judged By",
        groups="base.group_user",
        aggregator=None,  # each contact of a customer would count it again
        help="Posted customer invoices less credit notes, without taxes, in the "
        "currency of the company.",
    )
    sales_recency_score = fields.Integer(
        related="commercial_partner_id.sales_own_recency",
        string="Recency Score",
        groups="base.group_user",
        aggregator=None,
        help="How lately the customer bought, among all who did: from 1, in the last "
        "fifth, to 5, in the first.",
    )
    sales_frequency_score = fields.Integer(
        related="commercial_partner_id.sales_own_frequency",
        string="Frequency Score",
        groups="base.group_user",
        aggregator=None,
        help="How many invoices the customer got, among all who bought: from 1 to 5.",
    )
    sales_monetary_score = fields.Integer(
        related="commercial_partner_id.sales_own_monetary",
        string="Monetary Score",
        groups="base.group_user",
        aggregator=None,
        help="How much revenue the customer brought, among all who bought: 1 to 5.",
    )
    sales_customer_class_note = fields.Char(
        string="What the Class Says",
        compute="_compute_sales_customer_class_note",
        groups="base.group_user",
    )

    # === COMPUTE METHODS === #

    @api.depends("sales_customer_class", "commercial_partner_id.name")
    @api.depends_context("company", "lang", "tz")
    def _compute_sales_customer_class_note(self):
        company = self.env.company
        for partner in self:
            partner.sales_customer_class_note = company._sales_class_note(
                partner.sales_customer_class, partner.commercial_partner_id
            )

    # === ACCESS === #

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in JUDGED and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    def _field_to_sql(self, alias, field_expr, query=None):
        # To group and sort by, a related field is read as superuser, and nobody asks
        # whether its own groups have the user.
        if field_expr in JUDGED:
            self._check_field_access(self._fields[field_expr], "read")
        return super()._field_to_sql(alias, field_expr, query)
