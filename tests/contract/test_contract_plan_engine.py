from odoo.tests import BaseCase, tagged


@tagged("post_install", "-at_install")
class TestContractPlanEngine(BaseCase):
    """Rules are tested in the test files of each model."""

    rule_tested_models = set()
