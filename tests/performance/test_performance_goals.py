from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..common import LEADER
from ..credit.test_credit_ledger import CreditCommon

CRM_GOALS = "gamification_sale_crm"


class GoalCommon(CreditCommon):
    """A monthly challenge of Ann and Bob: 1,500 booked. Nobody is ever online."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Goal = cls.env["gamification.goal"].sudo()  # as the daily job
        cls.Challenge = cls.env["gamification.challenge"].sudo()
        cls.booked = cls.env.ref("sales_process.goal_definition_booked")
        cls.won = cls.env.ref("sales_process.goal_definition_won_deal")
        cls.month = cls.today.replace(day=1)

    @classmethod
    def _challenge(cls, *lines, start=True, **values):
        """A challenge of Ann and Bob.

        :param lines: ``(definition, target)``, 1,500 booked by default
        """
        challenge = cls.Challenge.create(
            {
                "name": "More",
                "period": "monthly",
                "user_domain": False,
                "user_ids": [Command.set((cls.ann | cls.bob).ids)],
                "line_ids": [
                    Command.create({"definition_id": what.id, "target_goal": target})
                    for what, target in lines or [(cls.booked, 1500)]
                ],
                **values,
            }
        )
        if start:
            challenge.action_start()
        return challenge

    def _goal(self, challenge, user=None):
        domain = [("challenge_id", "=", challenge.id)]
        domain.append(("user_id", "=", (user or self.ann).id))
        goal = self.Goal.search(domain)
        goal.ensure_one()
        return goal

    def _past_goal(self, challenge, days=40, **values):
        """A goal of Ann, left from a period of the past."""
        goal = self._goal(challenge)
        first = self.today - timedelta(days=days)
        values = {"start_date": first, "end_date": self._days(-days + 9), **values}
        goal.write({**values, "closed": False})
        return goal

    def assertGoal(self, goal, current, state, closed=False):
        found = (goal.current, goal.state, goal.closed)
        self.assertEqual(found, (current, state, closed))


@tagged("post_install", "-at_install")
class TestGoals(GoalCommon):
    """Goals of Odoo's challenges on our metrics."""

    def test_definitions(self):
        for code in (
            "booked",
            "invoiced",
            "collected",
            "margin",
            "new_customer",
            "won_deal",
            "qualified_deal",
            "verified_evidence",
        ):
            goal = self.env.ref(f"sales_process.goal_definition_{code}")
            metric = self.env.ref(f"sales_process.metric_{code}")
            self.assertEqual(goal.sales_metric_id, metric)
            self.assertEqual(goal.condition, "higher")
            self.assertEqual(goal.monetary, metric.unit == "money", code)
            self.assertFalse(goal.sales_problem)

    def test_a_definition_follows_its_metric(self):
        metric = self.env["sales.metric"].create(
            {
                "name": "Days late",
                "code": "days_late",
                "better": "lower",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "date_field_id": self._field("date_open"),
                "owner_field_id": self._field("user_id"),
            }
        )
        definition = self.env["gamification.goal.definition"].create(
            {
                "name": "Late",
                "computation_mode": "sales_metric",
                "sales_metric_id": metric.id,
            }
        )
        self.assertEqual(definition.condition, "lower")
        metric.better = "higher"
        self.assertEqual(definition.condition, "higher")
        with self.assertRaises(ValidationError):
            definition.sales_metric_id = False

    def _field(self, name):
        return self.env["ir.model.fields"]._get("crm.lead", name).id

    def test_refreshed_for_everybody_back_to_zero_and_reverted(self):
        challenge = self._challenge()
        goal, other = self._goal(challenge), self._goal(challenge, self.bob)
        self.assertGoal(goal, 0.0, "inprogress")
        order = self._sold(1000.0)
        self._sold(500.0)
        of_bob = self._sold(200.0, user_id=self.bob.id, team_id=self.south.id)
        challenge._update_all()
        self.assertGoal(goal, 1500.0, "reached")
        self.assertGoal(other, 200.0, "inprogress")
        order._action_cancel()
        challenge._update_all()
        self.assertGoal(goal, 500.0, "inprogress")
        of_bob._action_cancel()
        self.Challenge._cron_update(commit=False)
        self.assertGoal(other, 0.0, "inprogress")

    def test_an_order_of_another_period(self):
        challenge = self._challenge()
        goal = self._goal(challenge)
        order = self._sold(1000.0)
        [row] = self._rows("booked", source_id=order.id)
        goal.start_date = row.date + timedelta(days=1)
        goal.update_goal()
        self.assertGoal(goal, 0.0, "inprogress")
        goal.write({"start_date": False, "end_date": False})
        goal.update_goal()
        self.assertGoal(goal, 1000.0, "inprogress")

    def test_what_is_over_is_closed(self):
        """Though nothing changed, and also where the challenge ends with it."""
        challenge = self._challenge()
        goal = self._past_goal(challenge)
        challenge._update_all()
        self.assertGoal(goal, 0.0, "failed", True)
        once = self._challenge(
            period="once", start_date=self._days(-9), end_date=self._days(-1)
        )
        goals = self.Goal.search([("challenge_id", "=", once.id)])
        goals.write({"state": "inprogress", "closed": False})
        once.state = "inprogress"
        self.Challenge._cron_update(commit=False)
        self.assertEqual(once.state, "done")
        self.assertEqual(goals.mapped("state"), ["failed", "failed"])
        self.assertEqual(goals.mapped("closed"), [True, True])

    def test_closed_by_hand(self):
        challenge = self._challenge()
        self._sold(2000.0)
        challenge.state = "done"
        self.assertGoal(self._goal(challenge), 2000.0, "reached", True)
        self.assertGoal(self._goal(challenge, self.bob), 0.0, "failed", True)

    def test_what_is_closed_is_history(self):
        challenge = self._challenge()
        self._sold(2000.0)
        goal = self._goal(challenge)
        goal.write({"closed": True, "state": "failed"})
        goal.update_goal()
        self.assertGoal(goal, 0.0, "failed", True)
        goal.action_cancel()
        goal.update_goal()
        self.assertGoal(goal, 2000.0, "reached")

    def test_less_is_better(self):
        metric = self.booked.sales_metric_id
        metric.better = "lower"
        challenge = self._challenge((self.booked, 500))
        goal = self._goal(challenge)
        self.assertGoal(goal, 0.0, "inprogress")
        past = self._past_goal(challenge)
        past.update_goal()
        self.assertGoal(past, 0.0, "reached", True)

    def test_a_week_has_seven_days(self):
        monday = self.today - timedelta(days=self.today.weekday())
        challenge = self._challenge(period="weekly")
        goal = self._goal(challenge)
        self.assertEqual(goal.end_date, monday + timedelta(days=7))
        self.assertEqual(
            goal._sales_period(self.today), (monday, monday + timedelta(days=7))
        )
        # What Odoo counts twice: the first day of this week as last of the week before.
        self._sold(2000.0)
        goal.write({"start_date": self._days(-7), "end_date": self.today})
        goal.update_goal()
        self.assertGoal(goal, 0.0, "failed", True)

    def test_company_of_the_person_or_of_the_challenge(self):
        other = self.env["res.company"].create(
            {"name": "Abroad", "currency_id": self.env.ref("base.JPY").id}
        )
        self._sold(1000.0)
        challenge = self._challenge()
        goal = self._goal(challenge)
        self.assertEqual(goal.sales_company_id, self.company)
        self.assertGoal(goal, 1000.0, "inprogress")
        self.assertEqual(goal.definition_suffix, self.company.currency_id.symbol)
        challenge.sales_company_id = other
        goal.update_goal()
        self.assertGoal(goal, 0.0, "inprogress")
        self.assertEqual(goal.definition_suffix, other.currency_id.symbol)

    def test_other_definitions_stay_as_they_are(self):
        """Down to what Odoo gets wrong: a goal that ended unchanged stays open."""
        definition = self.env["gamification.goal.definition"].create(
            {
                "name": "Contacts",
                "computation_mode": "count",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain": "[('id', '=', 0)]",
            }
        )
        challenge = self._challenge((definition, 5))
        goal = self._past_goal(challenge)
        challenge._update_all()
        goal.update_goal()
        self.assertGoal(goal, 0.0, "inprogress")
        self.assertFalse(challenge._sales_is_own())
        goal.with_user(self.ann).write({"current": 3})
        self.assertEqual(goal.current, 3)
        self.assertFalse(goal.definition_suffix)

    def test_one_report_for_all(self):
        challenge = self._challenge(
            report_message_frequency="onchange", visibility_mode="ranking"
        )
        self._sold(100.0)
        self._sold(100.0, user_id=self.bob.id, team_id=self.south.id)
        before = challenge.message_ids
        challenge._update_all()
        self.assertEqual(len(challenge.message_ids - before), 1)

    def test_queries_do_not_grow_with_goals(self):
        lines = [(self.booked, 100 * number) for number in range(1, 6)]
        few = self._challenge(*lines)
        people = self.ann | self.bob
        for number in range(2):
            people |= self._make_person(f"goal_{number}", "base.group_user")
        many = self._challenge(*lines, user_ids=[Command.set(people.ids)])
        counts = []
        for challenge in (few, few, many):
            for user, team in ((self.ann, self.north), (self.bob, self.south)):
                self._sold(10.0, user_id=user.id, team_id=team.id)
            self.env["sales.credit"]._write_pending()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            goals = self.Goal._sales_open(challenge)
            goals._sales_refresh()
            self.env.flush_all()
            counts.append((len(goals), self.cr.sql_log_count - before))
        self.assertEqual([n for n, _queries in counts], [10, 10, 20])
        self.assertEqual(counts[1][1], counts[2][1], counts)


