from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ...engine.periods import add_months
from .performance_scorecard_common import ScorecardCommon

GOALS = "sales.review.goal"


@tagged("post_install", "-at_install")
class TestPerformanceReview(ScorecardCommon):
    """From preparing a review to the goals of the one before."""

    def setUp(self):
        super().setUp()
        self._credit(self.ann, 600)
        self.review = self._make(self.ann)
        self.by_leader = self.review.with_user(self.leader)
        self.by_ann = self.review.with_user(self.ann)

    def _goal(self, user=None, review=None, **values):
        values.setdefault("name", "Call back within a day")
        values.setdefault("date_due", self.after + timedelta(days=5))
        review = review or self.review
        goals = self.env[GOALS].with_user(user or self.leader)
        return goals.create({"review_id": review.id, **values})

    def _line(self, review, key="booked"):
        return review.line_ids.filtered(lambda line: line.key == key)

    # === MAKING === #

    def test_it_has_the_figures_of_the_scorecard(self):
        card = self._card(self.leader, self.ann)
        self.assertEqual(
            self.review.line_ids.mapped("key"), [row["key"] for row in card["rows"]]
        )
        for line, row in zip(self.review.line_ids, card["rows"], strict=True):
            known = row["value"] is not None
            self.assertEqual(line.is_known, known, line.key)
            self.assertEqual(line.value, row["value"] or 0.0)
            if not known:
                self.assertEqual(line.value_text, row["why"])
        self.assertIn("600", self._line(self.review).value_text)
        self.assertEqual(self.review.leader_id, self.leader)
        self.assertEqual(self.review.team_id, self.north)
        self.assertTrue(self.review.focus)

    def test_nobody_hears_of_a_draft(self):
        self.by_leader.note_leader = "Not yet"
        self._goal()
        self.assertNotIn(self.ann.partner_id, self.review.message_partner_ids)
        told = self.review.message_ids.notified_partner_ids
        self.assertNotIn(self.ann.partner_id, told)
        self.assertFalse(self.review.activity_ids)

    def test_figures_are_frozen_when_shared(self):
        self._credit(self.ann, 100)
        self.by_leader.action_refresh()
        self.assertEqual(self._line(self.review).value, 700.0)
        self.by_leader.action_share()
        self._credit(self.ann, 100)
        with self.assertRaises(UserError):
            self.by_leader.action_refresh()
        self.assertEqual(self._line(self.review).value, 700.0)
        for change in (
            lambda: self._line(self.review).sudo().write({"value": 1.0}),
            lambda: self._line(self.review).sudo().unlink(),
            lambda: self._line(self.review).sudo().copy(),
        ):
            with self.assertRaises(UserError):
                change()

    def test_a_written_focus_stays(self):
        self.by_leader.focus = "Listen more"
        self.by_leader.action_refresh()
        self.assertEqual(self.review.focus, "Listen more")

    def test_the_whole_team_at_once(self):
        """Everybody but Ann, who has one."""
        wizard = (
            self.env["sales.review.team"]
            .with_user(self.leader)
            .with_company(self.company)
            .create({"kind": "month", "day": self.month})
        )
        self.assertEqual(wizard.user_ids, self.reps - self.bob - self.ann)
        action = wizard.action_make()
        made = self.reviews.search(action["domain"])
        self.assertEqual(made.user_id, self.reps - self.bob - self.ann)
        self.assertEqual(set(made.mapped("state")), {"draft"})
        again = self._make(self.ann | self.cid)
        self.assertEqual(again & self.review, self.review, "what is there stays")

    def test_queries_do_not_grow(self):
        def queries(people):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._make(people)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(self.cid)
        few = queries(self.dan)
        self.assertLessEqual(queries(self.eve | self.fay), few + 2)

    # === SIGNING === #

    def test_both_sign_and_it_stays(self):
        self.by_leader.note_leader = "Well done"
        goal = self._goal()
        self.by_leader.action_share()
        activity = self.review.activity_ids
        self.assertEqual(activity.user_id, self.ann)
        self.assertIn(self.ann.partner_id, self.review.message_ids.notified_partner_ids)
        self.by_ann.note_person = "Thank you"
        self.by_ann.action_sign()
        self.assertEqual(self.review.state, "shared")
        self.assertEqual(self.review.activity_ids.user_id, self.leader)
        self.by_leader.action_sign()
        self.assertEqual(self.review.state, "signed")
        self.assertFalse(self.review.activity_ids)
        self.assertEqual(self.review.signed_person_by_id, self.ann)
        self.assertEqual(self.review.signed_leader_by_id, self.leader)
        for record, vals in (
            (self.review, {"note_leader": "x"}),
            (self.review, {"note_person": "x"}),
            (self.review, {"state": "draft"}),
            (self.review, {"signed_person_on": False}),
            (goal, {"name": "x"}),
            (goal, {"target_value": 3}),
        ):
            for by in (record.with_user(self.leader), record.with_user(self.ann)):
                with self.assertRaises(UserError):
                    by.write(vals)
            with self.assertRaises(UserError):
                record.sudo().write(vals)
        for change in (
            goal.sudo().unlink,
            self.review.sudo().unlink,
            lambda: self._goal(review=self.review),
            self.by_leader.action_cancel,
            self.by_leader.action_sign,
        ):
            with self.assertRaises(UserError):
                change()

    def test_a_change_takes_a_signature_away(self):
        self.by_leader.action_share()
        for change in (
            lambda: self._goal(),
            lambda: self.review.goal_ids.with_user(self.leader).write({"name": "x"}),
            lambda: self.review.goal_ids.with_user(self.leader).unlink(),
            lambda: self.by_leader.write({"focus": "Else"}),
            lambda: self.by_leader.write(
                {"goal_ids": [(0, 0, {"name": "y", "date_due": self.after})]}
            ),
        ):
            self.by_ann.action_sign()
            messages = self.review.message_ids
            change()
            self.assertFalse(self.review.signed_person_on)
            self.assertFalse(self.review.signed_person_by_id)
            said = (self.review.message_ids - messages).mapped("body")
            self.assertIn(self.ann.name, said[0])
            self.assertEqual(self.review.state, "shared")

    def test_nobody_signs_what_was_not_read(self):
        self.by_leader.action_share()
        seen = self.by_ann.version
        self._goal()
        with self.assertRaises(UserError):
            self.by_ann.with_context(sales_review_version=seen).action_sign()
        now = self.by_ann.version
        self.by_ann.with_context(sales_review_version=now).action_sign()
        self.assertTrue(self.review.signed_person_on)

    def test_each_only_as_oneself(self):
        self.by_leader.action_share()
        for other in (self.director, self.cid, self.other_leader):
            with self.assertRaises(UserError):
                self.review.with_user(other).action_sign()
        self.by_ann.action_sign()
        with self.assertRaises(UserError):
            self.by_ann.action_sign()
        self.assertFalse(self.review.signed_leader_on)

    def test_a_draft_is_not_signed(self):
        with self.assertRaises(UserError):
            self.by_leader.action_sign()

    def test_a_correction_is_a_new_review(self):
        self.by_leader.action_share()
        self.by_ann.action_sign()
        self.by_leader.action_sign()
        other = self._make(self.ann)
        self.assertNotEqual(other, self.review)
        self.assertEqual(other.previous_id, self.review)

    def test_cancel(self):
        self.by_leader.action_share()
        with self.assertRaises(AccessError):
            self.by_ann.action_cancel()
        self.by_leader.action_cancel()
        self.assertEqual(self.review.state, "cancelled")
        self.assertFalse(self.review.activity_ids)
        with self.assertRaises(UserError):
            self.by_leader.write({"focus": "x"})
        self.assertNotEqual(self._make(self.ann), self.review)

    # === GOALS === #

    def test_goals_come_back_with_their_results(self):
        """Agreed for the days after the reviewed month, due on its fifth day."""
        first = self.reviews.with_user(self.leader).with_company(self.company)
        early = first._make_for(self.ann, "month", self.before)
        due = self.month + timedelta(days=9)
        values = {"review": early, "date_due": due}
        money = self._goal(
            name="Book 500",
            metric_id=self.booked.id,
            target_value=500.0,
            **values,
        )
        much = self._goal(
            name="Book 700", metric_id=self.booked.id, target_value=700.0, **values
        )
        words = self._goal(name="Visit the plant", **values)
        rate = self._goal(name="Win", figure="win_rate", target_value=30.0, **values)
        later = self._goal(review=early, date_due=self.after + timedelta(days=40))
        self._both_sign(early)
        self.by_leader.action_cancel()
        review = self._make(self.ann)
        self.assertEqual(review.previous_id, early)
        self.assertEqual(review.last_goal_ids, money | much | words | rate)
        self.assertFalse(later.checked_review_id, "not due yet")
        self.assertEqual((money.result_value, money.reached), (600.0, "yes"))
        self.assertEqual((much.result_value, much.reached), (600.0, "no"))
        self.assertFalse(rate.is_measured, "no deal was closed")
        self.assertFalse(rate.reached)
        self.assertIn("not known", rate.result_text)
        # Of goals in words the leader says it, until both have signed.
        words.with_user(self.leader).write({"reached": "yes", "result_note": "Twice"})
        for user, goal in (
            (self.ann, words),
            (self.leader, money),
            (self.other_leader, words),
        ):
            with self.assertRaises(UserError):
                goal.with_user(user).write({"reached": "no"})
        with self.assertRaises(AccessError):
            money.with_user(self.leader).write({"result_value": 9999.0})
        self._both_sign(review)
        with self.assertRaises(UserError):
            words.with_user(self.leader).write({"reached": "no"})
        with self.assertRaises(UserError):
            words.sudo().write({"reached": "no"})

    def test_a_cancelled_review_lets_its_goals_go(self):
        reviews = self.reviews.with_user(self.leader).with_company(self.company)
        early = reviews._make_for(self.ann, "month", self.before)
        goal = self._goal(review=early, date_due=self.month + timedelta(days=3))
        self._both_sign(early)
        self.by_leader.action_cancel()
        second = self._make(self.ann)
        self.assertEqual(goal.checked_review_id, second)
        second.with_user(self.leader).action_cancel()
        self.assertFalse(goal.checked_review_id)
        self.assertEqual(self._make(self.ann).last_goal_ids, goal)

    def test_a_goal_is_due_after_the_period(self):
        with self.assertRaises(ValidationError):
            self._goal(date_due=self.month)

    def test_a_goal_cannot_move_into_a_signed_review(self):
        goal = self._goal()
        reviews = self.reviews.with_user(self.leader).with_company(self.company)
        early = reviews._make_for(self.ann, "month", self.before)
        self._both_sign(early)
        with self.assertRaises(UserError):
            goal.with_user(self.leader).write({"review_id": early.id})

    # === ON PAPER === #

    def test_print(self):
        self._goal(metric_id=self.booked.id, target_value=500.0)
        self._credit(self.ann, 400, self.before)
        self.by_leader.action_refresh()
        self._both_sign(self.review)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "sales_process.report_review", self.review.ids
        )
        text = html.decode()
        for part in (self.ann.name, self.leader.name, "Booked", "<polyline", "signed"):
            self.assertIn(part, text)

    def test_from_the_scorecard(self):
        month = str(add_months(self.month, 1))
        cards = self.cards.with_user(self.leader).with_company(self.company)
        facts = cards.get_scorecard(self.ann.id, "month", str(self.month))["review"]
        self.assertEqual(facts["id"], self.review.id)
        self.assertTrue(
            cards.get_scorecard(self.ann.id, "month", month)["review"]["can_start"]
        )
        action = cards.start_review(self.ann.id, "month", month)
        self.assertEqual(action["res_model"], "sales.review")
        own = self.cards.with_user(self.ann).with_company(self.company)
        facts = own.get_scorecard(None, "month", str(self.month))["review"]
        self.assertFalse(facts["id"], "a draft is not visible")
        self.assertFalse(facts["can_start"])
