from odoo import api, fields, models

from .sales_pipeline_import_column import TARGETS


class SalesPipelineImportProblem(models.Model):
    """What is wrong with one row, in words a person can act on."""

    _name = "sales.pipeline.import.problem"
    _description = "Pipeline Import Problem"
    _order = "severity, file_sequence, row, id"
    _rec_name = "reason"

    import_id = fields.Many2one(
        comodel_name="sales.pipeline.import",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="import_id.company_id", store=True)
    file_id = fields.Many2one(
        comodel_name="sales.pipeline.import.file", ondelete="cascade"
    )
    file_sequence = fields.Integer(related="file_id.sequence", store=True)
    row = fields.Integer(
        aggregator=None, help="As counted by a spreadsheet: the heading is row 1."
    )
    column = fields.Char()
    value = fields.Char(string="In the File")
    severity = fields.Selection(
        selection=[("error", "Error"), ("warning", "Warning")], required=True
    )
    code = fields.Char(required=True)
    topic = fields.Char(string="Kind of Problem")
    reason = fields.Char(required=True)

    # === BUSINESS METHODS === #

    @api.model
    def _describe(self, issue, headers=None):
        """The values of a problem from an issue the engine found.

        :param headers: field → heading, to name the column as the file does
        """
        topic, sentence = self._sentences()[issue.code]
        labels = headers or {}
        params = {
            "value": issue.value,
            "field": self._field_label(issue.target),
            **issue.params,
        }
        if "first" in params:
            params["first"] = labels.get(params["first"]) or self._field_label(
                params["first"]
            )
            params["second"] = labels.get(issue.target) or params["field"]
        reason = sentence % params
        if params.get("suggestion"):
            reason += " " + self._hint(params)
        return {
            "row": issue.row,
            "column": labels.get(issue.target, ""),
            "value": issue.value,
            "severity": issue.severity,
            "code": issue.code,
            "topic": topic % params,
            "reason": reason,
        }

    @api.model
    def _field_label(self, target):
        """The name of a field in a sentence, in the user's language."""
        spoken = {
            "customer": self.env._("customer"),
            "product": self.env._("product"),
            "salesperson": self.env._("salesperson"),
            "manager": self.env._("manager"),
            "team": self.env._("team"),
            "industry": self.env._("industry"),
            "country": self.env._("country"),
            "lost_reason": self.env._("lost reason"),
            "parent": self.env._("parent company"),
            "region": self.env._("region"),
        }
        return spoken.get(target) or dict(
            (key.partition(".")[2], label) for key, label in reversed(TARGETS)
        ).get(target, "")

    @api.model
    def _hint(self, params):
        if params.get("score"):
            return self.env._(
                "It looks like “%(suggestion)s” (%(score)d %% alike); choose that if "
                "it is meant.",
                suggestion=params["suggestion"],
                score=params["score"],
            )
        return self.env._(
            "%(suggestion)s: choose one.", suggestion=params["suggestion"]
        )

    @api.model
    def _sentences(self):
        """Every code the engine can give: its topic and what to tell and to do."""
        return {**self._row_sentences(), **self._name_sentences()}

    @api.model
    def _row_sentences(self):
        return {
            "overlong": (
                self.env._("Too many cells"),
                self.env._(
                    "The row has more cells than the heading. A separator inside a "
                    "text is probably not in quotes."
                ),
            ),
            "id_missing": (
                self.env._("No identifier"),
                self.env._("The deal has no identifier."),
            ),
            "id_twice": (
                self.env._("Identifier used twice"),
                self.env._("“%(value)s” already stands in row %(other)s."),
            ),
            "status_missing": (
                self.env._("No stage"),
                self.env._("The row does not say where the deal stands."),
            ),
            "status_open": (
                self.env._("Stage not decided"),
                self.env._(
                    "Nobody has said yet what “%(value)s” means. Choose it under "
                    "Stages."
                ),
            ),
            "status_conflict": (
                self.env._("Stage and status disagree"),
                self.env._("The stage says “%(stage)s”, the status says “%(status)s”."),
            ),
            "amount_missing": (
                self.env._("Won without an amount"),
                self.env._("The won deal has no amount."),
            ),
            "amount_unreadable": (
                self.env._("Unreadable amount"),
                self.env._("“%(value)s” is not an amount of money."),
            ),
            "amount_negative": (
                self.env._("Negative amount"),
                self.env._("The amount %(value)s is below zero."),
            ),
            "amount_currency": (
                self.env._("Another currency"),
                self.env._(
                    "“%(value)s” is not in the company's currency. Convert it in the "
                    "file first."
                ),
            ),
            "date_unreadable": (
                self.env._("Unreadable date"),
                self.env._("“%(value)s” is not a date in the chosen form."),
            ),
            "date_future": (
                self.env._("Date in the future"),
                self.env._("%(value)s has not come yet."),
            ),
            "date_order": (
                self.env._("Dates in the wrong order"),
                self.env._("%(second)s (%(value)s) lies before %(first)s (%(date)s)."),
            ),
            "date_missing": (
                self.env._("No date"),
                self.env._(
                    "The row has no date at all, so the deal will be as old as this "
                    "import."
                ),
            ),
            "closed_on_open": (
                self.env._("Closed date on an open deal"),
                self.env._(
                    "The deal is open: %(value)s is taken as its expected closing."
                ),
            ),
            "closed_from_entered": (
                self.env._("No closing date"),
                self.env._(
                    "The day it entered its stage is taken as the closing date."
                ),
            ),
            "closed_missing": (
                self.env._("No closing date"),
                self.env._("A won or lost deal needs the date it was closed."),
            ),
            "exists_differs": (
                self.env._("Already there, but different"),
                self.env._(
                    "The deal exists and stays as it is. In the file: %(differences)s."
                ),
            ),
            "batch_failed": (
                self.env._("Could not be written"),
                self.env._(
                    "Rows %(first_row)s to %(last_row)s were not imported: %(error)s"
                ),
            ),
        }

    @api.model
    def _name_sentences(self):
        return {
            "customer_missing": (
                self.env._("No customer"),
                self.env._("The deal names no customer."),
            ),
            "product_missing": (
                self.env._("No product"),
                self.env._("The deal names no product."),
            ),
            "salesperson_missing": (
                self.env._("No salesperson"),
                self.env._("The deal names no salesperson."),
            ),
            "name_empty": (
                self.env._("Unknown %(field)s"),
                self.env._("“%(value)s” is no known %(field)s, so it is left empty."),
            ),
            "name_near": (
                self.env._("New %(field)s that looks like another"),
                self.env._("“%(value)s” will be created as a new %(field)s."),
            ),
            "name_ambiguous": (
                self.env._("Several meanings of a %(field)s"),
                self.env._(
                    "“%(value)s” could be several records, so it is left empty."
                ),
            ),
            "name_undecided": (
                self.env._("Undecided %(field)s"),
                self.env._(
                    "Nothing is chosen for “%(value)s”. Choose a record under Names."
                ),
            ),
            "user_unknown": (
                self.env._("Unknown %(field)s"),
                self.env._(
                    "“%(value)s” is no user. Deals keep the name and stay unassigned."
                ),
            ),
            "manager_unknown": (
                self.env._("Unknown %(field)s"),
                self.env._("“%(value)s” is no user, so the team gets no leader."),
            ),
            "name_missing": (
                self.env._("No name"),
                self.env._("The row has no name and is left out."),
            ),
            "name_twice": (
                self.env._("Name used twice"),
                self.env._(
                    "“%(value)s” stands in the file before; this row is left out."
                ),
            ),
            "price_unreadable": (
                self.env._("Unreadable price"),
                self.env._(
                    "“%(value)s” is not an amount of money; the price stays empty."
                ),
            ),
        }
