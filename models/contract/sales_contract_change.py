from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date, html2plaintext, is_html_empty

from ..base.guards import refuse_protected

# Recorded by the system alone.
RECORDED = {
    "state": "proposed",
    "version": 0,
    "amount_old": 0.0,
    "amount_decided": 0.0,
    "date_end_old": False,
    "terms_old": False,
    "order_old_ids": False,
    "date_agreed": False,
    "customer_agreed_by": False,
    "company_agreed_by_id": False,
    "date_decided": False,
    "decided_by_id": False,
    "refuse_reason": False,
}


class SalesContractChange(models.Model):
    """What both sides change about a signed contract.

    A proposal can be worked on; once it is decided it stays for ever. Agreeing on it
    makes the next version of the contract.
    """

    _name = "sales.contract.change"
    _description = "Contract Change"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    contract_id = fields.Many2one(
        comodel_name="sales.contract", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    commercial_partner_id = fields.Many2one(related="contract_id.commercial_partner_id")
    name = fields.Char(string="What Changes", required=True)
    reason = fields.Text(required=True)
    state = fields.Selection(
        selection=[
            ("proposed", "Proposed"),
            ("agreed", "Agreed"),
            ("refused", "Refused"),
        ],
        required=True,
        default="proposed",
        readonly=True,
        tracking=True,
    )
    version = fields.Integer(
        readonly=True, help="The version of the contract that the change made."
    )
    # Old and new, side by side
    order_old_ids = fields.Many2many(
        comodel_name="sale.order",
        relation="sales_contract_change_order_old_rel",
        string="Orders Before",
        readonly=True,
    )
    order_ids = fields.Many2many(
        comodel_name="sale.order",
        relation="sales_contract_change_order_rel",
        string="Orders",
        check_company=True,
    )
    order_candidate_ids = fields.Many2many(
        comodel_name="sale.order", compute="_compute_order_candidate_ids"
    )
    amount_old = fields.Monetary(string="Total Before", readonly=True)
    amount_new = fields.Monetary(
        string="Total",
        compute="_compute_amount_new",
        help="Of the orders, including taxes.",
    )
    amount_decided = fields.Monetary(string="Total when Decided", readonly=True)
    date_end_old = fields.Date(string="Until, Before", readonly=True)
    date_end = fields.Date(string="Until")
    terms_old = fields.Html(
        string="Terms Before", readonly=True, sanitize_overridable=False
    )
    terms = fields.Html(sanitize_overridable=False)
    difference = fields.Text(
        string="Old → New",
        compute="_compute_difference",
        help="What differs, one thing a line.",
    )
    # Who agreed
    customer_agreed_by = fields.Char(string="Agreed for the Customer", readonly=True)
    company_agreed_by_id = fields.Many2one(
        comodel_name="res.users", string="Agreed for Us", readonly=True
    )
    date_agreed = fields.Date(string="Agreed On", readonly=True)
    refuse_reason = fields.Text(string="Refused because", readonly=True)
    decided_by_id = fields.Many2one(
        comodel_name="res.users", string="Recorded by", readonly=True
    )
    date_decided = fields.Datetime(string="Recorded On", readonly=True)
    document_ids = fields.One2many(
        comodel_name="sales.contract.document",
        inverse_name="change_id",
        string="Documents",
        readonly=True,
    )

    _one_proposal = models.UniqueIndex(
        "(contract_id) WHERE state = 'proposed'",
        "A change of this contract is proposed already. Decide on it first.",
    )

    # === COMPUTE METHODS === #

    @api.depends("name", "version", "state")
    def _compute_display_name(self):
        for change in self:
            change.display_name = (
                f"V{change.version} {change.name}" if change.version else change.name
            )

    @api.depends("contract_id", "order_ids")
    def _compute_order_candidate_ids(self):
        for change in self:
            contract = change.contract_id
            found = change.order_ids | contract.order_ids
            if contract:
                found |= found.search(contract._candidate_orders_domain())
            change.order_candidate_ids = found

    @api.depends("state", "order_ids.amount_total", "order_ids.state", "amount_decided")
    def _compute_amount_new(self):
        for change in self:
            if change.state == "proposed":
                orders = change.order_ids.filtered(lambda o: o.state != "cancel")
                change.amount_new = sum(orders.mapped("amount_total"))
            else:
                change.amount_new = change.amount_decided

    @api.depends(
        "amount_old",
        "amount_new",
        "date_end_old",
        "date_end",
        "terms_old",
        "terms",
        "order_old_ids",
        "order_ids",
    )
    @api.depends_context("lang")
    def _compute_difference(self):
        for change in self:
            change.difference = "\n".join(
                f"{label}: {old} → {new}"
                for label, old, new in change._find_differences()
            )

    def _find_differences(self):
        """What this change alters.

        :return: a list of ``(label, old, new)`` texts in the language of the context
        """
        self.ensure_one()
        result = []
        old_orders, orders = self.order_old_ids, self.order_ids
        if old_orders._origin != orders._origin:
            result.append(
                (
                    self.env._("Orders"),
                    ", ".join(old_orders.sudo().mapped("name")) or "–",  # numbers
                    ", ".join(orders.sudo().mapped("name")) or "–",  # numbers
                )
            )
        currency = self.currency_id
        if currency and currency.compare_amounts(self.amount_old, self.amount_new):
            result.append(
                (
                    self.env._("Total"),
                    format_amount(self.env, self.amount_old, currency),
                    format_amount(self.env, self.amount_new, currency),
                )
            )
        if self.date_end_old != self.date_end:
            result.append(
                (
                    self.env._("Until"),
                    format_date(self.env, self.date_end_old) or "–",
                    format_date(self.env, self.date_end) or "–",
                )
            )
        if self._plain(self.terms_old) != self._plain(self.terms):
            result.append(
                (
                    self.env._("Terms"),
                    self.env._("as before"),
                    self.env._("new wording"),
                )
            )
        return result

    @api.model
    def _plain(self, html):
        return "" if is_html_empty(html) else html2plaintext(html).strip()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, RECORDED.keys())
        contracts = self.env["sales.contract"].browse(
            [vals.get("contract_id") for vals in vals_list]
        )
        complete = []
        for vals, contract in zip(vals_list, contracts, strict=True):
            if not self.env.su:
                contract._check_can_propose()
            before = {**RECORDED, **contract._prepare_change_before()}
            complete.append({**contract._prepare_change_after(), **before, **vals})
        return super().create(complete)

    def write(self, vals):
        refuse_protected(self, vals, RECORDED.keys())
        if not self.env.su:
            self._check_proposed()
            if "contract_id" in vals:
                raise UserError(self.env._("A change stays with its contract."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._check_proposed()

    def _check_proposed(self):
        """:raise UserError: for changes that are decided"""
        for change in self:
            if change.state != "proposed":
                raise UserError(
                    self.env._(
                        "“%s” is decided and stays on record. Propose another change.",
                        change.name,
                    )
                )

    # === ACTION METHODS === #

    def action_agree(self):
        """Ask who agreed on both sides and when, and for the document."""
        self.ensure_one()
        self._check_agreeable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Agreed by Both Sides"),
            "res_model": "sales.contract.agree",
            "view_mode": "form",
            "target": "new",
            "context": {"default_change_id": self.id},
        }

    def action_refuse(self):
        """Ask why the change does not come about."""
        self.ensure_one()
        self.check_access("write")
        self._check_proposed()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not Agreed"),
            "res_model": "sales.contract.refuse",
            "view_mode": "form",
            "target": "new",
            "context": {"default_change_id": self.id},
        }

    # === BUSINESS METHODS === #

    def _check_agreeable(self):
        """:raise UserError: unless it is a proposal that alters the contract"""
        self.check_access("write")
        self._check_proposed()
        for change in self:
            contract = change.contract_id
            contract._check_can_propose(proposed=change)
            if not change._find_differences():
                raise UserError(
                    self.env._(
                        "“%s” alters nothing yet: change the orders, the end or the "
                        "terms first.",
                        change.name,
                    )
                )
            added = change.order_ids - change.order_old_ids
            added._check_sales_contract_fits(contract)

    def _agree(self, customer, user, day, document=None):
        """Both sides agreed: the contract gets its next version.

        :param str customer: who agreed for the customer
        :param user: who agreed for us
        :param date day: when
        :param document: values of a ``sales.contract.document``: ``name`` and ``datas``
        """
        self.ensure_one()
        contract = self.contract_id
        contract.lock_for_update()  # two people at the same moment
        self.invalidate_recordset(["state"])
        self._check_agreeable()
        if not (customer or "").strip():
            raise UserError(self.env._("Say who agreed for the customer."))
        if day > contract.company_id._sales_today():
            raise UserError(
                self.env._("Nobody agrees in the future. Choose today or a day before.")
            )
        if document:
            self.env["sales.contract.document"].create(
                {
                    **document,
                    "contract_id": contract.id,
                    "change_id": self.id,
                    "sales_document_category": "contract",
                    "date": day,
                }
            )
        self._decide(
            "agreed",
            version=contract.version + 1,
            customer_agreed_by=customer.strip(),
            company_agreed_by_id=user.id,
            date_agreed=day,
        )
        contract._apply_change(self)

    def _refuse(self, reason):
        """The change does not come about; the contract stays as it is."""
        self.ensure_one()
        self.check_access("write")
        self._check_proposed()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the change does not come about."))
        self._decide("refused", refuse_reason=reason)
        self.contract_id._message_log(
            body=self.env._(
                "Change “%(change)s” refused. %(reason)s",
                change=self.name,
                reason=reason,
            )
        )

    def _decide(self, state, **values):
        """Record the decision; the only way a change leaves the state of a proposal."""
        self.sudo().write(  # recorded by the system
            {
                "state": state,
                "amount_decided": self.amount_new,
                "decided_by_id": self.env.uid,
                "date_decided": fields.Datetime.now(),
                **values,
            }
        )
        self.flush_recordset(["state"])  # a unique index looks at it
