from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...engine.owner_tree import OwnerTree
from .call_rights import CallRights

DIRECTOR = "sales_process.group_director"
LEADER = "sales_process.group_leader"


class SalesForecastCall(models.Model):
    """Who stands where, and who may give and see whose numbers."""

    _inherit = "sales.forecast.call"

    # === THE TREE === #

    @api.model
    def _owner_tree(self, company):
        """Teams and people of a company as they are now, in two queries.

        :rtype: engine.owner_tree.OwnerTree
        """
        self.env["crm.team"].flush_model()
        self.env["crm.team.member"].flush_model()
        self.env["res.users"].flush_model(["active"])
        teams = self.env.execute_query(
            SQL(
                """
                SELECT t.id, t.sales_parent_id, u.id, t.active
                  FROM crm_team t
             LEFT JOIN res_users u ON u.id = t.user_id AND u.active
                 WHERE t.company_id IS NULL OR t.company_id = %s
                """,
                company.id,
            )
        )
        members = self.env.execute_query(
            SQL(
                """
                SELECT m.user_id, m.crm_team_id
                  FROM crm_team_member m
                  JOIN res_users u ON u.id = m.user_id AND u.active
                 WHERE m.active
                 ORDER BY m.create_date, m.id
                """
            )
        )
        return OwnerTree(teams, members, company.id)

    @api.model
    def _is_director(self):
        return self.env.su or self.env.user.has_group(DIRECTOR)

    @api.model
    def _is_leader(self):
        return self.env.su or self.env.user.has_group(LEADER)

    # === SEEING === #

    @api.model
    def _seen_owners(self, tree, owners):
        """Those whose numbers the user may see: the own, those below, or all."""
        if self._is_director():
            return set(owners)
        uid = self.env.uid
        led = tree.led_by(uid) if self._is_leader() else set()
        return {
            owner
            for owner in owners
            if owner == ("user", uid)
            or (owner[0] == "team" and owner[1] in led)
            or (owner[0] == "user" and led.intersection(tree.teams_above(owner)))
        }

    # === GIVING === #

    @api.model
    def _rights(self, tree):
        """What the user may give.

        :rtype: CallRights
        """
        return CallRights(tree, self.env.uid, self._is_director(), self._is_leader())

    @api.model
    def _may_call(self, tree, owner):
        """Whether the user calls the number of an owner."""
        return self._rights(tree).may_call(owner)

    @api.model
    def _may_adjust(self, tree, owner):
        """Whether the user adjusts the number of an owner."""
        return self._rights(tree).may_adjust(owner)

    @api.model
    def _call_problem(self, tree, owner):
        """Why the user may not call the number of an owner; empty when he may."""
        kind, id_ = owner
        if self._may_call(tree, owner):
            return ""
        if kind == "company":
            return self.env._("Directors call for the company.")
        name = self._name_of(owner)
        if kind == "user":
            return self.env._(
                "%s calls the own number. Adjust it instead, if you lead the team.",
                name,
            )
        if id_ not in tree.active:
            return self.env._("%s is archived.", name)
        caller = tree.caller(id_)
        if caller is None:
            return self.env._("Nobody leads %s, so a director calls its number.", name)
        if caller == self.env.uid:
            return self.env._(
                "You lead %s without the rights of a team leader. Ask an "
                "administrator for them.",
                name,
            )
        return self.env._(
            "%(leader)s calls the number of %(team)s. Adjust it instead, if you lead "
            "a team above.",
            leader=self._name_of(("user", caller)),
            team=name,
        )

    @api.model
    def _adjustment_problem(self, tree, owner):
        """Why the user may not adjust the number of an owner; empty when he may."""
        kind, id_ = owner
        if self._may_adjust(tree, owner):
            return ""
        if kind == "company":
            return self.env._("Nobody is above the company. Call its number instead.")
        name, person = self._name_of(owner), tree.person(owner)
        if person == self.env.uid:
            return self.env._(
                "Nobody adjusts the own number. Call the one of %s instead.", name
            )
        if kind == "team" and id_ not in tree.active:
            return self.env._("%s is archived.", name)
        if person and tree.is_above(person, self.env.uid):
            return self.env._(
                "%s is above you: nobody adjusts a number from above.",
                self._name_of(("user", person)),
            )
        return self.env._(
            "You do not lead %s. Only who leads a team above adjusts the number.", name
        )

    @api.model
    def _rank_problem(self, tree, owner, author):
        """Why an adjustment by somebody may not be replaced; empty when it may.

        Who has left or leads no team above any more cannot defend it.
        """
        if self._is_director() or author.id == self.env.uid:
            return ""
        author = author.sudo()  # what somebody leads is no secret
        rank = tree.rank(owner, author.id)
        if author.active and author.has_group(DIRECTOR):
            rank = float("inf")
        if rank <= tree.rank(owner, self.env.uid):
            return ""
        return self.env._(
            "%(author)s, who is above you, has adjusted the number of %(owner)s. Ask "
            "for another one.",
            author=author.name,
            owner=self._name_of(owner),
        )

    @api.model
    def _reset_problem(self, tree, owner):
        """Why the user may not reset a call; empty when he may.

        Directors reset those of whom nobody calls for any more.
        """
        problem = self._call_problem(tree, owner)
        if problem and self._is_director():
            kind, id_ = owner
            is_there = id_ in tree.active if kind == "team" else True
            if kind == "user":
                is_there = self._owner_record(owner).active
            return problem if is_there else ""
        return problem

    # === NAMES === #

    @api.model
    def _owner_record(self, owner):
        model = {"user": "res.users", "team": "crm.team", "company": "res.company"}
        records = self.env[model[owner[0]]].sudo()  # names of colleagues and teams
        return records.with_context(active_test=False).browse(owner[1])

    @api.model
    def _read_names(self, owners):
        """Have the names of owners read together, before they are told one by one."""
        for kind in ("user", "team"):
            ids = sorted({id_ for of, id_ in owners if of == kind})
            self._owner_record((kind, ids)).fetch(["name", "active"])

    @api.model
    def _name_of(self, owner):
        return self._owner_record(owner).name

    @api.model
    def _check_may_submit(self, company):
        """:raise AccessError: for people outside sales, and outside the company"""
        self.check_access("read")
        if self.env.su:
            return
        user = self.env.user
        if not user.has_group("sales_process.group_rep") or (
            company not in user.company_ids
        ):
            raise AccessError(
                self.env._("Only salespeople of %s call its numbers.", company.name)
            )
