from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

# Deals put into a process in one go; their cached values are dropped in between.
TAKEN_AT_ONCE = 5000


class SalesProcess(models.Model):
    """Versions of a process, and which deals follow which.

    A live process that deals follow keeps its structure. To change it, its next version
    is drafted and published; deals stay on theirs until somebody moves them.
    """

    _inherit = "sales.process"

    # === COMPUTE METHODS === #

    @api.depends("previous_version_id.family_id")
    def _compute_family_id(self):
        for process in self:
            process.family_id = process.previous_version_id.family_id or process

    # === ACTION METHODS === #

    def action_new_version(self):
        """Copy this process into a draft of its next version and open it.

        A draft of the next version that exists already is opened instead.
        """
        self.ensure_one()
        draft = self._family().filtered(lambda p: p.state == "draft" and p.active)
        if not draft or self.state == "draft":
            draft = self._create_next_version()
        return draft[0]._get_form_action()

    def action_publish(self):
        """Make drafts live; the versions they replace are retired."""
        for process in self:
            process._check_publishable()
        self.write({"state": "live"})
        for process in self:
            process._retire_others()
        return True

    def action_retire(self):
        """Stop giving this process to new deals; its own deals keep it."""
        self.write({"state": "retired"})
        return True

    def action_assign_deals(self):
        """Give this process to the open deals that fit its rules and have none yet.

        Their stage stays where it is; what lies behind it shows as imported.

        :raise UserError: unless the process is live
        """
        self._check_takes_deals()
        leads = self._find_unassigned_leads(
            [("won_status", "=", "pending"), ("active", "=", True)]
        )
        self._take_over(leads)
        return self._notify(
            self.env._(
                "%(count)s deals now follow “%(process)s”.",
                count=len(leads),
                process=self.display_name,
            )
        )

    def action_count_closed_deals(self):
        """Have the deals won or lost before count in the funnel of this process.

        Nothing else changes for them: stage, dates and outcome stay as they are.

        :raise UserError: unless the process is live
        """
        self._check_takes_deals()
        leads = self._find_unassigned_leads([("won_status", "in", ("won", "lost"))])
        self._take_over(leads)
        return self._notify(
            self.env._(
                "%(count)s closed deals now count in “%(process)s”.",
                count=len(leads),
                process=self.display_name,
            )
        )

    def action_migrate_deals(self):
        """Move the open deals of all older versions to this version.

        Evidence stays valid for every criterion that both versions share. A deal in a
        stage that this version no longer has goes to the first stage.

        :raise UserError: unless the process is live
        """
        self._check_takes_deals()
        leads = self.env["crm.lead"].sudo()  # a version moves as a whole, see the check
        leads = leads.search(self._open_deals_domain(self._older_versions()))
        leads._sales_enter_process(self, keep_entry=True)
        return self._notify(
            self.env._(
                "%(count)s deals moved to “%(process)s”.",
                count=len(leads),
                process=self.display_name,
            )
        )

    # === BUSINESS METHODS === #

    def _check_takes_deals(self):
        """Only who designs a process puts deals into it, and only when it is live."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "live":
            raise UserError(
                self.env._(
                    "“%s” is not live, so no deals can be put into it. Publish it "
                    "first.",
                    self.display_name,
                )
            )

    def _open_deals_domain(self, processes):
        """Open deals of these processes, in the companies the user works in."""
        return Domain("sales_process_id", "in", processes.ids) & Domain(
            [
                ("won_status", "=", "pending"),
                ("company_id", "in", [*self.env.companies.ids, False]),
            ]
        )

    def _take_over(self, leads):
        """Hook: put deals that were there before into this process."""
        for ids in split_every(TAKEN_AT_ONCE, leads.ids):
            leads.browse(ids)._sales_enter_process(self)
            self.env.flush_all()
            leads.invalidate_recordset()

    def _find_unassigned_leads(self, status):
        """Deals without a process that fit the rules of this one.

        :param list status: domain on ``crm.lead``, of their outcome
        """
        domain = Domain(status) & Domain(
            [
                ("sales_process_id", "=", False),
                ("type", "=", "opportunity"),
                ("stage_id", "in", self.stage_ids.stage_id.ids),
                ("company_id", "in", [*self.env.companies.ids, False]),
            ]
        )
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        if self.team_ids:
            domain &= Domain("team_id", "in", self.team_ids.ids)
        leads = self.env["crm.lead"].sudo()  # its rules decide, see the check above
        leads = leads.with_context(active_test=False)  # lost deals are archived
        return leads.search(domain & self._parse_lead_domain())

    def _create_next_version(self):
        """A draft that follows the newest version, with the content of this one."""
        self.ensure_one()
        newest = self._family().sorted("version")[-1]
        return self.copy(
            {
                "name": self.name,
                "state": "draft",
                "version": newest.version + 1,
                "previous_version_id": newest.id,
            }
        )

    def _retire_others(self):
        """A published version replaces every other live version of its family."""
        others = self._family() - self
        companies = self.env["res.company"].sudo()  # a setting follows its process
        companies.search(
            [("sales_default_process_id", "in", others.ids)]
        ).sales_default_process_id = self
        others.filtered(lambda p: p.state == "live").write({"state": "retired"})

    def _withdraw_default(self):
        """A process that takes no new deals of a company is not its default."""
        companies = self.env["res.company"].sudo()  # also those of other people
        companies = companies.search([("sales_default_process_id", "in", self.ids)])
        for company in companies:
            process = company.sales_default_process_id
            fits = not process.company_id or process.company_id == company
            if fits and process.active and process.state == "live":
                continue
            company.sales_default_process_id = False
            process.message_post(
                body=self.env._(
                    "This was the default process of %s, which has none now. Choose "
                    "another one in the settings.",
                    company.name,
                )
            )

    def _older_versions(self):
        """All versions before the ones in ``self``."""
        older, found = self.previous_version_id, self.browse()
        while older - found:
            found |= older
            older = older.previous_version_id
        return found

    def _family(self):
        """All versions of the processes in ``self``, these included."""
        processes = self.with_context(active_test=False)
        return processes.search([("family_id", "in", self.family_id.ids)])
