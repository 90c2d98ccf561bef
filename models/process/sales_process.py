import ast

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..base.guards import refuse_protected
from .process_config import load_config

# What a deal's way through the process depends on. Once deals follow a process, these
# only change in a new version; texts and material can always be improved in place.
# Stages and exit criteria guard themselves, also when they are written through here.
STRUCTURE_FIELDS = frozenset({"currency_id", "company_id"})


class SalesProcess(models.Model):
    """How a customer buys, as ordered stages with verifiable exits.

    A process picks and orders stages of Odoo's own pipeline (``crm.stage``); one stage
    may serve several processes. A deal is pinned to one version of one process.
    """

    _name = "sales.process"
    _description = "Sales Process"
    _inherit = ["mail.thread"]
    _order = "sequence, name, version desc, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10, help="The first process whose rules fit a new deal is taken."
    )
    description = fields.Text(
        translate=True, help="Which customers and deals this process is made for."
    )
    state = fields.Selection(
        selection=[("draft", "Draft"), ("live", "Live"), ("retired", "Retired")],
        default="live",
        required=True,
        copy=False,
        tracking=True,
        help="Draft: being designed. Live: new deals get it. Retired: replaced by a "
        "newer version, only the deals already in it still follow it.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        help="Empty: deals of every company may follow this process.",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Currency of the minimum amounts of the exit criteria.",
    )
    team_ids = fields.Many2many(
        comodel_name="crm.team",
        string="Sales Teams",
        domain="company_id and [('company_id', 'in', (company_id, False))] or []",
        help="Empty: deals of every team.",
    )
    lead_domain = fields.Char(
        string="Deals",
        help="Only deals that fit this filter get the process.",
    )
    stage_ids = fields.One2many(
        comodel_name="sales.process.stage",
        inverse_name="process_id",
        string="Stages",
        copy=True,
    )
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_version_id = fields.Many2one(
        comodel_name="sales.process",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    next_version_ids = fields.One2many(
        comodel_name="sales.process",
        inverse_name="previous_version_id",
        string="Next Versions",
        context={"active_test": False},
    )
    family_id = fields.Many2one(
        comodel_name="sales.process",
        string="First Version",
        compute="_compute_family_id",
        store=True,
        recursive=True,
        index=True,
        ondelete="cascade",
        help="The same for all versions of a process.",
    )
    lead_count = fields.Integer(
        string="Open Deals", compute="_compute_lead_count", compute_sudo=True
    )
    previous_lead_count = fields.Integer(
        string="Deals on Older Versions",
        compute="_compute_lead_count",
        compute_sudo=True,
    )
    in_use = fields.Boolean(compute="_compute_in_use", compute_sudo=True)
    structure_locked = fields.Boolean(
        compute="_compute_in_use",
        compute_sudo=True,
        help="Deals follow this version, so its stages and exit criteria are fixed.",
    )
    stage_count = fields.Integer(
        string="Number of Stages", compute="_compute_stage_count"
    )
    stage_names = fields.Char(string="Path", compute="_compute_stage_count")

    # === CONSTRAINT METHODS === #

    @api.constrains("lead_domain")
    def _check_lead_domain(self):
        for process in self:
            process._parse_lead_domain()

    @api.constrains("company_id", "team_ids")
    def _check_team_ids(self):
        """A process of one company has its teams; a shared one may name any team."""
        for process in self.filtered("company_id"):
            foreign = process.sudo().team_ids.filtered(  # also teams out of reach
                lambda team, company=process.company_id: team.company_id - company
            )
            if foreign:
                raise ValidationError(
                    self.env._(
                        "The team “%(team)s” belongs to %(company)s, the process "
                        "“%(process)s” to another company.",
                        team=foreign[0].name,
                        company=foreign[0].company_id.name,
                        process=process.name,
                    )
                )

    @api.constrains("state", "stage_ids")
    def _check_live_stages(self):
        for process in self.filtered(lambda p: p.state == "live" and p.stage_ids):
            process._check_stage_order()

    def _check_stage_order(self):
        stages = self.stage_ids.sorted()
        won = stages.filtered("stage_id.is_won")
        if won and stages[: len(stages) - len(won)] & won:
            raise ValidationError(
                self.env._(
                    "In “%(process)s” the stage “%(stage)s” counts as won but is not "
                    "the last one. Move it to the end.",
                    process=self.name,
                    stage=won[0].name,
                )
            )

    def _move_won_to_end(self):
        """What is added to a draft comes before the won stage."""
        self.ensure_one()
        won = self.stage_ids.filtered("stage_id.is_won")
        last = max((self.stage_ids - won).mapped("sequence"), default=0)
        won.filtered(lambda s: s.sequence <= last).sequence = last + 1

    # === COMPUTE METHODS === #

    @api.depends("name", "version")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for process in self:
            name = process.name or ""
            if process.version > 1:
                name = self.env._(
                    "%(name)s (version %(version)s)", name=name, version=process.version
                )
            process.display_name = name

    @api.depends_context("allowed_company_ids")
    def _compute_lead_count(self):
        older = {process: process._older_versions() for process in self}
        counted = self.browse().concat(self, *older.values())
        counts = dict(
            self.env["crm.lead"]._read_group(
                self._open_deals_domain(counted), ["sales_process_id"], ["__count"]
            )
        )
        for process in self:
            process.lead_count = counts.get(process._origin, 0)
            process.previous_lead_count = sum(
                counts.get(version, 0) for version in older[process]
            )

    @api.depends("state")
    def _compute_in_use(self):
        used = self._filter_in_use()
        for process in self:
            process.in_use = process in used
            process.structure_locked = process.in_use and process.state != "draft"

    @api.depends("stage_ids.stage_id.name")
    @api.depends_context("lang")
    def _compute_stage_count(self):
        for process in self:
            names = process.stage_ids.sorted("sequence").stage_id.mapped("name")
            process.stage_count = len(names)
            process.stage_names = " › ".join(filter(None, names))

    @api.onchange("company_id")
    def _onchange_company_id(self):
        """Minimum amounts are in the currency of the company, where there is one."""
        if self.company_id and not self.structure_locked:
            self.currency_id = self.company_id.currency_id

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        processes = super().create(vals_list)
        self.env.registry.clear_cache()
        return processes

    def write(self, vals):
        if STRUCTURE_FIELDS & vals.keys():
            self._check_structure_open()
        if vals.get("state") == "draft":
            self._check_not_in_use()
        refuse_protected(self, vals, {"version", "previous_version_id"})
        result = super().write(vals)
        if {"state", "active", "company_id"} & vals.keys():
            self._withdraw_default()
        self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for process in self._filter_in_use():
            raise UserError(
                self.env._(
                    "“%s” has deals in it and cannot be deleted. Archive it: "
                    "the deals keep it and new deals get another one.",
                    process.display_name,
                )
            )
        self.env.registry.clear_cache()

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for process, vals in zip(self, vals_list, strict=True):
            vals.setdefault("state", "draft")  # two live ones would compete for deals
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", process.name)
        return vals_list

    # === ACTION METHODS === #

    def action_view_leads(self):
        """Open the open deals of this process."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm.crm_lead_opportunities"
        )
        action.update(
            domain=[("sales_process_id", "=", self.id), ("type", "=", "opportunity")],
            context={
                "default_type": "opportunity",
                "default_sales_process_id": self.id,
            },
            display_name=self.display_name,
        )
        return action

    # === BUSINESS METHODS === #

    def _check_structure_open(self):
        """Refuse a structural change of a process that deals already follow."""
        for process in self.filtered(lambda p: p.state != "draft")._filter_in_use():
            raise UserError(
                self.env._(
                    "Deals already follow “%(process)s”, so its stages and exit "
                    "criteria are fixed: what was proven must stay comparable. "
                    "Press “New version”, change that one and publish it.",
                    process=process.display_name,
                )
            )

    def _filter_in_use(self):
        """Those that deals follow, archived deals included.

        Asks the database each time: a guard must not trust the cache of a field that
        nothing invalidates when a deal enters.
        """
        leads = self.env["crm.lead"].sudo()  # deals of all teams and companies count
        leads = leads.with_context(active_test=False)
        return self.filtered(
            lambda process: leads.search_count(
                [("sales_process_id", "in", process.ids)], limit=1
            )
        )

    def _check_not_in_use(self):
        """A process that deals follow never becomes a draft again."""
        for process in self.filtered(lambda p: p.state != "draft")._filter_in_use():
            raise UserError(
                self.env._(
                    "Deals already follow “%s”, so it cannot become a draft again. "
                    "Press “New version” and change that one.",
                    process.display_name,
                )
            )

    def _parse_lead_domain(self):
        """The filter on deals as a domain.

        :raise ValidationError: when it is no domain over the fields of a deal
        """
        self.ensure_one()
        try:
            domain = Domain(ast.literal_eval(self.lead_domain or "[]"))
            domain.validate(self.env["crm.lead"])
        except (ValueError, SyntaxError, TypeError, KeyError) as error:
            raise ValidationError(
                self.env._(
                    "The filter on deals of “%(process)s” cannot be read: %(error)s",
                    process=self.name,
                    error=error,
                )
            ) from error
        return domain

    def _matching_leads(self, leads):
        """Those of ``leads`` that the rules of this process claim.

        A process that lacks the stage a deal is already in is left to the fallback.
        """
        self.ensure_one()
        stages, teams, company = self.stage_ids.stage_id, self.team_ids, self.company_id
        if not stages:
            return leads.browse()
        return leads.filtered(
            lambda lead: (
                (not company or lead.company_id == company)
                and (not teams or lead.team_id in teams)
            )
        ).filtered_domain(self._parse_lead_domain())

    @tools.ormcache("self.id")
    def _sales_config(self):
        """Everything the gate needs of this process, as plain data, cached.

        See ``load_config`` in ``process_config.py``.
        """
        return load_config(self.env, self.id)

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _notify(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
