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
        comodel_name="sales.pipeline.import.file", string="File", ondelete="cascade"
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
        _ = self.env._
        spoken = {
            "customer": _("customer"),
            "product": _("product"),
            "salesperson": _("salesperson"),
            "manager": _("manager"),
            "team": _("team"),
            "industry": _("industry"),
            "country": _("country"),
            "lost_reason": _("lost reason"),
            "parent": _("parent company"),
            "region": _("region"),
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
        _ = self.env._
        return {
            "overlong": (
                _("Too many cells"),
                _(
                    "The row has more cells than the heading. A separator inside a "
                    "text is probably not in quotes."
                ),
            ),
            "id_missing": (_("No identifier"), _("The deal has no identifier.")),
            "id_twice": (
                _("Identifier used twice"),
                _("“%(value)s” already stands in row %(other)s."),
            ),
            "status_missing": (
                _("No stage"),
                _("The row does not say where the deal stands."),
            ),
            "status_open": (
                _("Stage not decided"),
                _(
                    "Nobody has said yet what “%(value)s” means. Choose it under "
                    "Stages."
                ),
            ),
            "status_conflict": (
                _("Stage and status disagree"),
                _("The stage says “%(stage)s”, the status says “%(status)s”."),
            ),
            "amount_missing": (
                _("Won without an amount"),
                _("The won deal has no amount."),
            ),
            "amount_unreadable": (
                _("Unreadable amount"),
                _("“%(value)s” is not an amount of money."),
            ),
            "amount_negative": (
                _("Negative amount"),
                _("The amount %(value)s is below zero."),
            ),
            "amount_currency": (
                _("Another currency"),
                _(
                    "“%(value)s” is not in the company's currency. Convert it in the "
                    "file first."
                ),
            ),
            "date_unreadable": (
                _("Unreadable date"),
                _("“%(value)s” is not a date in the chosen form."),
            ),
            "date_future": (_("Date in the future"), _("%(value)s has not come yet.")),
            "date_order": (
                _("Dates in the wrong order"),
                _("%(second)s (%(value)s) lies before %(first)s (%(date)s)."),
            ),
            "date_missing": (
                _("No date"),
                _(
                    "The row has no date at all, so the deal will be as old as this "
                    "import."
                ),
            ),
            "closed_on_open": (
                _("Closed date on an open deal"),
                _("The deal is open: %(value)s is taken as its expected closing."),
            ),
            "closed_from_entered": (
                _("No closing date"),
                _("The day it entered its stage is taken as the closing date."),
            ),
            "closed_missing": (
                _("No closing date"),
                _("A won or lost deal needs the date it was closed."),
            ),
            "exists_differs": (
                _("Already there, but different"),
                _("The deal exists and stays as it is. In the file: %(differences)s."),
            ),
            "batch_failed": (
                _("Could not be written"),
                _("Rows %(first_row)s to %(last_row)s were not imported: %(error)s"),
            ),
        }

    @api.model
    def _name_sentences(self):
        _ = self.env._
        return {
            "customer_missing": (_("No customer"), _("The deal names no customer.")),
            "product_missing": (_("No product"), _("The deal names no product.")),
            "salesperson_missing": (
                _("No salesperson"),
                _("The deal names no salesperson."),
            ),
            "name_empty": (
                _("Unknown %(field)s"),
                _("“%(value)s” is no known %(field)s, so it is left empty."),
            ),
            "name_near": (
                _("New %(field)s that looks like another"),
                _("“%(value)s” will be created as a new %(field)s."),
            ),
            "name_ambiguous": (
                _("Several meanings of a %(field)s"),
                _("“%(value)s” could be several records, so it is left empty."),
            ),
            "name_undecided": (
                _("Undecided %(field)s"),
                _("Nothing is chosen for “%(value)s”. Choose a record under Names."),
            ),
            "user_unknown": (
                _("Unknown %(field)s"),
                _("“%(value)s” is no user. Deals keep the name and stay unassigned."),
            ),
            "manager_unknown": (
                _("Unknown %(field)s"),
                _("“%(value)s” is no user, so the team gets no leader."),
            ),
            "name_missing": (_("No name"), _("The row has no name and is left out.")),
            "name_twice": (
                _("Name used twice"),
                _("“%(value)s” stands in the file before; this row is left out."),
            ),
            "price_unreadable": (
                _("Unreadable price"),
                _("“%(value)s” is not an amount of money; the price stays empty."),
            ),
        }
