import base64
from datetime import date, datetime
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...engine.tabular import read_table
from .intake_common import HEADER, IntakeCase

ALL_FILES = ("deals.csv", "customers.csv", "products.csv", "people.csv")


@tagged("post_install", "-at_install")
class TestPipelineImport(IntakeCase):
    """From the files in ``tests/data/intake`` to deals.

    The sample has twelve rows. Five are good: D1 won for 1,000.50, D2 lost, D3 and D4
    open, D8 won without an amount. Seven are rejected, each for another reason.
    """

    # === UPLOAD AND MAP === #

    def test_files_and_columns_are_recognised(self):
        run = self.upload(self.sample(*ALL_FILES))
        self.assertEqual(
            {file.name: (file.kind, file.row_count) for file in run.file_ids},
            {
                "deals.csv": ("deals", 12),
                "customers.csv": ("customers", 2),
                "products.csv": ("products", 2),
                "people.csv": ("people", 2),
            },
        )
        targets = {
            column.header: column.target
            for column in run.column_ids
            if column.file_id.kind == "deals"
        }
        self.assertEqual(
            targets,
            {
                "deal_id": "deals.external_id",
                "account": "deals.customer",
                "product": "deals.product",
                "sales_agent": "deals.salesperson",
                "deal_stage": "deals.stage",
                "created": "deals.date_created",
                "engage_date": "deals.date_entered",
                "close_date": "deals.date_closed",
                "close_value": "deals.amount",
            },
        )
        self.assertEqual((run.state, run.date_order), ("mapped", "mdy"))

    def test_what_was_decided_is_suggested_the_next_time(self):
        files = self.deals("D1,,,,Won,2024-01-05,2024-01-06,10")
        files["deals.csv"] = files["deals.csv"].replace(b"close_value", b"worth_it")
        run = self.upload(files)
        column = run.column_ids.filtered(lambda column: column.header == "worth_it")
        self.assertFalse(column.target)
        column.target = "deals.amount"
        self.value(run, "stage", "won").write({"outcome": "won", "stage_id": self.won})
        run.action_check()
        run.action_run_now()
        again = self.upload(files)
        column = again.column_ids.filtered(lambda column: column.header == "worth_it")
        self.assertEqual((column.target, column.origin), ("deals.amount", "memory"))
        self.assertEqual(self.value(again, "stage", "won").stage_id, self.won)

    def test_two_columns_cannot_go_to_one_field(self):
        run = self.upload(self.sample("deals.csv"))
        with self.assertRaisesRegex(UserError, "Two columns"):
            run.column_ids.filtered(
                lambda column: column.header == "engage_date"
            ).target = "deals.date_closed"

    def test_ambiguous_dates_are_asked_for(self):
        files = self.deals("D1,,,,Won,1/2/2024,3/4/2024,10")
        run = self.upload(files)
        self.choose_stages(run)
        self.assertFalse(run.date_order)
        with self.assertRaisesRegex(UserError, "two ways"):
            run.action_check()
        run.date_order = "dmy"
        run.action_check()
        run.action_run_now()
        self.assertEqual(self.lead(run, "D1").date_closed.date(), date(2024, 4, 3))

    def test_unreadable_files_are_refused_in_words(self):
        with self.assertRaisesRegex(UserError, "old Excel"):
            self.upload({"deals.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99})
        with self.assertRaisesRegex(UserError, "one file has to hold the deals"):
            self.upload(self.sample("customers.csv", "products.csv"))

    def test_xlsx_is_read_like_csv(self):
        rows = [
            HEADER.split(","),
            ["X1", None, None, None, "Won", datetime(2024, 1, 5), "2024-01-06", 12.5],
        ]
        run = self.imported({"deals.xlsx": self.xlsx(rows)})
        lead = self.lead(run, "X1")
        self.assertEqual(lead.expected_revenue, 12.5)
        self.assertEqual(lead.create_date.date(), date(2024, 1, 5))

    def test_files_can_be_read_again(self):
        run = self.upload(self.sample("deals.csv"))
        run.action_read()
        self.assertEqual((run.date_order, len(run.file_ids)), ("mdy", 1))
        self.assertEqual(len(run.column_ids), 9)

    def test_a_german_file(self):
        """Semicolons, Windows letters, day first, decimal comma, stage and status."""
        lines = (
            "Firma;Stage;Status;Created;Close Date;Amount",
            "Müller GmbH;Angebot;Gewonnen;20.12.2023;05.01.2024;1.234,50",
            "Müller GmbH;Angebot;Offen;21.12.2023;;99,9",
        )
        run = self.upload({"deals.csv": "\n".join(lines).encode("cp1252")})
        file = run.file_ids
        self.assertEqual((file.encoding, file.delimiter), ("cp1252", ";"))
        self.assertEqual((run.date_order, run.decimal_mark), ("dmy", ","))
        run.column_ids.filtered(
            lambda column: column.header == "Firma"
        ).target = "deals.customer"
        self.value(run, "stage", "angebot").write(
            {"outcome": "open", "stage_id": self.second.id}
        )
        self.assertEqual(self.value(run, "status", "gewonnen").outcome, "won")
        self.value(run, "status", "offen").outcome = "open"
        run.action_check()
        run.action_run_now()
        self.assertEqual(
            sorted(
                run.lead_ids.mapped(
                    lambda lead: (
                        lead.partner_id.name,
                        lead.expected_revenue,
                        lead.won_status,
                        lead.create_date.date(),
                    )
                )
            ),
            [
                ("Müller GmbH", 99.9, "pending", date(2023, 12, 21)),
                ("Müller GmbH", 1234.5, "won", date(2023, 12, 20)),
            ],
        )
        again = self.checked({"deals.csv": "\n".join(lines).encode("cp1252")})
        self.assertEqual(again.existing_count, 2, "recognised without an identifier")

    def test_a_stage_of_the_file_can_be_created(self):
        run = self.upload(self.deals("N1,,,,Waiting,2024-01-05,,10"))
        value = self.value(run, "stage", "waiting")
        self.assertTrue(value.is_undecided)
        value.write({"outcome": "open", "action": "create"})
        run.action_check()
        self.assertFalse(self.env["crm.stage"].search([("name", "=", "Waiting")]))
        run.action_run_now()
        self.assertEqual(self.lead(run, "N1").stage_id.name, "Waiting")

    # === DRY RUN === #

    def test_the_check_writes_nothing_else(self):
        models = (
            "crm.lead res.partner product.product crm.team res.users "
            "res.partner.industry product.category crm.stage ir.model.data"
        ).split()

        def counts():
            return {
                model: self.env[model].with_context(active_test=False).search_count([])
                for model in models
            }

        before = counts()
        run = self.checked(self.sample(*ALL_FILES))
        self.assertEqual(counts(), before)
        self.assertEqual(
            (run.state, run.row_count, run.deal_count, run.rejected_count),
            ("checked", 12, 5, 7),
        )
        self.assertEqual((run.summary["first"], run.summary["last"]), _SPAN)
        statuses = {
            s["name"]: (s["count"], s["amount"]) for s in run.summary["statuses"]
        }
        self.assertEqual(
            statuses,
            {
                "Won": (2, 1000.5),
                "Lost": (1, 0),
                "Engaging": (1, 500),
                "Prospecting": (1, 0),
            },
        )

    def test_every_problem_by_row(self):
        run = self.checked(self.sample(*ALL_FILES))
        self.assertEqual(
            self.problems(run, "error"),
            [
                (6, "date_order"),
                (7, "date_unreadable"),
                (8, "amount_negative"),
                (9, "id_twice"),
                (11, "amount_currency"),
                (12, "status_open"),
                (13, "overlong"),
            ],
        )
        warnings = self.problems(run, "warning")
        self.assertIn((4, "customer_missing"), warnings)
        self.assertIn((5, "name_empty"), warnings)  # WidgetPlus
        self.assertIn((10, "salesperson_missing"), warnings)
        self.assertIn((10, "amount_missing"), warnings)
        product = run.problem_ids.filtered(lambda p: p.value == "WidgetPlus")
        self.assertIn("Widget Plus", product.reason)
        sector = run.problem_ids.filtered(lambda p: p.value == "technolgy")
        self.assertEqual((sector.row, sector.severity), (2, "warning"))
        self.assertIn("technology", sector.reason)

    def test_rows_without_customer_can_be_rejected(self):
        run = self.checked(self.sample("deals.csv"), missing_customer="reject")
        self.assertIn((4, "customer_missing"), self.problems(run, "error"))
        self.assertEqual(run.deal_count, 4)

    def test_a_change_makes_the_check_out_of_date(self):
        run = self.checked(self.sample("deals.csv"))
        run.missing_customer = "reject"
        self.assertEqual(run.state, "mapped")
        with self.assertRaisesRegex(UserError, "Check the file first"):
            run.action_import()

    def test_rejected_rows_come_back_fixed(self):
        run = self.imported(self.sample(*ALL_FILES))
        content = base64.b64decode(run.rejected_file)
        table = read_table(content, "rejected.xlsx")
        self.assertEqual(table.headers[:2], ["deal_id", "account"])
        self.assertEqual(table.headers[-2:], ["Row", "Reason"])
        self.assertEqual([row[-2] for row in table.rows], "6 7 8 9 11 12 13".split())
        rows = [table.headers, *[list(row) for row in table.rows[:1]]]
        rows[1][table.headers.index("created")] = "1/2/2024"
        again = self.checked({"fixed.xlsx": self.xlsx(rows)})
        again.date_order = "mdy"
        again.action_check()
        self.assertEqual((again.deal_count, again.rejected_count), (1, 0))
        again.action_run_now()
        self.assertEqual(self.lead(again, "D5").expected_revenue, 200)

    # === DEALS === #

    def test_deals_get_their_true_dates_and_outcome(self):
        run = self.imported(self.sample(*ALL_FILES))
        self.assertEqual((run.state, run.created_count), ("done", 5))
        won, lost, talking = (self.lead(run, key) for key in ("D1", "D2", "D3"))
        noon = {day: datetime(2024, 1, day, 12) for day in (5, 6, 8, 9, 10, 20)}
        self.assertRecordValues(
            won | lost | talking,
            [
                {
                    "won_status": "won",
                    "stage_id": self.won.id,
                    "active": True,
                    "probability": 100,
                    "expected_revenue": 1000.5,
                    "prorated_revenue": 1000.5,
                    "create_date": noon[5],
                    "date_last_stage_update": noon[20],
                    "date_closed": noon[20],
                    "day_close": 15,
                },
                {
                    "won_status": "lost",
                    "stage_id": self.second.id,
                    "active": False,
                    "probability": 0,
                    "expected_revenue": 0,
                    "prorated_revenue": 0,
                    "create_date": noon[5],
                    "date_last_stage_update": noon[8],
                    "date_closed": datetime(2024, 2, 13, 12),
                    "day_close": 39,
                },
                {
                    "won_status": "pending",
                    "stage_id": self.second.id,
                    "active": True,
                    "probability": talking.automated_probability,
                    "expected_revenue": 500,
                    "prorated_revenue": talking.prorated_revenue,
                    "create_date": noon[6],
                    "date_last_stage_update": noon[9],
                    "date_closed": False,
                    "day_close": 0,
                },
            ],
        )

    def test_names_are_matched_or_created_never_guessed(self):
        run = self.imported(self.sample(*ALL_FILES))
        first, odd, nobody = (self.lead(run, key) for key in ("D1", "D4", "D3"))
        self.assertEqual(first.partner_id.name, "Acme")
        self.assertFalse(first.partner_id.industry_id, "technolgy is not guessed")
        self.assertEqual(first.sales_product_id.list_price, 100)
        self.assertEqual(first.sales_product_id.categ_id.name, "Wx Series")
        globex = odd.partner_id
        self.assertEqual(globex.parent_id, first.partner_id)
        self.assertEqual(globex.industry_id.name, "Retail")
        self.assertEqual(globex.country_id.code, "BE")
        self.assertIn("employees: 15", globex.comment)
        self.assertFalse(odd.sales_product_id, "WidgetPlus is not guessed")
        self.assertEqual(odd.sales_imported_product, "WidgetPlus")
        self.assertFalse(nobody.partner_id)
        self.assertEqual(first.team_id.name, "Team Mia Boss")
        self.assertEqual(first.team_id.sales_parent_id.name, "Northern Office")

    def test_a_near_name_is_taken_only_when_chosen(self):
        run = self.upload(self.sample(*ALL_FILES))
        product = self.value(run, "product", "widgetplus")
        self.assertEqual(
            (product.action, product.suggestion, product.suggestion_score),
            ("empty", "Widget Plus", 100),
        )
        product.action_accept()
        sector = self.value(run, "industry", "technolgy")
        sector.action_accept()
        self.choose_stages(run)
        run.action_check()
        run.action_run_now()
        deal = self.lead(run, "D4")
        self.assertEqual(deal.sales_product_id.name, "Widget Plus")
        self.assertFalse(deal.sales_imported_product)
        partner = self.lead(run, "D1").partner_id
        self.assertEqual(partner.industry_id.name, "technology")

    def test_existing_records_are_used(self):
        partner = self.env["res.partner"].create({"name": "ACME ", "is_company": True})
        product = self.env["product.product"].create(
            {"name": "Other", "default_code": "widget"}
        )
        run = self.imported(self.sample(*ALL_FILES))
        deal = self.lead(run, "D1")
        self.assertEqual((deal.partner_id, deal.sales_product_id), (partner, product))

    def test_two_records_of_one_name_are_not_chosen_between(self):
        self.env["res.partner"].create([{"name": "Acme", "is_company": True}] * 2)
        run = self.imported(self.sample("deals.csv"))
        deal = self.lead(run, "D1")
        self.assertFalse(deal.partner_id)
        self.assertEqual(deal.partner_name, "Acme")
        self.assertIn((2, "name_ambiguous"), self.problems(run, "warning"))

    def test_salespeople_are_assigned_by_name(self):
        ann = self.env["res.users"].create({"name": "Ann Lee", "login": "intake_ann"})
        run = self.imported(self.sample(*ALL_FILES))
        deal = self.lead(run, "D1")
        self.assertEqual(
            (deal.user_id, deal.date_open), (ann, datetime(2024, 1, 5, 12))
        )
        self.assertEqual(ann.sale_team_id.name, "Team Mia Boss")
        other = self.lead(run, "D3")
        self.assertFalse(other.user_id)
        self.assertEqual(other.sales_imported_salesperson, "Bob Ray")

    # === SAFE TO RUN TWICE === #

    def test_a_second_run_leaves_deals_alone(self):
        first = self.imported(self.sample(*ALL_FILES))
        self.lead(first, "D3").expected_revenue = 750
        again = self.checked(self.sample(*ALL_FILES))
        self.assertEqual((again.deal_count, again.existing_count), (0, 5))
        there = {2, 3, 4, 5, 10}
        self.assertEqual(
            [found for found in self.problems(again, "warning") if found[0] in there],
            [(4, "exists_differs")],
        )
        with self.assertRaisesRegex(UserError, "nothing to import"):
            again.action_import()
        self.assertEqual(self.lead(first, "D3").expected_revenue, 750)

    def test_identifiers_that_look_alike_stay_apart(self):
        run = self.imported(
            self.deals(
                "A-1,,,,Won,2024-01-05,2024-01-06,1",
                "A/1,,,,Won,2024-01-05,2024-01-06,2",
                "A 1,,,,Won,2024-01-05,2024-01-06,4",
            )
        )
        self.assertEqual(sum(run.lead_ids.mapped("expected_revenue")), 7)

    # === RUNNING === #

    def test_a_failed_batch_is_taken_back_and_told(self):
        """Six rows in batches of two; the third row fails, so rows 4 and 5 are out."""
        run = self.checked(
            self.deals(*(f"F{n},,,,Won,2024-01-05,2024-01-06,{n}" for n in range(6)))
        )
        run._confirm()
        prepare = type(run)._prepare_deal

        def refuse(self, deal, lookup):
            if deal.key == "F2":
                raise ValueError("F2 is refused")
            return prepare(self, deal, lookup)

        with (
            patch.object(type(run), "_prepare_deal", refuse),
            self.assertLogs("odoo.addons.sales_process.models.intake", "WARNING"),
        ):
            run._process_batches(size=2)
        self.assertEqual(
            (run.state, run.created_count, run.failed_count), ("done", 4, 2)
        )
        amounts = run.lead_ids.mapped("expected_revenue")
        self.assertEqual(sorted(amounts), [0, 1, 4, 5])
        self.assertEqual(self.problems(run, "error"), [(4, "batch_failed")])
        self.assertIn("F2 is refused", run.last_error)
        table = read_table(base64.b64decode(run.rejected_file), "rejected.xlsx")
        self.assertEqual([row[0] for row in table.rows], ["F2", "F3"])
        run.action_retry()
        self.assertEqual((run.deal_count, run.existing_count), (2, 4))
        run.action_run_now()
        self.assertEqual(len(run.lead_ids), 6)

    def test_a_stopped_run_goes_on_where_it_was(self):
        run = self.checked(
            self.deals(*(f"G{n},,,,Won,2024-01-05,2024-01-06,{n}" for n in range(5)))
        )
        run._confirm()
        calls = []

        def no_time(count):
            calls.append(count)
            return 0 if count else 1

        self.assertFalse(run._process_batches(no_time, size=2))
        self.assertEqual((run.state, run.created_count), ("running", 2))
        # A crash may lose the mark; the external ids still tell what is there.
        run._engine_write({"last_row": 0})
        self.assertTrue(run._process_batches(size=2))
        self.assertEqual((run.state, run.created_count), ("done", 5))
        self.assertEqual(len(run.lead_ids), 5)

    def test_a_job_short_of_time_gets_there_in_the_end(self):
        """Time is always up: one call for the records, one per batch, one to close."""
        run = self.checked(
            self.deals(*(f"H{n},,,,Won,2024-01-05,2024-01-06,{n}" for n in range(5)))
        )
        run._confirm()
        calls = 1
        while not run._process_batches(lambda _count: 0, size=2):
            calls += 1
            self.assertLessEqual(calls, 5)
        self.assertEqual(calls, 5)
        self.assertEqual((run.state, run.created_count), ("done", 5))

    def test_the_job_stays_due_until_the_run_is_closed(self):
        """What is reported as left covers closing the run, else nobody closes it."""
        run = self.checked(self.sample(*ALL_FILES))
        run._confirm()
        reported = []
        progress = self.env.registry["ir.cron"]

        def record(_self, processed=0, *, remaining=None, deactivate=False):
            reported.append(remaining if remaining is not None else -processed)
            return 100

        with patch.object(progress, "_commit_progress", record):
            self.env["sales.pipeline.import"]._cron_import()
        self.assertEqual(run.state, "done")
        self.assertEqual((reported[0], sum(reported)), (6, 0))

    def test_the_background_job_finishes_a_confirmed_run(self):
        run = self.checked(self.sample(*ALL_FILES))
        run.action_import()
        self.assertEqual(run.confirmed_by_id, self.manager)
        with self.enter_registry_test_mode():
            self.env.ref("sales_process.intake_import_cron").method_direct_trigger()
        run.invalidate_recordset()
        self.assertEqual((run.state, run.created_count), ("done", 5))
        self.assertEqual(run.lead_ids.create_uid, self.manager)

    def test_gates_do_not_block_history(self):
        """A hard exit criterion that nothing proves does not stop a won deal."""
        process = self.env["sales.process"].create(
            {
                "name": "Intake process",
                "stage_ids": [
                    fields.Command.create(
                        {
                            "stage_id": stage.id,
                            "sequence": order,
                            "criterion_ids": [
                                fields.Command.create(
                                    {
                                        "name": "Never proven",
                                        "kind": "signoff",
                                        "severity": "hard",
                                        "verifier": "manager",
                                    }
                                )
                            ],
                        }
                    )
                    for order, stage in enumerate(self.first | self.second | self.won)
                ],
            }
        )
        run = self.imported(self.sample(*ALL_FILES), process_id=process.id)
        self.assertEqual((run.state, run.created_count), ("done", 5))
        won = self.lead(run, "D1")
        self.assertEqual(won.sales_process_id, process)
        self.assertEqual(won.sales_entry_stage_id.stage_id, self.won)
        with self.assertRaises(UserError):
            self.lead(run, "D3").stage_id = self.won

    def test_scoring_sees_history_only_when_asked(self):
        """Closed deals of 2024 lie before the start date of the scoring."""
        params = self.env["ir.config_parameter"].sudo()
        params.set_param("crm.pls_start_date", fields.Date.to_string(date.today()))
        frequency = self.env["crm.lead.scoring.frequency"]
        domain = [("variable", "=", "stage_id"), ("value", "=", str(self.won.id))]
        self.imported(self.sample(*ALL_FILES))
        self.assertFalse(frequency.search(domain))
        run = self.checked(
            self.deals("S1,,,,Won,2023-01-05,2023-01-06,1"), use_history=True
        )
        run.action_run_now()
        self.assertEqual(params.get_param("crm.pls_start_date"), "2023-01-05")
        # Core adds 0.1 to every count, so that nothing is ever impossible.
        counts = frequency.search(domain).mapped("won_count")
        self.assertEqual(sum(round(count) for count in counts), 3)

    def test_the_number_of_queries_does_not_grow(self):
        """Writing 400 deals takes as many queries as writing 200."""

        def queries(prefix, count):
            lines = (
                f"{prefix}{n},Big {n % 7},Item {n % 3},,"
                f"{('Won', 'Lost', 'Engaging')[n % 3]},2024-01-05,2024-02-06,{n}"
                for n in range(count)
            )
            run = self.checked(self.deals(*lines))
            run._confirm()
            run._prepare_records(*(run._plan()[i] for i in (0, 2)))
            _tables, checked, records, _issues = run._plan()
            lookup = run._lookup(records)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            run._process_batch(checked.deals, lookup)
            self.env.flush_all()
            self.assertEqual(run.created_count, count)
            return self.env.cr.sql_log_count - before

        queries("warm", 20)
        self.assertLessEqual(queries("b", 400), queries("a", 200) + 20)

    # === USERS === #

    def test_users_are_never_created_without_consent(self):
        run = self.checked(self.sample(*ALL_FILES))
        person = self.value(run, "user", "ann lee")
        self.assertEqual(person.action, "empty")
        person.action = "create"
        run.action_check()
        with self.assertRaisesRegex(AccessError, "new users"):
            run.action_run_now()
        self.assertFalse(self.env["res.users"].search([("name", "=", "Ann Lee")]))
        with self.assertRaises(AccessError):
            run.allow_create_users = True  # not for a sales manager

    def test_an_administrator_can_create_users(self):
        admin = self.env.ref("base.user_admin")
        run = self.upload(self.sample(*ALL_FILES), user=admin, allow_create_users=True)
        self.value(run, "user", "ann lee").action = "create"
        self.choose_stages(run)
        run.action_check()
        run.action_run_now()
        ann = self.lead(run, "D1").user_id
        self.assertEqual((ann.name, ann.login), ("Ann Lee", "ann.lee"))
        self.assertFalse(ann.has_group("sales_team.group_sale_manager"))
        self.assertFalse(self.lead(run, "D3").user_id)


_SPAN = ("2024-01-05", "2024-02-13")
