from odoo import models


class SalesReview(models.Model):
    """A review on paper."""

    _inherit = "sales.review"

    def _get_lang(self):
        """The language of the salesperson."""
        self.ensure_one()
        return self.user_id.sudo().lang or self.env.lang  # whoever prints

    def _get_report_base_filename(self):
        """How the file is called."""
        self.ensure_one()
        return self.display_name.replace("/", "-")

    def _lines_of(self, group):
        """Figures of a part: ``results`` or ``process``."""
        return self.line_ids.filtered(lambda line: line.group == group)
