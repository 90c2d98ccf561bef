from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html

from ...engine.gate import STATE_KINDS
from ..base.guards import refuse_protected
from .gate_facts import create_function
from .sales_process_criterion import SEVERITIES

# What a person may say when handing evidence in; everything else is recorded.
SUBMITTED_FIELDS = frozenset(
    {"lead_id", "criterion_id", "note", "attachment_ids", "res_model", "res_id"}
)
# What a row starts with, spelled out: defaults come from the context and from what
# anybody may set as an own default.
UNDECIDED = {
    "state": "submitted",
    "level": "self",
    "source": "manual",
    "reject_reason": False,
    "partner_id": False,
    "verified_by_id": False,
    "date_verified": False,
    "date_expiry": False,
}


class SalesEvidence(models.Model):
    """What is proven about a deal. Rows are only ever added and decided once.

    A row is handed in by a person, written by the gate when it lets a deal through, or
    comes from the buyer or from a waiver; ``source`` tells which. Nobody has the right
    to write or delete rows: decisions go through the ``action_`` methods, and what was
    decided stays, also when the deal itself is deleted.
    """

    _name = "sales.evidence"
    _description = "Sales Evidence"
    _order = "id desc"
    _rec_name = "criterion_name"
    # Who and when are fields of their own; a mass move inserts thousands of rows, and
    # each reference to a user would be checked for each of them.
    _log_access = False

    lead_id = fields.Many2one(
        comodel_name="crm.lead",
        string="Deal",
        ondelete="set null",
        readonly=True,
    )
    lead_name = fields.Char(string="Name of the Deal", readonly=True)
    team_id = fields.Many2one(related="lead_id.team_id")
    lead_user_id = fields.Many2one(related="lead_id.user_id", string="Salesperson")
    company_id = fields.Many2one(
        comodel_name="res.company",
        compute="_compute_company_id",
        store=True,
        help="Of the deal; kept when the deal is deleted.",
    )
    criterion_id = fields.Many2one(
        comodel_name="sales.process.criterion",
        string="Exit Criterion",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
    )
    criterion_name = fields.Char(related="criterion_id.name", string="Criterion")
    criterion_key = fields.Char(required=True, readonly=True)
    process_stage_id = fields.Many2one(
        related="criterion_id.process_stage_id", string="Stage"
    )
    severity = fields.Selection(
        selection=SEVERITIES,
        readonly=True,
        help="Severity of the criterion at that moment.",
    )
    state = fields.Selection(
        selection=[
            ("submitted", "To Verify"),
            ("verified", "Verified"),
            ("rejected", "Rejected"),
            ("waived", "Waived"),
            ("expired", "Expired"),
        ],
        required=True,
        default="submitted",
        readonly=True,
    )
    level = fields.Selection(
        selection=[
            ("self", "Salesperson"),
            ("system", "System"),
            ("manager", "Manager"),
            ("customer", "Customer"),
        ],
        required=True,
        default="self",
        readonly=True,
        help="On whose word it rests.",
    )
    source = fields.Selection(
        selection=[
            ("manual", "Handed in"),
            ("gate", "Accepted by the gate"),
            ("buyer", "Confirmed by the buyer"),
            ("waiver", "Waiver"),
            ("skip", "Left open on purpose"),
        ],
        required=True,
        default="manual",
        readonly=True,
    )
    res_model = fields.Char(string="Record Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", readonly=True
    )
    note = fields.Text(readonly=True, help="What proves it, or why it was let go.")
    reject_reason = fields.Text(readonly=True)
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="sales_evidence_attachment_rel",
        column1="evidence_id",
        column2="attachment_id",
        string="Files",
        readonly=True,
        bypass_search_access=True,  # else each read looks at all files there are
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact",
        readonly=True,
        index="btree_not_null",
        help="The person at the customer who confirmed.",
    )
    submitted_by_id = fields.Many2one(
        comodel_name="res.users", string="Submitted by", readonly=True
    )
    verified_by_id = fields.Many2one(
        comodel_name="res.users", string="Decided by", readonly=True
    )
    date_submitted = fields.Datetime(readonly=True)
    date_verified = fields.Datetime(string="Decided on", readonly=True)
    date_expiry = fields.Datetime(string="Valid until", readonly=True)
    can_verify = fields.Boolean(compute="_compute_can_verify")

    _lead_idx = models.Index("(lead_id, id)")
    _waiting_idx = models.Index("(lead_id) WHERE state = 'submitted'")
    _expiry_idx = models.Index("(date_expiry) WHERE state IN ('verified', 'waived')")

    def init(self):
        create_function(self.env.cr)

    # === COMPUTE METHODS === #

    @api.depends("lead_id.company_id")
    def _compute_company_id(self):
        for evidence in self:
            lead = evidence.lead_id
            evidence.company_id = lead.company_id if lead else evidence.company_id

    @api.depends("state", "submitted_by_id", "lead_id", "criterion_id.verifier")
    @api.depends_context("uid")
    def _compute_can_verify(self):
        for evidence in self:
            evidence.can_verify = not evidence._verify_error_message()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, vals.keys() - SUBMITTED_FIELDS)
        vals_list = self._complete_vals(vals_list)
        rows = super().create(vals_list)
        rows._claim_attachments()
        if not self.env.su:
            rows._check_submission()
            rows._confirm_state()
            rows._ask_verifiers()
        return rows

    def _complete_vals(self, vals_list):
        """Add what is known about deal, criterion, person and moment."""
        leads = self.env["crm.lead"].browse([v.get("lead_id") for v in vals_list])
        criteria = self.env["sales.process.criterion"].browse(
            [v.get("criterion_id") for v in vals_list]
        )
        now = fields.Datetime.now()
        return [
            {
                **UNDECIDED,
                "lead_name": lead.name,
                "company_id": lead.company_id.id,
                "criterion_key": criterion.key,
                "severity": criterion.severity,
                "submitted_by_id": self.env.uid,
                "date_submitted": now,
                **vals,
            }
            for vals, lead, criterion in zip(vals_list, leads, criteria, strict=True)
        ]

    # === ACTION METHODS === #

    def action_verify(self):
        """Confirm submitted evidence.

        :raise UserError: when it is decided already
        :raise AccessError: when the current user is not the one who may verify it
        """
        for evidence in self:
            evidence._check_can_verify()
        alike = self.grouped(lambda row: (row._is_manager(), row.criterion_id))
        for (by_manager, _criterion), rows in alike.items():
            rows._decide(
                "verified",
                level="manager" if by_manager else "self",
                date_expiry=rows[0]._get_expiry(),
            )
        return True

    def action_reject(self, reason):
        """Refuse submitted evidence; the criterion stays open.

        :param str reason: what is missing, shown to the person who handed it in
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Say what is missing, so it can be mended."))
        for evidence in self:
            evidence._check_can_verify()
        self._decide("rejected", reject_reason=reason.strip())
        for evidence in self:
            evidence._tell_submitter(reason.strip())
        return True

    def action_open_reject(self):
        """Ask for the reason of a rejection."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reject Evidence"),
            "res_model": "sales.evidence.reject",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_evidence_ids": self.ids},
        }

    # === BUSINESS METHODS === #

    def _check_can_verify(self):
        self.ensure_one()
        self.check_access("read")
        if self.state != "submitted":
            raise UserError(
                self.env._(
                    "“%s” is decided already. Hand in new evidence instead.",
                    self.criterion_name,
                )
            )
        message = self._verify_error_message()
        if message:
            raise AccessError(message)

    def _verify_error_message(self):
        """Why the current user may not decide this evidence; empty when he may."""
        self.ensure_one()
        if self.state != "submitted":
            return self.env._("It is decided already.")
        if self.env.su:
            return ""
        if not self.lead_id:
            return self.env._("The deal it belongs to was deleted.")
        verifier = self.criterion_id.verifier
        if verifier == "customer":
            return self.env._(
                "“%s” has to be confirmed by the customer. Send the confirmation, or "
                "ask for a waiver.",
                self.criterion_name,
            )
        own = self.env.user in (self.submitted_by_id | self.lead_id.user_id)
        if own:
            return self.env._(
                "“%s” has to be verified by somebody else than the person who handed "
                "it in or owns the deal.",
                self.criterion_name,
            )
        if verifier == "peer" and self.env.user.has_group("sales_process.group_rep"):
            return ""
        if not self._is_manager():
            return self.env._(
                "“%s” has to be verified by the leader of the deal's team or by a "
                "director.",
                self.criterion_name,
            )
        return ""

    def _is_manager(self):
        if self.env.su:
            return True
        return bool(self.lead_id) and self.lead_id._sales_is_managed_by(self.env.user)

    def _get_expiry(self):
        days = self.criterion_id.validity_days
        return fields.Datetime.now() + timedelta(days=days) if days else False

    def _decide(self, state, **values):
        """Record a decision. The only way a row changes after it was written."""
        self.sudo().write(  # nobody has write access: rows are append-only
            {
                "state": state,
                "verified_by_id": self.env.uid,
                "date_verified": fields.Datetime.now(),
                **values,
            }
        )
        activities = self.env["mail.activity"].sudo()  # on the desk of a colleague
        activities.search([("sales_evidence_id", "in", self.ids)]).action_done()

    def _confirm_state(self):
        """A state the system sees for itself only needs a dated confirmation.

        A filled field or a filter with a validity: whoever works the deal says that it
        still holds, and the system checks that it does.
        """
        for evidence in self:
            criterion = evidence.criterion_id
            state = criterion.verifier == "system" and criterion.kind in STATE_KINDS
            if state and criterion.validity_days:  # without one, the state says it all
                evidence._decide(
                    "verified", level="system", date_expiry=evidence._get_expiry()
                )

    def _check_submission(self):
        for evidence in self:
            lead, criterion = evidence.lead_id, evidence.criterion_id
            if not lead:
                raise UserError(self.env._("Evidence needs a deal."))
            lead.check_access("write")
            if criterion.process_id.family_id != lead.sales_process_id.family_id:
                raise UserError(
                    self.env._(
                        "“%(criterion)s” is not asked in the process of “%(deal)s”.",
                        criterion=criterion.name,
                        deal=lead.name,
                    )
                )
            company = lead.company_id or self.env.company
            if (
                company.sudo().sales_evidence_attachment_required  # a plain setting
                and criterion.kind not in ("signoff", "customer")
                and not evidence.attachment_ids
            ):
                raise UserError(
                    self.env._(
                        "Attach a file that proves “%s”. Your company asks for one.",
                        criterion.name,
                    )
                )

    def _claim_attachments(self):
        """Files of evidence are readable by whoever may read the evidence.

        A file that belongs elsewhere is copied: there it could still be changed.
        """
        for evidence in self.filtered("attachment_ids"):
            place = {"res_model": self._name, "res_id": evidence.id}
            loose = evidence.attachment_ids.filtered(
                lambda a: not a.res_id and a.create_uid == self.env.user
            )
            loose.sudo().write(place)  # own files; nobody has write access to evidence
            placed = evidence.attachment_ids - loose
            if placed:
                placed.check_access("read")
                copies = placed.sudo().copy(place)  # as above
                evidence.sudo().attachment_ids = loose | copies  # as above

    def _ask_verifiers(self):
        """Put an activity on the desk of the nearest leader for each row handed in."""
        for row in self.filtered(
            lambda r: r.state == "submitted" and r.criterion_id.verifier != "peer"
        ):
            verifier = (row.lead_id._sales_verifier() - self.env.user)[:1]
            if verifier:
                local = row.with_context(lang=verifier.lang)
                row.lead_id._sales_request(
                    verifier,
                    local.env._("Verify: %s", local.criterion_id.name),
                    note=plaintext2html(row.note or ""),
                    sales_evidence_id=row.id,
                )

    def _tell_submitter(self, reason):
        self.ensure_one()
        user = self.submitted_by_id
        if self.lead_id and user.active:
            local = self.with_context(lang=user.lang)
            self.lead_id._sales_request(
                user,
                local.env._("Not accepted: %s", local.criterion_id.name),
                note=plaintext2html(reason),
            )

    def _get_explain_action(self):
        """Ask why these soft criteria were left open."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why Was It Left Open?"),
            "res_model": "sales.evidence.explain",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_evidence_ids": self.ids},
        }

    def _explain(self, reason):
        """Record why soft criteria were left open; said once, it stays."""
        for row in self:
            row.lead_id.check_access("write")
            if row.source != "skip" or row.note:
                raise UserError(self.env._("A reason is on record already."))
        self.sudo().note = reason  # append-only: the one blank that may be filled

    @api.model
    def _cron_expire(self):
        """Mark evidence whose validity is over, so lists and counts show it.

        The gate itself reads ``date_expiry`` and never waits for this job.
        """
        lapsed = self.search(
            [
                ("state", "in", ("verified", "waived")),
                ("date_expiry", "<=", fields.Datetime.now()),
            ]
        )
        lapsed.write({"state": "expired"})
