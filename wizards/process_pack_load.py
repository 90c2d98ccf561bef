import base64

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.process.pack_reader import PackReader

FROM_FILE = "file"


class SalesProcessLoad(models.TransientModel):
    """Start a process from a ready-made one or from a file, after a look at it."""

    _name = "sales.process.load"
    _description = "Load a Process"

    pack = fields.Selection(
        selection="_selection_pack",
        string="Process",
        required=True,
        default=lambda self: self._selection_pack()[0][0],
    )
    file = fields.Binary(attachment=False)
    file_name = fields.Char()
    team_ids = fields.Many2many(
        comodel_name="crm.team",
        string="For Teams",
        help="Empty: deals of every team. Stages that do not exist yet are made for "
        "these teams only.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        string="For Company",
        domain="[('id', 'in', allowed_company_ids)]",
    )
    description = fields.Text(compute="_compute_preview")
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    problems = fields.Html(compute="_compute_preview", sanitize=False)
    notes = fields.Html(compute="_compute_preview", sanitize=False)
    is_loadable = fields.Boolean(compute="_compute_preview")

    # === COMPUTE METHODS === #

    @api.model
    def _selection_pack(self):
        ready = []
        for key, content in self.env["sales.process"]._ready_made_packs().items():
            reader = PackReader(self.env, content)
            ready.append((key, self._text(reader.data or {"name": key}, "name")))
        return [*ready, (FROM_FILE, self.env._("From a file"))]

    @api.depends("pack", "file", "team_ids")
    def _compute_preview(self):
        for wizard in self:
            content = wizard._get_content()
            wizard.update(dict.fromkeys(("preview", "problems", "notes"), False))
            wizard.description = False
            wizard.is_loadable = False
            if content is None:
                continue
            reader = PackReader(self.env, content, wizard.team_ids._origin)
            wizard.problems = wizard._as_list(reader.problems)
            wizard.notes = wizard._as_list(reader.notes)
            if reader.data:
                wizard.description = wizard._text(reader.data, "description")
                wizard.preview = wizard._get_preview(reader)
                wizard.is_loadable = True

    def _get_content(self):
        """The chosen file, or None while none is chosen."""
        if self.pack == FROM_FILE:
            # Without this a form would show the size of the file instead of the file.
            file = self.with_context(bin_size=False).file
            return base64.b64decode(file) if file else None
        return self.env["sales.process"]._ready_made_packs().get(self.pack)

    def _text(self, entry, name):
        """A text of the file in the language of the user, where it has it."""
        translations = entry.get(f"{name}_i18n") or {}
        return translations.get(self.env.lang) or entry.get(name) or ""

    @staticmethod
    def _as_list(texts):
        items = Markup("").join(Markup("<li>%s</li>") % text for text in texts)
        return Markup('<ul class="mb-0">%s</ul>') % items if texts else False

    def _get_preview(self, reader):
        """The stages of the file as a table, with what would happen to each."""
        rows = Markup("").join(
            Markup(
                '<tr><td class="text-nowrap"><b>%s</b><br/><small class="text-muted">%s'
                "</small></td><td>%s<ul class='mb-0 ps-3'>%s</ul></td>"
                '<td class="text-end">%s&nbsp;%%</td></tr>'
            )
            % (
                self._text(entry, "name"),
                self._stage_note(stage),
                self._text(entry, "buyer_step"),
                self._get_criteria_preview(entry),
                round(entry.get("probability", 0)),
            )
            for entry, stage in zip(reader.data["stages"], reader.stages, strict=True)
        )
        return Markup(
            '<table class="table table-sm"><thead><tr><th>%s</th><th>%s</th>'
            '<th class="text-end">%s</th></tr></thead><tbody>%s</tbody></table>'
        ) % (
            self.env._("Stage"),
            self.env._("Buyer's step and exit criteria"),
            self.env._("Probability"),
            rows,
        )

    def _get_criteria_preview(self, entry):
        return Markup("").join(
            Markup('<li class="text-muted">%s</li>') % self._text(criterion, "name")
            for criterion in entry.get("criteria", ())
        )

    def _stage_note(self, stage):
        if not stage:
            return self.env._("new in your pipeline")
        if stage.team_ids and not stage.team_ids & self.team_ids._origin:
            return self.env._("your stage of %s", stage.team_ids[0].name)
        return self.env._("your stage “%s”", stage.name)

    # === ACTION METHODS === #

    def action_load(self):
        """Create the draft and open it.

        :raise UserError: with every problem of the file
        """
        self.ensure_one()
        content = self._get_content()
        if content is None:
            raise UserError(self.env._("Choose the file of a process first."))
        process = self.env["sales.process"]._load_pack(
            content, teams=self.team_ids, company=self.company_id
        )
        return process._get_form_action()
