from datetime import date

from odoo.tests import HttpCase, new_test_user, tagged

from ..common import LEADER, REP
from .target_common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetBoardTour(TargetCommon, HttpCase):
    """The board in a browser: as a rep, a leader, and where there are no targets."""

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        year = cls.today.year
        cls.leader, cls.nobody = (
            new_test_user(
                cls.env,
                f"sp_board_{name}",
                group,
                name=f"Board {name.title()}",
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )
            for name, group in (("leader", LEADER), ("nobody", REP))
        )
        cls.ann.name = "Ann Able"
        cls.north.user_id = cls.leader
        cls.plan = cls._make_plan(
            name="Bookings of the year",
            date_from=date(year, 1, 1),
            date_to=date(year + 1, 1, 1),
        )
        for month in range(1, 13):
            top = cls._target(month=month, amount=8000.0)
            team = cls._target({"team_id": cls.north.id}, top, month=month, amount=5000)
            for user, amount in ((cls.ann, 4000.0), (cls.bob, 1000.0)):
                cls._target({"user_id": user.id}, team, month=month, amount=amount)
        cls.plan.action_publish()
        cls._sold(1500.0)
        cls.env["sales.credit"]._write_pending()

    def test_rep(self):
        self.start_tour(
            "/odoo/my-targets", "sales_process_target_rep", login=self.ann.login
        )
        own = self.plan.target_ids.filtered(lambda target: target.user_id == self.ann)
        known = own.filtered("date_acknowledged")
        self.assertEqual(known.mapped("date_acknowledged"), [self.today] * len(known))
        self.assertEqual(
            known, own.filtered(lambda target: target.date_to > self.today)
        )

    def test_leader(self):
        self.start_tour(
            "/odoo/my-targets", "sales_process_target_leader", login=self.leader.login
        )

    def test_without_targets(self):
        self.start_tour(
            "/odoo/my-targets", "sales_process_target_nobody", login=self.nobody.login
        )