@tagged("post_install", "-at_install")
class TestGoalBadges(GoalCommon):
    """Badges of recurring challenges, which Odoo never gives."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.badge, cls.first, cls.second = cls.env["gamification.badge"].create(
            [{"name": name} for name in ("All", "First", "Second")]
        )

    def _badges(self, challenge):
        given = self.env["gamification.badge.user"].search(
            [("challenge_id", "=", challenge.id)]
        )
        return sorted((row.user_id.login, row.badge_id.name) for row in given)

    def _ended(self, **values):
        """A challenge whose last period is over: Ann made 2,000, Bob 1,600."""
        challenge = self._challenge(reward_realtime=False, **values)
        self._sold(2000.0)
        self._sold(1600.0, user_id=self.bob.id, team_id=self.south.id)
        challenge._update_all()
        goals = self.Goal.search([("challenge_id", "=", challenge.id)])
        goals.write({"closed": True, "start_date": self._days(-60)})
        goals.end_date = self._days(-31)
        return challenge

    def test_the_end_of_a_period(self):
        challenge = self._ended(
            reward_id=self.badge.id,
            reward_first_id=self.first.id,
            reward_second_id=self.second.id,
        )
        expected = [
            (self.ann.login, "All"),
            (self.ann.login, "First"),
            (self.bob.login, "All"),
            (self.bob.login, "Second"),
        ]
        for _run in range(2):  # once only
            challenge._update_all()
            self.assertEqual(self._badges(challenge), expected)
        self.assertEqual(challenge.sales_date_rewarded, self._days(-60))

    def test_not_for_what_it_counted_before(self):
        challenge = self._ended(reward_id=self.badge.id)
        goals = self.Goal.search([("challenge_id", "=", challenge.id)])
        goals.state = "draft"
        typed = self.env["gamification.goal.definition"].create({"name": "Typed"})
        goals.definition_id = typed
        goals.state = "reached"
        challenge._update_all()
        self.assertFalse(self._badges(challenge))

    def test_nobody_wins_by_doing_nothing(self):
        challenge = self._challenge(reward_first_id=self.first.id)
        challenge.state = "done"
        self.assertFalse(self._badges(challenge))

    def test_at_once(self):
        challenge = self._challenge(reward_id=self.badge.id, reward_realtime=True)
        self._sold(2000.0)
        for _run in range(2):
            challenge._update_all()
            self.assertEqual(self._badges(challenge), [(self.ann.login, "All")])


@tagged("post_install", "-at_install")
class TestGoalRights(GoalCommon):
    """Nobody types a goal on our metrics, neither the own nor a colleague's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            "rep": cls.ann,
            "colleague": cls.bob,
            "leader": cls._make_person("goal_leader", LEADER),
            "portal": cls._make_person("goal_portal", "base.group_portal"),
        }
        cls.north.user_id = cls.people["leader"]
        cls.users = cls.env["res.users"].union(*cls.people.values())
        cls.challenge = cls._challenge(
            visibility_mode="ranking", user_ids=[Command.set(cls.users.ids)]
        )

    def test_participants_write_nothing(self):
        goals = self.Goal.search([("challenge_id", "=", self.challenge.id)])
        self.assertEqual(goals.user_id, self.users)
        for name, user in self.people.items():
            for goal in goals:
                whose = goal.user_id.login
                goal = goal.with_user(user)
                for vals in (
                    {"current": 999},
                    {"state": "reached"},
                    {"target_goal": 1},
                    {"start_date": "2000-01-01"},
                    {"computation_mode": "manually"},
                ):
                    with (
                        self.subTest(name=name, whose=whose, vals=vals),
                        self.assertRaises(AccessError),
                    ):
                        goal.write(vals)
                for action in (goal.action_reach, goal.action_fail):
                    with self.assertRaises(AccessError):
                        action()
        self.assertEqual(set(goals.mapped("current")), {0.0})

    def test_the_dialog_of_manual_goals(self):
        goal = self._goal(self.challenge).with_user(self.ann)
        wizard = self.env["gamification.goal.wizard"].with_user(self.ann)
        with self.assertRaises(AccessError):
            wizard.create({"goal_id": goal.id, "current": 999}).action_update_current()

    def test_a_goal_of_ones_own_does_not_become_one(self):
        typed = self.env["gamification.goal.definition"].create({"name": "Typed"})
        goal = self.Goal.create(
            {
                "definition_id": typed.id,
                "user_id": self.ann.id,
                "target_goal": 5,
                "current": 999,
            }
        )
        with self.assertRaises(AccessError):
            goal.with_user(self.ann).definition_id = self.booked
        goal.with_user(self.ann).current = 4

    def test_who_runs_challenges_sets_terms_but_no_values(self):
        admin = self._make_person("goal_admin", "base.group_erp_manager")
        goal = self._goal(self.challenge).with_user(admin)
        goal.target_goal = 800
        with self.assertRaises(AccessError):
            goal.current = 999

    def test_participants_may_refresh(self):
        self._sold(2000.0)
        for user in (self.ann, self.bob):
            goal = self._goal(self.challenge).with_user(user)
            goal.update_goal()
            self.assertGoal(goal.sudo(), 2000.0, "reached")


