from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, RedirectWarning, UserError
from odoo.tools import SQL, format_amount, format_date

# What stands in the way, but only until somebody has been asked.
QUESTIONS = ("early", "undelivered")


class SalesPlanLineInvoice(models.Model):
    """Instalments become invoices by Odoo's own down payments and final invoices."""

    _inherit = "sales.plan.line"

    invoice_error = fields.Text(
        string="Not Invoiced Because",
        readonly=True,
        copy=False,
        help="Why it could not be invoiced the last time somebody, or the daily job, "
        "tried.",
    )
    can_invoice = fields.Boolean(compute="_compute_can_invoice")
    invoice_count = fields.Integer(compute="_compute_invoice_count")

    @api.depends("invoice_ids")
    def _compute_invoice_count(self):
        for line in self:
            line.invoice_count = len(line.invoice_ids)

    @api.depends("order_state", "amount_to_invoice", "amount_draft", "date_invoiced")
    def _compute_can_invoice(self):
        for line in self:
            # A last instalment of zero still has a final invoice, of zero.
            empty = line.is_final and not line.amount and not line.date_invoiced
            line.can_invoice = line.order_state == "sale" and (
                line.amount_to_invoice > 0 or empty
            )

    # A final invoice of zero is collected once it is there.

    def _judge_state(self, today):
        if not self.amount and self.date_invoiced and not self.amount_invoiced:
            return "collected"
        return super()._judge_state(today)

    def _state_to_sql(self, alias):
        columns = ("amount", "amount_invoiced", "date_invoiced")
        amount, invoiced, date_invoiced = (
            SQL.identifier(alias, name, to_flush=self._fields[name]) for name in columns
        )
        return SQL(
            "(CASE WHEN COALESCE(%s, 0) = 0 AND COALESCE(%s, 0) = 0 AND %s IS NOT NULL"
            " THEN 'collected' ELSE %s END)",
            amount,
            invoiced,
            date_invoiced,
            super()._state_to_sql(alias),
        )

    # === ACTIONS === #

    def action_invoice(self, early=False):
        """Invoice these instalments, each in a draft of its own, and open the drafts.

        All of them or none. What is not due yet is asked about first, and so is a final
        invoice that would leave out what is not delivered.

        :param bool early: the question whether to invoice before it is due is answered
        :return: action that opens the drafts, or the question
        :raise UserError: saying why it cannot be
        """
        lines = self._prepare_invoicing()
        obstacles = lines._find_obstacles(early)
        refused = [text for kind, text in obstacles.values() if kind not in QUESTIONS]
        if len(obstacles) > 1:
            refused += [text for kind, text in obstacles.values() if kind != "early"]
        if refused:
            raise UserError("\n".join(dict.fromkeys(refused)))
        if obstacles:
            return self.env["sales.plan.invoicing"]._ask(self, obstacles)
        moves = self.env["account.move"]
        for line in lines.sorted(lambda line: (line.order_id.id, line._rank())):
            moves |= line._create_invoice()
        lines.invoice_error = False
        return self.order_id.action_view_invoice(moves.sudo(False))

    def action_invoice_due(self):
        """Invoice those of these instalments that are due; tell what became of each.

        One that fails does not keep the others from being invoiced.

        :return: action that opens the report
        """
        lines = self.filtered("can_invoice")
        if not lines:
            raise UserError(
                self.env._(
                    "There is nothing to invoice among these: everything is invoiced, "
                    "in a draft already, or its order is not confirmed."
                )
            )
        lines._check_may_invoice()
        return self.env["sales.plan.invoicing"]._report(lines._invoice_each())

    def action_view_invoices(self):
        """Open the documents of these instalments."""
        return self.order_id.action_view_invoice(self.invoice_ids)

    # === INVOICING === #

    def _rank(self):
        return (self.sequence, self.id)

    def _check_may_invoice(self):
        """Whoever may invoice an order in Odoo may invoice its instalments."""
        self.check_access("write")
        self.order_id.check_access("write")
        if not self.env.su and not self.env.user.has_groups(
            "sales_team.group_sale_salesman,account.group_account_invoice"
        ):
            raise AccessError(
                self.env._("Only salespeople and accountants can invoice instalments.")
            )

    def _prepare_invoicing(self):
        """Check the right, and keep everybody else away from these orders.

        Whoever comes second either finds the rows locked or, where the first one has
        just finished, works on a past that the database refuses to change: the request
        is then repeated by Odoo and finds the draft of the first.

        :return: the same records as superuser: Odoo, too, lets people without rights in
            accounting invoice their orders
        """
        self._check_may_invoice()
        lines = self.sudo()  # the right is checked above
        try:
            lines.order_id.sales_plan_line_ids.lock_for_update()
        except LockError:
            raise UserError(
                self.env._(
                    "Somebody else is invoicing %(orders)s right now. Look again in a "
                    "moment.",
                    orders=", ".join(lines.order_id.mapped("name")),
                )
            ) from None
        # A lock alone leaves no trace for a transaction that began before this one.
        self.env.execute_query(
            SQL(
                "UPDATE sales_plan_line SET write_date = %s WHERE id = ANY (%s)"
                " RETURNING id",
                fields.Datetime.now(),
                lines.ids,
            )
        )
        lines.order_id.sales_plan_line_ids.invalidate_recordset(["write_date"])
        return lines

    def _invoice_each(self, post=False):
        """Invoice instalments one by one, whatever becomes of the others.

        :param bool post: post the invoices instead of leaving drafts
        :return: ``[(instalment, invoice, why not)]``
        """
        results = []
        for line in self.sorted(lambda line: (line.order_id.id, line._rank())):
            move, reason = self.env["account.move"], False
            try:
                with self.env.cr.savepoint():
                    move = line._invoice_one(post)
            except (UserError, RedirectWarning) as error:
                move, reason = self.env["account.move"], str(error.args[0])
            line.sudo().invoice_error = reason  # told by the engine alone
            results.append((line, move, reason))
        return results

    def _invoice_one(self, post):
        line = self._prepare_invoicing()
        for _kind, text in line._find_obstacles().values():
            raise UserError(text)
        move = line._create_invoice()
        if post:
            move.action_post()
        return move.sudo(False)

    def _create_invoice(self):
        """The draft of one instalment that nothing stands in the way of."""
        self.ensure_one()
        order = self.order_id.with_company(self.company_id)
        order = order.with_context(lang=order._get_lang())
        if not self.is_final:
            return self._create_down_payment(order)
        move = order._create_invoices(grouped=True, final=True)
        order._correct_down_payments(move)
        move.with_context(skip_is_manually_modified=True).write(
            {
                "sales_plan_line_id": self.id,
                "invoice_line_ids": [
                    fields.Command.create(
                        {"display_type": "line_note", "name": self.name, "sequence": -1}
                    )
                ],
            }
        )
        return move

    def _create_down_payment(self, order):
        wizard = order.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": [fields.Command.set(order.ids)],
                "advance_payment_method": "fixed",
                "fixed_amount": self.amount_to_invoice,
                "sales_plan_line_id": self.id,
            }
        )
        move = wizard._create_invoices(order)
        if self.currency_id.compare_amounts(move.amount_total, wizard.fixed_amount):
            raise UserError(
                self.env._(
                    "With the taxes of %(order)s, a down payment of %(amount)s comes "
                    "to %(total)s. Change the amount of “%(instalment)s” a little.",
                    order=order.name,
                    amount=self._format(wizard.fixed_amount),
                    total=self._format(move.amount_total),
                    instalment=self.name,
                )
            )
        return move

    # === OBSTACLES === #

    def _find_obstacles(self, early=False):
        """Why these instalments cannot be invoiced.

        :param bool early: not being due is no obstacle
        :return: ``{instalment: (kind, sentence)}``; nothing for those that can
        """
        found = {}
        for line in self:
            obstacle = (
                line._obstacle_order()
                or line._obstacle_invoiced()
                or (not early and line._obstacle_early())
                or (line.is_final and line._obstacle_final())
            )
            if obstacle:
                found[line] = obstacle
        return found

    def _obstacle_order(self):
        order = self.order_id
        if order.state == "cancel":
            return "order", self.env._(
                "%(order)s is cancelled: its instalments are not invoiced any more.",
                order=order.name,
            )
        if order.state != "sale":
            return "order", self.env._(
                "%(order)s is not confirmed yet. Confirm it, then invoice “%(name)s”.",
                order=order.name,
                name=self.name,
            )
        gap = order.currency_id.round(order.sales_plan_gap)
        if gap:
            return "gap", self.env._(
                "The instalments of %(order)s add up to %(planned)s, the order to "
                "%(total)s. Make them equal, then invoice “%(name)s”.",
                order=order.name,
                planned=self._format(order.sales_plan_total),
                total=self._format(order.amount_total),
                name=self.name,
            )
        return None

    def _obstacle_invoiced(self):
        drafts = self.move_ids.filtered(lambda move: move.state == "draft")
        if drafts or self.amount_draft:
            return "draft", self.env._(
                "“%(name)s” of %(order)s is in a draft invoice already. Post that "
                "draft, or delete it to start anew.",
                name=self.name,
                order=self.order_id.name,
            )
        if not self.can_invoice and not self.amount and not self.is_final:
            return "invoiced", self.env._(
                "“%(name)s” of %(order)s is zero: there is nothing to invoice.",
                name=self.name,
                order=self.order_id.name,
            )
        if not self.can_invoice:
            return "invoiced", self.env._(
                "“%(name)s” of %(order)s is invoiced already.",
                name=self.name,
                order=self.order_id.name,
            )
        return None

    def _obstacle_final(self):
        """A final invoice deducts what was posted, and is made of what is delivered."""
        others = self.order_id.sales_plan_line_ids - self
        drafted = others.filtered(
            lambda line: (
                line.amount_draft
                or any(move.state == "draft" for move in line.move_ids)
            )
        )
        if drafted:
            return "final", self.env._(
                "The final invoice of %(order)s deducts its down payments. Post the "
                "drafts of %(names)s first.",
                order=self.order_id.name,
                names=drafted._quote_names(),
            )
        missing = others.filtered(lambda line: line.amount and not line.amount_invoiced)
        if missing:
            return "final", self.env._(
                "The final invoice of %(order)s comes last. Invoice %(names)s first.",
                order=self.order_id.name,
                names=missing._quote_names(),
            )
        undelivered = self.order_id._sales_undelivered()
        if undelivered:
            return "undelivered", self.env._(
                "Not delivered yet of %(order)s: %(products)s. The final invoice would "
                "leave it out. Deliver it first, or invoice what is delivered from the "
                "order.",
                order=self.order_id.name,
                products=", ".join(undelivered),
            )
        return None

    def _obstacle_early(self):
        if self.date_firm and self.date_firm <= self.company_id._sales_today():
            return None
        if self.date_firm:
            return "early", self.env._(
                "“%(name)s” of %(order)s is due on %(day)s.",
                name=self.name,
                order=self.order_id.name,
                day=format_date(self.env, self.date_firm),
            )
        return "early", self.env._(
            "“%(name)s” of %(order)s is not due: what it waits for (%(trigger)s) has "
            "not happened.",
            name=self.name,
            order=self.order_id.name,
            trigger=dict(self._fields["trigger"]._description_selection(self.env))[
                self.trigger
            ],
        )

    def _quote_names(self):
        return ", ".join(f"“{line.name}”" for line in self)

    def _format(self, amount):
        return format_amount(self.env, amount, self.currency_id)

    # === RIGHTS === #

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | {"invoice_error"}
