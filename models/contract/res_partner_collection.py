from odoo import api, fields, models
from odoo.tools import SQL


class ResPartner(models.Model):
    """Who is never reminded of what they owe, and who has not paid in time."""

    _inherit = "res.partner"

    sales_no_reminders = fields.Boolean(
        string="No Reminders",
        help="This customer gets no payment reminders, neither from the daily job nor "
        "by hand.",
    )

    @api.model
    def _commercial_fields(self):
        return [*super()._commercial_fields(), "sales_no_reminders"]

    @api.model
    def _sales_find_overdue(self, customers):
        """What customers have not paid in time, where that puts them on hold.

        Open credit notes are taken off, as nobody owes what was credited; not those of
        invoices that are not late, for they lower another debt.

        :param dict customers: ids of commercial partners for each company
        :return: ``{(company id, partner id): (amount in the currency of the company,
            day the oldest was due)}``
        """
        if not customers:
            return {}
        for model, names in {
            "account.move": ("move_type", "reversed_entry_id"),
            "account.move.line": (
                "amount_residual",
                "company_id",
                "date_maturity",
                "display_type",
                "parent_state",
                "partner_id",
                "reconciled",
            ),
        }.items():
            self.env[model].flush_model(names)
        wanted = SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s AS company_id, %s::date AS today, %s AS days,"
                " %s::numeric AS amount, UNNEST(%s::int[]) AS partner_id",
                company.id,
                company._sales_today(),
                company.sales_hold_days,
                company.sales_hold_amount,
                sorted(ids),
            )
            for company, ids in customers.items()
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT w.company_id, w.partner_id, SUM(l.amount_residual),
                       MIN(l.date_maturity) FILTER (WHERE l.amount_residual > 0)
                  FROM (%(wanted)s) w
                  JOIN account_move_line l
                    ON l.partner_id = w.partner_id  -- the commercial one, and indexed
                   AND l.company_id = w.company_id
                   AND l.display_type = 'payment_term'
                   AND l.parent_state = 'posted'
                   AND l.reconciled IS NOT TRUE
                   AND (l.amount_residual < 0
                        OR l.date_maturity < w.today
                           AND l.date_maturity <= w.today - w.days)
                  JOIN account_move m
                    ON m.id = l.move_id
                   AND m.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                   AND (l.amount_residual > 0
                        OR m.reversed_entry_id IS NULL
                        OR EXISTS (
                            SELECT 1 FROM account_move_line r
                             WHERE r.move_id = m.reversed_entry_id
                               AND r.display_type = 'payment_term'
                               AND r.date_maturity < w.today
                               AND r.date_maturity <= w.today - w.days))
                 GROUP BY w.company_id, w.partner_id, w.amount
                HAVING SUM(l.amount_residual) > 0.000001
                   AND SUM(l.amount_residual) >= w.amount
                   AND COUNT(*) FILTER (WHERE l.amount_residual > 0) > 0
                """,
                wanted=wanted,
            )
        )
        return {
            (company, partner): (amount, day) for company, partner, amount, day in rows
        }
