from odoo import fields, models

DOCUMENT_CATEGORIES = [
    ("requirements", "Requirements"),
    ("nda", "Non-disclosure Agreement"),
    ("presentation", "Presentation"),
    ("value_analysis", "Value Analysis"),
    ("proposal", "Proposal"),
    ("quotation", "Quotation"),
    ("minutes", "Meeting Minutes"),
    ("reference", "Reference Case"),
    ("purchase_order", "Purchase Order"),
    ("contract", "Contract"),
    ("acceptance", "Acceptance"),
    ("other", "Other"),
]


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    sales_document_category = fields.Selection(
        selection=DOCUMENT_CATEGORIES,
        string="Sales Document",
        index="btree_not_null",
        help="Lets the exit criteria of a deal recognise this document.",
    )
