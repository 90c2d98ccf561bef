from odoo import api, fields, models
from odoo.fields import Command

# Rules asked for here, in the order of the form.
FIELDS = (
    "date_last",
    "scoring",
    "team_scoring",
    "minimum_score",
    "tie_rule",
    "ramp",
    "previous_periods",
    "repeats",
)


class SalesContestChange(models.TransientModel):
    """Asks for new rules of a contest that runs, and for the reason."""

    _name = "sales.contest.change"
    _description = "Change the Rules of a Contest"

    contest_id = fields.Many2one(
        comodel_name="sales.contest", required=True, readonly=True, ondelete="cascade"
    )
    kind = fields.Selection(related="contest_id.kind", related_sudo=False)
    reason = fields.Text(
        string="Why", required=True, help="Everybody in the contest sees it."
    )
    date_last = fields.Date(string="Last Day", required=True)
    scoring = fields.Selection(
        selection=lambda self: self._selection_of("scoring"), required=True
    )
    team_scoring = fields.Selection(
        selection=lambda self: self._selection_of("team_scoring"),
        string="Amounts of Teams Count",
        required=True,
    )
    minimum_score = fields.Float(string="Points for a Prize at Least", digits=(16, 2))
    tie_rule = fields.Selection(
        selection=lambda self: self._selection_of("tie_rule"),
        string="Equal Points",
        required=True,
    )
    ramp = fields.Boolean(string="Handicap for Newcomers")
    previous_periods = fields.Integer(string="Periods Before")
    repeats = fields.Selection(
        selection=lambda self: self._selection_of("repeats"), required=True
    )
    line_ids = fields.One2many(
        comodel_name="sales.contest.change.metric",
        inverse_name="change_id",
        string="What Counts",
    )

    @api.model
    def _selection_of(self, name):
        return self.env["sales.contest"]._fields[name]._description_selection(self.env)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        contest = self.env["sales.contest"].browse(values.get("contest_id"))
        if contest:
            values |= {name: contest[name] for name in FIELDS}
            values["line_ids"] = [
                Command.create({"contest_metric_id": row.id, **row._values()})
                for row in contest.metric_ids
            ]
        return values

    def action_change(self):
        """Make the new version."""
        self.ensure_one()
        contest = self.contest_id
        values = {name: self[name] for name in FIELDS if self[name] != contest[name]}
        if "date_last" in values:
            last = values.pop("date_last")
            values["date_to"] = fields.Date.add(last, days=1)
        commands = self._metric_commands()
        if commands:
            values["metric_ids"] = commands
        contest.action_new_version(self.reason, values)
        return {"type": "ir.actions.act_window_close"}

    def _metric_commands(self):
        """What is different about what counts."""
        kept = self.line_ids.contest_metric_id
        commands = [Command.delete(row.id) for row in self.contest_id.metric_ids - kept]
        for line in self.line_ids:
            row, values = line.contest_metric_id, line._values()
            if not row:
                commands.append(Command.create(values))
            elif values != row._values():
                commands.append(Command.update(row.id, values))
        return commands


class SalesContestChangeMetric(models.TransientModel):
    """What is to count from now on."""

    _name = "sales.contest.change.metric"
    _description = "New Rule of What Counts"

    change_id = fields.Many2one(
        comodel_name="sales.contest.change", required=True, ondelete="cascade"
    )
    contest_metric_id = fields.Many2one(
        comodel_name="sales.contest.metric", ondelete="cascade"
    )
    source = fields.Selection(
        selection=lambda self: (
            self.env["sales.contest.metric"]
            ._fields["source"]
            ._description_selection(self.env)
        ),
        required=True,
        default="ledger",
    )
    metric_id = fields.Many2one(
        comodel_name="sales.metric", domain=[("better", "=", "higher")]
    )
    weight = fields.Float(string="Weight (%)", digits=(16, 2), default=100.0)
    unit_amount = fields.Float(string="One Point per", digits=(16, 2), default=1.0)

    def _values(self):
        return {
            "source": self.source,
            "metric_id": self.metric_id.id,
            "weight": self.weight,
            "unit_amount": self.unit_amount,
        }
