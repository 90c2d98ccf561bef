import logging
from collections import defaultdict

from markupsafe import Markup

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import split_every

_logger = logging.getLogger(__name__)

# So many are named in a report; the list it opens has all of them.
NAMED = 20


class SalesPlanLineCollectionJob(models.Model):
    """The daily job that asks for money."""

    _inherit = "sales.plan.line"

    @api.model
    def _cron_collect(self, batch=50):
        """Tell of broken promises, remind customers, close what is settled.

        What it did is on record, so it may run again at any moment and goes on where it
        was interrupted. A customer that fails is reported and stops no other.

        :param int batch: so many customers are written to at once
        """
        cron = self.env["ir.cron"]
        self._close_settled_todos()
        promises = self.env["sales.promise"]._find_to_report()
        rules = self._find_to_remind()
        addresses = list(self.union(*rules)._group_by_address().values())
        # One more for the report: a job with nothing left is not called again.
        cron._commit_progress(remaining=len(promises) + len(addresses) + 1)
        for ids in split_every(batch, promises.ids, promises.browse):
            ids._report_broken()
            if not cron._commit_progress(len(ids)):
                return
        for groups in split_every(batch, addresses, list):
            self.union(*groups)._remind_daily(rules)
            if not cron._commit_progress(len(groups)):
                return
        self._report_unreminded()
        cron._commit_progress(remaining=0)

    # === REMINDERS === #

    def _remind_daily(self, rules):
        """Remind the customers of these instalments; a failure is kept on them.

        Together if possible, else one address after the other, to find who fails.
        """
        groups = self._reachable().try_lock_for_update()._group_by_address()
        if not groups:
            return
        lines = self.union(*groups.values())
        try:
            with self.env.cr.savepoint():
                lines._send_reminders(rules)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Somebody works on one of them: they are found again.
            self.env.cr.rollback()
        except Exception as error:  # noqa: BLE001 - one customer must not stop the others
            if len(groups) > 1:
                for owed in groups.values():
                    owed._remind_daily(rules)
                return
            _logger.exception("No reminder could be sent for instalments %s", lines.ids)
            lines._keep_reminder_error(_in_short(error))

    def _reachable(self):
        """Those of these instalments whose address can be written to; the others keep
        the reason."""
        reachable = self.browse()
        for (_company, address, _lang), owed in self._group_by_address().items():
            problem = self._find_address_problem(address)
            if problem:
                owed._keep_reminder_error(problem)
            else:
                reachable |= owed
        return reachable

    def _keep_reminder_error(self, text):
        for company, lines in self.grouped("company_id").items():
            lines.sudo().write(  # told by the engine alone
                {
                    "reminder_error": text,
                    "date_reminder_tried": company._sales_today(),
                }
            )

    # === THE REPORT === #

    @api.model
    def _report_unreminded(self):
        """Have each person who collects told once, of all customers not reminded.

        The activity of the day before is brought up to date; it is done once every
        customer can be written to.
        """
        activity_type = self.env.ref("sales_process.mail_activity_type_not_reminded")
        activities = self.env["mail.activity"]
        lines = self.search([("reminder_error", "!=", False)])
        settled = lines.filtered(lambda line: line.amount_due <= 0)
        settled.write({"reminder_error": False, "date_reminder_tried": False})
        reports = defaultdict(self.browse)
        for line in lines - settled:
            reports[line.collector_id] |= line
        pending = activities.search([("activity_type_id", "=", activity_type.id)])
        mine = {activity.user_id: activity for activity in pending}
        new = []
        for user, failed in reports.items():
            vals = failed.with_context(lang=user.lang)._prepare_unreminded(user)
            if user in mine:
                mine[user].write(vals)
            elif user:
                new.append(
                    {**vals, "activity_type_id": activity_type.id, "automated": True}
                )
        activities.create(new)
        solved = activities.union(
            *(activity for user, activity in mine.items() if user not in reports)
        )
        if solved:
            solved.action_feedback(feedback=self.env._("Every customer is reminded."))

    def _prepare_unreminded(self, user):
        items = Markup().join(
            Markup("<li>%s: %s</li>")
            % (
                line._get_html_link(
                    title=f"{line.partner_id.display_name}, {line.display_name}"
                ),
                line.reminder_error,
            )
            for line in self[:NAMED]
        )
        note = Markup("<ul>%s</ul>") % items
        if len(self) > NAMED:
            note += Markup("<p>%s</p>") % self.env._(
                "And %(count)s more.", count=len(self) - NAMED
            )
        return {
            "user_id": user.id,
            "summary": self.env._(
                "Customers that could not be reminded: %(count)s",
                count=len(self.partner_id),
            ),
            "note": note,
            "date_deadline": self.company_id[:1]._sales_today(),
        }

    # === WHAT IS SETTLED === #

    @api.model
    def _close_settled_todos(self):
        """Nobody has to call about what was paid in the meantime."""
        activities = self.env["mail.activity"].search(
            [
                (
                    "activity_type_id",
                    "=",
                    self.env.ref("sales_process.mail_activity_type_collection").id,
                ),
                ("res_model", "=", self._name),
            ]
        )
        lines = self.browse(activities.mapped("res_id")).exists()
        settled = set(lines.filtered(lambda line: line.amount_due <= 0).ids)
        activities.filtered(lambda activity: activity.res_id in settled).write(
            {"active": False}
        )


def _in_short(error):
    """What went wrong at bottom: a mail tells of its whole template and traceback."""
    while error.__cause__:
        error = error.__cause__
    return str(error).strip() or type(error).__name__
