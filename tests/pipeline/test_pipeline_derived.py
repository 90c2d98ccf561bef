import random
from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.pipeline.history_sql import derive
from .pipeline_common import PipelineCommon


@tagged("post_install", "-at_install")
class TestPipelineDerived(PipelineCommon):
    """What rows say of their neighbours, and the past that a process takes over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._create_process("Test", cls.stages)
        cls.second.write({"previous_version_id": cls.process.id, "version": 2})
        cls.other = cls._create_process("Other", cls.stages[1:])
        (cls.second + cls.other).state = "retired"  # they claim no deals
        cls.history = cls.env["sales.pipeline.history"]

    def _facts(self, deal):
        """Per row: day of entering the process, stages seen, next stage, days."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT process_since, stages_seen, next_stage_id, dwell
                  FROM sales_pipeline_history WHERE lead_id = %s ORDER BY date_from
                """,
                deal.id,
            )
        )
        return [
            (
                since and (since - self.START).days,
                seen,
                following,
                dwell and dwell / 86400,
            )
            for since, seen, following, dwell in rows
        ]

    def _set(self, deal, day, **values):
        deal._sales_engine_write(values)
        self._record_at(day, deal)

    def _derived(self, deals):
        return self.env.execute_query(derive(deals.ids))

    def test_facts_of_a_life(self):
        meet, prove, close, won = self.stages.ids
        deal = self._deal()
        self._record_at(0, deal)
        self._set(deal, 2, stage_id=prove)
        self._set(deal, 3, sales_process_id=self.second.id)
        self._set(deal, 5, stage_id=meet)
        self._set(deal, 6, sales_process_id=self.other.id, stage_id=close)
        self._set(deal, 9, sales_process_id=self.process.id)
        self._set(deal, 10, stage_id=won, probability=100)
        wanted = [
            (0, [meet], prove, 2),
            (0, [meet, prove], prove, 1),  # the version changed, not the process
            (0, [meet, prove], meet, 2),
            (0, [meet, prove], close, 1),
            (6, [close], close, 3),  # another process begins anew
            (0, [meet, prove, close], won, 1),  # and the first one goes on
            (0, [meet, prove, close], None, None),
        ]
        self.assertEqual(self._facts(deal), wanted)
        self.assertFalse(self._derived(deal), "the whole life says the same")
        self.env.cr.execute(
            SQL(
                "UPDATE sales_pipeline_history SET process_since = NULL,"
                " stages_seen = NULL, dwell = NULL, next_stage_id = NULL,"
                " next_status = NULL WHERE lead_id = %s",
                deal.id,
            )
        )
        self._derived(deal)
        self.assertEqual(self._facts(deal), wanted)

    def test_no_process(self):
        deal = self._deal()
        deal._sales_engine_write({"sales_process_id": False})
        self._record_at(0, deal)
        self.assertEqual(self._facts(deal), [(None, None, None, None)])

    def test_created_won(self):
        """Never open in the process: it did not enter."""
        deal = self._deal(stage_id=self.won.id, probability=100)
        self._record_at(0, deal)
        self.assertEqual(self._facts(deal), [(None, [], None, None)])

    def test_amended_row(self):
        """A second change at the same moment: the row before tells of it too."""
        deal = self._deal()
        self._record_at(0, deal)
        self._set(deal, 2, stage_id=self.prove.id)
        self._set(deal, 2, stage_id=self.close.id)
        self.assertEqual(
            self._facts(deal),
            [
                (0, [self.meet.id], self.close.id, 2),
                (0, [self.meet.id, self.close.id], None, None),
            ],
        )
        self.assertFalse(self._derived(deal))

    def test_random_lives(self):
        """Step by step or over the whole life: the same facts."""
        pick = random.Random(7)
        deals = self._deal() + self._deal() + self._deal()
        deals.sales_process_id = False
        processes = [False, *(self.process + self.second + self.other).ids]
        day = 0
        for _step in range(120):
            day += pick.choice([0, 0, 1, 2])
            values = {}
            if pick.random() < 0.5:
                values["sales_process_id"] = pick.choice(processes)
            if pick.random() < 0.6:
                stage = pick.choice(self.stages)
                values["stage_id"] = stage.id
                if stage.is_won:
                    values["probability"] = 100
            if values:
                self._set(pick.choice(deals), day, **values)
        self._check_chain()
        self.assertFalse(self._derived(deals))

    def _from_before(self, name, status="open"):
        """A deal that went from Meet to Prove outside any process, and ended there."""
        deal = self._deal(name)
        deal._sales_engine_write(
            {"sales_process_id": False, "sales_entry_stage_id": False}
        )
        self.env.cr.execute(
            SQL("DELETE FROM sales_pipeline_history WHERE lead_id = %s", deal.id)
        )
        self._record_at(0, deal)
        self._set(deal, 4, stage_id=self.prove.id)
        if status == "lost":
            deal.action_set_lost()
            self._record_at(9, deal)
        elif status == "won":
            self._set(deal, 9, stage_id=self.won.id, probability=100)
        return deal

    def test_process_takes_over_the_past(self):
        here, lost, won = (
            self._from_before(name, name) for name in ("open", "lost", "won")
        )
        rows = len(self._rows(here))
        self.process.with_user(self.designer_user).action_assign_deals()
        self.env.flush_all()
        self.history._write_pending()
        self.assertEqual(here.sales_process_id, self.process)
        self.assertFalse((lost + won).sales_process_id)
        self.assertEqual(
            self._facts(here)[:2],
            [
                (0, [self.meet.id], self.prove.id, 4),
                (0, [self.meet.id, self.prove.id], None, None),
            ],
        )
        self.assertEqual(len(self._rows(here)), rows, "nothing about the deal changed")

        self.process.with_user(self.designer_user).action_count_closed_deals()
        self.env.flush_all()
        self.history._write_pending()
        self.assertEqual((lost + won).sales_process_id, self.process)
        funnel = self.env["sales.funnel.report"].get_funnel(
            {"process_id": self.process.id}
        )
        meet, prove = funnel["stages"][:2]
        self.assertEqual((meet["entered"], meet["advanced"]), (3, 3))
        self.assertEqual(
            (prove["entered"], prove["advanced"], prove["lost"]), (3, 1, 1)
        )
        self.assertEqual(funnel["totals"]["won"], 1)
        for deal in lost + won:
            closed = self._rows(deal)[-1]
            self.assertEqual(closed.stage_since, self._day(9), "closed when it was")
        self._check_chain()

    def test_past_proves_nothing(self):
        """Deals from before the process say nothing about its exit criteria."""
        criterion = self._criterion(self.p_meet)
        for index in range(6):
            self._from_before(f"Won {index}", "won")
        self.process.action_count_closed_deals()
        lift = self.env["sales.funnel.report"].get_criterion_lift(
            {"process_id": self.process.id}
        )
        [line] = [c for c in lift["criteria"] if c["key"] == criterion.key]
        self.assertEqual((line["with_n"], line["without_n"]), (0, 0))
        deals = self.env["sales.funnel.report"].action_open_criterion(
            {"process_id": self.process.id}, criterion.key, "without"
        )
        leads = self.env["crm.lead"].with_context(active_test=False)
        self.assertFalse(leads.search(deals["domain"]))

    def test_only_designers_take_over(self):
        self._from_before("Lost", "lost")
        with self.assertRaisesRegex(Exception, "(?i)not allowed|access|modify"):
            self.process.with_user(self.rep_user).action_count_closed_deals()

    def test_takeover_speed(self):
        """The number of queries does not grow with the deals."""
        counts = []
        for number in (3, 6):
            for index in range(number):
                self._from_before(f"Lost {number} {index}", "lost")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.process.action_count_closed_deals()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_day_of_moment(self):
        """The clock went back: the later row stays the last one."""
        deal = self._deal()
        self._record_at(5, deal)
        deal._sales_engine_write({"stage_id": self.prove.id})
        self.history._record(
            SQL("l.id = %s", deal.id), moment=self._day(5) - timedelta(seconds=3)
        )
        self.assertEqual(self._rows(deal).stage_id, self.prove)
