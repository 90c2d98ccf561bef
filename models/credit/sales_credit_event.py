from collections import defaultdict

from odoo import api, models

from ...engine.ledger import settle
from . import credit_sql

# Documents waiting to be credited within a transaction.
PENDING = "sales_credit"


class SalesCredit(models.Model):
    """When the ledger is told of documents, and how it is brought up to them."""

    _inherit = "sales.credit"

    # === WHEN === #

    @api.model
    def _note(self, source_model, ids, begins=True):
        """Remember that these documents changed; they are credited before commit.

        :param bool begins: whether they may have begun to count just now. Of what
            counted before, everything new is dated today, not on the day of the
            document.
        """
        if not ids:
            return
        precommit = self.env.cr.precommit
        if PENDING not in precommit.data:
            precommit.data[PENDING] = defaultdict(dict)
            precommit.add(self._write_pending)
        pending = precommit.data[PENDING][source_model]
        for document_id in ids:
            pending[document_id] = begins or pending.get(document_id, False)

    @api.model
    def _write_pending(self):
        """Credit all documents that changed so far in this transaction."""
        self.env.flush_all()  # a change says so on its way to the database
        pending = self.env.cr.precommit.data.pop(PENDING, None)
        if not pending:
            return
        for source_model, documents in pending.items():
            old = {number for number, begins in documents.items() if not begins}
            if old and self._is_past_missing():
                old = set()
            self._settle_documents(source_model, sorted(documents), old=old)

    @api.model
    def _is_past_missing(self):
        """Whether documents without credit may not have been looked at yet."""
        audits = self.env["sales.credit.audit"].sudo()  # not for whoever does the work
        domain = [("kind", "=", "backfill"), ("state", "=", "running")]
        return bool(audits.search_count(domain, limit=1))

    @api.model
    def _metrics_of(self, source_model):
        """All that looks at a model."""
        metrics = self.env["sales.metric"].sudo()  # whoever does the work
        counted = metrics._counted().get(source_model, ())
        return metrics.browse([metric_id for metric_id, _code in counted])

    # === HOW === #

    @api.model
    def _settle_documents(self, source_model, ids, **how):
        """:meth:`_settle` for all metrics that look at a model."""
        ids = self._unsettled(source_model, ids)
        if not ids:
            return 0
        metrics = self._metrics_of(source_model)._without_broken()
        return self._settle(metrics, ids, **how)

    @api.model
    def _unsettled(self, source_model, ids):
        """Those of some documents that the ledger may have to be told of.

        A deal that goes on to its next stage earns nothing most of the time. Where all
        there is to do is to count, one query says so.
        """
        counted = self.env["sales.metric"]._counted().get(source_model, ())
        if not counted or not ids:
            return []
        if any(code not in credit_sql.COUNTS for _metric, code in counted):
            return ids
        self.env.flush_all()
        statement = credit_sql.unsettled(self.env, counted, ids)
        return [document_id for (document_id,) in self.env.execute_query(statement)]

    @api.model
    def _settle(self, metrics, ids, reason="event", audit=None, old=frozenset()):
        """Bring the ledger up to what documents are worth now.

        The number of queries depends on the number of metrics, not of documents.

        :param metrics: ``sales.metric``, all of which look at the same model
        :param list ids: of documents of this model
        :param str reason: see ``REASONS``
        :param audit: the run that noticed
        :param set old: ids of documents that counted before
        :return: number of rows that were added
        """
        if not metrics or not ids:
            return 0
        self.env.flush_all()
        companies = self._companies()
        held = self._read_held(metrics, ids)
        worth = self._read_worth(metrics, ids, companies, held)
        # A line that was added to an order belongs to the day it was added.
        known = {
            (metric_id, source_id, rows[0].company_id)
            for (metric_id, source_id, _part), rows in held.items()
        }
        today = {company.id: company._sales_today() for company in companies}
        rows = []
        for key in sorted(worth.keys() | held.keys()):
            there = held.get(key, [])
            company_id = worth[key].company_id if key in worth else there[0].company_id
            wanted = worth[key].worth if key in worth else None
            if wanted and (key[1] in old or (*key[:2], company_id) in known):
                wanted = wanted._replace(date=max(wanted.date, today[company_id]))
            for new in settle(wanted, [row.row for row in there], today[company_id]):
                rows.append((key, company_id, new))
        self._insert(metrics, rows, companies, reason, audit)
        return len(rows)

    @api.model
    def _companies(self):
        companies = self.env["res.company"].sudo()  # their clocks and currencies
        return companies.search([("active", "in", (True, False))])
