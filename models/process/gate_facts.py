"""SQL that finds what is known about deals: recorded evidence, and facts by kind.

Each yields ``lead id, kind, ref, moment (UTC), model, record id, label``; they are
joined with UNION ALL, so judging costs one query whatever kinds are asked. Planning is
most of its price for a single deal: keep the joins few. People with an internal user
(``u``) are ours: their mail and presence prove nothing about the buyer.
"""

from odoo.tools import SQL


def proofs(leads):
    """Recorded evidence, whoever may see it.

    It rides along with the facts and so saves a round trip: ``ref`` is the key of the
    criterion, the moment is the end of its validity, ``model`` is state and source.
    """
    return SQL(
        """
        SELECT e.lead_id, 'proof', e.criterion_key, e.date_expiry,
               e.state || ' ' || e.source, e.id, e.note
          FROM sales_evidence e
         WHERE e.lead_id IN %s
        """,
        tuple(leads.ids),
    )


def _activities(leads):
    return SQL(
        """
        SELECT a.res_id, 'activity', a.activity_type_id::text, a.date_done::timestamp,
               'mail.activity', a.id, a.summary
          FROM mail_activity a
         WHERE a.res_model = 'crm.lead' AND a.res_id IN %s
           AND a.active IS NOT TRUE AND a.date_done IS NOT NULL
        """,
        tuple(leads.ids),
    )


def _meetings(leads):
    """Held meetings that somebody from outside attended, a row per buying role."""
    return SQL(
        """
        SELECT e.opportunity_id, 'meeting', s.role, e.stop, 'calendar.event', e.id,
               e.name
          FROM calendar_event e
          JOIN calendar_attendee a ON a.event_id = e.id AND a.state <> 'declined'
          LEFT JOIN sales_stakeholder s
                 ON s.lead_id = e.opportunity_id AND s.partner_id = a.partner_id
          LEFT JOIN res_users u ON u.partner_id = a.partner_id AND NOT u.share
         WHERE e.opportunity_id IN %s AND e.active AND u.id IS NULL
        """,
        tuple(leads.ids),
    )


def _stakeholders(leads):
    return SQL(
        """
        SELECT s.lead_id, 'stakeholder', s.role, NULL::timestamp, 'sales.stakeholder',
               s.id, (SELECT p.name FROM res_partner p WHERE p.id = s.partner_id)
          FROM sales_stakeholder s
          LEFT JOIN res_users u ON u.partner_id = s.partner_id AND NOT u.share
         WHERE s.lead_id IN %s AND u.id IS NULL
        """,
        tuple(leads.ids),
    )


def _emails(leads):
    """Inbound mail from the customer: from its people, the committee or the address.

    The mail gateway runs as the system; a row written by a salesperson's own session is
    not a mail from the customer, whatever author it claims.
    """
    return SQL(
        """
        SELECT l.id, 'email', s.role, m.date, 'mail.message', m.id, m.subject
          FROM mail_message m
          JOIN crm_lead l ON l.id = m.res_id
          LEFT JOIN sales_stakeholder s
                 ON s.lead_id = l.id AND s.partner_id = m.author_id
          LEFT JOIN res_partner p ON p.id = m.author_id
          LEFT JOIN res_partner customer ON customer.id = l.partner_id
          LEFT JOIN res_users u ON u.partner_id = m.author_id AND NOT u.share
         WHERE m.model = 'crm.lead' AND m.res_id IN %s AND m.message_type = 'email'
           AND u.id IS NULL
           AND NOT EXISTS (
               SELECT 1 FROM res_users w
                 JOIN res_groups_users_rel g ON g.uid = w.id AND g.gid IN %s
                WHERE w.id = m.create_uid AND w.id <> 1 AND NOT w.share)
           AND (s.id IS NOT NULL
                OR p.commercial_partner_id = customer.commercial_partner_id
                OR l.email_normalized = lower(
                   substring(m.email_from FROM '([^<>[:space:]]+@[^<>[:space:]]+)')))
        """,
        tuple(leads.ids),
        _sales_group_ids(leads),
    )


def _sales_group_ids(leads):
    """The sales groups and all groups that bring them along."""
    group = leads.env.ref("sales_process.group_rep").sudo()  # configuration
    return tuple((group | group.all_implied_by_ids).ids)


def _documents(leads):
    return SQL(
        """
        SELECT a.res_id, 'document', a.sales_document_category,
               date_trunc('second', a.create_date), 'ir.attachment', a.id, a.name
          FROM ir_attachment a
         WHERE a.res_model = 'crm.lead' AND a.res_id IN %s AND a.res_field IS NULL
           AND a.sales_document_category IS NOT NULL
        """,
        tuple(leads.ids),
    )


def _quotations(leads):
    """A signed quotation was also opened, an opened one was also sent."""
    viewed = leads.env["ir.model.data"]._xmlid_to_res_id("sale.mt_order_viewed")
    return SQL(
        """
        SELECT o.opportunity_id, 'quotation', r.ref, r.at, 'sale.order', o.id, o.name
          FROM sale_order o
          LEFT JOIN LATERAL (
                SELECT MIN(m.date) AS at FROM mail_message m
                 WHERE m.model = 'sale.order' AND m.res_id = o.id
                   AND m.subtype_id = %(viewed)s) v ON TRUE
          CROSS JOIN LATERAL (
                SELECT CASE WHEN o.state = 'sale'
                            THEN COALESCE(o.signed_on, o.date_order)
                            ELSE o.signed_on END AS at) s
          CROSS JOIN LATERAL (VALUES
                ('signed', s.at),
                ('viewed', COALESCE(v.at, s.at)),
                ('sent', CASE WHEN o.state IN ('sent', 'sale') THEN COALESCE(
                         v.at, s.at, date_trunc('second', o.write_date)) END)
                ) r (ref, at)
         WHERE o.opportunity_id IN %(leads)s AND o.state <> 'cancel'
           AND r.at IS NOT NULL
        """,
        leads=tuple(leads.ids),
        viewed=viewed,
    )


FACT_QUERIES = {
    "activity": (("mail.activity",), _activities),
    "meeting": (
        ("calendar.event", "calendar.attendee", "sales.stakeholder"),
        _meetings,
    ),
    "stakeholder": (("sales.stakeholder",), _stakeholders),
    "email": (("mail.message", "sales.stakeholder", "crm.lead"), _emails),
    "document": (("ir.attachment",), _documents),
    "quotation": (("sale.order", "mail.message"), _quotations),
}
