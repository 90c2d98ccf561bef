"""Rebuild the past of 100,000 deals from 500,000 tracking values.

The deals are written with SQL, as an Odoo of some years would have left them: each was
created, moved on, changed its amount and its owner, and was won, lost or moved again.
The job's own batches run over them; after each the database checks the chain of rows,
as it does at commit. The database is left as it was.

Wanted: under 5 minutes, and the rows counted beforehand by hand: every deal has five
intervals. ``--quick`` takes a hundredth of it.
"""

import sys
import time

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

DEALS = 100_000
LIMIT_SECONDS = 300
ROWS_PER_DEAL = 5
SHARE = {"won": 3, "lost": 3, "open": 4}  # of ten deals


def main(env, argv):
    """Run it.

    :param env: environment of a database with the addon
    :param argv: ``--quick`` takes 1,000 deals
    :return: 0 when time and counts are as wanted, else 1
    """
    number = DEALS // 100 if "--quick" in argv else DEALS
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {})
        first_id = generate(own, number)
        job, seconds, slowest = rebuild(own, first_id, number)
        found = facts(own, job, first_id)
        size = disk(own)
        cr.rollback()
    wanted = {
        "deals": number,
        "rows": number * ROWS_PER_DEAL,
        "rows of the chain that lead nowhere": 0,
        "present rows": number,
        "present rows unlike their deal": 0,
        "won": number * SHARE["won"] // 10,
        "lost": number * SHARE["lost"] // 10,
        # Two per deal: out of the first stage, and by the end or the move back.
        "stays that ended": number * 2,
        "state": "done",
    }
    return report(wanted, found, number, seconds, slowest, size)


def generate(env, number):
    """Write the deals and their tracking: the id of the first deal."""
    cr = env.cr
    stages = env["crm.stage"].search([("is_won", "=", False)], limit=2)
    won = env["crm.stage"].search([("is_won", "=", True)], limit=1)
    people = env["res.users"].with_context(active_test=False).search([], limit=2)
    get_field = env["ir.model.fields"]._get
    names = ("stage_id", "expected_revenue", "user_id", "won_status", "active")
    params = {
        "number": number,
        "one": stages[0].id,
        "two": stages[1].id,
        "won": won.id,
        "ann": people[0].id,
        "bob": people[-1].id,
        "company": env.company.id,
        "team": env["crm.team"].search([], limit=1).id,
        **{name: get_field("crm.lead", name).id for name in names},
    }
    cr.execute(SQL("SELECT nextval('crm_lead_id_seq')"))
    [(params["first"],)] = cr.fetchall()
    for statement in (LEADS, MESSAGES, VALUES):
        cr.execute(SQL(statement, **params))
    cr.execute(SQL("ANALYZE crm_lead, mail_message, mail_tracking_value"))
    [(values,)] = env.execute_query(
        SQL(
            "SELECT COUNT(*) FROM mail_tracking_value t JOIN mail_message m"
            " ON m.id = t.mail_message_id WHERE m.model = 'crm.lead'"
            " AND m.res_id > %s",
            params["first"],
        )
    )
    print(f"{number:,} deals with {values:,} tracking values")
    sys.stdout.flush()
    return params["first"]


# Deal n of ten: 0-2 won, 3-5 lost, 6-9 open.
LEADS = """
    INSERT INTO crm_lead (id, name, type, active, stage_id, user_id, team_id,
           company_id, expected_revenue, probability, won_status, create_date,
           date_last_stage_update, date_closed, date_deadline)
    SELECT %(first)s + n, 'Deal ' || n, 'opportunity', n %% 10 NOT BETWEEN 3 AND 5,
           CASE WHEN n %% 10 < 3 THEN %(won)s WHEN n %% 10 < 6 THEN %(two)s
                ELSE %(one)s END,
           %(bob)s, %(team)s, %(company)s, 200 + n %% 7,
           CASE WHEN n %% 10 < 3 THEN 100 WHEN n %% 10 < 6 THEN 0 ELSE 20 END,
           CASE WHEN n %% 10 < 3 THEN 'won' WHEN n %% 10 < 6 THEN 'lost'
                ELSE 'pending' END,
           born, born + INTERVAL '40 days',
           CASE WHEN n %% 10 < 6 THEN born + INTERVAL '40 days' END,
           (born + INTERVAL '60 days')::date
      FROM (SELECT n, TIMESTAMP '2020-01-01' + n * INTERVAL '10 minutes' AS born
              FROM generate_series(1, %(number)s) n) d;
    SELECT setval('crm_lead_id_seq', %(first)s + %(number)s)
"""
# Days 10 stage, 20 amount, 30 owner, 40 the end; and a note without tracking.
MESSAGES = """
    INSERT INTO mail_message (model, res_id, message_type, date, create_date, body)
    SELECT 'crm.lead', %(first)s + n, 'notification',
           born + day * INTERVAL '10 days', born + day * INTERVAL '10 days',
           day::text
      FROM (SELECT n, TIMESTAMP '2020-01-01' + n * INTERVAL '10 minutes' AS born
              FROM generate_series(1, %(number)s) n) d
      CROSS JOIN generate_series(0, 4) AS day
"""
VALUES = """
    INSERT INTO mail_tracking_value (mail_message_id, field_id, old_value_integer,
           new_value_integer, old_value_float, new_value_float, old_value_char,
           new_value_char)
    SELECT m.id, v.* FROM mail_message m
      CROSS JOIN LATERAL (SELECT (m.res_id - %(first)s) %% 10 AS n) d
      CROSS JOIN LATERAL (
        SELECT %(stage_id)s, %(one)s, %(two)s, NULL::float8, NULL::float8,
               '', '' WHERE m.body = '1'
        UNION ALL
        SELECT %(expected_revenue)s, NULL, NULL, 100,
               200 + (m.res_id - %(first)s) %% 7, NULL, NULL WHERE m.body = '2'
        UNION ALL
        SELECT %(user_id)s, %(ann)s, %(bob)s, NULL, NULL, '', '' WHERE m.body = '3'
        UNION ALL
        SELECT %(stage_id)s, %(two)s, CASE WHEN n < 3 THEN %(won)s ELSE %(one)s END,
               NULL, NULL, '', '' WHERE m.body = '4' AND n NOT BETWEEN 3 AND 5
        UNION ALL
        SELECT %(active)s, 1, 0, NULL, NULL, NULL, NULL
         WHERE m.body = '4' AND n BETWEEN 3 AND 5
        UNION ALL
        SELECT %(won_status)s, NULL, NULL, NULL, NULL, 'Pending',
               CASE WHEN n < 3 THEN 'Won' ELSE 'Lost' END
         WHERE m.body = '4' AND n < 6
        UNION ALL
        SELECT %(expected_revenue)s, NULL, NULL, 200 + (m.res_id - %(first)s) %% 7,
               200 + (m.res_id - %(first)s) %% 7, NULL, NULL
         WHERE m.body = '4' AND n >= 6
      ) v
     WHERE m.model = 'crm.lead' AND m.res_id > %(first)s
"""


