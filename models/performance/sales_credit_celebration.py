from datetime import timedelta

from odoo import api, models


class SalesCredit(models.Model):
    """A deal that has just been won is celebrated."""

    _inherit = "sales.credit"

    @api.model
    def _insert(self, metrics, rows, companies, reason, audit):
        result = super()._insert(metrics, rows, companies, reason, audit)
        won = metrics.filtered(lambda row: row.is_system and row.code == "won_deal")
        if won and reason == "event":
            today = {company.id: company._sales_today() for company in companies}
            yesterday = timedelta(days=1)
            winners = {
                new.holder[0]
                for (metric_id, *_document), company_id, new in rows
                if metric_id == won.id
                and new.amount > 0
                and not new.reverses
                and not new.is_overlay
                # What is entered of former times is no news.
                and new.date >= today[company_id] - yesterday
            }
            self.env["sales.contest"]._celebrate_wins(winners - {None})
        return result
