from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError


class CrmLead(models.Model):
    """The one step that brings each kind of exit criterion forward.

    To add a kind, add ``_sales_step_<kind>``; it returns an action for the web client,
    or False when the path itself opens the fields of the deal.
    """

    _inherit = "crm.lead"

    # === ACTION METHODS === #

    def action_sales_criterion(self, criterion_id):
        """The one step that brings an exit criterion of this deal forward.

        :param int criterion_id: a criterion of the deal's process
        :return: an action for the web client
        """
        self.ensure_one()
        self.check_access("write")
        criterion = self.env["sales.process.criterion"].browse(criterion_id)
        if criterion.process_id.family_id != self.sales_process_id.family_id:
            raise UserError(
                self.env._("This criterion is not asked in the deal's process.")
            )
        step = getattr(self, f"_sales_step_{criterion.kind}", None)
        if criterion.verifier == "system" and step:
            return step(criterion)
        if "customer" in (criterion.kind, criterion.verifier):
            return self._sales_step_customer(criterion)
        return self._sales_step_submit(criterion)

    # === BUSINESS METHODS === #

    def _sales_step_label(self, criterion, field_names):
        """Text on the one button of a checklist line."""
        if criterion.verifier == "system":
            if self._sales_waits_for_confirmation(criterion, field_names):
                return self.env._("Confirm")
            label = {
                "fields": self.env._("Fill in"),
                "domain": self.env._("Open field"),
                "activity": self.env._("Log activity"),
                "meeting": self.env._("Log meeting"),
                "stakeholder": self.env._("Add person"),
                "email": self.env._("Write mail"),
                "document": self.env._("Attach"),
                "quotation": self.env._("Quotations"),
            }.get(criterion.kind)
            if label:
                return label
        if "customer" in (criterion.kind, criterion.verifier):
            return self.env._("Ask the buyer")
        if criterion.kind == "signoff":
            return self.env._("Ask for sign-off")
        return self.env._("Hand in")

    def _sales_waits_for_confirmation(self, criterion, field_names):
        """Whether all is there and somebody has to say that it still holds."""
        if not criterion.validity_days:
            return False
        if criterion.kind == "stakeholder":
            return criterion.role in self.sales_stakeholder_ids.mapped("role")
        return criterion.kind in ("fields", "domain") and not field_names

    def _sales_dialog(self, name, model, **context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": context,
        }

    def _sales_step_submit(self, criterion):
        return self._sales_dialog(
            criterion.name,
            "sales.evidence.submit",
            default_lead_id=self.id,
            default_criterion_id=criterion.id,
        )

    _sales_step_document = _sales_step_submit

    def _sales_step_fields(self, criterion):
        """The path opens the fields; a confirmation is what the server adds."""
        if criterion.validity_days:
            return self._sales_step_submit(criterion)
        return False

    def _sales_step_domain(self, criterion):
        return self._sales_step_fields(criterion)

    def _sales_step_activity(self, criterion):
        return self._sales_dialog(
            criterion.name,
            "mail.activity.schedule",
            active_model="crm.lead",
            active_ids=self.ids,
            default_activity_type_id=criterion.activity_type_id.id,
            default_summary=criterion.name,
        )

    def _sales_step_meeting(self, criterion):
        """Log the meeting that was held: it ends now unless told otherwise."""
        people = self.sales_stakeholder_ids
        if criterion.role:
            people = people.filtered(lambda p: p.role == criterion.role)
        guests = people.partner_id or self.partner_id
        now = fields.Datetime.now()
        stop = now.replace(minute=now.minute - now.minute % 5, second=0)
        return self._sales_dialog(
            criterion.name,
            "calendar.event",
            default_name=criterion.name,
            default_start=fields.Datetime.to_string(stop - timedelta(hours=1)),
            default_stop=fields.Datetime.to_string(stop),
            default_duration=1.0,
            default_opportunity_id=self.id,
            default_res_model="crm.lead",
            default_res_id=self.id,
            default_partner_ids=(self.env.user.partner_id | guests).ids,
        )

    def _sales_step_stakeholder(self, criterion):
        if self._sales_waits_for_confirmation(criterion, ()):
            return self._sales_step_submit(criterion)
        return self._sales_dialog(
            self.env._("Add to the Buying Committee"),
            "sales.stakeholder",
            default_lead_id=self.id,
            default_role=criterion.role,
        )

    def _sales_step_email(self, criterion):
        templates = self.sales_stage_id.sudo().mail_template_ids  # own process
        return self._sales_compose(templates[:1])

    def action_sales_compose(self, template_id=False):
        """Write to the customer, with a mail template of the stage."""
        self.ensure_one()
        return self._sales_compose(self.env["mail.template"].browse(template_id or ()))

    def _sales_compose(self, template):
        people = self.partner_id | self.sales_stakeholder_ids.partner_id
        return self._sales_dialog(
            self.env._("Write to the Customer"),
            "mail.compose.message",
            default_model="crm.lead",
            default_res_ids=self.ids,
            default_template_id=template.id,
            default_partner_ids=people.ids[:1],
            default_composition_mode="comment",
        )

    def _sales_step_quotation(self, criterion):
        if self.order_ids:
            return self.action_view_sale_quotation()
        return self.action_sale_quotations_new()

    def action_sales_quotation(self, template_id):
        """Start a quotation from a template of the stage."""
        self.ensure_one()
        action = self.action_sale_quotations_new()
        context = {
            **(action.get("context") or {}),
            "default_sale_order_template_id": template_id,
        }
        return {**action, "context": context}

    def _sales_step_customer(self, criterion):
        return self._sales_dialog(
            self.env._("Ask the Buyer to Confirm"),
            "sales.confirmation.send",
            default_lead_id=self.id,
            default_criterion_id=criterion.id,
        )
