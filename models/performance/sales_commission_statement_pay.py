from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .sales_commission_statement import FROZEN
from .sales_commission_statement_state import ACCOUNTANT, DIRECTOR


class SalesCommissionStatement(models.Model):
    """How statements are paid: dealers by a vendor bill, employees by payroll."""

    _inherit = "sales.commission.statement"

    # Which bill pays a statement stands on the bill, where nobody sets it by hand: the
    # statement stays as it was confirmed.
    move_ids = fields.One2many(
        comodel_name="account.move",
        inverse_name="sales_commission_statement_id",
        string="Bills",
        readonly=True,
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    has_bill = fields.Boolean(compute="_compute_has_bill")
    can_bill = fields.Boolean(compute="_compute_has_bill")

    @api.depends("state", "partner_id", "move_ids.state")
    @api.depends_context("uid")
    def _compute_has_bill(self):
        may = self.env.user.has_group(ACCOUNTANT)
        bills = self.sudo().move_ids  # only whether there is one
        billed = bills.filtered(lambda m: m.state != "cancel")
        billed = billed.sales_commission_statement_id
        for statement in self:
            statement.has_bill = statement.sudo() in billed  # the same
            statement.can_bill = (
                may
                and statement.state == "confirmed"
                and bool(statement.partner_id)
                and not statement.has_bill
                and not statement.currency_id.is_zero(statement.amount)
            )

    def _find_payment_obstacle(self):
        """Why this statement cannot be marked as paid; empty where nothing is missing.

        :return: text
        """
        self.ensure_one()
        if (
            self.partner_id
            and not self.has_bill
            and not self.currency_id.is_zero(self.amount)
        ):
            return self.env._(
                "%s is of a dealer: create the vendor bill first.", self.display_name
            )
        return ""

    # === VENDOR BILLS === #

    def action_create_bill(self):
        """Make the draft of a vendor bill of each of these statements of dealers.

        What a dealer has to give back becomes a refund.

        :raise UserError: for those that are not confirmed, or have a bill
        """
        self.check_access("read")
        if not self.env.user.has_group(ACCOUNTANT):
            raise AccessError(self.env._("Accountants create vendor bills. Ask one."))
        self.lock_for_update()  # two accountants at the same moment
        self.invalidate_recordset(["has_bill", "can_bill"])
        for statement in self:
            if not statement.can_bill:
                raise UserError(statement._find_bill_obstacle())
        moves = self.env["account.move"]
        for company, statements in self.grouped("company_id").items():
            values = [statement._prepare_bill() for statement in statements]
            moves |= moves.with_company(company).create(values)
        for statement, move in zip(self, self._sorted_bills(), strict=True):
            statement._tell(self.env._("Vendor bill created: %s.", move.display_name))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_in_invoice_type"
        )
        return {**action, "domain": [("id", "in", moves.ids)], "context": {}}

    def _sorted_bills(self):
        """The newest bill of each of these statements, in their order."""
        return [statement.move_ids.sorted("id")[-1:] for statement in self]

    def _find_bill_obstacle(self):
        """Why there is no bill to be made of this one, in words."""
        self.ensure_one()
        env = self.env
        if not self.partner_id:
            return env._(
                "%s is of an employee, who is paid by payroll: export it instead.",
                self.display_name,
            )
        if self.has_bill:
            return env._("%s has a bill already.", self.display_name)
        if self.state != "confirmed":
            return env._(
                "%s is not confirmed. A director confirms it first.", self.display_name
            )
        return env._("%s comes to nothing.", self.display_name)

    def _prepare_bill(self):
        """Values of the vendor bill, or of the refund where the dealer owes."""
        self.ensure_one()
        company = self.company_id
        is_refund = self.currency_id.compare_amounts(self.amount, 0.0) < 0
        product = company.sales_commission_product_id
        line = {
            "name": self.env._("Commission %s", self.period),
            "quantity": 1,
            "price_unit": abs(self.amount),
        }
        if product:
            line["product_id"] = product.id
        if company.sales_commission_account_id:
            line["account_id"] = company.sales_commission_account_id.id
        return {
            "move_type": "in_refund" if is_refund else "in_invoice",
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "company_id": company.id,
            "invoice_date": company._sales_today(),
            "invoice_origin": self.display_name,
            "sales_commission_statement_id": self.id,
            "invoice_line_ids": [Command.create(line)],
        }

    def action_view_bills(self):
        """Open the bills of these statements."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_in_invoice_type"
        )
        return {**action, "domain": [("id", "in", self.move_ids.ids)], "context": {}}

    # === PAYROLL === #

    def action_payroll_excel(self):
        """Download what employees are to be paid, for payroll.

        :raise UserError: where none of these statements is confirmed
        """
        self.check_access("read")
        user = self.env.user
        if not (user.has_group(ACCOUNTANT) or user.has_group(DIRECTOR)):
            raise AccessError(
                self.env._("Accountants and directors export for payroll. Ask one.")
            )
        statements = self.filtered(lambda s: s.user_id and s.state in FROZEN)
        if not statements:
            raise UserError(
                self.env._(
                    "None of these is a confirmed statement of an employee. Confirm "
                    "them first; dealers get a vendor bill."
                )
            )
        sheets = [statements._payroll_sheet(), statements._payroll_lines_sheet()]
        return self.env["sales.excel"]._download(self.env._("Payroll"), sheets)

    def _payroll_sheet(self):
        env = self.env
        labels = self.fields_get(attributes=["string"])
        money = ("amount_earned", "amount_held", "amount_corrected", "amount")
        statements = self.sorted(lambda s: (s.owner_name or "", s.date_from))
        texts = [env._("Employee"), env._("Login"), labels["team_id"]["string"]]
        return {
            "title": env._("Payroll"),
            "subtitle": ", ".join(dict.fromkeys(self.mapped("period"))),
            "columns": [
                *({"label": label, "kind": "text"} for label in texts),
                {"label": labels["date_from"]["string"], "kind": "date"},
                {"label": labels["date_last"]["string"], "kind": "date"},
                *(
                    {"label": labels[name]["string"], "kind": "money", "total": True}
                    | {"zeros": True}
                    for name in money
                ),
                {"label": labels["currency_id"]["string"], "kind": "text", "width": 10},
                {"label": labels["state"]["string"], "kind": "text", "width": 14},
            ],
            "rows": [
                [
                    statement.owner_name,
                    statement.user_id.sudo().login,  # what payroll knows people by
                    statement.team_id.sudo().name,  # the name only
                    statement.date_from,
                    statement.date_last,
                    *(statement[name] for name in money),
                    statement.currency_id.name,
                    statement._state_label(),
                ]
                for statement in statements
            ],
            "total_label": env._("Total"),
        }

    def _state_label(self):
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    def _payroll_lines_sheet(self):
        env = self.env
        lines = self.line_ids
        labels = lines.fields_get(attributes=["string"])
        money = ("base", "amount", "payable_amount")
        return {
            "title": env._("How It Comes About"),
            "columns": [
                {"label": env._("Employee"), "kind": "text"},
                {"label": env._("Document"), "kind": "text"},
                {"label": labels["credit_date"]["string"], "kind": "date"},
                *(
                    {"label": labels[name]["string"], "kind": "money", "zeros": True}
                    for name in money
                ),
                {"label": labels["words"]["string"], "kind": "text", "width": 110},
            ],
            "rows": [
                [
                    line.owner_name,
                    line.document_name,
                    line.credit_date,
                    *(line[name] for name in money),
                    line.words,
                ]
                for line in lines
            ],
        }
