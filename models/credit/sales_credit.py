from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.ledger import Row, Worth
from ...engine.plan_allocation import to_unit
from ...engine.plan_split import decimal
from . import credit_sql
from .credit_parts import Found, Held, Part, People

CENT = Decimal("0.01")
REASONS = [
    ("event", "As it happened"),
    ("backfill", "From before the installation"),
    ("audit", "Corrected by the audit"),
]
# What lines of orders are worth by metric, in the currency of the order.
ORDER_MEASURES = {"booked": SQL("l.price_subtotal"), "margin": SQL("l.margin")}
# Columns of what is inserted, with their types.
COLUMNS = {
    "metric_id": "int4",
    "date": "date",
    "user_id": "int4",
    "owner_partner_id": "int4",
    "team_id": "int4",
    "partner_id": "int4",
    "product_category_id": "int4",
    "territory_id": "int4",
    "company_id": "int4",
    "currency_id": "int4",
    "amount": "numeric",
    "share": "float8",
    "is_overlay": "bool",
    "source_model": "varchar",
    "source_id": "int4",
    "part_id": "int4",
    "reversal_of_id": "int4",
}
# Those that are the same for all rows.
SAME = ("reason", "audit_id", "create_date")


class SalesCredit(models.Model):
    """Who earned what and when.

    Rows are only ever added: a correction is a row of its own, dated when it happened
    and linked to what it takes back. What is added is always the difference between
    what the documents are worth and what the ledger holds (``engine.ledger``), so
    telling of the same event twice adds nothing. Nobody has the right to write or
    delete rows.
    """

    _name = "sales.credit"
    _description = "Credit"
    _order = "date desc, id desc"
    _rec_name = "source_id"
    _log_access = False

    metric_id = fields.Many2one(
        comodel_name="sales.metric", required=True, readonly=True, ondelete="restrict"
    )
    date = fields.Date(required=True, readonly=True)
    create_date = fields.Datetime(string="Recorded On", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        readonly=True,
        ondelete="restrict",
    )
    owner_partner_id = fields.Many2one(
        comodel_name="res.partner", string="Dealer", readonly=True, ondelete="restrict"
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        readonly=True,
        ondelete="restrict",
        help="Of the salesperson at that moment.",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    product_category_id = fields.Many2one(
        comodel_name="product.category", readonly=True
    )
    territory_id = fields.Many2one(
        comodel_name="sales.territory",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Of the deal, else of the customer, at that moment.",
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        readonly=True,
        help="Of the company; empty for what is no money.",
    )
    amount = fields.Monetary(
        readonly=True,
        help="In the currency of the company at the day of the document, or a number.",
    )
    share = fields.Float(
        string="Share (%)", readonly=True, aggregator=None, help="Percent, 0–100."
    )
    is_overlay = fields.Boolean(
        string="Overlay",
        readonly=True,
        help="Credit on top for who helped; not part of the sum of a team.",
    )
    source_model = fields.Char(readonly=True)
    source_id = fields.Many2oneReference(
        string="Document", model_field="source_model", readonly=True, aggregator=None
    )
    document_name = fields.Char(string="Name", compute="_compute_document_name")
    part_id = fields.Integer(
        string="Part of the Document", readonly=True, aggregator=None
    )
    reversal_of_id = fields.Many2one(
        comodel_name="sales.credit", string="Takes Back", readonly=True
    )
    reason = fields.Selection(selection=REASONS, required=True, readonly=True)
    audit_id = fields.Many2one(comodel_name="sales.credit.audit", readonly=True)

    _source_idx = models.Index("(metric_id, source_id, part_id)")
    _owner_idx = models.Index(
        "(user_id, metric_id, date)"
        " INCLUDE (amount, company_id, team_id, is_overlay, source_id)"
    )
    _dealer_idx = models.Index(
        "(owner_partner_id, metric_id, date) WHERE owner_partner_id IS NOT NULL"
    )
    _day_idx = models.Index(
        "(metric_id, date) INCLUDE (company_id, user_id, team_id, territory_id,"
        " product_category_id, is_overlay, source_id, amount)"
    )
    _audit_idx = models.Index("(audit_id) WHERE audit_id IS NOT NULL")

    # === READING === #

    def _search(self, *args, **kwargs):
        # Whoever reads the ledger reads what this transaction has done, too.
        self._write_pending()
        return super()._search(*args, **kwargs)

    # === WHAT IS THERE === #

    @api.model
    def _read_held(self, metrics, ids):
        """:return: ``{(metric id, document, part): [Held]}``, the oldest first"""
        held = defaultdict(list)
        for (
            metric_id,
            source_id,
            part_id,
            company_id,
            row_id,
            amount,
            day,
            overlay,
            *holder,
        ) in self.env.execute_query(
            SQL(
                """
                SELECT metric_id, source_id, part_id, company_id, id, amount, date,
                       is_overlay, user_id, owner_partner_id, team_id, partner_id,
                       product_category_id, territory_id
                  FROM sales_credit
                 WHERE metric_id = ANY (%s) AND source_id = ANY (%s)
                 ORDER BY id
                """,
                metrics.ids,
                ids,
            )
        ):
            row = Row(row_id, tuple(holder), decimal(amount), day, bool(overlay))
            held[metric_id, source_id, part_id].append(Held(company_id, row))
        return held

    @api.model
    def _read_worth(self, metrics, ids, companies, held):
        """What documents are worth, and who earns what the ledger does not hold yet.

        :param dict held: see :meth:`_read_held`
        :return: ``{(metric id, document, part): Found}``
        """
        grouped = defaultdict(list)
        for metric_id, row in self._read_all_parts(metrics, ids):
            grouped[metric_id, row[0], row[1]].append(Part(*row))
        # What is held is changed for those who hold it, whoever would earn it now.
        begins = {key for key in grouped if not _is_held(held.get(key, ()))}
        new_parts = [part for key in begins for part in grouped[key]]
        splits = self.env["sales.split"].sudo()  # of whatever was credited
        people = People(
            *splits._of_documents(
                {part.order_id for part in new_parts} - {None},
                {part.lead_id for part in new_parts} - {None},
            )
        )
        units = {metric.id: self._units(metric, companies) for metric in metrics}
        found = {}
        for key, parts in grouped.items():
            part = parts[0]
            unit = units[key[0]][part.company_id]
            amount = to_unit(decimal(part.amount or 0), unit)
            earning, overlay = people.of(parts) if key in begins else ({}, {})
            found[key] = Found(
                part.company_id, Worth(amount, part.day, unit, earning, overlay)
            )
        return found

    @api.model
    def _read_all_parts(self, metrics, ids):
        """Rows of all metrics, each after the id of its metric.

        What is booked and its margin are read at once, for all of it stands on the same
        lines: most of what crediting an order takes is reading and writing them.
        """
        by_code = {metric.code: metric for metric in metrics if metric.is_system}
        together = [by_code[code] for code in ORDER_MEASURES if code in by_code]
        if together:
            measures = [ORDER_MEASURES[metric.code] for metric in together]
            day = self.env["res.company"]._sales_day_sql
            statement = credit_sql.order_lines(ids, day, measures)
            for row in self.env.execute_query(statement):
                common, amounts = row[: -len(together)], row[-len(together) :]
                for metric, amount in zip(together, amounts, strict=True):
                    yield metric.id, (*common, amount)
        for metric in metrics:
            if metric not in together:
                for row in self._read_parts(metric, ids):
                    yield metric.id, row

    @api.model
    def _read_parts(self, metric, ids):
        """Rows as ``credit_sql`` describes them.

        A capability that counts something else as it happens extends this and
        ``SYSTEM_SOURCES``.
        """
        if not metric.is_system:
            return metric._read_own_parts(ids)
        if metric.code in credit_sql.COUNTS:
            day = self.env["res.company"]._sales_day_sql
            statement = credit_sql.COUNTS[metric.code](self.env, ids, day)
        else:
            read = {
                "invoiced": credit_sql.invoice_lines,
                "collected": credit_sql.payments,
            }
            statement = read[metric.code](ids)
        return self.env.execute_query(statement)

    @api.model
    def _units(self, metric, companies):
        """The smallest amount of a metric, by company."""
        return {
            company.id: {
                "money": decimal(company.currency_id.rounding),
                "count": CENT,  # two may have won a deal together
                "hours": CENT,
            }[metric.unit]
            for company in companies
        }

    # === ADDING === #

    @api.model
    def _insert(self, metrics, rows, companies, reason, audit):
        """Add rows and the sums they change.

        :param metrics: ``sales.metric``, all that the rows are of
        :param list rows: ``((metric id, document, part), company id, New)``
        """
        if not rows:
            return
        currencies = {company.id: company.currency_id.id for company in companies}
        models = {metric.id: metric._source_model() for metric in metrics}
        money = {metric.id for metric in metrics if metric.unit == "money"}
        table = []
        for (metric_id, source_id, part_id), company_id, new in rows:
            user_id, dealer_id, team_id, partner_id, category_id, territory_id = (
                new.holder
            )
            table.append(
                (
                    metric_id,
                    new.date,
                    user_id,
                    dealer_id,
                    team_id,
                    partner_id,
                    category_id,
                    territory_id,
                    company_id,
                    currencies[company_id] if metric_id in money else None,
                    new.amount,
                    float(new.share),
                    new.is_overlay,
                    models[metric_id],
                    source_id,
                    part_id,
                    new.reverses,
                )
            )
        columns = zip(*table, strict=True)
        self.env.cr.execute(
            SQL(
                """
                WITH new AS (
                    INSERT INTO sales_credit (%(names)s)
                    SELECT *, %(same)s FROM UNNEST(%(values)s)
                    RETURNING *
                )
                INSERT INTO sales_credit_sum (metric_id, company_id, month, user_id,
                       owner_partner_id, team_id, is_overlay, amount)
                SELECT metric_id, company_id, DATE_TRUNC('month', date)::date, user_id,
                       owner_partner_id, team_id, is_overlay, SUM(amount)
                  FROM new GROUP BY 1, 2, 3, 4, 5, 6, 7
                """,
                names=SQL(", ").join(map(SQL.identifier, (*COLUMNS, *SAME))),
                same=SQL(
                    "%s, %s::int, %s::timestamp",
                    reason,
                    audit.id if audit else None,
                    fields.Datetime.now(),
                ),
                values=SQL(", ").join(
                    SQL("%s::%s[]", _literal(values), SQL(kind))
                    for values, kind in zip(columns, COLUMNS.values(), strict=True)
                ),
            )
        )
        self.invalidate_model(flush=False)


def _is_held(rows):
    return bool(sum(held.row.amount for held in rows if not held.row.is_overlay))


def _literal(values):
    """Numbers, days and names of models as PostgreSQL writes an array: read in one go,
    where a list would be an expression for each of its values."""
    return (
        f"{{{','.join('NULL' if value is None else str(value) for value in values)}}}"
    )
