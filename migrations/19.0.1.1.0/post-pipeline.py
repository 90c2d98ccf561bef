from odoo import SUPERUSER_ID, api
from odoo.tools import SQL, split_every

from odoo.addons.sales_process.models.pipeline.history_sql import derive

DEALS_AT_ONCE = 5000


def migrate(cr, version):
    """Rows now tell since when a deal is in its process, and where it was.

    Without it, the funnel would show nothing of what was recorded before.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute(
        SQL(
            "SELECT DISTINCT lead_id FROM sales_pipeline_history"
            " WHERE sales_process_id IS NOT NULL AND lead_id IS NOT NULL"
        )
    )
    lead_ids = [lead_id for (lead_id,) in cr.fetchall()]
    for ids in split_every(DEALS_AT_ONCE, lead_ids):
        env.execute_query(derive(list(ids)))