@tagged("post_install", "-at_install")
class TestGoalWarning(GoalCommon):
    """Goals of Odoo's CRM that do not count what they say."""

    def _definition(self, name, module=CRM_GOALS):
        """One of Odoo's, or one in its place where that addon is not installed."""
        found = self.env.ref(f"{module}.{name}", raise_if_not_found=False)
        if found:
            return found
        found = self.env["gamification.goal.definition"].create({"name": name})
        self.env["ir.model.data"].create(
            {"module": module, "name": name, "model": found._name, "res_id": found.id}
        )
        return found

    def test_wrong_ones_are_named(self):
        problems = self.booked._sales_problems()
        self.assertEqual(len(problems), 9)
        names = set(
            self.env["gamification.goal.definition"]
            .search([("computation_mode", "=", "sales_metric")])
            .mapped("name")
        )
        for name, problem in problems.items():
            definition = self._definition(name)
            self.assertEqual(definition.sales_problem, problem)
            advised = problem.partition("Use “")[2].partition("”")[0]
            self.assertIn(advised, names)
            challenge = self._challenge((definition, 5), (self.booked, 5), start=False)
            self.assertIn(definition.name, challenge.sales_warning)
            self.assertEqual(challenge.sales_warning.count("\n"), 0)

    def test_others_are_not(self):
        leads = self._definition("definition_crm_nbr_new_leads")
        mine = self._definition("definition_crm_lead_delay_close", "elsewhere")
        challenge = self._challenge((leads, 5), (mine, 5), start=False)
        self.assertFalse(challenge.sales_warning)

    def test_without_that_addon(self):
        names = self.env["ir.model.data"].search([("module", "=", CRM_GOALS)])
        names.filtered(lambda row: row.model == "gamification.goal.definition").unlink()
        definitions = self.env["gamification.goal.definition"].search([])
        self.assertFalse(any(definitions.mapped("sales_problem")))

    def test_they_are_not_edited(self):
        definition = self._definition("definition_crm_lead_delay_close")
        self.assertNotEqual(definition.computation_mode, "sales_metric")
        self.assertFalse(definition.sales_metric_id)
