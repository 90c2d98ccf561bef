from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .collection_common import CollectionCommon


@tagged("post_install", "-at_install")
class TestContractCollectionRoles(CollectionCommon):
    """Who sees what was sent and promised: whoever sees the instalment."""

    rule_tested_models = {
        "sales.reminder",
        "sales.reminder.line",
        "sales.reminder.rule",
        "sales.promise",
        "sales.hold.release",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people["portal"].partner_id.parent_id = cls.partner_a

    def setUp(self):
        super().setUp()
        self.own = self._owed(8)
        self.foreign = self._owed(
            8,
            user_id=self.people["stranger"].id,
            team_id=self.env["crm.team"].create({"name": "South"}).id,
            partner_id=self.partner_b.id,
        )
        self._run()
        for line in self.own | self.foreign:
            line._record_promise(10.0, self.today + timedelta(days=1))
        self.company.sales_hold_mode = "approval"
        self.company.sales_hold_days = 1
        for line in self.own | self.foreign:
            line.order_id._release_hold("Because")
        self.env.flush_all()
        self.env.invalidate_all()

    def _records(self, line):
        sent = line.reminder_line_ids
        return (
            sent.reminder_id,
            sent,
            line.promise_ids,
            line.order_id.sales_hold_release_ids,
        )

    def _assertSees(self, name, own, foreign):
        for mine, other in zip(
            self._records(self.own), self._records(self.foreign), strict=True
        ):
            found = self._as(name, mine.browse()).search([])
            self.assertEqual(mine in found, own, (name, mine))
            self.assertEqual(other in found, foreign, (name, other))
            if own:
                self._as(name, mine).read()
            if not foreign:
                with self.assertRaises(AccessError):
                    self._as(name, other).read(["display_name"])

    def test_rep(self):
        self._assertSees("rep", own=True, foreign=False)

    def test_leader(self):
        self._assertSees("leader", own=True, foreign=False)

    def test_stranger(self):
        self._assertSees("stranger", own=False, foreign=True)

    def test_director(self):
        self._assertSees("director", own=True, foreign=True)

    def test_accounting(self):
        for name in ("accountant", "auditor", "manager"):
            self._assertSees(name, own=True, foreign=True)

    def test_others_see_nothing(self):
        for name in ("employee", "portal"):
            for records in self._records(self.own):
                with self.assertRaises(AccessError):
                    self._as(name, records).read(["display_name"])

    def test_other_company(self):
        other = self.setup_other_company()["company"]
        clerk = self.people["accountant"]
        clerk.write({"company_ids": [(4, other.id)], "company_id": other.id})
        for records in self._records(self.own):
            mine = records.with_user(clerk).with_context(allowed_company_ids=other.ids)
            self.assertFalse(mine.search([("id", "in", records.ids)]))

    def test_log_is_written_by_nobody(self):
        for name in ("rep", "leader", "director", "accountant", "manager"):
            for records in self._records(self.own):
                with self.assertRaises(AccessError):
                    self._as(name, records).write({"write_date": False})
                with self.assertRaises(AccessError):
                    self._as(name, records).unlink()
                with self.assertRaises(AccessError):
                    self._as(name, records.browse()).create({})
            for field in ("reminder_error", "collector_id", "date_reminder_tried"):
                with self.assertRaises(AccessError):
                    self._as(name, self.own).write({field: False})

    def test_rules(self):
        for name in ("director", "manager"):
            self._as(name, self.late).name = f"By {name}"
        for name in ("rep", "leader", "accountant", "auditor"):
            self.assertTrue(self._as(name, self.late).name)
            with self.assertRaises(AccessError):
                self._as(name, self.late).name = "Mine"
        for name in ("employee", "portal"):
            with self.assertRaises(AccessError):
                self._as(name, self.late).read(["name"])

    def test_who_reminds_and_records(self):
        day = self.today + timedelta(days=2)
        for name in ("rep", "leader", "director", "accountant"):
            with self.subTest(name=name):
                line = self._as(name, self.own)
                wizard = self.env["sales.reminder.send"].with_user(self.people[name])
                wizard = wizard.browse(line.action_remind()["res_id"])
                self.assertIn("1,150.00", wizard.preview)
                wizard.action_send()
                line._record_promise(10.0, day)
                line.promise_ids.filtered(
                    lambda promise: promise.state == "open"
                )._withdraw("No")
        for name in ("stranger", "auditor", "employee", "portal"):
            with self.subTest(name=name):
                line = self._as(name, self.own)
                for ask in (
                    line.action_remind,
                    line.action_record_promise,
                    lambda line=line: line._record_promise(10.0, day),
                    lambda line=line: line._remind_by_hand(self.late),
                ):
                    with self.assertRaises(AccessError):
                        ask()

    def test_dialogs_show_nothing_of_others(self):
        """A dialog filled by hand over RPC shows no instalment one may not see."""
        self.env.invalidate_all()
        for model, name in (
            ("sales.reminder.send", "preview"),
            ("sales.promise.record", "partner_id"),
        ):
            wizards = self.env[model].with_user(self.people["stranger"])
            with self.assertRaises(AccessError):
                wizards.create(
                    {
                        "plan_line_ids": [(6, 0, self.own.ids)],
                        **({"date_promised": self.today} if "record" in model else {}),
                    }
                ).read([name])

    def test_everybody_reads_the_next_step(self):
        for name in ("rep", "leader", "director", "accountant", "auditor"):
            self.env.invalidate_all()
            line = self._as(name, self.own)
            self.assertEqual(line.collection_action, "promise")
            line.read()
        self.env.invalidate_all()
        portal = self._as("portal", self.own)
        self.assertEqual(portal.amount, 1150.0)


@tagged("post_install", "-at_install")
class TestContractCollectionSpeed(CollectionCommon):
    """The daily job asks the database as often for two customers as for one."""

    def _customers(self, count):
        return self.env["res.partner"].create(
            [
                {"name": f"C{number}", "email": f"c{number}@c.example", "lang": "en_US"}
                for number in range(count)
            ]
        )

    def test_reminding(self):
        lines = self.env["sales.plan.line"]
        for customer in self._customers(20):
            lines |= self._owed(21, partner_id=customer.id)
        batches = lines[:4], lines[4:8], lines[8:16]
        counts = []
        for batch in batches:  # the first one fills the caches
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rules = dict.fromkeys(batch.sudo(), self.last)
            batch.sudo()._remind_daily(rules)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(self._sent(batch)), len(batch))
        self.assertEqual(counts[1], counts[2])

    def test_finding(self):
        lines = self.env["sales.plan.line"]
        for _number in range(4):
            lines |= self._owed(8)
        counts = []
        for _round in range(3):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = lines.sudo()._find_to_remind()
            lines.union(*found)._group_by_address()
            counts.append(self.env.cr.sql_log_count - before)
            if len(lines) == 4:
                self.assertEqual(len(found), 4)
                for _number in range(4):
                    lines |= self._owed(8)
            else:
                self.assertEqual(len(found), 8)
        self.assertLessEqual(counts[2], counts[0])

    def test_broken_promises(self):
        lines = self.env["sales.plan.line"]
        for customer in self._customers(12):
            lines |= self._owed(8, partner_id=customer.id)
        for line in lines:
            line._record_promise(10.0, self.today)
        promises = lines.promise_ids.sudo()
        counts = []
        for batch in (promises[:4], promises[4:6], promises[6:10]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            batch._report_broken()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
