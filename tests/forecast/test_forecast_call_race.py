from contextlib import contextmanager
from functools import partial

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError, ValidationError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL, mute_logger

from ...engine.periods import next_of, start_of


@tagged("post_install", "-at_install")
class TestForecastCallRace(BaseCase):
    """Two people give the same number at once, on two connections of their own."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self._remove_rows)
        with self._connect() as env:
            self.company_id = env.company.id
            today = env.company._sales_today()
            # Days that nobody else calls.
            day = start_of(today.replace(day=1, year=today.year + 30), "month", 1)
            self.days = day, next_of(day, "month", 1)

    @contextmanager
    def _connect(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})

    def _remove_rows(self):
        """Nobody may; what this test wrote never was."""
        with self._connect() as env:
            env.cr.execute(
                SQL(
                    "DELETE FROM sales_forecast_call"
                    " WHERE company_id = %s AND date_from = %s AND date_to = %s",
                    self.company_id,
                    *self.days,
                )
            )

    def _submit(self, env, amount, **values):
        row = {
            "owner": ("company", self.company_id),
            "date_from": self.days[0],
            "date_to": self.days[1],
            "category": "commit",
            "amount": amount,
            **values,
        }
        company = env["res.company"].browse(self.company_id)
        return env["sales.forecast.call"]._submit(company, [row])[0]

    def _as_a_request(self, env, *args, **values):
        """As the web layer does it: again where the database says so."""
        with mute_logger("odoo.sql_db", "odoo.service.model"):
            return retrying(partial(self._submit, env, *args, **values), env)

    def _history(self):
        """States and amounts of all rows, the oldest first."""
        with self._connect() as env:
            numbers = env["sales.forecast.call"].search(
                [
                    ("company_id", "=", self.company_id),
                    ("date_from", "=", self.days[0]),
                    ("date_to", "=", self.days[1]),
                ],
                order="id",
            )
            return [(number.state, number.amount) for number in numbers]

    def _look(self, env):
        """What somebody sees who opens the page now."""
        env.cr.execute(
            SQL("SELECT COUNT(*) FROM sales_forecast_call WHERE date_end IS NULL")
        )

    def test_first_number_of_two(self):
        """The second one is told, and nothing is lost."""
        with self._connect() as one, self._connect() as two:
            self._look(two)
            self._submit(one, 100.0)
            one.cr.commit()
            with self.assertRaisesRegex(ValidationError, "at the same moment"):
                self._as_a_request(two, 200.0)
            two.cr.rollback()
            self.assertEqual(self._history(), [("current", 100.0)])
            # Having looked again, both stand in the history.
            two.invalidate_all()
            self._submit(two, 200.0)
            two.cr.commit()
        self.assertEqual(self._history(), [("replaced", 100.0), ("current", 200.0)])

    def test_both_replace_the_same_number(self):
        """Who did not say what was on the screen comes second: all three are kept."""
        with self._connect() as one, self._connect() as two:
            self._submit(one, 100.0)
            one.cr.commit()
            self._look(two)
            self._submit(one, 150.0)
            one.cr.commit()
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(SerializationFailure),
            ):
                self._submit(two, 200.0)
            two.cr.rollback()
            self._look(two)
            self._submit(one, 175.0)
            one.cr.commit()
            self._as_a_request(two, 200.0)
        self.assertEqual(
            self._history(),
            [
                ("replaced", 100.0),
                ("replaced", 150.0),
                ("replaced", 175.0),
                ("current", 200.0),
            ],
        )

    def test_both_replace_what_they_saw(self):
        """In the grid, the second one hears who was first."""
        with self._connect() as one, self._connect() as two:
            seen = self._submit(one, 100.0)
            one.cr.commit()
            self._look(two)
            self._submit(one, 150.0, seen=seen)
            one.cr.commit()
            with self.assertRaisesRegex(UserError, "changed Commit of .* meanwhile"):
                self._as_a_request(two, 200.0, seen=seen)
            two.cr.rollback()
        self.assertEqual(self._history(), [("replaced", 100.0), ("current", 150.0)])

    def test_a_reset_and_a_new_number(self):
        with self._connect() as one, self._connect() as two:
            seen = self._submit(one, 100.0)
            one.cr.commit()
            self._look(two)
            self._submit(one, None, reason="Nobody knows", seen=seen)
            one.cr.commit()
            with self.assertRaisesRegex(UserError, "reset Commit of .* meanwhile"):
                self._as_a_request(two, 200.0, seen=seen)
            two.cr.rollback()
        self.assertEqual(self._history(), [("reset", 100.0)])
