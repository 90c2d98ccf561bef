from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine.tabular import Table, TableError, read_table


class SalesPipelineImportFile(models.Model):
    """One uploaded file of a run: what it holds and how it is written."""

    _name = "sales.pipeline.import.file"
    _description = "Pipeline Import File"
    _order = "sequence, id"

    import_id = fields.Many2one(
        comodel_name="sales.pipeline.import",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="import_id.company_id", store=True)
    attachment_id = fields.Many2one(
        comodel_name="ir.attachment", required=True, ondelete="cascade"
    )
    name = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(compute="_compute_sequence", store=True)
    kind = fields.Selection(
        selection=[
            ("deals", "Deals"),
            ("customers", "Customers"),
            ("products", "Products"),
            ("people", "Salespeople and their managers"),
            ("none", "Do not use"),
        ],
        string="Holds",
        required=True,
        default="none",
    )
    encoding = fields.Char(
        help="The character set of a CSV file, for example utf-8, cp1252 or gb18030."
    )
    delimiter = fields.Selection(
        selection=[
            (",", "Comma"),
            (";", "Semicolon"),
            ("\t", "Tab"),
            ("|", "Vertical bar"),
        ],
        string="Cells Are Separated By",
    )
    row_count = fields.Integer(string="Rows", readonly=True)
    column_ids = fields.One2many(
        comodel_name="sales.pipeline.import.column",
        inverse_name="file_id",
        string="Columns",
    )

    # === COMPUTE METHODS === #

    @api.depends("kind")
    def _compute_sequence(self):
        kinds = [key for key, _label in self._fields["kind"].selection]
        for file in self:
            file.sequence = kinds.index(file.kind)

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if {"kind", "encoding", "delimiter"} & vals.keys():
            self.import_id._mark_changed()
            self._set_columns()
        return result

    # === BUSINESS METHODS === #

    def _read_table(self) -> Table:
        """Read the file; what is wrong with it is told in words."""
        self.ensure_one()
        try:
            return read_table(
                self.attachment_id.raw or b"",
                self.name or "",
                encoding=self.encoding or "",
                delimiter=self.delimiter or "",
            )
        except TableError as error:
            raise UserError(self._table_message(error)) from error

    def _table_message(self, error):
        messages = {
            "empty": self.env._(
                "“%(file)s” is empty. Upload a file with a heading and rows."
            ),
            "old_excel": self.env._(
                "“%(file)s” is an old Excel file (.xls). Save it as .xlsx or CSV and "
                "upload it again."
            ),
            "not_xlsx": self.env._(
                "“%(file)s” is not a readable Excel file. Open it in your spreadsheet "
                "program, save it as .xlsx or CSV, and upload it again."
            ),
            "binary": self.env._(
                "“%(file)s” is neither CSV nor Excel. Save it as CSV and upload it."
            ),
            "encoding": self.env._(
                "“%(file)s” is not written in the character set %(encoding)s. Clear "
                "the character set to have it found."
            ),
            "csv": self.env._("“%(file)s” is not a valid CSV file: %(detail)s"),
            "too_long": self.env._(
                "“%(file)s” has more than %(limit)s rows. Split it into several files."
            ),
        }
        return messages[error.code] % {"file": self.name, **error.params}

    def _set_columns(self):
        """Rebuild the columns, with the remembered or suggested field of each."""
        memory = self.env["sales.pipeline.import.memory"]
        for file in self:
            table = file._read_table()
            remembered = memory._recall(file.company_id, f"column.{file.kind}")
            values = self.env["sales.pipeline.import.column"]._prepare_columns(
                file, table, remembered
            )
            file.column_ids.unlink()
            file.column_ids.create(values)
            file._write_found(table)

    def _write_found(self, table):
        """Keep how the file was read, without reading it once more."""
        # pylint: disable=super-method-mismatch
        return super().write(
            {
                "row_count": len(table.rows),
                "encoding": table.encoding,
                "delimiter": table.delimiter or False,
            }
        )
