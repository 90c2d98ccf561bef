"""Statements of contests: each for any number of contests and people at once."""

from odoo.tools import SQL


def add_people(contests):
    """Everybody who takes part and is not in it yet; where people are now."""
    return SQL(
        """
        WITH RECURSIVE scope (contest, team) AS (
            SELECT r.contest_id, r.team_id FROM sales_contest_team_rel r
             WHERE r.contest_id = ANY (%(ids)s)
             UNION
            SELECT s.contest, t.id
              FROM scope s JOIN crm_team t ON t.sales_parent_id = s.team
        )
        INSERT INTO sales_contest_participant
               (contest_id, user_id, scope_team_id, opted_out)
        SELECT DISTINCT ON (c.id, m.user_id) c.id, m.user_id, t.id, FALSE
          FROM sales_contest c
          JOIN crm_team_member m ON m.active
          JOIN crm_team t ON t.id = m.crm_team_id AND t.active
           AND (t.company_id = c.company_id OR t.company_id IS NULL)
          JOIN res_users u ON u.id = m.user_id AND u.active AND NOT u.share
          JOIN res_company_users_rel uc ON uc.user_id = u.id AND uc.cid = c.company_id
         WHERE c.id = ANY (%(ids)s) AND c.kind <> 'team'
           AND (NOT EXISTS (SELECT FROM sales_contest_team_rel r
                             WHERE r.contest_id = c.id)
                OR EXISTS (SELECT FROM scope s
                            WHERE s.contest = c.id AND s.team = t.id))
         ORDER BY c.id, m.user_id, m.create_date, m.id
        ON CONFLICT (contest_id, user_id) WHERE user_id IS NOT NULL
        DO UPDATE SET scope_team_id = EXCLUDED.scope_team_id
         WHERE sales_contest_participant.scope_team_id
               IS DISTINCT FROM EXCLUDED.scope_team_id
        """,
        ids=contests.ids,
    )


def add_teams(contests):
    """Teams that compete: those chosen, else all that have no team below."""
    return SQL(
        """
        INSERT INTO sales_contest_participant
               (contest_id, team_id, scope_team_id, opted_out)
        SELECT c.id, t.id, t.id, FALSE
          FROM sales_contest c JOIN crm_team t ON t.active
           AND (t.company_id = c.company_id OR t.company_id IS NULL)
         WHERE c.id = ANY (%(ids)s) AND c.kind = 'team'
           AND CASE WHEN EXISTS (SELECT FROM sales_contest_team_rel r
                                  WHERE r.contest_id = c.id)
                    THEN EXISTS (SELECT FROM sales_contest_team_rel r
                                  WHERE r.contest_id = c.id AND r.team_id = t.id)
                    ELSE NOT EXISTS (SELECT FROM crm_team b
                                      WHERE b.sales_parent_id = t.id AND b.active)
                     AND EXISTS (SELECT FROM crm_team_member m
                                  WHERE m.crm_team_id = t.id AND m.active)
               END
        ON CONFLICT (contest_id, team_id) WHERE team_id IS NOT NULL DO NOTHING
        """,
        ids=contests.ids,
    )


def set_members(contests):
    """Who belongs to each participant: the person, or all in the team and below."""
    return SQL(
        """
        WITH RECURSIVE tree (participant, team) AS (
            SELECT id, team_id FROM sales_contest_participant
             WHERE contest_id = ANY (%(ids)s) AND team_id IS NOT NULL
             UNION
            SELECT s.participant, t.id
              FROM tree s JOIN crm_team t ON t.sales_parent_id = s.team
        ), wanted AS (
            SELECT id AS participant, user_id AS person
              FROM sales_contest_participant
             WHERE contest_id = ANY (%(ids)s) AND user_id IS NOT NULL
             UNION
            SELECT s.participant, m.user_id
              FROM tree s JOIN crm_team_member m ON m.crm_team_id = s.team AND m.active
              JOIN res_users u ON u.id = m.user_id AND u.active
        ), gone AS (
            DELETE FROM sales_contest_member_rel r
             USING sales_contest_participant p
             WHERE p.id = r.participant_id AND p.contest_id = ANY (%(ids)s)
               AND (r.participant_id, r.user_id)
                   NOT IN (SELECT participant, person FROM wanted)
        )
        INSERT INTO sales_contest_member_rel (participant_id, user_id)
        SELECT participant, person FROM wanted
        ON CONFLICT DO NOTHING
        """,
        ids=contests.ids,
    )


