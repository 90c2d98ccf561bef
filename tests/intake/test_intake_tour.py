from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestIntakeTour(HttpCase):
    """A sales manager brings a small pipeline in, in the browser."""

    def test_import_tour(self):
        new_test_user(
            self.env,
            "intake_tour",
            "sales_team.group_sale_manager,product.group_product_manager",
        )
        self.start_tour("/odoo", "intake_import_tour", login="intake_tour")
        run = self.env["sales.pipeline.import"].search(
            [("create_uid.login", "=", "intake_tour")]
        )
        self.assertEqual((run.state, run.created_count), ("done", 2))
        self.assertEqual(
            sorted(run.lead_ids.mapped(lambda lead: (lead.name, lead.won_status))),
            [("Tour Ltd (T2)", "lost"), ("Tour Ltd: Tour product", "won")],
        )
