from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

# Categories that a customer has anyway, so they may see them in the portal.
SHARED_CATEGORIES = ("quotation", "purchase_order", "contract", "acceptance")


class SalesContractDocument(models.Model):
    """A file of a contract. A newer file of the same kind becomes its next version."""

    _name = "sales.contract.document"
    _description = "Contract Document"
    _inherits = {"ir.attachment": "attachment_id"}
    _order = "date desc, version desc, id desc"

    attachment_id = fields.Many2one(
        comodel_name="ir.attachment",
        required=True,
        ondelete="cascade",
        index=True,
        bypass_search_access=True,  # readable with the document, see ``create``
    )
    contract_id = fields.Many2one(
        comodel_name="sales.contract", required=True, index=True, ondelete="cascade"
    )
    contract_state = fields.Selection(related="contract_id.state")
    contract_type_id = fields.Many2one(related="contract_id.type_id")
    requirement_id = fields.Many2one(
        comodel_name="sales.contract.requirement",
        string="Meets",
        domain="[('type_id', '=', contract_type_id), ('kind', '=', 'document')]",
        ondelete="set null",
        index="btree_not_null",
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Signed Quotation of",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    change_id = fields.Many2one(
        comodel_name="sales.contract.change",
        ondelete="set null",
        index="btree_not_null",
    )
    date = fields.Date(
        string="Dated",
        required=True,
        default=lambda self: self.env.company._sales_today(),
    )
    version = fields.Integer(readonly=True, default=1)
    is_latest = fields.Boolean(compute="_compute_is_latest")
    is_shared = fields.Boolean(
        string="For the Customer",
        compute="_compute_is_shared",
        store=True,
        readonly=False,
        precompute=True,
        help="The customer sees it in the portal.",
    )

    # === COMPUTE METHODS === #

    @api.depends("attachment_id.sales_document_category")
    def _compute_is_shared(self):
        for document in self:
            category = document.attachment_id.sales_document_category
            document.is_shared = category in SHARED_CATEGORIES

    @api.depends("version", "contract_id.document_ids.version")
    def _compute_is_latest(self):
        for document in self:
            key = document._kind_key()
            document.is_latest = document.version >= max(
                other.version
                for other in document.contract_id.document_ids | document
                if other._kind_key() == key
            )

    def _kind_key(self):
        """Documents with the same key are versions of one another."""
        self.ensure_one()
        return (
            self.requirement_id.id,
            self.order_id.id,
            self.change_id.id,
            self.sales_document_category,
            self.name,
        )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        contracts = self.env["sales.contract"].browse(
            [vals.get("contract_id") for vals in vals_list]
        )
        vals_list = [
            {
                "date": contract.company_id._sales_today() if contract else False,
                **self._complete_category(vals),
                "version": 1,
            }
            for vals, contract in zip(vals_list, contracts, strict=True)
        ]
        documents = super().create(vals_list)
        documents._check_contract_open()
        documents._number_versions()
        # Whoever may read the document may read its file.
        for document in documents:
            document.attachment_id.sudo().write(  # not tied to anything readable yet
                {"res_model": self._name, "res_id": document.id}
            )
        return documents

    def write(self, vals):
        """A rule keeps people from writing once the contract is signed, and from the
        files themselves too."""
        fixed = {"attachment_id", "contract_id", "order_id", "version"} & vals.keys()
        signed = any(document.contract_state != "draft" for document in self)
        if (fixed or signed) and not self.env.su:
            raise UserError(
                self.env._("A document stays as it is. Add its next version instead.")
            )
        return super().write(vals)

    def unlink(self):
        attachments = self.attachment_id
        result = super().unlink()
        attachments.sudo().unlink()  # its file goes with it
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        for document in self:
            if document.contract_state != "draft":
                raise UserError(
                    self.env._(
                        "“%(document)s” belongs to %(contract)s, which is signed. Add "
                        "a new version instead of deleting it.",
                        document=document.name,
                        contract=document.contract_id.name,
                    )
                )

    @api.model
    def _complete_category(self, vals):
        """A document that meets a requirement is of its category."""
        defaults = self.default_get(["requirement_id", "sales_document_category"])
        requirement = self.env["sales.contract.requirement"].browse(
            vals.get("requirement_id", defaults.get("requirement_id"))
        )
        category = (
            vals.get("sales_document_category")
            or requirement.document_category
            or defaults.get("sales_document_category")
        )
        return {**vals, "sales_document_category": category or "other"}

    def _number_versions(self):
        """Count new documents behind those of the same kind."""
        last = defaultdict(int)
        for document in self.contract_id.document_ids - self:
            key = document.contract_id, document._kind_key()
            last[key] = max(last[key], document.version)
        for document in self.sorted("id"):
            key = document.contract_id, document._kind_key()
            last[key] += 1
            if last[key] > 1:
                document.sudo().version = last[key]  # counted by the system

    def _check_contract_open(self):
        """Files come to a contract at any time, but not to one that was called off."""
        cancelled = self.contract_id.filtered(lambda c: c.state == "cancelled")[:1]
        if cancelled and not self.env.su:
            raise UserError(
                self.env._("%s is cancelled, so it stays as it was.", cancelled.name)
            )

    # === ACTION METHODS === #

    def action_share(self):
        """Show these documents to the customer, or no longer."""
        self.contract_id.check_access("write")
        for shared, documents in self.grouped("is_shared").items():
            documents.sudo().is_shared = not shared  # signed ones too; nothing else

    def action_open_file(self):
        """Show or download the file."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "download",
        }
