from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common import REP
from .forecast_call_common import ForecastCallCommon


@tagged("post_install", "-at_install")
class TestForecastCall(ForecastCallCommon):
    """What is called, what adds up below, what was adjusted: each for itself."""

    def test_nothing_is_not_zero(self):
        entry = self._entry(self.of_north)
        for name in ("call", "below", "adjusted", "number", "call_id", "called_by"):
            self.assertIsNone(entry[name], name)
        self._call(self.rep_user, self.of_rep, 0)
        self.assertEqual(self._entry(self.of_rep)["number"], 0.0)
        self.assertEqual(self._below(self.of_retail), 0.0)
        self.assertIsNone(self._below(self.of_retail, category="best_case"))

    def test_a_call_and_its_history(self):
        first = self._call(self.rep_user, self.of_rep, 100.004, note=" Two deals ")
        entry = self._entry(self.of_rep)
        self.assertEqual(
            [entry[name] for name in ("call", "call_note", "called_by", "call_id")],
            [100.0, "Two deals", self.rep_user.id, first.id],
        )
        self.assertEqual(entry["called_by_name"], self.rep_user.name)
        self.assertEqual(entry["called_on"], first.date)
        second = self._call(self.rep_user, self.of_rep, 120)
        self.assertEqual(self._number(self.of_rep), 120.0)
        self.assertEqual((first.amount, first.state), (100.0, "replaced"))
        self.assertEqual((first.date_end, second.date_end), (second.date, False))
        self.assertEqual(first.end_author_id, self.rep_user)
        self.assertEqual(first.period_type, "month")
        action = second.with_user(self.rep_user).action_history()
        self.assertEqual(self.calls.search(action["domain"]), first | second)

    def test_call_again(self):
        first = self._call(self.rep_user, self.of_rep, 100, note="Two deals")
        first.with_user(self.rep_user).action_confirm()
        entry = self._entry(self.of_rep)
        self.assertEqual((entry["call"], entry["call_note"]), (100.0, "Two deals"))
        self.assertNotEqual(entry["call_id"], first.id)
        with self.assertRaises(AccessError):
            self.calls.browse(entry["call_id"]).with_user(
                self.leader_user
            ).action_confirm()

    def test_numbers_are_kept_apart(self):
        """Rep 100, colleague 50; the leader makes 80 of 100, and calls 120 for North.
        South calls 70, which the director makes 60."""
        self._call(self.rep_user, self.of_rep, 100)
        self._call(self.colleague_user, self.of_colleague, 50)
        self._adjust(self.leader_user, self.of_rep, 80, note="One slips")
        self._call(self.leader_user, self.of_north, 120)
        self._call(self.other_leader_user, self.of_south, 70)
        self._adjust(self.director_user, self.of_south, 60)
        self._call(self.director_user, self.of_company, 200)
        rep = self._entry(self.of_rep)
        self.assertEqual(
            [rep[name] for name in ("call", "adjusted", "number", "adjust_note")],
            [100.0, 80.0, 80.0, "One slips"],
        )
        self.assertEqual(rep["adjusted_by"], self.leader_user.id)
        # Retail has no number of its own: 80 + 50 count for it in North.
        self.assertEqual(self._below(self.of_retail), 130.0)
        self.assertEqual(self._entry(self.of_retail)["number"], None)
        north = self._entry(self.of_north)
        self.assertEqual((north["below"], north["number"]), (130.0, 120.0))
        south = self._entry(self.of_south)
        self.assertEqual((south["call"], south["number"]), (70.0, 60.0))
        self.assertEqual(self._below(self.of_world), 180.0)
        company = self._entry(self.of_company)
        self.assertEqual((company["below"], company["number"]), (180.0, 200.0))

    def test_how_many_have_called(self):
        self._call(self.rep_user, self.of_rep, 100)
        entry = self._entry(self.of_retail)
        self.assertEqual((entry["below_called"], entry["below_total"]), (1, 2))

    def test_kinds_of_periods(self):
        for kind in ("week", "month", "quarter", "year"):
            period = self._period(kind)
            call = self._call(self.rep_user, self.of_rep, 10, period=period)
            self.assertEqual(call.period_type, kind)
            self.assertEqual(self._number(self.of_rep, period=period), 10.0)
        first, after = self.month
        with self.assertRaises(UserError):
            self._call(
                self.rep_user, self.of_rep, 1, period=(first, self._after(after))
            )

    def _after(self, day):
        return self._period("month", day)[1]

    def test_reset(self):
        call = self._call(self.rep_user, self.of_rep, 100)
        for reason in (None, "", "  "):
            with self.assertRaises(UserError):
                self._submit_as(
                    self.rep_user, self._row(self.of_rep, None, reason=reason)
                )
        ids = self._submit_as(
            self.rep_user, self._row(self.of_rep, None, reason="Lost it")
        )
        self.assertEqual(ids, [False])
        self.assertEqual((call.state, call.end_reason), ("reset", "Lost it"))
        self.assertEqual(call.amount, 100.0)
        self.assertIsNone(self._number(self.of_rep))

    def test_reset_by_the_wizard(self):
        call = self._call(self.rep_user, self.of_rep, 100)
        adjustment = self._adjust(self.leader_user, self.of_rep, 80)
        wizards = self.env["sales.forecast.end"]
        action = adjustment.with_user(self.leader_user).action_end()
        names = action["context"]
        values = {name.removeprefix("default_"): names[name] for name in names}
        wizard = wizards.with_user(self.leader_user).create(values)
        self.assertEqual(wizard.summary, self.rep_user.name)
        with self.assertRaises(UserError):
            wizard.action_end()
        wizard.reason = "He was right"
        wizard.action_end()
        self.assertEqual(adjustment.end_reason, "He was right")
        self.assertEqual(self._number(self.of_rep), 100.0)
        with self.assertRaises(UserError):
            wizard.action_end()
        values = {"res_model": "sales.forecast.call", "res_ids": str(call.id)}
        wizard = wizards.with_user(self.leader_user).create({**values, "reason": "x"})
        with self.assertRaises(AccessError):
            wizard.action_end()
        wizard = wizards.with_user(self.colleague_user).create(
            {**values, "reason": "x"}
        )
        with self.assertRaises(UserError):
            wizard.action_end()
        wizard = wizards.with_user(self.rep_user).create(
            {"res_model": "res.users", "res_ids": "1", "reason": "x"}
        )
        with self.assertRaises(UserError):
            wizard.action_end()

    def test_all_or_nothing(self):
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self._submit_as(
                self.rep_user,
                self._row(self.of_rep, 10),
                self._row(self.of_colleague, 10),
            )
        self.assertIsNone(self._number(self.of_rep))

    # === CONFLICTS === #

    def test_conflict(self):
        first = self._call(self.leader_user, self.of_north, 100, seen=None)
        self._call(self.leader_user, self.of_north, 110, seen=first.id)
        with self.assertRaisesRegex(UserError, "Leader changed Commit of North"):
            self._call(self.leader_user, self.of_north, 120, seen=first.id)
        with self.assertRaisesRegex(UserError, "110"):
            self._call(self.leader_user, self.of_north, 120, seen=None)
        self._call(self.leader_user, self.of_north, 130)
        self.assertEqual(self._number(self.of_north), 130.0)

    def test_conflict_of_an_adjustment(self):
        seen = self._adjust(self.leader_user, self.of_rep, 80)
        self._adjust(self.director_user, self.of_rep, 70, seen=seen.id)
        with self.assertRaisesRegex(UserError, "Director changed"):
            self._adjust(self.leader_user, self.of_rep, 90, seen=seen.id)

    def test_conflict_with_a_reset(self):
        seen = self._call(self.leader_user, self.of_north, 100)
        row = self._row(self.of_north, None, reason="Wrong month", seen=seen.id)
        self._submit_as(self.leader_user, row)
        with self.assertRaisesRegex(UserError, "Leader reset Commit of North"):
            self._call(self.leader_user, self.of_north, 120, seen=seen.id)
        other = self._call(self.rep_user, self.of_rep, 1)
        for id_ in (other.id, "x", -1):
            with self.assertRaises(UserError):
                self._call(self.leader_user, self.of_north, 120, seen=id_)

    # === BAD INPUT === #

    def test_bad_input(self):
        good = self._row(self.of_rep, 10)
        for name, value in (
            ("amount", "10"),
            ("amount", True),
            ("amount", -1),
            ("amount", float("nan")),
            ("amount", float("inf")),
            ("amount", 1e15),
            ("category", "closed"),
            ("category", ["commit"]),
            ("date_from", "yesterday"),
            ("date_from", None),
            ("date_to", good["date_from"]),
            ("owner", ("partner", 1)),
            ("owner", ("user", "1")),
            ("owner", ("user", True)),
            ("owner", "user"),
            ("owner", ("user", 0)),
            ("owner", ("team", 0)),
            ("owner", ("company", 0)),
            ("kind", "closed"),
        ):
            with self.subTest(name=name, value=value), self.assertRaises(UserError):
                self._submit_as(self.rep_user, {**good, name: value})
        for row in ({}, [], None, "x"):
            with self.assertRaises(UserError):
                self._submit_as(self.rep_user, row)
        with self.assertRaises(UserError):
            self._submit_as(self.rep_user, good, good)
        self.assertEqual(self._submit_as(self.rep_user), [])

    def test_over_rpc(self):
        """Days come as texts, owners as lists."""
        calls = self.calls.with_user(self.rep_user)
        first, after = map(str, self.month)
        row = {
            **self._row(list(self.of_rep), 10),
            "date_from": first,
            "date_to": after,
        }
        calls.submit(self.company.id, [row])
        self.assertEqual(self._number(self.of_rep), 10.0)
        for company, rows in (("x", [row]), (self.company.id, row), (0, [row])):
            with self.assertRaises(UserError):
                calls.submit(company, rows)

    # === WHAT CHANGES AROUND THEM === #

    def test_reorganisation(self):
        """Calls follow the person, sums the tree as it is."""
        call = self._call(self.rep_user, self.of_rep, 100)
        self._call(self.colleague_user, self.of_colleague, 50)
        self._call(self.stranger_user, self.of_stranger, 10)
        self._adjust(self.leader_user, self.of_rep, 80)
        self._move(self.rep_user, self.south)
        self.assertEqual(self._number(self.of_rep), 80.0)
        self.assertEqual(self._below(self.of_retail), 50.0)
        self.assertEqual(self._below(self.of_south), 90.0)
        self.assertEqual(call.home_team_id, self.retail)
        # Who leads the new team may replace what the former leader made of it.
        self._adjust(self.other_leader_user, self.of_rep, 90)
        self.assertEqual(self._number(self.of_rep), 90.0)
        self.retail.sales_parent_id = self.south
        self.assertEqual(self._below(self.of_south), 150.0)
        self.assertIsNone(self._below(self.of_north))

    def test_archived(self):
        """They keep what they have called, and no longer count above."""
        self._call(self.rep_user, self.of_rep, 100)
        self._call(self.colleague_user, self.of_colleague, 50)
        self._call(self.other_leader_user, self.of_south, 70)
        self._call(self.stranger_user, self.of_stranger, 10)
        self.rep_user.action_archive()
        self.assertEqual(self._number(self.of_rep), 100.0)
        self.assertEqual(self._below(self.of_retail), 50.0)
        self.south.action_archive()
        self.assertEqual(self._number(self.of_south), 70.0)
        self.assertEqual(self._below(self.of_world), 50.0)
        # Nobody else calls for who has left, but a director takes it back.
        row = self._row(self.of_rep, None, reason="Left")
        with self.assertRaises(AccessError):
            self._submit_as(self.leader_user, row)
        self._submit_as(self.director_user, row)
        self.assertIsNone(self._number(self.of_rep))

    def test_people_without_a_team(self):
        loner = new_test_user(self.env, "sp_loner", REP)
        before = self._below(self.of_company) or 0.0
        self._call(loner, ("user", loner.id), 30)
        self.assertEqual(self._below(self.of_company), before + 30.0)

    def test_leader_who_sells(self):
        """The own number of a leader counts in the team led."""
        self._call(self.rep_user, self.of_rep, 100)
        entry = self._entry(self.of_north)
        # Whether leaders sell, too, is seen when they call: nobody waits for it.
        self.assertEqual((entry["below_called"], entry["below_total"]), (1, 1))
        self._call(self.leader_user, self.of_leader, 40)
        entry = self._entry(self.of_north)
        self.assertEqual((entry["below_called"], entry["below_total"]), (2, 2))
        self.assertEqual(entry["below"], 140.0)

    def test_settings_change(self):
        quarter = self._period("quarter")
        self._call(self.rep_user, self.of_rep, 100)
        self._call(self.rep_user, self.of_rep, 300, period=quarter)
        last = (int(self.company.fiscalyear_last_month) + 1) % 12 or 12
        self.company.write(
            {
                "sales_forecast_call_period": "week",
                "sales_forecast_weekday": "3",
                "sales_forecast_hour": 7.5,
                "fiscalyear_last_month": str(last),
            }
        )
        self.assertNotEqual(self._period("quarter"), quarter)
        self.assertEqual(self._number(self.of_rep), 100.0)
        self.assertEqual(self._number(self.of_rep, period=quarter), 300.0)
        # No such quarter can be called any more, but taken back it can be.
        with self.assertRaises(UserError):
            self._call(self.rep_user, self.of_rep, 1, period=quarter)
        row = self._row(self.of_rep, None, period=quarter, reason="Other quarters")
        self._submit_as(self.rep_user, row)
        self.assertIsNone(self._number(self.of_rep, period=quarter))

    def test_companies_are_apart(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        people = self.rep_user | self.director_user
        people.company_ids |= other
        period = self.month
        self._call(self.rep_user, self.of_rep, 100)
        row = self._row(self.of_rep, 7, period=period)
        rep = self.rep_user
        self._submit_as(rep, row, company=other)
        self.assertEqual(self._number(self.of_rep), 100.0)
        director = self.director_user
        self.assertEqual(self._number(self.of_rep, company=other, user=director), 7.0)
        with self.assertRaises(UserError):  # nor may one be given for another
            self._submit_as(rep, self._row(("company", other.id), 7))
        with self.assertRaises(AccessError):
            self._submit_as(
                self.colleague_user, self._row(self.of_colleague, 7), company=other
            )
        seen = self.calls.with_user(rep).with_context(
            allowed_company_ids=self.company.ids
        )
        self.assertEqual(seen.search([]).company_id, self.company)

    def test_currency_of_the_company_changes(self):
        """What was called keeps its currency and is converted at that day's rate."""
        currency = self.env["res.currency"].create(
            {"name": "XTS", "symbol": "T", "rounding": 0.01}
        )
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.rep_user.company_ids |= other
        self._submit_as(self.rep_user, self._row(self.of_rep, 100), company=other)
        before = other.currency_id
        # One of the old currency is two of the new one.
        rates = self.env["res.currency.rate"]
        for money, rate in ((before, 1.0), (currency, 2.0)):
            rates.search([("currency_id", "=", money.id)]).unlink()
            rates.create(
                {
                    "currency_id": money.id,
                    "company_id": other.id,
                    "name": "2000-01-01",
                    "rate": rate,
                }
            )
        other.currency_id = currency
        call = self.calls.search([("company_id", "=", other.id)])
        self.assertEqual((call.currency_id, call.amount), (before, 100.0))
        rep = self.rep_user
        entry = self._entry(self.of_rep, user=rep, company=other)
        self.assertEqual(entry["call"], 200.0)

    # === SPEED === #

    def test_queries_do_not_grow(self):
        people = [
            new_test_user(self.env, f"sp_call_{number}", REP) for number in range(8)
        ]
        for user in people:
            self._move(user, self.retail)
        months = [self.month, self._period("month", self.month[1])]
        owners = [("user", user.id) for user in people] + [self.of_retail]
        director = self.calls.with_user(self.director_user)
        leader = self.leader_user

        def read(size):
            director._numbers(self.company, owners[-size:], months[: size // 4])

        def give(size):
            rows = [
                self._row(owner, 10, kind="adjustment", category=category)
                for owner in owners[:size]
                for category in ("commit", "best_case")
            ]
            self._submit_as(leader, *rows)

        def show(size):
            for model in (self.calls, self.adjustments):
                numbers = model.with_user(leader).search([], limit=size)
                self.assertEqual(len(numbers), size)
                names = ["owner_name", "can_change", "author_id", "date_last"]
                numbers.read(names)

        for user in people:
            self._call(user, ("user", user.id), 10)
        for function in (read, give, show):
            for size in (8, 4):
                self._queries(function, size)  # fill the caches
            few, many = self._queries(function, 4), self._queries(function, 8)
            self.assertEqual(few, many, function.__name__)
        self.assertLessEqual(self._queries(read, 8), 8)
        rep = self.calls.with_user(self.rep_user)
        own = self._queries(rep._numbers, self.company, [self.of_rep], months)
        self.assertLessEqual(own, 5)
