from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.collection import BUCKETS, days_sales_outstanding
from .plan_money_sql import MOVE_TYPES

# Days of sales that the days sales outstanding look back on.
DSO_DAYS = 90
# How far ahead the board looks for money.
SOON_DAYS = 30
# By what the rows can be, and the field of an invoice that says the same.
GROUPS = {
    "partner_id": "commercial_partner_id",
    "user_id": "invoice_user_id",
    "team_id": "team_id",
}
# The day from which each ageing counts, and what of an instalment it counts.
AGEINGS = {
    "contract": ("date_due_contract", "amount_outstanding_company"),
    "invoice": ("date_invoice_due", "amount_due_company"),
}
BUCKET_KEYS = ("0", *(key for key, _first, _last in BUCKETS))
COLUMNS = (
    *(f"{ageing}_{key}" for ageing in AGEINGS for key in BUCKET_KEYS),
    "not_invoiced",
)


class SalesReceivables(models.AbstractModel):
    """What customers owe by contract and by invoice, and how old it is."""

    _name = "sales.receivables"
    _description = "Receivables by Age"

    # === FOR THE SCREEN === #

    @api.readonly
    @api.model
    def get_receivables(self, options):
        """Both ageings of what is outstanding, and their difference.

        :param dict options: ``by``: ``partner_id``, ``user_id`` or ``team_id``;
            optionally ``team_id`` (with all teams below) and ``domain`` of instalments
        :return: dict with ``buckets`` (their labels), ``headlines`` and ``currencies``:
            one per company currency, with ``currency_id``, ``name``, ``rows`` and
            ``total``. Each row has ``id``, ``name``, ``contract``, ``invoice`` and
            ``difference`` (amounts by bucket), ``outstanding`` and ``due`` (their
            sums), ``not_invoiced``, ``late_contract``, ``late_invoice``, ``own_delay``
            and ``dso`` (days, or False); who is latest comes first
        """
        by, domain = self._checked_options(options)
        found = self._read_ageings(domain, by)
        may_see = self._may_see_sales(options)
        sold = self._read_sales(by, options) if may_see else {}
        currencies = self.env["res.currency"].browse(found)
        own = self.env.company.currency_id
        return {
            "buckets": self._bucket_labels(),
            "has_dso": may_see,
            "headlines": self._read_headlines(domain),
            "currencies": [
                {
                    "currency_id": currency.id,
                    "name": currency.name,
                    **self._rows_and_total(
                        by, currency, found[currency.id], sold.get(currency.id)
                    ),
                }
                for currency in currencies.sorted(lambda c: (c != own, c.name))
            ],
        }

    @api.readonly
    @api.model
    def get_receivables_action(self, options, currency_id, column, group_id=None):
        """The action that lists the instalments of one figure.

        :param column: ``contract_…`` or ``invoice_…`` with the key of a bucket, or
            ``late``, ``total`` after either, or ``not_invoiced``
        :param group_id: a row by its id, False for the row without one; None for all
        """
        by, domain = self._checked_options(options)
        domain &= Domain("company_id.currency_id", "=", self._checked_id(currency_id))
        if group_id is not None:
            domain &= Domain(by, "=", group_id and self._checked_id(group_id))
        domain &= self.env["sales.plan.line"]._outstanding_domain()
        domain &= self._column_domain(column)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_plan_line_action_outstanding"
        )
        return {**action, "domain": list(domain), "context": {"create": False}}

    # === FIGURES === #

    @api.model
    def _read_ageings(self, domain, by):
        """:return: ``{currency id: {group id: {column: amount}}}``"""
        lines = self.env["sales.plan.line"]
        query = lines._search(domain & lines._outstanding_domain())
        alias = query.table

        def column(name):
            return lines._field_to_sql(alias, name, query)

        own = column("company_id")
        today = self.env["res.company"]._sales_today_sql(own)
        sums = []
        for day, amount in AGEINGS.values():
            age = SQL("%s - %s", today, column(day))
            for low, high in self._bucket_days():
                sums.append(
                    SQL(
                        "SUM(%s) FILTER (WHERE %s)",
                        column(amount),
                        _between(age, low, high),
                    )
                )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT company.currency_id, %(group)s, %(sums)s,
                       SUM(%(outstanding)s - %(due)s)
                  FROM %(tables)s JOIN res_company company ON company.id = %(own)s
                 WHERE %(where)s
                 GROUP BY 1, 2
                """,
                group=column(by),
                sums=SQL(", ").join(sums),
                outstanding=column("amount_outstanding_company"),
                due=column("amount_due_company"),
                tables=query.from_clause,
                own=own,
                where=query.where_clause or SQL("TRUE"),
            )
        )
        found = defaultdict(dict)
        for currency_id, group_id, *amounts in rows:
            found[currency_id][group_id or False] = {
                name: float(amount or 0)
                for name, amount in zip(COLUMNS, amounts, strict=True)
            }
        return found

    @api.model
    def _read_sales(self, by, options):
        """What all invoices to customers say, for the days sales outstanding.

        Those without a payment plan count too: it is a figure of the whole company, or
        of a team with all teams below.

        :return: ``{currency id: {group id: [open, sold in the last days]}}``
        """
        since = fields.Date.subtract(self.env.company._sales_today(), days=DSO_DAYS)
        posted = Domain("state", "=", "posted") & Domain("move_type", "in", MOVE_TYPES)
        posted &= Domain("company_id", "in", self.env.companies.ids)
        if options.get("team_id"):
            posted &= Domain("team_id", "child_of", options["team_id"])
        found = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
        for place, measure, which in (
            (0, "amount_residual_signed", Domain("amount_residual", "!=", 0)),
            (1, "amount_total_signed", Domain("invoice_date", ">", since)),
        ):
            for record, currency, amount in self.env["account.move"]._read_group(
                posted & which, [GROUPS[by], "company_currency_id"], [f"{measure}:sum"]
            ):
                found[currency.id][record.id][place] += amount
        return found

    @api.model
    def _may_see_sales(self, options):
        """Invoices are for accountants, and know nothing of a filter of instalments."""
        return not options.get("domain") and self.env.user.has_groups(
            "account.group_account_invoice,account.group_account_readonly"
        )

    @api.model
    def _read_headlines(self, domain):
        """The lists behind the board, each with how many and how much is in it.

        :return: list of dicts with ``key``, ``label``, ``count`` and ``amounts``, pairs
            of a currency id and an amount
        """
        lines = self.env["sales.plan.line"]
        labels = self._headline_labels()
        result = [
            self._headline(
                key,
                labels[key],
                lines,
                domain & self._headline_domain(key),
                self._headline_measure(key),
            )
            for key in labels
        ]
        today = self.env.company._sales_today()
        soon = Domain("date", ">=", today)
        soon &= Domain("date", "<=", fields.Date.add(today, days=SOON_DAYS))
        if not domain.is_true():
            soon &= Domain("line_id", "any", domain)
        label = self.env._("Expected in %s Days", SOON_DAYS)
        cash = self.env["sales.cash.report"]
        return [*result, self._headline("cash", label, cash, soon, "amount")]

    @api.model
    def _headline(self, key, label, model, domain, measure):
        amounts, count = defaultdict(float), 0
        for company, number, amount in model._read_group(
            domain, ["company_id"], ["__count", f"{measure}:sum"]
        ):
            amounts[company.sudo().currency_id.id] += amount  # of an own company
            count += number
        return {
            "key": key,
            "label": label,
            "count": count,
            "amounts": list(amounts.items()),
        }

    # === TABLE === #

    @api.model
    def _rows_and_total(self, by, currency, found, sold):
        """The rows of one currency, who is latest first, and their total."""
        total = {name: sum(row[name] for row in found.values()) for name in COLUMNS}
        groups = self.env["sales.plan.line"]._fields[by].comodel_name
        records = self.env[groups].browse(filter(None, found))
        records = records.sudo()  # names of those whose instalments are shown
        names = {record.id: record.display_name for record in records}
        all_sold = [sum(parts) for parts in zip(*(sold or {}).values(), strict=True)]
        rows = [
            {
                "id": group_id,
                "name": names.get(group_id) or self._nobody(by),
                **self._row(currency, row, (sold or {}).get(group_id)),
            }
            for group_id, row in found.items()
        ]
        rows.sort(
            key=lambda row: (-row["late_contract"], -row["outstanding"], row["name"])
        )
        return {"rows": rows, "total": self._row(currency, total, all_sold)}

    @api.model
    def _row(self, currency, amounts, sold):
        """Both ageings side by side, and what is late only because of us."""
        ageings = {
            ageing: [currency.round(amounts[f"{ageing}_{key}"]) for key in BUCKET_KEYS]
            for ageing in AGEINGS
        }
        difference = [
            currency.round(by_contract - by_invoice)
            for by_contract, by_invoice in zip(
                ageings["contract"], ageings["invoice"], strict=True
            )
        ]
        late = {name: currency.round(sum(row[1:])) for name, row in ageings.items()}
        dso = days_sales_outstanding(*sold, DSO_DAYS) if sold else None
        return {
            **ageings,
            "difference": difference,
            "not_invoiced": currency.round(amounts["not_invoiced"]),
            "outstanding": currency.round(sum(ageings["contract"])),
            "due": currency.round(sum(ageings["invoice"])),
            "late_contract": late["contract"],
            "late_invoice": late["invoice"],
            "own_delay": currency.round(late["contract"] - late["invoice"]),
            "dso": False if dso is None else round(dso, 1),
        }

    @api.model
    def _nobody(self, by):
        return {
            "partner_id": self.env._("No customer"),
            "user_id": self.env._("No salesperson"),
            "team_id": self.env._("No team"),
        }[by]

    # === WORDS AND DOMAINS === #

    @api.model
    def _bucket_days(self):
        """First and last day of each bucket; None where it is open."""
        return [(None, 0), *((first, last) for _key, first, last in BUCKETS)]

    @api.model
    def _bucket_labels(self):
        labels = [self.env._("Not due")]
        for _key, first, last in BUCKETS:
            if last is None:
                labels.append(self.env._("Over %s days", first - 1))
            else:
                labels.append(
                    self.env._("%(first)s–%(last)s days", first=first, last=last)
                )
        return labels

    @api.model
    def _column_domain(self, column):
        """What an amount of the table is made of."""
        ageing, _sep, bucket = str(column).partition("_")
        if column == "not_invoiced":
            return Domain("amount_to_invoice", "!=", 0) | Domain(
                "amount_draft", "!=", 0
            )
        if ageing not in AGEINGS or bucket not in (*BUCKET_KEYS, "late", "total"):
            raise UserError(self.env._("There is no column “%s”.", column))
        day = AGEINGS[ageing][0]
        domain = Domain("amount_due", "!=", 0) if ageing == "invoice" else Domain.TRUE
        if bucket == "total":
            return domain
        if bucket == "late":
            low, high = 1, None
        else:
            low, high = self._bucket_days()[BUCKET_KEYS.index(bucket)]
        return domain & self._age_domain(day, low, high)

    @api.model
    def _age_domain(self, day, low, high):
        """Instalments whose day lies ``low`` to ``high`` days back at their company."""
        by_company = []
        for company in self.env.companies:
            today = company._sales_today()
            domain = Domain("company_id", "=", company.id)
            if low is not None:
                domain &= Domain(day, "<=", fields.Date.subtract(today, days=low))
            if high is not None:
                since = Domain(day, ">=", fields.Date.subtract(today, days=high))
                # What has no day yet is not due either.
                domain &= since if low is not None else since | Domain(day, "=", False)
            by_company.append(domain)
        return Domain.OR(by_company)

    @api.model
    def _headline_labels(self):
        return {
            "to_invoice": self.env._("To Invoice Now"),
            "overdue": self.env._("Overdue"),
            "prepaid": self.env._("Collected, Not Invoiced"),
            "invoiced_late": self.env._("Invoiced Late"),
        }

    @api.model
    def _headline_domain(self, key):
        """What each of the accountant's lists holds."""
        return {
            "to_invoice": Domain("state", "=", "due"),
            "overdue": Domain("state", "=", "overdue"),
            "prepaid": Domain("amount_prepaid", ">", 0),
            "invoiced_late": Domain("invoicing_delay", ">", 0)
            & Domain("amount_outstanding", "!=", 0),
        }[key]

    @api.model
    def _headline_measure(self, key):
        return {
            "to_invoice": "amount_outstanding_company",
            "overdue": "amount_due_company",
            "prepaid": "amount_prepaid_company",
            "invoiced_late": "amount_outstanding_company",
        }[key]

    # === CHECKS === #

    @api.model
    def _checked_options(self, options):
        """Field of the rows and domain of instalments, from what a client asks."""
        if not isinstance(options, dict) or options.get("by") not in GROUPS:
            raise UserError(
                self.env._("Choose rows by customer, by salesperson or by sales team.")
            )
        lines = self.env["sales.plan.line"]
        try:
            domain = Domain(options.get("domain") or Domain.TRUE)
            domain.validate(lines)
        except (AssertionError, KeyError, TypeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "The filter cannot be understood: %(reason)s", reason=str(error)
                )
            ) from error
        if options.get("team_id"):
            team_id = self._checked_id(options["team_id"])
            domain &= Domain("team_id", "child_of", team_id)
        return options["by"], domain

    @api.model
    def _checked_id(self, value):
        if isinstance(value, bool) or not isinstance(value, int):
            raise UserError(self.env._("There is no record “%s”.", value))
        return value


def _between(age, low, high):
    """An age in days within bounds that may be open; no age is no day past due."""
    if low is None:
        return SQL("COALESCE(%s, 0) <= %s", age, high)
    if high is None:
        return SQL("%s >= %s", age, low)
    return SQL("%s BETWEEN %s AND %s", age, low, high)
