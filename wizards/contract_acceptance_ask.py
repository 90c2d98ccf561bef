from odoo import api, fields, models

from ..models.base.sales_personal_link import DEFAULT_DAYS


class SalesAcceptanceAsk(models.TransientModel):
    """Ask a contact to accept what an instalment is for, by a mail with a link."""

    _name = "sales.acceptance.ask"
    _description = "Ask for Acceptance"

    line_id = fields.Many2one(
        comodel_name="sales.plan.line",
        string="Instalment",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    order_id = fields.Many2one(related="line_id.order_id", related_sudo=False)
    currency_id = fields.Many2one(related="line_id.currency_id", related_sudo=False)
    amount = fields.Monetary(related="line_id.amount", related_sudo=False)
    acceptor_ids = fields.Many2many(
        comodel_name="res.partner", compute="_compute_acceptor_ids"
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        required=True,
        domain="[('id', 'in', acceptor_ids)]",
    )
    email = fields.Char(related="partner_id.email")
    problem = fields.Char(compute="_compute_problem")
    delivered = fields.Text(
        string="What Was Delivered",
        compute="_compute_delivered",
        store=True,
        readonly=False,
        required=True,
        help="In the words and the language of the customer.",
    )
    days = fields.Integer(
        string="Link Works for (days)", default=DEFAULT_DAYS, required=True
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    # === COMPUTE METHODS === #

    @api.depends("line_id")
    def _compute_acceptor_ids(self):
        for wizard in self:
            line = wizard.line_id
            wizard.acceptor_ids = line._find_acceptors() if line else False

    @api.depends("line_id")
    def _compute_partner_id(self):
        for wizard in self:
            wizard.partner_id = wizard.line_id and wizard.line_id._default_acceptor()

    @api.depends("line_id", "partner_id", "partner_id.email")
    def _compute_problem(self):
        rows = self.env["sales.acceptance"]
        for wizard in self:
            wizard.problem = wizard.partner_id and rows._request_error_message(
                wizard.line_id, wizard.partner_id._origin
            )

    @api.depends("line_id", "partner_id")
    def _compute_delivered(self):
        """In the language of the contact; what a person wrote is kept."""
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for wizard in self:
            drafts = {wizard._get_draft(code) for code in languages}
            if not wizard.delivered or wizard.delivered in drafts:
                wizard.delivered = wizard._get_draft(wizard._get_lang())

    @api.depends("delivered", "partner_id", "line_id")
    def _compute_preview(self):
        for wizard in self:
            lang = wizard._get_lang()
            line = wizard.line_id.with_context(lang=lang)
            row = self.env["sales.acceptance"].with_context(lang=lang)
            row = row.new(
                {
                    **row._prepare_instalment(line),
                    "company_id": line.company_id.id,
                    "partner_id": wizard.partner_id.id,
                    "partner_name": wizard.partner_id.name or "",
                    "requested_by_id": self.env.uid,
                    "delivered": wizard.delivered or "",
                }
            )
            wizard.preview = (
                self.env["ir.qweb"]
                .with_context(lang=lang)
                ._render(
                    "sales_process.acceptance_preview",
                    {"acceptance": row, "colors": row._get_colors()},
                )
            )

    # === ACTION METHODS === #

    def action_send(self):
        """Send the mail and close."""
        self.ensure_one()
        row = self.env["sales.acceptance"]._request(
            self.line_id, self.partner_id, self.delivered, self.days
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(who)s gets a mail with a personal link (%(email)s).",
                    who=row.partner_name,
                    email=row.email,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # === BUSINESS METHODS === #

    def _get_lang(self):
        """The language the contact reads."""
        partner = self.partner_id
        lang = partner.lang or partner.commercial_partner_id.lang
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        return lang if lang in installed else self.env.lang or "en_US"

    def _get_draft(self, lang):
        """What the order delivered, in this language."""
        if not self.line_id:
            return False
        return self.line_id.with_context(lang=lang)._describe_delivered()
