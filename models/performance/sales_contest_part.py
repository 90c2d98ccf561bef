from odoo import api, models


class SalesContestPart(models.AbstractModel):
    """What belongs to the rules of a contest: fixed once it has started."""

    _name = "sales.contest.part"
    _description = "Part of the Rules of a Contest"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records.contest_id._check_rules_open()
        return records

    def write(self, vals):
        self.contest_id._check_rules_open()
        result = super().write(vals)
        self.contest_id._check_rules_open()  # it may be another one now
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        self.contest_id._check_rules_open()
