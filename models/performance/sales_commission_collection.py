from odoo import api, models

from ...engine.commission_collection import ONE, ZERO, Document, follow
from ...engine.plan_split import decimal
from . import commission_sql


class SalesCommissionPlan(models.Model):
    """How much of what earns commission was collected: see
    ``engine.commission_collection``."""

    _inherit = "sales.commission.plan"

    @api.model
    def _collection_of(self, sources, day, days=()):
        """Shares collected and overdue, in a number of queries that depends on neither
        the documents nor the days.

        :param sources: ``(model, id)`` of orders and invoices
        :param date day: nothing that happened after it counts
        :param days: numbers of days after which something unpaid is overdue
        :return: ``{(model, id): (collected, {days: overdue})}``, shares 0–1
        """
        orders = sorted({id_ for model, id_ in sources if model == "sale.order"})
        moves = {id_ for model, id_ in sources if model == "account.move"}
        rows = self._rows(commission_sql.order_documents(orders)) if orders else []
        found, notes = self._documents_of(
            sorted(moves | {row[2] for row in rows if row[2]}), day, bool(days)
        )
        by_source = {
            ("account.move", id_): document
            for id_, document in found.items()
            if id_ in moves and id_ not in notes
        }
        for order, total, move, share in rows:
            document = by_source.setdefault(
                ("sale.order", order), Document(decimal(total))
            )
            if move in found:
                document.parts.append((decimal(share), found[move]))
        result = {
            source: (
                document.collected,
                {number: document.overdue(day, number) for number in days},
            )
            for source, document in by_source.items()
        }
        for id_, share in notes.items():
            result["account.move", id_] = share, dict.fromkeys(days, ZERO)
        return result

    @api.model
    def _rows(self, statement):
        return self.env.execute_query(statement)

    @api.model
    def _documents_of(self, ids, day, with_dues):
        """Invoices and credit notes: ``{id: Document}``, and of credit notes the share
        that counts: ``{id: share}``."""
        if not ids:
            return {}, {}
        rows = self._rows(commission_sql.documents(ids, day))
        there = [row[0] for row in rows]
        notes = {id_: of for id_, kind, of, _total in rows if kind == "out_refund"}
        metric = self.env["sales.metric"].sudo()  # the same for everybody
        metric = metric._by_code("collected")
        money = dict(self._rows(commission_sql.money(there, metric.id, day)))
        found = {
            id_: Document(decimal(total), money=decimal(money.get(id_, 0)))
            for id_, _kind, _of, total in rows
        }
        matched = {}
        for id_, note, amount in self._rows(commission_sql.credited(there, day)):
            found[id_].credited += decimal(amount)
            matched.setdefault(note, []).append((id_, decimal(amount)))
        if with_dues:
            for id_, due, amount in self._rows(commission_sql.dues(there)):
                if id_ not in notes:
                    found[id_].dues.append((due, decimal(amount)))
        shares = {}
        for note, of in notes.items():
            rest = found[of].collected if of in found else ONE
            pairs = [
                (sum_, found[id_].collected) for id_, sum_ in matched.get(note, ())
            ]
            shares[note] = follow(pairs, found[note].total, rest)
        return found, shares
