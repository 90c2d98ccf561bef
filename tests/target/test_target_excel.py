from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .target_excel_common import FEBRUARY, HEAD, JANUARY, KIND, TargetExcelCommon


@tagged("post_install", "-at_install")
class TestTargetExcel(TargetExcelCommon):
    """Out to a workbook and back: what is shown is written, all of it or nothing."""

    rule_tested_models = ()

    def _column(self, month):
        return self._open(self._export())["Targets"].cell(HEAD, KIND + month).value

    # === WORKBOOK === #

    def test_workbook(self):
        book = self._open(self._export())
        self.assertEqual(
            book.sheetnames, ["Targets", "Stretch", "Help", "sales_process"]
        )
        self.assertEqual(book["sales_process"].sheet_state, "veryHidden")
        sheet = book["Targets"]
        months = self.plan._periods()
        self.assertEqual(sheet.cell(HEAD, JANUARY).value, f"Jan {self.year}")
        self.assertEqual(sheet.cell(HEAD, KIND + len(months)).value, f"Dec {self.year}")
        self.assertTrue(sheet.row_dimensions[HEAD - 1].hidden)
        self.assertTrue(sheet.protection.sheet)
        self.assertFalse(sheet.protection.password)
        total, key = KIND + 13, KIND + 14
        letter = sheet.cell(HEAD, key).column_letter
        self.assertTrue(sheet.column_dimensions[letter].hidden)
        names = [row[0].value for row in sheet.iter_rows(min_row=HEAD + 1)]
        ends = ["given below", "not given"]
        north, south = self._name("north"), self._name("south")
        ann, bob = self._name("ann"), self._name("bob")
        self.assertEqual(
            names,
            [self._name("top"), *ends, north, *ends, ann, south, *ends, bob],
        )
        row = self._row(sheet, "ann")
        self.assertEqual(sheet.cell(row, 1).alignment.indent, 2)
        self.assertFalse(sheet.cell(row, JANUARY).protection.locked)
        self.assertTrue(sheet.cell(row, 1).protection.locked)
        self.assertTrue(sheet.cell(row, KIND + 5).protection.locked, "no target there")
        self.assertEqual(sheet.cell(row, total).value, f"=SUM(C{row}:N{row})")
        values = self._open(self._export(), data_only=True)["Targets"]
        self.assertEqual(values.cell(row, total).value, 160)
        row = self._row(sheet, "north")
        self.assertEqual(
            [values.cell(row + n, FEBRUARY).value for n in range(3)], [120, 100, 20]
        )
        for owner in ("top", "north", "south"):
            given = self._row(sheet, owner) + 1
            self.assertEqual(
                self._sum_if(sheet, sheet.cell(given, FEBRUARY).value),
                values.cell(given, FEBRUARY).value,
            )
        self.assertEqual(
            sheet.cell(row + 2, FEBRUARY).value,
            f"=ROUND(ROUND(D{row}*1/0.01,0)*0.01-D{row + 1},4)",
        )

    def _sum_if(self, sheet, formula):
        """What a spreadsheet program would give: =SUMIF($Q$5:$Q$9,$P5,C$5:C$9)."""
        words = formula.removeprefix("=SUMIF(").removesuffix(")").replace("$", "")
        where, wanted, what = words.split(",")
        rows = zip(sheet[where], sheet[what], strict=True)
        key = sheet[wanted].value
        return sum(cell.value for [above], [cell] in rows if above.value == key)

    def test_who_may_change_what(self):
        sheet = self._open(self._export("leader"))["Targets"]
        names = [row[0].value for row in sheet.iter_rows(min_row=HEAD + 1)]
        self.assertNotIn(self._name("bob"), names)
        self.assertNotIn(self._name("top"), names)
        own, ann = self._row(sheet, "north"), self._row(sheet, "ann")
        self.assertTrue(sheet.cell(own, JANUARY).protection.locked)
        self.assertEqual(sheet.cell(own, JANUARY).fill.fgColor.rgb, "FFEDEDED")
        self.assertFalse(sheet.cell(ann, JANUARY).protection.locked)

    def test_nothing_to_export(self):
        empty = self._make_plan(name="Empty")
        with self.assertRaisesRegex(UserError, "no targets that you may see"):
            empty.action_excel_export()
        action = self.plan.action_excel_export()
        self.assertEqual(action["type"], "ir.actions.act_url")

    def test_over_assigned(self):
        self.plan.over_percent = 10
        values = self._open(self._export(), data_only=True)["Targets"]
        row = self._row(values, "top")
        self.assertEqual(values.cell(row + 2, JANUARY).value, 10)

    # === ROUND TRIP === #

    def test_unchanged(self):
        for name in ("director", "leader"):
            for content in (self._export(name), self._edited(name=name)):
                excel = self._wizard(content, name)
                self.assertFalse(excel.problem_ids)
                self.assertFalse(excel.change_ids)
                self.assertFalse(excel.notes)

    def test_three_cells(self):
        before = self._amounts()
        content = self._edited(("ann", 1, 65), ("ann", 2, 90.004), ("bob", 2, None))
        excel = self._wizard(content)
        self.assertFalse(excel.problem_ids)
        january, february = self._column(1), self._column(2)
        self.assertEqual(
            self._found(excel),
            {
                (self._name("ann"), january, "amount"): (60, 65),
                (self._name("ann"), february, "amount"): (100, 90),
                (self._name("bob"), february, "amount"): (80, 0),
            },
        )
        self.assertEqual(excel.change_ids.mapped("difference"), [5, -10, -80])
        self.assertIn("rounded to 0.01: 1", excel.notes)
        self.assertEqual(
            [(line.owner_name, line.before, line.after) for line in excel.level_ids],
            [
                ("Company", 300, 300),
                ("Sales Team", 300, 300),
                ("Salesperson", 280, 195),
            ],
        )
        north, south = self._name("north"), self._name("south")
        self.assertEqual(
            [(m.owner_name, m.period, m.before, m.after) for m in excel.mismatch_ids],
            [
                (north, january, 0, -5),
                (north, february, 20, 30),
                (south, february, 0, 80),
            ],
        )
        self.assertEqual(self._amounts(), before, "nothing is written by a look")
        excel.action_apply()
        changed = {("ann", 1): 65, ("ann", 2): 90, ("bob", 2): 0}
        self.assertEqual(self._amounts(), {**before, **changed})
        change = self.targets["ann", 1].change_ids
        self.assertEqual(change.user_id, self.people["director"])

    def test_stretch(self):
        excel = self._wizard(self._edited(("ann", 1, 80), sheet="Stretch"))
        [(where, amounts)] = self._found(excel).items()
        self.assertEqual((where[2], amounts), ("stretch_amount", (0, 80)))
        excel.action_apply()
        self.env.invalidate_all()
        self.assertEqual(self.targets["ann", 1].stretch_amount, 80)
        self.assertEqual(self.targets["ann", 1].amount, 60)

    def test_rep_proposes(self):
        with self.assertRaises(AccessError):
            self._export("ann")
        self.plan.action_ask_proposals()
        sheet = self._open(self._export("ann"))["Proposed"]
        own, team = self._row(sheet, "ann"), self._row(sheet, "north")
        self.assertFalse(sheet.cell(own, JANUARY).protection.locked)
        self.assertTrue(sheet.cell(team, JANUARY).protection.locked)
        cells = ("ann", 1, 55), ("ann", 2, 0)
        excel = self._wizard(self._edited(*cells, name="ann", sheet="Proposed"), "ann")
        self.assertEqual(len(excel.change_ids), 2, "a proposal of zero is one")
        excel.action_apply()
        self.env.invalidate_all()
        targets = [self.targets["ann", month] for month in (1, 2)]
        self.assertEqual([t.proposed_amount for t in targets], [55, 0])
        self.assertEqual([t.is_proposed for t in targets], [True, True])
        excel = self._wizard(self._edited(("ann", 1, None), sheet="Proposed"))
        excel.action_apply()
        self.env.invalidate_all()
        self.assertFalse(self.targets["ann", 1].is_proposed)

    def test_rep_sets_nothing_else(self):
        self.plan.action_ask_proposals()
        for sheet, owner, reason in (
            ("Targets", "ann", "your own target"),
            ("Targets", "north", "not set it"),
            ("Proposed", "north", "not set it"),
        ):
            with self.subTest(sheet=sheet, owner=owner):
                content = self._edited((owner, 1, 1), name="ann", sheet=sheet)
                excel = self._wizard(content, "ann")
                self.assertRegex(excel.problem_ids.reason, reason)
                self.assertEqual(excel.problem_ids.sheet, sheet)

    def test_leader(self):
        excel = self._wizard(self._edited(("ann", 1, 70), name="leader"), "leader")
        excel.action_apply()
        self.env.invalidate_all()
        self.assertEqual(self.targets["ann", 1].amount, 70)
        excel = self._wizard(self._edited(("north", 1, 70), name="leader"), "leader")
        self.assertRegex(excel.problem_ids.reason, "your own target")
        # A workbook of the director: rows the leader may not see are none of theirs.
        excel = self._wizard(self._edited(("bob", 1, 70)), "leader")
        self.assertIn("not yours to see", excel.problem_ids[0].reason)

    def test_strangers(self):
        with self.assertRaises(AccessError):
            self.plan.with_user(self.people["portal"]).action_excel_export()
        with self.assertRaises(AccessError):
            self.plan.with_user(self.people["portal"]).action_excel_import()
        excel = self._wizard(self._edited(("ann", 1, 65)))
        others = excel.with_user(self.people["leader"])
        for method in ("action_check", "action_apply", "action_back"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(others, method)()
        for records in (excel.change_ids, excel):
            with self.assertRaises(AccessError):
                records.with_user(self.people["leader"]).read(["create_date"])
        with self.assertRaises(AccessError):
            excel.change_ids.after = 1000
        mine = self.env["sales.target.excel"].with_user(self.people["ann"])
        mine = mine.create({"plan_id": self.plan.id, "file": "AAAA"})
        with self.assertRaises(AccessError):
            mine.action_check()  # a draft is not shown to reps

    # === IN BETWEEN === #

    def test_between_check_and_apply(self):
        excel = self._wizard(self._edited(("ann", 1, 65), ("bob", 1, 45)))
        self.targets["bob", 1].amount = 45
        self.env.invalidate_all()
        excel.action_apply()
        self.assertTrue(excel.is_overtaken)
        self.assertEqual(len(excel.change_ids), 1)
        self.assertEqual(self._amounts()["ann", 1], 60)
        excel.action_apply()
        self.assertEqual(self._amounts()["ann", 1], 65)
        excel.action_apply()
        self.assertFalse(excel.change_ids, "nothing is left to do")

    def test_published_between(self):
        excel = self._wizard(self._edited(("ann", 1, 65)))
        self.plan.action_publish()
        excel.action_apply()
        self.assertIn("is published", excel.problem_ids.reason)
        self.assertEqual(self._amounts()["ann", 1], 60)

    def test_changed_meanwhile(self):
        content = self._edited(("ann", 1, 65), ("bob", 1, 45))
        self.targets["ann", 1].amount = 61
        self.targets["south", 1].amount = 41
        excel = self._wizard(content)
        self.assertIn(
            "changed in Odoo after the export, to 61", excel.problem_ids.reason
        )
        self.assertFalse(excel.change_ids)
        self.targets["ann", 1].amount = 65
        excel.action_check()
        self.assertFalse(excel.problem_ids, "both typed the same")
        self.assertEqual(len(excel.change_ids), 1)
        self.assertIn("stay as they are: 1", excel.notes)
        excel.action_apply()
        self.assertEqual(self._amounts()["south", 1], 41)

    # === SPEED === #

    def test_queries_do_not_grow(self):
        def more(count, start):
            people = self.env["res.users"].create(
                [
                    {"name": f"New {start + n}", "login": f"sp_excel_{start + n}"}
                    for n in range(count)
                ]
            )
            for month in (1, 2):
                parent = self.targets["north", month]
                for user in people:
                    self._target({"user_id": user.id}, parent, month=month)

        def counts():
            content = self._edited(*(("ann", month, 65) for month in (1, 2)))
            excel = self._wizard(content)
            result = []
            for step in (self._export, excel.action_check, excel.action_apply):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                step()
                self.env.flush_all()
                result.append(self.cr.sql_log_count - before)
            for month, amount in ((1, 60), (2, 100)):
                self.targets["ann", month].amount = amount
            return result

        more(6, 0)
        counts()  # reads what is kept between requests
        few = counts()
        more(8, 6)
        counts()
        for step, less, many in zip(
            ("export", "check", "apply"), few, counts(), strict=True
        ):
            self.assertLessEqual(many, less, step)
