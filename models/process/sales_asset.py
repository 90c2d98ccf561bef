from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .ir_attachment import DOCUMENT_CATEGORIES


class SalesAsset(models.Model):
    """A piece of the content library: a file or a link the best people sell with."""

    _name = "sales.asset"
    _description = "Sales Content"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    category = fields.Selection(
        selection=DOCUMENT_CATEGORIES, default="other", required=True
    )
    description = fields.Text(
        translate=True, help="When to use it and what it should achieve."
    )
    file = fields.Binary(attachment=True)
    file_name = fields.Char()
    url = fields.Char(string="Link")
    open_url = fields.Char(compute="_compute_open_url")
    company_id = fields.Many2one(
        comodel_name="res.company",
    )
    owner_id = fields.Many2one(
        comodel_name="res.users",
        string="Kept up to Date by",
        default=lambda self: self.env.user,
        tracking=True,
    )
    process_stage_ids = fields.Many2many(
        comodel_name="sales.process.stage",
        relation="sales_process_stage_asset_rel",
        column1="asset_id",
        column2="process_stage_id",
        string="Used in Stages",
        readonly=True,
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("file", "url")
    def _check_content(self):
        for asset in self:
            if not asset.file and not asset.url:
                raise ValidationError(
                    self.env._(
                        "“%s” has neither a file nor a link. Add one of them.",
                        asset.name,
                    )
                )

    @api.constrains("url")
    def _check_url(self):
        """Colleagues click on it, so it leads to a page and runs no script."""
        for asset in self.filtered("url"):
            if not asset.url.lower().startswith(("http://", "https://", "/")):
                raise ValidationError(
                    self.env._(
                        "The link of “%s” has to start with https:// or http://.",
                        asset.name,
                    )
                )

    # === COMPUTE METHODS === #

    @api.depends("url", "file", "file_name", "name")
    def _compute_open_url(self):
        for asset in self:
            usable = asset._origin and (asset.url or asset.file)
            asset.open_url = asset._get_open_url() if usable else False

    # === BUSINESS METHODS === #

    def _get_open_url(self):
        """Address under which a colleague opens this content."""
        self.ensure_one()
        if self.url:
            return self.url
        return f"/web/content/sales.asset/{self.id}/file/{self.file_name or self.name}"
