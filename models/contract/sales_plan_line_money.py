from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models

from ...engine.plan_allocation import Document, Instalment, allocate, divide, to_unit
from ...engine.plan_split import decimal
from ..base.guards import refuse_protected
from . import plan_money_sql

# Column of an instalment: name of the figure in the engine.
FIGURES = {
    "amount_invoiced": "invoiced",
    "amount_collected": "collected",
    "amount_due": "due",
    "amount_draft": "drafted",
    "amount_prepaid": "prepaid",
    "amount_to_invoice": "rest",
    "date_invoiced": "date_invoiced",
    "date_invoice_due": "date_due",
    "date_collected": "date_collected",
}
# What the figures of an instalment depend on, of a document and of a line of it. Odoo
# works out totals and due dates one document after the other while it posts them; they
# are left out, for posting itself is a change.
DOCUMENT = (
    "state",
    "move_type",
    "currency_id",
    "reversed_entry_id",
    "line_ids.matched_debit_ids",
    "line_ids.matched_credit_ids",
)
DOCUMENT_LINE = ("price_unit", "quantity", "discount", "tax_ids")
# What has to be in the database before it is read there.
READ = {
    "sales.plan.line": ("order_id", "sequence", "amount"),
    "sale.order": ("currency_id", "amount_total"),
    "account.move": (
        "state",
        "move_type",
        "currency_id",
        "invoice_currency_rate",
        "invoice_date",
        "date",
        "reversed_entry_id",
        "sales_plan_line_id",
        "origin_payment_id",
    ),
    "account.move.line": (
        "account_id",
        "amount_currency",
        "balance",
        "currency_id",
        "date_maturity",
        "display_type",
        "price_total",
    ),
    "account.partial.reconcile": (
        "credit_amount_currency",
        "debit_amount_currency",
        "max_date",
    ),
    "account.payment": ("outstanding_account_id", "move_id"),
    "payment.transaction": ("payment_id", "state"),
}