def rebuild(env, first_id, number):
    """Run the job over the generated deals: (job, seconds, slowest batch)."""
    jobs = env["sales.pipeline.backfill"]
    job = jobs.create({"installed_id": first_id + number})
    job.flush_recordset()
    marks = [time.perf_counter()]

    def on_progress(count):
        env.flush_all()
        env.cr.execute(SQL("SET CONSTRAINTS ALL IMMEDIATE"))
        env.cr.execute(SQL("SET CONSTRAINTS ALL DEFERRED"))
        marks.append(time.perf_counter())
        return 60

    job._begin()
    job.write({"last_id": first_id, "total_count": number})
    job._continue(on_progress)
    slowest = max(
        after - before for before, after in zip(marks, marks[1:], strict=False)
    )
    print(f"rebuilt in {marks[-1] - marks[0]:.1f} s")
    sys.stdout.flush()
    return job, marks[-1] - marks[0], slowest


def facts(env, job, first_id):
    # All in one transaction: autovacuum has had no chance to look at the new rows.
    env.cr.execute(SQL("ANALYZE sales_pipeline_history"))
    [row] = env.execute_query(
        SQL(
            """
            SELECT COUNT(*) FILTER (WHERE h.date_to IS NOT NULL AND n.id IS NULL),
                   COUNT(*) FILTER (WHERE h.date_to IS NULL),
                   COUNT(*) FILTER (WHERE h.date_to IS NULL AND (
                       h.stage_id, h.user_id, h.team_id, h.expected_revenue,
                       h.date_deadline, h.probability) IS DISTINCT FROM (
                       l.stage_id, l.user_id, l.team_id, l.expected_revenue,
                       l.date_deadline, l.probability)),
                   COUNT(*) FILTER (WHERE h.status = 'won'),
                   COUNT(*) FILTER (WHERE h.status = 'lost'),
                   COUNT(*) FILTER (WHERE h.dwell IS NOT NULL)
              FROM sales_pipeline_history h
              JOIN crm_lead l ON l.id = h.lead_id
              LEFT JOIN sales_pipeline_history n
                     ON n.lead_id = h.lead_id AND n.date_from = h.date_to
             WHERE h.lead_id > %s
            """,
            first_id,
        )
    )
    names = (
        "rows of the chain that lead nowhere",
        "present rows",
        "present rows unlike their deal",
        "won",
        "lost",
        "stays that ended",
    )
    return {
        "deals": job.rebuilt_count,
        "rows": job.row_count,
        "state": job.state,
        **dict(zip(names, row, strict=True)),
    }


def disk(env):
    """Bytes of table and indexes per row."""
    [(table, indexes, rows)] = env.execute_query(
        SQL(
            """
            SELECT pg_relation_size('sales_pipeline_history'),
                   pg_indexes_size('sales_pipeline_history'),
                   (SELECT COUNT(*) FROM sales_pipeline_history)
            """
        )
    )
    return table // rows, indexes // rows


def report(wanted, found, number, seconds, slowest, size):
    ok = True
    for name, value in wanted.items():
        good = found[name] == value
        ok &= good
        print(f"{name:<40} {found[name]!s:>10} {'' if good else f'WANTED {value}'}")
    limit = LIMIT_SECONDS * number / DEALS
    ok &= seconds <= limit
    print(f"{seconds:.1f} s for {number:,} deals (limit {limit:.0f} s)")
    print(f"slowest batch {slowest:.2f} s, {number / seconds:,.0f} deals per second")
    print(f"disk per row: {size[0]} bytes of table, {size[1]} of indexes")
    return 0 if ok else 1
