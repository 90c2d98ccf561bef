from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.import_match import name_key, suggest_targets

TARGETS = [
    ("deals.external_id", "Deal: identifier"),
    ("deals.name", "Deal: title"),
    ("deals.customer", "Deal: customer"),
    ("deals.product", "Deal: product"),
    ("deals.salesperson", "Deal: salesperson"),
    ("deals.manager", "Deal: manager (leads the team)"),
    ("deals.team", "Deal: team"),
    ("deals.stage", "Deal: stage"),
    ("deals.status", "Deal: status (open, won, lost)"),
    ("deals.date_created", "Deal: created on"),
    ("deals.date_entered", "Deal: entered its stage on"),
    ("deals.date_closed", "Deal: won or lost on"),
    ("deals.date_deadline", "Deal: expected closing"),
    ("deals.amount", "Deal: amount"),
    ("deals.lost_reason", "Deal: lost reason"),
    ("deals.email", "Deal: e-mail"),
    ("deals.phone", "Deal: phone"),
    ("deals.note", "Deal: note"),
    ("customers.name", "Customer: name"),
    ("customers.industry", "Customer: industry"),
    ("customers.country", "Customer: country"),
    ("customers.city", "Customer: city"),
    ("customers.parent", "Customer: belongs to"),
    ("customers.website", "Customer: website"),
    ("customers.email", "Customer: e-mail"),
    ("customers.phone", "Customer: phone"),
    ("customers.note", "Customer: note"),
    ("products.name", "Product: name"),
    ("products.code", "Product: internal reference"),
    ("products.category", "Product: category"),
    ("products.price", "Product: sales price"),
    ("people.name", "Salesperson: name"),
    ("people.manager", "Salesperson: manager (leads the team)"),
    ("people.team", "Salesperson: team"),
    ("people.region", "Salesperson: region (parent of the team)"),
    ("people.email", "Salesperson: e-mail"),
]
REPEATABLE = {"deals.note", "customers.note"}


class SalesPipelineImportColumn(models.Model):
    """One column of an uploaded file and the field it goes to."""

    _name = "sales.pipeline.import.column"
    _description = "Pipeline Import Column"
    _order = "file_sequence, file_id, position"
    _rec_name = "header"

    file_id = fields.Many2one(
        comodel_name="sales.pipeline.import.file",
        required=True,
        index=True,
        ondelete="cascade",
    )
    file_sequence = fields.Integer(related="file_id.sequence", store=True)
    import_id = fields.Many2one(related="file_id.import_id", store=True, index=True)
    company_id = fields.Many2one(related="import_id.company_id", store=True)
    position = fields.Integer(readonly=True)
    header = fields.Char(string="Column", readonly=True)
    samples = fields.Char(string="Examples", readonly=True)
    target = fields.Selection(selection=TARGETS, string="Goes To")
    allowed_targets = fields.Json(compute="_compute_allowed_targets")
    origin = fields.Selection(
        selection=[("memory", "As last time"), ("heading", "From the heading")],
        string="Suggested",
        readonly=True,
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("target", "file_id")
    def _check_target(self):
        for file in self.file_id:
            taken = set()
            for column in file.column_ids.filtered("target"):
                if column.target in taken and column.target not in REPEATABLE:
                    raise ValidationError(
                        self.env._(
                            "Two columns of “%(file)s” go to “%(field)s”. Choose one.",
                            file=file.name,
                            field=column._target_label(),
                        )
                    )
                taken.add(column.target)

    # === COMPUTE METHODS === #

    @api.depends("file_id.kind")
    def _compute_allowed_targets(self):
        for column in self:
            prefix = f"{column.file_id.kind}."
            column.allowed_targets = [
                key for key, _label in TARGETS if key.startswith(prefix)
            ]

    # === CRUD METHODS === #

    def write(self, vals):
        if "target" in vals:
            vals = {"origin": False, **vals}
            self.import_id._mark_changed()
        return super().write(vals)

    # === BUSINESS METHODS === #

    def _target_label(self):
        self.ensure_one()
        return dict(self._fields["target"]._description_selection(self.env))[
            self.target
        ]

    @api.model
    def _prepare_columns(self, file, table, remembered):
        """Values of a file's columns; what was chosen last time goes first."""
        if file.kind == "none":
            return []
        suggested = suggest_targets(file.kind, table.headers)
        chosen = [remembered.get(name_key(header)) for header in table.headers]
        values = []
        for position, header in enumerate(table.headers):
            target, origin = chosen[position], "memory"
            if target is None:
                found = suggested[position]
                target, origin = f"{file.kind}.{found}", "heading"
                if not found or found == "ignore":
                    target = origin = False
                elif target in chosen and target not in REPEATABLE:
                    target = origin = False
            values.append(
                {
                    "file_id": file.id,
                    "position": position,
                    "header": header,
                    "samples": self._samples(table.column(position)),
                    "target": target or False,
                    "origin": target and origin,
                }
            )
        return values

    @api.model
    def _samples(self, cells):
        """The first few different values of a column."""
        found = list(dict.fromkeys(cell for cell in cells[:500] if cell))[:4]
        return " · ".join(cell[:40] for cell in found)

    def _memory_key(self):
        """What a heading is remembered by."""
        self.ensure_one()
        return name_key(self.header)
