from odoo import models

COMMISSION_REPORT = "sales_process.action_report_commission"


class SalesCommissionStatement(models.Model):
    """A statement on paper, and on the pages of dealers."""

    _inherit = "sales.commission.statement"

    def _get_lang(self):
        """The language of whoever earned it."""
        self.ensure_one()
        return self._owner_partner().sudo().lang or self.env.lang  # whoever prints

    def _get_report_base_filename(self):
        """How the file is called."""
        self.ensure_one()
        return self.display_name.replace("/", "-")

    def _lines_by_document(self, lines):
        """Lines in groups of one document, what has none first.

        :return: list of ``(label, lines)``
        """
        groups = {}
        for line in lines:
            document = line.source_model and (line.source_model, line.source_id)
            groups.setdefault(document, lines.browse())
            groups[document] |= line
        return [
            (some[0].document_name if document else "", some)
            for document, some in sorted(
                groups.items(), key=lambda item: (bool(item[0]), item[1][0].sequence)
            )
        ]
