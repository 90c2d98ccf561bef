"""Who stands below whom in a forecast: teams in their tree, people in their team.

A person counts in one place: the team he joined first, else the highest team he leads,
else right below the company. Archived teams and people have no place; what is below an
archived team counts in the next one above it.
"""

from collections import defaultdict


class OwnerTree:
    """The teams and people of a company as they are now.

    :param teams: ``(id, parent, leader, is active)``, of all teams
    :param members: ``(user, team)``, the longest membership first
    :param int company: its id

    >>> tree = OwnerTree(
    ...     [(1, None, 10, True), (2, 1, 11, True), (3, 2, None, True)],
    ...     [(20, 3), (21, 2)], 7)
    >>> tree.below(("company", 7)), tree.below(("team", 2))
    ([('team', 1)], [('team', 3), ('user', 11), ('user', 21)])
    >>> tree.caller(3), sorted(tree.leaders_above(("user", 20)))
    (11, [10, 11])
    >>> tree.rank(("user", 20), 11) < tree.rank(("user", 20), 10)
    True
    >>> sorted(tree.inside([("team", 2)]))
    [('team', 2), ('team', 3), ('user', 11), ('user', 20), ('user', 21)]
    """

    def __init__(self, teams, members, company):
        self.company = company
        above = {team: parent for team, parent, _leader, _active in teams}
        self.active = {team for team, _parent, _leader, active in teams if active}
        self.leader = {team: leader for team, _parent, leader, _active in teams}
        self.parent = {team: self._next_active(above, team) for team in above}
        self.homes = defaultdict(list)
        for user, team in members:
            if team in self.active:
                self.homes[user].append(team)
        self._place_leaders()
        self._bosses = {}
        self._below = defaultdict(list)
        for team in sorted(self.active):
            parent = self.parent[team]
            place = ("team", parent) if parent else ("company", company)
            self._below[place].append(("team", team))
        for user, home in sorted(self.home.items()):
            self._below["team", home].append(("user", user))

    def _next_active(self, above, team):
        """The team above, archived ones left out; None at the top."""
        seen = {team}
        parent = above.get(team)
        while parent is not None and parent not in self.active:
            if parent in seen:
                return None
            seen.add(parent)
            parent = above.get(parent)
        return parent

    def _place_leaders(self):
        """Where everybody's own number counts: ``home``.

        ``leading`` are those who are there because they lead, and may not sell at all.
        """
        self.home = {user: teams[0] for user, teams in self.homes.items()}
        members = set(self.home)
        by_depth = sorted(self.active, key=lambda team: (len(self.path(team)), team))
        for team in by_depth:
            if self.leader[team]:
                self.home.setdefault(self.leader[team], team)
        self.leading = self.home.keys() - members

    def path(self, team):
        """A team and those above it, nearest first."""
        result = []
        while team is not None and team not in result:
            result.append(team)
            team = self.parent.get(team)
        return result

    def below(self, owner):
        """Who is right below an owner."""
        return self._below.get(owner, [])

    def inside(self, owners):
        """Owners with all below them."""
        result, waiting = set(), list(owners)
        while waiting:
            owner = waiting.pop()
            if owner not in result:
                result.add(owner)
                waiting += self.below(owner)
        return result

    def teams_above(self, owner):
        """Teams an owner belongs to, nearest first; of a person all memberships."""
        kind, id_ = owner
        if kind == "company":
            return []
        if kind == "team":
            return self.path(self.parent.get(id_))
        homes = self.homes.get(id_) or [self.home.get(id_)]
        return list(dict.fromkeys(team for home in homes for team in self.path(home)))

    def leaders_above(self, owner):
        """Who leads a team an owner belongs to, the owner's own person left out."""
        leaders = {self.leader[team] for team in self.teams_above(owner)}
        return leaders - {None, self.person(owner)}

    def person(self, owner):
        """Who stands for an owner's number; None for the company."""
        kind, id_ = owner
        if kind == "team":
            return self.caller(id_)
        return id_ if kind == "user" else None

    def caller(self, team):
        """The leader of a team, or where it has none, the next leader above."""
        return next(filter(None, (self.leader.get(t) for t in self.path(team))), None)

    def rank(self, owner, user):
        """How high above an owner somebody leads: 0 for not at all."""
        ranks = [
            number
            for number, team in enumerate(self.teams_above(owner), 1)
            if self.leader[team] == user
        ]
        return max(ranks, default=0)

    def is_above(self, user, other):
        """Whether somebody leads a team above one that ``other`` leads or is in."""
        if other not in self._bosses:
            places = [("team", t) for t in self.active if self.leader[t] == other]
            self._bosses[other] = set().union(
                *(self.leaders_above(place) for place in [*places, ("user", other)])
            )
        return user in self._bosses[other]

    def led_by(self, user):
        """Teams somebody leads, with all teams below them."""
        led = [("team", team) for team in self.active if self.leader[team] == user]
        return {id_ for kind, id_ in self.inside(led) if kind == "team"}
