from unittest.mock import Mock, patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.bus.models import ir_websocket

from .performance_board_common import BoardCommon


@tagged("post_install", "-at_install")
class TestPerformanceCelebration(BoardCommon):
    """Who hears of what."""

    def _heard(self, do, kind="sales_celebration"):
        """What is sent while something is done: ``{(person, payload …)}``."""
        sent = []

        def send(_bus, target, type_, message):
            if type_ == kind:
                sent.append((target, message))

        with patch.object(self.env.registry["bus.bus"], "_sendone", send):
            do()
            self.env["sales.credit"]._write_pending()
        return sent

    def _wins(self, *people):
        sent = self._heard(lambda: [self._win(person) for person in people])
        return [
            (target.user_ids.name, message["kind"], message["name"])
            for target, message in sent
        ]

    def test_own(self):
        self.assertEqual(self._wins(self.ann), [("Ann", "win", "")])

    def test_nothing_of_the_deal(self):
        [(_target, message)] = self._heard(lambda: self._win(self.ann))
        self.assertEqual(
            message, {"kind": "win", "name": "", "contest": self.contest.name}
        )

    def test_turned_off(self):
        self.ann.with_user(self.ann).sales_celebrate = False
        self.assertEqual(self._wins(self.ann), [])
        self.ann.with_user(self.ann).sales_celebrate = True
        self.contest.sudo().celebrate = False
        self.assertEqual(self._wins(self.ann), [])

    def test_teams(self):
        self._start(self._contest("Teams", kind="team"))
        self.assertCountEqual(
            self._wins(self.ann), [("Ann", "win", ""), ("Cy", "team_win", "Ann")]
        )

    def test_teams_without_names(self):
        self._start(self._contest("Teams", kind="team", anonymous=True))
        self.assertCountEqual(
            self._wins(self.ann), [("Ann", "win", ""), ("Cy", "team_win", "")]
        )

    def test_out_of_it(self):
        self.contest.with_user(self.ann).action_opt_out()
        self.assertEqual(self._wins(self.ann), [])
        self.contest.sudo().action_end()
        self.assertEqual(self._wins(self.bob), [])

    def test_a_correction_is_no_win(self):
        with patch.object(
            self.env.registry["sales.contest"], "_celebrate_wins"
        ) as told:
            lead = self._win(self.ann)
            self.assertEqual(told.call_args.args[-1], {self.ann.id})
            told.reset_mock()
            stages = self.env["crm.stage"].search([("is_won", "=", False)], limit=1)
            lead.write({"stage_id": stages.id, "probability": 50})
            self.env["sales.credit"]._write_pending()
            self.assertFalse(any(call.args[-1] for call in told.call_args_list))

    def test_the_past_is_no_news(self):
        """Deals that were won long ago are entered, and nobody claps."""
        closed = fields.Datetime.subtract(fields.Datetime.now(), days=30)

        def enter():
            lead = self.env["crm.lead"].create(
                {"name": "Old", "type": "opportunity", "user_id": self.ann.id}
            )
            lead.action_set_won()
            lead.date_closed = closed

        self.assertEqual(self._heard(enter), [])

    def test_many_at_once_are_an_import(self):
        people = self.env["res.users"].search([], limit=1)
        contests = self.env["sales.contest"]
        many = set(range(people.id, people.id + 100))
        sent = self._heard(lambda: contests._celebrate_wins(many | {self.ann.id}))
        self.assertEqual(sent, [])

    def test_prize(self):
        prize = "Dinner for two"
        [(target, message)] = self._heard(self.contest.sudo().action_end)
        self.assertEqual(target, self.ann.partner_id)
        expected = {"kind": "prize", "prize": prize, "contest": self.contest.name}
        self.assertEqual(message, expected)

    def test_wish_is_ones_own(self):
        for user in (self.ann, self.portal, self.director):
            own = user.with_user(user)
            own.write({"sales_celebrate": False})
            self.assertEqual(
                own.read(["sales_celebrate"]),
                [{"id": user.id, "sales_celebrate": False}],
            )
        with self.assertRaises(AccessError):
            self.bob.with_user(self.ann).write({"sales_celebrate": False})

    # === CHANNELS === #

    def _channels(self, user, *asked):
        request = Mock(session=Mock(uid=user.id))
        with (
            patch.object(ir_websocket, "request", request),
            patch(
                "odoo.addons.mail.models.ir_websocket.wsrequest", request, create=True
            ),
        ):
            sockets = self.env["ir.websocket"].with_user(user)
            channels = sockets._build_bus_channel_list(list(asked))
        return [
            channel
            for channel in channels
            if getattr(channel, "_name", "") == "sales.contest"
            or isinstance(channel, str)
            and channel.startswith("sales.")
        ]

    def test_who_may_follow(self):
        south = self._start(
            self._contest("South alone", team_ids=[Command.set(self.south.ids)])
        )
        asked = [f"sales.contest_{contest.id}" for contest in self.contest | south]
        for user, contests in (
            (self.ann, self.contest),
            (self.bob, self.contest | south),
            (self.leader, self.contest),
            (self.director, self.contest | south),
            (self.accountant, self.contest.browse()),
            (self.portal, self.contest.browse()),
        ):
            with self.subTest(user=user.login):
                self.assertCountEqual(self._channels(user, *asked), contests)
        self.assertEqual(self._channels(self.ann, "sales.contest_999999999"), [])
        self.assertEqual(
            self._channels(self.ann, "sales.contest_1 or 1"), ["sales.contest_1 or 1"]
        )
