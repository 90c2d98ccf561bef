from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount

from .sale_order_hold import SEE_ALL

MAY_RELEASE = "account.group_account_invoice,sales_process.group_director"


class SaleOrder(models.Model):
    """How an order of a customer on hold goes on all the same."""

    _inherit = "sale.order"

    # === ACTIONS === #

    def action_sales_release(self):
        """Ask why the order may go on although the customer does not pay."""
        self.ensure_one()
        self._check_may_release()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Release the Order"),
            "res_model": "sales.hold.release.ask",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def action_sales_request_release(self):
        """Ask whoever collects money for the company to release the order.

        :raise UserError: where nobody is named, or the order is not on hold
        """
        self.ensure_one()
        self.check_access("write")
        if self.sales_hold_state != "hold":
            raise UserError(self.env._("%s is not on hold.", self.display_name))
        collector = self.company_id.sudo().sales_collector_id  # whom to ask
        if not collector:
            raise UserError(
                self.env._(
                    "Nobody is named who collects for %s. Call accounting, and have "
                    "“Collects by Default” set in the settings.",
                    self.company_id.name,
                )
            )
        if not self._find_release_requests():
            self.sudo().activity_schedule(  # on the desk of a colleague
                "sales_process.mail_activity_type_release",
                user_id=collector.id,
                date_deadline=self.company_id._sales_today(),
                summary=self.with_context(lang=collector.lang).env._(
                    "Release %(order)s? %(who)s asks for it",
                    order=self.name,
                    who=self.env.user.name,
                ),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s is asked to release it.", collector.name),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_sales_view_overdue(self):
        """Open what the customer owes, as far as the person may see it."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        if self.env.user.has_groups(SEE_ALL):
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "account.action_move_out_invoice_type"
            )
            action["domain"] = [
                ("commercial_partner_id", "=", customer.id),
                ("company_id", "=", self.company_id.id),
                ("state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
                ("payment_state", "in", ("not_paid", "partial")),
            ]
        else:
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "sales_process.sales_plan_line_action"
            )
            action["domain"] = [
                ("partner_id", "=", customer.id),
                ("state", "=", "overdue"),
            ]
        action["context"] = {"create": False}
        return action

    # === RELEASE === #

    def _check_may_release(self):
        """:raise AccessError: for anybody but accounting and directors"""
        self.check_access("read")
        if not self.env.user.has_groups(MAY_RELEASE):
            raise AccessError(
                self.env._("Only accounting and directors release an order on hold.")
            )

    def _release_hold(self, reason):
        """Let this order go on, for what it is worth now.

        :param str reason: why, for the record
        :raise UserError: without a reason, or where it is not on hold
        """
        self.ensure_one()
        self._check_may_release()
        order = self.sudo()  # recorded by the system
        order.invalidate_recordset(["sales_hold_state"], flush=False)
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the order may go on."))
        if order.sales_hold_state != "hold":
            raise UserError(self.env._("%s is not on hold.", order.display_name))
        overdue = order._find_overdue()[order]
        order.env["sales.hold.release"].create(
            {
                "order_id": order.id,
                "partner_id": order.partner_id.commercial_partner_id.id,
                "company_id": order.company_id.id,
                "currency_id": order.currency_id.id,
                "user_id": self.env.uid,
                "date": fields.Datetime.now(),
                "reason": reason,
                "amount_total": order.amount_total,
                "amount_overdue": overdue.amount,
            }
        )
        order.message_post(
            body=self.env._(
                "Released for %(total)s although the customer is on hold: %(reason)s",
                total=format_amount(self.env, order.amount_total, order.currency_id),
                reason=reason,
            )
        )
        order._find_release_requests().action_feedback(feedback=reason)

    def _find_release_requests(self):
        return self.sudo().activity_ids.filtered(  # on the desk of a colleague
            lambda activity: (
                activity.activity_type_id
                == self.env.ref("sales_process.mail_activity_type_release")
            )
        )
