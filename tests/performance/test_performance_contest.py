from odoo.tests import tagged

from .performance_contest_common import ContestCommon


@tagged("post_install", "-at_install")
class TestContest(ContestCommon):
    """What counts, and who stands where: figures worked out by hand."""

    def test_amounts(self):
        contest = self._contest()
        self._credit(self.ann, 1500)
        self._credit(self.bob, 1500)
        self._credit(self.cat, 250)
        self.assertPlaces(contest, ann=(1, 15.0), bob=(1, 15.0), cat=(3, 2.5))

    def test_leaderboard(self):
        contest = self._contest()
        self._credit(self.ann, 1500)
        self._credit(self.bob, 1000)
        contest._refresh()
        board = self._board(contest, self.bob)
        self.assertEqual(board["me"]["rank"], 2)
        self.assertEqual(board["me"]["of"], 3)
        self.assertEqual(board["me"]["next"]["points"], 5.0)
        [way] = board["me"]["next"]["ways"]
        self.assertEqual(way["amount"], 499.5)
        self.assertEqual([row["rank"] for row in board["rows"]], [1, 2])
        self.assertEqual(board["hidden"], 1)
