from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, tagged

from .test_pipeline_closing import NOON, ClosingCommon


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestPipelineClosingMissed(ClosingCommon):
    """Taking away a closing date that has passed does not end the question."""

    def _overdue(self, deals):
        return self.env["crm.lead"].search(
            [("id", "in", deals.ids), ("sales_closing_overdue", "=", True)]
        )

    def assertAsks(self, deal, asks=True):
        """The search, the deal, the report and the next to-do agree."""
        deal = self.env["crm.lead"].browse(deal.id)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(bool(self._overdue(deal)), asks)
        self.assertEqual(deal.sales_closing_overdue, asks)
        self.assertEqual(bool(deal.sales_closing_question), asks)
        self.assertEqual(bool(self._report(self.director_user, deal)), asks)
        self._ask()
        self.assertEqual(len(self._todos(deal)), int(asks))

    # === CHANNELS === #

    def test_write(self):
        deal = self._late()
        deal.with_user(self.rep_user).write({"date_deadline": False})
        self.assertAsks(deal)
        self.assertEqual(deal.sales_missed_closing, date(2024, 3, 10))
        self.assertEqual(deal.sales_days_overdue, 10)
        self.assertEqual(
            deal.sales_closing_question,
            "Was expected to close on 03/10/2024, 10 days ago. "
            "The date was taken away.",
        )

    def test_form(self):
        deal = self._late()
        with Form(deal.with_user(self.rep_user)) as form:
            form.date_deadline = False
        self.assertAsks(deal)

    def test_mass_edit(self):
        """Of three in one write, one had a date to come and one had none."""
        late = self._late()
        ahead = self._late("Ahead", date_deadline="2024-03-20")
        none = self._deal("None", date_deadline=False)
        deals = late | ahead | none
        deals.with_user(self.rep_user).web_save_multi(
            [{"date_deadline": False}] * 3, {}
        )
        self.assertEqual(self._overdue(deals), late)
        self.assertEqual(
            deals.mapped("sales_missed_closing"), [date(2024, 3, 10), False, False]
        )

    def test_import(self):
        deal = self._late()
        deal.export_data(["id"])  # gives it an external id
        found = deal.with_user(self.director_user).load(
            [".id", "date_deadline"], [[str(deal.id), ""]]
        )
        self.assertEqual(found["ids"], deal.ids, found["messages"])
        self.assertFalse(deal.date_deadline)
        self.assertAsks(deal)

    def test_handed_over_without_a_date(self):
        deal = self._late()
        deal.with_user(self.rep_user).write(
            {"date_deadline": False, "user_id": self.stranger_user.id}
        )
        self.assertAsks(deal)

    def test_merged_away(self):
        """The answer is owed by the deal that is left."""
        deal, other = self._late(), self._deal("Fresh", date_deadline=False)
        other.stage_id = self.close  # the surer one is the one that stays
        deal.date_deadline = False
        (other | deal).merge_opportunity(auto_unlink=False)
        self.assertEqual(other.sales_missed_closing, date(2024, 3, 10))
        deal.unlink()
        self.assertAsks(other)

    def test_merged_with_a_date(self):
        deal, other = self._late(), self._deal("Fresh", date_deadline="2024-06-01")
        other.stage_id = self.close
        deal.date_deadline = False
        (other | deal).merge_opportunity()
        self.assertFalse(other.sales_missed_closing)
        self.assertAsks(other, False)

    def test_lost_and_reopened_without_a_date(self):
        """Closed, it owes nothing; open again, it does."""
        deal = self._late()
        deal.action_set_lost()
        deal.date_deadline = False
        self.assertAsks(deal, False)
        deal.action_unarchive()
        self.assertAsks(deal)

    def test_nobody_sets_it_by_hand(self):
        deal = self._late().with_user(self.rep_user)
        with self.assertRaises(AccessError):
            deal.write({"sales_missed_closing": False})
        values = {"name": "New", "type": "opportunity"}
        with self.assertRaises(AccessError):
            deal.create({**values, "sales_missed_closing": "2020-01-01"})
        context = {"default_sales_missed_closing": "2020-01-01"}
        with self.assertRaises(AccessError):
            deal.with_context(**context).create(values)

    # === WHAT ENDS IT === #

    def test_a_date_in_the_future_answers(self):
        deal = self._late()
        self._ask()
        deal.date_deadline = False
        self.assertEqual(len(self._todos(deal)), 1)
        deal.date_deadline = "2024-04-01"
        self.assertFalse(deal.sales_missed_closing)
        self.assertFalse(self._todos(deal))
        self.assertAsks(deal, False)

    def test_a_date_in_the_past_does_not(self):
        """The 5th, then no date again: the 5th counts."""
        deal = self._late()
        deal.date_deadline = False
        deal.date_deadline = "2024-03-05"
        self.assertFalse(deal.sales_missed_closing)
        self.assertAsks(deal)
        deal.date_deadline = False
        deal.date_deadline = False
        self.assertEqual(deal.sales_missed_closing, date(2024, 3, 5))
        self.assertAsks(deal)

    def test_the_dialog_answers(self):
        deal = self._late().with_user(self.rep_user)
        deal.date_deadline = False
        action = deal.action_sales_new_closing_date()
        model = self.env[action["res_model"]].with_user(self.rep_user)
        with Form(model.with_context(**action["context"])) as form:
            self.assertEqual(form.old_date, date(2024, 3, 10))
            form.delay = "7"
            form.reason = "customer"
        form.record.action_apply()
        self.assertAsks(deal, False)
        self.assertIn("from 03/10/2024 to 03/27/2024", deal.message_ids[0].body)
        self.assertEqual(self._changes(deal).mapped("days"), [0, 17])

    def test_won_ends_it(self):
        deal = self._late()
        deal.date_deadline = False
        self._ask()
        deal.action_set_won()
        self.env.cr.flush()
        self.assertFalse(self._todos(deal))
        self.assertAsks(deal, False)

    def test_a_date_not_yet_due_asks_nothing(self):
        """Today is the last day; yesterday's date counts after the days of grace."""
        today = self._late(date_deadline="2024-03-20")
        yesterday = self._late(date_deadline="2024-03-19")
        self.company.sales_closing_grace_days = 1
        (today | yesterday).date_deadline = False
        self.assertFalse(self._overdue(today | yesterday))
        with freeze_time("2024-03-21 12:00:00"):
            self.assertAsks(yesterday)
            self.assertAsks(today, False)

    def test_a_copy_owes_nothing(self):
        deal = self._late()
        deal.date_deadline = False
        self.assertAsks(deal.copy(), False)

    # === WHO SEES IT === #

    def test_report(self):
        deal = self._late(expected_revenue=300)
        deal.date_deadline = False
        self._ask()
        self.env.flush_all()
        [row] = self._report(self.leader_user, deal)
        self.assertEqual(
            (row.date_deadline, row.taken_away, row.days_overdue, row.ask_count),
            (date(2024, 3, 10), True, 10, 1),
        )
        self.assertEqual((row.answer, row.escalated), ("silent", True))
        kept = self._late()
        self.assertFalse(self._report(self.leader_user, kept).taken_away)

    def test_bottlenecks_and_people(self):
        deal = self._late(expected_revenue=300)
        deal.date_deadline = False
        self.env.cr.flush()
        report = self.env["sales.funnel.report"].with_user(self.leader_user)
        options = {"process_id": self.process.id}
        found = report.get_bottlenecks(options)
        self.assertEqual(found["overdue"], {"count": 1, "amount": 300})
        action = report.action_open_bottleneck(options, "overdue")
        self.assertEqual(self.env["crm.lead"].search(action["domain"]), deal)
        rep = report.get_team_comparison(options)["lines"][1]
        self.assertEqual((rep["name"], rep["overdue"]), ("Rep", 1))

    def test_the_longest_waiting_come_last(self):
        """As with dates that are still there: the freshest first."""
        old, new = self._late(), self._late(date_deadline="2024-03-15")
        middle = self._late(date_deadline="2024-03-12")
        middle.date_deadline = False
        leads = self.env["crm.lead"]
        waiting = leads.search(leads._sales_to_ask_domain(), order="id")
        order = waiting._sales_freshest_first() & (old | new | middle)
        self.assertEqual(order, new | middle | old)

    def test_queries_do_not_grow(self):
        counts = []
        for number in (5, 10, 20):  # the first warms up
            deals = self.env["crm.lead"].concat(
                *(self._late(f"D{index}") for index in range(number))
            )
            self.env.cr.flush()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            deals.write({"date_deadline": False})
            self.env.cr.flush()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(self._overdue(deals), deals)
        self.assertEqual(counts[1], counts[2], counts)
