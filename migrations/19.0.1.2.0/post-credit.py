from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """What was earned before the ledger is credited in the background."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    audits = env["sales.credit.audit"]
    if not audits.search_count([], limit=1):
        audits._start("backfill")
