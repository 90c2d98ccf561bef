from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..process.ir_attachment import DOCUMENT_CATEGORIES


class SalesContractRequirement(models.Model):
    """A document or a clause that contracts of a type need before they are signed."""

    _name = "sales.contract.requirement"
    _description = "Required Document or Clause"
    _order = "type_id, sequence, id"

    type_id = fields.Many2one(
        comodel_name="sales.contract.type",
        string="Contract Type",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="type_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        selection=[("document", "Document"), ("clause", "Clause")],
        required=True,
        default="document",
    )
    required = fields.Boolean(
        default=True,
        help="Without it the contract cannot be signed. Otherwise it only reminds.",
    )
    document_category = fields.Selection(
        selection=DOCUMENT_CATEGORIES,
        string="Category",
        help="Any document of this category meets it.",
    )
    text = fields.Text(
        string="Wording",
        translate=True,
        help="The clause, as it is proposed to the customer in their language.",
    )

    @api.constrains("kind", "document_category", "text")
    def _check_content(self):
        for requirement in self:
            if requirement.kind == "document" and not requirement.document_category:
                raise ValidationError(
                    self.env._(
                        "“%s” needs a category, so that the document is recognised.",
                        requirement.name,
                    )
                )
            if requirement.kind == "clause" and not requirement.text:
                raise ValidationError(
                    self.env._(
                        "“%s” needs the wording of the clause.", requirement.name
                    )
                )

    def _prepare_clauses(self, contract):
        """Values of the clauses that these requirements become on a contract."""
        local = self.with_context(lang=contract.partner_id.lang)
        return [
            {
                "contract_id": contract.id,
                "requirement_id": requirement.id,
                "sequence": requirement.sequence,
                "name": requirement.name,
                "text": requirement.text,
                "required": requirement.required,
            }
            for requirement in local
        ]
