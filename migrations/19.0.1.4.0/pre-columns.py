from odoo.addons.sales_process.hooks import add_columns


def migrate(cr, version):
    """Add columns of large tables before the ORM looks at their rows."""
    add_columns(cr)
