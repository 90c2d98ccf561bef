from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class SalesContract(models.Model):
    """What was signed, and how both sides changed it since."""

    _inherit = "sales.contract"

    version = fields.Integer(readonly=True, default=1, copy=False)
    change_ids = fields.One2many(
        comodel_name="sales.contract.change",
        inverse_name="contract_id",
        string="Changes",
    )
    amount_signed = fields.Monetary(
        string="Agreed Total",
        readonly=True,
        copy=False,
        help="Total that both sides signed or agreed on last, including taxes.",
    )
    amount_unagreed = fields.Monetary(
        string="Not Agreed On",
        compute="_compute_amount_unagreed",
        store=True,
        help="What the orders are worth now, less what was signed.",
    )
    has_proposal = fields.Boolean(compute="_compute_has_proposal")

    # === COMPUTE METHODS === #

    @api.depends("state", "amount_total", "amount_signed")
    def _compute_amount_unagreed(self):
        for contract in self:
            gap = 0.0
            if contract.state in ("signed", "running"):
                gap = contract.amount_total - contract.amount_signed
                gap = contract.currency_id.round(gap)
            contract.amount_unagreed = gap

    @api.depends("change_ids.state")
    def _compute_has_proposal(self):
        for contract in self:
            contract.has_proposal = "proposed" in contract.change_ids.mapped("state")

    # === ACTION METHODS === #

    def action_propose_change(self):
        """Open the proposal of a change; a new one has what the orders say now."""
        self.ensure_one()
        self.check_access("write")
        proposal = self.change_ids.filtered(lambda change: change.state == "proposed")
        if not proposal:
            self._check_can_propose()
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Change of %s", self.name),
            "res_model": "sales.contract.change",
            "view_mode": "form",
            "res_id": proposal.id,
        }
        if not proposal:
            action["context"] = {
                "default_contract_id": self.id,
                "default_name": self._suggest_change_name(),
                **{
                    f"default_{name}": value
                    for name, value in {
                        **self._prepare_change_before(),
                        **self._prepare_change_after(),
                    }.items()
                },
            }
        return action

    # === BUSINESS METHODS === #

    def _check_can_propose(self, proposed=None):
        """:raise UserError: unless it is signed and nothing else is proposed

        :param proposed: the proposal in hand
        """
        for contract in self:
            contract.check_access("write")
            if contract.state not in ("signed", "running"):
                raise UserError(
                    self.env._(
                        "%s is not in force, so there is nothing to change: change a "
                        "draft directly, and renew a contract that has ended.",
                        contract.name,
                    )
                )
            others = contract.change_ids.filtered(lambda c: c.state == "proposed")
            if others - (proposed or others.browse()):
                raise UserError(
                    self.env._(
                        "A change of %s is proposed already. Decide on it first.",
                        contract.name,
                    )
                )

    def _prepare_change_before(self):
        """What is agreed at present, as values of a change."""
        return {
            "amount_old": self.amount_signed,
            "date_end_old": self.date_end,
            "terms_old": self.terms,
            "order_old_ids": [Command.set(self.order_ids.ids)],
        }

    def _prepare_change_after(self):
        """What a proposal begins with: all as before, with the orders as they are."""
        return {
            "date_end": self.date_end,
            "terms": self.terms,
            "order_ids": [Command.set(self.order_ids.ids)],
        }

    def _suggest_change_name(self):
        if self.currency_id.is_zero(self.amount_unagreed):
            return False
        if self.amount_unagreed > 0:
            return self.env._("Extension of the order")
        return self.env._("Reduction of the order")

    def _apply_change(self, change):
        """Bring the contract to what both sides agreed on."""
        self.ensure_one()
        contract = self.sudo()  # recorded by the system
        added = change.order_ids - self.order_ids
        removed = self.order_ids - change.order_ids
        self._link_orders(added)
        removed.sudo().sales_contract_id = False  # as above
        contract.write(
            {
                "version": change.version,
                "date_end": change.date_end,
                "terms": change.terms,
                "amount_signed": change.amount_decided,
            }
        )
        self.message_post(
            body=self.env._(
                "Version %(version)s agreed: %(name)s. %(difference)s. For the "
                "customer: %(customer)s, for us: %(user)s.",
                version=change.version,
                name=change.name,
                difference="; ".join(
                    f"{label} {old} → {new}"
                    for label, old, new in change._find_differences()
                ),
                customer=change.customer_agreed_by,
                user=change.company_agreed_by_id.name,
            ),
            subtype_xmlid="mail.mt_comment",
        )
