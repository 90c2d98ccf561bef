from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.periods import next_of, start_of

# The column of the ledger that says whose credit it is, by the model of the owner.
OWNERS = {
    "res.users": "user_id",
    "res.partner": "owner_partner_id",
    "crm.team": "team_id",
    "res.company": "company_id",
}
# Below this a sum is zero: adding up floats is several times faster than exact numbers,
# and less than a billionth of a cent off.
NOTHING = 1e-6
VALUE = SQL("c.amount::float8")
SUM = SQL("SUM(c.amount::float8)")


class SalesCredit(models.Model):
    """What the ledger says of people, teams and companies."""

    _inherit = "sales.credit"

    @api.depends("metric_id", "document_name")
    def _compute_display_name(self):
        for credit in self:
            credit.display_name = f"{credit.metric_id.name}: {credit.document_name}"

    @api.depends("source_model", "source_id")
    def _compute_document_name(self):
        for model, credits in self.grouped("source_model").items():
            names = {}
            if model in self.env:
                records = self.env[model].sudo()  # who earned it may know its name
                records = records.browse(set(credits.mapped("source_id"))).exists()
                names = {record.id: record.display_name for record in records}
            for credit in credits:
                name = names.get(credit.source_id)
                gone = self.env._("deleted (%s)", credit.source_id)
                credit.document_name = name or gone

    def _document(self):
        """The document of a row, if it is still there and may be seen."""
        self.ensure_one()
        if self.source_model not in self.env:
            return None
        record = self.env[self.source_model].browse(self.source_id).exists()
        return record._filtered_access("read") if record else record

    def action_open_document(self):
        """Open what the credit is for."""
        self.ensure_one()
        record = self._document()
        return record.get_formview_action() if record else False

    @api.model
    def _action_of(self, *documents):
        """Open what was credited for some documents.

        :param documents: recordsets of models that metrics look at
        """
        metrics = self.env["sales.metric"].sudo()  # to find the rows by their index
        metrics = metrics.search([("active", "in", (True, False))])
        domain = Domain.OR(
            Domain("metric_id", "in", metrics._of_model(records._name).ids)
            & Domain("source_id", "in", records.ids)
            for records in documents
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_credit_action"
        )
        context = {"search_default_group_metric": 1}
        return {**action, "domain": list(domain), "context": context}

    @api.model
    def _sum_by_owner(self, metrics, owners, periods, companies):
        """See ``sales.metric._values``: two queries, whatever is asked for."""
        if owners._name not in OWNERS:
            raise UserError(
                self.env._("Credit belongs to people, dealers, teams and companies.")
            )
        self._write_pending()
        periods = list(dict.fromkeys(periods))
        months, ends = self._split_periods(periods)
        result = {}
        # A month of a person is one row already, but for what came today: adding those
        # up here is faster than grouping them all.
        alone = owners._name in ("res.users", "res.partner")
        sources = [(self._from_sums(months), not alone)] if months else []
        sources += [(self._from_ledger(ends), True)] if ends else []
        for source, group in sources:
            if not (owners and metrics):
                continue
            statement = self._sum_statement(source, metrics, owners, companies, group)
            for metric_id, owner_id, number, amount in self._read_fast(statement):
                key = (metric_id, owner_id, *periods[number])
                result[key] = result.get(key, 0.0) + amount
        for key in [key for key, amount in result.items() if abs(amount) < NOTHING]:
            del result[key]
        return result

    @api.model
    def _split_periods(self, periods):
        """The whole months of periods, and what is left of them at either end.

        :param list periods: ``(first day, day after the last)``
        :return: two lists: ``(first day of the month, number of the period)`` and
            ``(first day, day after the last, number of the period)``
        """
        months, ends = [], []
        for number, (first, after) in enumerate(periods):
            # The first month that begins in it.
            begin = first if first.day == 1 else next_of(first, "month")
            end = start_of(after, "month")
            if begin >= end:
                if first < after:
                    ends.append((first, after, number))
                continue
            ends += [
                (low, high, number)
                for low, high in ((first, begin), (end, after))
                if low < high
            ]
            while begin < end:
                months.append((begin, number))
                begin = next_of(begin, "month")
        return months, ends

    @api.model
    def _from_sums(self, months):
        """Sums ``c`` of months of periods ``p``, see ``_split_periods``."""
        days, numbers = zip(*months, strict=True)
        return SQL(
            """UNNEST(%s::date[], %s::int[]) p(month, number)
               JOIN sales_credit_sum c ON c.month = p.month""",
            list(days),
            list(numbers),
        )

    @api.model
    def _from_ledger(self, ends):
        """Rows ``c`` of the ledger of days of periods ``p``, see ``_split_periods``.

        Joined day by day, and with the bounds of all of them: what PostgreSQL makes of
        ranges is to compare every row with every period.
        """
        days, numbers = [], []
        for first, after, number in ends:
            while first < after:
                days.append(first)
                numbers.append(number)
                first += timedelta(days=1)
        return SQL(
            """UNNEST(%s::date[], %s::int[]) p(day, number)
               JOIN sales_credit c ON c.date = p.day AND c.date BETWEEN %s AND %s""",
            f"{{{','.join(map(str, days))}}}",
            numbers,
            min(days),
            max(days),
        )

    @api.model
    def _sum_statement(self, source, metrics, owners, companies, group):
        """Rows (metric, owner, number of the period, amount)."""
        owner = SQL.identifier("c", OWNERS[owners._name])
        shared = owners._name in ("crm.team", "res.company")
        return SQL(
            """
            SELECT c.metric_id, %(owner)s, p.number, %(value)s
              FROM %(source)s
             WHERE c.metric_id = ANY (%(metrics)s) AND %(owner)s = ANY (%(owners)s)
               AND c.company_id = ANY (%(companies)s) AND %(overlay)s
             %(group)s
            """,
            owner=owner,
            value=SUM if group else VALUE,
            group=SQL("GROUP BY 1, 2, 3") if group else SQL(),
            source=source,
            metrics=metrics.ids,
            owners=owners.ids,
            companies=companies.ids,
            # Help is shown to who gave it; a team has earned the thing once.
            overlay=SQL("c.is_overlay IS NOT TRUE") if shared else SQL("TRUE"),
        )

    @api.model
    def _read_fast(self, statement):
        """Rows of a statement. Compiling it would take longer than running it, and by
        default it would sort on disk what fits into memory."""
        return self.env.execute_query(
            SQL("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'; %s", statement)
        )
