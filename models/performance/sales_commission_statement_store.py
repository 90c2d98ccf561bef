from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.plan_split import decimal
from ...engine.statement import Said
from .sales_commission_statement import SAID
from .statement_rows import COLUMNS, Told, Window, as_json

# Columns of whose a statement is, by the kind of owner.
OWNER_COLUMNS = {"user": "user_id", "partner": "partner_id"}


class Held(NamedTuple):
    """A statement as it lies in the database.

    :ivar stated_on: day on which it was confirmed, or checked; None before
    """

    id: int
    window: Window
    state: str
    digest: str | None
    stated_on: object


class SalesCommissionStatement(models.Model):
    """How statements are read and written, for many people at once."""

    _inherit = "sales.commission.statement"

    # === READING === #

    @api.model
    def _read_statements(self, company, owners):
        """All statements of some owners, as :class:`Held` by owner."""
        self.env.flush_all()
        found = defaultdict(list)
        for user_id, partner_id, *values in self.env.execute_query(
            SQL(
                """
                SELECT user_id, partner_id, id, date_from, date_to, state, digest,
                       COALESCE(date_confirmed, date_checked)
                  FROM sales_commission_statement s
                 WHERE company_id = %s AND %s ORDER BY date_from, id
                """,
                company.id,
                is_of(owners),
            )
        ):
            id_, first, after, state, digest, moment = values
            found[owner_of(user_id, partner_id)].append(
                Held(
                    id_,
                    Window(first, after),
                    state,
                    digest,
                    company._sales_day(moment) or None,
                )
            )
        return found

    @api.model
    def _read_said(self, company, owners):
        """What statements that were checked say, with their corrections.

        :return: ``{(owner, window): {key: Told}}``
        """
        found = defaultdict(dict)
        for user_id, partner_id, first, after, key, *values in self.env.execute_query(
            SQL(
                """
                SELECT s.user_id, s.partner_id, l.period_from, l.period_to, l.key,
                       SUM(l.base), SUM(l.amount), SUM(l.payable_amount),
                       MIN(l.plan_id), MIN(l.kind), MIN(l.source_model),
                       MIN(l.source_id), MIN(l.document_name), MIN(l.credit_date),
                       MIN(l.detail->>'plan_from'), MIN(l.detail->>'plan_to')
                  FROM sales_commission_statement s
                  JOIN sales_commission_statement_line l ON l.statement_id = s.id
                 WHERE s.company_id = %s AND s.state = ANY (%s) AND %s
                 GROUP BY 1, 2, 3, 4, 5 ORDER BY MIN(l.id)
                """,
                company.id,
                list(SAID),
                is_of(owners),
            )
        ):
            said = Said(*(decimal(value or 0) for value in values[:3]))
            owner = owner_of(user_id, partner_id)
            found[owner, Window(first, after)][key] = Told(said, *values[3:])
        return found

    # === WRITING === #

    @api.model
    def _write_rows(self, changed):
        """Put new lines in the place of those of statements in progress.

        :param dict changed: :class:`.Written` by id
        """
        if not changed:
            return
        texts = (written.text[1:-1] for written in changed.values())
        self.env.execute_query(
            SQL(
                """
                WITH gone AS (
                    DELETE FROM sales_commission_statement_line l
                     USING sales_commission_statement s
                     WHERE s.id = l.statement_id AND s.state = 'draft'
                       AND s.id = ANY (%(ids)s)
                ), new AS (
                    INSERT INTO sales_commission_statement_line (%(names)s)
                    SELECT %(columns)s
                      FROM json_to_recordset(%(rows)s::json) AS x(%(types)s)
                      JOIN sales_commission_statement s
                        ON s.id = x.statement_id AND s.state = 'draft'
                )
                SELECT 1
                """,
                ids=list(changed),
                names=SQL(", ").join(map(SQL.identifier, COLUMNS)),
                columns=SQL(", ").join(SQL.identifier("x", name) for name in COLUMNS),
                rows=f"[{','.join(filter(None, texts))}]",
                types=SQL(", ").join(
                    SQL("%s %s", SQL.identifier(name), SQL(kind))
                    for name, kind in COLUMNS.items()
                ),
            )
        )
        self.env["sales.commission.statement.line"].invalidate_model(flush=False)
        self.env["sales.commission.dispute"]._find_lines_again(list(changed))

    @api.model
    def _name_documents(self, table):
        """Keep with each line what its document is called, should it go some day."""
        by_model = defaultdict(set)
        for row in table:
            if self._has_names(row["source_model"]) and row["source_id"]:
                by_model[row["source_model"]].add(row["source_id"])
        names = {}
        for model, ids in by_model.items():
            records = self.env[model]
            for id_, name in self.env.execute_query(
                SQL(
                    "SELECT id, %s FROM %s WHERE id = ANY (%s)",
                    SQL.identifier(records._rec_name),
                    SQL.identifier(records._table),
                    list(ids),
                )
            ):
                names[model, id_] = name
        for row in table:
            name = names.get((row["source_model"], row["source_id"]))
            row["document_name"] = name or row.get("document_name")

    @api.model
    def _has_names(self, model):
        """Whether records of a model are called something that is stored as text."""
        if model not in self.env:
            return False
        field = self.env[model]._fields.get(self.env[model]._rec_name)
        return bool(
            field and field.store and field.type == "char" and not field.translate
        )

    @api.model
    def _write_worked_out(self, drafts, changed):
        """Write the sums of statements in progress, and whose team they are of."""
        values = []
        for statement_id, written in changed.items():
            totals = written.totals._asdict()
            values.append({"id": statement_id, "digest": written.digest, **totals})
        self.env.execute_query(
            SQL(
                """
                WITH new AS (
                    SELECT * FROM json_to_recordset(%s::json) AS x(id int4,
                        digest varchar, amount numeric, earned numeric, held numeric,
                        corrected numeric)
                )
                UPDATE sales_commission_statement s
                   SET digest = new.digest, amount = new.amount,
                       amount_earned = new.earned, amount_held = new.held,
                       amount_corrected = new.corrected, date_computed = %s
                  FROM new WHERE new.id = s.id AND s.state = 'draft'
                RETURNING s.id
                """,
                as_json(values),
                fields.Datetime.now(),
            )
        )
        self.env.execute_query(
            SQL(
                """
                UPDATE sales_commission_statement s SET team_id = t.team_id
                  FROM (
                      SELECT t.id, COALESCE(u.sale_team_id, (
                                 SELECT MIN(m.id) FROM crm_team m
                                  WHERE m.user_id = u.id AND m.active)) AS team_id
                        FROM sales_commission_statement t
                        LEFT JOIN res_partner p ON p.id = t.partner_id
                        LEFT JOIN res_users u ON u.id = COALESCE(t.user_id, p.user_id)
                       WHERE t.id = ANY (%s)) t
                 WHERE t.id = s.id AND s.state = 'draft'
                   AND s.team_id IS DISTINCT FROM t.team_id
                RETURNING s.id
                """,
                list(drafts),
            )
        )
        self.invalidate_model(flush=False)


def owner_of(user_id, partner_id):
    """Whose it is, as plans know it."""
    return ("user", user_id) if user_id else ("partner", partner_id)


def is_of(owners):
    """SQL: a row ``s`` is of one of some owners."""
    ids = {
        kind: [id_ for other, id_ in owners if other == kind] for kind in OWNER_COLUMNS
    }
    return SQL(
        "(s.user_id = ANY (%s) OR s.partner_id = ANY (%s))", ids["user"], ids["partner"]
    )
