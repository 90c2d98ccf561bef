from odoo import models
from odoo.tools import split_every

from ..process.sales_process_version import TAKEN_AT_ONCE


class SalesProcess(models.Model):
    """A process that takes over deals from before takes over their past."""

    _inherit = "sales.process"

    def _take_over(self, leads):
        history = self.env["sales.pipeline.history"].sudo()  # written by the engine
        history._write_pending()
        result = super()._take_over(leads)
        for ids in split_every(TAKEN_AT_ONCE, leads.ids):
            history._complete_past(ids)
        return result
