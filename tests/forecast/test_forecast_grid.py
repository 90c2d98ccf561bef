from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .forecast_grid_common import ForecastGridCommon

MONEY = ("commit", "best_case", "pipeline", "weighted")


@tagged("post_install", "-at_install")
class TestForecastGrid(ForecastGridCommon):
    """The figures of the grid, as everybody sees them."""

    rule_tested_models = ()

    def _figures(self, row, place=0):
        return [row["cells"][place][name] for name in MONEY]

    def test_figures(self):
        rows = self._rows()
        self.assertEqual(self._figures(rows["North/Ann"]), [1000, 0, 0, 500])
        self.assertEqual(self._figures(rows["North/Ann"], 1), [0, 500, 0, 250])
        self.assertEqual(self._figures(rows["North/East/Dora"]), [400, 0, 0, 200])
        self.assertEqual(self._figures(rows["North/East"]), [400, 0, 0, 200])
        self.assertEqual(self._figures(rows["North"]), [1400, 0, 0, 700])
        self.assertEqual(self._figures(rows["South/Ann"]), [0, 80, 0, 40])
        self.assertEqual(self._figures(rows["South/No salesperson"]), [50, 0, 0, 25])
        self.assertEqual(self._figures(rows["South"]), [50, 80, 2000, 1065])
        self.assertEqual(self._figures(rows["No team/Bob"]), [60, 0, 0, 30])
        self.assertEqual(self._figures(rows["company"]), [1510, 80, 2000, 1795])
        self.assertEqual(rows["company"]["cells"][0]["deals"], 7)

    def test_lines(self):
        """What is in no period, or has no amount, is told of."""
        lines = self._rows()["North/Ann"]["lines"]
        self.assertEqual(
            lines,
            {
                "overdue": [300, 1],
                "undated": [200, 1],
                "later": [900, 1],
                "no_amount": [0, 1],
                "omitted": [700, 1],
            },
        )
        self.assertEqual(self._rows()["company"]["lines"], lines)

    def test_everything_is_somewhere(self):
        top = self._rows()["company"]
        told = sum(cell["deals"] for cell in top["cells"])
        told += sum(
            top["lines"][name][1] for name in top["lines"] if name != "no_amount"
        )
        self.assertEqual(told, len(self.deals))

    def test_closed_deals_do_not_count(self):
        self.deals["commit"].action_set_won()
        self.deals["south"].action_set_lost()
        rows = self._rows()
        self.assertEqual(self._figures(rows["company"]), [510, 80, 0, 295])

    def test_recurring_revenue_counts(self):
        self.deals["commit"].write({"recurring_revenue": 120.0})
        self.assertEqual(self._rows()["North/Ann"]["cells"][0]["commit"], 1120)

    def test_quota_closed_gap(self):
        rows = self._rows()
        ann = rows["North/Ann"]["cells"]
        self.assertEqual((ann[0]["quota"], ann[0]["closed"]), (3000, 600))
        # 3,000 − 600 − 1,000; nothing of hers is best case or pipeline here
        self.assertEqual((ann[0]["gap"], ann[0]["coverage"]), (1400, 0))
        self.assertEqual((ann[1]["quota"], ann[1]["gap"]), (None, None))
        south = rows["South"]["cells"][0]
        self.assertEqual((south["quota"], south["closed"]), (4000, 0))
        self.assertEqual(south["gap"], 3950)
        self.assertAlmostEqual(south["coverage"], 2080 / 3950)
        dora = rows["North/East/Dora"]["cells"][0]
        self.assertEqual((dora["quota"], dora["gap"]), (None, None))
        guest = rows["South/Ann"]["cells"][0]
        self.assertEqual((guest["quota"], guest["closed"]), (None, 0))
        self.assertEqual(rows["company"]["cells"][0]["closed"], 600)
        self.assertIsNone(rows["No team"]["cells"][0]["closed"])

    def test_closed_is_what_targets_have_achieved(self):
        self._sold(250.0, user_id=self.ann.id, team_id=self.south.id)
        rows = self._rows()
        for target in self.plan.target_ids.filtered("amount"):
            owner = target.user_id or target.team_id
            path = owner.name if owner else "company"
            if target.user_id:
                path = f"{target.scope_team_id.name}/{path}"
            self.assertEqual(rows[path]["cells"][0]["closed"], target.achieved, path)

    def test_quota_of_longer_periods(self):
        """A quarter is the sum of its months, a week a part of its month."""
        ann = self._rows(period="quarter", count=1)["North/Ann"]
        self.assertEqual(ann["cells"][0]["quota"], 3000)
        weeks = self._rows(period="week", count=8)["North/Ann"]["cells"]
        self.assertTrue(0 < weeks[0]["quota"] < 3000)
        self.assertIsNone(weeks[7]["quota"])

    def test_calls(self):
        first, after = map(str, self.months[0])
        call = {
            "owner": ["user", self.ann.id],
            "date_from": first,
            "date_to": after,
            "category": "commit",
            "kind": "call",
            "amount": 1200.0,
            "note": "Promised",
            "seen": None,
        }
        self._as("ann").save_calls([call])
        self._as("leader").save_calls(
            [{**call, "kind": "adjustment", "amount": 1100.0, "note": "Careful"}]
        )
        rows = self._rows()
        number = rows["North/Ann"]["cells"][0]["calls"]["commit"]
        self.assertEqual((number["call"], number["adjusted"]), (1200, 1100))
        self.assertEqual(number["call_note"], "Promised")
        # 3,000 − 600 − 1,100
        self.assertEqual(rows["North/Ann"]["cells"][0]["gap"], 1300)
        below = rows["North"]["cells"][0]["calls"]["commit"]
        self.assertEqual((below["call"], below["below"]), (None, 1100))
        self.assertEqual(rows["North"]["cells"][0]["gap"], 6000 - 600 - 1400)
        self.assertEqual(rows["South/Ann"]["cells"][0]["calls"], {})
        with self.assertRaises(UserError):
            self._as("ann").save_calls([{**call, "amount": 1.0}])

    def test_who_may_call(self):
        rows = self._rows()
        flags = {
            path: (row["may_call"], row["may_adjust"]) for path, row in rows.items()
        }
        self.assertEqual(flags["company"], (True, False))
        self.assertEqual(flags["North"], (False, True))
        self.assertEqual(flags["North/Ann"], (False, True))
        self.assertEqual(flags["South/Ann"], (False, False))
        self.assertEqual(flags["No team"], (False, False))
        rows = self._rows("leader")
        self.assertTrue(rows["North"]["may_call"])
        self.assertTrue(rows["North"]["is_mine"])
        self.assertTrue(rows["North/Ann"]["may_adjust"])

    # === WHO SEES WHAT === #

    def test_roles(self):
        own = self._rows("ann")
        self.assertEqual(list(own), ["Ann"])
        # All that is hers, also what she has in another team.
        self.assertEqual(self._figures(own["Ann"]), [1000, 80, 0, 540])
        self.assertEqual(own["Ann"]["cells"][0]["quota"], 3000)
        self.assertTrue(own["Ann"]["may_call"])
        led = self._rows("leader")
        self.assertEqual(
            set(led),
            {
                "North",
                "North/Ann",
                "North/East",
                "North/East/Dora",
                f"North/{self.people['leader'].name}",
            },
        )
        self.assertEqual(self._figures(led["North"]), [1400, 0, 0, 700])
        for name in ("accountant", "portal"):
            for method in ("get_grid", "get_changes", "get_chances", "export_excel"):
                with self.assertRaises(AccessError):
                    getattr(self._as(name), method)({})
            with self.assertRaises(AccessError):
                self._as(name).save_calls([])
            with self.assertRaises(AccessError):
                self._as(name).open_deals({}, "c", "commit", 0)

    def test_others_rows_cannot_be_opened(self):
        node = self._rows()["South/Bob"]["node"]
        for name in ("ann", "leader"):
            for at in (node, f"u{self.bob.id}", "c", f"t{self.south.id}"):
                with self.assertRaises(UserError):
                    self._as(name).open_deals({}, at, "commit", 0)
            self.assertEqual(self._as(name).get_chances({}, [node]), {})

    def test_leader_outside_own_teams(self):
        """A leader who sells elsewhere has an own row."""
        self.south.member_ids |= self.people["leader"]
        rows = self._rows("leader")
        row = rows[self.people["leader"].name]
        self.assertTrue(row["may_call"])
        self.assertFalse(row["parent"])

    def test_archived_team(self):
        """Its deals count in the team above; none is lost."""
        self.east.active = False
        rows = self._rows()
        self.assertEqual(self._figures(rows["North"]), [1400, 0, 0, 700])
        self.assertEqual(self._figures(rows["North/Dora"]), [400, 0, 0, 200])

    # === COMPANIES AND CURRENCIES === #

    def test_other_company(self):
        other = self.env["res.company"].create(
            {"name": "Elsewhere", "currency_id": self.env.ref("base.CHF").id}
        )
        self.env.user.company_ids |= other
        self.people["director"].company_ids |= other
        self.env["crm.lead"].create(
            {
                "name": "Elsewhere",
                "type": "opportunity",
                "company_id": other.id,
                "user_id": False,
                "team_id": False,
                "expected_revenue": 7.0,
                "probability": 50.0,
                "date_deadline": self.today,
                "sales_forecast_choice": "commit",
            }
        )
        self.env.flush_all()
        self.assertEqual(self._figures(self._rows()["company"])[0], 1510)
        grids = self.grids.with_user(self.people["director"]).with_company(other)
        grid = grids.get_grid()
        self.assertEqual(grid["currency"]["name"], "CHF")
        self.assertEqual(grid["rows"][0]["cells"][0]["commit"], 7)
        self.assertIsNone(grid["rows"][0]["cells"][0]["quota"])

    def test_company_of_the_salesperson(self):
        """A deal without company belongs to that of its salesperson."""
        deal = self.deals["east"]
        self.north.company_id = self.east.company_id = False
        deal.company_id = False
        self.env.flush_all()
        self.assertEqual(self._rows()["North/East/Dora"]["cells"][0]["commit"], 400)

    # === NOTHING THERE, AND TOO MUCH === #

    def test_empty(self):
        self.env["crm.lead"].search([("company_id", "=", self.company.id)]).unlink()
        ann = self._rows("ann")["Ann"]
        self.assertEqual(self._figures(ann), [0, 0, 0, 0])
        self.assertEqual(ann["cells"][0]["gap"], 2400)
        self.assertIsNone(ann["cells"][1]["gap"])
        self.assertNotIn("No team", self._rows())

    def test_wrong_options(self):
        for options in (
            {"period": "day"},
            {"count": 0},
            {"count": 13},
            {"count": "3"},
            {"count": 2.5},
        ):
            with self.assertRaises(UserError):
                self._grid(**options)
        with self.assertRaises(UserError):
            self._as("director").get_changes({"since": "forever"})

    def test_constant_queries(self):
        def count():
            grids = self._as("director")
            # What happened before is written when the ledger is next read.
            self.env["sales.credit"]._write_pending()
            self.env["sales.pipeline.history"]._write_pending()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            grids.get_grid()
            between = self.env.cr.sql_log_count
            grids.get_changes()
            grids.get_chances()
            return between - before, self.env.cr.sql_log_count - between

        count()  # fills caches of who may do what
        few = count()
        self._grow()
        count()
        self.assertEqual(count(), few)

    def _grow(self):
        people = self.ann.browse()
        for number in range(6):
            people |= self.ann.copy({"login": f"sp_grown_{number}", "name": "More"})
        teams = self.env["crm.team"].create(
            [
                {
                    "name": f"Grown {number}",
                    "company_id": self.company.id,
                    "sales_parent_id": self.north.id,
                    "member_ids": [Command.set(person.ids)],
                }
                for number, person in enumerate(people)
            ]
        )
        for person, team in zip(people, teams, strict=True):
            self.people["grown"], self.teams["grown"] = person, team
            self._deal("grown", "grown", "grown", 10.0, "commit")
