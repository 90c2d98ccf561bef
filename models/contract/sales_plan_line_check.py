from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import split_every

from . import plan_money_sql
from .sales_plan_line_money import FIGURES

# The last order a check has looked at; none when the check is through.
CHECKED = "sales_process.plan_checked_order_id"
# A check also looks at what was written so long before the check before it.
OVERLAP = timedelta(days=2)


class SalesPlanLineCheck(models.Model):
    """The nightly check of the figures, and what it has to say."""

    _inherit = "sales.plan.line"

    @api.model
    def _cron_check_figures(self, batch=1000):
        """Compare the figures of all instalments that are open, or whose documents have
        changed, with the documents; mend and report what differs.

        They can only differ where something wrote to the database past Odoo's own ways.
        """
        cron = self.env["ir.cron"]
        params = self.env["ir.config_parameter"]
        last_call = fields.Datetime.to_datetime(self.env.context.get("lastcall"))
        since = (last_call or fields.Datetime.now()) - OVERLAP
        order_ids = self._find_orders_to_check(int(params.get_param(CHECKED, 0)), since)
        # One more for closing the check: a job with nothing left is not called again.
        cron._commit_progress(remaining=len(order_ids) + 1)
        for ids in split_every(batch, order_ids, list):
            try:
                self.search([("order_id", "in", ids)])._check_figures()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()  # somebody works on one of them: the next night
            params.set_param(CHECKED, ids[-1])
            if not cron._commit_progress(len(ids)):
                return
        params.set_param(CHECKED, False)
        cron._commit_progress(remaining=0)

    @api.model
    def _find_orders_to_check(self, after, since):
        """Ids of the orders whose instalments are open or have changed, in order.

        :param int after: the last order that is checked already
        :param datetime since: what was written from then on has changed
        """
        self.flush_model()
        return [
            order_id
            for (order_id,) in self.env.execute_query(
                plan_money_sql.to_check(after, since)
            )
        ]

    def _check_figures(self):
        """Mend the figures of these instalments and tell of it in their log.

        :return: the instalments that were wrong
        """
        differences = {
            line_id: {
                name: (stored[name], value)
                for name, value in values.items()
                if stored[name] != value
            }
            for line_id, (values, stored) in self._read_figures().items()
        }
        wrong = self.browse(
            line_id for line_id, changes in differences.items() if changes
        )
        if wrong:
            for name in FIGURES:
                self.env.add_to_compute(self._fields[name], wrong)
            wrong.modified(FIGURES)
            wrong._message_log_batch(
                {
                    line.id: line._describe_changes(differences[line.id])
                    for line in wrong
                }
            )
        return wrong

    def _describe_changes(self, changes):
        items = Markup().join(
            Markup("<li>%s: %s → %s</li>")
            % (
                self._fields[name]._description_string(self.env),
                self._fields[name].convert_to_export(old, self) or 0,
                self._fields[name].convert_to_export(new, self) or 0,
            )
            for name, (old, new) in changes.items()
        )
        sentence = self.env._(
            "The nightly check found figures that did not fit the documents and "
            "corrected them."
        )
        return Markup("<p>%s</p><ul>%s</ul>") % (sentence, items)
