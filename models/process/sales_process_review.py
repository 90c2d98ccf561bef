from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# What a salesperson can make true without anybody else.
SELF_DECLARED_KINDS = frozenset({"fields", "domain", "activity", "stakeholder"})


class SalesProcess(models.Model):
    """What keeps a process from being published, and what is worth a second look."""

    _inherit = "sales.process"

    hints = fields.Html(
        string="Things to Look at",
        compute="_compute_hints",
        sanitize=False,
        compute_sudo=True,
    )
    hint_count = fields.Integer(compute="_compute_hints", compute_sudo=True)
    columns_differ = fields.Boolean(
        compute="_compute_hints",
        compute_sudo=True,
        help="The columns of the pipeline stand in another order than the stages.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "state",
        "sequence",
        "team_ids",
        "company_id",
        "lead_domain",
        "stage_ids.sequence",
        "stage_ids.stage_id.sequence",
        "stage_ids.stage_id.team_ids",
        "stage_ids.buyer_step",
        "stage_ids.probability",
        "stage_ids.expected_days",
        "stage_ids.criterion_ids.kind",
        "stage_ids.criterion_ids.verifier",
        "stage_ids.criterion_ids.statement",
    )
    @api.depends_context("lang")
    def _compute_hints(self):
        for process in self:
            hints = process._get_hints() if process.stage_ids else []
            items = Markup("").join(Markup("<li>%s</li>") % hint for hint in hints)
            process.hints = Markup("<ul>%s</ul>") % items if hints else False
            process.hint_count = len(hints)
            columns = process._get_columns()
            process.columns_differ = columns.ids != columns.sorted().ids

    # === ACTION METHODS === #

    def action_order_columns(self):
        """Put the columns of the pipeline into the order of this process.

        The columns of other processes keep their places.
        """
        self.ensure_one()
        self.check_access("write")
        ours = self._get_columns()
        rest = iter(ours)
        ordered = [
            next(rest) if stage in ours else stage
            for stage in self.env["crm.stage"].search([])
        ]
        for place, stage in enumerate(ordered, 1):
            if stage.sequence != place:
                stage.sequence = place
        return True

    # === BUSINESS METHODS === #

    def _get_columns(self):
        """The stages of the pipeline in the order of this process."""
        return self.stage_ids.sorted("sequence").stage_id._origin

    def _check_publishable(self):
        """Refuse to publish a process that cannot work, with all reasons at once."""
        self.ensure_one()
        problems = self._get_publish_problems()
        if problems:
            raise UserError(
                "\n".join(
                    [
                        self.env._("“%s” cannot go live yet:", self.display_name),
                        *(f"  • {problem}" for problem in problems),
                    ]
                )
            )

    def _get_publish_problems(self):
        """What has to be mended first, as texts."""
        self.ensure_one()
        if not self.stage_ids:
            return [self.env._("It has no stages yet. Add them first.")]
        problems = []
        won = self.stage_ids.filtered("stage_id.is_won")
        if not won:
            problems.append(
                self.env._(
                    "It does not end in a won stage, so its deals could never be won. "
                    "Add one as the last stage."
                )
            )
        if won == self.stage_ids:
            problems.append(
                self.env._("It has nothing but a won stage. Add the way to it.")
            )
        checks = [self._check_stage_order, self._parse_lead_domain]
        checks += [c._check_parameters for c in self.stage_ids.criterion_ids]
        for check in checks:
            try:
                check()
            except ValidationError as error:
                problems.append(error.args[0])
        return problems

    def _get_hints(self):
        """Advice on the design, as texts; nothing here keeps it from going live."""
        self.ensure_one()
        stages = self.stage_ids.sorted("sequence").filtered("stage_id")
        working = stages.filtered(lambda s: not s.stage_id.is_won)
        hints = []
        for stage in working:
            hints += self._get_stage_hints(stage, first=stage == stages[0])
        hints += self._get_probability_hints(stages)
        hints += self._get_pipeline_hints()
        hints += self._get_rule_hints()
        return hints

    def _get_stage_hints(self, stage, first=False):
        name, criteria = stage.stage_id.name, stage.criterion_ids
        if not stage.buyer_step:
            yield self.env._(
                "“%s” does not say what the buyer does in it. A stage without a step "
                "of the buyer only mirrors our own work.",
                name,
            )
        if not criteria:
            yield self.env._(
                "“%s” has no exit criterion: deals leave it unproven.", name
            )
        elif not first and all(
            c.verifier == "system" and c.kind in SELF_DECLARED_KINDS for c in criteria
        ):
            yield self.env._(
                "Everything that “%s” asks can be said by the salesperson alone. Add a "
                "meeting, a mail, a document, a sign-off or the buyer's confirmation.",
                name,
            )
        if not stage.expected_days:
            yield self.env._(
                "“%s” has no expected days, so nobody sees a deal standing still.", name
            )
        for criterion in criteria:
            if criterion.kind == "customer" and not criterion.statement:
                yield self.env._(
                    "“%s” does not say what the buyer is asked to confirm.",
                    criterion.name,
                )

    def _get_probability_hints(self, stages):
        for before, after in zip(stages, stages[1:], strict=False):
            if after.probability <= before.probability:
                yield self.env._(
                    "The probability does not rise from “%(before)s” to “%(after)s”.",
                    before=before.stage_id.name,
                    after=after.stage_id.name,
                )

    def _get_pipeline_hints(self):
        """Where the path and the columns of Odoo's pipeline do not go together."""
        columns = self._get_columns()
        for stage in columns.filtered("team_ids"):
            outside = self.team_ids._origin - stage.team_ids
            if outside or not self.team_ids:
                yield self.env._(
                    "The stage “%(stage)s” belongs to %(teams)s. Other teams whose "
                    "deals follow this process do not see it as a column.",
                    stage=stage.name,
                    teams=", ".join(stage.team_ids.mapped("name")),
                )
        if columns.sorted().ids != columns.ids:
            yield self.env._(
                "The columns of the pipeline stand in another order than these "
                "stages: %s.",
                " › ".join(columns.sorted().mapped("name")),
            )

    def _get_rule_hints(self):
        """Whether another process takes all deals before this one is asked."""
        live = self.search([("state", "=", "live"), ("stage_ids", "!=", False)])
        for other in live - self._origin - self._origin._family():
            if (other.sequence, other.name) >= (self.sequence, self.name or ""):
                continue
            company = not other.company_id or other.company_id == self.company_id
            teams = not other.team_ids or (
                self.team_ids and self.team_ids._origin <= other.team_ids
            )
            filters = (other.lead_domain or "[]") in ("[]", self.lead_domain)
            if company and teams and filters:
                yield self.env._(
                    "New deals never get this process: “%s” comes first and takes all "
                    "of them. Change the order or the rules.",
                    other.display_name,
                )
                return
