from odoo import fields, models


class SalesCreditRebuild(models.TransientModel):
    """Have the ledger of a range of days proven against its documents."""

    _name = "sales.credit.rebuild"
    _description = "Check Credits"

    date_from = fields.Date(string="Documents from")
    date_to = fields.Date(string="Documents until")

    def action_start(self):
        """Start the run and show it.

        :raise UserError: while another one runs, or for days in the wrong order
        """
        self.ensure_one()
        self.check_access("write")
        audits = self.env["sales.credit.audit"].sudo()  # directors may, see the access
        audit = audits._start("manual", self.date_from, self.date_to)
        return audit.sudo(False).get_formview_action()
