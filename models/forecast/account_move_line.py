from odoo import models


class AccountMoveLine(models.Model):
    """What customers still owe is found without reading what they have paid."""

    _inherit = "account.move.line"

    _sales_open_idx = models.Index(
        "(move_id) INCLUDE (date, date_maturity, amount_residual, company_id)"
        " WHERE display_type = 'payment_term' AND amount_residual <> 0"
        " AND parent_state = 'posted'"
    )
