from collections import defaultdict
from dataclasses import dataclass, field

# Categories whose deals are forecast, as they stand in the grid.
CATEGORIES = ("commit", "best_case", "pipeline")
# Deals that stand in no period, or say nothing of how much they are worth.
LINES = ("overdue", "undated", "later", "no_amount", "omitted")
# What stands for deals without a team, and those without a salesperson.
NOBODY = 0


@dataclass(eq=False)
class Row:
    """Somebody in the grid.

    :ivar str node: place in the tree, such as ``c/t4/u7``
    :ivar str kind: ``company``, ``team`` or ``user``
    :ivar int id: of that record; ``NOBODY`` for deals that have none
    :ivar team_id: of a person: whose deals in which team; ``NOBODY`` for those without
        a team, None for those of all teams
    :ivar cells: one dict for each period
    :ivar lines: ``{line: [amount, deals]}``
    :ivar bool is_home: whether it is where the person is called; a row that is there
        because of a deal that somebody has in another team is not
    """

    node: str
    kind: str
    id: int
    above: "Row | None" = None
    team_id: int | None = None
    is_home: bool = True
    name: str = ""
    children: list = field(default_factory=list)
    cells: list = field(default_factory=list)
    lines: dict = field(default_factory=dict)
    flags: dict = field(default_factory=dict)

    @property
    def owner(self):
        """As calls name it."""
        return self.kind, self.id

    @property
    def level(self):
        return self.node.count("/")

    def add(self, number, category, amount, weighted, deals, empty):
        """Count deals of one category in.

        :param int number: of the period; -1 without a date, None when it is over, the
            number of periods for what comes after them
        :param int empty: how many of the deals have no amount
        """
        if category == "omitted":
            self._add_line("omitted", amount, deals)
            return
        if empty:
            self._add_line("no_amount", 0.0, empty)
        if number is None or not 0 <= number < len(self.cells):
            line = "overdue" if number is None else "undated" if number < 0 else "later"
            self._add_line(line, amount, deals)
            return
        cell = self.cells[number]
        cell[category] += amount
        cell["weighted"] += weighted
        cell["deals"] += deals

    def _add_line(self, name, amount, deals):
        line = self.lines[name]
        line[0] += amount
        line[1] += deals


class Tree:
    """Who stands in the grid, below whom.

    company, teams as they lie below each other, and in each team its people and whoever
    else has deals there. What is added to somebody adds to all above.

    :param int count: of periods
    :param owners: ``engine.owner_tree.OwnerTree`` of the company
    """

    def __init__(self, count, owners):
        self.count = count
        self.owners = owners
        self.roots = []
        self.by_node = {}
        self.teams = {}
        self.people = defaultdict(dict)
        # The one row that has everything of a person, whatever the team.
        self.own = {}

    @property
    def is_whole(self):
        """Whether it is of the whole company."""
        return bool(self.roots) and self.roots[0].kind == "company"

    def place_of(self, team_id):
        """The team in the grid where deals of a team count.

        Those of an archived team count in the next one above it; what has no team of
        this company counts with nobody.
        """
        if team_id in self.owners.active:
            return team_id
        return self.owners.parent.get(team_id) or NOBODY

    def known_teams(self):
        """The teams whose deals count in a team of the company."""
        return [id_ for id_ in self.owners.parent if self.place_of(id_)]

    def teams_at(self, team_id):
        """The teams whose deals count right there."""
        return [id_ for id_ in self.owners.parent if self.place_of(id_) == team_id]

    def teams_below(self, row):
        """The teams whose deals count in a row of a team, with all below it."""
        ids = self.teams_at(row.id)
        for child in row.children:
            if child.kind == "team":
                ids += self.teams_below(child)
        return ids

    def add_owner(self, owner, above=None):
        """Add a row of somebody at home there."""
        kind, id_ = owner
        if kind == "user":
            return self.add(kind, id_, above, team_id=above.id)
        return self.add(kind, id_, above)

    def add(self, kind, id_, above=None, **values):
        """Add a row below another one.

        :rtype: Row
        """
        letter = "c" if kind == "company" else f"{kind[0]}{id_}"
        node = f"{above.node}/{letter}" if above else letter
        row = Row(node, kind, id_, above, **values)
        row.cells = [
            dict.fromkeys((*CATEGORIES, "weighted"), 0.0)
            | {"deals": 0, "quota": None, "closed": None, "calls": {}}
            for _number in range(self.count)
        ]
        row.lines = {name: [0.0, 0] for name in LINES}
        (above.children if above else self.roots).append(row)
        self.by_node[node] = row
        if kind == "team":
            self.teams[id_] = row
        elif kind == "user" and row.team_id is None:
            self.own[id_] = row
        elif kind == "user":
            self.people[id_][row.team_id] = row
        return row

    def rows_of(self, team_id, user_id):
        """The rows a deal belongs to directly; made where a person has none yet."""
        user_id = user_id or NOBODY
        rows = [self.own[user_id]] if user_id in self.own else []
        team = self.teams.get(self.place_of(team_id))
        if team:
            rows.append(self.person_in(user_id, team))
        return rows

    def person_in(self, user_id, team):
        """The row of a person in a team; a guest there who is at home elsewhere."""
        row = self.people[user_id].get(team.id)
        if row:
            return row
        is_home = user_id not in self.owners.home and team.id == NOBODY
        return self.add("user", user_id, team, team_id=team.id, is_home=is_home)

    def roll_up(self):
        """Have everybody include what those below have."""
        for row in reversed(list(self.walk())):
            if row.above:
                _include(row.above, row)

    def walk(self):
        """Rows, each before those below it."""
        rest = list(reversed(self.roots))
        while rest:
            row = rest.pop()
            yield row
            rest += reversed(row.children)

    def sort(self):
        """Teams before people, by name, and last what belongs to nobody."""
        for row in self.walk():
            row.children.sort(
                key=lambda each: (
                    each.id == NOBODY,
                    each.kind == "user",
                    each.name.lower(),
                    each.id,
                )
            )


def _include(above, row):
    for mine, other in zip(above.cells, row.cells, strict=True):
        for name in (*CATEGORIES, "weighted", "deals"):
            mine[name] += other[name]
    for name in LINES:
        above._add_line(name, *row.lines[name])
