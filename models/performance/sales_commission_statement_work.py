from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from .sales_commission_statement import SAID
from .sales_commission_statement_store import OWNER_COLUMNS, owner_of
from .statement_rows import Window, Written, correction_rows, plain_rows

# So many people are worked out at once, in one number of queries whoever they are.
BATCH = 50


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
        for some in self._batches(company, owners):
            new = self._begin(company, Window(date_from, date_to), some)
            self._work_out(company, some)
            # Nothing is due to them and nothing has changed.
            nothing = Written.of(None, []).digest
            new.filtered(lambda s, nothing=nothing: s.digest == nothing).unlink()
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
        return [owner_of(*row) for row in rows]

    @api.model
    def _batches(self, company, owners):
        """People who are worked out at once: fewer, the more periods were stated, for
        all of them are worked out anew.

        :return: lists of owners
        """
        [(periods,)] = self.env.execute_query(
            SQL(
                "SELECT COUNT(DISTINCT date_from) FROM sales_commission_statement"
                " WHERE company_id = %s",
                company.id,
            )
        )
        size = max(BATCH * 3 // max(periods, 3), 5)
        return [owners[start : start + size] for start in range(0, len(owners), size)]

    def _refresh(self, lock=False):
        """Work out these statements in progress, with the others of their owners.

        :param bool lock: keep others from changing them until this is committed
        """
        if lock:
            self._lock_owners()
        for company, statements in self.grouped("company_id").items():
            owners = list(dict.fromkeys(s._owner_key() for s in statements))
            for some in self._batches(company, owners):
                self._work_out(company, some)

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
        self._name_documents([row for own in rows.values() for row in own])
        changed = {}
        for statement_id, held in drafts.items():
            written = Written.of(statement_id, rows.get(statement_id, []))
            if written.digest != held.digest:
                changed[statement_id] = written
        self._write_rows(changed)
        self._write_worked_out(drafts, changed)

    @api.model
    def _find_rows(self, company, owners):
        """What the statements in progress have to say.

        :return: lists of rows by id of the statement; and all statements there are, as
            :class:`.Held`
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
