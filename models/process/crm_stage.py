from odoo import api, models
from odoo.exceptions import UserError


class CrmStage(models.Model):
    _inherit = "crm.stage"

    # === CRUD METHODS === #

    def write(self, vals):
        if vals.get("is_won"):
            self._sales_check_no_open_deals()
        if "is_won" in vals:
            self._sales_check_outcome_open(bool(vals["is_won"]))
        result = super().write(vals)
        if "is_won" in vals:
            self.env.registry.clear_cache()  # processes cache which stages win
        return result

    # === BUSINESS METHODS === #

    def _sales_check_outcome_open(self, is_won):
        """Which stages win is part of a process, so it is fixed while deals follow."""
        changed = self.filtered(lambda stage: stage.is_won != is_won)
        used = self.env["sales.process.stage"].sudo()  # processes of other companies
        used = used.search([("stage_id", "in", changed.ids)])
        used.process_id._check_structure_open()

    def _sales_check_no_open_deals(self):
        """Refuse to turn a stage into "won" over the heads of deals in a process.

        Core would mark every deal in the stage as won at once, past any exit criterion.
        """
        stages = self.filtered(lambda stage: not stage.is_won)
        held = self.env["crm.lead"].sudo()  # deals of all teams and companies count
        held = held.with_context(active_test=False)._read_group(
            [("stage_id", "in", stages.ids), ("sales_process_id", "!=", False)],
            ["stage_id"],
            ["__count"],
        )
        if held:
            stage, count = held[0]
            raise UserError(
                self.env._(
                    "%(count)s deals of a sales process are in “%(stage)s”. Making it "
                    "a won stage would win them all without proof. Move them first, or "
                    "add a new won stage.",
                    count=count,
                    stage=stage.name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_process(self):
        used = self.env["sales.process.stage"].sudo()  # processes of other companies
        used = used.search([("stage_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "“%(stage)s” belongs to the process “%(process)s”. Take it out of "
                    "the process first.",
                    stage=used.stage_id.name,
                    process=used.process_id.display_name,
                )
            )
