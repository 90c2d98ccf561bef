from odoo.tests import HttpCase, tagged

from .performance_scorecard_common import ScorecardCommon


@tagged("post_install", "-at_install")
class TestPerformanceScorecardTour(ScorecardCommon, HttpCase):
    """A scorecard and a review in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann.name = "Tour Ann"
        for number, user in enumerate(cls.reps):
            cls._credit(user, 100.0 * (number + 1))

    def test_leader_and_rep(self):
        self.start_tour(
            "/odoo/scorecard", "sales_process_scorecard_leader", login=self.leader.login
        )
        review = self.reviews.search([("user_id", "=", self.ann.id)])
        self.assertEqual(review.state, "shared")
        self.assertEqual(review.goal_ids.name, "Tour goal")
        self.start_tour(
            f"/odoo/reviews/{review.id}",
            "sales_process_review_rep",
            login=self.ann.login,
        )
        self.assertTrue(review.signed_person_on)
        self.assertEqual(review.note_person, "Tour answer")


@tagged("post_install", "-at_install")
class TestPerformanceScorecardTourPhone(ScorecardCommon, HttpCase):
    """The same on a phone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_rep(self):
        self._credit(self.ann, 100.0)
        self.start_tour(
            "/odoo/scorecard", "sales_process_scorecard_phone", login=self.ann.login
        )
