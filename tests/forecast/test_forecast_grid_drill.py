from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .forecast_grid_common import ForecastGridCommon

OF_DEALS = ("commit", "best_case", "pipeline", "weighted")
LINES = ("overdue", "undated", "later", "no_amount", "omitted")


@tagged("post_install", "-at_install")
class TestForecastGridDrill(ForecastGridCommon):
    """Every figure opens the records it sums; what changed and what may come of it."""

    rule_tested_models = ()

    def _opened(self, name, node, measure, place=None, **options):
        action = self._as(name).open_deals(options, node, measure, place)
        records = self.env[action["res_model"]].with_user(self.people[name])
        records = records.with_context(active_test=False)
        return records.search(action["domain"])

    def _worth(self, deals, measure):
        field = "sales_forecast_value"
        if measure == "weighted":
            field = "sales_forecast_revenue"
        return sum(deals.mapped(field))

    def test_every_cell_is_the_sum_of_its_records(self):
        """Of everybody who sees it, each cell of each row."""
        self.east.active = False
        for name in ("director", "leader", "ann", "bob", "dora"):
            for row in self._grid(name)["rows"]:
                for place, cell in enumerate(row["cells"]):
                    for measure in OF_DEALS:
                        deals = self._opened(name, row["node"], measure, place)
                        self.assertAlmostEqual(
                            self._worth(deals, measure), cell[measure]
                        )
                    deals = self._opened(name, row["node"], "gap", place)
                    self.assertEqual(len(deals), cell["deals"])
                for line in LINES:
                    deals = self._opened(name, row["node"], line)
                    amount = self._worth(deals, line)
                    self.assertEqual([amount, len(deals)], row["lines"][line])

    def test_totals(self):
        deals = self._opened("director", "c", "best_case")
        self.assertEqual(deals, self.deals["best"] | self.deals["guest"])

    def test_closed(self):
        node = self._rows()["North/Ann"]["node"]
        credits = self._opened("director", node, "closed", 0)
        self.assertEqual(sum(credits.mapped("amount")), 600)
        self.assertEqual(self._opened("leader", node[2:], "closed", 0), credits)
        self.assertEqual(self._opened("ann", f"u{self.ann.id}", "closed", 0), credits)
        with self.assertRaises(UserError):
            self._opened("director", self._rows()["No team"]["node"], "closed", 0)

    def test_closed_elsewhere(self):
        """A leader sees the sum of who sold for another team, not its parts."""
        self._sold(250.0, user_id=self.ann.id, team_id=self.south.id)
        row = self._rows("leader")["North/Ann"]
        self.assertEqual(row["cells"][0]["closed"], 850)
        with self.assertRaises(UserError):
            self._opened("leader", row["node"], "closed", 0)

    def test_quota(self):
        target = self._opened("ann", f"u{self.ann.id}", "quota", 0)
        self.assertEqual((target.amount, target.user_id), (3000, self.ann))
        with self.assertRaises(UserError):
            self._opened("ann", f"u{self.ann.id}", "quota", 1)

    def test_no_such_cell(self):
        for measure, place in (("profit", 0), ("commit", 7), ("expected_revenue", 0)):
            with self.assertRaises(UserError):
                self._opened("director", "c", measure, place)

    # === WHAT CHANGED === #

    def _changes(self, name="director", path="company", since="day"):
        """Changes of a row, as of tomorrow: what these tests do is done today."""
        day = self.today + timedelta(days=1)
        company = type(self.company)
        with patch.object(company, "_sales_today", lambda company: day):
            changes = self._as(name).get_changes({"since": since, "count": 12})
            node = self._rows(name, count=12)[path]["node"]
        return changes["rows"].get(node, {"cells": [{}] * 12, "lines": {}})

    def _yesterday(self):
        """Have all that was done so far been done an hour before today began."""
        self.env["sales.pipeline.history"]._write_pending()
        moment = self.company._sales_midnight(self.today) - timedelta(hours=1)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sales_pipeline_history SET date_from = %s WHERE lead_id = ANY(%s)",
            [moment, [deal.id for deal in self.deals.values()]],
        )
        self.env.invalidate_all()

    def test_new_deals_are_changes(self):
        changes = self._as("director").get_changes({"since": "week"})
        day = fields.Date.subtract(self.today, days=7)
        self.assertEqual(changes["since"], str(day))
        rows = self._rows()
        change = changes["rows"]["c"]
        cell = rows["company"]["cells"][0]
        self.assertEqual(
            change["cells"][0],
            {
                "commit": cell["commit"],
                "best_case": cell["best_case"],
                "pipeline": cell["pipeline"],
                "closed": 600,
            },
        )
        self.assertEqual(change["lines"]["overdue"], 300)
        self.assertEqual(change["lines"]["omitted"], 700)
        own = self._as("ann").get_changes({"since": "week"})["rows"]
        self.assertEqual(list(own), [f"u{self.ann.id}"])
        self.assertEqual(own[f"u{self.ann.id}"]["cells"][0]["commit"], 1000)

    def test_changes_of_amount_owner_and_category(self):
        self._yesterday()
        self.deals["commit"].expected_revenue = 1100.0
        self.deals["east"].sales_forecast_choice = "best_case"
        self.deals["south"].write({"user_id": self.ann.id, "team_id": self.south.id})
        self.deals["nobody"].action_set_lost()
        self.env["sales.pipeline.history"]._write_pending()
        changes = self._as("director").get_changes({"since": "day"})["rows"]
        rows = self._rows()

        def change(path):
            row = changes.get(rows[path]["node"])
            return row and row["cells"][0]

        # What was due yesterday is overdue now, and was not yet then.
        due = self._lost_here(-300, since=-1)
        due = {"pipeline": due} if due else {}
        self.assertEqual(change("North/Ann"), {"commit": 100, "closed": 600, **due})
        self.assertEqual(changes[rows["North/Ann"]["node"]]["lines"], {"overdue": 300})
        self.assertEqual(change("North/East/Dora"), {"commit": -400, "best_case": 400})
        self.assertEqual(change("South/Bob"), {"pipeline": -2000})
        self.assertEqual(change("South/Ann"), {"pipeline": 2000})
        self.assertEqual(change("South"), {"commit": -50})
        self.assertEqual(
            change("company"), {"commit": -350, "best_case": 400, "closed": 600, **due}
        )

    def test_what_became_overdue(self):
        """Without anybody touching it, a deal leaves its month."""
        self._yesterday()
        row = self._changes(path="South/Bob")
        self.assertEqual(row["lines"], {"overdue": 2000})
        self.assertEqual(row["cells"][0].get("pipeline", 0), self._lost_here(-2000))

    def _lost_here(self, amount, since=0):
        """What a month lost in a night; one that is over is not shown any more."""
        day = self.today + timedelta(days=since)
        is_last = (day + timedelta(days=1)).month != day.month
        return 0 if is_last else amount

    # === WHAT MAY COME === #

    def test_chances(self):
        chances = self._as("director").get_chances({})
        rows = self._rows()
        # 600 are booked and 1,000 may come: 3,000 are out of reach.
        ann = chances[rows["North/Ann"]["node"]]
        self.assertEqual(ann[0], {"chance": 0, "p10": 600, "p50": 600, "p90": 1600})
        self.assertEqual(ann[1:], [None, None])
        self.assertNotIn(rows["North/East/Dora"]["node"], chances)
        self.plan.target_ids.filtered(
            lambda target: target.user_id == self.bob
        ).sudo().amount = 2000.0
        bob = self._as("director").get_chances({}, [rows["South/Bob"]["node"]])
        self.assertEqual(list(bob), [rows["South/Bob"]["node"]])
        self.assertEqual(bob[rows["South/Bob"]["node"]][0]["chance"], 50)

    def test_many_deals(self):
        """Beyond those that are looked at one by one the sums of the others count."""
        for _number in range(60):
            self._deal("small", "bob", "south", 10.0, "commit")
        node = self._rows()["South/Bob"]["node"]
        found = self._as("director").get_chances({}, [node])[node][0]
        self.assertAlmostEqual(found["chance"], 50, delta=5)
        self.assertAlmostEqual(found["p90"], 2300, delta=60)
