from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date


class SalesPlanLinePromise(models.Model):
    """What the customer promised to pay of an instalment."""

    _inherit = "sales.plan.line"

    promise_ids = fields.Many2many(
        comodel_name="sales.promise", string="Promises", readonly=True, copy=False
    )
    promise_count = fields.Integer(compute="_compute_promise_count")

    @api.depends("promise_ids")
    def _compute_promise_count(self):
        for line in self:
            line.promise_count = len(line.promise_ids)

    # === ACTIONS === #

    def action_record_promise(self):
        """Ask what the customer promised to pay of these instalments, and when.

        :raise UserError: where nothing is open, or they are not of one customer
        """
        self._check_may_collect()
        lines = self._filter_open()
        lines._check_one_debtor()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Promise to Pay"),
            "res_model": "sales.promise.record",
            "view_mode": "form",
            "target": "new",
            "context": {"default_plan_line_ids": [fields.Command.set(lines.ids)]},
        }

    def action_view_promises(self):
        """Open what was promised of these instalments."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_promise_action"
        )
        action["domain"] = [("plan_line_ids", "in", self.ids)]
        action["context"] = {}
        return action

    # === BUSINESS METHODS === #

    def _check_one_debtor(self):
        """:raise UserError: unless one promise can be about all of these instalments"""
        if len(self.partner_id) > 1 or len(self.company_id) > 1:
            raise UserError(
                self.env._(
                    "One promise is by one customer to one company. Choose instalments "
                    "of one: %s.",
                    ", ".join(self.partner_id.mapped("display_name")),
                )
            )
        if len(self.currency_id) > 1:
            raise UserError(
                self.env._(
                    "One promise is in one currency. Choose instalments in one of: %s.",
                    ", ".join(self.currency_id.mapped("name")),
                )
            )

    def _record_promise(self, amount, day, contact=None, note=False):
        """Record what the customer promised.

        :param float amount: in the currency of the instalments
        :param date day: when it will be paid, at the latest
        :param contact: who promised it
        :param str note: in which words
        :return: the promise
        :raise UserError: saying what to correct
        """
        self._check_may_collect()
        lines = self._filter_open()
        lines._check_one_debtor()
        company, currency = lines.company_id, lines.currency_id
        today = company._sales_today()
        unpaid = sum(lines.mapped("amount_due"))
        if day < today:
            raise UserError(
                self.env._("Choose today or a day to come: it was not paid before.")
            )
        if currency.compare_amounts(amount, 0.0) <= 0:
            raise UserError(
                self.env._("Enter the amount that was promised, more than zero.")
            )
        if currency.compare_amounts(amount, unpaid) > 0:
            raise UserError(
                self.env._(
                    "Only %(open)s is open. Enter that or less.",
                    open=format_amount(self.env, unpaid, currency),
                )
            )
        lines = lines.sudo()  # recorded by the system
        lines._replace_promises()
        promise = lines.env["sales.promise"].create(
            {
                "partner_id": lines.partner_id.id,
                "contact_id": contact and contact.id,
                "plan_line_ids": [fields.Command.set(lines.ids)],
                "company_id": company.id,
                "currency_id": currency.id,
                "amount": currency.round(amount),
                "amount_before": sum(lines.mapped("amount_collected")),
                "date": today,
                "date_promised": day,
                "note": note,
                "user_id": self.env.uid,
            }
        )
        lines._message_log_batch(
            {
                line.id: self.env._(
                    "%(who)s promised to pay %(amount)s by %(day)s. %(note)s",
                    who=promise.contact_id.name or promise.partner_id.name,
                    amount=format_amount(self.env, promise.amount, currency),
                    day=format_date(self.env, day),
                    note=note or "",
                )
                for line in lines
            }
        )
        return promise.sudo(False)

    def _replace_promises(self):
        """A new promise takes the place of those that are running."""
        running = self.promise_ids.filtered(lambda promise: promise.state == "open")
        for company, promises in running.grouped("company_id").items():
            promises.write(
                {
                    "date_withdrawn": company._sales_today(),
                    "withdrawn_by_id": self.env.uid,
                    "withdrawn_reason": self.env._("A new promise took its place."),
                }
            )

    # === RIGHTS === #

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | {"promise_ids"}
