from odoo.tests import HttpCase, tagged

from .performance_board_common import BoardCommon


@tagged("post_install", "-at_install")
class TestPerformanceLeaderboardTour(BoardCommon, HttpCase):
    """The leaderboard in a browser, as everybody looks at it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.flush_all()

    def _tour(self, name, user):
        self.start_tour(
            "/odoo/leaderboard", f"sales_process_leaderboard_{name}", login=user.login
        )

    def test_rep(self):
        self._tour("rep", self.cy)
        self.assertFalse(self.cy.sales_celebrate)
        row = self.contest.participant_ids.filtered(lambda p: p.user_id == self.cy)
        self.assertFalse(row.opted_out)

    def test_leader(self):
        self._tour("leader", self.leader)

    def test_director(self):
        self._start(self._contest("Teams", kind="team"))
        self._tour("director", self.director)

    def test_nobody(self):
        self._tour(
            "nobody", self._make_person("board_alone", "sales_process.group_rep")
        )

    def test_phone(self):
        self.browser_size = "390x844"
        self.touch_enabled = True
        self._tour("phone", self.dora)
