from datetime import datetime, time
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import SQL


class ResCompany(models.Model):
    """The clock of a company: days and periods are days of its own time zone.

    The addon's only ``create`` and ``write`` of companies: capabilities hook into
    ``_sales_after_create``, ``_sales_before_write`` and ``_sales_after_write``, and
    call ``super()``.
    """

    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._sales_after_create()
        return companies

    def write(self, vals):
        before = self._sales_before_write(vals)
        result = super().write(vals)
        self._sales_after_write(vals, before)
        return result

    def _sales_after_create(self):
        """Hook: these companies were created."""

    def _sales_before_write(self, vals):
        """Hook: ``vals`` are about to be written. Raise to refuse them.

        :return: dict of what :meth:`_sales_after_write` has to know of the state before
        """
        return {}

    def _sales_after_write(self, vals, before):
        """Hook: ``vals`` were written."""

    def _sales_zone(self):
        """Time zone of the working calendar, else of the company's address, else UTC.

        :rtype: zoneinfo.ZoneInfo
        """
        self.ensure_one()
        company = self.sudo()  # its clock is no secret
        return ZoneInfo(
            company.resource_calendar_id.tz or company.partner_id.tz or "UTC"
        )

    def _sales_fiscal_month(self):
        """The month, 1–12, in which the fiscal year of this company begins."""
        self.ensure_one()
        company = self.sudo()  # its calendar is no secret
        return int(company.fiscalyear_last_month) % 12 + 1

    def _sales_today(self):
        """The calendar day it is now at this company.

        :rtype: datetime.date
        """
        return self._sales_day(fields.Datetime.now())

    @api.model
    def _sales_today_sql(self, column):
        """The calendar day it is now at the company of a row.

        :param SQL column: the id of the company
        :return: SQL for a date
        """
        companies = self.sudo()  # their clocks are no secret
        companies = companies.search([("active", "in", (True, False))])
        return SQL(
            "(CASE %s %s END)",
            column,
            SQL(" ").join(
                SQL("WHEN %s THEN %s::date", company.id, company._sales_today())
                for company in companies
            ),
        )

    @api.model
    def _sales_day_sql(self, column, moment):
        """The day of the company of a row on which a moment lies.

        :param SQL column: the id of the company
        :param SQL moment: naive UTC
        :return: SQL for a date
        """
        companies = self.sudo()  # their clocks are no secret
        companies = companies.search([("active", "in", (True, False))])
        zones = SQL(" ").join(
            SQL("WHEN %s THEN %s", company.id, company._sales_zone().key)
            for company in companies
        )
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE (CASE %s %s ELSE 'UTC' END))::date",
            moment,
            column,
            zones,
        )

    def _sales_midnight(self, day):
        """When ``day`` begins at this company, naive UTC.

        :param datetime.date day: a day of the company
        :rtype: datetime.datetime
        """
        local = datetime.combine(day, time.min, self._sales_zone())
        return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)

    def _sales_day(self, moment):
        """The day of the company on which a moment lies; False without one.

        :param datetime.datetime moment: naive UTC
        :rtype: datetime.date
        """
        if not moment:
            return False
        utc = moment.replace(tzinfo=ZoneInfo("UTC"))
        return utc.astimezone(self._sales_zone()).date()
