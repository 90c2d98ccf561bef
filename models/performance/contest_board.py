"""What one viewer sees of a standing: dignity first, see ``sales_contest_board``."""

from ...engine.contest import exact, needed, points_per_unit


class Board:
    """The standing of a contest for one viewer.

    :param contest: ``sales.contest``, readable
    :param list standings: dicts, best first, league by league
    :param viewer: with ``own``, ``led`` (participants), ``opted_out``
    """

    def __init__(self, contest, standings, viewer):
        self.contest, self.standings, self.viewer = contest, standings, viewer
        self.own = next(
            (row for row in standings if row["participant_id"] in viewer.own), None
        )
        self._last = _last_places(standings)
        known = {
            row["id"] for row in standings if self._is_own(row) or self._is_led(row)
        }
        self._shown = [row for row in standings if self._is_shown(row)]
        self.hidden = len(standings) - len(self._shown)
        self._lines = contest._read_lines(known) if known else {}
        self._parts = {row.id: row for row in contest.metric_ids}

    # === WHO IS SHOWN === #

    def _is_own(self, row):
        return row["participant_id"] in self.viewer.own

    def _is_led(self, row):
        return row["participant_id"] in self.viewer.led

    def _is_shown(self, row):
        if self._is_own(row) or self._is_led(row):
            return True
        if row["rank"] == self._last[row["league_id"]]:
            return False
        top = self.contest.show_top
        return not top or row["rank"] <= top

    def _is_named(self, row):
        """Whether the name may be read."""
        if self._is_own(row) or self._is_led(row):
            return True
        return self._is_shown(row) and not self.contest.anonymous

    def _name(self, row):
        if not self._is_named(row):
            return ""
        if row["team_id"]:
            name = row["team"] or {}
            lang = self.contest.env.lang or "en_US"
            return name.get(lang) or name.get("en_US") or ""
        return row["person"] or ""

    def _avatar(self, row):
        if not self._is_named(row) or not row["user_id"]:
            return False
        return f"/web/image/res.users/{row['user_id']}/avatar_128"

    def number_ranked(self, row):
        """How many compete with a participant."""
        return sum(other["league_id"] == row["league_id"] for other in self.standings)

    # === ROWS === #

    def rows(self):
        """Everybody the viewer may see."""
        return [self._row(row) for row in self._shown]

    def _row(self, row):
        return {
            "rank": row["rank"],
            "name": self._name(row),
            "avatar": self._avatar(row),
            "is_me": self._is_own(row),
            "score": row["score"],
            "change": _change(row),
            "is_tied": row["is_tied"],
            "is_qualified": row["is_qualified"],
            "league": row["league_id"] or False,
            "streak": row["streak"],
            "lines": [
                self._parts[line["part"]]._tell_line(line)
                for line in self._lines.get(row["id"], ())
                if line["part"] in self._parts
            ],
        }

    # === THE VIEWER === #

    def me(self):
        """Where the viewer stands and how to move up; None for who takes no part."""
        row = self.own
        if not row:
            return self._aside() if self.viewer.opted_out or self.viewer.own else None
        return {
            "rank": row["rank"],
            "score": row["score"],
            "of": self.number_ranked(row),
            "change": _change(row),
            "is_qualified": row["is_qualified"],
            "streak": row["streak"],
            "league": row["league_id"] or False,
            "opted_out": False,
            "next": self._next(),
            "prize": self._prize(),
        }

    def _aside(self):
        """Of somebody who is not ranked."""
        return {
            "rank": False,
            "score": 0.0,
            "of": 0,
            "change": 0,
            "is_qualified": False,
            "streak": 0,
            "league": False,
            "opted_out": self.viewer.opted_out,
            "next": None,
            "prize": None,
        }

    def _rivals(self):
        """Those of the same league, best first."""
        league = self.own["league_id"]
        return [row for row in self.standings if row["league_id"] == league]

    def _next(self):
        """The place above, and what of each metric alone would reach it."""
        if self.contest.state != "running":
            return None
        above = [row for row in self._rivals() if row["rank"] < self.own["rank"]]
        if not above:
            return None
        row = above[-1]
        beat = self._has_to_beat(row)
        points = row["score"] - self.own["score"] + (0.01 if beat else 0.0)
        return {
            "rank": row["rank"],
            "points": round(max(points, 0.01), 2),
            "name": self._name(row),
            "ways": self._ways(row["score"], beat),
        }

    def _has_to_beat(self, row):
        """Whether equal points are not enough: the other one had them first."""
        return self.contest.tie_rule == "first"

    def _ways(self, goal, beat):
        lines = self._lines.get(self.own["id"], [])
        total = sum(exact(line["value"]) * self._rate(line) for line in lines)
        ways = []
        for line in lines:
            part = self._parts.get(line["part"])
            if part is None:
                continue
            unit = part._smallest()
            amount = needed(total, self._rate(line), goal, beat, unit)
            way = amount and part._tell_way(float(amount), line, self.own["streak"])
            if way:
                ways.append(way)
        return ways

    def _rate(self, line):
        part = self._parts.get(line["part"])
        if part is None:
            return 0
        return points_per_unit(
            self.contest.scoring,
            part.source,
            part.weight,
            line["reference"],
            part.unit_amount,
            line["ramp"] or 1,
            line["heads"] or 1,
        )

    def _prize(self):
        """The prize of the present place, else the nearest one above."""
        own, contest = self.own, self.contest
        prizes = [
            prize
            for prize in contest.prize_ids
            if not prize.league_id or prize.league_id.id == own["league_id"]
        ]
        held = [p for p in prizes if p.rank_from <= own["rank"] <= p.rank_to]
        if held and own["is_qualified"]:
            return {"name": held[0].name, "rank": own["rank"], "points": 0.0}
        better = [p for p in prizes if p.rank_from <= own["rank"]]
        if not better or contest.state != "running":
            return None
        prize = max(better, key=lambda p: p.rank_to)
        rivals = [row for row in self._rivals() if row["rank"] <= prize.rank_to]
        goal = max(rivals[-1]["score"] if rivals else 0.0, contest.minimum_score)
        points = max(goal - own["score"], 0.01)
        rank = min(prize.rank_to, own["rank"])
        return {"name": prize.name, "rank": rank, "points": round(points, 2)}


def _last_places(standings):
    """The last rank of each league; None where all share the first one."""
    last = {}
    for row in standings:
        last[row["league_id"]] = max(last.get(row["league_id"], 0), row["rank"])
    return {league: rank if rank > 1 else None for league, rank in last.items()}


def _change(row):
    """Places gained since yesterday; 0 where there was none."""
    return row["previous_rank"] - row["rank"] if row["previous_rank"] else 0
