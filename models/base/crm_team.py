from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmTeam(models.Model):
    """Teams form a tree; whoever leads a team leads everything below it."""

    _inherit = "crm.team"
    _parent_name = "sales_parent_id"

    sales_parent_id = fields.Many2one(
        comodel_name="crm.team",
        string="Parent Team",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The leader of the parent team sees and decides for this team too.",
    )
    sales_child_ids = fields.One2many(
        comodel_name="crm.team", inverse_name="sales_parent_id", string="Sub-teams"
    )
    sales_path = fields.Char(
        string="Team", compute="_compute_sales_path", recursive=True
    )
    # Stored as rows, not as a path: the record rules of deals and orders then need
    # one plain join and stay right for people who lead several teams.
    sales_manager_ids = fields.Many2many(
        comodel_name="res.users",
        relation="sales_crm_team_manager_rel",
        column1="team_id",
        column2="user_id",
        string="Leaders up the Tree",
        compute="_compute_sales_manager_ids",
        store=True,
        recursive=True,
        help="The leader of this team and of every team above it.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("sales_parent_id")
    def _check_sales_parent_id(self):
        if self._has_cycle("sales_parent_id"):
            raise ValidationError(
                self.env._(
                    "A team cannot be its own parent. Choose a parent team that does "
                    "not itself report to this team."
                )
            )

    # === COMPUTE METHODS === #

    @api.depends("name", "sales_parent_id.sales_path")
    @api.depends_context("lang")
    def _compute_sales_path(self):
        for team in self:
            # The parent may belong to a company the user does not work in.
            parent = team.sudo().sales_parent_id.sales_path
            name = team.name or ""
            team.sales_path = f"{parent} › {name}" if parent else name

    @api.depends("user_id", "sales_parent_id", "sales_parent_id.sales_manager_ids")
    def _compute_sales_manager_ids(self):
        for team in self:
            team.sales_manager_ids = (
                team.user_id | team.sales_parent_id.sales_manager_ids
            )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        teams._sales_settle_managers()
        return teams

    def write(self, vals):
        result = super().write(vals)
        if {"user_id", "sales_parent_id"} & vals.keys():
            self._sales_settle_managers()
        return result

    def _sales_settle_managers(self):
        """Record rules read the rows in SQL, so they have to be there at once."""
        self.flush_model(["sales_manager_ids"])

    # === BUSINESS METHODS === #

    def _sales_leaders(self):
        """The leader of this team, then those up the tree, nearest first."""
        self.ensure_one()
        leaders, team = self.env["res.users"], self
        while team:
            leaders |= team.user_id
            team = team.sales_parent_id
        return leaders
