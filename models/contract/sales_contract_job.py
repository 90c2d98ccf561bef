import logging

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import split_every

_logger = logging.getLogger(__name__)


class SalesContract(models.Model):
    """What happens to contracts by itself, once a day."""

    _inherit = "sales.contract"

    @api.model
    def _cron_contracts(self, batch=200):
        """Start, remind, renew, close and file, each for whatever is due.

        Every step leaves behind what it did, so the job may run again at any moment and
        goes on where it was interrupted. A contract that fails is told of and left out.
        """
        cron = self.env["ir.cron"]
        for find, act in self._daily_steps():
            todo = find()
            cron._commit_progress(remaining=len(todo))
            for records in split_every(batch, todo.ids, todo.browse):
                _isolated(records.try_lock_for_update(), act)
                if not cron._commit_progress(len(records)):
                    return

    @api.model
    def _daily_steps(self):
        """What the job does, in this order: what it finds, and what it does with it."""
        return [
            (self._find_to_start, lambda contracts: contracts._move_to("running")),
            (lambda: self._find_to_remind("notice"), lambda c: c._remind("notice")),
            (lambda: self._find_to_remind("end"), lambda c: c._remind("end")),
            (self._find_to_renew, lambda contracts: contracts._renew_automatically()),
            (self._find_to_close, lambda contracts: contracts._close()),
            (self._find_to_reopen, lambda contracts: contracts._move_to("running")),
            (self._find_to_file, lambda orders: orders._file_signed_quotation()),
        ]

    # === WHAT IS DUE === #

    @api.model
    def _search_by_company(self, prepare):
        """Contracts of all companies by a domain that needs to know their day.

        :param prepare: makes the domain of a day
        """
        domains = [
            Domain("company_id", "=", company.id) & prepare(company._sales_today())
            for company in self.env["res.company"].search([])
        ]
        return self.search(Domain.OR(domains), order="id")

    @api.model
    def _find_to_start(self):
        """Signed contracts whose first day has come, or that have an invoice."""
        return self._search_by_company(
            lambda today: (
                Domain("state", "=", "signed")
                & (
                    Domain("date_start", "<=", today)
                    | Domain("amount_invoiced", ">", 0)
                )
            )
        )

    @api.model
    def _find_to_close(self):
        """Contracts whose last day has passed and of which everything is collected."""
        ended = self._search_by_company(
            lambda today: (
                Domain("state", "=", "running")
                & Domain("amount_due", "=", 0)
                & (Domain("date_end", "=", False) | Domain("date_end", "<", today))
            )
        )
        return ended.filtered(lambda contract: contract._is_settled())

    @api.model
    def _find_to_reopen(self):
        """Closed contracts with an open amount again: a payment was taken back."""
        return self.search([("state", "=", "closed"), ("amount_due", "!=", 0)])

    @api.model
    def _find_to_renew(self):
        return self._search_by_company(self._automatic_renewal_domain)

    @api.model
    def _find_to_file(self):
        return self.env["sale.order"].search(self._unfiled_quotations_domain())

    # === WHAT IS DONE === #

    def _close(self):
        self._move_to("closed")
        self._forget_reminders()

    def _renew_automatically(self):
        """Draft the next contracts, and say so to those who are responsible."""
        drafts = self._renew()
        todo = self.env.ref("mail.mail_activity_data_todo")
        model_id = self.env["ir.model"]._get_id(self._name)
        vals_list = []
        for draft in drafts:
            user = draft._responsible()
            if user:
                local = draft.with_context(lang=user.lang)
                vals_list.append(
                    {
                        "activity_type_id": todo.id,
                        "automated": True,
                        "date_deadline": draft.date_start,
                        "res_id": draft.id,
                        "res_model_id": model_id,
                        "summary": local.env._(
                            "Nobody gave notice of %s: confirm the quotation and have "
                            "the renewal signed",
                            draft.predecessor_id.name,
                        ),
                        "user_id": user.id,
                    }
                )
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True  # one mail for each would bury people
        )
        activities.sudo().create(vals_list)  # to-dos for colleagues


def _isolated(records, act):
    """Do something with all records; singly if that fails, with what failed."""
    if not records:
        return
    try:
        with records.env.cr.savepoint():
            act(records)
    except Exception as error:
        if len(records) > 1:
            for record in records:
                _isolated(record, act)
            return
        _logger.exception("%s could not be worked off", records)
        _tell(records, error)


def _tell(record, error):
    """Say in the chatter what keeps a record from being worked off, once."""
    body = record.env._("The daily job could not go on: %s", error)
    latest = record.message_ids[:1]
    if str(error) not in (latest.body or ""):
        record._message_log(body=body)
