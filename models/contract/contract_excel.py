"""Workbooks of what is outstanding: one for each list and table of the accountant."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..base.workbook import column_letter
from .sales_receivables import AGEINGS

# More rows than anybody reads, and about what a server makes in a minute.
MOST_ROWS = 50_000


def _read(records, specification):
    """Rows of records with the columns of a workbook.

    :param list specification: ``(field name, kind[, more of the column])``
    :return: ``(columns, rows)``
    """
    fields = records._fields
    labels = records.fields_get([name for name, *_rest in specification], ["string"])
    columns, getters = [], []
    for name, kind, *more in specification:
        column = {"label": labels[name]["string"], "kind": kind}
        columns.append({**column, **(more[0] if more else {})})
        field = fields[name]
        if field.type == "many2one":
            getters.append(lambda record, name=name: record[name].display_name or "")
        elif field.type == "selection":
            texts = dict(field._description_selection(records.env))
            getters.append(
                lambda record, name=name, texts=texts: texts.get(record[name], "")
            )
        else:
            getters.append(lambda record, name=name: record[name])
    return columns, [[getter(record) for getter in getters] for record in records]


def _find(model, domain, order):
    """Records of a list, or a clear sentence about why there are none."""
    try:
        records = model.search(Domain(domain), order=order, limit=MOST_ROWS + 1)
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        raise UserError(
            model.env._(
                "The filter cannot be understood: %(reason)s", reason=str(error)
            )
        ) from error
    if len(records) > MOST_ROWS:
        raise UserError(
            model.env._(
                "These are more than %s rows. Narrow the list by a filter first.",
                f"{MOST_ROWS:,}",
            )
        )
    return records


def _subtitle(env):
    return env._(
        "%(company)s, as of %(day)s",
        company=", ".join(env.companies.mapped("name")),
        day=format_date(env, env.company._sales_today()),
    )


class SalesPlanLine(models.Model):
    """Instalments as a workbook."""

    _inherit = "sales.plan.line"

    @api.model
    def get_excel(self, domain, title):
        """A workbook of the instalments of a list.

        :param list domain: which ones
        :param str title: of the list
        :return: action that downloads it
        :raise UserError: for a filter that is none, or more rows than a sheet is read
            for
        """
        lines = _find(self, domain, "partner_id, date_expected, order_id, sequence")
        columns, rows = _read(lines, self._excel_columns())
        return self.env["sales.excel"]._download(
            title,
            [
                {
                    "title": title,
                    "subtitle": _subtitle(self.env),
                    "columns": columns,
                    "rows": rows,
                    "total_label": self.env._("Total"),
                }
            ],
        )

    @api.model
    def _excel_columns(self):
        return [
            ("partner_id", "text"),
            ("contract_id", "text", {"width": 24}),
            ("order_id", "text", {"width": 12}),
            ("name", "text", {"width": 22}),
            ("user_id", "text", {"width": 18}),
            ("team_id", "text", {"width": 16}),
            ("when", "text", {"width": 24}),
            ("date_expected", "date"),
            ("date_invoiced", "date"),
            ("date_invoice_due", "date"),
            ("days_late", "integer"),
            ("amount", "money"),
            ("amount_invoiced", "money"),
            ("amount_collected", "money"),
            ("amount_outstanding", "money"),
            ("currency_id", "text", {"width": 9}),
            ("amount_outstanding_company", "money", {"total": True}),
            ("amount_due_company", "money", {"total": True}),
            ("state", "text", {"width": 16}),
            ("collector_id", "text", {"width": 18}),
            ("collection_next", "text", {"width": 30}),
        ]


class SalesCashReport(models.Model):
    """Expected cash as a workbook."""

    _inherit = "sales.cash.report"

    @api.model
    def get_excel(self, domain, title):
        """A workbook of expected cash: all rows, and sums by week and month.

        :param list domain: which rows
        :param str title: of the list
        :return: action that downloads it
        :raise UserError: for a filter that is none, or more rows than a sheet is read
            for
        """
        rows = _find(self, domain, "date, id")
        columns, values = _read(
            rows,
            [
                ("date", "date"),
                ("partner_id", "text"),
                ("order_id", "text", {"width": 12}),
                ("line_id", "text"),
                ("user_id", "text", {"width": 18}),
                ("team_id", "text", {"width": 16}),
                ("kind", "text", {"width": 20}),
                ("date_base", "date"),
                ("delay", "integer"),
                ("amount", "money", {"total": True}),
                ("currency_id", "text", {"width": 9}),
            ],
        )
        common = {
            "subtitle": _subtitle(self.env),
            "total_label": self.env._("Total"),
        }
        sheets = [
            self._excel_periods(rows, "date:month", self.env._("By Month"), common),
            self._excel_periods(rows, "date:week", self.env._("By Week"), common),
            {**common, "title": title, "columns": columns, "rows": values},
        ]
        return self.env["sales.excel"]._download(title, sheets)

    @api.model
    def _excel_periods(self, rows, period, title, common):
        """Expected cash by period, a column for each degree of certainty."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        sums = {}
        for day, currency, kind, amount in self._read_group(
            [("id", "in", rows.ids)],
            [period, "currency_id", "kind"],
            ["amount:sum"],
            order=f"{period}, currency_id",
        ):
            sums.setdefault((day, currency), dict.fromkeys(kinds, 0.0))[kind] = amount
        columns = [
            {"label": self.env._("From"), "kind": "date"},
            {"label": self.env._("Currency"), "kind": "text", "width": 10},
            *(
                {"label": label, "kind": "money", "total": True, "width": 20}
                for label in kinds.values()
            ),
            {
                "label": self.env._("Total"),
                "kind": "money",
                "total": True,
                "formula": lambda row: f"=SUM(C{row}:E{row})",
            },
        ]
        lines = [
            [day or None, currency.name, *amounts.values(), sum(amounts.values())]
            for (day, currency), amounts in sums.items()
        ]
        return {**common, "title": title, "columns": columns, "rows": lines}


