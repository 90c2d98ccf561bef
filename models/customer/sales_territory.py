from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

# What decides which territory a customer belongs to, beside the rules.
DECISIVE = frozenset({"parent_id", "sequence", "active", "company_id"})


class SalesTerritory(models.Model):
    """A part of the market: who belongs to it is said by its rules.

    Territories form a tree. A customer belongs to one territory, and by it to those it
    lies in.
    """

    _name = "sales.territory"
    _description = "Sales Territory"
    _parent_store = True
    _order = "sequence, id"
    _rec_name = "complete_name"
    _rec_names_search = ["complete_name"]
    _check_company_auto = True

    name = fields.Char(required=True)
    complete_name = fields.Char(
        string="Territory",
        compute="_compute_complete_name",
        store=True,
        recursive=True,
    )
    parent_id = fields.Many2one(
        comodel_name="sales.territory",
        string="Lies in",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many(
        comodel_name="sales.territory",
        inverse_name="parent_id",
        string="Sub-territories",
    )
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=1_000_000,  # a new one comes last among those beside it
        help="Where two territories fit equally well, the first one gets the customer.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        index="btree_not_null",
        help="Empty: for customers and deals of every company. Else only for those "
        "that belong to this company.",
    )
    user_ids = fields.Many2many(
        comodel_name="res.users",
        string="Responsible",
        domain="[('share', '=', False)]",
        help="Who looks after the customers here.",
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )
    notes = fields.Text()
    rule_ids = fields.One2many(
        comodel_name="sales.territory.rule",
        inverse_name="territory_id",
        string="Rules",
        copy=True,
    )
    rule_summary = fields.Char(
        string="Who Belongs Here", compute="_compute_rule_summary"
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("company_id", "parent_id")
    def _check_companies(self):
        """What lies in the territory of a company belongs to that company."""
        for territory in self | self.child_ids:
            outer = territory.parent_id.company_id
            if outer and territory.company_id != outer:
                raise ValidationError(
                    self.env._(
                        "“%(inner)s” lies in “%(outer)s”, which is for %(company)s "
                        "alone. Choose that company for both, or none for “%(outer)s”.",
                        inner=territory.name,
                        outer=territory.parent_id.name,
                        company=outer.name,
                    )
                )

    def _check_no_circle(self, parent_id):
        """Asked before it is written: Odoo's own words name nothing."""
        parent = self.browse(parent_id)
        around = {int(key) for key in (parent.parent_path or "").split("/") if key}
        for territory in self:
            if territory.id in around:
                raise ValidationError(
                    self.env._(
                        "“%(inner)s” cannot lie in “%(outer)s”, which is the same or "
                        "lies in it. Choose another one.",
                        inner=territory.name,
                        outer=parent.name,
                    )
                )

    # === COMPUTE METHODS === #

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for territory in self:
            outer = territory.parent_id.complete_name
            name = territory.name or ""
            territory.complete_name = f"{outer} / {name}" if outer else name

    @api.depends("rule_ids.display_name")
    @api.depends_context("lang")
    def _compute_rule_summary(self):
        for territory in self:
            names = territory.rule_ids.mapped("display_name")
            territory.rule_summary = "; ".join(names)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        territories = super().create(vals_list)
        territories._renumber()
        territories._note_change()
        return territories

    def write(self, vals):
        if vals.get("parent_id"):
            self._check_no_circle(vals["parent_id"])
        result = super().write(vals)
        if "parent_id" in vals:
            self._renumber()
        if DECISIVE & vals.keys():
            self._note_change()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_outer(self):
        for territory in self:
            inner = territory.with_context(active_test=False).child_ids - self
            if inner:
                raise UserError(
                    self.env._(
                        "“%(inner)s” lies in “%(outer)s”. Move or delete it first.",
                        inner=inner[0].name,
                        outer=territory.name,
                    )
                )
        self._note_change()

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for territory, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", territory.name)
        return vals_list

    def web_resequence(self, specification, field_name="sequence", offset=0):
        rows = super().web_resequence(specification, field_name, offset)
        if field_name == "sequence":
            self._renumber()
        return rows

    def _renumber(self):
        """Number territories as a tree is read: each before those that lie in it."""
        territories = self.sudo().with_context(active_test=False)  # one order for all
        inner = territories.search(Domain.TRUE).grouped("parent_id")
        waiting = list(reversed(inner.get(territories.browse(), self.browse())))
        number = 0
        while waiting:
            territory = waiting.pop()
            number += 10
            if territory.sequence != number:
                territory.sequence = number
            waiting.extend(reversed(inner.get(territory, self.browse())))

    # === CHANGES === #

    @api.model
    def _note_change(self):
        """Who belongs where may have changed: see ``sales.territory.assignment``."""
        self.env.registry.clear_cache()
        self.env["sales.territory.assignment"]._note_change()
