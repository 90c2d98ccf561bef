from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ...engine import territory as postcodes

# What a rule goes by, the most telling first; a rule with several criteria counts as
# the first of them.
KINDS = [
    ("customer", "Customer"),
    ("postcode", "Postcode"),
    ("state", "State"),
    ("industry_country", "Industry and Country"),
    ("industry", "Industry"),
    ("country", "Country"),
]
CRITERIA = ("partner_ids", "zip_from", "state_ids", "industry_ids", "country_ids")
POSTCODE = ("zip_from", "zip_to")
# Names listed in a summary before it says how many more there are.
NAMES = 3


class SalesTerritoryRule(models.Model):
    """Customers who meet all that a rule says belong to its territory."""

    _name = "sales.territory.rule"
    _description = "Rule of a Sales Territory"
    _order = "sequence, id"

    territory_id = fields.Many2one(
        comodel_name="sales.territory", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="territory_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        relation="sales_territory_rule_partner_rel",
        column1="rule_id",
        column2="partner_id",
        string="Customers",
        help="These customers and the companies that belong to them.",
    )
    country_ids = fields.Many2many(
        comodel_name="res.country",
        relation="sales_territory_rule_country_rel",
        column1="rule_id",
        column2="country_id",
        string="Countries",
    )
    state_ids = fields.Many2many(
        comodel_name="res.country.state",
        relation="sales_territory_rule_state_rel",
        column1="rule_id",
        column2="state_id",
        string="States",
    )
    industry_ids = fields.Many2many(
        comodel_name="res.partner.industry",
        relation="sales_territory_rule_industry_rel",
        column1="rule_id",
        column2="industry_id",
        string="Industries",
    )
    zip_from = fields.Char(
        string="Postcode from",
        help="The beginning of the first postcodes, as 10000, 10 or AB1. Capitals, "
        "blanks and hyphens make no difference.",
    )
    zip_to = fields.Char(
        string="Postcode to", help="The beginning of the last postcodes, as long."
    )
    zip_prefix = fields.Char(
        compute="_compute_zip_prefix",
        store=True,
        help="The beginning that all postcodes of the range share.",
    )
    kind = fields.Selection(
        selection=KINDS,
        compute="_compute_kind",
        store=True,
        help="Where several rules fit a customer, the order is: customer, postcode, "
        "state, industry and country, industry, country. Then the inner territory "
        "comes before the outer, the rule that asks more before one that asks less, "
        "and what stands first in the list.",
    )
    criteria_count = fields.Integer(compute="_compute_kind", store=True)

    # === CONSTRAINT METHODS === #

    # With a field that is always given, so that a rule without any criterion is seen.
    @api.constrains("territory_id", *CRITERIA, "zip_to")
    def _check_criteria(self):
        for rule in self:
            name = rule.territory_id.name
            if not any(rule[criterion] for criterion in (*CRITERIA, "zip_to")):
                raise ValidationError(
                    self.env._(
                        "A rule of “%s” says nothing, so it would fit everybody. "
                        "Choose at least one country, state, postcode, industry or "
                        "customer.",
                        name,
                    )
                )
            rule._check_states()
            if rule.zip_from or rule.zip_to:
                rule._check_postcodes()

    def _check_states(self):
        for state in self.state_ids:
            if self.country_ids and state.country_id not in self.country_ids:
                raise ValidationError(
                    self.env._(
                        "%(state)s is a state of %(country)s, which a rule of "
                        "“%(territory)s” leaves out: it would fit nobody. Add the "
                        "country, or take out the state.",
                        state=state.name,
                        country=state.country_id.name,
                        territory=self.territory_id.name,
                    )
                )

    def _check_postcodes(self):
        values = {
            "first": self.zip_from or "",
            "last": self.zip_to or "",
            "territory": self.territory_id.name,
        }
        trouble = {
            None: lambda: None,
            "open": lambda: self.env._(
                "A rule of “%(territory)s” has only one end of a range of postcodes. "
                "Enter both, the same one twice for a single postcode.",
                **values,
            ),
            "length": lambda: self.env._(
                "The postcodes %(first)s and %(last)s of “%(territory)s” are not "
                "equally long. Enter as many characters on both sides, as 10000 and "
                "19999, or 1 and 1.",
                **values,
            ),
            "reversed": lambda: self.env._(
                "The postcodes of “%(territory)s” end at %(last)s before they begin at "
                "%(first)s. Exchange them.",
                **values,
            ),
        }[postcodes.check(self.zip_from or "", self.zip_to or "")]()
        if not trouble and len(self.country_ids) != 1:
            trouble = self.env._(
                "Say of which country the postcodes %(first)s–%(last)s of "
                "“%(territory)s” are: exactly one. Make a rule for each country.",
                **values,
            )
        if trouble:
            raise ValidationError(trouble)

    # === COMPUTE METHODS === #

    @api.depends(*CRITERIA)
    def _compute_kind(self):
        for rule in self:
            filled = {name for name in CRITERIA if rule[name]}
            rule.criteria_count = len(filled)
            found = {
                "customer": {"partner_ids"},
                "postcode": {"zip_from"},
                "state": {"state_ids"},
                "industry_country": {"industry_ids", "country_ids"},
                "industry": {"industry_ids"},
                "country": {"country_ids"},
            }
            rule.kind = next(
                (kind for kind, needed in found.items() if needed <= filled), False
            )

    @api.depends(*POSTCODE)
    def _compute_zip_prefix(self):
        for rule in self:
            rule.zip_prefix = (
                postcodes.prefix(rule.zip_from, rule.zip_to or "")
                if rule.zip_from
                else False
            )

    @api.depends(*CRITERIA, "zip_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for rule in self:
            parts = [
                rule._list_names(rule.partner_ids),
                f"{rule.zip_from}–{rule.zip_to}" if rule.zip_from else "",
                rule._list_names(rule.state_ids),
                rule._list_names(rule.industry_ids),
                rule._list_names(rule.country_ids),
            ]
            rule.display_name = ", ".join(filter(None, parts))

    def _list_names(self, records):
        names = records.sudo().mapped("name")  # whoever may read the rule
        more = len(names) - NAMES
        if more > 0:
            names = [*names[:NAMES], self.env._("%s more", more)]
        return ", ".join(filter(None, names))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create([self._normalized(vals) for vals in vals_list])
        rules.territory_id._note_change()
        return rules

    def write(self, vals):
        result = super().write(self._normalized(vals))
        self.territory_id._note_change()
        return result

    @api.ondelete(at_uninstall=False)
    def _note_gone(self):
        self.territory_id._note_change()

    @api.model
    def _normalized(self, vals):
        """Postcodes as they are compared."""
        return {
            **vals,
            **{
                name: postcodes.normalize(vals[name]) or False
                for name in POSTCODE
                if name in vals
            },
        }

    @api.onchange(*POSTCODE)
    def _onchange_postcodes(self):
        """Show how they are compared, and take one postcode as a range of itself."""
        for name in POSTCODE:
            self[name] = postcodes.normalize(self[name]) or False
        self.zip_to = self.zip_to or self.zip_from

    @api.onchange("state_ids")
    def _onchange_states(self):
        """A state brings its country along where the rule names countries."""
        missing = self.state_ids.country_id - self.country_ids
        if self.country_ids and missing:
            self.country_ids = [Command.link(country._origin.id) for country in missing]
