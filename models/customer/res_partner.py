from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

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


def judged(own, field_class, **attributes):
    """A field that shows what is kept on the customer.

    Not a related one: Odoo searches those with the rights of the user, whom the kept
    value is hidden from.

    :param str own: name of the field on the customer
    """

    def search(self, operator, value):
        return self._sales_search_judged(own, operator, value)

    return field_class(
        compute="_compute_sales_judged",
        search=search,
        # A customer in the portal must not learn how much he is worth.
        groups="base.group_user",
        **attributes,
    )


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

    sales_customer_class = judged(
        "sales_own_class",
        fields.Selection,
        selection=CLASSES,
        string="Customer Class",
        falsy_value_label=_lt("Never Bought"),
        help="Judged every night by the customer invoices of this company. A: the "
        "customers who bring most of the revenue, B: those who follow, C: all others "
        "who bought. Former: bought before, but not lately. Empty: never bought.",
    )
    sales_customer_class_date = judged(
        "sales_own_class_date", fields.Date, string="In This Class Since"
    )
    sales_customer_revenue = judged(
        "sales_own_revenue",
        fields.Float,
        string="Revenue Judged By",
        aggregator=None,  # each contact of a customer would count it again
        help="Posted customer invoices less credit notes, without taxes, in the "
        "currency of the company.",
    )
    sales_recency_score = judged(
        "sales_own_recency",
        fields.Integer,
        string="Recency Score",
        aggregator=None,
        help="How lately the customer bought, among all who did: from 1, in the last "
        "fifth, to 5, in the first.",
    )
    sales_frequency_score = judged(
        "sales_own_frequency",
        fields.Integer,
        string="Frequency Score",
        aggregator=None,
        help="How many invoices the customer got, among all who bought: from 1 to 5.",
    )
    sales_monetary_score = judged(
        "sales_own_monetary",
        fields.Integer,
        string="Monetary Score",
        aggregator=None,
        help="How much revenue the customer brought, among all who bought: 1 to 5.",
    )
    sales_customer_class_note = fields.Char(
        string="What the Class Says",
        compute="_compute_sales_customer_class_note",
        groups="base.group_user",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "commercial_partner_id",
        *(f"commercial_partner_id.{name}" for name in JUDGED.values()),
    )
    @api.depends_context("company")
    def _compute_sales_judged(self):
        for partner in self:
            customer = partner.sudo().commercial_partner_id  # hidden from people
            for name, own in JUDGED.items():
                partner[name] = customer[own]

    @api.model
    def _sales_search_judged(self, own, operator, value):
        # Odoo does not ask before it calls the search of a field that is not stored.
        self._check_field_access(self._fields["sales_customer_class"], "read")
        partners = self.sudo().with_context(active_test=False)  # hidden from people
        customers = partners._search(Domain(own, operator, value))
        return Domain("commercial_partner_id", "any!", customers)

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
    def default_get(self, fields):
        # Anybody may save a default of one's own, also for fields one cannot see.
        return super().default_get([f for f in fields if f not in JUDGED.values()])

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in JUDGED and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Group and sort contacts by what is kept on their customer."""
        if field_expr not in JUDGED:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        partners = self.sudo()  # hidden from people
        field = self._fields["commercial_partner_id"]
        customers, alias = field.join(partners, alias, query)
        return customers._field_to_sql(alias, JUDGED[field_expr], query)
