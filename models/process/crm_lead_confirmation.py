from odoo import fields, models


class CrmLead(models.Model):
    """What the buyer was asked to confirm about a deal."""

    _inherit = "crm.lead"

    sales_confirmation_ids = fields.One2many(
        comodel_name="sales.confirmation",
        inverse_name="lead_id",
        string="Confirmations by the Buyer",
        readonly=True,
    )

    # === ACTION METHODS === #

    def action_sales_confirmations(self):
        """What buyers were asked about these deals, and what they answered."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Confirmations by the Buyer"),
            "res_model": "sales.confirmation",
            "view_mode": "list,kanban,form",
            "domain": [("lead_id", "in", self.ids)],
        }

    # === BUSINESS METHODS === #

    def _sales_buyers(self, partners=None):
        """Contacts of the customer and of the buying committee of this deal.

        :param partners: look among these only; everybody with an address by default
        """
        self.ensure_one()
        committee = self.sales_stakeholder_ids.partner_id
        company = self.partner_id.commercial_partner_id
        if partners is not None:
            return partners.filtered(
                lambda p: (
                    p in committee or (company and p.commercial_partner_id == company)
                )
            )
        staff = self.env["res.partner"].search(
            [("commercial_partner_id", "=", company.id), ("email", "!=", False)]
        )
        return committee.filtered("email") | (staff if company else staff.browse())

    def _sales_default_buyer(self, criterion):
        """Whom to ask: the committee member with the role, else the deal's contact."""
        self.ensure_one()
        people = self.sales_stakeholder_ids.filtered("email")
        if criterion.role:
            suited = people.filtered(lambda person: person.role == criterion.role)
            if suited:
                return suited.partner_id[:1]
        if self.partner_id.email:
            return self.partner_id
        return people.partner_id[:1] or self._sales_buyers()[:1]

    def _sales_open_confirmations(self):
        """The questions to the buyer that still wait for an answer, oldest first."""
        return self.env["sales.confirmation"].search(
            [
                ("lead_id", "in", self.ids),
                ("state", "=", "sent"),
                ("date_expiry", ">", fields.Datetime.now()),
            ],
            order="id",
        )

    def _sales_asked_text(self, request):
        """Whom we asked and when, in one line of the exit checklist."""
        if request.delivery_failed:
            return self.env._(
                "The mail to %(who)s (%(email)s) could not be delivered",
                who=request.partner_name,
                email=request.email,
            )
        return self.env._(
            "Asked %(who)s on %(day)s",
            who=request.partner_name,
            day=self._sales_format_day(request.date_sent),
        )
