"""Statements that say what documents are worth, one for each metric of the addon.

All of them take the ids of documents and give the same columns::

    source_id, part_id, day, company_id, user_id, team_id, partner_id, category_id,
    territory_id, order_id, lead_id, amount, weight

``order_id`` and ``lead_id`` say where the shares of several people would stand. Where a
part has several rows, the amount is that of the whole part and the people of the rows
share it by ``weight``.

``day`` says how the day of a company is found, by its id and the moment, both SQL:
``_sales_day_sql`` of companies, or :func:`any_day` where days do not matter.
"""

from odoo.tools import SQL

from ..contract.plan_money_sql import IS_MONEY, IS_RECEIVABLE, MOVE_TYPES

TERRITORY = SQL("COALESCE(deal.sales_territory_id, p.sales_territory_id)")


def any_day(_company, _moment):
    return SQL("NULL::date")


def order_lines(ids, day, measures):
    """Lines of confirmed orders, in the currency of the company at the order's rate.

    :param list measures: what a line ``l`` is worth in the currency of the order, SQL;
        each is an amount of its own, in the place of ``amount`` and ``weight``
    """
    rate = SQL("COALESCE(NULLIF(o.currency_rate, 0), 1)")
    return SQL(
        """
        SELECT o.id, l.id, %(day)s, o.company_id, o.user_id, o.team_id,
               p.commercial_partner_id, t.categ_id, %(territory)s, o.id,
               o.opportunity_id, %(amounts)s
          FROM sale_order o
          JOIN sale_order_line l ON l.order_id = o.id
          JOIN res_partner p ON p.id = o.partner_id
          LEFT JOIN crm_lead deal ON deal.id = o.opportunity_id
          LEFT JOIN product_product v ON v.id = l.product_id
          LEFT JOIN product_template t ON t.id = v.product_tmpl_id
         WHERE o.id = ANY (%(ids)s) AND o.state = 'sale'
           AND l.display_type IS NULL AND l.is_downpayment IS NOT TRUE
        """,
        day=day(SQL("o.company_id"), SQL("o.date_order")),
        amounts=SQL(", ").join(SQL("%s / %s", measure, rate) for measure in measures),
        territory=TERRITORY,
        ids=ids,
    )


def new_customers(_env, ids, day):
    """The first confirmed order of customers at each company."""
    return SQL(
        """
        SELECT DISTINCT ON (p.commercial_partner_id, o.company_id)
               p.commercial_partner_id, o.company_id, %(day)s, o.company_id, o.user_id,
               o.team_id, p.commercial_partner_id, NULL::int, %(territory)s, o.id,
               o.opportunity_id, 1, NULL::numeric
          FROM sale_order o
          JOIN res_partner p ON p.id = o.partner_id
          LEFT JOIN crm_lead deal ON deal.id = o.opportunity_id
         WHERE p.commercial_partner_id = ANY (%(ids)s) AND o.state = 'sale'
         ORDER BY p.commercial_partner_id, o.company_id, o.date_order, o.id
        """,
        day=day(SQL("o.company_id"), SQL("o.date_order")),
        territory=TERRITORY,
        ids=ids,
    )


def invoice_lines(ids):
    """Lines of posted invoices and credit notes, each with the people of its order."""
    return SQL(
        """
        SELECT m.id, l.id, COALESCE(m.invoice_date, m.date), m.company_id,
               COALESCE(o.user_id, CASE WHEN o.id IS NULL THEN m.invoice_user_id END),
               COALESCE(o.team_id, CASE WHEN o.id IS NULL THEN m.team_id END),
               m.commercial_partner_id, t.categ_id, %(territory)s, o.id,
               o.opportunity_id, -l.balance, NULL::numeric
          FROM account_move m
          LEFT JOIN res_partner p ON p.id = m.commercial_partner_id
          JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'product'
          LEFT JOIN LATERAL (
              SELECT MIN(s.order_id) AS order_id
                FROM sale_order_line_invoice_rel r
                JOIN sale_order_line s ON s.id = r.order_line_id
               WHERE r.invoice_line_id = l.id
          ) s ON TRUE
          LEFT JOIN sale_order o ON o.id = s.order_id
          LEFT JOIN crm_lead deal ON deal.id = o.opportunity_id
          LEFT JOIN product_product v ON v.id = l.product_id
          LEFT JOIN product_template t ON t.id = v.product_tmpl_id
         WHERE m.id = ANY (%(ids)s) AND m.state = 'posted'
           AND m.move_type IN %(types)s
        """,
        territory=TERRITORY,
        ids=ids,
        types=MOVE_TYPES,
    )


