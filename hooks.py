from odoo.tools import SQL, sql

from .models.process.gate_facts import drop_function

# Columns of large core tables, created empty before the ORM would compute them row by
# row: no deal follows a process yet when the addon is installed.
LEAD_COLUMNS = {
    "sales_process_id": "int4",
    "sales_stage_id": "int4",
    "sales_entry_stage_id": "int4",
    "sales_push_count": "int4 DEFAULT 0",
}


def pre_init_hook(env):
    """Add the columns of deals without touching their rows."""
    for name, column_type in LEAD_COLUMNS.items():
        if not sql.column_exists(env.cr, "crm_lead", name):
            env.cr.execute(
                SQL(
                    "ALTER TABLE crm_lead ADD COLUMN %s %s",
                    SQL.identifier(name),
                    SQL(column_type),
                )
            )


def uninstall_hook(env):
    """Leave Odoo's own data as it was: only what the addon added goes."""
    drop_function(env.cr)
    # Attachments of evidence stay behind as files of the deal they were for.
    env.cr.execute(
        SQL(
            """
            UPDATE ir_attachment a SET res_model = 'crm.lead', res_id = e.lead_id
              FROM sales_evidence e
             WHERE a.res_model = 'sales.evidence' AND a.res_id = e.id
               AND e.lead_id IS NOT NULL
            """
        )
    )
