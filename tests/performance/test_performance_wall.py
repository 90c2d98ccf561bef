from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ...controllers.base_personal_link import GUESSES
from .performance_board_common import BoardCommon

ROW = {"rank", "name", "score", "change", "photo"}


@tagged("post_install", "-at_install")
class TestPerformanceWall(BoardCommon, HttpCase):
    """The page on the wall, as whoever passes by sees it."""

    rule_tested_models = ("sales.contest.wall",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.walls = cls.env["sales.contest.wall"]
        cls.wall = cls._wall()

    def setUp(self):
        super().setUp()
        GUESSES.forget()
        self.addCleanup(GUESSES.forget)

    @classmethod
    def _wall(cls, user=None, contests=None, **values):
        contests = cls.contest if contests is None else contests
        return cls.walls.with_user(user or cls.director).create(
            {
                "name": "Sales floor",
                "company_id": cls.company.id,
                "contest_ids": [Command.set(contests.ids)],
                **values,
            }
        )

    def _path(self, wall=None):
        return (wall or self.wall).url.partition("://")[2].partition("/")[2]

    def _get(self, more="", wall=None):
        self.env.flush_all()
        return self.url_open(f"/{self._path(wall)}{more}")

    def _data(self, wall=None):
        answer = self._get("/data", wall)
        self.assertEqual(answer.status_code, 200)
        return answer.json()

    # === WHAT IS SHOWN === #

    def test_page(self):
        answer = self._get()
        self.assertEqual(answer.status_code, 200)
        self.assertIn("noindex", answer.headers["X-Robots-Tag"])
        self.assertIn('name="robots"', answer.text)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
        self.assertNotIn("session_id", answer.headers.get("Set-Cookie", ""))
        for secret in ("Ann", "csrf", "session_info", self._path().rpartition("/")[2]):
            self.assertNotIn(secret, answer.text)

    def test_standing(self):
        data = self._data()
        [contest] = data["contests"]
        self.assertEqual(
            [(row["rank"], row["name"], row["score"]) for row in contest["rows"]],
            [(1, "Ann", 6.0), (2, "Bob", 5.0), (3, "Cy", 3.0), (4, "Eva", 2.5)],
        )
        self.assertEqual(contest["time"], "10 days left")
        self.assertEqual(contest["prizes"], ["1: Dinner for two"])
        self.assertEqual(data["news"], [])

    def test_nothing_but_what_is_meant(self):
        """Whoever adds something to the standing has to decide whether it is shown."""
        self._win(self.ann)
        answer = self._get("/data")
        [contest] = answer.json()["contests"]
        self.assertEqual(set(contest), {"name", "time", "prizes", "rows"})
        for row in contest["rows"]:
            self.assertEqual(set(row), ROW)
        for secret in (
            "Secret deal",
            self.customer.name,
            "98765",
            "600",
            "Dora",
            self.ann.login,
            "res.users",
            "/web/",
        ):
            self.assertNotIn(secret, answer.text)

    def test_dignity(self):
        self.contest.sudo().write({"anonymous": True, "show_top": 2})
        self._win(self.ann)
        data = self._data()
        [contest] = data["contests"]
        self.assertEqual(
            [(row["rank"], row["name"], row["photo"]) for row in contest["rows"]],
            [(1, "", False), (2, "", False)],
        )
        self.assertEqual([item["text"] for item in data["news"]], ["A deal was won!"])

    def test_news(self):
        self._win(self.ann)
        self._win(self.dora)
        outsider = self._make_person("board_outsider", "sales_process.group_rep")
        self._win(outsider)
        # A name that the standing hides is hidden here, too.
        self.assertEqual(
            [item["text"] for item in self._data()["news"]],
            ["Ann won a deal!", "A deal was won!"],
        )
        self.contest.sudo().celebrate = False
        self.assertEqual(self._data()["news"], [])

    def test_photo(self):
        self.contest._refresh()
        rows = {row["name"]: row for row in self._data()["contests"][0]["rows"]}
        answer = self._get(f"/photo/{rows['Ann']['photo']}")
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.headers["Content-Type"].startswith("image/"))
        hidden = self.wall.sudo()._photo_key(self.dora.id)
        self.assertEqual(self._get(f"/photo/{hidden}").status_code, 404)
        self.assertEqual(self._get(f"/photo/{self.ann.id}").status_code, 404)

    def test_over(self):
        draft = self._contest("Later")
        wall = self._wall(contests=draft)
        self.assertEqual(self._data(wall)["contests"], [])
        self.contest.sudo()._write({"state": "ended"})
        self.contest.invalidate_recordset()
        [contest] = self._data()["contests"]
        self.assertEqual(contest["time"], "Final")
        days = {"date_from": -30, "date_to": -8}
        self.contest.sudo()._write(
            {name: fields.Date.add(self.today, days=n) for name, n in days.items()}
        )
        self.contest.invalidate_recordset()
        self.assertEqual(self._data()["contests"], [])

    def test_queries(self):
        """As many for one contest as for two."""

        def count(wall):
            wall = wall.sudo()
            wall._get_page()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            wall._get_page()
            return self.env.cr.sql_log_count - before

        both = self.contest | self._start(self._contest("Autumn Race"))
        self._win(self.ann)
        self.assertEqual(count(self._wall(contests=both)), count(self.wall))

    # === LINKS === #

    def test_closed(self):
        path = self._path()
        self.assertEqual(self.url_open(f"/{path}x").status_code, 404)
        self.assertEqual(self.url_open(f"/{path}x/data").status_code, 404)
        self.wall.action_new_link()
        self.env.flush_all()
        self.assertEqual(self.url_open(f"/{path}").status_code, 404)
        self.assertEqual(self.url_open(f"/{path}/data").json(), {})
        self.assertNotEqual(self._path(), path)
        self.assertEqual(self._get().status_code, 200)
        new = self._path()
        self.wall.action_archive()
        self.env.flush_all()
        for more in ("", "/data", "/photo/x"):
            self.assertEqual(self.url_open(f"/{new}{more}").status_code, 404)

    def test_guessing(self):
        for _try in range(GUESSES.limit):
            self.url_open("/sales/wall/guess")
        self.assertEqual(self._get().status_code, 404)

    def test_same_for_everybody(self):
        """A login adds nothing to the page."""
        data = self._data()
        self.authenticate(self.dora.login, self.dora.login)
        self.assertEqual(self._data(), data)

    # === RIGHTS === #

    def test_reps_have_no_screens(self):
        for user in (self.ann, self.accountant, self.portal):
            with self.assertRaises(AccessError):
                self.walls.with_user(user).search([])
            with self.assertRaises(AccessError):
                self._wall(user)
            with self.assertRaises(AccessError):
                self.wall.with_user(user).action_new_link()

    def test_leaders_have_their_own(self):
        own = self._wall(self.leader)
        self.assertEqual(self.walls.with_user(self.leader).search([]), own)
        self.assertFalse(self.walls.with_user(self.other_leader).search([]))
        self.assertEqual(
            self.walls.with_user(self.director).search([]), own | self.wall
        )
        for call in ("action_new_link", "action_archive", "unlink", "action_open"):
            with self.assertRaises(AccessError):
                getattr(self.wall.with_user(self.leader), call)()
        own.seconds = 30
        self.assertIn(self._path(own), own.action_open()["url"])

    def test_only_what_one_sees(self):
        """A leader cannot put a contest of others on a wall."""
        south = self._contest("South alone", team_ids=[Command.set(self.south.ids)])
        self._start(south)
        with self.assertRaises(AccessError):
            self._wall(self.leader, south)
        own = self._wall(self.leader)
        with self.assertRaises(AccessError):
            own.contest_ids = [Command.link(south.id)]
        with self.assertRaises(ValidationError):
            self._wall(contests=self.contest.browse())

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_secret(self):
        """The token is in nobody's hands; the link is, of those who may use it."""
        for name in ("token", "token_digest"):
            with self.assertRaises(AccessError):
                self.wall.with_user(self.director).read([name])
            with self.assertRaises(AccessError):
                self.wall.with_user(self.director).write({name: "x"})
            with self.assertRaises(AccessError):
                self._wall(**{name: "x"})
        self.assertNotEqual(self.wall.copy().url, self.wall.url)
