from odoo import api, fields, models

from .sales_process_criterion import ROLES


class SalesStakeholder(models.Model):
    """One person of the buying committee of a deal."""

    _name = "sales.stakeholder"
    _description = "Buying Committee Member"
    _order = "lead_id, sequence, id"
    _rec_name = "partner_id"

    lead_id = fields.Many2one(
        comodel_name="crm.lead",
        string="Deal",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="lead_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact",
        required=True,
        index=True,
        ondelete="restrict",
    )
    role = fields.Selection(selection=ROLES, required=True, default="influencer")
    attitude = fields.Selection(
        selection=[
            ("supporter", "Supports us"),
            ("neutral", "Neutral"),
            ("critic", "Against us"),
            ("unknown", "Not known"),
        ],
        required=True,
        default="unknown",
    )
    note = fields.Char(help="What matters to this person.")
    function = fields.Char(related="partner_id.function")
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    last_contact = fields.Datetime(
        compute="_compute_last_contact",
        compute_sudo=True,
        help="Last mail from this person or meeting with this person on the deal.",
    )

    _lead_partner_role_uniq = models.Constraint(
        "UNIQUE (lead_id, partner_id, role)",
        "This person already has this role in the buying committee.",
    )

    # === COMPUTE METHODS === #

    @api.depends("lead_id", "partner_id")
    def _compute_last_contact(self):
        mails = self.env["mail.message"]._read_group(
            [
                ("model", "=", "crm.lead"),
                ("res_id", "in", self.lead_id.ids),
                ("author_id", "in", self.partner_id.ids),
                ("message_type", "=", "email"),
            ],
            ["res_id", "author_id"],
            ["date:max"],
        )
        latest = {(lead_id, author.id): moment for lead_id, author, moment in mails}
        meetings = self.env["calendar.event"]._read_group(
            [
                ("opportunity_id", "in", self.lead_id.ids),
                ("partner_ids", "in", self.partner_id.ids),
                ("stop", "<=", fields.Datetime.now()),
            ],
            ["opportunity_id", "partner_ids"],
            ["stop:max"],
        )
        for lead, partner, moment in meetings:
            key = (lead.id, partner.id)
            latest[key] = max(latest.get(key, moment), moment)
        for person in self:
            key = (person.lead_id.id, person.partner_id.id)
            person.last_contact = latest.get(key, False)

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if "lead_id" in vals:
            self.check_access("write")  # the rules look at the deal it left
        return result
