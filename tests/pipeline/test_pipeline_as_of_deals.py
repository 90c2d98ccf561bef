from odoo.exceptions import UserError
from odoo.tests import tagged

from .pipeline_common import PipelineCommon


@tagged("post_install", "-at_install")
class TestPipelineAsOfDeals(PipelineCommon):
    """From the deals on a screen to their past, with the filters that make sense."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.lead"].with_context(active_test=False).search([]).unlink()
        cls.company.resource_calendar_id.tz = "UTC"

    def setUp(self):
        super().setUp()
        self.kept = self._deal("Kept", expected_revenue=100)
        self.passed_on = self._deal("Passed on", user_id=self.colleague_user.id)
        self.lost = self._deal("Lost since")
        self._record_at(0)
        self.kept.stage_id = self.prove
        self.passed_on.user_id = self.rep_user
        self.lost.action_set_lost()
        self._record_at(5)

    def _opens(self, *facets, base=(), day="2024-01-02", user=None):
        """The deals that the action shows as of a day, all its facets active."""
        model = self.env["sales.pipeline.as.of"].with_user(user or self.director_user)
        found = model.get_action_from_deals(
            [{"description": f"F{i}", "domain": d} for i, d in enumerate(facets)], base
        )
        action, filters = found["action"], found["filters"]
        self.assertEqual(action["res_model"], "sales.pipeline.as.of")
        rows = model.with_context(**action["context"], as_of=day)
        if action["context"].get("search_default_open"):
            rows = rows.search([("status", "=", "open")])
        else:
            rows = rows.search([])
        rows = rows.filtered_domain(action["domain"])
        for line in filters:
            rows &= rows.search(line["domain"])
        return rows.sudo().lead_id, found

    def test_how_a_deal_looked(self):
        """Person, stage and status are those of the day, not those of now."""
        rep = [("user_id", "=", self.rep_user.id)]
        self.assertEqual(self._opens(rep)[0], self.kept | self.lost)
        self.assertEqual(
            self._opens(rep, day="2024-01-09")[0], self.kept | self.passed_on
        )
        stage = [("stage_id", "=", self.prove.id)]
        self.assertFalse(self._opens(stage)[0])
        self.assertEqual(self._opens(stage, day="2024-01-09")[0], self.kept)
        either = ["|", *stage, ("expected_revenue", ">=", 100)]
        self.assertEqual(self._opens(either)[0], self.kept)

    def test_which_deal_it_is(self):
        """What the history does not know picks deals, also those lost since."""
        named = [("name", "ilike", "since")]
        self.assertEqual(self._opens(named)[0], self.lost)
        mixed = ["|", ("name", "=", "Kept"), ("user_id", "=", self.rep_user.id)]
        self.assertEqual(self._opens(mixed)[0], self.kept | self.passed_on | self.lost)

    def test_won_and_lost(self):
        lost = [("won_status", "=", "lost"), ("active", "=", False)]
        self.assertFalse(self._opens(lost)[0])
        found, answer = self._opens(lost, day="2024-01-09")
        self.assertEqual(found, self.lost)
        self.assertNotIn("search_default_open", answer["action"]["context"])
        ongoing = [("won_status", "in", ["pending", "won"])]
        self.assertEqual(
            self._opens(ongoing, day="2024-01-09")[0], self.kept | self.passed_on
        )

    def test_what_is_always_true_is_dropped(self):
        base = [("type", "=", "opportunity")]
        found, answer = self._opens([("active", "=", True)], base=base)
        self.assertEqual(found, self.kept | self.passed_on | self.lost)
        self.assertEqual(answer["filters"], [])
        self.assertEqual(answer["action"]["domain"], [])
        team = [*base, ("team_id", "child_of", self.north.id)]
        answer = self._opens(base=team)[1]
        self.assertEqual(
            answer["action"]["domain"], [("team_id", "child_of", self.north.id)]
        )

    def test_one_facet_tells_them_all(self):
        answer = self._opens(
            [("user_id", "=", self.rep_user.id)],
            [("type", "=", "opportunity")],
            [("name", "ilike", "e")],
        )[1]
        self.assertEqual([f["description"] for f in answer["filters"]], ["F0 + F2"])

    def test_nobody_sees_more(self):
        named = [("name", "ilike", "since")]
        self.assertFalse(self._opens(named, user=self.stranger_user)[0])

    def test_asked_for_wrongly(self):
        for domain in ("nonsense", [("no_such_field", "=", 1)], 5):
            with self.assertRaises(UserError, msg=str(domain)):
                self._opens(domain)