def payments(ids):
    """Money matched with documents: for each a part for every entry that brings some.

    A match with a credit note, a write-off or another invoice moves no money. Of an
    entry that is money and write-off at once, the part that is money counts. The orders
    of a document share it by what they have on it.
    """
    return SQL(
        """
        WITH matches AS (
            SELECT d.move_id AS document_id, c.move_id AS entry_id, p.amount, p.max_date
              FROM account_move_line d
              JOIN account_partial_reconcile p ON p.debit_move_id = d.id
              JOIN account_move_line c ON c.id = p.credit_move_id
             WHERE d.move_id = ANY (%(ids)s)
             UNION ALL
            SELECT c.move_id, d.move_id, -p.amount, p.max_date
              FROM account_move_line c
              JOIN account_partial_reconcile p ON p.credit_move_id = c.id
              JOIN account_move_line d ON d.id = p.debit_move_id
             WHERE c.move_id = ANY (%(ids)s)
        ), sums AS (
            SELECT document_id, entry_id, SUM(amount) AS amount, MAX(max_date) AS day
              FROM matches GROUP BY document_id, entry_id
        ), entries AS (
            SELECT e.id, SUM(l.balance) FILTER (WHERE %(money)s) AS money,
                   -SUM(l.balance) FILTER (WHERE %(receivable)s) AS receivable
              FROM (SELECT DISTINCT m.id, m.journal_id, m.origin_payment_id
                      FROM sums JOIN account_move m ON m.id = sums.entry_id
                     WHERE m.move_type = 'entry' AND m.state = 'posted') e
              JOIN account_move_line l ON l.move_id = e.id
              JOIN account_account a ON a.id = l.account_id
              JOIN account_journal j ON j.id = e.journal_id
              LEFT JOIN account_payment pay ON pay.id = e.origin_payment_id
             GROUP BY e.id
        ), shares AS (
            SELECT i.move_id, s.order_id, SUM(i.price_total) AS weight
              FROM (SELECT DISTINCT document_id FROM sums) x
              JOIN account_move_line i
                ON i.move_id = x.document_id AND i.display_type = 'product'
              LEFT JOIN LATERAL (
                  SELECT MIN(s.order_id) AS order_id
                    FROM sale_order_line_invoice_rel r
                    JOIN sale_order_line s ON s.id = r.order_line_id
                   WHERE r.invoice_line_id = i.id
              ) s ON TRUE
             GROUP BY i.move_id, s.order_id
        )
        SELECT m.id, entries.id, sums.day, m.company_id,
               COALESCE(o.user_id, CASE WHEN o.id IS NULL THEN m.invoice_user_id END),
               COALESCE(o.team_id, CASE WHEN o.id IS NULL THEN m.team_id END),
               m.commercial_partner_id, NULL::int, %(territory)s, o.id,
               o.opportunity_id,
               sums.amount * LEAST(1, entries.money / NULLIF(entries.receivable, 0)),
               COALESCE(shares.weight, 1)
          FROM sums
          JOIN account_move m ON m.id = sums.document_id
          LEFT JOIN res_partner p ON p.id = m.commercial_partner_id
          JOIN entries ON entries.id = sums.entry_id
          LEFT JOIN shares ON shares.move_id = m.id
          LEFT JOIN sale_order o ON o.id = shares.order_id
          LEFT JOIN crm_lead deal ON deal.id = o.opportunity_id
         WHERE m.move_type IN %(types)s AND m.state = 'posted'
           AND entries.money * entries.receivable > 0
         ORDER BY m.id, entries.id, shares.order_id
        """,
        ids=ids,
        territory=TERRITORY,
        money=IS_MONEY,
        receivable=IS_RECEIVABLE,
        types=MOVE_TYPES,
    )


def won_deals(env, ids, day):
    """Deals that are won."""
    return _deals(
        env,
        ids,
        day,
        SQL("l.won_status = 'won'"),
        SQL("COALESCE(l.date_closed, l.write_date)"),
    )


def qualified_deals(env, ids, day):
    """Deals that left the first stage of their process, or were won.

    The day is that on which they first stood in another one.
    """
    return _deals(
        env,
        ids,
        day,
        SQL(
            """(l.won_status = 'won' OR l.won_status = 'pending' AND EXISTS (
                SELECT 1 FROM sales_process_stage s
                 WHERE s.process_id = l.sales_process_id AND s.stage_id = l.stage_id
                   AND EXISTS (
                    SELECT 1 FROM sales_process_stage f
                     WHERE f.process_id = s.process_id
                       AND (f.sequence, f.id) < (s.sequence, s.id))))
            AND l.sales_process_id IS NOT NULL"""
        ),
        SQL(
            """COALESCE((
                SELECT MIN(h.date_from) FROM sales_pipeline_history h
                 WHERE h.lead_id = l.id AND h.sales_process_id IS NOT NULL
                   AND h.stage_id <> (
                    SELECT f.stage_id FROM sales_process_stage f
                     WHERE f.process_id = h.sales_process_id
                     ORDER BY f.sequence, f.id LIMIT 1)), %s)""",
            env.cr.now(),
        ),
    )


