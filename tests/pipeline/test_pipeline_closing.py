from datetime import date

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from .pipeline_common import PipelineCommon

NOON = "2024-03-20 12:00:00"  # a Wednesday


class ClosingCommon(PipelineCommon):
    """Deals expected on 10 March; it is the 20th, in a company that lives in UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._live_in("UTC")
        cls.company.write(
            {
                "sales_closing_ask": True,
                "sales_closing_grace_days": 0,
                "sales_closing_escalation_days": 7,
            }
        )
        # What the database holds besides must not be asked for.
        cls.env["crm.lead"].search([("date_deadline", "!=", False)]).write(
            {"date_deadline": False}
        )

    @classmethod
    def _live_in(cls, zone):
        cls.company.resource_calendar_id.tz = zone

    @classmethod
    def _late(cls, name="Late", **values):
        return cls._deal(name, **{"date_deadline": "2024-03-10", **values})

    def _changes(self, deals):
        return self.env["sales.closing.change"].search(
            [("lead_id", "in", deals.ids)], order="id"
        )

    def _todos(self, deals, **context):
        activities = self.env["mail.activity"].with_context(**context)
        return activities.search([("sales_closing_lead_id", "in", deals.ids)])

    def _ask(self):
        leads = self.env["crm.lead"]
        leads._sales_tidy_requests()
        return leads.search(leads._sales_to_ask_domain())._sales_ask_closing_dates()

    def _report(self, user, deals):
        report = self.env["sales.closing.report"].with_user(user)
        return report.search([("lead_id", "in", deals.ids)])


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestPipelineClosing(ClosingCommon):
    """Deals past their expected closing, and how closing dates moved."""

    rule_tested_models = {"sales.closing.change", "sales.closing.report"}

    # === MOVES === #

    def test_every_move_is_kept(self):
        """10 → 25 March by hand, back to 15, 15 → 5 April with a reason: 2 pushes."""
        deal = self._late(expected_revenue=500).with_user(self.rep_user)
        deal.date_deadline = "2024-03-25"
        deal.date_deadline = "2024-03-15"
        deal.action_sales_move_closing("2024-04-05", "budget", " Freeze until April ")
        rows = self._changes(deal)
        self.assertEqual(
            [
                (r.old_date, r.new_date, r.days, r.days_overdue, r.pushes, r.reason)
                for r in rows
            ],
            [
                (date(2024, 3, 10), date(2024, 3, 25), 15, 10, 1, False),
                (date(2024, 3, 15), date(2024, 4, 5), 21, 5, 1, "budget"),
            ],
        )
        self.assertEqual(rows.mapped("unexplained"), [1, 0])
        self.assertEqual(rows[1].note, "Freeze until April")
        self.assertEqual(rows.user_id, self.rep_user)
        self.assertEqual(rows.changed_by_id, self.rep_user)
        self.assertEqual(rows.team_id, self.retail)
        self.assertEqual(rows.company_id, self.company)
        self.assertEqual(rows.mapped("expected_revenue"), [500, 500])
        self.assertEqual(set(rows.mapped("date")), {fields.Datetime.now()})
        self.assertEqual(deal.sales_push_count, 2)
        self.assertIn("Reason: Budget. Freeze until April", deal.message_ids[0].body)

    def test_not_a_push(self):
        """Earlier, first and equal dates, closed deals, leads, other fields."""
        deal = self._late()
        deal.date_deadline = "2024-03-01"
        deal.date_deadline = "2024-03-01"
        deal.name = "Renamed"
        first = self._deal()
        first.date_deadline = "2024-09-01"
        won = self._late(stage_id=self.won.id)
        won.date_deadline = "2024-09-01"
        lost = self._late()
        lost.action_set_lost()
        lost.date_deadline = "2024-09-01"
        lead = self._deal(type="lead", date_deadline="2024-03-10")
        lead.date_deadline = "2024-09-01"
        self.assertFalse(self._changes(deal | first | won | lost | lead))
        self.assertFalse(
            any((deal | first | won | lost | lead).mapped("sales_push_count"))
        )

    def test_taking_the_date_away_is_no_way_round(self):
        deal = self._late()
        deal.date_deadline = False
        deal.date_deadline = "2024-05-09"
        rows = self._changes(deal)
        self.assertEqual(rows.mapped("pushes"), [0, 1])
        self.assertEqual(rows.mapped("days"), [0, 60])
        self.assertEqual(rows.mapped("unexplained"), [1, 1])
        self.assertEqual(deal.sales_push_count, 1)
        deal.date_deadline = False
        deal.date_deadline = "2024-05-01"  # earlier than before
        self.assertEqual(deal.sales_push_count, 1)

    def test_one_write_for_many(self):
        """Only those of a mass edit whose date moves later count."""
        early, late = self._late("Early"), self._late(date_deadline="2024-06-01")
        (early | late).date_deadline = "2024-05-01"
        self.assertEqual(self._changes(early | late).lead_id, early)

    def test_handed_over_with_a_new_date(self):
        """The writer may not see the deal any more."""
        deal = self._late()
        deal.with_user(self.rep_user).write(
            {"user_id": self.stranger_user.id, "date_deadline": "2024-04-01"}
        )
        self.assertEqual(self._changes(deal).user_id, self.stranger_user)
        self.assertEqual(self._changes(deal).changed_by_id, self.rep_user)

    def test_no_client_forges_an_answer(self):
        """What comes with a call is a list, and no reason."""
        deal = self._late().with_user(self.rep_user)
        forged = {"sales_process_closing_answer": ["budget", ""]}
        deal.with_context(**forged).date_deadline = "2024-04-01"
        self.assertFalse(self._changes(deal).reason)

    def test_deleted_deal_leaves_its_rows(self):
        deal = self._late()
        number = deal.id
        deal.date_deadline = "2024-04-01"
        row = self._changes(deal)
        deal.unlink()
        row.invalidate_recordset()
        self.assertFalse(row.lead_id)
        self.assertEqual(row.lead_ref, number)
        self.assertFalse(row.action_open_deal())

    def test_copy_starts_anew(self):
        deal = self._late()
        deal.date_deadline = "2024-04-01"
        self.assertEqual(deal.copy().sales_push_count, 0)

    # === OVERDUE === #

    def test_overdue(self):
        late, today = self._late(), self._late(date_deadline="2024-03-20")
        yesterday = self._late(date_deadline="2024-03-19")
        none = self._deal(date_deadline=False)
        deals = late | today | yesterday | none
        self.assertEqual(deals.mapped("sales_days_overdue"), [10, 0, 1, 0])
        self.assertEqual(
            deals.mapped("sales_closing_overdue"), [True, False, True, False]
        )
        find = self.env["crm.lead"].search
        among = [("id", "in", deals.ids)]
        self.assertEqual(
            find([*among, ("sales_closing_overdue", "=", True)]), late | yesterday
        )
        self.assertEqual(
            find([*among, ("sales_closing_overdue", "=", False)]), today | none
        )
        self.company.sales_closing_grace_days = 1
        deals.invalidate_recordset()
        self.assertEqual(deals.filtered("sales_closing_overdue"), late)
        self.assertEqual(find([*among, ("sales_closing_overdue", "!=", False)]), late)

    def test_question(self):
        deal = self._late().with_user(self.rep_user)
        self.assertEqual(
            deal.sales_closing_question,
            "Was expected to close on 03/10/2024, 10 days ago.",
        )
        deal.date_deadline = "2024-03-19"
        self.assertEqual(
            deal.sales_closing_question,
            "Was expected to close yesterday, 03/19/2024. The date moved once before.",
        )
        self.company.sales_closing_ask = False
        deal.invalidate_recordset()
        self.assertFalse(deal.sales_closing_question)
        self.assertTrue(deal.sales_closing_overdue)

    def test_midnight(self):
        """10 March ends at 10:00 UTC of the 10th in Kiritimati, 11:00 of the 11th in
        Pago Pago."""
        deal = self._late()
        for zone, before, after in (
            ("Pacific/Kiritimati", "2024-03-10 09:59:59", "2024-03-10 10:00:00"),
            ("Pacific/Pago_Pago", "2024-03-11 10:59:59", "2024-03-11 11:00:00"),
        ):
            self._live_in(zone)
            for moment, overdue in ((before, False), (after, True)):
                with self.subTest(zone=zone, moment=moment), freeze_time(moment):
                    deal.invalidate_recordset()
                    self.assertEqual(deal.sales_closing_overdue, overdue)
                    domain = [
                        ("id", "=", deal.id),
                        ("sales_closing_overdue", "=", True),
                    ]
                    self.assertEqual(bool(deal.search(domain)), overdue)
                    self.assertEqual(
                        bool(self._report(self.director_user, deal)), overdue
                    )

    def test_each_company_has_its_own_clock(self):
        """Midnight has passed in Kiritimati and not in UTC."""
        other = self.env["res.company"].create({"name": "Early Islands"})
        calendar = self.env["resource.calendar"].create(
            {"name": "Early", "tz": "Pacific/Kiritimati", "company_id": other.id}
        )
        other.resource_calendar_id = calendar
        team = self.env["crm.team"].create({"name": "Early", "company_id": other.id})
        ours = self._late()
        theirs = self._late(
            company_id=other.id, team_id=team.id, user_id=False, partner_id=False
        )
        with freeze_time("2024-03-10 12:00:00"):
            (ours | theirs).invalidate_recordset()
            self.assertEqual((ours | theirs).filtered("sales_closing_overdue"), theirs)
            domain = [
                ("id", "in", (ours | theirs).ids),
                ("sales_closing_overdue", "=", True),
            ]
            self.assertEqual(self.env["crm.lead"].search(domain), theirs)

    # === THE DIALOG === #

    def test_dialog(self):
        deal = self._late().with_user(self.rep_user)
        action = deal.action_sales_new_closing_date()
        model = self.env[action["res_model"]].with_user(self.rep_user)
        with Form(model.with_context(**action["context"])) as form:
            self.assertEqual(form.old_date, date(2024, 3, 10))
            form.delay = "14"
            self.assertEqual(form.date_deadline, date(2024, 4, 3))
            form.reason = "decision_maker"
        form.record.action_apply()
        self.assertEqual(deal.date_deadline, date(2024, 4, 3))
        self.assertEqual(self._changes(deal).reason, "decision_maker")
        self.assertFalse(deal.sales_closing_question)

    def test_bad_input(self):
        deal = self._late().with_user(self.rep_user)
        for day, reason, note in (
            (False, "budget", ""),
            ("soon", "budget", ""),
            ("2024-03-20", "budget", ""),  # today is not in the future
            ("2024-03-19", "budget", ""),
            ("2024-04-01", False, ""),
            ("2024-04-01", "mood", ""),
            ("2024-04-01", "other", "  "),
        ):
            with self.subTest(day=day, reason=reason), self.assertRaises(UserError):
                deal.action_sales_move_closing(day, reason, note)
        deal.action_set_lost()
        with self.assertRaisesRegex(UserError, "is closed"):
            deal.action_sales_move_closing("2024-04-01", "budget")
        self.assertEqual(deal.date_deadline, date(2024, 3, 10))
        for name in ("sales_closing_grace_days", "sales_closing_escalation_days"):
            with (
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                self.company[name] = -1
                self.env.flush_all()
            self.env.invalidate_all(flush=False)

    def test_dialog_needs_the_deal(self):
        deal = self._late()
        for user in (self.stranger_user, self.accountant_user):
            with self.assertRaises(AccessError):
                deal.with_user(user).action_sales_move_closing("2024-04-01", "budget")

    # === ASKING === #

    def test_one_todo_per_deal(self):
        deal, fine = self._late(), self._late(date_deadline="2024-03-20")
        self._ask()
        self._ask()
        todo = self._todos(deal | fine)
        self.assertEqual(todo.sales_closing_lead_id, deal)
        self.assertEqual(len(todo), 1)
        self.assertEqual(todo.user_id, self.rep_user)
        self.assertEqual(todo.date_deadline, date(2024, 3, 20))
        self.assertEqual((todo.res_model, todo.res_id), ("crm.lead", deal.id))

    def test_answer_closes_the_todo(self):
        moved, cleared, won, lost, kept = deals = self.env["crm.lead"].concat(
            *(self._late(f"Deal {i}") for i in range(5))
        )
        self._ask()
        self.assertEqual(len(self._todos(deals)), 5)
        moved.with_user(self.rep_user).date_deadline = "2024-04-01"
        cleared.date_deadline = False  # no answer
        self.assertEqual(len(self._todos(deals)), 4)
        won.action_set_won()
        lost.action_set_lost()
        kept.date_deadline = "2024-03-12"  # later, and still past
        self.env.cr.flush()
        self.assertEqual(self._todos(deals).sales_closing_lead_id, cleared | kept)
        self.assertEqual(len(self._todos(deals, active_test=False)), 5)

    def test_ticked_off_without_an_answer(self):
        """The question comes back, and the leader sees it was ticked off."""
        deal = self._late()
        self._ask()
        self._todos(deal).with_user(self.rep_user).action_done()
        self.assertFalse(self._todos(deal))
        self.assertEqual(self._report(self.leader_user, deal).answer, "dismissed")
        self._ask()
        self.assertEqual(len(self._todos(deal)), 1)

    def test_who_is_asked(self):
        """The owner; else the nearest leader who works here; else nobody."""
        self.colleague_user.active = False
        left = self._late(user_id=self.colleague_user.id)
        unowned = self._late(user_id=False)
        alone = self._late(user_id=False, team_id=False)
        self._ask()
        self.assertEqual(self._todos(left).user_id, self.leader_user)
        self.assertEqual(self._todos(unowned).user_id, self.leader_user)
        self.assertFalse(self._todos(alone))

    def test_tidy(self):
        """A new owner takes the to-do over; switched off, to-dos go."""
        deal = self._late()
        self._ask()
        deal.user_id = self.colleague_user
        self._ask()
        self.assertEqual(self._todos(deal).user_id, self.colleague_user)
        self.company.sales_closing_ask = False
        self._ask()
        self.assertFalse(self._todos(deal))

    def test_job(self):
        deals = self.env["crm.lead"].concat(*(self._late(f"D{i}") for i in range(5)))
        cron = self.env.ref("sales_process.ir_cron_ask_closing_dates")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        self.assertEqual(len(self._todos(deals)), 5)

    def test_nobody_is_buried(self):
        """Of 13 deals ten are asked about, the freshest first; then the next ones."""
        deals = self.env["crm.lead"].concat(
            *(
                self._late(f"D{i}", date_deadline=f"2024-02-{i + 1:02}")
                for i in range(13)
            )
        )
        self.assertEqual(
            deals.sorted("date_deadline desc")._sales_few_enough(), deals[:2:-1]
        )
        leads = self.env["crm.lead"]
        deals[:2:-1]._sales_ask_closing_dates()
        waiting = leads.search(leads._sales_to_ask_domain()) & deals
        self.assertEqual(waiting, deals[:3])
        self.assertFalse(waiting._sales_few_enough())
        deals[12].date_deadline = "2030-01-01"
        self.assertEqual(len(waiting._sales_few_enough()), 1)

    # === WHO DOES NOT ANSWER === #

    def test_report(self):
        """Due the 10th, grace 2, leader after 7 more: seen from the 20th on."""
        self.company.sales_closing_grace_days = 2
        deal = self._late(expected_revenue=300)
        deal.date_deadline = "2024-03-12"
        deal.date_deadline = "2024-03-10"
        [row] = self._report(self.rep_user, deal)
        self.assertEqual(
            (row.days_overdue, row.push_count, row.ask_count, row.expected_revenue),
            (10, 1, 0, 300),
        )
        self.assertEqual((row.answer, row.escalated), ("not_asked", True))
        self.assertEqual(row.company_id, self.company)
        self._ask()
        self.env.invalidate_all()
        [row] = self._report(self.leader_user, deal)
        self.assertEqual((row.answer, row.ask_count), ("silent", 1))
        self.assertTrue(row.asked_on)
        self.company.sales_closing_escalation_days = 8
        self.env.invalidate_all()
        [row] = self._report(self.leader_user, deal)
        self.assertEqual((row.answer, row.escalated), ("waiting", False))
        self.company.sales_closing_grace_days = 10
        self.assertFalse(self._report(self.leader_user, deal))

    def test_pushes_by_salesperson_and_reason(self):
        mine, theirs = self._late(), self._late(user_id=self.colleague_user.id)
        mine.action_sales_move_closing("2024-04-01", "budget")
        mine.date_deadline = "2024-04-11"
        theirs.action_sales_move_closing("2024-04-01", "other", "Fair")
        rows = self.env["sales.closing.change"].with_user(self.leader_user)
        groups = rows._read_group(
            [("lead_id", "in", (mine | theirs).ids)],
            ["user_id", "reason"],
            ["pushes:sum", "days:sum", "unexplained:sum"],
        )
        self.assertCountEqual(
            groups,
            [
                (self.rep_user, "budget", 1, 22, 0),
                (self.rep_user, False, 1, 10, 1),
                (self.colleague_user, "other", 1, 22, 0),
            ],
        )

    # === RIGHTS === #

    def test_nobody_writes_rows(self):
        deal = self._late()
        deal.date_deadline = "2024-04-01"
        row = self._changes(deal)
        for user in (
            self.rep_user,
            self.director_user,
            self.env.ref("base.user_admin"),
        ):
            rows = row.with_user(user)
            with self.assertRaises(AccessError):
                rows.write({"reason": "budget"})
            with self.assertRaises(AccessError):
                rows.unlink()
            with self.assertRaises(AccessError):
                rows.create({"lead_id": deal.id, "date": fields.Datetime.now()})

    def test_who_reads(self):
        """Rep own, leader the subtree, director all; another company's nobody."""
        mine, theirs = self._late(), self._late(user_id=self.colleague_user.id)
        south = self._late(user_id=self.stranger_user.id, team_id=self.south.id)
        deals = mine | theirs | south
        deals.date_deadline = "2024-03-12"
        for user, seen in (
            (self.rep_user, mine),
            (self.colleague_user, theirs),
            (self.leader_user, mine | theirs),
            (self.other_leader_user, south),
            (self.director_user, deals),
        ):
            with self.subTest(user=user.name):
                changes = self._changes(deals).with_user(user)._filtered_access("read")
                self.assertEqual(changes.lead_id, seen)
                self.assertEqual(self._report(user, deals).lead_id, seen)
        for user in (self.accountant_user, self.portal_user):
            with self.assertRaises(AccessError):
                self._report(user, deals)
            with self.assertRaises(AccessError):
                self.env["sales.closing.change"].with_user(user).search([])

    def test_other_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        team = self.env["crm.team"].create({"name": "Other", "company_id": other.id})
        deal = self._late(
            company_id=other.id, team_id=team.id, user_id=False, partner_id=False
        )
        deal.date_deadline = "2024-03-12"
        director = self.director_user
        self.assertFalse(self._report(director, deal))
        rows = self.env["sales.closing.change"].with_user(director)
        self.assertFalse(rows.search([("lead_ref", "=", deal.id)]))

    def test_count_counts_what_the_reader_cannot_see(self):
        """A deal taken over brings its pushes along, not the rows of the past."""
        deal = self._late()
        deal.date_deadline = "2024-04-01"
        deal.user_id = self.colleague_user
        self.env.invalidate_all()
        self.assertEqual(deal.with_user(self.colleague_user).sales_push_count, 1)

    # === SPEED === #

    def _count(self, function):
        """Queries of ``function``, all that commit would add included."""
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.cr.flush()
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow(self):
        def deals(count):
            values = {"user_id": self.rep_user.id, "team_id": self.retail.id}
            return self.env["crm.lead"].create(
                [
                    {
                        "name": f"D{i}",
                        "type": "opportunity",
                        "date_deadline": "2024-03-10",
                        **values,
                    }
                    for i in range(count)
                ]
            )

        asked, moved, closed = [], [], []
        for count in (5, 10, 20):  # the first warms up
            some = deals(count)
            asked.append(self._count(some._sales_ask_closing_dates))
            later = {"date_deadline": "2024-05-01"}
            moved.append(self._count(lambda some=some, v=later: some.write(v)))
            some.write({"date_deadline": "2024-03-10"})
            some._sales_ask_closing_dates()
            close = some._sales_close_requests
            closed.append(self._count(lambda close=close, ids=some.ids: close(ids)))
            self.assertFalse(self._todos(some))
        self.assertEqual(asked[1], asked[2], asked)
        self.assertEqual(moved[1], moved[2], moved)
        self.assertEqual(closed[1], closed[2], closed)

    def test_other_writes_cost_nothing(self):
        """A move between stages looks for no to-dos and no rows."""
        deal = self._late()
        self._ask()
        self.env.cr.flush()
        self.env.invalidate_all()
        statements = []
        execute = type(self.env.cr).execute

        def spy(cr, query, *args, **kwargs):
            statements.append(str(getattr(query, "code", query)))
            return execute(cr, query, *args, **kwargs)

        self.patch(type(self.env.cr), "execute", spy)
        deal.stage_id = self.prove
        self.env.cr.flush()
        for statement in statements:
            self.assertNotIn('FROM "sales_closing_change"', statement)
            self.assertNotIn("sales_closing_lead_id", statement.partition("WHERE")[2])


@tagged("post_install", "-at_install")
class TestPipelineClosingTour(ClosingCommon, HttpCase):
    """A rep answers above the deal, in a browser."""

    def test_new_date(self):
        yesterday = fields.Date.subtract(fields.Date.today(), days=9)
        deal = self._late("Late tour deal", date_deadline=yesterday)
        self._ask()
        self.start_tour(
            f"/odoo/crm/{deal.id}", "sales_process_closing_date", login="sp_rep"
        )
        self.assertEqual(
            deal.date_deadline, fields.Date.add(fields.Date.today(), days=30)
        )
        row = self._changes(deal)
        self.assertEqual((row.reason, row.note), ("customer", "They audit first"))
        self.assertFalse(self._todos(deal))
