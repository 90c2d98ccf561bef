import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .territory_sql import assign_customers, assign_deals

_logger = logging.getLogger(__name__)

BATCH = 20_000
CUSTOMERS, DEALS = "customers", "deals"
# What is looked at, one after the other: the deals take over what their customers got.
STAGES = (CUSTOMERS, DEALS)


class SalesTerritoryAssignment(models.Model):
    """A run that gives all customers and deals the territory that the rules say.

    One waits from the moment rules change until somebody starts it, or until night. It
    goes on where it was stopped. New and changed customers do not wait for it.
    """

    _name = "sales.territory.assignment"
    _inherit = "sales.batch.job"
    _description = "Assignment of Sales Territories"
    _order = "id desc"

    state = fields.Selection(
        selection=[
            ("waiting", "Rules Changed"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    date_start = fields.Datetime(string="Started", readonly=True)
    date_end = fields.Datetime(string="Finished", readonly=True)
    stage = fields.Char(readonly=True)
    last_id = fields.Integer(readonly=True)
    total_count = fields.Integer(string="To Look at")
    done_count = fields.Integer(string="Looked at")
    partner_count = fields.Integer(
        string="Contacts Changed",
        readonly=True,
        help="Customers and their contacts that came to another territory.",
    )
    lead_count = fields.Integer(string="Deals Changed", readonly=True)

    @api.depends("state", "date_start", "create_date")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for run in self:
            moment = run.date_start or run.create_date or fields.Datetime.now()
            local = fields.Datetime.context_timestamp(run, moment)
            run.display_name = self.env._("Assignment %s", f"{local:%Y-%m-%d %H:%M}")

    # === STARTING === #

    @api.model
    def _note_change(self):
        """Rules have changed: a run has to follow."""
        runs = self.sudo()  # whoever may change rules
        if not runs.search_count([("state", "=", "waiting")], limit=1):
            runs.create({})

    @api.model
    def action_start(self):
        """Assign now, in the background; open the run that does it.

        :raise AccessError: for anybody but directors
        """
        if not self.env.user.has_group("sales_process.group_director"):
            raise AccessError(
                self.env._(
                    "Only directors and sales administrators assign territories."
                )
            )
        runs = self.sudo()  # read only for people; the right is checked above
        run = runs.search([("state", "=", "running")], limit=1) or runs._begin()
        self.env.ref(
            "sales_process.customer_territory_cron"
        ).sudo()._trigger()  # the same
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Assignment of Territories"),
            "res_model": self._name,
            "res_id": run.id,
            "view_mode": "form",
            "views": [[False, "form"]],
        }

    @api.model
    def _begin(self):
        """The run that waits, or a new one, begins with the first customer."""
        waiting = self.search([("state", "=", "waiting")])
        run = waiting[:1] or self.create({})
        (waiting - run).unlink()
        total = sum(run._count(stage) for stage in STAGES)
        run.write(
            {
                "state": "running",
                "date_start": fields.Datetime.now(),
                "stage": CUSTOMERS,
                "last_id": 0,
                "total_count": total,
            }
        )
        return run

    # === RUNNING === #

    @api.model
    def _cron_assign(self):
        """Go on with the run there is; by night begin one."""
        run = self.search([("state", "=", "running")], limit=1)
        if not run:
            if not self._is_due():
                return
            run = self._begin()
        cron = self.env["ir.cron"]
        # One more for closing it: a job with nothing left is not called again.
        cron._commit_progress(
            remaining=max(run.total_count - run.done_count, 0) + len(STAGES)
        )
        run._continue(cron._commit_progress)

    @api.model
    def _is_due(self):
        """Whether rules have changed, or there are rules and nothing was done today.

        Every day, too: customers come under others, and jobs write past Odoo.
        """
        if self.search_count([("state", "=", "waiting")], limit=1):
            return True
        last = self.search([("state", "in", ("done", "failed"))], limit=1)
        today = fields.Date.today()
        done = last.date_start and last.date_start.date() >= today
        return not done and self.env["sales.territory"]._any_rule()

    def _run(self):
        """Do all of it at once, in this transaction."""
        while self.state == "running":
            self._step()
        return self

    def _give_up(self, error):
        _logger.error("Territories not assigned", exc_info=error)
        self.write(
            {
                "state": "failed",
                "date_end": fields.Datetime.now(),
                "error": str(error).strip() or type(error).__name__,
            }
        )
        return 0

    def _step(self, size=BATCH):
        """Assign the next customers or deals, past the ORM: they were not edited.

        :return: how many were looked at
        """
        self.ensure_one()
        self.env.flush_all()
        ids = self._next_ids(size)
        if not ids:
            self._next_stage()
            return 1
        if self.stage == CUSTOMERS:
            changed = self.env.execute_query(assign_customers(ids))
            self.partner_count += len(changed)
            self._forget("res.partner")
        else:
            changed = self.env.execute_query(assign_deals(ids))
            self.lead_count += len(changed)
            self._forget("crm.lead")
        self.write({"last_id": ids[-1], "done_count": self.done_count + len(ids)})
        return len(ids)

    @api.model
    def _forget(self, model):
        names = [name for name in self.env[model]._fields if "sales_territory" in name]
        self.env[model].invalidate_model(names, flush=False)

    def _next_stage(self):
        place = STAGES.index(self.stage) + 1
        if place < len(STAGES):
            self.write({"stage": STAGES[place], "last_id": 0})
            return
        self.write({"state": "done", "date_end": fields.Datetime.now()})
        _logger.info(
            "Territories: %s looked at, %s contacts and %s deals changed.",
            self.done_count,
            self.partner_count,
            self.lead_count,
        )

    def _next_ids(self, size):
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM %s WHERE id > %s AND %s ORDER BY id LIMIT %s",
                *self._table_of(self.stage)[:1],
                self.last_id,
                *self._table_of(self.stage)[1:],
                size,
            )
        )
        return [record_id for (record_id,) in rows]

    def _count(self, stage):
        self.env.flush_all()
        [(number,)] = self.env.execute_query(
            SQL("SELECT COUNT(*) FROM %s WHERE %s", *self._table_of(stage))
        )
        return number

    @api.model
    def _table_of(self, stage):
        """Table of a stage, and which of its rows are looked at."""
        if stage == CUSTOMERS:
            return SQL("res_partner"), SQL("commercial_partner_id = id")
        return SQL("crm_lead"), SQL("TRUE")