def _deals(env, ids, day, condition, moment):
    company = SQL("COALESCE(l.company_id, %s)", env.company.id)
    return SQL(
        """
        SELECT l.id, 0, %(day)s, %(company)s, l.user_id, l.team_id,
               p.commercial_partner_id, NULL::int, l.sales_territory_id, NULL::int,
               l.id, 1, NULL::numeric
          FROM crm_lead l
          LEFT JOIN res_partner p ON p.id = l.partner_id
         WHERE l.id = ANY (%(ids)s) AND l.type = 'opportunity' AND %(condition)s
        """,
        day=day(company, moment),
        company=company,
        ids=ids,
        condition=condition,
    )


def evidence(env, ids, day):
    """What somebody else than the person who handed it in has verified."""
    company = SQL("COALESCE(l.company_id, %s)", env.company.id)
    return SQL(
        """
        SELECT e.id, 0, %(day)s, %(company)s, COALESCE(e.submitted_by_id, l.user_id),
               l.team_id, p.commercial_partner_id, NULL::int, l.sales_territory_id,
               NULL::int, NULL::int, 1, NULL::numeric
          FROM sales_evidence e
          JOIN crm_lead l ON l.id = e.lead_id
          LEFT JOIN res_partner p ON p.id = l.partner_id
         WHERE e.id = ANY (%(ids)s) AND e.state = 'verified' AND e.level <> 'self'
        """,
        day=day(company, SQL("COALESCE(e.date_verified, e.date_submitted)")),
        company=company,
        ids=ids,
    )


def visits(env, ids, day):
    """To-dos that were done and were meetings."""
    return activities(env, ids, day, SQL("t.category = 'meeting'"))


def activities(_env, ids, _day, condition=None):
    """To-dos that were done on what salespeople work on.

    :param SQL condition: on the type ``t`` of the activity ``a``; none for any
    """
    return SQL(
        """
        SELECT a.id, 0, a.date_done, %(company)s, a.user_id,
               COALESCE(l.team_id, o.team_id, %(team)s),
               p.commercial_partner_id, NULL::int,
               COALESCE(l.sales_territory_id, p.sales_territory_id), NULL::int,
               NULL::int, 1, NULL::numeric
          FROM mail_activity a
          LEFT JOIN mail_activity_type t ON t.id = a.activity_type_id
          LEFT JOIN crm_lead l ON a.res_model = 'crm.lead' AND l.id = a.res_id
          LEFT JOIN sale_order o ON a.res_model = 'sale.order' AND o.id = a.res_id
          LEFT JOIN res_users u ON u.id = a.user_id
          LEFT JOIN res_partner p
            ON p.id = COALESCE(l.partner_id, o.partner_id,
                               CASE WHEN a.res_model = 'res.partner' THEN a.res_id END)
         WHERE a.id = ANY (%(ids)s) AND a.active IS FALSE AND a.date_done IS NOT NULL
           AND a.res_model IN ('crm.lead', 'sale.order', 'res.partner')
           AND a.user_id IS NOT NULL AND %(condition)s
        """,
        company=SQL("COALESCE(l.company_id, o.company_id, u.company_id)"),
        # Of what has no team itself: the one the person works in
        team=SQL(
            """(SELECT m.crm_team_id FROM crm_team_member m
                 WHERE m.user_id = a.user_id AND m.active ORDER BY m.id LIMIT 1)"""
        ),
        ids=ids,
        condition=condition or SQL("TRUE"),
    )


# What counts as one, by the code of the metric.
COUNTS = {
    "new_customer": new_customers,
    "won_deal": won_deals,
    "qualified_deal": qualified_deals,
    "verified_evidence": evidence,
    "visit": visits,
    "activity": activities,
}


def unsettled(env, metrics, ids):
    """Documents of which the ledger does not say what they count.

    :param metrics: ``(id, code)``, all of them in ``COUNTS``
    """
    worth = SQL(" UNION ALL ").join(
        SQL(
            """SELECT %s::int AS metric_id, w.source_id, w.part_id, w.amount
                 FROM (%s) w(source_id, part_id, day, company_id, user_id, team_id,
                             partner_id, category_id, territory_id, order_id, lead_id,
                             amount, weight)""",
            metric_id,
            COUNTS[code](env, ids, any_day),
        )
        for metric_id, code in metrics
    )
    return SQL(
        """
        SELECT DISTINCT source_id
          FROM (%s UNION ALL
                SELECT metric_id, source_id, part_id, -amount FROM sales_credit
                 WHERE metric_id = ANY (%s) AND source_id = ANY (%s)
                   AND is_overlay IS NOT TRUE) x
         GROUP BY metric_id, source_id, part_id HAVING SUM(amount) <> 0
         ORDER BY source_id
        """,
        worth,
        [metric_id for metric_id, _code in metrics],
        ids,
    )
