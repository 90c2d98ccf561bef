from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """What was earned before the ledger is credited in the background."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["sales.credit.audit"]._start("backfill")
