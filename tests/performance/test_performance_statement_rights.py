from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import get_public_method
from odoo.tests import tagged

from ...models.performance.statement_rows import Written
from ..common import DIRECTOR, LEADER
from .performance_statement_common import StatementCommon

REFUSED = UserError  # AccessError is one, too


@tagged("post_install", "-at_install")
class TestPerformanceStatementRights(StatementCommon):
    """Own, of the subtree, or all; nobody writes any of it over RPC."""

    rule_tested_models = (
        "sales.commission.statement",
        "sales.commission.statement.line",
        "sales.commission.dispute",
        "sales.commission.run",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._make_person("statement_stranger", LEADER)
        cls.south.user_id = cls.stranger
        cls.employee = cls._make_person("statement_employee", "base.group_user")
        cls._invoiced(1000.0)
        cls.statements._compute_statements(cls.company, cls.first, cls.after)
        cls.anns, cls.bobs, cls.dealers = (
            cls.statements.search([(name, "=", owner.id)])
            for name, owner in (
                ("user_id", cls.ann),
                ("user_id", cls.bob),
                ("partner_id", cls.dealer),
            )
        )
        cls.all = cls.anns | cls.bobs | cls.dealers
        cls.everybody = (
            cls.ann,
            cls.bob,
            cls.leader,
            cls.stranger,
            cls.director,
            cls.accountant,
            cls.portal,
            cls.env.ref("base.user_admin"),
        )

    def _seen(self, user, model="sales.commission.statement"):
        return self.env[model].with_user(user).search([]).sudo()

    # === WHO SEES WHAT === #

    def test_who_sees_statements(self):
        self.assertEqual(self._seen(self.ann), self.anns)
        self.assertEqual(self._seen(self.bob), self.bobs)
        self.assertEqual(self._seen(self.leader), self.anns)
        self.assertEqual(self._seen(self.stranger), self.bobs)
        self.assertEqual(self._seen(self.director) & self.all, self.all)
        self.assertEqual(self._seen(self.accountant) & self.all, self.all)
        self.assertFalse(self._seen(self.portal), "not before it is confirmed")
        with self.assertRaises(AccessError):
            self._seen(self.employee)

    def test_who_sees_lines(self):
        model = "sales.commission.statement.line"
        self.assertEqual(self._seen(self.ann, model), self.anns.line_ids)
        self.assertEqual(self._seen(self.leader, model), self.anns.line_ids)
        self.assertEqual(self._seen(self.stranger, model), self.bobs.line_ids)
        found = self._seen(self.accountant, model)
        self.assertEqual(found & self.all.line_ids, self.all.line_ids)
        self.assertFalse(self._seen(self.portal, model))

    def test_dealers_see_what_is_confirmed(self):
        self._confirm(self.dealers)
        self.assertEqual(self._seen(self.portal), self.dealers)
        lines = self._seen(self.portal, "sales.commission.statement.line")
        self.assertEqual(lines, self.dealers.line_ids)
        read = self.dealers.with_user(self.portal).read(["amount", "period", "state"])
        self.assertEqual(read[0]["state"], "confirmed")
        self.assertTrue(lines.with_user(self.portal)[0].words)

    def test_a_leader_above_sees_what_is_below(self):
        boss = self._make_person("statement_boss", LEADER)
        world = self.env["crm.team"].create(
            {"name": "World", "company_id": self.company.id, "user_id": boss.id}
        )
        (self.north | self.south).sales_parent_id = world
        self.assertEqual(self._seen(boss), self.anns | self.bobs)
        self._make_commission(owners=[self.leader], name="Leaders")
        self._compute()
        own = self._of(self.leader)
        self.assertEqual(own.team_id, self.north, "the team that is led")
        self.assertEqual(self._seen(boss), self.anns | self.bobs | own)

    def test_who_sees_questions(self):
        dispute = self._ask(self.ann, self.anns)
        model = "sales.commission.dispute"
        for user in (self.ann, self.leader, self.director, self.accountant):
            self.assertIn(dispute.sudo(), self._seen(user, model))
        for user in (self.bob, self.stranger, self.portal):
            self.assertFalse(self._seen(user, model))

    def test_who_sees_runs(self):
        values = {"date_from": self.first, "date_last": self.first}
        for user in (self.director, self.accountant):
            run = self.env["sales.commission.run"].with_user(user).create(values)
            with self.assertRaises(AccessError):
                run.state = "done"
            self.assertIn(run.sudo(), self._seen(user, "sales.commission.run"))
        for user in (self.ann, self.leader, self.portal):
            with self.assertRaises(AccessError):
                self.env["sales.commission.run"].with_user(user).create(values)

    # === NOBODY WRITES === #

    def test_nobody_writes(self):
        line = self.anns.line_ids[0]
        dispute = self._ask(self.ann, self.anns).sudo()
        for user in self.everybody:
            for record, vals in (
                (self.anns, {"amount": 1e6}),
                (self.anns, {"state": "paid"}),
                (self.anns, {"user_id": self.bob.id}),
                (self.anns, {"date_acknowledged": fields.Datetime.now()}),
                (self.anns, {"line_ids": [Command.update(line.id, {"amount": 1e6})]}),
                (self.anns, {"line_ids": [Command.clear()]}),
                (line, {"payable_amount": 1e6}),
                (line, {"detail": {}}),
                (dispute, {"answer": "Of course"}),
                (dispute, {"state": "accepted"}),
            ):
                with (
                    self.subTest(user=user.login, vals=vals),
                    self.assertRaises(AccessError),
                ):
                    record.with_user(user).write(vals)
            for record in (self.anns, line, dispute):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    record.with_user(user).unlink()
        self.assertEqual(self.anns.amount_earned, 50.0)

    def test_nobody_creates(self):
        for user in self.everybody:
            for model, vals in (
                (
                    "sales.commission.statement",
                    {
                        "user_id": user.id,
                        "company_id": self.company.id,
                        "currency_id": self.company.currency_id.id,
                        "date_from": "2001-01-01",
                        "date_to": "2001-02-01",
                        "amount": 1e6,
                    },
                ),
                (
                    "sales.commission.statement.line",
                    {
                        "statement_id": self.anns.id,
                        "plan_id": self.commission.id,
                        "kind": "bonus",
                        "key": "x",
                        "amount": 1e6,
                    },
                ),
                (
                    "sales.commission.dispute",
                    {
                        "statement_id": self.anns.id,
                        "about": "x",
                        "question": "x",
                        "user_id": user.id,
                    },
                ),
            ):
                with (
                    self.subTest(user=user.login, model=model),
                    self.assertRaises(AccessError),
                ):
                    self.env[model].with_user(user).create(vals)

    def test_nothing_private_over_rpc(self):
        for model, names in (
            (
                "sales.commission.statement",
                (
                    "_move_to",
                    "_compute_statements",
                    "_refresh",
                    "_work_out",
                    "_write_rows",
                    "_open_corrections",
                    "_tell",
                ),
            ),
            ("sales.commission.dispute", ("_ask", "_answer", "_move_to")),
            ("sales.commission.run", ("_begin", "_step", "_cron_run")),
        ):
            for name in names:
                with self.subTest(name), self.assertRaises(AccessError):
                    get_public_method(self.env[model], name)

    def test_frozen_even_for_the_system(self):
        self._confirm(self.anns)
        line = self.anns.line_ids[0]
        for record, vals in (
            (self.anns, {"amount": 1e6}),
            (self.anns, {"state": "draft"}),
            (self.anns, {"date_from": "2001-01-01"}),
            (self.anns, {"confirmed_by_id": self.bob.id}),
            (line, {"amount": 1e6}),
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                record.sudo().write(vals)
        for record in (self.anns, line):
            with self.assertRaises(UserError):
                record.sudo().unlink()
        with self.assertRaises(UserError):
            line.sudo().copy({"key": "x"})
        self.statements._write_rows({self.anns.id: Written.of(self.anns.id, [])})
        self.assertTrue(line.exists())

    # === WHO MAY DO WHAT === #

    def test_states(self):
        """The table decides: guards, buttons and refusals are made of it."""
        anns = self.anns
        for user in (self.ann, self.bob, self.stranger, self.portal):
            with self.assertRaises(REFUSED):
                anns.with_user(user).action_check()
        self.assertEqual(anns.with_user(self.ann).next_states, "")
        self.assertEqual(anns.with_user(self.leader).next_states, "checked")
        with self.assertRaises(UserError):
            anns.with_user(self.director).action_confirm()
        anns.with_user(self.leader).action_check()
        self.assertEqual(anns.checked_by_id, self.leader)
        self.assertEqual(anns.with_user(self.leader).next_states, "draft")
        self.assertEqual(anns.with_user(self.director).next_states, "confirmed,draft")
        for user in (self.ann, self.leader, self.accountant):
            with self.assertRaises(REFUSED):
                anns.with_user(user).action_confirm()
        anns.with_user(self.leader).action_reset()
        self.assertFalse(anns.checked_by_id)
        anns.with_user(self.accountant).action_check()
        anns.with_user(self.director).action_confirm()
        self.assertEqual(anns.confirmed_by_id, self.director)
        for name in ("action_check", "action_reset", "action_confirm"):
            with self.assertRaises(UserError):
                getattr(anns.with_user(self.director), name)()
        for user in (self.ann, self.leader, self.director):
            with self.assertRaises(REFUSED):
                anns.with_user(user).action_pay()
        anns.with_user(self.accountant).action_pay()
        self.assertEqual((anns.state, anns.paid_by_id), ("paid", self.accountant))
        with self.assertRaisesRegex(UserError, "nothing"):
            anns.with_user(self.accountant).action_pay()

    def test_a_director_does_not_confirm_the_own_one(self):
        boss = self._make_person("own_director", DIRECTOR)
        self._make_commission(owners=[boss], name="Directors")
        self._compute()
        own = self._of(boss).with_user(boss)
        own.action_check()
        with self.assertRaisesRegex(UserError, "another director"):
            own.action_confirm()
        self.assertNotIn("confirmed", own.next_states)
        # The only one of a company has nobody to ask
        nobody = self.env["res.users"]
        self.patch(type(own), "_other_directors", lambda statement: nobody)
        own.action_confirm()
        self.assertEqual(own.state, "confirmed")

    def test_a_leader_does_not_check_the_own_one(self):
        self.north.member_ids = [Command.link(self.leader.id)]
        self._make_commission(owners=[self.leader], name="Leaders")
        self._compute()
        own = self._of(self.leader).with_user(self.leader)
        self.assertEqual(own.next_states, "")
        with self.assertRaisesRegex(UserError, "your own"):
            own.action_check()

    def test_acknowledged(self):
        with self.assertRaises(UserError):
            self.anns.with_user(self.ann).action_acknowledge()
        self._confirm(self.anns | self.dealers)
        for user in (self.bob, self.leader, self.accountant, self.portal):
            with self.assertRaises(AccessError):
                self.anns.with_user(user).action_acknowledge()
        self.assertTrue(self.anns.with_user(self.ann).can_acknowledge)
        self.anns.with_user(self.ann).action_acknowledge()
        self.assertEqual(self.anns.acknowledged_by_id, self.ann)
        self.assertFalse(self.anns.with_user(self.ann).can_acknowledge)
        self.dealers.with_user(self.portal).action_acknowledge()
        self.assertEqual(self.dealers.acknowledged_by_id, self.portal)

    # === QUESTIONS === #

    def _ask(self, user, statement, line=None, question="This was mine"):
        wizard = (
            self.env["sales.commission.dispute.ask"]
            .with_user(user)
            .create(
                {
                    "statement_id": statement.id,
                    "line_id": line.id if line else False,
                    "question": question,
                }
            )
        )
        action = wizard.action_ask()
        return self.env["sales.commission.dispute"].browse(action["res_id"])

    def test_question_and_answer(self):
        line = self.anns.line_ids[1]
        dispute = self._ask(self.ann, self.anns, line)
        self.assertEqual(
            (dispute.state, dispute.line_id, dispute.about),
            ("open", line, line.document_name),
        )
        self.assertEqual(dispute.words, line.words)
        self.assertIn(self.leader.partner_id, dispute.message_partner_ids)
        self.assertEqual(dispute.activity_ids.user_id, self.leader)
        self.assertEqual(line.with_user(self.ann).dispute_count, 1)
        self.assertEqual(self.anns.open_dispute_count, 1)
        self.anns.with_user(self.leader).action_check()
        with self.assertRaisesRegex(UserError, "without an answer"):
            self.anns.with_user(self.director).action_confirm()
        for user in (self.ann, self.bob, self.stranger):
            with self.assertRaises(REFUSED):
                dispute.with_user(user)._answer("Yes")
        answer = (
            self.env["sales.commission.dispute.answer"]
            .with_user(self.leader)
            .create({"dispute_id": dispute.id, "answer": "It was Bob's"})
        )
        answer.action_answer()
        self.assertEqual(
            (dispute.state, dispute.answer, dispute.answered_by_id),
            ("answered", "It was Bob's", self.leader),
        )
        self.assertFalse(dispute.activity_ids)
        dispute.with_user(self.ann).action_reopen()
        self.assertEqual(dispute.state, "open")
        dispute.with_user(self.accountant)._answer("Really")
        with self.assertRaises(REFUSED):
            dispute.with_user(self.leader).action_accept()
        dispute.with_user(self.ann).action_accept()
        self.assertEqual(dispute.state, "accepted")
        self.anns.with_user(self.director).action_confirm()
        thanks = {"body": "Thanks"}
        posted = dispute.with_user(self.ann).message_post(**thanks)
        self.assertEqual(posted.author_id, self.ann.partner_id)

    def test_only_the_own_is_asked_about(self):
        for user in (self.bob, self.leader, self.accountant, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._ask(user, self.anns)
        with self.assertRaises(UserError):
            self._ask(self.ann, self.anns, question=" ")
        foreign = self.bobs.line_ids[0]
        disputes = self.env["sales.commission.dispute"].with_user(self.ann)
        dispute = disputes._ask(
            self.anns.with_user(self.ann), foreign.with_user(self.ann), "What?"
        )
        self.assertFalse(dispute.line_id)

    def test_a_question_keeps_its_line(self):
        """Worked out anew, a statement has new lines; the question finds its own."""
        line = self.anns.line_ids[1]
        dispute = self._ask(self.ann, self.anns, line)
        self._invoiced(200.0)
        self._compute()
        self.assertFalse(line.exists())
        self.assertEqual(dispute.line_id.source_id, dispute.sudo().line_id.source_id)
        self.assertEqual(dispute.line_id.key, dispute.line_key)
