from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..intake.intake_common import IntakeCase
from .pipeline_common import PipelineCommon, planned_rows


class BackfillCase(PipelineCommon):
    """Deals from before the addon, with the tracking Odoo would have left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jobs = cls.env["sales.pipeline.backfill"]
        cls.jobs.search([]).unlink()
        cls.env["crm.lead"].with_context(active_test=False).search([]).unlink()

    def _old_deal(self, name="Old", stage=None, day=0, **columns):
        """A deal created on ``day``, untouched since the addon came.

        :param columns: columns of ``crm_lead`` as the deal has them now
        """
        quiet = {"tracking_disable": True, "mail_create_nolog": True}
        deal = (
            self.env["crm.lead"]
            .with_context(**quiet)
            .create(
                {
                    "name": name,
                    "type": "opportunity",
                    "user_id": self.rep_user.id,
                    "team_id": self.retail.id,
                    "expected_revenue": 100,
                }
            )
        )
        self.env.flush_all()
        self.env.cr.precommit.data.pop("sales_pipeline_history", None)
        values = {
            "stage_id": (stage or self.meet).id,
            "create_date": self._day(day),
            "date_last_stage_update": self._day(day),
            "sales_process_id": None,
            "sales_stage_id": None,
            "probability": 10,
            "won_status": "pending",
            "date_deadline": "2024-12-24",
            **columns,
        }
        sets = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), value)
            for name, value in values.items()
        )
        self.env.cr.execute(SQL("UPDATE crm_lead SET %s WHERE id = %s", sets, deal.id))
        self.env.invalidate_all()
        return deal

    def _track(self, deal, day, subject=False, **changes):
        """One tracking message: ``field=(old, new)``, many2one by id, words as text."""
        get_field = self.env["ir.model.fields"]._get
        message = self.env["mail.message"].create(
            {
                "model": "crm.lead",
                "res_id": deal.id,
                "message_type": "notification",
                "date": day if isinstance(day, datetime) else self._day(day),
                "subject": subject,
            }
        )
        kinds = {
            "expected_revenue": "float",
            "won_status": "char",
            "type": "char",
            "date_deadline": "datetime",
        }
        for name, (old, new) in changes.items():
            kind = kinds.get(name, "integer")
            self.env["mail.tracking.value"].create(
                {
                    "mail_message_id": message.id,
                    "field_id": get_field("crm.lead", name).id,
                    f"old_value_{kind}": old,
                    f"new_value_{kind}": new,
                }
            )

    def _max_id(self):
        leads = self.env["crm.lead"].with_context(active_test=False)
        return leads.search([], order="id desc", limit=1).id or 0

    def _run(self, size=2000):
        """All batches of a new job, without the commits in between."""
        self.env.flush_all()
        job = self.jobs._start(self._max_id())
        return self._go_on(job, size)

    def _go_on(self, job, size=2000):
        job._begin()
        while job._step(size):
            pass
        self._check_chain()
        self.env.invalidate_all()
        return job

    def _told(self, deal, *names):
        """The rows of a deal as (day, until day, *values); days as numbers."""

        def day(moment):
            if not moment:
                return None
            number = (moment - self.START) / timedelta(days=1)
            return int(number) if number == int(number) else number

        return [
            (day(row.date_from), day(row.date_to), *(row[name] for name in names))
            for row in self._rows(deal)
        ]


@tagged("post_install", "-at_install")
class TestPipelineBackfill(BackfillCase):
    """Rows worked out by hand for every kind of past."""

    rule_tested_models = {"sales.pipeline.backfill"}

    def test_a_life(self):
        """Day 3 amount and owner, day 5 stage, day 9 won."""
        rep, colleague = self.rep_user, self.colleague_user
        deal = self._old_deal(
            stage=self.won,
            expected_revenue=150,
            probability=100,
            won_status="won",
            date_closed=self._day(9),
            date_last_stage_update=self._day(9),
        )
        self._track(deal, 3, expected_revenue=(80, 150), user_id=(colleague.id, rep.id))
        self._track(deal, 5, stage_id=(self.meet.id, self.prove.id))
        self._track(
            deal,
            9,
            stage_id=(self.prove.id, self.won.id),
            won_status=("Pending", "Won"),
        )
        self._run()
        self.assertEqual(
            self._told(deal, "stage_id", "user_id", "expected_revenue", "status"),
            [
                (0, 3, self.meet, colleague, 80, "open"),
                (3, 5, self.meet, rep, 150, "open"),
                (5, 9, self.prove, rep, 150, "open"),
                (9, None, self.won, rep, 150, "won"),
            ],
        )
        rows = self._rows(deal)
        self.assertEqual(set(rows.mapped("origin")), {"backfill"})
        days = [self._day(0), self._day(0), self._day(5), self._day(9)]
        self.assertEqual(rows.mapped("stage_since"), days)
        self.assertEqual([row.dwell // 86400 for row in rows], [0, 5, 4, 0])
        self.assertEqual(rows[1].next_stage_id, self.prove)
        self.assertEqual(rows[2].next_status, "won")
        self.assertFalse(rows[0].next_stage_id)
        # Odoo does not track these: known only from the last change on.
        self.assertEqual(
            [bool(row.date_deadline) for row in rows], [False] * 3 + [True]
        )
        self.assertEqual(rows.mapped("forecast_category")[-2:], ["pipeline", "closed"])

    def test_present_needs_no_further_row(self):
        """The last rebuilt row is the present one: a check finds nothing to add."""
        deal = self._old_deal()
        self._track(deal, 2, stage_id=(self.prove.id, self.meet.id))
        self._run()
        found = self.env["sales.pipeline.history"]._record(SQL("l.id = %s", deal.id))
        self.assertFalse(found)
        self.assertEqual(
            self._told(deal, "stage_id"), [(0, 2, self.prove), (2, None, self.meet)]
        )

    def test_without_tracking(self):
        deal = self._old_deal()
        self._run()
        self.assertEqual(
            self._told(deal, "stage_id", "expected_revenue", "status"),
            [(0, None, self.meet, 100, "open")],
        )

    def test_untracked_move_and_closing(self):
        """The deal itself knows when it entered its stage and when it was closed."""
        moved = self._old_deal(stage=self.prove, date_last_stage_update=self._day(4))
        won = self._old_deal(
            stage=self.won,
            won_status="won",
            probability=100,
            date_closed=self._day(6),
            date_last_stage_update=self._day(6, milliseconds=-300),
        )
        lost = self._old_deal(
            won_status="lost", probability=0, active=False, date_closed=self._day(7)
        )
        job = self._run()
        nothing = self.env["crm.stage"]
        self.assertEqual(
            self._told(moved, "stage_id"), [(0, 4, nothing), (4, None, self.prove)]
        )
        self.assertEqual(
            self._told(won, "stage_id", "status"),
            [(0, 6, nothing, "open"), (6, None, self.won, "won")],
        )
        self.assertEqual(
            self._told(lost, "stage_id", "status"),
            [(0, 7, self.meet, "open"), (7, None, self.meet, "lost")],
        )
        self.assertEqual((job.stage_count, job.status_count), (2, 0))

    def test_lost_and_restored(self):
        deal = self._old_deal()
        self._track(deal, 2, active=(1, 0), won_status=("Pending", "Lost"))
        self._track(deal, 5, active=(0, 1), won_status=("Lost", "Pending"))
        self._run()
        self.assertEqual(
            self._told(deal, "status"),
            [(0, 2, "open"), (2, 5, "lost"), (5, None, "open")],
        )

    def test_before_odoo_tracked_won_and_lost(self):
        """Only moves and archiving tell: day 2 lost, day 3 back, day 8 won."""
        deal = self._old_deal(
            stage=self.won, won_status="won", probability=100, date_closed=self._day(8)
        )
        self._track(deal, 2, active=(1, 0))
        self._track(deal, 3, active=(0, 1))
        self._track(deal, 8, stage_id=(self.meet.id, self.won.id))
        self._run()
        self.assertEqual(
            self._told(deal, "status", "stage_id"),
            [
                (0, 2, "open", self.meet),
                (2, 3, "lost", self.meet),
                (3, 8, "open", self.meet),
                (8, None, "won", self.won),
            ],
        )

    def test_archived_without_being_lost(self):
        """Since won and lost are tracked, archiving alone does not mean lost."""
        other = self._old_deal("Lost")
        self._track(other, 1, active=(1, 0), won_status=("Pending", "Lost"))
        deal = self._old_deal()
        self._track(deal, 4, active=(1, 0))
        self._track(deal, 5, active=(0, 1))
        self._run()
        self.assertEqual(self._told(deal, "status"), [(0, None, "open")])

    def test_words_in_another_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        field = self.env["ir.model.fields"]._get("crm.lead", "won_status")
        lost = field.selection_ids.filtered(lambda word: word.value == "lost")
        lost.with_context(lang="fr_FR").name = "Perdue"
        deal = self._old_deal(won_status="lost", probability=0, active=False)
        self._track(deal, 3, won_status=("En attente ?", "Perdue"))
        self._run()
        self.assertEqual(
            self._told(deal, "status"), [(0, 3, "open"), (3, None, "lost")]
        )

    def test_same_second_and_several_values(self):
        deal = self._old_deal(expected_revenue=30, stage=self.close)
        self._track(deal, 2, stage_id=(self.meet.id, self.prove.id))
        self._track(
            deal,
            2,
            stage_id=(self.prove.id, self.close.id),
            expected_revenue=(10, 20),
        )
        self._track(deal, 2, expected_revenue=(20, 30))
        self._run()
        self.assertEqual(
            self._told(deal, "stage_id", "expected_revenue"),
            [(0, 2, self.meet, 10), (2, None, self.close, 30)],
        )

    def test_older_than_the_deal_and_from_the_future(self):
        deal = self._old_deal(expected_revenue=30)
        self._track(deal, -5, expected_revenue=(10, 20))
        self._track(
            deal,
            datetime.utcnow().replace(microsecond=0) + timedelta(days=400),
            expected_revenue=(20, 30),
        )
        self._run()
        rows = self._rows(deal)
        self.assertEqual(rows.mapped("expected_revenue"), [20, 30])
        self.assertEqual(rows[0].date_from, self._day(0))
        self.assertLess(rows[1].date_from, datetime.utcnow() + timedelta(seconds=1))

    def test_gone_records(self):
        deal = self._old_deal()
        gone = 2_000_000_000
        self._track(
            deal, 2, stage_id=(gone, self.meet.id), team_id=(gone, self.north.id)
        )
        self._track(deal, 4, user_id=(gone, self.rep_user.id))
        self._track(deal, 6, team_id=(self.north.id, self.retail.id))
        job = self._run()
        self.assertEqual(
            self._told(deal, "stage_id", "team_id", "user_id"),
            [
                (
                    0,
                    2,
                    self.stages.browse(),
                    self.world.browse(),
                    self.env["res.users"],
                ),
                (2, 4, self.meet, self.north, self.env["res.users"]),
                (4, 6, self.meet, self.north, self.rep_user),
                (6, None, self.meet, self.retail, self.rep_user),
            ],
        )
        self.assertEqual(job.stage_count, 1)

    def test_contradiction_trusts_new_values(self):
        """20 → 50 follows 10 → 30; and the deal says 70 now."""
        deal = self._old_deal(expected_revenue=70)
        self._track(deal, 2, expected_revenue=(10, 30))
        self._track(deal, 4, expected_revenue=(20, 50))
        job = self._run()
        self.assertEqual(
            self._told(deal, "expected_revenue"),
            [(0, 2, 10), (2, 4, 30), (4, None, 70)],
        )
        self.assertEqual(job.amount_count, 1)

    def test_unset_values(self):
        deal = self._old_deal(user_id=None)
        self._track(deal, 2, user_id=(0, self.rep_user.id))
        self._track(deal, 4, user_id=(self.rep_user.id, 0))
        self._run()
        nobody = self.env["res.users"]
        self.assertEqual(
            self._told(deal, "user_id"),
            [(0, 2, nobody), (2, 4, self.rep_user), (4, None, nobody)],
        )

    def test_change_without_effect_makes_no_row(self):
        deal = self._old_deal()
        self._track(deal, 2, expected_revenue=(100, 100))
        self._run()
        self.assertEqual(len(self._rows(deal)), 1)

    def test_converted_lead(self):
        """The pipeline begins with the conversion, in the shape it had by then."""
        known = self._old_deal(date_conversion=self._day(3), expected_revenue=40)
        told = self._old_deal(expected_revenue=40)
        for deal in (known, told):
            self._track(deal, 1, expected_revenue=(10, 40))
        self._track(told, 5, type=("Lead", "Opportunity"))
        lead = self._old_deal(type="lead")
        self._run()
        self.assertEqual(self._told(known, "expected_revenue"), [(3, None, 40)])
        self.assertEqual(self._told(told, "expected_revenue"), [(5, None, 40)])
        self.assertFalse(self._rows(lead))

    def test_merged_messages_tell_another_story(self):
        deal = self._old_deal()
        self._track(deal, 2, subject="From Other", expected_revenue=(1, 9))
        self._run()
        self.assertEqual(self._told(deal, "expected_revenue"), [(0, None, 100)])

    def test_tracked_closing_date(self):
        """Where a customisation tracks the closing date, it is known."""
        deal = self._old_deal(date_deadline="2024-03-01")
        self._track(deal, 2, date_deadline=(datetime(2024, 2, 1), datetime(2024, 3, 1)))
        job = self._run()
        dates = [str(row.date_deadline) for row in self._rows(deal)]
        self.assertEqual(dates, ["2024-02-01", "2024-03-01"])
        self.assertEqual((job.deadline_count, job.probability_count), (0, 1))

    def test_live_rows_are_kept(self):
        """Touched between installation and job: the past ends at the first live row."""
        deal = self._old_deal(stage=self.prove)
        self._track(deal, 2, stage_id=(self.meet.id, self.prove.id))
        self._track(deal, 10, expected_revenue=(60, 100))
        self._record_at(10, deal, milliseconds=400)
        deal.with_context(tracking_disable=True).expected_revenue = 500
        self._record_at(14, deal)
        live = self._rows(deal)
        self.assertEqual(live[0].stage_since, live[0].date_from)
        self._run()
        rows = self._rows(deal)
        self.assertEqual(rows[2:], live)
        self.assertEqual(rows.mapped("origin"), ["backfill"] * 2 + ["live"] * 2)
        self.assertEqual(
            [(row.date_from, row.date_to, row.expected_revenue) for row in rows[:2]],
            [
                (self._day(0), self._day(2), 60),
                (self._day(2), live[0].date_from, 60),
            ],
        )
        # The stay in the stage began before the recording did.
        self.assertEqual(live.mapped("stage_since"), [self._day(2)] * 2)
        self.assertFalse(rows[1].next_stage_id)

    def test_live_stay_that_ended_gets_its_whole_length(self):
        deal = self._old_deal(stage=self.prove)
        self._record_at(10, deal)
        deal.with_context(tracking_disable=True).stage_id = self.close
        self._record_at(14, deal)
        self._run()
        rows = self._rows(deal)
        self.assertEqual(rows.mapped("dwell"), [0, 14 * 86400, 0])
        self.assertEqual(rows.mapped("stage_since")[1], self._day(0))

    def test_deals_that_came_later_are_left_alone(self):
        self._old_deal("Before")
        installed = self._max_id()
        later = self._old_deal("After")
        self._record_at(3, later)
        job = self._go_on(self.jobs._start(installed))
        self.assertEqual(job.total_count, 1)
        self.assertEqual(self._rows(later).mapped("origin"), ["live"])

    def test_resume_after_a_kill(self):
        """Three batches: the second run only does what the first left."""
        deals = [self._old_deal(f"Deal {index}") for index in range(5)]
        self.env.flush_all()
        job = self.jobs._start(self._max_id())
        job._begin()
        self.assertEqual(job._step(2), 2)
        self.assertEqual((job.state, job.progress), ("running", 40))
        first = self._rows(deals[0])
        # The cursor is lost, e.g. with a database restored: rows say what is done.
        job.last_id = 0
        while job._step(2):
            pass
        self._check_chain()
        self.assertEqual((job.state, job.progress), ("done", 100))
        self.assertEqual((job.rebuilt_count, job.row_count), (5, 5))
        self.assertEqual(self._rows(deals[0]), first)

    def test_again_changes_nothing(self):
        deal = self._old_deal()
        self._run()
        rows = self._rows(deal)
        job = self._run()
        self.assertEqual((job.total_count, job.row_count), (0, 0))
        self.assertEqual(self._rows(deal), rows)

    @mute_logger("odoo.addons.sales_process.models.pipeline.sales_pipeline_backfill")
    def test_failing_batch_is_reported_and_tried_again(self):
        for index in range(4):
            self._old_deal(f"Deal {index}")
        self.env.flush_all()
        job = self.jobs._start(self._max_id())
        job._begin()
        statement = type(job)._statement

        def fail_first(self, lead_ids):
            if not self.last_id:
                raise ValueError("Disk full")
            return statement(self, lead_ids)

        with (
            patch.object(type(job), "_statement", fail_first),
            patch.object(self.env.cr, "rollback", lambda: None),
        ):
            job._continue(lambda count: 60, size=2)
        self.assertEqual((job.state, job.last_error), ("failed", "Disk full"))
        self.assertEqual((job.failed_count, job.rebuilt_count), (2, 2))
        job.with_user(self.director_user).action_retry()
        self.assertEqual(job.state, "waiting")
        self._go_on(job)
        self.assertEqual((job.state, job.rebuilt_count), ("done", 4))
        self.assertEqual((job.done_count, job.total_count), (4, 4))
        with self.assertRaises(UserError):
            job.with_user(self.director_user).action_retry()

    def test_cron(self):
        deal = self._old_deal()
        job = self.jobs._start(deal.id)
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("sales_process.pipeline_backfill_cron").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(job.state, "done")
        self.assertEqual(len(self._rows(deal)), 1)

    def test_the_planner_knows_the_new_rows(self):
        """Three deals of several moves: PostgreSQL expects as many rows as written."""
        for name in "ABC":
            deal = self._old_deal(name, stage=self.close)
            for day in (1, 2, 3):
                self._track(deal, day, expected_revenue=(100 + day, 101 + day))
        self._run()
        planned, count = planned_rows(self.env)
        self.assertGreater(count, 3)
        self.assertEqual(planned, count)

    def test_report(self):
        self.assertIn("within a minute", self.jobs.new({"state": "waiting"}).report)
        deal = self._old_deal(expected_revenue=70, day=1)
        self._track(deal, 2, expected_revenue=(10, 30))
        self._old_deal(day=3)
        job = self._run()
        self.assertEqual(job.date_first, self._day(1))
        self.assertEqual((job.rebuilt_count, job.row_count), (2, 3))
        self.assertIn("2 deals have a past again, told in 3 rows", job.report)
        self.assertIn("expected revenue was changed without a trace: 1", job.report)
        self.assertIn("no earlier expected closing date", job.report)
        self.assertNotIn("salesperson", job.report)

    def test_nobody_to_rebuild(self):
        job = self._run()
        self.assertEqual((job.state, job.progress), ("done", 100))
        self.assertIn("no deals", job.report)

    def test_who_may(self):
        job = self.jobs._start()
        for user in (self.director_user, self.designer_user):
            self.assertEqual(job.with_user(user).state, "waiting")
            with self.assertRaises(AccessError):
                job.with_user(user).state = "done"
            with self.assertRaises(AccessError):
                job.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.jobs.with_user(user).create({})
        for user in (self.rep_user, self.leader_user, self.accountant_user):
            with self.assertRaises(AccessError):
                job.with_user(user).read(["state"])
        with self.assertRaises(AccessError):
            self.jobs.with_user(self.designer_user).action_start()
        job.state = "done"
        self.jobs.with_user(self.director_user).action_start()
        self.assertEqual(self.jobs.search_count([("state", "=", "waiting")]), 1)

    def test_queries_do_not_grow(self):
        counts = []
        for number in (3, 6):
            for index in range(number):
                deal = self._old_deal(f"Deal {index}")
                self._track(deal, 2, expected_revenue=(1, 100))
            self.env.flush_all()
            job = self.jobs._start(self._max_id())
            job._begin()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            job._step()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])


@tagged("post_install", "-at_install")
class TestPipelineReconcile(BackfillCase):
    """A nightly check says what it mended, and is silent when there was nothing."""

    def _check(self):
        self.env.flush_all()
        job = self.jobs._reconcile_job()
        while job._reconcile_step(2):
            pass
        job._reconcile_finish()
        self.env.invalidate_all()
        return job.exists()

    def test_says_what_it_mended(self):
        deals = [self._old_deal(f"Deal {index}") for index in range(3)]
        for deal in deals[:2]:
            self._record_at(0, deal)
        self.env.cr.execute(
            SQL(
                "UPDATE crm_lead SET probability = 77, expected_revenue = 5"
                " WHERE id = %s",
                deals[0].id,
            )
        )
        self.env.invalidate_all()
        job = self._check()
        self.assertEqual((job.kind, job.state), ("reconcile", "done"))
        self.assertEqual(job.rebuilt_count, 2)
        self.assertEqual((job.probability_count, job.amount_count), (1, 1))
        self.assertEqual((job.missing_count, job.stage_count), (1, 0))
        self.assertIn("Probability: 1", job.report)
        self.assertIn("Without any history: 1", job.report)

    def test_silent_when_nothing_was_mended(self):
        deal = self._old_deal()
        self._record_at(0, deal)
        self.assertFalse(self._check())
        self.assertFalse(self.jobs.search([("kind", "=", "reconcile")]))

    def test_leaves_deals_to_the_rebuilding(self):
        deal = self._old_deal()
        self.jobs._start(deal.id)
        self.assertFalse(self._check())
        self.assertFalse(self._rows(deal))

    def test_resumes(self):
        for index in range(3):
            self._old_deal(f"Deal {index}")
        job = self.jobs._reconcile_job()
        job.stop_id = self._max_id()
        job.last_id = job.stop_id - 3
        job._reconcile_step(1)
        self.assertEqual(self.jobs._reconcile_job(), job)
        self.assertEqual(job.rebuilt_count, 1)

    def test_cron(self):
        deal = self._old_deal()
        self.env.flush_all()
        with self.enter_registry_test_mode():
            cron = self.env.ref("sales_process.ir_cron_pipeline_reconcile")
            cron.method_direct_trigger()
        self.env.invalidate_all()
        job = self.jobs.search([("kind", "=", "reconcile")])
        self.assertEqual((job.state, job.missing_count), ("done", 1))
        self.assertTrue(self._rows(deal))


@tagged("post_install", "-at_install")
class TestPipelineImportHistory(IntakeCase):
    """Imported deals: dates of the file at noon UTC, no stage made up."""

    def _import(self, *lines, **more):
        run = self.checked(self.deals(*lines, **more))
        run.action_import()
        run._as_confirmed()._process_batches()
        self.env.flush_all()
        self.env.cr.execute(SQL("SET CONSTRAINTS ALL IMMEDIATE"))
        self.env.cr.execute(SQL("SET CONSTRAINTS ALL DEFERRED"))
        leads = self.env["crm.lead"].with_context(active_test=False)
        return leads.search([("sales_import_id", "=", run.id)], order="id")

    def _told(self, deal):
        rows = self.env["sales.pipeline.history"].search(
            [("lead_id", "=", deal.id), ("origin", "=", "import")], order="date_from"
        )
        return [
            (
                row.date_from.strftime("%m-%d %H"),
                row.date_to and row.date_to.strftime("%m-%d %H"),
                row.stage_id,
                row.status,
                row.expected_revenue,
            )
            for row in rows
        ]

    def test_closed_deals(self):
        nothing = self.env["crm.stage"]
        won, lost = self._import(
            "D1,Lumber,Desk,Ann,Won,2024-01-10,2024-03-01,500",
            "D2,Lumber,Desk,Ann,Lost,2024-01-10,2024-02-01,300",
        )
        self.assertEqual(
            self._told(won),
            [
                ("01-10 12", "03-01 12", nothing, "open", 500),
                ("03-01 12", False, self.won, "won", 500),
            ],
        )
        self.assertEqual(
            self._told(lost),
            [
                ("01-10 12", "02-01 12", nothing, "open", 300),
                ("02-01 12", False, self.second, "lost", 300),
            ],
        )
        rows = self.env["sales.pipeline.history"].search([("lead_id", "=", won.id)])
        self.assertEqual(len(rows), 2)
        self.assertEqual(sum(rows.mapped("dwell")), 51 * 86400)

    ENGAGED = "deal_id,account,product,sales_agent,deal_stage,engage_date,close_date,"
    ENGAGED += "close_value"

    def _put_in_process(self):
        return self.env["sales.process"].create(
            {
                "name": "Imported",
                "stage_ids": [
                    Command.create({"stage_id": stage.id, "sequence": index})
                    for index, stage in enumerate(self.first | self.second | self.won)
                ],
            }
        )

    def test_funnel_of_imported_deals(self):
        """Engaged on the 10th: won after 20 days, lost after 10, one still there."""
        self.env["sales.process"].search([]).write({"state": "retired"})
        process = self._put_in_process()
        self.env.company.sales_default_process_id = process
        won, lost, there = self._import(
            "D1,Lumber,Desk,Ann,Won,2024-01-10,2024-01-30,500",
            "D2,Lumber,Desk,Ann,Lost,2024-01-10,2024-01-20,300",
            "D3,Lumber,Desk,Ann,Engaging,2024-01-10,,300",
            header=self.ENGAGED,
        )
        self.assertEqual(
            self._told(won),
            [
                ("01-10 12", "01-30 12", self.second, "open", 500),
                ("01-30 12", False, self.won, "won", 500),
            ],
        )
        self.assertEqual(
            self._told(lost),
            [
                ("01-10 12", "01-20 12", self.second, "open", 300),
                ("01-20 12", False, self.second, "lost", 300),
            ],
        )
        rows = (won | lost | there).sales_history_ids
        self.assertEqual(rows.sales_process_id, process)
        self.assertTrue(all(row.sales_process_id for row in rows))
        report = self.env["sales.funnel.report"].with_user(self.manager)
        funnel = report.get_funnel({"process_id": process.id})
        stage = funnel["stages"][1]
        self.assertEqual(
            [stage[name] for name in ("entered", "advanced", "lost", "still_there")],
            [3, 1, 1, 1],
        )
        # Two of three left: after 10 days a third, after 20 days two thirds.
        self.assertEqual(stage["median_days"], 20)
        self.assertEqual((funnel["totals"]["won"], funnel["totals"]["lost"]), (1, 1))

    def test_lost_in_several_stages_says_nothing_of_won_deals(self):
        run = self.checked(
            self.deals(
                "D1,Lumber,Desk,Ann,Won,2024-01-10,2024-01-30,500",
                "D2,Lumber,Desk,Ann,Lost,2024-01-10,2024-01-20,300",
                "D3,Lumber,Desk,Ann,Gone,2024-01-10,2024-01-20,300",
                header=self.ENGAGED,
            )
        )
        gone = self.value(run, "stage", "gone")
        gone.write({"outcome": "lost", "stage_id": self.first.id})
        self.assertNotIn(("stage", "won"), run._file_stages())
        gone.write({"stage_id": self.second.id})
        self.assertEqual(run._file_stages()["stage", "won"], self.second.id)

    def test_open_deals(self):
        nothing = self.env["crm.stage"]
        header = "deal_id,account,sales_agent,deal_stage,created,stage_entered,amount"
        one, two = self._import(
            "D1,Lumber,Ann,Engaging,2024-01-10,2024-02-01,500",
            "D2,Lumber,Ann,Prospecting,2024-01-10,,300",
            header=header,
        )
        self.assertEqual(
            [row[:4] for row in self._told(one)],
            [
                ("01-10 12", "02-01 12", nothing, "open"),
                ("02-01 12", self._told(one)[1][1], self.second, "open"),
            ],
        )
        self.assertEqual(
            self._told(two)[0][:1] + self._told(two)[0][2:],
            ("01-10 12", self.first, "open", 300),
        )

    def test_same_day_and_no_dates(self):
        same, none = self._import(
            "D1,Lumber,Desk,Ann,Won,2024-03-01,2024-03-01,500",
            "D2,Lumber,Desk,Ann,Engaging,,,300",
        )
        self.assertEqual(self._told(same), [("03-01 12", False, self.won, "won", 500)])
        rows = self.env["sales.pipeline.history"].search([("lead_id", "=", none.id)])
        self.assertEqual(rows[-1].origin, "import")
        self.assertEqual(rows[-1].stage_id, self.second)

    def test_the_planner_knows_the_new_rows(self):
        before = planned_rows(self.env)[1]
        self._import(
            *(f"D{n},Lumber,Desk,Ann,Engaging,2024-01-05,,5" for n in range(40))
        )
        planned, count = planned_rows(self.env)
        self.assertGreaterEqual(count, before + 40)
        self.assertEqual(planned, count)

    def test_nothing_is_pending_after_the_hook(self):
        history = self.env["sales.pipeline.history"]
        history._note([1, 2])
        history._forget_pending([1])
        pending = self.env.cr.precommit.data.pop("sales_pipeline_history")
        self.assertEqual(pending, {2})
