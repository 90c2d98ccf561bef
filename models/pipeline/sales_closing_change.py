from odoo import api, fields, models

# Why a deal closes later than expected.
CLOSING_REASONS = [
    ("customer", "Customer postponed"),
    ("budget", "Budget"),
    ("decision_maker", "Decision maker absent"),
    ("own_delay", "Our delay"),
    ("other", "Other"),
]


class SalesClosingChange(models.Model):
    """A closing date that moved later, was taken away, or was answered in the dialog.

    Written by the engine in the transaction that changes the deal, on every channel.
    Nobody has the right to write or delete rows. Moves made past the dialog have no
    reason; that is allowed, counted and shown.
    """

    _name = "sales.closing.change"
    _description = "Moved Closing Date"
    _order = "date desc, id desc"
    _rec_name = "lead_id"
    _log_access = False

    lead_id = fields.Many2one(
        comodel_name="crm.lead",
        string="Deal",
        index="btree_not_null",
        readonly=True,
        ondelete="set null",
    )
    lead_ref = fields.Integer(
        string="Number of the Deal",
        readonly=True,
        aggregator=None,
        help="Keeps the rows of a deleted deal together.",
    )
    old_date = fields.Date(
        string="From",
        readonly=True,
        help="The closing date before; that from before it was taken away, if it was.",
    )
    new_date = fields.Date(
        string="To", readonly=True, help="Empty: the date was taken away."
    )
    days = fields.Integer(
        string="Days Moved", readonly=True, help="Calendar days; 0 without two dates."
    )
    days_overdue = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="Calendar days past the old date when it was moved; 0 if it was not due.",
    )
    pushes = fields.Integer(readonly=True, help="1 when the date moved later.")
    unexplained = fields.Integer(
        string="Without Reason", readonly=True, help="1 when nobody said why."
    )
    reason = fields.Selection(selection=CLOSING_REASONS, readonly=True)
    note = fields.Text(readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        readonly=True,
        help="Whose deal it was then.",
    )
    changed_by_id = fields.Many2one(
        comodel_name="res.users", string="Moved by", readonly=True
    )
    date = fields.Datetime(string="Moved on", required=True, readonly=True)
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Sales Team", readonly=True
    )
    sales_process_id = fields.Many2one(
        comodel_name="sales.process",
        readonly=True,
        ondelete="restrict",
        help="Which the deal followed then.",
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    expected_revenue = fields.Monetary(
        readonly=True, help="Of the deal when its date was moved."
    )

    # === WRITING === #

    @api.model
    def _record(self, leads, before, answer=None):
        """Note how the closing dates of ``leads`` moved.

        :param leads: deals after the change
        :param dict before: ``{lead id: closing date before, or False}``
        :param tuple answer: reason and note of the dialog; None when nobody was asked
        """
        taken = self._taken_away(leads, before)
        vals_list = []
        for lead in leads:
            old = before[lead.id] or taken.get(lead.id)
            new = lead.date_deadline
            later = bool(old and new and new > old)
            removed = bool(before[lead.id] and not new)
            if later or removed or (answer and new != before[lead.id]):
                vals_list.append(self._prepare_values(lead, old, later, answer))
        if vals_list:
            self.sudo().create(vals_list)  # nobody has the right: rows are append-only

    @api.model
    def _taken_away(self, leads, before):
        """The last closing date of deals that have a date again.

        Taking a date away and setting a later one is a push as well.

        :return: ``{lead id: date}``
        """
        again = [d.id for d in leads if d.date_deadline and not before[d.id]]
        if not again:
            return {}
        rows = self.sudo().search(  # counted whoever took it away
            [("lead_id", "in", again)], order="id"
        )
        last = {row.lead_id.id: row for row in rows}
        return {id_: row.old_date for id_, row in last.items() if not row.new_date}

    @api.model
    def _prepare_values(self, lead, old, later, answer):
        reason, note = answer or (False, False)
        company = lead._sales_closing_company()
        today = company._sales_today()
        new = lead.date_deadline
        return {
            "lead_id": lead.id,
            "lead_ref": lead.id,
            "old_date": old,
            "new_date": new,
            "days": (new - old).days if old and new else 0,
            "days_overdue": max((today - old).days, 0) if old else 0,
            "pushes": int(later),
            "unexplained": int(not reason),
            "reason": reason,
            "note": note,
            "user_id": lead.user_id.id,
            "changed_by_id": self.env.uid,
            "date": fields.Datetime.now(),
            "team_id": lead.team_id.id,
            "sales_process_id": lead.sales_process_id.id,
            "company_id": company.id,
            "expected_revenue": lead.expected_revenue,
        }

    # === ACTION METHODS === #

    def action_open_deal(self):
        """Open the deal a row is about."""
        self.ensure_one()
        return self.lead_id._get_records_action() if self.lead_id else False