class SalesReceivables(models.AbstractModel):
    """Both ageings as a workbook, and the instalments they are made of."""

    _inherit = "sales.receivables"

    @api.model
    def get_excel(self, options):
        """A workbook with the table of the screen and its instalments.

        :param dict options: see ``get_receivables``
        :return: action that downloads it
        """
        table = self.get_receivables(options)
        by, domain = self._checked_options(options)
        lines = self.env["sales.plan.line"]
        found = _find(
            lines,
            domain & lines._outstanding_domain(),
            "partner_id, date_expected, order_id, sequence",
        )
        columns, rows = _read(found, lines._excel_columns())
        common = {
            "subtitle": _subtitle(self.env),
            "total_label": self.env._("Total"),
        }
        sheets = [
            {**common, **self._excel_ageing(by, table, currency)}
            for currency in table["currencies"]
        ]
        title = self.env._("Instalments")
        sheets.append({**common, "title": title, "columns": columns, "rows": rows})
        return self.env["sales.excel"]._download(self.env._("Receivables"), sheets)

    @api.model
    def _excel_ageing(self, by, table, currency):
        """One currency: contract, invoice and difference side by side.

        The difference is a formula, as it is on paper.
        """
        buckets = len(table["buckets"])
        own = self.env["res.currency"].browse(currency["currency_id"])
        money = {"kind": "money", "digits": own.decimal_places}
        labels = self.env["sales.plan.line"].fields_get([by], ["string"])
        columns = [{"label": labels[by]["string"], "kind": "text"}]
        groups, titles = [], self._excel_titles()
        for ageing in AGEINGS:
            groups.append((len(columns), len(columns) + buckets - 1, titles[ageing]))
            columns += [
                {**money, "label": label, "total": True} for label in table["buckets"]
            ]
        groups.append((len(columns), len(columns) + buckets - 1, titles["difference"]))
        for place, label in enumerate(table["buckets"], 1):
            columns.append(
                {
                    **money,
                    "label": label,
                    "total": True,
                    "formula": _difference(place, place + buckets),
                }
            )
        columns.append(
            {**money, "label": self.env._("Not Invoiced"), "total": True, "width": 17}
        )
        rows = [
            [
                row["name"],
                *row["contract"],
                *row["invoice"],
                *row["difference"],
                row["not_invoiced"],
            ]
            for row in currency["rows"]
        ]
        if table["has_dso"]:
            columns.append(
                {"label": self.env._("Days Sales Outstanding"), "kind": "number"}
            )
            for line, row in zip(rows, currency["rows"], strict=True):
                line.append(row["dso"] or None)
        title = self.env._("Receivables %s", currency["name"])
        return {"title": title, "groups": groups, "columns": columns, "rows": rows}

    @api.model
    def _excel_titles(self):
        return {
            "contract": self.env._("By contract date"),
            "invoice": self.env._("By invoice due date"),
            "difference": self.env._("Difference: our own delay"),
        }


def _difference(first, second):
    """The formula of a column less another one, by their numbers from 0."""
    left, right = column_letter(first), column_letter(second)
    return lambda row: f"={left}{row}-{right}{row}"
