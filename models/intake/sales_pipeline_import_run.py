import logging
import re
import zlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, clean_context, split_every

from ...engine.import_check import Issue

_logger = logging.getLogger(__name__)

BATCH = 500
RETRIES = 5


class SalesPipelineImport(models.Model):
    """Writing the deals: in batches, each whole or not at all, resumable.

    A deal carries an external id made of its identifier in the file. Whatever stops a
    run, starting again finds what is there and leaves it alone.
    """

    _inherit = "sales.pipeline.import"

    _external_module = "sales_process_import"

    # === CONFIRM === #

    def _confirm(self):
        """Take the check as the order to write, in the name of this user."""
        self.ensure_one()
        if self.state != "checked":
            raise UserError(self.env._("Check the file first."))
        if not self.deal_count:
            raise UserError(
                self.env._(
                    "There is nothing to import: every row is rejected or already "
                    "there. Correct the file or the mapping, and check again."
                )
            )
        self._check_may_import()
        self._remember()
        self._engine_write(
            {
                "state": "running",
                "confirmed_by_id": self.env.uid,
                "date_start": fields.Datetime.now(),
                "date_end": False,
                "last_error": False,
            }
        )

    def _check_may_import(self):
        """Say before the first row what the user's rights would refuse later."""
        missing = self._missing_rights()
        if missing:
            raise AccessError("\n".join(missing))

    def _missing_rights(self):
        """What the user may not do that this run needs, as sentences."""
        creating = self.value_ids.filtered(lambda value: value.action == "create")
        missing = creating._missing_rights()
        if not self.env.user.has_group("sales_team.group_sale_salesman_all_leads"):
            missing.append(
                self.env._(
                    "The deals belong to several people, and you may only create your "
                    "own. Ask a sales manager to press “Import”: the run is ready."
                )
            )
        return missing

    def _remember(self):
        """Keep how headings and names were read, to suggest it the next time."""
        memory = self.env["sales.pipeline.import.memory"]
        for file in self.file_ids.filtered(lambda file: file.kind != "none"):
            answers = {
                column._memory_key(): column.target or "" for column in file.column_ids
            }
            memory._remember(self.company_id, f"column.{file.kind}", answers)
        for kind, values in self.value_ids.grouped("kind").items():
            answers = {value.key: value._answer() for value in values}
            answers = {key: answer for key, answer in answers.items() if answer}
            memory._remember(self.company_id, f"value.{kind}", answers)

    # === RUNNING === #

    @api.model
    def _cron_import(self):
        """Write confirmed runs batch by batch; called again until all is done."""
        runs = self.search([("state", "=", "running")], order="date_start, id")
        cron = self.env["ir.cron"]
        left = [run.deal_count - run.created_count - run.failed_count for run in runs]
        # One more for closing each run: a job with nothing left is not called again.
        cron._commit_progress(remaining=max(sum(left), 0) + len(runs))
        for run in runs:
            if run.try_lock_for_update() and not run._continue(cron._commit_progress):
                return

    def _continue(self, on_progress):
        """Go on with a run in the background; False when time is up.

        What goes wrong with one run is told on it, and does not stop the others.
        """
        for _attempt in range(RETRIES):
            try:
                return self._as_confirmed()._process_batches(on_progress)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()  # somebody changed the same row: once more
            except Exception as error:  # noqa: BLE001 - told to the user, on the run
                self.env.cr.rollback()
                self._fail(error)
                on_progress(0)
                return True
        return False

    def _as_confirmed(self):
        """The run with the rights, company and language of who confirmed it."""
        user = self.confirmed_by_id
        return self.with_user(user).with_context(
            clean_context(self.env.context),
            lang=user.lang,
            tz=user.tz,
            allowed_company_ids=self.company_id.ids,
        )

    def _process_batches(self, on_progress=None, size=BATCH):
        """Write what is left of the run.

        :param on_progress: called with the number of rows after each batch; commits,
            and returns the seconds left
        :return: False when time ran out before the end
        """
        self.ensure_one()
        run = self.with_company(self.company_id)
        tables, checked, records, _issues = run._plan()
        if not run.is_prepared:
            try:
                with self.env.cr.savepoint():
                    run._prepare_records(tables, records)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:  # noqa: BLE001 - told to the user, on the run
                run._fail(error)
                return True
            if on_progress and not on_progress(0):
                return False
        existing = run._existing_leads(checked.deals)
        todo = [
            deal
            for deal in checked.deals
            if deal.row > run.last_row and deal.key not in existing
        ]
        lookup = run._lookup(records)
        for batch in split_every(size, todo, list):
            if run.state != "running":
                return True
            run._process_batch(batch, lookup)
            if on_progress and not on_progress(len(batch)):
                return False
        run._finish(tables, checked)
        if on_progress:
            on_progress(1)
        return True

    def _process_batch(self, deals, lookup):
        """Write one batch whole, or report why none of it was written."""
        vals = {"last_row": deals[-1].row}
        try:
            with self.env.cr.savepoint():
                self._create_deals(deals, lookup)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # noqa: BLE001 - told to the user, on the run
            _logger.warning("Import %s: batch failed", self.id, exc_info=True)
            culprit, error = self._find_culprit(deals, lookup, error)
            self._report_batch(deals, culprit, error)
            vals["failed_count"] = self.failed_count + len(deals)
        else:
            vals["created_count"] = self.created_count + len(deals)
        self._engine_write(vals)

    def _find_culprit(self, deals, lookup, error):
        """Halve a failed batch until the first row that fails is found."""
        while len(deals) > 1:
            half = deals[: len(deals) // 2]
            failure = self._try_deals(half, lookup)
            if failure:
                deals, error = half, failure
                continue
            deals = deals[len(half) :]
            failure = self._try_deals(deals, lookup)
            if not failure:
                return None, error  # only together they fail
            error = failure
        return deals[0], error

    def _try_deals(self, deals, lookup):
        """Write some deals and take it back: the error, or nothing."""
        savepoint = self.env.cr.savepoint()
        try:
            self._create_deals(deals, lookup)
            self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # noqa: BLE001 - told to the user, on the run
            return error
        finally:
            savepoint.close(rollback=True)
        return None

    def _report_batch(self, deals, culprit, error):
        message = str(error.args[0]) if error.args else str(error)
        issue = Issue(
            row=culprit.row if culprit else deals[0].row,
            code="batch_failed",
            params={
                "first_row": deals[0].row,
                "last_row": deals[-1].row,
                "error": message,
            },
        )
        Problem = self.env["sales.pipeline.import.problem"]
        file = self.file_ids.filtered(lambda file: file.kind == "deals")
        Problem.create(
            {**Problem._describe(issue), "import_id": self.id, "file_id": file.id}
        )

    def _fail(self, error):
        _logger.warning("Import %s failed", self.id, exc_info=True)
        message = str(error.args[0]) if error.args else str(error)
        self._engine_write({"state": "failed", "last_error": message})

    # === FINISH === #

    def _finish(self, tables, checked):
        """Close the run: scoring, rejected rows, a word to the user."""
        self._refresh_scoring()
        failed = self.problem_ids.filtered(
            lambda problem: problem.code == "batch_failed"
        )
        state = "failed" if failed and not self.created_count else "done"
        self._engine_write(
            {
                "state": state,
                "date_end": fields.Datetime.now(),
                "last_error": failed[:1].reason,
                "error_count": self.error_count + len(failed),
            }
        )
        if failed:
            self._write_rejected(
                tables["deals"][1], checked.issues + self._failed_issues(checked)
            )
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "warning" if failed else "success",
                "title": self.name,
                "message": self.env._("%s deals imported.", self.created_count),
            },
        )

    def _failed_issues(self, checked):
        """Rows of failed batches, for the file of rejected rows."""
        existing = self._existing_leads(checked.deals)
        return [
            Issue(
                deal.row,
                "batch_failed",
                params={
                    "first_row": deal.row,
                    "last_row": deal.row,
                    "error": self.last_error,
                },
            )
            for deal in checked.deals
            if deal.key not in existing
        ]

    def _refresh_scoring(self):
        """Let predictive scoring count the imported deals rightly, once.

        Core counts a deal when it is created, by the day it is created. Imported deals
        get their true creation date afterwards, so what was counted on the way is built
        anew: they only count if they lie after the start date of the scoring.
        """
        leads = self.env["crm.lead"].with_context(active_test=False)
        if self.use_history:
            self._move_scoring_start()
        leads.sudo()._rebuild_pls_frequency_table()  # core asks for the right to delete
        self._reset_scores()
        domain = [("won_status", "=", "pending"), ("stage_id", "!=", False)]
        if not self.use_history:
            domain.append(("sales_import_id", "=", self.id))
        pending = leads.sudo().search(domain)  # scoring is computed for all, as by cron
        for name in ("automated_probability", "probability"):
            self.env.add_to_compute(leads._fields[name], pending)
        pending.flush_recordset(["automated_probability", "probability"])

    def _reset_scores(self):
        """Forget what the half-built scoring said about the imported open deals.

        Core leaves a score as it is where it cannot compute one.
        """
        pending = self.env["crm.lead"].search(
            [("sales_import_id", "=", self.id), ("won_status", "=", "pending")]
        )
        if not pending:
            return
        pending.flush_recordset()
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_lead
                   SET probability = 0, automated_probability = 0,
                       prorated_revenue = 0
                 WHERE id IN %s
                RETURNING id
                """,
                tuple(pending.ids),
            )
        )
        pending.invalidate_recordset(flush=False)

    def _move_scoring_start(self):
        params = self.env["ir.config_parameter"].sudo()  # one setting, asked for
        first = self.summary and self.summary.get("first")
        start = params.get_param("crm.pls_start_date")
        if first and (not start or first < start):
            params.set_param("crm.pls_start_date", first)

    # === EXTERNAL IDS === #

    def _external_name(self, key):
        """The external id of a deal: readable, unique, and of one company."""
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", key)[:80]
        if plain != key:
            plain = f"{plain}_{zlib.crc32(key.encode()):08x}"
        return f"deal_{self.company_id.id}_{plain}"

    def _register_ids(self, leads, deals):
        rows = self.env["ir.model.data"].sudo()  # external ids are for admins only
        rows.create(
            [
                {
                    "module": self._external_module,
                    "name": self._external_name(deal.key),
                    "model": "crm.lead",
                    "res_id": lead.id,
                    "noupdate": True,
                }
                for lead, deal in zip(leads, deals, strict=True)
            ]
        )

    # === TRUE DATES === #

    def _backdate(self, leads, deals):
        """Give the deals their true creation date, which ``create`` never takes."""
        dated = [
            (lead.id, deal.created)
            for lead, deal in zip(leads, deals, strict=True)
            if deal.created
        ]
        if not dated:
            return
        leads.flush_recordset()
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_lead
                   SET create_date = given.create_date
                  FROM unnest(%s::int[], %s::timestamp[]) AS given (id, create_date)
                 WHERE crm_lead.id = given.id
                RETURNING crm_lead.id
                """,
                [lead_id for lead_id, _created in dated],
                [created for _lead_id, created in dated],
            )
        )
        leads.invalidate_recordset(["create_date"], flush=False)
        leads.modified(["create_date"])
