from dataclasses import dataclass

from ...engine.owner_tree import OwnerTree


@dataclass(frozen=True)
class CallRights:
    """Whose numbers somebody may give, asked for many owners.

    :ivar OwnerTree tree: of the company
    :ivar int uid: who asks
    :ivar bool is_director: may adjust everybody but the own number
    :ivar bool is_leader: may call for teams and adjust those below
    """

    tree: OwnerTree
    uid: int
    is_director: bool
    is_leader: bool

    def is_own(self, owner):
        """Whether it is the user, or a team the user leads."""
        kind, id_ = owner
        leads = kind == "team" and self.tree.leader.get(id_) == self.uid
        return leads or owner == ("user", self.uid)

    def may_call(self, owner):
        """Whether the user calls the number of an owner."""
        kind, id_ = owner
        if kind == "company":
            return self.is_director
        if kind == "user":
            return id_ == self.uid
        if id_ not in self.tree.active:
            return False
        caller = self.tree.caller(id_)
        if caller is None:
            return self.is_director
        return caller == self.uid and self.is_leader

    def may_adjust(self, owner):
        """Whether the user adjusts the number of an owner."""
        kind, id_ = owner
        person = self.tree.person(owner)
        if kind == "company" or person == self.uid:
            return False
        if self.is_director:
            return True
        return (
            self.is_leader
            and (kind == "user" or id_ in self.tree.active)
            and self.uid in self.tree.leaders_above(owner)
            and not (person and self.tree.is_above(person, self.uid))
        )
