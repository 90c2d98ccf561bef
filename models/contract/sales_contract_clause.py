from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesContractClause(models.Model):
    """A clause that both sides have to agree on, and what they agreed instead."""

    _name = "sales.contract.clause"
    _description = "Contract Clause"
    _order = "sequence, id"

    contract_id = fields.Many2one(
        comodel_name="sales.contract", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True)
    contract_state = fields.Selection(related="contract_id.state")
    requirement_id = fields.Many2one(
        comodel_name="sales.contract.requirement",
        string="From the Type",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Clause", required=True)
    text = fields.Text(string="Wording", required=True)
    required = fields.Boolean(
        help="The contract cannot be signed until it is agreed on."
    )
    agreed = fields.Boolean(
        help="Both sides agree, with the deviation if there is one."
    )
    deviation = fields.Text(help="What is agreed instead of the wording, if anything.")

    _uniq_requirement = models.UniqueIndex(
        "(contract_id, requirement_id) WHERE requirement_id IS NOT NULL",
        "This clause of the type is in the contract already.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        clauses = super().create(vals_list)
        clauses._check_contract_open()
        return clauses

    def write(self, vals):
        self.check_access("write")
        self._check_contract_open()
        if "contract_id" in vals and any(
            clause.contract_id.id != vals["contract_id"] for clause in self
        ):
            raise UserError(self.env._("A clause stays with its contract."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        self._check_contract_open()
        required = self.filtered(
            lambda clause: (
                clause.requirement_id.required
                and clause.requirement_id.type_id == clause.contract_id.type_id
            )
        )[:1]
        if required:
            raise UserError(
                self.env._(
                    "“%(clause)s” is required in contracts of the type %(type)s. Write "
                    "down the deviation instead of deleting it.",
                    clause=required.name,
                    type=required.requirement_id.type_id.name,
                )
            )

    def _check_contract_open(self):
        if not self.env.su:  # the engine puts clauses of the next contract
            self.contract_id._check_open()

    # === ACTION METHODS === #

    def action_agree(self):
        """Both sides agree on these clauses."""
        self.agreed = True