class SalesPlanLineMoney(models.Model):
    """What became of an instalment, read from documents and reconciliations.

    The figures are columns like any other to whoever reads them, a salesperson without
    any right in accounting included. They depend on the documents of the order the way
    Odoo's own invoiced quantities do: whatever changes a document or a reconciliation
    marks them, on whatever channel, and they are worked out once, for all instalments
    that changed, before anybody reads them or the transaction ends.
    """

    _inherit = "sales.plan.line"

    move_ids = fields.One2many(
        comodel_name="account.move",
        inverse_name="sales_plan_line_id",
        string="Documents Made for It",
        readonly=True,
    )
    amount_invoiced = fields.Monetary(compute="_compute_figures", store=True)
    amount_collected = fields.Monetary(compute="_compute_figures", store=True)
    amount_due = fields.Monetary(compute="_compute_figures", store=True)
    date_invoiced = fields.Date(compute="_compute_figures", store=True)
    date_invoice_due = fields.Date(compute="_compute_figures", store=True)
    date_collected = fields.Date(compute="_compute_figures", store=True)
    amount_draft = fields.Monetary(
        string="In Draft",
        compute="_compute_figures",
        store=True,
        help="In draft invoices: it is being invoiced.",
    )
    amount_prepaid = fields.Monetary(
        string="Prepaid",
        compute="_compute_figures",
        store=True,
        help="Paid online for the order and not matched with an invoice yet.",
    )
    amount_to_invoice = fields.Monetary(
        string="To Invoice",
        compute="_compute_figures",
        store=True,
        help="Neither invoiced nor in a draft invoice. Where another instalment was "
        "invoiced with more than its amount, the last ones have so much less.",
    )

    # === FIGURES === #

    @api.depends(
        "amount",
        "sequence",
        "order_id.currency_id",
        "order_id.sales_plan_line_ids.amount",
        "order_id.sales_plan_line_ids.sequence",
        "order_id.transaction_ids.payment_id",
        "order_id.transaction_ids.state",
        *(f"order_id.order_line.invoice_lines.{name}" for name in DOCUMENT_LINE),
        *(f"order_id.order_line.invoice_lines.move_id.{name}" for name in DOCUMENT),
        *(f"order_id.sales_plan_line_ids.move_ids.{name}" for name in DOCUMENT),
        *(
            f"order_id.sales_plan_line_ids.move_ids.line_ids.{name}"
            for name in DOCUMENT_LINE
        ),
    )
    def _compute_figures(self):
        found = self._origin._read_figures()
        for line in self:
            figures, old = found.get(line._origin.id, ({}, {}))
            for name in FIGURES:
                value = figures.get(name)
                # What has not changed is not written.
                if not line.id or name not in old or old[name] != value:
                    line[name] = value

    @api.depends("order_id.order_line.invoice_lines", "move_ids", "amount_invoiced")
    def _compute_invoice_ids(self):
        allocated = self._origin._allocate()
        for line in self:
            figures = allocated.get(line._origin.id)
            moves = self.env["account.move"].browse(figures and figures.documents)
            # A salesperson may see fewer documents than the figures are made of.
            line.invoice_ids = moves._filtered_access("read")

    def _read_figures(self):
        """What the columns of these instalments should be, and what they are.

        :return: ``{id: (values, stored values)}``, amounts as floats
        """
        stored = {}
        self.flush_recordset(FIGURES)  # so that they are compared with the last ones
        allocated = self._allocate(stored)
        result = {}
        for line_id, figures in allocated.items():
            values = {}
            for column, name in FIGURES.items():
                value = getattr(figures, name)
                values[column] = float(value) if isinstance(value, Decimal) else value
            result[line_id] = values, stored[line_id]
        return result

    def _allocate(self, stored=None):
        """Place the documents of the orders of these instalments on them.

        The number of queries does not depend on the number of instalments.

        :param dict stored: filled with the columns as they are in the database
        :return: ``{id of the instalment: Figures}`` for all instalments of the orders
        """
        if not self.ids:
            return {}
        for model, names in READ.items():
            self.env[model].flush_model(names)
        order_ids = self._find_order_ids()
        plans, units, online = defaultdict(list), {}, {}
        for (
            order_id,
            line_id,
            amount,
            unit,
            is_online,
            *columns,
        ) in self.env.execute_query(plan_money_sql.plans(order_ids, FIGURES)):
            plans[order_id].append(Instalment(line_id, decimal(amount)))
            units[order_id] = decimal(unit)
            if is_online:
                online[order_id] = units[order_id]
            if stored is not None:
                stored[line_id] = dict(zip(FIGURES, columns, strict=True))
        documents = self._read_documents(units)
        prepaid = self._read_prepaid(online)
        return {
            line_id: figures
            for order_id, plan in plans.items()
            for line_id, figures in allocate(
                plan, documents[order_id], prepaid[order_id]
            ).items()
        }

    def _find_order_ids(self):
        return self.order_id.ids

    # === READING === #

    @api.model
    def _read_documents(self, units):
        """The documents of orders, divided where one is for several of them.

        :param dict units: smallest amount of the currency of each order, by its id
        :return: ``{order id: [Document]}``, amounts in the currency of the order
        """
        result = defaultdict(list)
        rows = defaultdict(list)
        for move_id, *row in self.env.execute_query(
            plan_money_sql.documents(list(units))
        ):
            rows[move_id].append(row)
        if not rows:
            return result
        settled = self._read_settlements(list(rows), rows)
        factors = self._read_factors(rows)
        for move_id, shares in rows.items():
            total, cash, still_open, date_due, date_paid = settled[move_id]
            unit = decimal(shares[0][7])
            weights = [share for _order_id, share, *_rest in shares]
            parts = zip(
                *(
                    divide(amount, weights, unit)
                    for amount in (total, cash, still_open)
                ),
                strict=True,
            )
            for row, amounts in zip(shares, parts, strict=True):
                order_id, _share, pin, pin_order, origin, draft, day, _unit, _same = row
                if order_id not in units:
                    continue
                if (move_id, order_id) in factors:
                    factor = factors[move_id, order_id]
                    amounts = [
                        to_unit(amount * factor, units[order_id]) for amount in amounts
                    ]
                result[order_id].append(
                    Document(
                        move_id,
                        *amounts,
                        pinned=pin if pin_order == order_id else None,
                        origin=origin,
                        draft=draft,
                        date=day,
                        date_due=date_due,
                        date_paid=date_paid,
                    )
                )
        return result

    @api.model
    def _read_factors(self, rows):
        """Rates of documents in another currency than their orders.

        :param dict rows: from :meth:`_read_documents`
        :return: ``{(document id, order id): factor}``
        """
        pairs = [
            (move_id, row[0])
            for move_id, shares in rows.items()
            for row in shares
            if not row[-1]
        ]
        if not pairs:
            return {}
        return {
            (move_id, order_id): decimal(factor)
            for move_id, order_id, factor in self.env.execute_query(
                plan_money_sql.factors(pairs)
            )
        }

    @api.model
    def _read_settlements(self, move_ids, rows):
        """What documents ask for, what of it was paid and what is open.

        :return: ``{document id: (total, cash, open, due date, last paid on)}``, amounts
            with the sign of the receivable: credit notes are below zero
        """
        moves = defaultdict(list)
        rest, cash, paid = {}, defaultdict(Decimal), {}
        for move_id, line_id, amount, due in self.env.execute_query(
            plan_money_sql.terms(move_ids)
        ):
            moves[move_id].append((line_id, decimal(amount), due))
            rest[line_id] = decimal(amount)
        unit = {
            line_id: decimal(rows[move_id][0][7])
            for move_id, lines in moves.items()
            for line_id, _amount, _due in lines
        }
        for line_id, amount, before, money, receivable, day in self.env.execute_query(
            plan_money_sql.matches(move_ids)
        ):
            rest[line_id] -= decimal(amount)
            part = _cash_share(amount, before, money, receivable, unit[line_id])
            cash[line_id] += part
            if part:
                paid[line_id] = max(day, paid.get(line_id, day))
        result = {}
        for move_id in move_ids:
            lines = moves[move_id]
            result[move_id] = (
                sum((amount for _id, amount, _due in lines), Decimal(0)),
                sum((cash[line_id] for line_id, _amount, _due in lines), Decimal(0)),
                sum((rest[line_id] for line_id, _amount, _due in lines), Decimal(0)),
                min(
                    (due for id_, _amount, due in lines if due and rest[id_]),
                    default=None,
                ),
                max(
                    (paid[id_] for id_, _amount, _due in lines if id_ in paid),
                    default=None,
                ),
            )
        return result

    @api.model
    def _read_prepaid(self, units):
        """Money paid online for orders and matched with nothing yet.

        :param dict units: smallest amount of the currency of each order, by its id
        :return: ``{order id: amount}``
        """
        result = defaultdict(Decimal)
        if not units:
            return result
        rows = defaultdict(list)
        for transaction_id, *row in self.env.execute_query(
            plan_money_sql.prepayments(list(units))
        ):
            rows[transaction_id].append(row)
        for shares in rows.values():
            amount, unit = decimal(shares[0][2] or 0), decimal(shares[0][3])
            parts = divide(amount, [share for _order, share, *_rest in shares], unit)
            for (order_id, *_row, factor), part in zip(shares, parts, strict=True):
                if order_id in units:
                    part = part if factor == 1 else part * decimal(factor)
                    result[order_id] += to_unit(part, units[order_id])
        return result

    # === WHEN === #

    @api.model
    def _mark_figures(self, statement):
        """Have the figures of instalments worked out anew before they are next read.

        :param SQL statement: finds the ids of the instalments
        """
        lines = self.browse(line_id for (line_id,) in self.env.execute_query(statement))
        if lines:
            for name in FIGURES:
                self.env.add_to_compute(self._fields[name], lines)
            lines.modified(FIGURES)

    # === RIGHTS === #

    @api.model
    def _engine_fields(self):
        """Names of the fields that only the system sets."""
        return set(FIGURES)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, self._engine_fields())
        return super().create(vals_list)

    def write(self, vals):
        refuse_protected(self, vals, self._engine_fields())
        return super().write(vals)


def _cash_share(amount, before, money, receivable, unit):
    """What of a match moved money.

    :param amount: of the match
    :param before: of earlier matches of the same counterpart
    :param money: of the counterpart on accounts of money
    :param receivable: of the counterpart on the accounts of customers
    """
    if not money or money * receivable < 0 or not receivable:
        return Decimal(0)
    amount = decimal(amount)
    if abs(money) >= abs(receivable):
        return amount
    share = decimal(money) / decimal(receivable)
    before = decimal(before)
    return to_unit((before + amount) * share, unit) - to_unit(before * share, unit)
