from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common import DIRECTOR, LEADER
from .target_common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetBuild(TargetCommon):
    """Who gets targets, and who no longer has any."""

    rule_tested_models = ("sales.target.owners", "sales.target.plans")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader, cls.director = (
            cls._make_person(f"build_{name}", group)
            for name, group in (("leader", LEADER), ("director", DIRECTOR))
        )
        teams = cls.env["crm.team"]
        teams.search([("id", "not in", (cls.north | cls.south).ids)]).active = False
        cls.north.user_id = cls.leader
        cls.retail = teams.create(
            {
                "name": "Retail",
                "company_id": cls.company.id,
                "sales_parent_id": cls.north.id,
            }
        )
        cls.n, cls.s, cls.r = (f"t{t.id}" for t in (cls.north, cls.south, cls.retail))
        cls.u_ann, cls.u_bob = f"u{cls.ann.id}", f"u{cls.bob.id}"

    def _nodes(self, plan=None):
        return set((plan or self.plan).target_ids.mapped("node"))

    def _wizard(self, user=None, **values):
        model = self.env["sales.target.owners"].with_user(user or self.director)
        return model.create({"plan_id": self.plan.id, **values})

    def test_everybody(self):
        self._wizard().action_apply()
        self.assertEqual(
            self._nodes(),
            {
                "c",
                f"c/{self.n}",
                f"c/{self.s}",
                f"c/{self.n}/{self.r}",
                f"c/{self.n}/{self.u_ann}",
                f"c/{self.s}/{self.u_bob}",
            },
        )
        self.assertEqual(len(self.plan.target_ids), 6 * 12)
        for target in self.plan.target_ids:
            self.assertEqual(
                target.parent_id.node or "", target.node.rpartition("/")[0]
            )

    def test_what_is_there_stays(self):
        self._wizard(with_people=False).action_apply()
        first = self.plan.target_ids
        first[0].amount = 12
        with self.assertRaisesRegex(UserError, "nobody was added"):
            self._wizard(with_people=False).action_apply()
        self._wizard().action_apply()
        self.assertEqual(self.plan.target_ids & first, first)
        self.assertEqual(first[0].amount, 12)

    def test_chosen_teams(self):
        self._wizard(
            with_company=False, team_ids=self.retail.ids, with_people=False
        ).action_apply()
        self.assertEqual(self._nodes(), {self.r})

    def test_others(self):
        region = self.env["sales.territory"].create({"name": "West"})
        city = region.create({"name": "Port", "parent_id": region.id})
        goods = self.env["product.category"].create({"name": "Goods"})
        parts = goods.create({"name": "Parts", "parent_id": goods.id})
        dealer = self.env["res.partner"].create({"name": "Dealer"})
        self._wizard(
            with_people=False,
            partner_ids=dealer.ids,
            territory_ids=region.ids,
            category_ids=goods.ids,
            below_id=self.south.id,
        ).action_apply()
        south = f"c/{self.s}"
        self.assertLessEqual(
            {
                f"{south}/p{dealer.id}",
                f"{south}/r{region.id}",
                f"{south}/r{region.id}/r{city.id}",
                f"{south}/g{goods.id}",
                f"{south}/g{goods.id}/g{parts.id}",
            },
            self._nodes(),
        )

    def test_leader(self):
        """A leader adds below the teams led, and nobody anywhere else."""
        with self.assertRaisesRegex(UserError, "Add the owners above"):
            self._add_below_nothing()
        self._wizard(with_people=False).action_apply()
        before = self._nodes()
        self.env["crm.team.member"].create(
            {"crm_team_id": self.north.id, "user_id": self.leader.id}
        )
        self._wizard(self.leader).action_apply()
        self.assertEqual(
            self._nodes() - before,
            {f"c/{self.n}/{self.u_ann}"},
        )
        with self.assertRaises(AccessError):
            self.env["sales.target.plans"].with_user(self.leader).create({"name": "x"})
        with self.assertRaises(AccessError):
            self._wizard(self.ann)

    def _add_below_nothing(self):
        self.plan._add_nodes([(f"c/{self.n}", {"team_id": self.north.id})])

    def test_own_form(self):
        mine = self._wizard()
        with self.assertRaises(AccessError):
            mine.with_user(self.leader).check_access("read")

    def test_a_director_who_sells(self):
        self.env["crm.team.member"].create(
            {"crm_team_id": self.south.id, "user_id": self.director.id}
        )
        self._wizard().action_apply()
        self.assertIn(f"c/{self.s}/u{self.director.id}", self._nodes())

    def test_take_out(self):
        self._wizard().action_apply()
        north = self.plan.target_ids.filtered(lambda t: t.team_id == self.north)
        wizard = self._wizard(
            remove_ids=north[:1].ids, with_company=False, with_teams=False
        )
        self.assertIn(north[0], wizard.removable_ids)
        wizard.action_apply()
        self.assertEqual(
            self._nodes(), {"c", f"c/{self.s}", f"c/{self.s}/{self.u_bob}"}
        )
        with self.assertRaisesRegex(UserError, "Choose who"):
            self._wizard(with_company=False, with_teams=False).action_apply()

    def test_not_what_people_go_by(self):
        self._wizard().action_apply()
        wizard = self._wizard(
            remove_ids=self.plan.target_ids[:1].ids,
            with_company=False,
            with_teams=False,
        )
        self.plan.target_ids[0].amount = 1
        self.plan.action_publish()
        for action in (wizard.action_apply, self.plan.action_add_owners):
            with self.assertRaisesRegex(UserError, "is published"):
                action()

    def test_several_metrics(self):
        model = self.env["sales.target.plans"].with_user(self.director)
        won = self.env.ref("sales_process.metric_won_deal")
        with Form(model) as form:
            form.metric_ids.add(self.booked)
            form.metric_ids.add(won)
            form.name = "Next"
        action = form.record.action_create()
        plans = self.env["sales.target.plan"].search(action["domain"])
        self.assertEqual(set(plans.metric_id), {self.booked, won})
        for plan in plans:
            self.assertEqual(len(plan._periods()), 12)
            self.assertIn(f"c/{self.n}/{self.u_ann}", self._nodes(plan))
        with self.assertRaisesRegex(UserError, "at least one"):
            model.create({"name": "None"}).action_create()

    def test_queries(self):
        """More people and more periods: not one query more.

        Rows are inserted by the hundred, so both are fewer than that.
        """

        def queries(number, months):
            plan = self._make_plan(name=f"Plan {number}", period_type=months)
            team = self.env["crm.team"].create(
                {"name": f"Team {number}", "company_id": self.company.id}
            )
            users = self.env["res.users"].create(
                [
                    {
                        "name": f"P{number}-{i}",
                        "login": f"sp_build_{number}_{i}",
                        "company_id": self.company.id,
                        "company_ids": [(6, 0, self.company.ids)],
                    }
                    for i in range(number)
                ]
            )
            self.env["crm.team.member"].create(
                [{"crm_team_id": team.id, "user_id": user.id} for user in users]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            plan.with_user(self.director)._add_owners(teams=team)
            self.env.flush_all()
            self.assertEqual(len(plan.target_ids), (number + 2) * len(plan._periods()))
            return self.cr.sql_log_count - before

        queries(1, "year")  # warm up
        few, many = queries(3, "year"), queries(20, "quarter")
        # Caches that other tests have filled forget something now and then, which
        # is far less than one query for each of 17 people or 83 rows more.
        self.assertLess(many, few + 8)
