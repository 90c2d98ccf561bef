from odoo import fields, models

from .sales_contract import RENEWALS


class SalesContractType(models.Model):
    """A kind of contract: its standard terms, and what has to be there to sign it."""

    _name = "sales.contract.type"
    _description = "Contract Type"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index="btree_not_null",
        help="Empty: for all companies.",
    )
    terms = fields.Html(
        string="Standard Terms",
        translate=True,
        sanitize_overridable=False,
        help="Taken over into a new contract in the customer's language, where they "
        "can be changed.",
    )
    duration_months = fields.Integer(
        string="Duration",
        help="In months. 0: without a set end.",
    )
    notice_months = fields.Integer(
        string="Notice Period", help="In months before the end."
    )
    renewal = fields.Selection(
        selection=RENEWALS,
        required=True,
        default="none",
        help="By hand: the salesperson is reminded to renew it. Automatic: the next "
        "contract is drafted when the day of notice has passed.",
    )
    reminder_days = fields.Integer(
        string="Remind Before",
        default=30,
        help="How many days before the day of notice and before the end the "
        "salesperson is reminded.",
    )
    collector_id = fields.Many2one(
        comodel_name="res.users",
        string="Collects",
        check_company=True,
        domain="[('share', '=', False)]",
        help="Who asks the customers for the money.",
    )
    sign_by_quotation = fields.Boolean(
        string="A Signed Quotation Signs It",
        help="A contract over quotations that the customer signed online needs no "
        "signature of its own, as long as nothing else is missing.",
    )
    requirement_ids = fields.One2many(
        comodel_name="sales.contract.requirement",
        inverse_name="type_id",
        string="Required Documents and Clauses",
        copy=True,
    )
    contract_count = fields.Integer(compute="_compute_contract_count")

    _months_not_negative = models.Constraint(
        "CHECK (duration_months >= 0 AND notice_months >= 0 AND reminder_days >= 0)",
        "Duration, notice and reminder cannot be negative.",
    )
    _notice_within_duration = models.Constraint(
        "CHECK (duration_months = 0 OR notice_months <= duration_months)",
        "The notice period cannot be longer than the contract.",
    )

    def _compute_contract_count(self):
        counts = dict(
            self.env["sales.contract"]._read_group(
                [("type_id", "in", self.ids)], ["type_id"], ["__count"]
            )
        )
        for kind in self:
            kind.contract_count = counts.get(kind, 0)

    def action_view_contracts(self):
        """Open the contracts of this type."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_contract_action"
        )
        action["domain"] = [("type_id", "in", self.ids)]
        action["context"] = {}
        return action

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" not in (default or {}):
            for kind, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", kind.name)
        return vals_list
