from odoo import api, fields, models

from ..models.base.sales_personal_link import DEFAULT_DAYS


class SalesConfirmationSend(models.TransientModel):
    """Ask the buyer to confirm an exit criterion, through a mail with a link."""

    _name = "sales.confirmation.send"
    _description = "Ask the Buyer to Confirm"

    lead_id = fields.Many2one("crm.lead", string="Deal", required=True, readonly=True)
    criterion_id = fields.Many2one(
        "sales.process.criterion", string="Exit Criterion", required=True, readonly=True
    )
    commercial_partner_id = fields.Many2one(
        related="lead_id.partner_id.commercial_partner_id", related_sudo=False
    )
    committee_partner_ids = fields.Many2many(
        "res.partner", compute="_compute_committee_partner_ids"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        required=True,
        domain="[('email', '!=', False), '|', ('id', 'in', committee_partner_ids), "
        "'&', ('commercial_partner_id', '!=', False), "
        "('commercial_partner_id', '=', commercial_partner_id)]",
    )
    email = fields.Char(related="partner_id.email")
    problem = fields.Char(compute="_compute_problem")
    statement = fields.Text(
        string="What the Buyer Confirms",
        compute="_compute_statement",
        store=True,
        readonly=False,
        required=True,
        help="In the words and the language of the buyer.",
    )
    has_gap = fields.Boolean(compute="_compute_has_gap")
    days = fields.Integer(
        string="Link Works for (days)", default=DEFAULT_DAYS, required=True
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    # === COMPUTE METHODS === #

    @api.depends("lead_id")
    def _compute_committee_partner_ids(self):
        for wizard in self:
            people = wizard.lead_id.sales_stakeholder_ids.partner_id
            wizard.committee_partner_ids = people

    @api.depends("lead_id", "criterion_id")
    def _compute_partner_id(self):
        for wizard in self:
            wizard.partner_id = wizard.lead_id and wizard.lead_id._sales_default_buyer(
                wizard.criterion_id
            )

    @api.depends("lead_id", "criterion_id", "partner_id", "partner_id.email")
    def _compute_problem(self):
        requests = self.env["sales.confirmation"]
        for wizard in self:
            wizard.problem = wizard.partner_id and requests._request_error_message(
                wizard.lead_id, wizard.criterion_id, wizard.partner_id._origin
            )

    @api.depends("criterion_id", "partner_id")
    def _compute_statement(self):
        """In the language of the contact; what a person wrote is kept."""
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for wizard in self:
            drafts = {wizard._get_draft(code) for code in languages}
            if not wizard.statement or wizard.statement in drafts:
                lang = wizard.partner_id.lang or self.env.lang
                wizard.statement = wizard._get_draft(lang)

    @api.depends("statement")
    def _compute_has_gap(self):
        for wizard in self:
            text = wizard.statement or ""
            wizard.has_gap = any(gap in text for gap in ("…", "...", "___"))

    @api.depends("statement", "partner_id", "lead_id")
    def _compute_preview(self):
        for wizard in self:
            lang = wizard.partner_id.lang or self.env.lang
            wizard.preview = (
                self.env["ir.qweb"]
                .with_context(lang=lang)
                ._render(
                    "sales_process.confirmation_preview",
                    {
                        "statement": wizard.statement or "",
                        "contact": wizard.partner_id.name or "",
                        "company": wizard.lead_id.company_id or self.env.company,
                        "salesperson": self.env.user.name,
                        "colors": self._get_colors(wizard.lead_id),
                    },
                )
            )

    # === ACTION METHODS === #

    def action_send(self):
        """Send the mail and close."""
        self.ensure_one()
        request = self.env["sales.confirmation"]._request(
            self.lead_id, self.criterion_id, self.partner_id, self.statement, self.days
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(who)s gets a mail with a personal link (%(email)s).",
                    who=request.partner_name,
                    email=request.email,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # === BUSINESS METHODS === #

    def _get_draft(self, lang):
        """The statement of the criterion in this language, or a plain one."""
        criterion = self.criterion_id.with_context(lang=lang)
        if not criterion:
            return False
        return criterion.statement or criterion.env._(
            "We have reached this result together: %s", criterion.name
        )

    def _get_colors(self, lead):
        company = lead.company_id or self.env.company
        request = self.env["sales.confirmation"].new({"company_id": company.id})
        return request._get_colors()
