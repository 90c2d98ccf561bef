from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Command


class SaleOrder(models.Model):
    """The plan on the form of an order, where everything shows before it is saved."""

    _inherit = "sale.order"

    @api.onchange("sales_plan_template_id")
    def _onchange_sales_plan_template_id(self):
        """Show the instalments at once, unless some were typed: then ask."""
        if self.sales_plan_template_id == self.sales_plan_source_id:
            return None
        return None if self._is_sales_plan_typed() else self._fill_sales_plan()

    @api.onchange("order_line")
    def _onchange_order_line_sales_plan(self):
        """A plan nobody saved nor typed follows; any other one gets a proposal."""
        new = not self._origin and not self._is_sales_plan_typed()
        if self.sales_plan_template_id and (new or not self.sales_plan_line_ids):
            self._fill_sales_plan()  # the page says where it cannot

    @api.onchange("sales_plan_command")
    def _onchange_sales_plan_command(self):
        """Do what was pressed and show it; saving is up to the person."""
        command, self.sales_plan_command = self.sales_plan_command, False
        if command == "adjust":
            self._adjust_sales_plan()
        elif command == "round":
            self._round_off_sales_plan()
        elif command == "apply":
            return self._fill_sales_plan()
        elif command == "keep":
            self.sales_plan_template_id = self.sales_plan_source_id
        lines = self.sales_plan_line_ids
        lines.invalidate_recordset(["amount_proposed"], flush=False)
        return None

    def _fill_sales_plan(self):
        """Show the instalments of the chosen template; a warning where it cannot."""
        invoiced = self._origin.sales_plan_line_ids.filtered(
            lambda line: line._is_invoiced()
        )
        try:
            if invoiced:
                raise ValidationError(
                    self.env._(
                        "“%s” has an invoice, so the instalments stay. Change those "
                        "that have none.",
                        invoiced[0].name,
                    )
                )
            vals_list = self._prepare_sales_plan()
        except ValidationError as error:
            title = self.env._("The instalments stay as they are")
            return {"warning": {"title": title, "message": error.args[0]}}
        self.sales_plan_line_ids = [
            Command.clear(),
            *(Command.create(vals) for vals in vals_list),
        ]
        self.sales_plan_source_id = self.sales_plan_template_id
        return None
