from odoo import api, fields, models

# kind of name → (model, field of this model that points at the record)
KINDS = {
    "stage": ("crm.stage", "stage_id"),
    "status": ("crm.stage", "stage_id"),
    "user": ("res.users", "user_id"),
    "team": ("crm.team", "team_id"),
    "customer": ("res.partner", "partner_id"),
    "product": ("product.product", "product_id"),
    "industry": ("res.partner.industry", "industry_id"),
    "country": ("res.country", "country_id"),
    "lost_reason": ("crm.lost.reason", "lost_reason_id"),
}
OUTCOMES = [("open", "Open"), ("won", "Won"), ("lost", "Lost")]


class SalesPipelineImportValue(models.Model):
    """One name that stands in the files, and the record it becomes.

    Equal names are matched. Names that are only alike are shown with their likeness;
    what happens to them is the user's choice.
    """

    _name = "sales.pipeline.import.value"
    _description = "Pipeline Import Name"
    _order = "kind, needs_look desc, row_count desc, id"

    import_id = fields.Many2one(
        comodel_name="sales.pipeline.import",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="import_id.company_id", store=True)
    kind = fields.Selection(
        selection=[
            ("stage", "Stage"),
            ("status", "Status"),
            ("user", "Salesperson"),
            ("team", "Team"),
            ("customer", "Customer"),
            ("product", "Product"),
            ("industry", "Industry"),
            ("country", "Country"),
            ("lost_reason", "Lost Reason"),
        ],
        required=True,
        readonly=True,
    )
    name = fields.Char(string="In the File", required=True, readonly=True)
    key = fields.Char(required=True, readonly=True)
    row_count = fields.Integer(string="Rows", readonly=True)
    first_row = fields.Integer(readonly=True)
    action = fields.Selection(
        selection=[
            ("match", "Use the one chosen"),
            ("same", "Same as another name"),
            ("create", "Create"),
            ("empty", "Leave empty"),
        ],
        string="What to Do",
        required=True,
        default="empty",
    )
    allowed_actions = fields.Json(compute="_compute_allowed_actions")
    outcome = fields.Selection(selection=OUTCOMES, string="Means")
    stage_id = fields.Many2one(comodel_name="crm.stage")
    user_id = fields.Many2one(
        comodel_name="res.users",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    team_id = fields.Many2one(comodel_name="crm.team", check_company=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", check_company=True
    )
    product_id = fields.Many2one(comodel_name="product.product", check_company=True)
    industry_id = fields.Many2one(comodel_name="res.partner.industry")
    country_id = fields.Many2one(comodel_name="res.country")
    lost_reason_id = fields.Many2one(comodel_name="crm.lost.reason")
    same_as_id = fields.Many2one(
        comodel_name="sales.pipeline.import.value",
        domain="[('import_id', '=', import_id), ('kind', '=', kind), "
        "('id', '!=', id), ('same_as_id', '=', False)]",
        ondelete="set null",
    )
    create_name = fields.Char(string="New Name", help="Empty: the name in the file.")
    suggestion = fields.Char(string="Looks Like", readonly=True)
    suggestion_score = fields.Integer(
        string="Likeness", readonly=True, help="How alike the names are, in percent."
    )
    suggested_res_id = fields.Integer(readonly=True)
    is_ambiguous = fields.Boolean(readonly=True)
    needs_look = fields.Boolean(compute="_compute_needs_look", store=True)
    is_undecided = fields.Boolean(compute="_compute_is_undecided", store=True)

    _import_kind_key_uniq = models.Constraint(
        "UNIQUE (import_id, kind, key)", "A name stands once per kind in a run."
    )

    # === COMPUTE METHODS === #

    @api.depends("kind", "import_id.process_id")
    def _compute_allowed_actions(self):
        for value in self:
            allowed = ["match", "create", "empty", "same"]
            if value.kind == "country":
                allowed = ["match", "empty"]
            elif value.kind == "stage":
                # The stages of a process are chosen by its designer, not by a file.
                allowed = ["match"] if value.import_id.process_id else allowed[:2]
            elif value.kind == "status":
                allowed = ["match", "empty"]
            elif value.kind in ("user", "team"):
                allowed = ["match", "create", "empty"]
            value.allowed_actions = allowed

    @api.depends("suggestion", "is_ambiguous", "action", "is_undecided")
    def _compute_needs_look(self):
        for value in self:
            value.needs_look = value.is_undecided or (
                value.action in ("empty", "create")
                and bool(value.suggestion or value.is_ambiguous)
            )

    @api.depends(
        "kind",
        "import_id.process_id",
        "outcome",
        "stage_id",
        "action",
        "same_as_id",
        *[field for _model, field in KINDS.values()],
    )
    def _compute_is_undecided(self):
        for value in self:
            if value.kind in ("stage", "status"):
                is_new = value.action == "create" and not value.import_id.process_id
                needs_stage = value.kind == "stage" and not is_new
                value.is_undecided = not value.outcome or (
                    needs_stage and not value.stage_id
                )
            elif value.action == "same":
                value.is_undecided = not value.same_as_id
            else:
                value.is_undecided = value.action == "match" and not value._record()

    # === ONCHANGE METHODS === #

    @api.onchange(*dict.fromkeys(field for _model, field in KINDS.values()))
    def _onchange_record(self):
        if self._record():
            self.action = "match"

    @api.onchange("outcome")
    def _onchange_outcome(self):
        if self.outcome == "won" and not self.stage_id.is_won:
            stages = self.import_id._open_stages()
            self.stage_id = stages.filtered("is_won")[:1]

    @api.onchange("same_as_id")
    def _onchange_same_as_id(self):
        if self.same_as_id:
            self.action = "same"

    @api.onchange("create_name")
    def _onchange_create_name(self):
        if self.create_name:
            self.action = "create"

    # === CRUD METHODS === #

    def write(self, vals):
        """A record that is named is meant; RPC and import behave as the form does."""
        self.import_id._mark_changed()
        vals = dict(vals)
        if "action" not in vals:
            refs = {field for _model, field in KINDS.values()}
            if any(vals.get(field) for field in refs):
                vals["action"] = "match"
            elif vals.get("same_as_id"):
                vals["action"] = "same"
        return super().write(vals)

    # === ACTION METHODS === #

    def action_accept(self):
        """Take the name that the file's name looks like."""
        for value in self.filtered("suggestion"):
            if value.suggested_res_id:
                field = KINDS[value.kind][1]
                value.write({field: value.suggested_res_id, "action": "match"})
                continue
            twin = value.import_id.value_ids.filtered(
                lambda other, value=value: (
                    other.kind == value.kind and other.name == value.suggestion
                )
            )[:1]
            if twin:
                value.write({"same_as_id": twin.id, "action": "same"})
            else:
                value.write({"create_name": value.suggestion, "action": "create"})

    # === BUSINESS METHODS === #

    def _record(self):
        """The record this name stands for, if it is decided and exists."""
        self.ensure_one()
        return self[KINDS[self.kind][1]]

    def _resolve(self):
        """The record of every name: {value: record}, followed through "same as"."""
        resolved = {}
        for value in self:
            source = value.same_as_id if value.action == "same" else value
            model = KINDS[value.kind][0]
            resolved[value] = (
                source._record()
                if source and source.action in ("match", "create")
                else self.env[model]
            )
        return resolved

    def _answer(self):
        """What to remember of the decision, as a short text."""
        self.ensure_one()
        record = self._record()
        if self.kind in ("stage", "status"):
            return f"{self.outcome or ''}:{record.id or ''}"
        if self.action == "match" and record:
            return f"match:{record.id}"
        if self.action == "same":
            target = self.same_as_id._record()
            return f"match:{target.id}" if target else ""
        return ""

    @api.model
    def _from_answer(self, kind, answer):
        """Values for a name that was decided in an earlier run, or nothing."""
        head, _colon, tail = (answer or "").partition(":")
        model, field = KINDS[kind]
        record = self.env[model].browse(int(tail) if tail.isdigit() else []).exists()
        if kind in ("stage", "status"):
            meant = {"outcome": head, "stage_id": record.id, "action": "match"}
            return meant if head else {}
        if head != "match" or not record or ("active" in record and not record.active):
            return {}
        if "company_id" in record and record.company_id:
            company = self.env.company
            if kind != "user" and record.company_id != company:
                return {}
        return {"action": "match", field: record.id}

    def _missing_rights(self):
        """What this user may not create of these names, as sentences."""
        messages = []
        for kind, values in self.grouped("kind").items():
            model = self.env[KINDS[kind][0]]
            names = ", ".join(values[:5].mapped("name")) + ("…" if values[5:] else "")
            if kind == "country":
                message = self.env._(
                    "Countries cannot be created (%s). Choose one or leave it empty.",
                    names,
                )
            elif kind == "user":
                message = values._missing_user_rights(names)
            elif kind == "industry" or model.has_access("create"):
                continue
            else:
                message = self.env._(
                    "You may not create %(kind)s records (%(names)s). Choose existing "
                    "ones, leave them empty, or let someone with that right press "
                    "“Import”.",
                    kind=model._description,
                    names=names,
                )
            messages += [message] if message else []
        return messages

    def _missing_user_rights(self, names):
        entitled = self.env.user.has_group("base.group_erp_manager")
        if entitled and self.import_id.allow_create_users:
            return ""
        return self.env._(
            "%s would become new users. Only someone who may manage access rights can "
            "create users, after ticking “Create Users for Salespeople” in the "
            "settings of this import. Choose existing users or leave them empty.",
            names,
        )
