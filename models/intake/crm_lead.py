from odoo import fields, models


class CrmLead(models.Model):
    """What an imported deal keeps of its file, and the product a deal is about."""

    _inherit = "crm.lead"

    sales_product_id = fields.Many2one(
        comodel_name="product.product",
        string="Main Product",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="What the deal is mainly about, before there is a quotation.",
    )
    sales_import_id = fields.Many2one(
        comodel_name="sales.pipeline.import",
        string="Imported By",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    sales_imported_salesperson = fields.Char(
        string="Salesperson in the File",
        readonly=True,
        copy=False,
        help="Name in the imported file of a salesperson who is no user.",
    )
    sales_imported_product = fields.Char(
        string="Product in the File",
        readonly=True,
        copy=False,
        help="Product name in the imported file that matched no product.",
    )
