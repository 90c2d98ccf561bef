from odoo import api, fields, models
from odoo.exceptions import UserError

# Files of this category come with the signature itself.
SIGNED_CATEGORY = "contract"


class SalesContract(models.Model):
    """What has to be there before a contract is signed, and what is missing.

    Like the exits of a process: each item is met or says what to do, the required ones
    block the signature, the others remind.
    """

    _inherit = "sales.contract"

    checklist = fields.Json(compute="_compute_checklist")
    completeness = fields.Float(
        compute="_compute_completeness",
        store=True,
        aggregator="avg",
        help="Items of the checklist that are met, in percent (0–100).",
    )
    is_complete = fields.Boolean(
        string="Complete",
        compute="_compute_completeness",
        store=True,
        help="Everything that is required for the signature is there.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "type_id.requirement_ids.kind",
        "type_id.requirement_ids.required",
        "type_id.requirement_ids.document_category",
        "customer_signatory_id",
        "clause_ids.agreed",
        "clause_ids.required",
        "clause_ids.requirement_id",
        "document_ids.requirement_id",
        "document_ids.attachment_id.sales_document_category",
        "order_ids.state",
        "order_ids.amount_total",
        "order_ids.sales_plan_line_ids",
    )
    def _compute_completeness(self):
        for contract in self:
            items = contract.sudo()._get_checklist()  # the same whoever looks
            met = sum(item["met"] for item in items)
            contract.completeness = 100 * met / len(items) if items else 100.0
            contract.is_complete = all(
                item["met"] or not item["required"] for item in items
            )

    @api.depends("completeness", "state", "clause_ids.name", "type_id.requirement_ids")
    @api.depends_context("lang", "uid")
    def _compute_checklist(self):
        for contract in self:
            items = contract.sudo()._get_checklist()  # the same whoever looks
            contract.checklist = {
                "items": items,
                "met": sum(item["met"] for item in items),
                "can_write": contract.state == "draft" and contract.has_access("write"),
            }

    # === ITEMS === #

    def _get_checklist(self):
        """What this contract needs; extend it for more.

        :return: a list of dicts with ``key``, ``name``, whether it is ``required`` and
            ``met``, the ``hint`` what to do while it is not, and the ``label`` of the
            button that does it, if there is one (see :meth:`action_checklist`)
        """
        self.ensure_one()
        items = [self._check_orders(), self._check_plans(), self._check_signatory()]
        clauses = {clause.requirement_id: clause for clause in self.clause_ids}
        for requirement in self.type_id.requirement_ids:
            if requirement.kind == "document":
                items.append(self._check_document(requirement))
            elif requirement not in clauses:
                items.append(self._check_lost_clause(requirement))
        return items + [self._check_clause(clause) for clause in self.clause_ids]

    def _check_orders(self):
        quotations = self.order_ids.filtered(lambda o: o.state in ("draft", "sent"))
        confirmed = self.order_ids.filtered(lambda order: order.state == "sale")
        hint = ""
        if quotations:
            names = ", ".join(quotations.mapped("name"))
            hint = self.env._("Confirm %s, or take it out of the contract.", names)
        elif not confirmed:
            hint = self.env._("Add a confirmed order of the customer.")
        return {
            "key": "orders",
            "name": self.env._("Confirmed orders"),
            "required": True,
            "met": not hint,
            "hint": hint,
            "label": self.env._("Add Orders") if not self.order_ids else "",
        }

    def _check_plans(self):
        """Without instalments nobody is told when to invoice."""
        bare = self.order_ids.filtered(
            lambda order: (
                order.state != "cancel"
                and not order.sales_plan_line_ids
                and order.currency_id.compare_amounts(order.amount_total, 0.0) > 0
            )
        )
        names = ", ".join(bare.mapped("name"))
        return {
            "key": "plans",
            "name": self.env._("Payment plan"),
            "required": False,
            "met": bool(self.order_ids) and not bare,
            "hint": names
            and self.env._(
                "Choose one on %s: without it nobody is told when to invoice.", names
            ),
            "label": self.env._("Open Orders") if bare else "",
        }

    def _check_signatory(self):
        return {
            "key": "signatory",
            "name": self.env._("Who signs for the customer"),
            "required": False,
            "met": bool(self.customer_signatory_id),
            "hint": self.env._("Choose the person under “Parties”."),
            "label": "",
        }

    def _check_document(self, requirement):
        found = self.document_ids.filtered(
            lambda document: (
                document.requirement_id == requirement
                or (
                    not document.requirement_id
                    and document.sales_document_category
                    == requirement.document_category
                )
            )
        )
        hint = self.env._("Add the document.")
        if requirement.document_category == SIGNED_CATEGORY:
            hint = self.env._("Comes with the signature, or add it now.")
        return {
            "key": f"document-{requirement.id}",
            "name": requirement.name,
            "required": requirement.required,
            "met": bool(found),
            "hint": hint,
            "label": self.env._("Add"),
            "category": requirement.document_category,
        }

    def _check_lost_clause(self, requirement):
        """The type asks for a clause that came after this contract was made."""
        return {
            "key": "clauses",
            "name": requirement.name,
            "required": requirement.required,
            "met": False,
            "hint": self.env._(
                "New in the contract type: take it over and agree on it."
            ),
            "label": self.env._("Take Over"),
        }

    def _check_clause(self, clause):
        return {
            "key": f"clause-{clause.id}",
            "name": clause.name,
            "required": clause.required,
            "met": clause.agreed,
            "hint": self.env._("Agree on it, or write down the deviation."),
            "label": self.env._("Agreed"),
            "note": clause.deviation or "",
        }

    # === WHAT BLOCKS === #

    def _find_signing_problem(self, provided=()):
        """Why it cannot be signed yet, naming all that is missing; else empty.

        :param provided: categories of documents that come with the signature
        """
        self.ensure_one()
        missing = [
            item["name"]
            for item in self.sudo()._get_checklist()  # the same whoever signs
            if item["required"]
            and not item["met"]
            and item.get("category") not in provided
        ]
        if not missing:
            return ""
        return self.env._(
            "%(contract)s cannot be signed yet. Missing: %(items)s. See the checklist "
            "for what to do.",
            contract=self.name,
            items=", ".join(missing),
        )

    def action_checklist(self, key):
        """Do what an item of the checklist asks for.

        :param str key: of the item
        :return: an action to open, or nothing
        """
        self.ensure_one()
        self.check_access("write")
        kind, _dash, number = str(key).partition("-")
        if kind == "orders":
            return self.action_add_orders()
        if kind == "plans":
            return self.action_view_orders()
        if kind == "clauses":
            self._check_open()
            self._take_over_clauses()
        elif kind == "clause":
            clause = self.clause_ids.filtered(lambda c: str(c.id) == number)
            clause.action_agree()
        elif kind == "document":
            return self._open_document_dialog(number)
        return False

    def _open_document_dialog(self, number):
        requirement = self.type_id.requirement_ids.filtered(
            lambda r: str(r.id) == number
        )
        if not requirement:
            raise UserError(
                self.env._("The contract type no longer asks for this document.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": requirement.name,
            "res_model": "sales.contract.document",
            "view_mode": "form",
            "views": [
                (
                    self.env.ref(
                        "sales_process.sales_contract_document_view_form_dialog"
                    ).id,
                    "form",
                )
            ],
            "target": "new",
            "context": {
                "default_contract_id": self.id,
                "default_requirement_id": requirement.id,
                "default_sales_document_category": requirement.document_category,
            },
        }
