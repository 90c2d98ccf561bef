from odoo import api, models
from odoo.exceptions import AccessError

from ..base.guards import refuse_protected

# Who said it, how and when: what makes a message a mail from the buyer.
ORIGIN_FIELDS = frozenset({"author_id", "email_from", "message_type", "date"})


class MailMessage(models.Model):
    """Mails prove things about deals, so nobody changes where they came from."""

    _inherit = "mail.message"

    def write(self, vals):
        if ORIGIN_FIELDS & vals.keys() and "crm.lead" in self.mapped("model"):
            refuse_protected(self, vals, ORIGIN_FIELDS)
        return super().write(vals)


class MailThread(models.AbstractModel):
    """The mail gateway writes as the system, so salespeople do not feed it."""

    _inherit = "mail.thread"

    @api.model
    def message_process(self, model, message, *args, **kwargs):
        user = self.env.user
        trusted = self.env.su or user.has_group("base.group_system")
        if not trusted and user.has_group("sales_process.group_rep"):
            raise AccessError(
                self.env._("Mails come in through the mail server, not by hand.")
            )
        return super().message_process(model, message, *args, **kwargs)
