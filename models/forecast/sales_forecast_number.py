from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

CATEGORIES = [
    ("commit", "Commit"),
    ("best_case", "Best Case"),
    ("pipeline", "Pipeline"),
]
PERIODS = [
    ("week", "Week"),
    ("month", "Month"),
    ("quarter", "Quarter"),
    ("year", "Fiscal Year"),
]
# What is said once, when a number does not hold any more.
END = frozenset({"state", "date_end", "end_author_id", "end_reason"})


class SalesForecastNumber(models.AbstractModel):
    """A number somebody stands for: whose, of which days, since when, until when.

    Rows are only ever added: a new number ends the one before it, a reset ends it
    without another. Whose it is stands in the row as a person, a team with all below
    it, or neither for the company, and the days as they were then. So a number holds
    whatever becomes of teams, of the fiscal year and of the settings. Nobody has the
    right to write rows: ``sales.forecast.call._submit`` adds them.
    """

    _name = "sales.forecast.number"
    _description = "Forecast Number"
    _order = "date desc, id desc"
    _rec_name = "owner_name"
    _log_access = False  # as of those that inherit it

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        readonly=True,
        ondelete="restrict",
        help="Of the company at that time.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Person", readonly=True, ondelete="restrict"
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The number of the team with all teams below it.",
    )
    owner_kind = fields.Selection(
        selection=[("user", "Person"), ("team", "Team"), ("company", "Company")],
        string="Level",
        required=True,
        readonly=True,
    )
    owner_name = fields.Char(string="Whose", compute="_compute_owner_name")
    home_team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Team at That Time",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Of the person when the number was given.",
    )
    period_type = fields.Selection(
        selection=PERIODS, string="Kind of Period", required=True, readonly=True
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(
        string="Before", required=True, readonly=True, help="The day after the last."
    )
    date_last = fields.Date(string="To", compute="_compute_date_last")
    category = fields.Selection(selection=CATEGORIES, required=True, readonly=True)
    amount = fields.Monetary(readonly=True)
    note = fields.Text(readonly=True)
    date = fields.Datetime(string="When", required=True, readonly=True)
    is_late = fields.Boolean(
        string="After the Cut-off", readonly=True, help="A director had unlocked it."
    )
    state = fields.Selection(
        selection=[
            ("current", "Current"),
            ("replaced", "Replaced"),
            ("reset", "Reset"),
        ],
        required=True,
        readonly=True,
        default="current",
    )
    date_end = fields.Datetime(string="Until", readonly=True)
    end_author_id = fields.Many2one(
        comodel_name="res.users",
        string="Ended by",
        readonly=True,
        ondelete="restrict",
    )
    end_reason = fields.Text(string="Reason of the Reset", readonly=True)

    _current_uniq = models.UniqueIndex(
        "(company_id, COALESCE(user_id, 0), COALESCE(team_id, 0), date_from, date_to,"
        " category) WHERE date_end IS NULL",
        "Somebody gave this number at the same moment. Reload the page and look at it "
        "again.",
    )
    _person_idx = models.Index("(user_id, date_from)")
    _days_idx = models.Index("(company_id, date_from, date_to)")
    _whole_days = models.Constraint(
        "CHECK (date_from < date_to AND amount >= 0"
        " AND (user_id IS NULL OR team_id IS NULL))",
        "A number is of one owner, of at least one day, and not negative.",
    )

    # === COMPUTE METHODS === #

    @api.depends("user_id", "team_id", "company_id")
    def _compute_owner_name(self):
        for number in self.sudo():  # whoever reads the number may know whose it is
            owner = number.user_id or number.team_id or number.company_id
            number.owner_name = owner.name

    @api.depends("date_to")
    def _compute_date_last(self):
        for number in self:
            number.date_last = number.date_to and number.date_to - timedelta(days=1)

    # === CRUD METHODS === #

    def write(self, vals):
        """Only ever the end, and only once."""
        if vals.keys() - END or any(self.mapped("date_end")):
            raise AccessError(self.env._("What was called stays as it was."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._("What was called stays as it was."))

    # === BUSINESS METHODS === #

    def _owner(self):
        """Whose it is: ``("user" | "team" | "company", id)``."""
        self.ensure_one()
        owner = self.user_id or self.team_id or self.company_id
        return self.owner_kind, owner.id

    def _key(self):
        """What there is one current number of, within a company."""
        return *self._owner(), self.date_from, self.date_to, self.category

    def _end_row(self, reason):
        """The row of ``_submit`` that resets this number.

        :param str reason: why it does not hold any more
        """
        self.ensure_one()
        return {
            "owner": self._owner(),
            "date_from": self.date_from,
            "date_to": self.date_to,
            "category": self.category,
            "amount": None,
            "reason": reason,
            "seen": self.id,
        }

    def action_end(self):
        """Ask for the reason of a reset."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reset"),
            "res_model": "sales.forecast.end",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_ids": ",".join(map(str, self.ids)),
            },
        }

    def action_history(self):
        """All numbers of the same owner, days and category, those that ended too."""
        self.ensure_one()
        self.check_access("read")
        names = ("company_id", "user_id", "team_id", "date_from", "date_to")
        domain = [("category", "=", self.category)]
        for name in names:
            value = self[name]
            value = value.id if isinstance(value, models.BaseModel) else value
            domain.append((name, "=", value))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("History"),
            "res_model": self._name,
            "view_mode": "list,kanban,form",
            "domain": domain,
        }
