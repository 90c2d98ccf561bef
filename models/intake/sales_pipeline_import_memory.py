from odoo import api, fields, models


class SalesPipelineImportMemory(models.Model):
    """What was decided for a heading or a name, to suggest it the next time."""

    _name = "sales.pipeline.import.memory"
    _description = "Pipeline Import Memory"
    _rec_name = "key"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, ondelete="cascade"
    )
    scope = fields.Char(required=True, help="For example column.deals or value.product")
    key = fields.Char(required=True)
    answer = fields.Char(help="The field, or how the name was matched")

    _scope_key_uniq = models.Constraint(
        "UNIQUE (company_id, scope, key)", "A heading is remembered once."
    )

    # === BUSINESS METHODS === #

    @api.model
    def _recall(self, company, scope):
        """What is remembered in a scope: {key: answer}."""
        rows = self.search_fetch(
            [("company_id", "=", company.id), ("scope", "=", scope)], ["key", "answer"]
        )
        return {row.key: row.answer or "" for row in rows}

    @api.model
    def _remember(self, company, scope, answers):
        """Keep the answers of a scope; what is known already is only rewritten."""
        known = self.search(
            [
                ("company_id", "=", company.id),
                ("scope", "=", scope),
                ("key", "in", list(answers)),
            ]
        )
        for row in known:
            answer = answers[row.key]
            if (row.answer or "") != (answer or ""):
                row.answer = answer
        missing = answers.keys() - set(known.mapped("key"))
        self.create(
            [
                {
                    "company_id": company.id,
                    "scope": scope,
                    "key": key,
                    "answer": answers[key],
                }
                for key in sorted(missing)
            ]
        )
