from odoo.tools import SQL, sql

from .models.contract.sales_contract_make import SEQUENCE_CODE
from .models.forecast import forecast_sql, main_sql
from .models.pipeline import history_sql
from .models.process import gate_facts

# Columns of large core tables, created empty before the ORM would compute them row by
# row: no deal follows a process yet when the addon is installed.
LEAD_COLUMNS = {
    "sales_process_id": "int4",
    "sales_stage_id": "int4",
    "sales_entry_stage_id": "int4",
    "sales_push_count": "int4 DEFAULT 0",
    "sales_forecast_choice": "varchar",
}
# Nobody belongs to a territory yet: there is none.
TERRITORY_COLUMNS = {
    "sales_territory_id": "int4",
    "sales_territory_manual_id": "int4",
}
# The same for orders: none has a payment plan yet, and when those of the past were
# delivered is not known.
ORDER_COLUMNS = {
    "sales_plan_template_id": "int4",
    "sales_date_delivered": "date",
    "sales_main_category_id": "int4",
    "sales_unplanned": "numeric",
    "sales_is_ordered": "bool",
    "sales_counts": "bool",
}
# Filled for all documents at once, see ``fill_forecast_lines``.
MOVE_COLUMNS = {
    "sales_main_order_id": "int4",
    "sales_is_shared": "bool",
    "sales_main_category_id": "int4",
}
# Carries the last deal before the installation from one hook to the other.
INSTALLED_ID = "sales_process.installed_lead_id"


def add_columns(cr):
    """Add the columns of deals, customers and orders without touching their rows."""
    for table, columns in (
        ("crm_lead", LEAD_COLUMNS | TERRITORY_COLUMNS),
        ("res_partner", TERRITORY_COLUMNS),
        ("sale_order", ORDER_COLUMNS),
        ("account_move", MOVE_COLUMNS),
    ):
        for name, column_type in columns.items():
            if not sql.column_exists(cr, table, name):
                cr.execute(
                    SQL(
                        "ALTER TABLE %s ADD COLUMN %s %s",
                        SQL.identifier(table),
                        SQL.identifier(name),
                        SQL(column_type),
                    )
                )


def pre_init_hook(env):
    """Add columns, and remember which deals were there before."""
    add_columns(env.cr)
    # Younger deals write their history themselves, those of our demo data included.
    env.cr.execute(SQL("SELECT COALESCE(MAX(id), 0) FROM crm_lead"))
    [(installed_id,)] = env.cr.fetchall()
    env["ir.config_parameter"].set_param(INSTALLED_ID, installed_id)


def post_init_hook(env):
    """Start in the background what has to catch up with what was there before.

    The past of the deals is rebuilt, customers are judged by their invoices, and what
    was earned before is credited.
    """
    params = env["ir.config_parameter"]
    installed_id = int(params.get_param(INSTALLED_ID, 0))
    params.set_param(INSTALLED_ID, False)
    env["sales.pipeline.backfill"]._start(installed_id)
    env.ref("sales_process.customer_class_cron")._trigger()
    env["sales.credit.audit"]._start("backfill")
    fill_forecast(env)
    fill_forecast_lines(env)


def fill_forecast(env):
    """Work out what the deals that were there before count in the forecast."""
    env["crm.lead"]._sales_forecast_refresh(SQL("TRUE"))


def fill_forecast_lines(env):
    """Say of the orders and documents of before what the forecast reads of them."""
    env.flush_all()
    for statement in main_sql.fill():
        env.cr.execute(statement)
    env.invalidate_all()
    orders = env["sale.order"].search(
        [
            "|",
            "&",
            ("state", "=", "sale"),
            ("invoice_status", "!=", "invoiced"),
            "&",
            ("state", "!=", "sale"),
            ("order_line.invoice_lines", "!=", False),
        ]
    )
    env.add_to_compute(orders._fields["sales_unplanned"], orders)
    env.add_to_compute(orders._fields["sales_is_ordered"], orders)
    env.flush_all()


def uninstall_hook(env):
    """Leave Odoo's own data as it was: only what the addon added goes."""
    gate_facts.drop_function(env.cr)
    history_sql.drop_function(env.cr)
    forecast_sql.drop_functions(env.cr)
    forecast_sql.drop_statistics(env.cr)
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
    # What was signed stays with the first order of its contract.
    env.cr.execute(
        SQL(
            """
            UPDATE ir_attachment a SET res_model = 'sale.order', res_id = o.id
              FROM sales_contract_document d
              JOIN (SELECT sales_contract_id, MIN(id) AS id FROM sale_order
                     GROUP BY sales_contract_id) o
                ON o.sales_contract_id = d.contract_id
             WHERE a.id = d.attachment_id
            """
        )
    )
    # Made for each company by the program, so no record of the module.
    env["ir.sequence"].with_context(active_test=False).search(
        [("code", "=", SEQUENCE_CODE)]
    ).unlink()
