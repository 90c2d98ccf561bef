from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# What a deal and its past have in common: a filter on it asks how the deal looked then.
SAME = frozenset(
    {
        "company_id",
        "date_deadline",
        "expected_revenue",
        "probability",
        "sales_process_id",
        "stage_id",
        "team_id",
        "user_id",
    }
)
# Says of every row what is true of it anyway, or nothing about it.
DROPPED = frozenset({"active", "type"})
STATUS = {"pending": "open", "won": "won", "lost": "lost"}


class SalesPipelineAsOf(models.Model):
    """From deals as they are to how they looked, with the filters that make sense."""

    _inherit = "sales.pipeline.as.of"

    @api.model
    @api.readonly
    def get_action_from_deals(self, facets, base=()):
        """Open the past of the deals somebody is looking at.

        A filter on what the history knows (person, team, stage, amount, closing, won or
        lost) asks how the deal looked on the day; any other one which deal it is.

        :param list facets: ``[{description, domain}]``, domains of ``crm.lead``
        :param base: domain of ``crm.lead`` that no facet shows
        :return: ``action``, and ``filters`` to show as one facet in its search bar
        """
        carried = [
            (facet.get("description") or "", self._carried_over(facet.get("domain")))
            for facet in facets
        ]
        carried = [(label, domain) for label, domain in carried if not domain.is_true()]
        both = Domain.AND(domain for _label, domain in carried)
        base = self._carried_over(base)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_pipeline_as_of_action"
        )
        asked = {c.field_expr for d in (both, base) for c in d.iter_conditions()}
        action["domain"] = [] if base.is_true() else list(base)
        action["context"] = {
            # Deals lost since are archived, and were there all the same.
            "active_test": False,
            **({} if "status" in asked else {"search_default_open": 1}),
        }
        filters = []
        if carried:
            label = " + ".join(label for label, _domain in carried if label)
            filters = [{"description": label, "domain": list(both)}]
        return {"action": action, "filters": filters}

    @api.model
    def _carried_over(self, domain):
        """A domain of deals as one of rows of this model."""
        try:
            domain = Domain(domain or [])
            domain.validate(self.env["crm.lead"])
        except (TypeError, ValueError, KeyError) as error:
            raise UserError(
                self.env._("The filter cannot be read: %s", error)
            ) from error
        together = getattr(domain, "OPERATOR", None) == "&"
        parts = domain.children if together else [domain]
        return Domain.AND(self._carried_part(part) for part in parts)

    @api.model
    def _carried_part(self, part):
        names = {c.field_expr.partition(".")[0] for c in part.iter_conditions()}
        if not names:
            return part
        if names <= DROPPED:
            return Domain.TRUE
        if names <= SAME | {"won_status"}:
            return part.map_conditions(self._as_it_looked)
        return Domain("lead_id", "any", part)

    @api.model
    def _as_it_looked(self, condition):
        if condition.field_expr != "won_status":
            return condition
        value = condition.value
        if isinstance(value, str):
            value = STATUS.get(value, value)
        elif not isinstance(value, bool):
            value = [STATUS.get(item, item) for item in value]
        return Domain("status", condition.operator, value)
