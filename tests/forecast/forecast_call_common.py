from odoo import fields

from ...engine.periods import next_of, start_of
from ..common import SalesProcessCommon


class ForecastCallCommon(SalesProcessCommon):
    """The people and teams of ``SalesProcessCommon``, who call the present month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calls = cls.env["sales.forecast.call"]
        cls.adjustments = cls.env["sales.forecast.adjustment"]
        cls.month = cls._period("month")
        cls.of_rep = ("user", cls.rep_user.id)
        cls.of_colleague = ("user", cls.colleague_user.id)
        cls.of_stranger = ("user", cls.stranger_user.id)
        cls.of_leader = ("user", cls.leader_user.id)
        cls.of_retail = ("team", cls.retail.id)
        cls.of_north = ("team", cls.north.id)
        cls.of_south = ("team", cls.south.id)
        cls.of_world = ("team", cls.world.id)
        cls.of_company = ("company", cls.company.id)

    @classmethod
    def _period(cls, kind, day=None):
        day = day or cls.company._sales_today()
        month = cls.company._sales_fiscal_month()
        return start_of(day, kind, month), next_of(day, kind, month)

    @classmethod
    def _row(cls, owner, amount, category="commit", period=None, **values):
        first, after = period or cls.month
        return {
            "owner": owner,
            "date_from": first,
            "date_to": after,
            "category": category,
            "amount": amount,
            **values,
        }

    def _submit_as(self, user, *rows, company=None):
        calls = self.calls.with_user(user)
        return calls._submit((company or self.company).with_user(user), list(rows))

    def _call(self, user, owner, amount, **values):
        """The call a user makes."""
        [id_] = self._submit_as(user, self._row(owner, amount, **values))
        return self.calls.browse(id_)

    def _adjust(self, user, owner, amount, **values):
        """The adjustment a user makes."""
        row = self._row(owner, amount, kind="adjustment", **values)
        [id_] = self._submit_as(user, row)
        return self.adjustments.browse(id_)

    def _entry(self, owner, category="commit", period=None, user=None, company=None):
        """What is known of one number."""
        period = period or self.month
        calls = self.calls.with_user(user or self.director_user)
        numbers = calls._numbers(company or self.company, [owner], [period])
        return numbers[(*owner, *period, category)]

    def _number(self, owner, **values):
        return self._entry(owner, **values)["number"]

    def _below(self, owner, **values):
        return self._entry(owner, **values)["below"]

    def _queries(self, function, *args):
        """How many queries something takes, everything having been written before."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    @classmethod
    def _move(cls, user, team):
        """Somebody changes the team."""
        members = cls.env["crm.team.member"]
        members.search([("user_id", "=", user.id)]).unlink()
        members.create({"user_id": user.id, "crm_team_id": team.id})

    @classmethod
    def _moment(cls, day, hour, minute=0):
        """A day and an hour on the clock of UTC."""
        return fields.Datetime.to_datetime(day).replace(hour=hour, minute=minute)
