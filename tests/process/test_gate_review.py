from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..common import SalesProcessCommon


@tagged("post_install", "-at_install")
class TestGateReview(SalesProcessCommon):
    """Ways round the gate that a review found (architecture, rules 1 and 2)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.signoff = cls._criterion(cls.p_meet, name="Manager signed off")
        cls.budget = cls._fields_criterion(cls.p_prove, "expected_revenue")
        cls.deal = cls._deal()

    def _as_rep(self):
        return self.deal.with_user(self.rep_user)

    # === DEFAULTS === #

    def test_context_defaults_decide_no_evidence(self):
        rows = self.env["sales.evidence"].with_user(self.rep_user)
        rows = rows.with_context(
            default_state="verified",
            default_level="manager",
            default_source="buyer",
            default_verified_by_id=self.leader_user.id,
            default_partner_id=self.buyer.id,
            default_date_expiry="2099-01-01 00:00:00",
        )
        row = rows.create({"lead_id": self.deal.id, "criterion_id": self.signoff.id})
        self.assertEqual(
            (row.state, row.level, row.source), ("submitted", "self", "manual")
        )
        self.assertFalse(row.verified_by_id or row.partner_id or row.date_expiry)
        self.assertTrue(self.deal._sales_unmet_criteria(self.prove))

    def test_own_defaults_decide_no_evidence(self):
        defaults = self.env["ir.default"].with_user(self.rep_user)
        field = self.env["ir.model.fields"]._get("sales.evidence", "state")
        defaults.create(
            {
                "field_id": field.id,
                "user_id": self.rep_user.id,
                "json_value": '"verified"',
            }
        )
        row = self._submit(self.deal, self.signoff)
        self.assertEqual(row.state, "submitted")

    def test_context_defaults_import_no_stage(self):
        leads = self.env["crm.lead"].with_user(self.rep_user)
        leads = leads.with_context(default_sales_entry_stage_id=self.p_won.id)
        deal = leads.create(
            {
                "name": "Forged",
                "type": "opportunity",
                "user_id": self.rep_user.id,
                "team_id": self.retail.id,
                "sales_process_id": self.process.id,
            }
        )
        self.assertEqual(deal.sales_entry_stage_id, self.p_meet)
        with self.assertRaises(UserError):
            deal.write({"stage_id": self.prove.id})

    # === WON WITHOUT PROOF === #

    def test_won_lead_does_not_become_a_won_deal(self):
        lead = (
            self.env["crm.lead"]
            .with_user(self.rep_user)
            .create(
                {
                    "name": "Won as a lead",
                    "type": "lead",
                    "user_id": self.rep_user.id,
                    "team_id": self.retail.id,
                    "stage_id": self.won.id,
                    "probability": 100,
                }
            )
        )
        with self.assertRaises(UserError):
            lead.write({"type": "opportunity"})
        with self.assertRaises(UserError):
            lead.write({"type": "opportunity", "stage_id": self.won.id})

    def test_won_status_is_not_written(self):
        for values in ({"won_status": "won"}, {"won_status": "lost"}):
            with self.assertRaises(AccessError):
                self._as_rep().write(values)
            with self.assertRaises(AccessError):
                self._as_rep().create({"name": "Forged", **values})
        leads = self._as_rep().with_context(default_won_status="won")
        deal = leads.create({"name": "Forged", "type": "opportunity"})
        self.env.flush_all()
        self.assertEqual(deal.won_status, "pending")

    def test_deal_that_is_won_on_the_way_in(self):
        self.process.action_retire()
        deal = self._deal("Plain", stage_id=self.meet.id)
        self.process.state = "live"
        self.assertFalse(deal.sales_process_id)
        with self.assertRaises(UserError):
            deal.with_user(self.rep_user).write(
                {"sales_process_id": self.process.id, "stage_id": self.won.id}
            )

    def test_plain_deal_follows_the_process_of_the_team_it_joins(self):
        self.process.team_ids = self.retail
        for way in ({"team_id": self.retail.id}, {"user_id": self.rep_user.id}):
            deal = self._deal("Plain", team_id=self.south.id, user_id=False)
            self.assertFalse(deal.sales_process_id)
            deal.stage_id = self.prove
            deal.with_user(self.rep_user).write(way)
            self.assertEqual(deal.team_id, self.retail)
            self.assertEqual(deal.sales_process_id, self.process)
            self.assertEqual(deal.stage_id, self.prove)
            with self.assertRaises(UserError):
                deal.with_user(self.rep_user).action_set_won()

    def test_won_plain_deal_may_change_its_team(self):
        self.process.team_ids = self.retail
        deal = self._deal("Plain", team_id=self.south.id)
        deal.stage_id = self.won
        deal.with_user(self.rep_user).team_id = self.retail
        self.assertFalse(deal.sales_process_id)

    def test_won_stage_of_others_skips_nothing(self):
        process = self._create_process("Strict", self.stages, sequence=1)
        process.stage_ids[1].allow_skip = False
        deal = self._deal("Strict one")
        self.assertEqual(deal.sales_process_id, process)
        strange_win = self.env["crm.stage"].create(
            {"name": "Strange win", "sequence": 901, "is_won": True}
        )
        with self.assertRaises(UserError):
            deal.write({"stage_id": strange_win.id})

    def test_stage_ids_of_odd_types(self):
        for value in ([self.won.id], str(self.won.id), True):
            with self.subTest(value=value), self.assertRaises(Exception):  # noqa: B017
                self._as_rep().write({"stage_id": value})
        self.env.invalidate_all()
        self.assertEqual(self.deal.stage_id, self.meet)

    def test_same_process_again_imports_nothing(self):
        self.deal.action_sales_waive(self.signoff.ids, "Agreed by phone")
        self._as_rep().write({"stage_id": self.prove.id})
        self._as_rep().write({"sales_process_id": self.process.id})
        self.assertEqual(self.deal.sales_entry_stage_id, self.p_meet)

    def test_which_stages_win_is_fixed_while_deals_follow(self):
        """Also for a stage that holds no deal: the next one would be won in it."""
        for stage, is_won in ((self.prove, True), (self.won, False)):
            with self.assertRaises(UserError):
                stage.is_won = is_won
            stage.is_won = not is_won
        self.env["crm.stage"].create({"name": "Unused"}).is_won = True

    # === EVIDENCE === #

    def test_word_of_a_rep_fills_no_field(self):
        process = self._create_process("Fields", self.stages, sequence=1)
        criterion = self._fields_criterion(process.stage_ids[0], "expected_revenue")
        deal = self._deal("Empty one", expected_revenue=0)
        self._submit(deal, criterion)
        self.assertTrue(deal._sales_unmet_criteria(self.prove))

    def test_file_of_evidence_cannot_be_exchanged(self):
        files = self.env["ir.attachment"].with_user(self.rep_user)
        file = files.create(
            {
                "name": "minutes.txt",
                "raw": b"We met.",
                "res_model": "crm.lead",
                "res_id": self.deal.id,
            }
        )
        row = self._submit(self.deal, self.signoff, attachment_ids=file.ids)
        file.raw = b"We never met."
        file.unlink()
        self.assertEqual(row.sudo().attachment_ids.raw, b"We met.")

    def test_commands_of_the_deal_change_no_evidence(self):
        row = self._submit(self.deal, self.signoff)
        other = self._deal("Other")
        for command in (
            Command.update(row.id, {"state": "verified"}),
            Command.delete(row.id),
            Command.unlink(row.id),
            Command.clear(),
        ):
            with self.assertRaises(AccessError, msg=str(command)):
                self._as_rep().write({"sales_evidence_ids": [command]})
        with self.assertRaises(AccessError):
            other.with_user(self.rep_user).write(
                {"sales_evidence_ids": [Command.link(row.id)]}
            )

    # === FORGED FACTS === #

    def _mail(self, **values):
        return self.env["mail.message"].create(
            {
                "model": "crm.lead",
                "res_id": self.deal.id,
                "message_type": "email",
                "author_id": self.buyer.id,
                "email_from": self.buyer.email,
                **values,
            }
        )

    def _mail_deal(self):
        process = self._create_process("Mail", self.stages, sequence=1)
        self._criterion(process.stage_ids[0], "email")
        self.deal = self._deal("Mail")

    def test_message_of_the_system_becomes_no_mail_of_the_buyer(self):
        self._mail_deal()
        message = self._mail(
            message_type="notification", author_id=self.env.user.partner_id.id
        )
        try:
            message.with_user(self.rep_user).write(
                {
                    "message_type": "email",
                    "author_id": self.buyer.id,
                    "email_from": self.buyer.email,
                }
            )
        except AccessError:
            self.env.invalidate_all()
        self.assertTrue(self.deal._sales_unmet_criteria(self.prove))

    def test_old_mail_stays_old(self):
        self._mail_deal()
        message = self._mail(date=self._days_ago(9))
        self.assertTrue(self.deal._sales_unmet_criteria(self.prove))
        for record, values in (
            (message, {"date": self._days_ago(0)}),
            (self.deal, {"date_last_stage_update": self._days_ago(30)}),
        ):
            try:
                record.with_user(self.rep_user).write(values)
            except AccessError:
                self.env.invalidate_all()
            self.assertTrue(self.deal._sales_unmet_criteria(self.prove), values)

    def test_mail_fed_by_a_rep_does_not_count(self):
        self._mail_deal()
        self.portal_user.partner_id.write(
            {"parent_id": self.customer.id, "email": "portal@lumber.example"}
        )
        notice = self.deal.message_post(body="Offer", partner_ids=self.buyer.ids)  # pylint: disable=translation-required
        for sender in (self.buyer.email, "portal@lumber.example"):
            mail = (
                f"From: {sender}\nTo: x@x.example\nSubject: Yes\n"
                f"Message-Id: <{sender}.1>\nIn-Reply-To: {notice.message_id}\n"
                f"References: {notice.message_id}\n\nWe agree."
            )
            try:
                self.env["crm.lead"].with_user(self.rep_user).message_process(
                    "crm.lead", mail
                )
            except AccessError:
                self.env.invalidate_all()
            self.assertTrue(self.deal._sales_unmet_criteria(self.prove), sender)

    def test_committee_member_cannot_be_moved_to_a_deal_out_of_reach(self):
        theirs = self._deal(
            "Theirs", user_id=self.stranger_user.id, team_id=self.south.id
        )
        person = (
            self.env["sales.stakeholder"]
            .with_user(self.rep_user)
            .create(
                {
                    "lead_id": self.deal.id,
                    "partner_id": self.buyer.id,
                    "role": "champion",
                }
            )
        )
        with self.assertRaises(AccessError):
            person.write({"lead_id": theirs.id})

    def test_private_meeting_keeps_its_name(self):
        process = self._create_process("Talk", self.stages, sequence=1)
        criterion = self._criterion(process.stage_ids[0], "meeting")
        deal = self._deal("Talk")
        self.env["calendar.event"].with_user(self.rep_user).create(
            {
                "name": "About my health",
                "privacy": "private",
                "opportunity_id": deal.id,
                "start": self._days_ago(2),
                "stop": self._days_ago(1),
                "partner_ids": [Command.set(self.buyer.ids)],
            }
        )
        verdict = deal._sales_judge({deal: (0,)})[deal][criterion.id]
        self.assertEqual((verdict.state, verdict.fact.label), ("met", ""))

    # === COMPANIES === #

    def test_evidence_follows_its_deal_to_another_company(self):
        row = self._submit(self.deal, self.signoff)
        self.deal.company_id = False
        shared = self._submit(self.deal, self.signoff)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.deal.write({"team_id": False, "user_id": False, "company_id": company.id})
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["sales.evidence"].with_user(self.director_user)
        found = rows.search([("id", "in", (row | shared).ids)])
        found.web_read({"can_verify": {}, "team_id": {"fields": {"display_name": {}}}})
        self.assertFalse(found)

    # === SEARCH === #

    def test_search_deals_that_miss_nothing(self):
        leads = self.env["crm.lead"].with_user(self.rep_user)
        free = self._deal("Free")
        free.action_sales_waive(self.signoff.ids, "Agreed by phone")
        mine = ("id", "in", (self.deal | free).ids)
        for domain, found in (
            ([("sales_missing_criterion_ids", "!=", False)], self.deal),
            ([("sales_missing_criterion_ids", "=", False)], free),
            ([("sales_missing_criterion_ids", "=", self.signoff.id)], self.deal),
            ([("sales_missing_criterion_ids", "not in", self.signoff.ids)], free),
            ([("sales_missing_criterion_ids", "ilike", "signed")], self.deal),
            ([("sales_missing_criterion_ids", "not ilike", "signed")], free),
        ):
            with self.subTest(domain=domain):
                self.assertEqual(leads.search([mine, *domain]), found)

    # === QUERIES === #

    def _queries(self, function, *sizes):
        counts = []
        for size in sizes:
            deals = self.env["crm.lead"].browse()
            for number in range(size):
                deals |= self._deal(f"Deal {number}")
            self.env.flush_all()
            self.env.cr.precommit.run()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            function(deals)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        return counts

    def test_waiving_many(self):
        def waive(deals):
            deals.with_user(self.leader_user).action_sales_waive(
                self.signoff.ids, "Agreed by phone"
            )

        _warm, few, many = self._queries(waive, 2, 4, 8)
        self.assertEqual(few, many)

    def test_deciding_many(self):
        """Rows are decided together; the chatter notes each closed to-do by itself."""

        def decide(deals):
            handed_in = self.env["sales.evidence"].with_user(self.rep_user)
            rows = handed_in.create(
                [
                    {"lead_id": deal.id, "criterion_id": self.signoff.id}
                    for deal in deals
                ]
            )
            deals.activity_ids.unlink()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows.with_user(self.leader_user).action_verify()
            self.env.flush_all()
            decided.append(self.env.cr.sql_log_count - before)

        decided = []
        self._queries(decide, 2, 4, 8)
        self.assertEqual(*decided[1:])

    def test_reading_many(self):
        leads = self.env["crm.lead"].with_user(self.rep_user)
        names = [
            name
            for name in leads.fields_get(attributes=["type"])
            if name.startswith("sales_")
        ]
        self.assertIn("sales_exit_progress", names)

        def read(deals):
            deals.with_user(self.rep_user).read(names)

        _warm, few, many = self._queries(read, 2, 4, 8)
        self.assertEqual(few, many)

    def test_assigning_and_migrating_many(self):
        def assign(deals):
            deals.sales_process_id = False
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.process.action_assign_deals()
            self.env.flush_all()
            self.assigned.append(self.env.cr.sql_log_count - before)

        self.assigned = []
        self._queries(assign, 2, 20, 40)
        self.assertEqual(*self.assigned[1:])

    def test_people_and_decisions_in_lists(self):
        people = self.env["sales.stakeholder"]

        def read(deals):
            rows = people.create(
                [
                    {"lead_id": d.id, "partner_id": self.buyer.id, "role": "user"}
                    for d in deals
                ]
            )
            self.env["sales.evidence"].with_user(self.rep_user).create(
                [{"lead_id": d.id, "criterion_id": self.signoff.id} for d in deals]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows.with_user(self.rep_user).read(["last_contact", "email"])
            found = self.env["sales.evidence"].with_user(self.leader_user)
            found.search([("lead_id", "in", deals.ids)]).read(
                ["can_verify", "team_id", "lead_user_id", "criterion_name"]
            )
            self.listed.append(self.env.cr.sql_log_count - before)

        self.listed = []
        self._queries(read, 2, 4, 8)
        self.assertEqual(*self.listed[1:])
