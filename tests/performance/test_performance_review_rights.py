from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import get_public_method
from odoo.tests import tagged

from ...models.performance.sales_review import CONTENT, RECORDED
from .performance_scorecard_common import ScorecardCommon

MODELS = ("sales.review", "sales.review.line", "sales.review.goal")


@tagged("post_install", "-at_install")
class TestPerformanceReviewRights(ScorecardCommon):
    """Own once shared, of the teams led, of the company; nobody writes the rest."""

    rule_tested_models = (*MODELS, "sales.review.team")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._credit(cls.ann, 600)
        reviews = cls.reviews.with_company(cls.company)
        cls.anns = reviews.with_user(cls.leader)._make_for(cls.ann, "month", cls.month)
        cls.bobs = reviews.with_user(cls.other_leader)._make_for(
            cls.bob, "month", cls.month
        )
        cls.leaders = reviews.with_user(cls.director)._make_for(
            cls.leader, "month", cls.month
        )
        cls.all = (cls.anns | cls.bobs | cls.leaders).sudo()
        for review, leader in (
            (cls.anns, cls.leader),
            (cls.bobs, cls.other_leader),
            (cls.leaders, cls.director),
        ):
            cls.env["sales.review.goal"].with_user(leader).create(
                {"review_id": review.id, "name": "Goal", "date_due": cls.after}
            )

    def _seen(self, user, model):
        found = self.env[model].with_user(user).search([]).sudo()
        if model != "sales.review":
            found = found.review_id
        return found & self.all

    def assertSees(self, user, reviews):
        for model in MODELS:
            self.assertEqual(self._seen(user, model), reviews.sudo(), model)

    def _share(self):
        for review in self.all:
            review.with_user(review.leader_id).action_share()

    def test_drafts(self):
        self.assertSees(self.ann, self.reviews)
        self.assertSees(self.cid, self.reviews)
        self.assertSees(self.leader, self.anns)
        self.assertSees(self.other_leader, self.bobs)
        self.assertSees(self.director, self.all)

    def test_shared(self):
        self._share()
        self.assertSees(self.ann, self.anns)
        self.assertSees(self.bob, self.bobs)
        self.assertSees(self.cid, self.reviews)
        self.assertSees(self.leader, self.anns | self.leaders)
        self.assertSees(self.other_leader, self.bobs)
        self.assertSees(self.director, self.all)

    def test_nobody_else(self):
        self._share()
        employee = self._make_person("card_employee", "base.group_user")
        for user in (self.accountant, self.portal, employee):
            for model in MODELS:
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.anns.with_user(user).action_sign()

    def test_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.director.company_ids = [Command.link(other.id)]
        reviews = self.reviews.with_user(self.director)
        elsewhere = reviews.with_context(allowed_company_ids=other.ids)
        self.assertFalse(elsewhere.search([]) & self.all)

    def test_a_director_does_not_see_a_draft_of_his_own(self):
        second = self._make_person("card_second", "sales_process.group_director")
        reviews = self.reviews.with_user(second).with_company(self.company)
        draft = reviews._make_for(self.director, "month", self.month)
        self.assertFalse(self.reviews.with_user(self.director).search([]) & draft)

    # === NOBODY WRITES WHAT THE SYSTEM RECORDS === #

    def test_every_field_is_guarded(self):
        """What is neither content nor of threads is set by buttons alone."""
        fields = self.reviews._fields
        mixins = self.env["mail.activity.mixin"]._fields.keys()
        mixins |= self.env["mail.thread"]._fields.keys()
        mixins |= {"id", "create_uid", "create_date", "write_uid", "write_date"}
        stored = {
            name
            for name, field in fields.items()
            if field.store or field.type == "one2many"
        }
        self.assertEqual(
            stored - mixins - RECORDED - CONTENT.keys() - {"display_name"}, set()
        )

    def test_recorded_fields(self):
        self._share()
        values = {
            "state": "signed",
            "signed_person_by_id": self.ann.id,
            "signed_person_on": "2024-01-01 00:00:00",
            "signed_leader_by_id": self.leader.id,
            "signed_leader_on": "2024-01-01 00:00:00",
            "user_id": self.cid.id,
            "leader_id": self.cid.id,
            "team_id": self.south.id,
            "date_from": "2024-01-01",
            "date_to": "2030-01-01",
            "date_shared": False,
            "version": 7,
            "line_ids": [Command.clear()],
        }
        for user in (self.ann, self.leader, self.director):
            for name, value in values.items():
                with self.assertRaises(AccessError, msg=name):
                    self.anns.with_user(user).write({name: value})
        self.assertFalse(self.anns.signed_person_on)

    def test_lines(self):
        line = self.anns.sudo().line_ids[0]
        for user in (self.ann, self.leader, self.director):
            lines = line.with_user(user)
            for change in (
                lambda lines=lines: lines.write({"value": 1.0}),
                lambda lines=lines: lines.unlink(),
                lambda lines=lines: lines.create(
                    {
                        "review_id": self.anns.id,
                        "key": "x",
                        "name": "x",
                        "group": "results",
                        "unit": "count",
                    }
                ),
            ):
                with self.assertRaises(AccessError):
                    change()

    def test_nobody_creates_or_deletes_reviews_by_hand(self):
        for user in (self.ann, self.leader, self.director):
            reviews = self.anns.with_user(user)
            with self.assertRaises(AccessError):
                reviews.create(
                    {
                        "user_id": self.cid.id,
                        "leader_id": user.id,
                        "company_id": self.company.id,
                        "kind": "month",
                        "date_from": self.month,
                        "date_to": self.after,
                    }
                )
            with self.assertRaises(AccessError):
                reviews.unlink()
        for name in ("_make_for", "_touch", "_read_figures", "_keep_figures"):
            with self.assertRaises(AccessError):
                get_public_method(self.reviews, name)

    def test_who_may_review_whom(self):
        for user, people in (
            (self.ann, self.cid),
            (self.ann, self.ann),
            (self.leader, self.bob),
            (self.leader, self.leader),
            (self.other_leader, self.ann | self.bob),
            (self.accountant, self.ann),
        ):
            with self.assertRaises(AccessError):
                self._make(people, user)
            cards = self.cards.with_user(user).with_company(self.company)
            with self.assertRaises(AccessError):
                cards.start_review(people[0].id, "month", str(self.before))

    # === WHO WRITES WHAT === #

    def test_each_writes_the_own_part(self):
        by_ann, by_leader = (
            self.anns.with_user(user) for user in (self.ann, self.leader)
        )
        with self.assertRaises(UserError):
            by_ann.write({"note_person": "too early"})
        self._share()
        by_ann.write({"note_person": "Mine"})
        by_leader.write({"note_leader": "Mine"})
        for by, vals in (
            (by_ann, {"note_leader": "x"}),
            (by_ann, {"focus": "x"}),
            (by_leader, {"note_person": "x"}),
            (self.anns.with_user(self.director), {"note_leader": "x"}),
            (self.anns.with_user(self.cid), {"note_person": "x"}),
        ):
            with self.assertRaises(AccessError):
                by.write(vals)

    def test_goals_of_others(self):
        self._share()
        goal = self.anns.sudo().goal_ids
        for user in (self.cid, self.bob, self.other_leader, self.director):
            with self.assertRaises(AccessError):
                goal.with_user(user).write({"name": "x"})
            with self.assertRaises(AccessError):
                goal.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.env["sales.review.goal"].with_user(user).create(
                    {
                        "review_id": self.anns.id,
                        "name": "x",
                        "date_due": self.after,
                    }
                )
        goal.with_user(self.ann).write({"name": "Ours"})
        with self.assertRaises(AccessError):
            goal.with_user(self.ann).write({"reached": "yes"} | {"result_value": 1})
        with self.assertRaises(AccessError):
            goal.with_user(self.ann).write({"checked_review_id": self.anns.id})

    def test_wizards_are_ones_own(self):
        wizards = self.env["sales.review.team"]
        own = wizards.with_user(self.leader).create({"day": self.month})
        with self.assertRaises(AccessError):
            own.with_user(self.other_leader).read(["day"])
        with self.assertRaises(AccessError):
            wizards.with_user(self.ann).create({"day": self.month})
