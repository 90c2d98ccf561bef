from datetime import date

from odoo import fields

from ...engine.periods import next_of, start_of
from ..common import DIRECTOR, LEADER
from ..target.target_common import TargetCommon

# name: (salesperson, team, amount, category, closing), see ``_day``
DEALS = {
    "commit": ("ann", "north", 1000.0, "commit", "now"),
    "best": ("ann", "north", 500.0, "best_case", "next"),
    "overdue": ("ann", "north", 300.0, "pipeline", "past"),
    "undated": ("ann", "north", 200.0, "pipeline", None),
    "empty": ("ann", "north", 0.0, "pipeline", "now"),
    "omitted": ("ann", "north", 700.0, "omitted", "now"),
    "later": ("ann", "north", 900.0, "pipeline", "later"),
    "guest": ("ann", "south", 80.0, "best_case", "now"),
    "east": ("dora", "east", 400.0, "commit", "now"),
    "south": ("bob", "south", 2000.0, "pipeline", "now"),
    "nobody": (None, "south", 50.0, "commit", "now"),
    "teamless": ("bob", None, 60.0, "commit", "now"),
}


class ForecastGridCommon(TargetCommon):
    """A small company with three months of deals, figures worked out by hand.

    ======== ==========================================================
    company  director
    ======== ==========================================================
    North    leader; ann: quota 3,000 of the present month, booked 600
    ─ East   dora
    South    bob; ann has a deal here, and so has nobody
    no team  a deal of bob
    ======== ==========================================================

    Every deal has a chance of 50 %.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.grids = cls.env["sales.forecast.grid"]
        cls.company.sales_forecast_method = "manual"
        cls._set_up_staff()
        cls.months = cls._months(3)
        cls.deals = {name: cls._deal(name, *values) for name, values in DEALS.items()}
        cls._set_up_quotas()
        cls._sold(600.0)
        cls.env["sales.credit"]._write_pending()
        cls.env.flush_all()

    @classmethod
    def _set_up_staff(cls):
        cls.dora = cls.ann.copy({"login": "sp_grid_dora", "name": "Dora"})
        cls.ann.name, cls.bob.name = "Ann", "Bob"
        cls.people = {"ann": cls.ann, "bob": cls.bob, "dora": cls.dora}
        for name, group in {
            "leader": LEADER,
            "director": DIRECTOR,
            "accountant": "account.group_account_invoice",
            "portal": "base.group_portal",
        }.items():
            cls.people[name] = cls._make_person(f"forecast_{name}", group)
        cls.north.user_id = cls.people["leader"]
        cls.east = cls.env["crm.team"].create(
            {
                "name": "East",
                "company_id": cls.company.id,
                "sales_parent_id": cls.north.id,
                "member_ids": [(6, 0, cls.dora.ids)],
            }
        )
        cls.teams = {"north": cls.north, "east": cls.east, "south": cls.south}

    @classmethod
    def _months(cls, count, kind="month"):
        month = cls.company._sales_fiscal_month()
        periods, first = [], start_of(cls.today, kind, month)
        for _number in range(count):
            after = next_of(first, kind, month)
            periods.append((first, after))
            first = after
        return periods

    @classmethod
    def _day(cls, word):
        if word is None:
            return False
        return {
            "now": cls.today,
            "next": cls.months[1][0],
            "past": fields.Date.subtract(cls.today, days=1),
            "later": cls.months[2][1],
        }[word]

    @classmethod
    def _deal(cls, name, user=None, team=None, amount=0.0, category=None, day="now"):
        deal = cls.env["crm.lead"].create(
            {
                "name": name,
                "type": "opportunity",
                "company_id": cls.company.id,
                "user_id": cls.people[user].id if user else False,
                "team_id": cls.teams[team].id if team else False,
                "expected_revenue": amount,
                "probability": 50.0,
                "date_deadline": cls._day(day),
                "sales_forecast_choice": category,
            }
        )
        deal.write(
            {
                "user_id": cls.people[user].id if user else False,
                "team_id": cls.teams[team].id if team else False,
            }
        )
        return deal

    @classmethod
    def _set_up_quotas(cls):
        """Of the present month: company 10,000, North 6,000, ann 3,000, bob 2,000."""
        first = cls.months[0][0]
        cls.plan = cls._make_plan(
            name="Present",
            date_from=date(first.year, 1, 1),
            date_to=date(first.year + 1, 1, 1),
        )
        month = first.month
        cls.top = cls._target(month=month, amount=10000.0)
        north = cls._target({"team_id": cls.north.id}, cls.top, None, month, 6000.0)
        south = cls._target({"team_id": cls.south.id}, cls.top, None, month, 4000.0)
        cls._target({"user_id": cls.ann.id}, north, None, month, 3000.0)
        cls._target({"user_id": cls.bob.id}, south, None, month, 2000.0)
        cls.plan.sudo().state = "published"

    def _as(self, name):
        self.env.flush_all()
        return self.grids.with_user(self.people[name]).with_company(self.company)

    def _grid(self, name="director", **options):
        return self._as(name).get_grid(options)

    def _rows(self, name="director", **options):
        """Rows by the names that lead to them, such as ``North/Ann``."""
        rows, result = {}, {}
        for row in self._grid(name, **options)["rows"]:
            above = rows.get(row["parent"])
            path = "/".join(filter(None, [above, row["name"]]))
            if row["kind"] == "company":
                path = ""
            rows[row["node"]] = path
            result[path or "company"] = row
        return result
