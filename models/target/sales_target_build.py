from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .sales_target import COMPANY_LETTER, OWNER_LETTERS, TREES

# The field and the letter of each kind of owner, by its model.
KINDS = {
    "crm.team": "team_id",
    "res.users": "user_id",
    "res.partner": "partner_id",
    "sales.territory": "territory_id",
    "product.category": "product_category_id",
}


class SalesTargetPlan(models.Model):
    """Who has targets: owners come and go."""

    _inherit = "sales.target.plan"

    def action_add_owners(self):
        """Choose who gets targets to be filled in."""
        self.ensure_one()
        self._check_editable()
        return self._open_wizard("sales.target.owners", self.env._("Add Owners"))

    def _targets(self):
        """Those the user may see, also where the system has read the others before."""
        domain = [("plan_id", "in", self.ids)]
        return self.env["sales.target"].search(domain, order="date_from, node, id")

    def _open_wizard(self, model, name, **context):
        """Open a wizard for this plan."""
        defaults = {f"default_{key}": value for key, value in context.items()}
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_plan_id": self.id, **defaults},
        }

    def _add_owners(self, company=True, teams=None, people=True, others=(), below=None):
        """Give owners targets to be filled in; whoever has some keeps them.

        The number of queries does not depend on how many there are.

        :param bool company: whether the company itself has targets
        :param teams: ``crm.team``, each with those below; all of the company by default
        :param bool people: whether the members of the teams have targets
        :param others: recordsets of dealers, territories or product categories
        :param below: the team the others stand under, else the company
        :return: the targets that are new
        """
        self.ensure_one()
        self._check_editable()
        nodes = self._team_nodes(company, teams)
        members = []
        if people:
            members = [
                (f"{node}/u{user.id}", {"user_id": user.id})
                for team, node in nodes.items()
                for user in self._members_of(team)
            ]
        wanted = [(node, {"team_id": team.id}) for team, node in nodes.items()]
        if company and not self._top_is_hidden():
            wanted.insert(0, (COMPANY_LETTER, {}))
        top = nodes.get(below) or self._node_of(below) or (company and COMPANY_LETTER)
        for records in others:
            wanted += self._tree_nodes(records, top)
        return self._add_nodes(wanted + members)

    def _top_is_hidden(self):
        """Whether the user leads a part of the company only."""
        return not self.env.user.has_group("sales_process.group_director")

    def _members_of(self, team):
        """Who works in a team, without who left the company, or leads it and asks."""
        members = team.crm_team_member_ids.user_id.filtered("active")
        members = members.filtered(lambda user: self.company_id in user.company_ids)
        return members - self.env.user if self._top_is_hidden() else members

    def _node_of(self, owner):
        """The place of a team in the tree; None where it has none."""
        found = self._targets().filtered(lambda target: target.team_id == owner)
        return found[:1].node if owner else None

    def _team_nodes(self, company, teams):
        """The places of teams: ``{team: node}``, from the top.

        A team stands under the nearest team above it that has targets too.
        """
        model = self.env["crm.team"]
        domain = Domain("company_id", "in", (self.company_id.id, False))
        if self._top_is_hidden():
            domain &= Domain("sales_manager_ids", "in", self.env.uid)
        if teams is not None:
            domain &= Domain("id", "child_of", teams.ids)
        chosen = model.search(domain)
        known = {
            target.team_id: target.node
            for target in self._targets()
            if target.team_id and target.scope_team_id == target.team_id
        }
        top = COMPANY_LETTER if company or self._has_company() else ""
        placed = {}

        def place(team):
            if team in known:
                placed[team] = known[team]
            elif team not in placed:
                above = team.sales_parent_id
                while above and above not in chosen and above not in known:
                    above = above.sales_parent_id
                node = place(above) if above else top
                placed[team] = f"{node}/t{team.id}" if node else f"t{team.id}"
            return placed[team]

        for team in chosen:
            place(team)
        return dict(sorted(placed.items(), key=lambda item: item[1].count("/")))

    def _has_company(self):
        nodes = self.sudo().target_ids.mapped("node")  # whether there is one at all
        return COMPANY_LETTER in nodes

    def _tree_nodes(self, records, top):
        """The places of dealers, or of territories and categories with what is in them.

        :return: list of (node, values of the owner), from the top
        """
        name = KINDS[records._name]
        above = TREES.get(name)
        if above:
            records = records.search([("id", "child_of", records.ids)])
        letter = OWNER_LETTERS[name]
        nodes = {}

        def place(record):
            if record not in nodes:
                outer = record[above] if above else record.browse()
                node = place(outer) if outer in records else top
                own = f"{letter}{record.id}"
                nodes[record] = f"{node}/{own}" if node else own
            return nodes[record]

        rows = [(place(record), {name: record.id}) for record in records]
        return sorted(rows, key=lambda row: row[0].count("/"))

    def _add_nodes(self, wanted, since=None):
        """Create the targets of places that have none: one create per level.

        :param list wanted: of (node, values of the owner); above before below
        :param date since: only for periods that are not over on this day
        :raise UserError: for a place under an owner that has no targets
        """
        targets = self.env["sales.target"]
        known = {(target.node, target.date_from): target for target in self._targets()}
        periods = [p for p in self._periods() if not since or p[1] > since]
        new = targets
        levels = {}
        for node, owner in wanted:
            levels.setdefault(node.count("/"), {})[node] = owner
        for _depth, nodes in sorted(levels.items()):
            keys, vals_list = [], []
            for node, owner in nodes.items():
                above = node.rpartition("/")[0]
                if above and not any(
                    (place, first) in known
                    for place in (above, node)
                    for first, _after in periods
                ):
                    self._refuse_without_parent(owner)
                for first, after in periods:
                    parent = known.get((above, first), targets)
                    if (node, first) in known or (above and not parent):
                        continue
                    keys.append((node, first))
                    vals_list.append(
                        {
                            "plan_id": self.id,
                            "parent_id": parent.id,
                            "date_from": first,
                            "date_to": after,
                            **owner,
                        }
                    )
            made = targets.create(vals_list)
            known |= dict(zip(keys, made, strict=True))
            new |= made
        return new

    def _refuse_without_parent(self, owner):
        name = self.env["sales.target"].new({**owner, "plan_id": self.id}).owner_name
        raise UserError(
            self.env._(
                "Nobody above %(owner)s has targets in “%(plan)s” yet. Add the owners "
                "above first.",
                owner=name,
                plan=self.display_name,
            )
        )

    def _remove_owners(self, nodes):
        """Take owners out, with everybody below them.

        :param nodes: places in the tree
        """
        self._check_editable()
        domain = Domain.OR(
            Domain("node", "=", node) | Domain("node", "=like", f"{node}/%")
            for node in nodes
        )
        targets = self.env["sales.target"].search(
            Domain("plan_id", "=", self.id) & domain
        )
        targets.unlink()
