from odoo import fields, models
from odoo.exceptions import UserError

from .sales_contest import RULES

# Whatever changes, this stays: who competes, where, and as of when.
KEPT = {"company_id", "date_from", "kind", "league_ids"}


class SalesContest(models.Model):
    """Versions: rules that change during a contest change in front of everybody."""

    _inherit = "sales.contest"

    def action_change_rules(self):
        """Ask what is to change, and why."""
        self.ensure_one()
        self.check_access("write")
        self._check_may_change()
        return self._open_change("change")

    def _open_change(self, task):
        """Open the dialog that asks for a reason.

        :param task: ``change`` or ``cancel``
        """
        self.ensure_one()
        changing = task == "change"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change the Rules")
            if changing
            else self.env._("Cancel the Contest"),
            "res_model": f"sales.contest.{task}",
            "view_mode": "form",
            "target": "new",
            "context": {"default_contest_id": self.id},
        }

    def action_new_version(self, reason, values=None):
        """Change the rules of a contest that runs, in front of everybody.

        :param str reason: why, for all participants
        :param dict values: fields of the rules, as for ``write``
        :return: number of the version
        :raise UserError: without a reason, and for what cannot change any more
        """
        self.ensure_one()
        self.check_access("write")
        self._check_may_change()
        if not (reason or "").strip():
            raise UserError(
                self.env._(
                    "Say why the rules change: everybody in the contest sees it."
                )
            )
        values = dict(values or {})
        refused = values.keys() - (RULES - KEPT)
        if refused:
            names = [
                self._fields[name]._description_string(self.env)
                for name in sorted(refused)
                if name in self._fields
            ]
            raise UserError(
                self.env._(
                    "%s stays as it is while a contest runs. Cancel it and start "
                    "another one.",
                    ", ".join(names) or ", ".join(sorted(refused)),
                )
            )
        contest = self.sudo()  # the engine alone changes rules, with a version
        contest.write(values)
        contest._check_complete()
        contest._protect_badges()
        contest._change_version(reason.strip(), self.env.user)
        contest._refresh()
        return contest.version

    def _check_may_change(self):
        if self.state == "draft":
            raise UserError(
                self.env._(
                    "“%s” has not started: change its rules as they are.",
                    self.display_name,
                )
            )
        self.filtered(lambda contest: contest.state != "running")._check_rules_open()

    def _change_version(self, reason, user):
        """Record the rules as they are now under a new number, and tell everybody."""
        self.write({"version": self.version + 1})
        self._record_version(reason, user)
        self.env.registry.clear_cache()  # other metrics may count now
        self.message_post(body=reason, author_id=user.partner_id.id)
        self._bus_send("sales_contest_changed", {"contest_id": self.id})

    def _record_version(self, reason, user):
        self.env["sales.contest.version"].create(
            {
                "contest_id": self.id,
                "number": self.version,
                "date": fields.Datetime.now(),
                "user_id": user.id,
                "reason": reason,
                "rules": self.rules_text,
            }
        )
        self.invalidate_recordset(["version_ids"])  # the newest comes first
