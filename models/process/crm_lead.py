from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..base.guards import refuse_protected
from ..base.whole import as_a_whole

# Set by the engine alone: a readonly field is still writable over RPC.
ENGINE_FIELDS = frozenset({"sales_stage_id", "sales_entry_stage_id"})
# Follows stage, probability and archive; written, it would win without any of them.
OUTCOME_FIELDS = frozenset({"won_status"})
# A new salesperson brings a new team along.
TEAM_FIELDS = frozenset({"team_id", "user_id"})


class CrmLead(models.Model):
    """A deal follows one version of one process; see ``crm_lead_gate`` for the exits.

    This file holds the addon's only ``create`` and ``write`` of deals. Capabilities
    hook into ``_sales_before_write``, ``_sales_after_write`` and
    ``_sales_after_create`` instead, so import order never matters.
    """

    _inherit = "crm.lead"

    sales_process_id = fields.Many2one(
        comodel_name="sales.process",
        index="btree_not_null",
        copy=False,
        tracking=True,
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'live'), ('company_id', 'in', (company_id, False))]",
        help="The version of the process this deal follows.",
    )
    sales_stage_id = fields.Many2one(
        comodel_name="sales.process.stage",
        string="Process Stage",
        compute="_compute_sales_stage_id",
        store=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    sales_entry_stage_id = fields.Many2one(
        comodel_name="sales.process.stage",
        string="Entered the Process in",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Exits before this stage were never checked here: they show as imported.",
    )
    sales_evidence_ids = fields.One2many(
        comodel_name="sales.evidence",
        inverse_name="lead_id",
        string="Evidence",
        readonly=True,
    )
    sales_stakeholder_ids = fields.One2many(
        comodel_name="sales.stakeholder",
        inverse_name="lead_id",
        string="Buying Committee",
    )
    sales_waiver_count = fields.Integer(
        string="Waivers", compute="_compute_sales_waiver_count", compute_sudo=True
    )

    # === COMPUTE METHODS === #

    @api.depends("sales_process_id", "stage_id")
    def _compute_sales_stage_id(self):
        for lead in self:
            position = lead._sales_position()
            lead.sales_stage_id = (
                lead._sales_stages()[position]["id"] if position >= 0 else False
            )

    @api.depends("sales_evidence_ids")
    def _compute_sales_waiver_count(self):
        counts = dict(
            self.env["sales.evidence"]._read_group(
                [("lead_id", "in", self.ids), ("source", "=", "waiver")],
                ["lead_id"],
                ["__count"],
            )
        )
        for lead in self:
            lead.sales_waiver_count = counts.get(lead, 0)

    @api.depends("team_id", "type")
    def _compute_stage_id(self):
        """A new owner or team never moves a deal that follows a process."""
        kept = self.filtered(lambda lead: lead.stage_id and lead.sales_process_id)
        for lead in kept:
            lead.stage_id = lead.stage_id
        return super(CrmLead, self - kept)._compute_stage_id()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._sales_check_engine_fields(vals)
            vals.setdefault("sales_entry_stage_id", False)  # no default may set it
        with as_a_whole(self):
            leads = super().create(vals_list)
        leads._sales_after_create(vals_list)
        return leads

    def write(self, vals):
        vals = dict(vals)  # core adds keys to the dict it is given
        self._sales_check_engine_fields(vals)
        moves = self._sales_before_write(vals)
        teams = self._sales_plain_teams() if TEAM_FIELDS & vals.keys() else {}
        with as_a_whole(self):
            result = super().write(vals)
        self._sales_after_write(vals, moves)
        if teams:
            self._sales_join_teams(teams)
        return result

    def _sales_check_engine_fields(self, vals):
        refuse_protected(self, vals, OUTCOME_FIELDS)
        if ENGINE_FIELDS & vals.keys() and not self.env.su:
            raise AccessError(
                self.env._(
                    "The process stage of a deal follows its stage. Move the deal to "
                    "another stage instead."
                )
            )

    # === HOOKS === #

    def _sales_check_whole(self):
        """Hook: check what lines have to be together. Raise to refuse them."""

    def _sales_after_create(self, vals_list):
        """Hook: deals were created with ``vals_list`` (one dict each, same order)."""
        given = self.filtered("sales_process_id")
        given._sales_check_given_process()
        chosen = self.browse(
            lead.id
            for lead, vals in zip(self, vals_list, strict=True)
            if vals.get("stage_id")
        )
        self._sales_assign_process(keep_stage=chosen)
        self.filtered("sales_process_id")._sales_check_created_won()

    def _sales_before_write(self, vals):
        """Hook: ``vals`` are about to be written. Raise to refuse them.

        :return: what :meth:`_sales_after_write` needs to know of the state before
        """
        if "date_last_stage_update" in vals and self.sales_process_id:
            refuse_protected(self, vals, {"date_last_stage_update"})
        if "sales_process_id" in vals:
            self._sales_check_switch(vals)
        if not vals.get("stage_id", True) and self.sales_process_id:
            raise UserError(
                self.env._("A deal in a sales process always has a stage. Choose one.")
            )
        if "stage_id" in vals:
            return self._sales_gate(self.env["crm.stage"].browse(vals["stage_id"]))
        return None

    def _sales_after_write(self, vals, moves):
        """Hook: ``vals`` were written. ``moves`` comes from ``_sales_before_write``."""
        if moves:
            moves.record()
        if "sales_process_id" in vals:
            self._sales_align_stage()
        elif vals.get("type") == "opportunity":
            entering = self.filtered(lambda lead: not lead.sales_process_id)
            self._sales_assign_process()
            entering.filtered("sales_process_id")._sales_check_created_won()
        if {"active", "probability", "lost_reason_id"} & vals.keys():
            self._sales_check_lost()

    # === PROCESS OF A DEAL === #

    def _sales_stages(self):
        """Stages of this deal's process, as plain data in order; () without one."""
        self.ensure_one()
        process = self.sales_process_id
        return process._sales_config() if process else ()

    def _sales_position(self, stage=None):
        """Index of a pipeline stage within the process; -1 when it is not part of it.

        :param stage: ``crm.stage`` record, the deal's own by default
        """
        stage = self.stage_id if stage is None else stage
        return next(
            (
                index
                for index, config in enumerate(self._sales_stages())
                if config["stage_id"] == stage.id
            ),
            -1,
        )

    def _sales_entry_position(self):
        entry = self.sales_entry_stage_id.id
        return next(
            (
                index
                for index, config in enumerate(self._sales_stages())
                if config["id"] == entry
            ),
            0,
        )

    def _sales_assign_process(self, keep_stage=None):
        """Give each opportunity without a process the first one whose rules claim it.

        A process that has the stage a person chose is preferred; a deal that nobody
        claims follows the company's default process, if there is one.

        :param keep_stage: deals whose stage was chosen by a person
        """
        keep_stage = self.browse() if keep_stage is None else keep_stage
        waiting = self.filtered(
            lambda lead: lead.type == "opportunity" and not lead.sales_process_id
        )
        if waiting:
            for process, leads in waiting._sales_match_processes(keep_stage).items():
                leads._sales_enter_process(process, keep_stage=keep_stage)
        entered = (self - waiting).filtered(
            lambda lead: lead.sales_process_id and not lead.sales_entry_stage_id
        )
        for process, leads in entered.grouped("sales_process_id").items():
            leads._sales_enter_process(process, keep_stage=keep_stage)
        if not self.env.context.get("import_file"):  # history is no new work
            (waiting | entered)._sales_launch_stage_plans()

    def _sales_plain_teams(self):
        """``{open deal without a process: its team}``"""
        return {
            lead: lead.team_id
            for lead in self
            if not lead.sales_process_id and lead.won_status == "pending"
        }

    def _sales_join_teams(self, teams):
        """Give deals that came to another team its process; their stage stays.

        Else a deal recorded under a team without a process would never meet the gate.

        :param teams: ``{deal: its team before}``
        """
        joined = self.filtered(
            lambda lead: lead in teams and lead.team_id != teams[lead]
        )
        if joined:
            joined._sales_assign_process(keep_stage=joined)

    def _sales_match_processes(self, keep_stage):
        """``{process: deals}`` by the rules of the live processes, best first."""
        processes = self.env["sales.process"].sudo()  # rules apply to whoever creates
        processes = processes.search([("state", "=", "live")])
        matched = {}
        claims = [(process, process._matching_leads(self)) for process in processes]
        left = self
        for wants_stage in (True, False):
            for process, claimed in claims:
                leads = claimed & left
                if wants_stage:
                    stages = process.stage_ids.stage_id
                    leads = leads.filtered(
                        lambda lead, stages=stages: (
                            lead not in keep_stage or lead.stage_id in stages
                        )
                    )
                if leads:
                    matched[process] = matched.get(process, self.browse()) | leads
                    left -= leads
        for company, leads in left.grouped("company_id").items():
            setting = (company or self.env.company).sudo()  # a plain setting
            default = setting.sales_default_process_id
            shared = default.company_id in (company, company.browse())
            if shared and default.state == "live" and default.stage_ids:
                matched[default] = matched.get(default, self.browse()) | leads
        return matched

    def _sales_enter_process(self, process, *, keep_stage=None, keep_entry=False):
        """Put the deals into ``process``.

        A deal in a stage that the process does not have starts in the nearest earlier
        one they share, else in its first stage, unless a person chose the stage.

        What lies behind the stage of a deal counts as imported when somebody entitled
        put it there. For anybody else it is owed: nobody skips exits by creating a
        deal late.

        :param keep_stage: deals whose stage stays in any case
        :param bool keep_entry: keep the stage in which they entered, where it exists
        """
        config = process._sales_config()
        by_stage = {stage["stage_id"]: stage["id"] for stage in config}
        keep_stage = keep_stage or self.browse()
        plans = self.grouped(
            lambda lead: (
                lead._sales_start_stage(by_stage, config, lead in keep_stage),
                lead.stage_id.id,
                lead.sales_entry_stage_id.stage_id.id if keep_entry else None,
                lead._sales_may_start_late(self.env.user),
            )
        )
        for (stage_id, here_id, entry_id, late), leads in plans.items():
            vals = {"sales_process_id": process.id}
            if stage_id:
                vals["stage_id"] = stage_id
            if config:
                here = stage_id or here_id
                behind = entry_id if entry_id in by_stage else late and here
                vals["sales_entry_stage_id"] = by_stage.get(behind, config[0]["id"])
            leads._sales_engine_write(vals)

    def _sales_start_stage(self, by_stage, config, keep):
        """Id of the stage to move to when entering a process; False to stay."""
        if keep or not config or self.stage_id.id in by_stage:
            return False
        earlier = self._sales_stages()[: self._sales_position() + 1]
        shared = [stage for stage in earlier if stage["stage_id"] in by_stage]
        return (shared or config)[-1 if shared else 0]["stage_id"]

    def _sales_may_start_late(self, user):
        """Whether ``user`` may record a deal that is already under way."""
        return user.has_group("sales_process.group_designer") or (
            self._sales_is_managed_by(user)
        )

    def _sales_engine_write(self, vals):
        """Write past the gate. Private, so out of reach of any client."""
        # pylint: disable=super-method-mismatch  # this is the point of it
        return super().write(vals)

    def _sales_align_stage(self):
        """After a switch of process: enter the new one where it has the stage."""
        switched = self.filtered(
            lambda lead: lead.sales_entry_stage_id.process_id != lead.sales_process_id
        )
        for process, leads in switched.grouped("sales_process_id").items():
            if process:
                leads._sales_enter_process(process)
                leads._sales_check_created_won()
            else:
                leads._sales_engine_write({"sales_entry_stage_id": False})

    # === GUARDS === #

    def _sales_check_switch(self, vals):
        process = self.env["sales.process"].browse(vals["sales_process_id"] or ())
        switched = self.filtered(
            lambda lead: lead.sales_process_id and lead.sales_process_id != process
        )
        for lead in switched:
            if not lead._sales_is_managed_by(self.env.user):
                raise AccessError(
                    self.env._(
                        "“%s” stays in its sales process. Only the leader of its team "
                        "or a director can switch it.",
                        lead.name,
                    )
                )
        (self - switched)._sales_check_process_allowed(process)

    def _sales_check_given_process(self):
        for process, leads in self.grouped("sales_process_id").items():
            leads._sales_check_process_allowed(process)

    def _sales_check_process_allowed(self, process):
        """A person may choose among the live processes of team and company."""
        if self.env.su or not process:
            return
        for lead in self:
            fits = (not process.team_ids or lead.team_id in process.team_ids) and (
                process.state == "live"
            )
            if not fits and not lead._sales_is_managed_by(self.env.user):
                raise AccessError(
                    self.env._(
                        "“%(process)s” is not open to “%(deal)s”: it is not live or "
                        "not made for its team.",
                        process=process.display_name,
                        deal=lead.name,
                    )
                )

    def _sales_check_created_won(self):
        """A deal recorded as won from the start has skipped every exit."""
        for lead in self.filtered("stage_id.is_won"):
            asked = any(
                rule.severity == "hard"
                for stage in lead._sales_stages()
                for rule in stage["rules"]
            )
            if asked and not lead._sales_is_managed_by(self.env.user):
                raise UserError(
                    self.env._(
                        "“%(deal)s” cannot be created as won: nothing in “%(process)s” "
                        "is proven. Create it in an earlier stage, or ask the leader "
                        "of the team to record it.",
                        deal=lead.name,
                        process=lead.sales_process_id.display_name,
                    )
                )

    def _sales_check_lost(self):
        """Losing asks for what the settings ask."""
        for lead in self.filtered(
            lambda lead: lead.won_status == "lost" and not lead.lost_reason_id
        ):
            company = (lead.company_id or self.env.company).sudo()  # a plain setting
            if company.sales_lost_reason_required:
                raise UserError(
                    self.env._(
                        "Say why “%s” is lost: your company asks for a lost reason.",
                        lead.name,
                    )
                )

    def action_set_lost(self, **additional_values):
        # Core archives first and writes the reason after; a deal at 0 % would count as
        # lost without a reason in between.
        if additional_values.get("lost_reason_id"):
            self.write({"lost_reason_id": additional_values["lost_reason_id"]})
        return super().action_set_lost(**additional_values)

    # === WHO DECIDES === #

    def _sales_is_managed_by(self, user):
        """Whether ``user`` leads the team of this deal (or one above) or directs.

        :rtype: bool
        """
        self.ensure_one()
        if self.env.su or user.has_group("sales_process.group_director"):
            return True
        return (
            user.has_group("sales_process.group_leader")
            and user in self.team_id.sudo().sales_manager_ids  # who leads is no secret
        )

    def _sales_may_waive(self, user):
        """Whether ``user`` may waive exit criteria of this deal, by the settings."""
        self.ensure_one()
        company = (self.company_id or self.env.company).sudo()  # a plain setting
        if company.sales_waive_policy == "director":
            return self.env.su or user.has_group("sales_process.group_director")
        return self._sales_is_managed_by(user)

    def _sales_verifier(self):
        """Who may verify evidence here: leaders, nearest first, else a director."""
        self.ensure_one()
        team = self.team_id.sudo()  # who leads is no secret
        leaders = team._sales_leaders() if team else team.user_id
        leaders = (leaders - self.user_id).filtered("active")
        if leaders:
            return leaders
        group = self.env.ref("sales_process.group_director")
        directors = group.sudo().all_user_ids  # who directs is no secret
        company = self.company_id or self.env.company
        return directors.filtered(
            lambda user: user.active and not user.share and company in user.company_ids
        ).sorted("id") - (self.user_id | self.env.ref("base.user_root"))

    # === REQUESTS === #

    def _sales_request(self, user, summary, note="", **values):
        """Put a to-do about this deal on the desk of ``user``.

        :param str summary: one line, in the language of ``user``
        :param note: HTML
        """
        return self.sudo().activity_schedule(  # to-dos for colleagues
            "mail.mail_activity_data_todo",
            user_id=user.id,
            summary=summary,
            note=note,
            **values,
        )

    # === MERGE, WON STAGE, SCORING === #

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        rows = opportunities.sudo().sales_evidence_ids  # append-only for everybody
        rows.write({"lead_id": self.id})
        asked = opportunities.sudo().sales_confirmation_ids  # links go on working
        asked.write({"lead_id": self.id})
        people = opportunities.sudo().sales_stakeholder_ids  # same deals, same rights
        known = {(p.partner_id, p.role) for p in self.sales_stakeholder_ids}
        for person in people:
            if (person.partner_id, person.role) not in known:
                known.add((person.partner_id, person.role))
                person.lead_id = self
        return result

    def _stage_find(self, team_id=False, domain=None, order="sequence, id", limit=1):
        """Look within the process: "won" is the won stage of this deal's process."""
        process = self.sales_process_id
        if len(process) == 1 and all(lead.sales_process_id for lead in self):
            stages = process.sudo().stage_ids.stage_id  # configuration
            found = stages.filtered_domain(domain or []).sorted("sequence, id")
            if found:
                return found[:limit] if limit else found
        return super()._stage_find(
            team_id=team_id, domain=domain, order=order, limit=limit
        )

    def _pls_get_won_lost_total_count(self, team_results):
        """Also count when every stage belongs to a team.

        Core looks for a first stage without a team and gives up when there is none, so
        no deal would get a probability. The first stage of the data serves as well:
        every deal passes it.
        """
        counts = super()._pls_get_won_lost_total_count(team_results)
        by_stage = team_results.get("stage_id", {})
        seen = [int(stage_id) for stage_id in by_stage if stage_id.isdigit()]
        closed = any(by_stage[str(id_)][key] for id_ in seen for key in ("won", "lost"))
        if any(counts) or not closed:
            return counts
        stages = self.env["crm.stage"]
        if stages.search_count([("team_ids", "=", False)], limit=1):
            return counts
        first = stages.search([("id", "in", seen)], order="sequence, id", limit=1)
        won, lost = (by_stage[str(first.id)][key] for key in ("won", "lost"))
        return won, lost, won + lost