def set_joined(contests, day):
    """Since when people sell, of those of whom it is not known yet.

    :param SQL day: the day on which a membership began at its company
    """
    return SQL(
        """
        UPDATE sales_contest_participant p SET date_joined = x.joined
          FROM (
            SELECT w.id, LEAST(
                       (SELECT MIN(c.date) FROM sales_credit c
                         WHERE c.user_id = w.user_id),
                       COALESCE((SELECT %(day)s FROM crm_team_member m
                                  WHERE m.user_id = w.user_id
                                  ORDER BY m.create_date LIMIT 1), u.create_date::date)
                   ) AS joined
              FROM sales_contest_participant w
              JOIN sales_contest k ON k.id = w.contest_id
              JOIN res_users u ON u.id = w.user_id
             WHERE w.contest_id = ANY (%(ids)s) AND w.date_joined IS NULL
          ) x
         WHERE p.id = x.id
        """,
        ids=contests.ids,
        day=day,
    )


def participants(contests):
    """Who is ranked: rows (contest, id, user, team, league, joined, people)."""
    return SQL(
        """
        SELECT p.contest_id, p.id, p.user_id, p.team_id, p.league_id, p.date_joined,
               (SELECT COUNT(*) FROM sales_contest_member_rel r
                 WHERE r.participant_id = p.id)
          FROM sales_contest_participant p
          LEFT JOIN res_users u ON u.id = p.user_id
          LEFT JOIN crm_team t ON t.id = p.team_id
         WHERE p.contest_id = ANY (%s) AND p.opted_out IS NOT TRUE
           AND COALESCE(u.active, t.active)
         ORDER BY p.id
        """,
        contests.ids,
    )


def days(companies, metrics, owners, first, after, by_team):
    """Credit day by day, so that contests which look at the same days share it.

    :param owners: ids of users, or of teams
    :param bool by_team: overlay counts for people, not for teams
    :return: rows (company, metric, owner, day, sum, whether something was credited),
        the days in order
    """
    owner = SQL.identifier("c", "team_id" if by_team else "user_id")
    return SQL(
        """
        SELECT c.company_id, c.metric_id, %(owner)s, c.date, SUM(c.amount),
               BOOL_OR(c.amount > 0)
          FROM sales_credit c
         WHERE c.metric_id = ANY (%(metrics)s) AND c.date >= %(first)s
           AND c.date < %(after)s AND c.company_id = ANY (%(companies)s)
           AND %(owner)s = ANY (%(owners)s) AND %(overlay)s
         GROUP BY 1, 2, 3, 4 ORDER BY 4
        """,
        owner=owner,
        metrics=list(metrics),
        first=first,
        after=after,
        companies=list(companies),
        owners=list(owners),
        overlay=SQL("c.is_overlay IS NOT TRUE") if by_team else SQL("TRUE"),
    )


def targets(companies, metrics, users, teams, first, after):
    """Published targets of people and teams that touch some days.

    :return: rows (company, metric, user, team, first, after, amount)
    """
    return SQL(
        """
        SELECT company_id, metric_id, user_id, team_id, date_from, date_to, SUM(amount)
          FROM sales_target
         WHERE company_id = ANY (%s) AND metric_id = ANY (%s)
           AND (user_id = ANY (%s) OR team_id = ANY (%s))
           AND plan_state = 'published' AND date_from < %s AND date_to > %s
         GROUP BY 1, 2, 3, 4, 5, 6
        """,
        list(companies),
        list(metrics),
        list(users),
        list(teams),
        after,
        first,
    )


def open_deals(moments):
    """Deals that were open at a moment, by who had them.

    :param list moments: ``(company, moment, day)``
    :return: rows (company, moment, user, team, deals, those of them whose closing date
        is in order)
    """
    companies, times, days = zip(*moments, strict=True)
    return SQL(
        """
        SELECT w.company, w.moment, h.user_id, h.team_id, COUNT(*),
               COUNT(*) FILTER (WHERE h.date_deadline >= w.day)
          FROM UNNEST(%s::int[], %s::timestamp[], %s::date[]) w(company, moment, day)
          JOIN sales_pipeline_history h
            ON h.status = 'open' AND h.date_from <= w.moment
           AND (h.date_to IS NULL OR h.date_to > w.moment)
           AND COALESCE(h.company_id, w.company) = w.company
         GROUP BY 1, 2, 3, 4
        """,
        list(companies),
        [str(moment) for moment in times],
        [str(day) for day in days],
    )


