"""What is known about deals, found by one function in the database.

The gate asks on every stage move. Planning the joins below would cost more than running
them and is most of the price of moving a single deal; PostgreSQL keeps the plans of a
PL/pgSQL function for the whole session, so there it is paid once.

Every row is ``lead id, kind, ref, moment (UTC), model, record id, label``. People with
an internal user (``u``) are ours: they prove nothing about the buyer.
"""

from odoo.tools import SQL

# Recorded evidence rides along with the facts and so saves a round trip: ``ref`` is the
# key of the criterion, the moment is the end of its validity, ``model`` holds state and
# source.
PROOFS = """
    SELECT e.lead_id, 'proof', e.criterion_key::text, e.date_expiry,
           e.state || ' ' || e.source, e.id, e.note
      FROM sales_evidence e
     WHERE e.lead_id = ANY (leads)
"""

ACTIVITIES = """
    SELECT a.res_id, 'activity', a.activity_type_id::text, a.date_done::timestamp,
           'mail.activity', a.id, a.summary::text
      FROM mail_activity a
     WHERE a.res_model = 'crm.lead' AND a.res_id = ANY (leads)
       AND a.active IS NOT TRUE AND a.date_done IS NOT NULL
"""

# Held meetings that somebody from outside attended: a row per buying role.
MEETINGS = """
    SELECT e.opportunity_id, 'meeting', s.role::text, e.stop, 'calendar.event', e.id,
           CASE WHEN e.privacy IS DISTINCT FROM 'private' THEN e.name::text END
      FROM calendar_event e
      JOIN calendar_attendee a
        ON a.event_id = e.id AND a.state IS DISTINCT FROM 'declined'
      LEFT JOIN sales_stakeholder s
             ON s.lead_id = e.opportunity_id AND s.partner_id = a.partner_id
     WHERE e.opportunity_id = ANY (leads) AND e.active
       AND NOT EXISTS (SELECT 1 FROM res_users u
                        WHERE u.partner_id = a.partner_id AND NOT u.share)
"""

STAKEHOLDERS = """
    SELECT s.lead_id, 'stakeholder', s.role::text, NULL::timestamp, 'sales.stakeholder',
           s.id, p.name::text
      FROM sales_stakeholder s JOIN res_partner p ON p.id = s.partner_id
     WHERE s.lead_id = ANY (leads)
       AND NOT EXISTS (SELECT 1 FROM res_users u
                        WHERE u.partner_id = s.partner_id AND NOT u.share)
"""

# Inbound mail from the customer: from its people, the committee or the address. The
# mail gateway runs as the system; a row written by a salesperson's own session is not a
# mail from the customer, whatever author it claims.
EMAILS = """
    SELECT l.id, 'email', s.role::text, m.date, 'mail.message', m.id, m.subject::text
      FROM mail_message m
      JOIN crm_lead l ON l.id = m.res_id
      LEFT JOIN sales_stakeholder s ON s.lead_id = l.id AND s.partner_id = m.author_id
      LEFT JOIN res_partner p ON p.id = m.author_id
      LEFT JOIN res_partner customer ON customer.id = l.partner_id
     WHERE m.model = 'crm.lead' AND m.res_id = ANY (leads) AND m.message_type = 'email'
       AND NOT EXISTS (SELECT 1 FROM res_users u
                        WHERE u.partner_id = m.author_id AND NOT u.share)
       AND NOT EXISTS (
           SELECT 1 FROM res_users w
             JOIN res_groups_users_rel g ON g.uid = w.id AND g.gid = ANY (sales_groups)
            WHERE w.id = m.create_uid AND w.id <> 1 AND NOT w.share)
       AND (s.id IS NOT NULL
            OR p.commercial_partner_id = customer.commercial_partner_id
            OR l.email_normalized = lower(
               substring(m.email_from FROM '([^<>[:space:]]+@[^<>[:space:]]+)')))
"""

