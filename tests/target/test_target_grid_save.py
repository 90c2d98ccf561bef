import re

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_target_grid import GridCommon


@tagged("post_install", "-at_install")
class TestTargetGridSave(GridCommon):
    """What is typed into the grid: all or nothing, with rights, and kept."""

    rule_tested_models = ()

    def assertRefused(self, name, changes, message, error=UserError):
        amounts = self.plan.target_ids.mapped("amount")
        with self.assertRaisesRegex(error, message):
            self._as(name).save_grid(changes)
        self.assertEqual(self.plan.target_ids.mapped("amount"), amounts)

    def test_saved(self):
        changes = [
            self._change(self.t_ann, 120.006),
            self._change(self.t_ann, 150, field="stretch_amount"),
            self._change(self.t_bob, 80),
            self._change(self.t_south, 0),
        ]
        changed = self._as("director").save_grid(changes, "New <market>")
        self.assertEqual(changed, 2)
        self.assertEqual((self.t_ann.amount, self.t_bob.amount), (120.01, 80))
        self.assertEqual(self.t_ann.stretch_amount, 150)
        [change] = self.t_bob.change_ids
        self.assertEqual(
            (change.old_value, change.new_value, change.user_id),
            (0, 80, self.people["director"]),
        )
        note = self.plan.message_ids[0]
        self.assertIn("2 targets changed: New &lt;market&gt;", note.body)
        self.assertEqual(note.author_id, self.people["director"].partner_id)

    def test_by_role(self):
        self._as("leader").save_grid([self._change(self.t_ann, 90)], "Ill")
        self.assertEqual(self.t_ann.amount, 90)
        for name, target, error in (
            ("leader", self.t_north, AccessError),
            ("leader", self.t_bob, UserError),
            ("leader", self.top, UserError),
            ("ann", self.t_ann, AccessError),
            ("portal", self.t_ann, AccessError),
            ("accountant", self.t_ann, AccessError),
        ):
            with self.subTest(name, owner=target.owner_name):
                self.assertRefused(name, [self._change(target, 1)], "", error)
        # One that is refused takes the others along.
        self.assertRefused(
            "leader",
            [self._change(self.t_ann, 1), self._change(self.t_north, 1)],
            "own target",
            AccessError,
        )
        self.plan.action_ask_proposals()
        with self.assertRaises(AccessError):
            self._as("ann").save_grid([self._change(self.t_ann, 1)])
        self.assertRefused("bob", [self._change(self.t_ann, 1)], "that you may see")

    def test_proposals(self):
        proposal = self._change(self.t_ann, 80, field="proposed_amount")
        with self.assertRaises(AccessError):
            self._as("ann").save_grid([proposal])
        self.plan.action_ask_proposals()
        self._as("ann").save_grid([proposal], "Two gave notice")
        ann = self.t_ann
        self.assertEqual(
            (ann.proposed_amount, ann.is_proposed, ann.proposal_note, ann.amount),
            (80, True, "Two gave notice", 100),
        )
        # A leader proposes for the team and sets the targets of the people in one go.
        self._as("leader").save_grid(
            [
                self._change(self.t_north, 0, field="proposed_amount"),
                self._change(ann, 85),
            ]
        )
        self.assertEqual((self.t_north.is_proposed, ann.amount), (True, 85))
        back = self._change(ann, None, 80, field="proposed_amount")
        self._as("ann").save_grid([back])
        self.assertEqual((ann.is_proposed, ann.proposal_note), (False, False))

    def test_states(self):
        self.plan.action_lock()
        self.assertRefused("director", [self._change(self.t_ann, 1)], "reopen")
        self.plan.action_publish()
        self.assertRefused("director", [self._change(self.t_ann, 1)], "new version")

    def test_conflict(self):
        change = self._change(self.t_ann, 110)
        self.t_ann.amount = 105
        message = (
            rf"{re.escape(self.ann.name)}, January {self.year}: somebody changed it "
            r"from .*100\.00.* to .*105\.00.* while you entered .*110\.00"
        )
        self.assertRefused("director", [self._change(self.t_bob, 1), change], message)
        change["old"] = 105.001
        self._as("director").save_grid([change])
        self.assertEqual(self.t_ann.amount, 110)
        self.plan.action_ask_proposals()
        late = self._change(self.t_ann, 80, 70, field="proposed_amount")
        self.assertRefused("ann", [late], "from .*70.* to nothing while")

    def test_bad_values(self):
        where = f"{re.escape(self.ann.name)}, January {self.year}"
        for value, message in (
            (-1, f"{where}: -1 is no target"),
            (1e14, f"{where}: .* is no target"),
            ("12", f"{where}: “12” is no number"),
            (True, f"{where}: “True” is no number"),
            (float("nan"), f"{where}: “nan” is no number"),
            (None, f"{where}: “None” is no number"),
            ([1], "is no number"),
        ):
            with self.subTest(value=value):
                self.assertRefused(
                    "director", [self._change(self.t_ann, value)], message
                )

    def test_bad_changes(self):
        good = self._change(self.t_ann, 1)
        for bad in (
            {**good, "field": "plan_id"},
            {**good, "field": "share"},
            {**good, "date_from": "soon"},
            {**good, "date_from": False},
            {**good, "node": 5},
            {**good, "old": "100"},
            {"node": "c"},
            "c",
        ):
            with self.subTest(bad=bad):
                self.assertRefused("director", [good, bad], "cannot be read")
        self.assertRefused("director", "c", "cannot be read")
        day_off = {**good, "date_from": f"{self.year}-01-02"}
        self.assertRefused("director", [good, day_off], "There is no target")
        self.assertEqual(self._as("director").save_grid([]), 0)

    def test_many_problems(self):
        months = self.t_ann
        for month in range(3, 10):
            months |= self._target({"user_id": self.ann.id}, month=month)
        with self.assertRaises(UserError) as caught:
            self._as("director").save_grid([self._change(t, -1) for t in months])
        self.assertEqual(len(str(caught.exception).splitlines()), 7)
        self.assertIn("… and 3 more.", str(caught.exception))

    def test_queries(self):
        """Saving ten cells takes no more queries than saving five."""
        months = self.env["sales.target"]
        for month in range(3, 13):
            months |= self._target({"user_id": self.ann.id}, month=month)

        def queries(targets, base):
            changes = [self._change(t, base + n) for n, t in enumerate(targets)]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._as("director").save_grid(changes)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        queries(months[:2], 10)
        few = queries(months[:5], 20)
        self.assertLessEqual(queries(months, 50), few)
