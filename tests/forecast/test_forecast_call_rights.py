from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .forecast_call_common import ForecastCallCommon


@tagged("post_install", "-at_install")
class TestForecastCallRights(ForecastCallCommon):
    """Everybody calls the own number and adjusts those below, and nobody else's."""

    rule_tested_models = (
        "sales.forecast.call",
        "sales.forecast.adjustment",
        "sales.forecast.unlock",
        "sales.forecast.reminder",
    )

    # === WHO CALLS === #

    def test_who_calls(self):
        owners = {
            self.of_rep: self.rep_user,
            self.of_colleague: self.colleague_user,
            self.of_leader: self.leader_user,
            self.of_retail: self.leader_user,  # nobody leads it: the next one above
            self.of_north: self.leader_user,
            self.of_south: self.other_leader_user,
            self.of_world: self.director_user,
            self.of_company: self.director_user,
        }
        for owner, who in owners.items():
            for user in (
                self.rep_user,
                self.colleague_user,
                self.leader_user,
                self.other_leader_user,
                self.director_user,
                self.accountant_user,
                self.portal_user,
            ):
                with self.subTest(owner=owner, user=user.name):
                    if user == who:
                        self._call(user, owner, 10)
                        continue
                    with self.assertRaises(AccessError):
                        self._call(user, owner, 10)

    def test_team_without_any_leader(self):
        lonely = self.env["crm.team"].create({"name": "Lonely", "user_id": False})
        with self.assertRaises(AccessError):
            self._call(self.leader_user, ("team", lonely.id), 10)
        self._call(self.director_user, ("team", lonely.id), 10)
        lonely.action_archive()
        with self.assertRaises(AccessError):
            self._call(self.director_user, ("team", lonely.id), 10)

    def test_leader_who_left(self):
        self.leader_user.action_archive()
        self._call(self.director_user, self.of_north, 10)

    # === WHO ADJUSTS === #

    def test_who_adjusts(self):
        allowed = {
            self.of_rep: self.leader_user | self.director_user,
            self.of_retail: self.director_user,  # the leader calls it himself
            self.of_leader: self.director_user,
            self.of_north: self.director_user,
            self.of_south: self.director_user,
            self.of_world: self.env["res.users"],  # the director calls it
            self.of_company: self.env["res.users"],
            ("user", self.director_user.id): self.env["res.users"],
        }
        for owner, people in allowed.items():
            for user in (
                self.rep_user,
                self.colleague_user,
                self.leader_user,
                self.other_leader_user,
                self.director_user,
                self.accountant_user,
                self.portal_user,
            ):
                with self.subTest(owner=owner, user=user.name):
                    if user in people:
                        self._adjust(user, owner, 10)
                        continue
                    with self.assertRaises(AccessError):
                        self._adjust(user, owner, 10)

    def test_nobody_adjusts_above(self):
        """The director sells in a team that the leader leads."""
        self._move(self.director_user, self.retail)
        with self.assertRaises(AccessError):
            self._adjust(self.leader_user, ("user", self.director_user.id), 10)

    def test_whose_adjustment_counts(self):
        """The one of who is higher up, as long as he is."""
        self.south.sales_parent_id = self.north
        stranger = self.of_stranger
        self._adjust(self.other_leader_user, stranger, 10)
        self._adjust(self.leader_user, stranger, 20)
        for amount in (30, None):
            with self.assertRaisesRegex(UserError, "Leader, who is above you"):
                self._adjust(self.other_leader_user, stranger, amount, reason="x")
        self._adjust(self.director_user, stranger, 40)
        with self.assertRaises(UserError):
            self._adjust(self.leader_user, stranger, 50)
        self.assertEqual(self._number(stranger), 40.0)
        self.director_user.action_archive()
        self._adjust(self.leader_user, stranger, 50)
        self.south.sales_parent_id = self.world
        self._adjust(self.other_leader_user, stranger, 60)
        entry = self._entry(stranger, user=self.other_leader_user)
        self.assertEqual(entry["number"], 60.0)

    # === WHO SEES === #

    def test_who_sees(self):
        users = {
            self.rep_user: self.of_rep,
            self.colleague_user: self.of_colleague,
            self.stranger_user: self.of_stranger,
            self.leader_user: self.of_north,
            self.other_leader_user: self.of_south,
            self.director_user: self.of_company,
        }
        rows = {user: self._call(user, owner, 10) for user, owner in users.items()}
        made = self._adjust(self.leader_user, self.of_rep, 20)
        seen = {
            self.rep_user: self.rep_user,
            self.colleague_user: self.colleague_user,
            self.leader_user: self.rep_user | self.colleague_user | self.leader_user,
            self.other_leader_user: self.stranger_user | self.other_leader_user,
            self.director_user: self.env["res.users"].union(*users),
        }
        every = self.calls.union(*rows.values())
        for user, people in seen.items():
            expected = self.calls.union(*(rows[person] for person in people))
            found = self.calls.with_user(user).search([("id", "in", every.ids)])
            self.assertEqual(found.sudo(), expected, user.name)
            numbers = self.calls.with_user(user)._numbers(
                self.company, list(users.values()), [self.month]
            )
            known = {key[:2] for key, entry in numbers.items() if entry["call_id"]}
            self.assertEqual(known, {users[person] for person in people}, user.name)
        for user, number in (
            (self.rep_user, 1),
            (self.colleague_user, 0),
            (self.leader_user, 1),
            (self.other_leader_user, 0),
            (self.director_user, 1),
        ):
            adjustments = self.adjustments.with_user(user)
            self.assertEqual(
                adjustments.search_count([("id", "=", made.id)]), number, user.name
            )

    def test_strangers(self):
        for user in (self.accountant_user, self.portal_user):
            for model in self.rule_tested_models:
                with self.subTest(user=user.name, model=model):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                self._entry(self.of_rep, user=user)
        for user in (self.rep_user, self.leader_user):
            for model in ("sales.forecast.unlock", "sales.forecast.reminder"):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])

    def test_after_a_move(self):
        """The former leader reads what was called in his team, the new one as well."""
        call = self._call(self.rep_user, self.of_rep, 10)
        self._move(self.rep_user, self.south)
        later = self._call(self.rep_user, self.of_rep, 20)
        for user, expected in (
            (self.leader_user, call),
            (self.other_leader_user, call | later),
        ):
            found = self.calls.with_user(user).search(
                [("id", "in", (call | later).ids)]
            )
            self.assertEqual(found.sudo(), expected, user.name)

    # === NOBODY WRITES === #

    def test_nobody_writes(self):
        rows = (
            self._call(self.rep_user, self.of_rep, 10),
            self._adjust(self.leader_user, self.of_rep, 20),
            self._unlock(),
        )
        for record in rows:
            values = record.copy_data()[0]
            for user in (
                self.rep_user,
                self.leader_user,
                self.director_user,
                self.env.ref("base.user_admin"),
            ):
                mine = record.with_user(user)
                for vals in ({"amount": 1}, {"note": "x"}, {"date_end": False}, {}):
                    known = {name: vals[name] for name in vals if name in mine}
                    with self.subTest(user=user.name, vals=known):
                        with self.assertRaises(AccessError):
                            mine.write(known or {"company_id": self.company.id})
                with self.assertRaises(AccessError):
                    mine.unlink()
                with self.assertRaises(AccessError):
                    mine.create(values)

    def test_not_even_the_system_rewrites(self):
        call = self._call(self.rep_user, self.of_rep, 10)
        with self.assertRaises(AccessError):
            call.amount = 20
        with self.assertRaises(AccessError):
            call.unlink()
        self._call(self.rep_user, self.of_rep, 30)
        with self.assertRaises(AccessError):
            call.end_reason = "Another"

    def _unlock(self, user=None, owner=None, hours=1, reason="Late order"):
        unlocks = self.env["sales.forecast.unlock"].with_user(
            user or self.director_user
        )
        return unlocks._unlock(self.company, self.month, owner, hours, reason).sudo()

    def test_directors_alone_unlock(self):
        for user in (self.rep_user, self.leader_user, self.accountant_user):
            with self.assertRaises(AccessError):
                self._unlock(user)
        for values in ({"reason": " "}, {"hours": 0}, {"hours": 721}):
            with self.assertRaises(UserError):
                self._unlock(**values)
        unlock = self._unlock(owner=self.of_rep)
        self.assertEqual(unlock.user_id, self.rep_user)
        self.assertEqual(unlock.date_until - unlock.date, timedelta(hours=1))

    def test_wizards_are_own(self):
        wizard = self.env["sales.forecast.end"].with_user(self.rep_user)
        wizard = wizard.create({"res_model": "sales.forecast.call", "res_ids": ""})
        with self.assertRaises(AccessError):
            wizard.with_user(self.colleague_user).read(["reason"])
        with self.assertRaises(AccessError):
            self.env["sales.forecast.unlock.ask"].with_user(self.leader_user).create({})
