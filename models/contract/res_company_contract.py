from odoo import api, fields, models

from .sales_contract_make import SEQUENCE_CODE


class ResCompany(models.Model):
    _inherit = "res.company"

    sales_contract_automatic = fields.Boolean(
        string="Contract for Every Order",
        help="A confirmed order gets its contract at once.",
    )
    sales_contract_type_id = fields.Many2one(
        comodel_name="sales.contract.type",
        string="Usual Contract Type",
        domain="[('company_id', 'in', (id, False))]",
        ondelete="restrict",
        help="New contracts are of this type.",
    )

    def _sales_after_create(self):
        result = super()._sales_after_create()
        self._sales_create_contract_sequences()
        return result

    @api.model
    def _sales_create_missing_contract_sequences(self):
        """For the companies that were there before the installation."""
        companies = self.with_context(active_test=False)
        companies = companies.search([("active", "in", (True, False))])
        companies._sales_create_contract_sequences()

    def _sales_create_contract_sequences(self):
        """Contracts are numbered by company.

        :return: the sequences, also those that were there
        """
        sequences = self.env["ir.sequence"].sudo()  # whoever creates a company
        found = sequences.with_context(active_test=False).search(
            [("code", "=", SEQUENCE_CODE), ("company_id", "in", self.ids)], order="id"
        )
        return found | sequences.create(
            [
                {
                    "name": self.env._("Contracts of %s", company.name),
                    "code": SEQUENCE_CODE,
                    "company_id": company.id,
                    "prefix": "CT%(year)s/",
                    "padding": 4,
                }
                for company in self - found.company_id
            ]
        )

    def _sales_contract_sequence(self):
        """The sequence of this company; made anew if somebody deleted it."""
        self.ensure_one()
        return self._sales_create_contract_sequences()[:1]