DOCUMENTS = """
    SELECT a.res_id, 'document', a.sales_document_category::text,
           date_trunc('second', a.create_date), 'ir.attachment', a.id, a.name::text
      FROM ir_attachment a
     WHERE a.res_model = 'crm.lead' AND a.res_id = ANY (leads) AND a.res_field IS NULL
       AND a.sales_document_category IS NOT NULL
"""

# A signed quotation was also opened, an opened one was also sent.
QUOTATIONS = """
    SELECT o.opportunity_id, 'quotation', r.ref, r.at, 'sale.order', o.id, o.name::text
      FROM sale_order o
      LEFT JOIN LATERAL (
            SELECT MIN(m.date) AS at FROM mail_message m
             WHERE m.model = 'sale.order' AND m.res_id = o.id
               AND m.subtype_id = viewed) v ON TRUE
      CROSS JOIN LATERAL (
            SELECT CASE WHEN o.state = 'sale' THEN COALESCE(o.signed_on, o.date_order)
                        ELSE o.signed_on END AS at) s
      CROSS JOIN LATERAL (VALUES
            ('signed', s.at),
            ('viewed', COALESCE(v.at, s.at)),
            ('sent', CASE WHEN o.state IN ('sent', 'sale') THEN COALESCE(
                     v.at, s.at, date_trunc('second', o.write_date)) END)
            ) r (ref, at)
     WHERE o.opportunity_id = ANY (leads) AND o.state <> 'cancel' AND r.at IS NOT NULL
"""

# What each kind reads, and how.
FACTS = {
    "activity": (("mail.activity",), ACTIVITIES),
    "meeting": (("calendar.event", "calendar.attendee"), MEETINGS),
    "stakeholder": ((), STAKEHOLDERS),
    "email": (("mail.message", "crm.lead"), EMAILS),
    "document": (("ir.attachment",), DOCUMENTS),
    "quotation": (("sale.order", "mail.message"), QUOTATIONS),
}
ALWAYS_READ = ("sales.evidence", "sales.stakeholder")
SIGNATURE = "sales_gate_known (integer[], text[], integer[], integer)"


def create_function(cr):
    """Install or renew the function, as its text belongs to this version."""
    branches = "".join(
        f"IF '{kind}' = ANY (kinds) THEN RETURN QUERY {query}; END IF;\n"
        for kind, (_models, query) in FACTS.items()
    )
    drop_function(cr)
    cr.execute(
        SQL(
            """
            CREATE FUNCTION sales_gate_known (
                leads integer[], kinds text[], sales_groups integer[], viewed integer)
            RETURNS TABLE (
                known_lead integer, known_kind text, known_ref text,
                known_at timestamp, known_model text, known_id integer,
                known_label text)
            LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS %s
            """,
            f"BEGIN\nRETURN QUERY {PROOFS};\n{branches}END",
        )
    )


def drop_function(cr):
    """Remove the function; nothing else refers to it."""
    cr.execute(SQL("DROP FUNCTION IF EXISTS %s", SQL(SIGNATURE)))


def load_known(leads, kinds):
    """Rows of evidence and of the facts of these kinds, evidence oldest first.

    :param leads: deals; what is pending about them is written first
    :param kinds: collection of kinds of criteria; others than ``FACTS`` are ignored
    """
    env = leads.env
    kinds = [kind for kind in FACTS if kind in kinds]
    for name in (*ALWAYS_READ, *(name for kind in kinds for name in FACTS[kind][0])):
        env[name].flush_model()
    groups, viewed = [], None
    if "email" in kinds:
        group = env.ref("sales_process.group_rep").sudo()  # configuration
        groups = (group | group.all_implied_by_ids).ids
    if "quotation" in kinds:
        viewed = env["ir.model.data"]._xmlid_to_res_id("sale.mt_order_viewed")
    rows = env.execute_query(
        SQL(
            "SELECT * FROM sales_gate_known (%s::int[], %s::text[], %s::int[], %s)",
            *(leads.ids, kinds, groups, viewed),
        )
    )
    return sorted(rows, key=lambda row: row[5])