def _unnest(columns):
    """``UNNEST`` of columns: ``{name: (type, values)}``; texts PostgreSQL casts."""
    return SQL(
        "UNNEST(%s) v(%s)",
        SQL(", ").join(
            SQL("%s::%s[]", literal(values), SQL(kind))
            for kind, values in columns.values()
        ),
        SQL(", ").join(SQL.identifier(name) for name in columns),
    )


def literal(values):
    """An array as PostgreSQL writes it, of numbers, days and truth values."""
    return f"{{{','.join('NULL' if v is None else str(v) for v in values)}}}"


def save_standings(columns):
    """Add and update standings; rows (contest) of those that changed.

    What is final stays. The place of the day before is the one it had at its last
    count.

    :param dict columns: ``{name: (type, values)}``
    """
    told = (
        "league_id",
        "score",
        "rank",
        "is_tied",
        "is_qualified",
        "reached_on",
        "streak",
        "scope_team_id",
    )
    names = SQL(", ").join(SQL.identifier(name) for name in columns)
    return SQL(
        """
        INSERT INTO sales_standing AS s (%(names)s, scope_team_id, previous_rank,
               is_final)
        SELECT %(values)s, p.scope_team_id, 0, FALSE
          FROM %(rows)s JOIN sales_contest_participant p ON p.id = v.participant_id
        ON CONFLICT (contest_id, participant_id) DO UPDATE
           SET %(set)s, rank_day = EXCLUDED.rank_day,
               previous_rank = CASE WHEN s.rank_day < EXCLUDED.rank_day
                                    THEN s.rank ELSE s.previous_rank END
         WHERE s.is_final IS NOT TRUE
           AND ((%(old)s, s.rank_day) IS DISTINCT FROM (%(new)s, EXCLUDED.rank_day))
        RETURNING s.contest_id
        """,
        names=names,
        values=SQL(", ").join(SQL.identifier("v", name) for name in columns),
        rows=_unnest(columns),
        set=SQL(", ").join(
            SQL("%s = EXCLUDED.%s", SQL.identifier(n), SQL.identifier(n)) for n in told
        ),
        old=SQL(", ").join(SQL.identifier("s", name) for name in told),
        new=SQL(", ").join(SQL.identifier("excluded", name) for name in told),
    )


def save_lines(columns):
    """Add and update lines of standings that are not final.

    :param dict columns: ``{name: (type, values)}`` with ``contest`` and ``participant``
    """
    told = ("value", "reference", "share_ramp", "heads", "points")
    return SQL(
        """
        INSERT INTO sales_standing_line AS l (standing_id, contest_metric_id, %(names)s)
        SELECT s.id, v.part, %(values)s
          FROM %(rows)s
          JOIN sales_standing s ON s.contest_id = v.contest
           AND s.participant_id = v.participant AND s.is_final IS NOT TRUE
        ON CONFLICT (standing_id, contest_metric_id) DO UPDATE SET %(set)s
         WHERE (%(old)s) IS DISTINCT FROM (%(new)s)
        """,
        names=SQL(", ").join(SQL.identifier(name) for name in told),
        values=SQL(", ").join(SQL.identifier("v", name) for name in told),
        rows=_unnest(columns),
        set=SQL(", ").join(
            SQL("%s = EXCLUDED.%s", SQL.identifier(n), SQL.identifier(n)) for n in told
        ),
        old=SQL(", ").join(SQL.identifier("l", name) for name in told),
        new=SQL(", ").join(SQL.identifier("excluded", name) for name in told),
    )


def drop_others(contests, kept):
    """Remove standings of whoever is ranked no more."""
    return SQL(
        """
        DELETE FROM sales_standing
         WHERE contest_id = ANY (%s) AND is_final IS NOT TRUE
           AND participant_id <> ALL (%s)
        RETURNING contest_id
        """,
        contests.ids,
        list(kept),
    )
