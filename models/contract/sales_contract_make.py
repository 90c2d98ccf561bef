from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

SEQUENCE_CODE = "sales.contract"


class SalesContract(models.Model):
    """How a contract is made: its number, what its orders and its type bring."""

    _inherit = "sales.contract"

    # === NUMBERS === #

    @api.model
    def _number_vals(self, vals_list):
        """Give contracts without a number the next ones of their company."""
        loose = defaultdict(list)
        for vals in vals_list:
            if vals["name"] == "/":
                company_id = vals.get("company_id") or self.env.company.id
                loose[company_id].append(vals)
        for company_id, their in loose.items():
            company = self.env["res.company"].browse(company_id)
            numbers = self._draw_numbers(company, len(their))
            for vals, number in zip(their, numbers, strict=True):
                vals["name"] = number

    @api.model
    def _draw_numbers(self, company, count):
        """The next numbers of a company, in one query whatever the count.

        :return: a list of ``count`` texts
        """
        sequence = company.sudo()._sales_contract_sequence()  # everybody may draw
        day = company._sales_today()
        sequence = sequence.with_context(ir_sequence_date=fields.Date.to_string(day))
        if sequence.implementation != "standard" or sequence.use_date_range:
            # Somebody chose numbers without gaps or by year: those are drawn singly.
            return [sequence.next_by_id(day) for _number in range(count)]
        rows = self.env.execute_query(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{sequence.id:03d}",
                count,
            )
        )
        return [sequence.get_next_char(number) for (number,) in rows]

    # === FROM ORDERS === #

    @api.model
    def _create_from_orders(self, groups):
        """Make one contract for each group of orders.

        Whoever may write the orders and create contracts may do so; the number of
        queries does not depend on the number of groups.

        :param list groups: recordsets of ``sale.order``, checked before
        :return: the contracts, one for each group
        """
        contracts = self.create([self._prepare_from_orders(group) for group in groups])
        for contract, orders in zip(contracts, groups, strict=True):
            contract._link_orders(orders)
        contracts._file_signed_quotations()
        contracts._sign_by_quotation()
        contracts._log_orders()
        return contracts

    @api.model
    def _prepare_from_orders(self, orders):
        """Values of the contract over ``orders``; a hook for more of them."""
        company = orders.company_id
        partner = orders.partner_id
        if len(partner) > 1:
            partner = partner.commercial_partner_id
        signer = orders.filtered("signed_by")[:1].partner_id or partner
        days = [company._sales_day(order.date_order) for order in orders]
        users = orders.user_id
        return {
            "title": self._find_title(orders),
            "type_id": company.sales_contract_type_id.id,
            "partner_id": partner.id,
            "company_id": company.id,
            "currency_id": orders.currency_id.id,
            "user_id": users[:1].id,
            "team_id": orders.filtered(lambda o: o.user_id == users[:1]).team_id[:1].id,
            # A person can sign, a company cannot.
            "customer_signatory_id": not signer.is_company and signer.id,
            "company_signatory_id": users[:1].id,
            "date_start": min(filter(None, days), default=company._sales_today()),
        }

    @api.model
    def _find_title(self, orders):
        """The customer's own reference, else what most of the money is for."""
        references = [ref for ref in orders.mapped("client_order_ref") if ref]
        if references:
            return ", ".join(dict.fromkeys(references))
        local = orders.with_context(lang=orders[:1]._get_lang())
        lines = local.order_line.filtered(
            lambda line: line.product_id and not line.is_downpayment
        )
        products = lines.sorted("price_total", reverse=True).product_id
        if not products:
            return ", ".join(orders.mapped("name"))
        if len(products) == 1:
            return products.name
        return local.env._(
            "%(product)s and %(count)s more",
            product=products[0].name,
            count=len(products) - 1,
        )

    def _link_orders(self, orders):
        """Put orders under this contract."""
        self.ensure_one()
        orders = orders.sudo()  # recorded by the system, see ``sale_order_contract``
        orders.sales_contract_id = self

    def _log_orders(self):
        """Say on each order which contract it belongs to."""
        orders = self.order_ids
        if orders:
            orders._message_log_batch(
                bodies={
                    order.id: self.env._(
                        "Belongs to the contract %s.",
                        order.sales_contract_id._get_html_link(),
                    )
                    for order in orders
                }
            )

    # === FROM THE TYPE === #

    # One method each: a value that is given for one of them keeps no other from being
    # taken over.

    @api.depends("type_id")
    def _compute_collector_id(self):
        for contract in self:
            contract.collector_id = (
                contract.type_id.collector_id or contract.collector_id
            )

    @api.depends("type_id")
    def _compute_notice_months(self):
        for contract in self:
            source = contract.type_id or contract
            contract.notice_months = source.notice_months

    @api.depends("type_id")
    def _compute_renewal(self):
        for contract in self:
            source = contract.type_id or contract
            contract.renewal = source.renewal or "none"

    @api.depends("type_id")
    def _compute_reminder_days(self):
        for contract in self:
            kind = contract.type_id
            contract.reminder_days = (
                kind.reminder_days if kind else contract.reminder_days or 30
            )

    @api.depends("type_id")
    def _compute_terms(self):
        """The standard terms, in the customer's language."""
        for contract in self:
            kind = contract.type_id.with_context(lang=contract.partner_id.lang)
            contract.terms = kind.terms or contract.terms

    @api.depends("type_id", "date_start")
    def _compute_date_end(self):
        for contract in self:
            months = contract.type_id.duration_months
            if months and contract.date_start:
                contract.date_end = contract.date_start + relativedelta(
                    months=months, days=-1
                )
            else:
                contract.date_end = contract.date_end

    def _take_over_clauses(self):
        """Give contracts the clauses of their type, in place of another type's."""
        kept, vals_list = self.env["sales.contract.clause"], []
        for contract in self:
            wanted = contract.type_id.requirement_ids.filtered(
                lambda requirement: requirement.kind == "clause"
            )
            for clause in contract.clause_ids:
                if not clause.requirement_id or clause.requirement_id in wanted:
                    kept |= clause
            missing = wanted - (contract.clause_ids & kept).requirement_id
            vals_list += missing._prepare_clauses(contract)
        (self.clause_ids - kept).unlink()
        return self.env["sales.contract.clause"].create(vals_list)

    # === MORE ORDERS === #

    def action_add_orders(self):
        """Choose further confirmed orders of the customer."""
        self.ensure_one()
        self.check_access("write")
        self._check_open("change")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Add Orders"),
            "res_model": "sales.contract.add",
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_id": self.id},
        }

    def _add_orders(self, orders):
        """Put further orders under a draft.

        :raise UserError: for orders that do not fit
        """
        self.ensure_one()
        self.check_access("write")
        self._check_open("change")
        orders._check_sales_contract_fits(self)
        self._link_orders(orders)
        self._file_signed_quotations()
        self._log_orders()

    def _candidate_orders_domain(self):
        """Orders that could belong to this contract."""
        self.ensure_one()
        return [
            ("state", "=", "sale"),
            ("company_id", "=", self.company_id.id),
            ("currency_id", "=", self.currency_id.id),
            ("partner_id.commercial_partner_id", "=", self.commercial_partner_id.id),
            "|",
            ("sales_contract_id", "=", False),
            ("sales_contract_id.state", "=", "cancelled"),
        ]

    # === COPY === #

    def copy_data(self, default=None):
        """A contract is made from orders; a copy would have none."""
        raise UserError(
            self.env._(
                "A contract cannot be duplicated. Create one from an order, or press "
                "“Renew”."
            )
        )
