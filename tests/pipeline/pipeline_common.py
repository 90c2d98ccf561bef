from datetime import datetime, timedelta

from odoo.tools import SQL

from ..common import SalesProcessCommon


def planned_rows(env):
    """How many rows PostgreSQL expects in the history, and how many there are."""
    env.cr.execute("EXPLAIN (FORMAT JSON) SELECT * FROM sales_pipeline_history")
    [[[plan]]] = env.cr.fetchall()
    env.cr.execute("SELECT COUNT(*) FROM sales_pipeline_history")
    [(count,)] = env.cr.fetchall()
    return plan["Plan"]["Plan Rows"], count


class PipelineCommon(SalesProcessCommon):
    """Deals whose life is told day by day; day 0 is a Monday long ago."""

    START = datetime(2024, 1, 1, 8, 0, 0)

    @classmethod
    def _day(cls, number, **more):
        return cls.START + timedelta(days=number, **more)

    def _record_at(self, day, deals=None, **more):
        """Write the history as if all pending changes had happened on ``day``."""
        history = self.env["sales.pipeline.history"]
        history.env["crm.lead"].flush_model()
        history.env.cr.precommit.data.pop("sales_pipeline_history", None)
        where = SQL("l.id = ANY (%s)", deals.ids) if deals else SQL("TRUE")
        return history._record(where, moment=self._day(day, **more))

    def _rows(self, deal):
        return self.env["sales.pipeline.history"].search(
            [("lead_id", "=", deal.id)], order="date_from"
        )

    def _check_chain(self):
        """Have the database check what it otherwise checks at commit."""
        self.env.flush_all()
        self.env.cr.execute(SQL("SET CONSTRAINTS ALL IMMEDIATE"))
        self.env.cr.execute(SQL("SET CONSTRAINTS ALL DEFERRED"))
