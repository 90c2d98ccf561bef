from datetime import date, datetime

from odoo import fields
from odoo.fields import Command

from .target_common import TargetCommon

YEAR = 2023
JANUARY = (date(YEAR, 1, 1), date(YEAR, 2, 1))


class AttainmentCommon(TargetCommon):
    """January of a past year, with figures that are worked out by hand.

    The company works Monday to Friday from 8 to 12 and 13 to 17. January has 22
    weekdays; the 2nd is a holiday, so 21 are worked. Ann is away on Wednesday the 11th
    and on the afternoon of the 12th: 19.5.

    ====== ===== ===== ============================= =======
    day    order team  who earns it                  country
    ====== ===== ===== ============================= =======
    3 Jan    600 North Ann                           Germany
    10 Jan   500 South Bob; Ann 20 % on top (North)  Germany
    20 Jan   200 South Ann                           Germany
    31 Jan   300 North Ann 80 %, a dealer 20 %       Germany
    ====== ===== ===== ============================= =======
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._make_calendar("Office")
        cls.company.sudo().resource_calendar_id = cls.calendar
        cls._absence(date(YEAR, 1, 2), 0, date(YEAR, 1, 2), 24)
        cls.resource = cls._resource(cls.ann)
        cls._absence(date(YEAR, 1, 11), 0, date(YEAR, 1, 11), 24, cls.resource)
        cls._absence(date(YEAR, 1, 12), 12, date(YEAR, 1, 12), 18, cls.resource)
        cls.dealer = cls.partner_b
        cls.plan = cls._make_plan(
            date_from=date(YEAR, 1, 1), date_to=date(YEAR + 1, 1, 1)
        )
        cls._january()

    @classmethod
    def _history(cls):
        cls._sold_on(date(YEAR, 1, 3), 600.0)
        cls._sold_on(
            date(YEAR, 1, 10),
            500.0,
            user_id=cls.bob.id,
            team_id=cls.south.id,
            sales_split_ids=[
                Command.create({"user_id": cls.bob.id, "percent": 100}),
                Command.create(
                    {"user_id": cls.ann.id, "percent": 20, "is_overlay": True}
                ),
            ],
        )
        cls._sold_on(date(YEAR, 1, 20), 200.0, team_id=cls.south.id)
        cls._sold_on(
            date(YEAR, 1, 31),
            300.0,
            sales_split_ids=[
                Command.create({"user_id": cls.ann.id, "percent": 80}),
                Command.create({"partner_id": cls.dealer.id, "percent": 20}),
            ],
        )

    @classmethod
    def _days(cls, number):
        return fields.Date.add(cls.today, days=number)

    @classmethod
    def _sold_on(cls, day, price, **values):
        order = cls._sold(price, **values)
        order.date_order = datetime(day.year, day.month, day.day, 12)
        cls.env["sales.credit"]._write_pending()
        return order

    @classmethod
    def _make_calendar(cls, name, **values):
        return (
            cls.env["resource.calendar"]
            .sudo()
            .create(
                {
                    "name": name,
                    "company_id": cls.company.id,
                    "tz": "UTC",
                    "attendance_ids": [
                        Command.clear(),
                        *(
                            Command.create(
                                {
                                    "name": f"{day} {period}",
                                    "dayofweek": str(day),
                                    "hour_from": start,
                                    "hour_to": end,
                                    "day_period": period,
                                }
                            )
                            for day in range(5)
                            for start, end, period in (
                                (8, 12, "morning"),
                                (12, 13, "lunch"),
                                (13, 17, "afternoon"),
                            )
                        ),
                    ],
                    **values,
                }
            )
        )

    @classmethod
    def _resource(cls, user, **values):
        values.setdefault("calendar_id", cls.calendar.id)
        return (
            cls.env["resource.resource"]
            .sudo()
            .create(
                {
                    "name": user.name,
                    "user_id": user.id,
                    "company_id": cls.company.id,
                    "tz": "UTC",
                    **values,
                }
            )
        )

    @classmethod
    def _absence(cls, first, start, last, end, resource=None, **values):
        """Somebody, or everybody, is away.

        :param date first: first day, from the hour ``start`` on
        :param date last: last day, until the hour ``end``
        """
        moment = datetime(last.year, last.month, last.day)
        until = (
            moment.replace(hour=end)
            if end < 24
            else moment.replace(hour=23, minute=59, second=59)
        )
        return (
            cls.env["resource.calendar.leaves"]
            .sudo()
            .create(
                {
                    "name": "Away",
                    "company_id": cls.company.id,
                    "calendar_id": False,
                    "resource_id": resource.id if resource else False,
                    "date_from": datetime(first.year, first.month, first.day, start),
                    "date_to": until,
                    **values,
                }
            )
        )

    def _all_figures(self, *args, **kwargs):
        self.env.invalidate_all()
        return self.plan._figures(*args, **kwargs)
