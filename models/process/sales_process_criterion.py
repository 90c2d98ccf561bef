import ast
import uuid

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .ir_attachment import DOCUMENT_CATEGORIES

SEVERITIES = [("hard", "Hard"), ("soft", "Soft"), ("advisory", "Advisory")]
ROLES = [
    ("decision_maker", "Decision Maker"),
    ("economic_buyer", "Economic Buyer"),
    ("champion", "Champion"),
    ("influencer", "Influencer"),
    ("user", "User"),
    ("blocker", "Blocker"),
]
# Who has to say yes when the designer does not choose.
VERIFIER_BY_KIND = {"signoff": "manager", "customer": "customer"}
# What a criterion may look at beside facts the system finds by itself.
TEXT_FIELDS = frozenset({"name", "help", "statement", "sequence"})


class SalesProcessCriterion(models.Model):
    """A result that has to be proven before a deal leaves a stage."""

    _name = "sales.process.criterion"
    _description = "Exit Criterion"
    _order = "process_stage_id, sequence, id"

    process_stage_id = fields.Many2one(
        comodel_name="sales.process.stage",
        required=True,
        index=True,
        ondelete="cascade",
    )
    process_id = fields.Many2one(
        related="process_stage_id.process_id", store=True, index=True
    )
    company_id = fields.Many2one(related="process_stage_id.company_id", store=True)
    currency_id = fields.Many2one(related="process_id.currency_id")
    structure_locked = fields.Boolean(related="process_stage_id.structure_locked")
    sequence = fields.Integer(default=10)
    name = fields.Char(
        required=True,
        translate=True,
        help="The result, so that anybody can say yes or no.",
    )
    help = fields.Text(string="How to Prove It", translate=True)
    key = fields.Char(
        required=True,
        readonly=True,
        default=lambda self: uuid.uuid4().hex,
        help="Identity across the versions of a process.",
    )
    kind = fields.Selection(
        selection=[
            ("fields", "Fields are filled"),
            ("domain", "Deal fits a filter"),
            ("activity", "Activity was done"),
            ("meeting", "Meeting was held"),
            ("stakeholder", "Person in the buying committee"),
            ("email", "Mail from the customer"),
            ("document", "Document is attached"),
            ("quotation", "Quotation"),
            ("signoff", "Sign-off"),
            ("customer", "Confirmation by the buyer"),
        ],
        required=True,
        default="fields",
    )
    severity = fields.Selection(
        selection=SEVERITIES,
        required=True,
        default=lambda self: self.env.company.sales_gate_mode or "hard",
        help="Hard: the deal cannot leave without it. Soft: it can, with a reason that "
        "is counted. Advisory: it only reminds.",
    )
    verifier = fields.Selection(
        selection=[
            ("system", "System"),
            ("manager", "Manager"),
            ("customer", "Customer"),
            ("peer", "Colleague"),
        ],
        compute="_compute_verifier",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Who has to say that it is proven.",
    )
    minimum_amount = fields.Monetary(
        help="Asked only for deals with at least this expected revenue."
    )
    validity_days = fields.Integer(
        string="Valid for (days)", help="The proof lapses after this. 0: never."
    )
    minimum_count = fields.Integer(default=1, help="How many of them are needed.")
    field_ids = fields.Many2many(
        comodel_name="ir.model.fields",
        string="Fields",
        domain="[('model', '=', 'crm.lead'), ('ttype', 'not in', ('binary',))]",
        ondelete="cascade",
    )
    domain = fields.Char(string="Filter")
    activity_type_id = fields.Many2one(
        comodel_name="mail.activity.type",
        domain="[('res_model', 'in', (False, 'crm.lead'))]",
        ondelete="restrict",
    )
    role = fields.Selection(
        selection=ROLES,
        string="Buying Role",
        help="The person has to have this role in the buying committee.",
    )
    document_category = fields.Selection(selection=DOCUMENT_CATEGORIES)
    quotation_state = fields.Selection(
        selection=[
            ("sent", "Sent"),
            ("viewed", "Opened by the customer"),
            ("signed", "Signed or confirmed"),
        ],
        default="sent",
    )
    statement = fields.Text(
        translate=True,
        help="What the buyer is asked to confirm, in their words: “You agreed to "
        "evaluate the product on …”.",
    )

    summary = fields.Char(
        string="What Proves It", compute="_compute_summary", compute_sudo=True
    )

    _minimum_count_positive = models.Constraint(
        "CHECK (minimum_count > 0)", "A criterion needs at least one of what it asks."
    )
    _validity_positive = models.Constraint(
        "CHECK (validity_days >= 0)", "The validity of a criterion cannot be negative."
    )
    _minimum_amount_positive = models.Constraint(
        "CHECK (minimum_amount >= 0)", "The minimum amount cannot be negative."
    )
    _key_uniq = models.Constraint(
        "UNIQUE (process_stage_id, key)", "This criterion is already in the stage."
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("kind", "field_ids", "domain", "activity_type_id", "role")
    def _check_parameters(self):
        needed = {
            "fields": "field_ids",
            "domain": "domain",
            "activity": "activity_type_id",
            "stakeholder": "role",
        }
        for criterion in self:
            name = needed.get(criterion.kind)
            if name and not criterion[name]:
                raise ValidationError(
                    self.env._(
                        "“%(criterion)s” needs a value in “%(field)s”.",
                        criterion=criterion.name,
                        field=self._fields[name]._description_string(self.env),
                    )
                )
            if criterion.kind == "domain":
                criterion._check_domain()

    @api.model
    def _parse_domain(self, domain):
        return Domain(ast.literal_eval(domain))

    def _check_domain(self):
        try:
            domain = self._parse_domain(self.domain)
            domain.validate(self.env["crm.lead"])
        except (ValueError, SyntaxError, TypeError, KeyError) as error:
            raise ValidationError(
                self.env._(
                    "The filter of “%(criterion)s” cannot be read: %(error)s",
                    criterion=self.name,
                    error=error,
                )
            ) from error
        if domain.is_true():
            raise ValidationError(
                self.env._(
                    "The filter of “%s” is empty, so every deal would fit it.",
                    self.name,
                )
            )

    @api.constrains("kind", "verifier")
    def _check_verifier(self):
        for criterion in self:
            expected = VERIFIER_BY_KIND.get(criterion.kind)
            if criterion.verifier == "system" and expected:
                raise ValidationError(
                    self.env._(
                        "“%s” needs a person who says yes, the system cannot.",
                        criterion.name,
                    )
                )

    # === COMPUTE METHODS === #

    @api.depends("kind")
    def _compute_verifier(self):
        for criterion in self:
            criterion.verifier = VERIFIER_BY_KIND.get(criterion.kind, "system")

    @api.depends(
        "kind",
        "field_ids",
        "activity_type_id",
        "role",
        "document_category",
        "quotation_state",
        "minimum_count",
        "minimum_amount",
        "validity_days",
    )
    @api.depends_context("lang")
    def _compute_summary(self):
        for criterion in self:
            parts = [criterion._get_summary_subject()]
            if criterion.minimum_count > 1 and criterion.kind in COUNTED_KINDS:
                parts.append(self.env._("at least %s", criterion.minimum_count))
            if criterion.validity_days:
                parts.append(self.env._("valid %s days", criterion.validity_days))
            if criterion.minimum_amount:
                amount = criterion.currency_id.format(criterion.minimum_amount)
                parts.append(self.env._("from %s", amount))
            criterion.summary = ", ".join(filter(None, parts))

    def _get_summary_subject(self):
        if self.kind == "fields":
            return ", ".join(self.field_ids.mapped("field_description"))
        if self.kind == "activity":
            return self.activity_type_id.name
        name = {
            "stakeholder": "role",
            "meeting": "role",
            "email": "role",
            "document": "document_category",
            "quotation": "quotation_state",
        }.get(self.kind)
        labels = dict(
            self._fields[name]._description_selection(self.env) if name else ()
        )
        return labels.get(name and self[name])

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        stages = {vals.get("process_stage_id") for vals in vals_list} - {None, False}
        stages = self.env["sales.process.stage"].browse(stages)
        stages.process_id._check_structure_open()
        criteria = super().create(vals_list)
        self.env.registry.clear_cache()
        return criteria

    def write(self, vals):
        if vals.keys() - TEXT_FIELDS:
            target = self.process_stage_id.browse(vals.get("process_stage_id") or ())
            (self.process_id | target.process_id)._check_structure_open()
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.process_id._check_structure_open()
        self.env.registry.clear_cache()

    # === BUSINESS METHODS === #


# Kinds of which several can be asked.
COUNTED_KINDS = frozenset(
    {"activity", "meeting", "stakeholder", "email", "document", "quotation"}
)
