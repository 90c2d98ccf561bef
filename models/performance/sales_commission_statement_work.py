from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.plan_split import decimal
from ...engine.statement import Said
from .sales_commission_statement import SAID
from .statement_rows import (
    COLUMNS,
    Told,
    Window,
    as_json,
    correction_rows,
    digest_of,
    plain_rows,
    totals_of,
)

# So many people are worked out at once, in one number of queries whoever they are.
BATCH = 50
# Columns whose kind of owner tells which one it is.
OWNER_COLUMNS = {"user": "user_id", "partner": "partner_id"}


class SalesCommissionStatement(models.Model):
    """How statements in progress are worked out, as often as one likes.

    A statement says what commission comes to for its period, and one more thing: of
    all periods that were stated before, what would be said more or less today. This
    goes to the earliest statement in progress, so to one alone. What was said and what
    is still to be said add up to commission worked out from scratch, at any time.
    """

    _inherit = "sales.commission.statement"

    # === FROM OUTSIDE === #

    @api.model
    def _compute_statements(self, company, date_from, date_to, owners=None):
        """Work out the statements of a period, and begin those there are not.

        :param date date_to: the day after the last one
        :param list owners: see ``sales.commission.plan._compute_commission``; everybody
            whom :meth:`_find_owners` finds by default
        :return: the statements of the period in progress
        """
        if owners is None:
            owners = self._find_owners(company, date_from, date_to)
        found = self.browse()
        for start in range(0, len(owners), BATCH):
            some = owners[start : start + BATCH]
            new = self._begin(company, Window(date_from, date_to), some)
            self._work_out(company, some)
            # Nothing is due to them and nothing has changed.
            new.filtered(lambda s: s.digest == digest_of([])).unlink()
        domain = [
            ("company_id", "=", company.id),
            ("date_from", "=", date_from),
            ("date_to", "=", date_to),
            ("state", "=", "draft"),
        ]
        users = [id_ for kind, id_ in owners if kind == "user"]
        dealers = [id_ for kind, id_ in owners if kind == "partner"]
        domain += ["|", ("user_id", "in", users), ("partner_id", "in", dealers)]
        return found.search(domain)

    @api.model
    def _find_owners(self, company, date_from, date_to):
        """Those who are paid by a plan in some days, and who had a statement before.

        :return: list of ``("user" or "partner", id)``
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.user_id, a.partner_id
                  FROM sales_commission_assignment a
                  JOIN sales_commission_plan p ON p.id = a.plan_id
                 WHERE p.company_id = %(company)s AND p.state <> 'draft'
                   AND COALESCE(a.date_from, p.date_from) < %(after)s
                   AND p.date_to > %(first)s
                 UNION
                SELECT s.user_id, s.partner_id
                  FROM sales_commission_statement s WHERE s.company_id = %(company)s
                 ORDER BY 1, 2
                """,
                company=company.id,
                first=date_from,
                after=date_to,
            )
        )
        return [_owner(*row) for row in rows]

    def _refresh(self, lock=False):
        """Work out these statements in progress, with the others of their owners.

        :param bool lock: keep others from changing them until this is committed
        """
        if lock:
            self._lock_owners()
        for company, statements in self.grouped("company_id").items():
            owners = list(dict.fromkeys(s._owner_key() for s in statements))
            for start in range(0, len(owners), BATCH):
                self._work_out(company, owners[start : start + BATCH])

    def _lock_owners(self):
        """Whoever else checks a statement of the same people waits, or tries again."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                SELECT s.id FROM sales_commission_statement s
                 WHERE EXISTS (SELECT 1 FROM sales_commission_statement t
                     WHERE t.id = ANY (%s) AND t.company_id = s.company_id
                       AND COALESCE(t.user_id, 0) = COALESCE(s.user_id, 0)
                       AND COALESCE(t.partner_id, 0) = COALESCE(s.partner_id, 0))
                 ORDER BY s.id FOR UPDATE
                """,
                self.ids,
            )
        )
        self.invalidate_model(["state"], flush=False)

    @api.model
    def _begin(self, company, window, owners):
        """Statements of owners who have none that touches the days.

        :return: the new ones
        """
        there = self._read_statements(company, owners)
        values = []
        for owner in owners:
            windows = [statement.window for statement in there[owner]]
            if any(w.first < window.after and window.first < w.after for w in windows):
                continue
            values.append(
                {
                    OWNER_COLUMNS[owner[0]]: owner[1],
                    "company_id": company.id,
                    "currency_id": company.currency_id.id,
                    "date_from": window.first,
                    "date_to": window.after,
                }
            )
        quiet = self.with_context(
            tracking_disable=True, mail_create_nosubscribe=True, mail_create_nolog=True
        )
        return quiet.create(values).with_env(self.env)

    # === WORKING OUT === #

    @api.model
    def _work_out(self, company, owners):
        """Write the lines of all statements in progress of some owners.

        The number of queries depends on neither the owners nor the periods.
        """
        self.env["sales.credit"]._write_pending()
        rows, about = self._find_rows(company, owners)
        drafts = {held.id: held for held in about if held.state == "draft"}
        changed = {}
        for statement_id in drafts:
            own = rows.get(statement_id, [])
            digest = digest_of(own)
            if drafts[statement_id].digest != digest:
                changed[statement_id] = (digest, own)
        self._write_rows(changed)
        self._write_worked_out(drafts, changed)

    @api.model
    def _find_rows(self, company, owners):
        """What the statements in progress have to say.

        :return: lists of rows by id of the statement; and all statements there are, as
            :class:`_Statement`
        """
        held = self._read_statements(company, owners)
        said = self._read_said(company, owners)
        windows = {statement.window for some in held.values() for statement in some} | {
            window for _owner, window in said
        }
        results = self._find_results(company, owners, windows)
        rows = {}
        for owner, statements in held.items():
            drafts = [s for s in statements if s.state == "draft"]
            for draft in drafts:
                own = results[owner, draft.window]
                told = said.get((owner, draft.window))
                rows[draft.id] = (
                    correction_rows(own, told, draft.window, None)
                    if told
                    else plain_rows(own, draft.window)
                )
            if drafts:
                first = min(drafts, key=lambda s: s.window)
                rows[first.id] = rows[first.id] + self._find_corrections(
                    owner, statements, said, results
                )
        return rows, [statement for some in held.values() for statement in some]

    @api.model
    def _find_corrections(self, owner, statements, said, results):
        """What all that was said would say more or less today.

        :param list statements: all of the owner
        :return: list of rows
        """
        days = {s.window: s.stated_on for s in statements if s.state in SAID}
        open_windows = {s.window for s in statements if s.state == "draft"}
        told = {window for other, window in said if other == owner} | days.keys()
        return [
            row
            for window in sorted(told - open_windows)
            for row in correction_rows(
                results[owner, window],
                said.get((owner, window), {}),
                window,
                days.get(window),
            )
        ]

    @api.model
    def _find_results(self, company, owners, windows):
        """Commission from scratch by owner and window.

        :param set windows: of :class:`.Window`
        """
        found = defaultdict(list)
        if not windows:
            return found
        first = min(window.first for window in windows)
        after = max(window.after for window in windows)
        plans = self.env["sales.commission.plan"].sudo()  # of whatever people are paid
        for result in plans._compute_commission(company, first, after, owners):
            for window in windows:
                if window.holds(result):
                    found[tuple(result.owner), window].append(result)
        return found

    @api.model
    def _open_corrections(self, company, owners):
        """What is still to be said of periods that were stated, whoever says it.

        :return: list of rows by owner
        """
        self.env["sales.credit"]._write_pending()
        held = self._read_statements(company, owners)
        said = self._read_said(company, owners)
        windows = {s.window for some in held.values() for s in some}
        windows |= {window for _owner, window in said}
        results = self._find_results(company, owners, windows)
        return {
            owner: self._find_corrections(owner, held.get(owner, []), said, results)
            for owner in owners
        }

    # === READING === #

    @api.model
    def _read_statements(self, company, owners):
        """All statements of some owners, as :class:`_Statement` by owner."""
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
                _of(owners),
            )
        ):
            id_, first, after, state, digest, moment = values
            found[_owner(user_id, partner_id)].append(
                _Statement(
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
                _of(owners),
            )
        ):
            said = Said(*(decimal(value or 0) for value in values[:3]))
            owner = _owner(user_id, partner_id)
            found[owner, Window(first, after)][key] = Told(said, *values[3:])
        return found

    # === WRITING === #

    @api.model
    def _write_rows(self, changed):
        """Put new lines in the place of those of statements in progress.

        :param dict changed: ``(digest, rows)`` by id
        """
        if not changed:
            return
        table = []
        for statement_id, (_digest, rows) in changed.items():
            for sequence, row in enumerate(rows):
                row.update(statement_id=statement_id, sequence=sequence)
                table.append(row)
        self._name_documents(table)
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
                rows=as_json(table),
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
        for statement_id, (digest, rows) in changed.items():
            totals = totals_of(rows)
            values.append({"id": statement_id, "digest": digest, **totals._asdict()})
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
                UPDATE sales_commission_statement s SET team_id = u.sale_team_id
                  FROM sales_commission_statement t
                  LEFT JOIN res_partner p ON p.id = t.partner_id
                  LEFT JOIN res_users u ON u.id = COALESCE(t.user_id, p.user_id)
                 WHERE t.id = s.id AND s.state = 'draft' AND s.id = ANY (%s)
                   AND s.team_id IS DISTINCT FROM u.sale_team_id
                RETURNING s.id
                """,
                list(drafts),
            )
        )
        self.invalidate_model(flush=False)


class _Statement:
    """A statement as it lies in the database."""

    def __init__(self, id_, window, state, digest, stated_on):
        self.id = id_
        self.window = window
        self.state = state
        self.digest = digest
        self.stated_on = stated_on


def _owner(user_id, partner_id):
    return ("user", user_id) if user_id else ("partner", partner_id)


def _of(owners):
    """SQL: a row ``s`` is of one of some owners."""
    ids = {
        kind: [id_ for other, id_ in owners if other == kind] for kind in OWNER_COLUMNS
    }
    return SQL(
        "(s.user_id = ANY (%s) OR s.partner_id = ANY (%s))", ids["user"], ids["partner"]
    )
