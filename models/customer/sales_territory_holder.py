from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class SalesTerritoryHolder(models.AbstractModel):
    """What belongs to a territory: by its rules, or because a person said so.

    A model that inherits this gives the places of its records, see ``_sales_places``,
    and extends ``_compute_sales_territory_id`` to say on what they depend.
    """

    _name = "sales.territory.holder"
    _description = "Belongs to a Sales Territory"

    sales_territory_id = fields.Many2one(
        comodel_name="sales.territory",
        compute="_compute_sales_territory_id",
        inverse="_inverse_sales_territory_id",
        store=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        domain="[('company_id', 'in', (company_id, False))]",
        groups="base.group_user",
        help="By the rules of the territories, unless somebody chooses another one. "
        "Emptied, it follows the rules again.",
    )
    sales_territory_manual_id = fields.Many2one(
        comodel_name="sales.territory",
        string="Territory Chosen by Hand",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        groups="base.group_user",
    )
    sales_territory_manual = fields.Boolean(
        string="Territory by Hand",
        compute="_compute_sales_territory_manual",
        search="_search_sales_territory_manual",
        groups="base.group_user",
        help="Somebody chose the territory, so changes of rules and address leave it.",
    )
    sales_territory_note = fields.Char(
        string="Why This Territory",
        compute="_compute_sales_territory_note",
        groups="base.group_user",
    )

    # === HOOKS === #

    def _sales_places(self):
        """What the rules look at: ``{record: Place}``."""
        raise NotImplementedError

    def _sales_territory_source(self):
        """The customer whose territory this record takes over; empty for none."""
        self.ensure_one()
        return self.env["res.partner"]

    # === COMPUTE METHODS === #

    def _compute_sales_territory_id(self):
        found = self._sales_find_territories()
        for record in self:
            territory, _rule = found[record]
            chosen = record._sales_chosen_territory()
            # Unchanged rows are not written again.
            if record.sales_territory_id != (chosen or territory):
                record.sales_territory_id = chosen or territory

    def _sales_chosen_territory(self):
        """The one somebody chose, as long as it is in use and for this company."""
        chosen = self.sales_territory_manual_id.sudo()  # whoever saves the record
        return chosen if chosen._may_hold(self.company_id) else chosen.browse()

    def _sales_find_territories(self):
        """``{record: (territory, rule)}`` by the customer or the rules, not by hand.

        One query for all records. The rule is empty where the customer decides.
        """
        territories = self.env["sales.territory"].sudo()  # whoever saves the record
        rules = self.env["sales.territory.rule"].sudo()  # the same
        found = {}
        for record in self:
            source = record._sales_territory_source()
            inherited = source.sales_territory_id.sudo()  # of what one may see
            if inherited._may_hold(record.company_id):
                found[record] = (inherited, rules)
        left = self.filtered(lambda record: record not in found)
        found |= territories._match(left._sales_places())
        return {record: found.get(record, (territories, rules)) for record in self}

    @api.depends("sales_territory_manual_id")
    def _compute_sales_territory_manual(self):
        for record in self:
            record.sales_territory_manual = bool(record._sales_chosen_territory())

    @api.model
    def _search_sales_territory_manual(self, operator, value):
        if operator != "in":
            return NotImplemented
        chosen = Domain("sales_territory_manual_id.active", "=", True)
        return chosen if True in value else ~chosen

    @api.depends("sales_territory_id", "sales_territory_manual_id")
    @api.depends_context("lang")
    def _compute_sales_territory_note(self):
        territories = self.env["sales.territory"]
        places = self._sales_places()
        found = self._sales_find_territories()
        for record in self:
            territory, rule = found[record]
            source = record._sales_territory_source()
            if rule or not territory:
                note = territories._explain(places[record], territory, rule)
            else:
                note = self.env._(
                    "As the customer: %s", source.sales_territory_note or territory.name
                )
            record.sales_territory_note = record._sales_compare(territory, note)

    def _sales_compare(self, territory, note):
        """Say how what the rules find differs from the territory of this record.

        :param territory: by the rules
        :param str note: why
        """
        if self._sales_chosen_territory():
            name = territory.name or self.env._("none")
            return self.env._(
                "Chosen by hand. By the rules: %(name)s. %(note)s", name=name, note=note
            )
        if not self.sales_territory_id and not territory:
            return False if not self.env["sales.territory"]._any_rule() else note
        if self.sales_territory_id == territory:
            return note
        return self.env._(
            "The rules have changed and give %(name)s now, which comes with the next "
            "assignment. %(note)s",
            name=territory.name or self.env._("none"),
            note=note,
        )

    # === CHOOSING === #

    def _inverse_sales_territory_id(self):
        """Who types another territory than the rules find has chosen it by hand."""
        found = self._sales_find_territories()
        by_rules = self.browse()
        for record in self:
            territory, _rule = found[record]
            typed = record.sales_territory_id
            if typed and not typed.sudo()._may_hold(record.company_id):  # its company
                raise UserError(
                    self.env._(
                        "“%(territory)s” is not for the company of “%(name)s”, or is "
                        "archived. Choose another territory.",
                        territory=typed.sudo().name,  # to say which
                        name=record.display_name,
                    )
                )
            record._sales_choose(typed if typed != territory else typed.browse())
            if not typed and territory:
                by_rules |= record
        self.env.add_to_compute(self._fields["sales_territory_id"], by_rules)

    def _sales_choose(self, territory):
        """Keep what somebody chose, and put it on record."""
        self.ensure_one()
        if self.sales_territory_manual_id != territory:
            self.sales_territory_manual_id = territory

    @api.onchange("sales_territory_id")
    def _onchange_sales_territory_id(self):
        """What is typed stays while other fields of the form change."""
        found = self._sales_find_territories()
        for record in self:
            territory, _rule = found[record]
            typed = record.sales_territory_id._origin
            record.sales_territory_manual_id = typed if typed != territory else False

    def action_sales_territory_by_rules(self):
        """Take back what somebody chose by hand."""
        self.check_access("write")
        self.sales_territory_manual_id = False
        return True
