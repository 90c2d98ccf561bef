from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..common import LEADER
from .target_common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetSet(TargetCommon):
    """Many targets, each with an amount of its own."""

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._january()
        cls.leader = cls._make_person("target_set_leader", LEADER)
        cls.north.user_id = cls.leader
        cls.targets = cls.env["sales.target"]

    def test_set(self):
        self.t_bob.amount = 7
        changed = self.targets._set_amounts(
            {
                self.t_ann: {"amount": 10.004, "stretch_amount": 12.0},
                self.t_bob: {"amount": 7.0},
                self.t_south: {"proposed_amount": 0.0},
            }
        )
        self.assertEqual(changed, self.t_ann | self.t_south)
        self.assertEqual(self.t_ann.amount, 10.0)
        self.assertEqual(
            [(c.field, c.old_value, c.new_value) for c in self.t_ann.change_ids],
            [("stretch_amount", 0.0, 12.0), ("amount", 0.0, 10.0)],
        )
        self.assertTrue(self.t_south.is_proposed)
        self.assertFalse(self.t_ann.is_proposed)

    def test_refused(self):
        targets = self.targets.with_user(self.leader)
        for owners in (self.t_bob, self.t_ann | self.t_bob, self.t_north):
            with self.subTest(owners), self.assertRaises(AccessError):
                targets._set_amounts({target: {"amount": 5.0} for target in owners})
        self.assertEqual(self.t_ann.amount, 0.0)
        targets._set_amounts({self.t_ann: {"amount": 5.0}})
        own = self._target({"user_id": self.leader.id}, self.t_north)
        with self.assertRaisesRegex(AccessError, "own target"):
            targets._set_amounts({own: {"amount": 5.0}})
        targets._set_amounts({own: {"amount": 5.0}}, computed=True)
        self.assertEqual(own.amount, 5.0)
        self.assertEqual(own.change_ids.user_id, self.leader)
        with self.assertRaisesRegex(ValidationError, "below zero"):
            self.targets._set_amounts({self.t_ann: {"amount": -1.0}})
        with self.assertRaises(ValueError):
            self.targets._set_amounts({self.t_ann: {"plan_id": 1}})

    def test_queries(self):
        targets = self.targets.with_user(self.leader)
        months = self.targets.concat(
            *(
                self._target(
                    {"user_id": self.ann.id},
                    self._target(
                        {"team_id": self.north.id}, self._target(month=n), month=n
                    ),
                    month=n,
                )
                for n in range(2, 12)
            )
        )

        def queries(chosen, base):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            targets._set_amounts(
                {target: {"amount": base + n} for n, target in enumerate(chosen)}
            )
            self.env.flush_all()
            return self.cr.sql_log_count - before

        queries(months[:1], 10)  # warm up
        few, many = queries(months[:3], 20), queries(months, 50)
        self.assertLessEqual(many, few)
        self.assertEqual(months.mapped("amount"), [50.0 + n for n in range(10)])
