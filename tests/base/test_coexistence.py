"""Our addon beside others' that extend the same models.

Tagged out of normal runs: ``./dev test --coexistence`` fetches these addons, installs
them together with ours and runs this file.
"""

from odoo import Command, fields
from odoo.tests import TransactionCase, tagged

MODULE = "sales_process"
PEERS = (
    "base_tier_validation",
    "commission_oca",
    "crm_stage_probability",
    "sale_invoice_plan",
    "sale_tier_validation",
)


@tagged("post_install", "-at_install", "-standard", "sales_process_coexistence")
class TestCoexistence(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Beside Others Ltd"})
        cls.product = cls.env["product.product"].create(
            {"name": "Pump", "type": "service", "list_price": 900.0}
        )

    def test_peers_are_installed(self):
        modules = self.env["ir.module.module"].search([("name", "in", PEERS)])
        states = {module.name: module.state for module in modules}
        self.assertEqual(states, dict.fromkeys(PEERS, "installed"))

    def test_quotation_is_confirmed(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.product.id, "product_uom_qty": 2}
                    )
                ],
            }
        )
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.amount_untaxed, 1800.0)

    def test_deal_goes_through_all_stages_and_is_won(self):
        # Without a process of ours: what plain CRM can do has to go on working.
        team = self.env["crm.team"].create({"name": "Beside Others"})
        stages = self.env["crm.stage"].create(
            [
                {"name": name, "sequence": sequence, "team_ids": team.ids}
                for sequence, name in enumerate(("First", "Second", "Third"), 1)
            ]
        )
        lead = self.env["crm.lead"].create(
            {
                "name": "Pumps for the north plant",
                "type": "opportunity",
                "partner_id": self.partner.id,
                "team_id": team.id,
                "stage_id": stages[0].id,
                "expected_revenue": 1800.0,
            }
        )
        for stage in stages[1:]:
            lead.stage_id = stage
            self.assertEqual(lead.stage_id, stage)
        lead.action_set_won()
        self.assertEqual(lead.probability, 100)

    def test_no_field_is_defined_twice(self):
        """No field of ours has a name that a peer uses on the same model."""
        clashes, unmarked = [], []
        for name, model in self.env.registry.items():
            ours, theirs = set(), set()
            for base in model._base_classes__:
                module = base.__module__.removeprefix("odoo.addons.").split(".")[0]
                if module in (MODULE, *PEERS):
                    found = ours if module == MODULE else theirs
                    found |= {
                        field
                        for field, value in vars(base).items()
                        if isinstance(value, fields.Field)
                    }
            clashes += [f"{name}.{field}" for field in ours & theirs]
            if model._original_module in PEERS:
                unmarked += [f"{name}.{field}" for field in ours]
        self.assertFalse(clashes, "Fields that both we and another addon define")
        self.assertFalse(unmarked, "Models of others which we extend")
