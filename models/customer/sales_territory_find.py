from typing import NamedTuple

from odoo import api, models, tools

from ...engine.territory import normalize
from .sales_territory_rule import NAMES
from .territory_sql import match


class Place(NamedTuple):
    """What the rules look at, as ids; ``zip`` as it was typed."""

    customer_id: int | None
    company_id: int | None
    country_id: int | None
    state_id: int | None
    zip: str | None
    industry_id: int | None


class SalesTerritory(models.Model):
    """Find the territory of customers and deals, and say why it is that one."""

    _inherit = "sales.territory"

    @api.model
    @tools.ormcache()
    def _any_rule(self):
        """Whether there is a rule at all: most databases have none."""
        rules = self.env["sales.territory.rule"].sudo()  # whoever saves a customer
        return bool(rules.search_count([], limit=1))

    @api.model
    def _match(self, places):
        """What the rules say of some places, by one query.

        :param places: ``{key: Place}``; keys are whatever the caller likes
        :return: ``{key: (territory, rule)}`` without those that no rule fits
        """
        if not places or not self._any_rule():
            return {}
        for name, fields in (
            ("sales.territory", None),
            ("sales.territory.rule", None),
            ("res.partner", ["parent_id"]),
        ):
            self.env[name].flush_model(fields)
        keys = list(places)
        rows = [(number, *places[key]) for number, key in enumerate(keys)]
        territories = self.sudo()  # everybody is somewhere, seen or not
        rules = self.env["sales.territory.rule"].sudo()  # the same
        found = self.env.execute_query(match(rows))
        territory_ids = [territory_id for _number, territory_id, _rule_id in found]
        rule_ids = [rule_id for _number, _territory_id, rule_id in found]
        return {
            keys[number]: (
                territories.browse(territory_id).with_prefetch(territory_ids),
                rules.browse(rule_id).with_prefetch(rule_ids),
            )
            for number, territory_id, rule_id in found
        }

    def _may_hold(self, company):
        """Whether what belongs to a company, or to none, may belong to this territory.

        :rtype: bool
        """
        return (
            bool(self)
            and self.active
            and self.company_id in (company, company.browse())
        )

    # === WHY === #

    @api.model
    def _explain(self, place, territory, rule):
        """Why the rules give a territory, in one sentence.

        :param Place place: that was matched
        :param territory: that was found; empty for none
        :param rule: by which
        """
        if not rule:
            return self.env._("No rule fits.")
        values = {
            "territory": territory.name,
            "zip": normalize(place.zip),
            "range": f"{rule.zip_from}-{rule.zip_to}",
            "state": self._name_of("res.country.state", place.state_id),
            "country": self._name_of("res.country", place.country_id),
            "industry": self._name_of("res.partner.industry", place.industry_id),
            "customer": self._name_of("res.partner", place.customer_id),
            "named": ", ".join(rule.partner_ids[:NAMES].mapped("name")),
        }
        first = {
            "customer": lambda: self._explain_named(place, rule, values),
            "postcode": lambda: self.env._(
                "Postcode %(zip)s lies in %(range)s of %(territory)s", **values
            ),
            "state": lambda: self.env._(
                "State %(state)s belongs to %(territory)s", **values
            ),
            "industry_country": lambda: self.env._(
                "Industry %(industry)s in %(country)s belongs to %(territory)s",
                **values,
            ),
            "industry": lambda: self.env._(
                "Industry %(industry)s belongs to %(territory)s", **values
            ),
            "country": lambda: self.env._(
                "Country %(country)s belongs to %(territory)s", **values
            ),
        }[rule.kind]()
        also = self._list_further(rule, values)
        if also:
            return self.env._(
                "%(first)s, and %(further)s fits as well.", first=first, further=also
            )
        return self.env._("%(sentence)s.", sentence=first)

    @api.model
    def _explain_named(self, place, rule, values):
        if place.customer_id in rule.partner_ids.commercial_partner_id.ids:
            return self.env._(
                "%(customer)s is a customer named by %(territory)s", **values
            )
        return self.env._(
            "%(customer)s belongs to a customer named by %(territory)s: %(named)s",
            **values,
        )

    @api.model
    def _list_further(self, rule, values):
        """What else a rule asked for, beside what it counts as."""
        said = {
            "customer": set(),
            "postcode": {"country"},
            "state": {"country"},
            "industry_country": {"country", "industry"},
            "industry": {"industry"},
            "country": {"country"},
        }[rule.kind]
        asked = {
            "zip": rule.kind == "customer" and rule.zip_from,
            "state": rule.kind != "state" and rule.state_ids,
            "industry": rule.industry_ids,
            "country": rule.country_ids,
        }
        return ", ".join(
            values[name] for name, given in asked.items() if given and name not in said
        )

    @api.model
    def _name_of(self, model, record_id):
        record = self.env[model].sudo().browse(record_id)  # of what the user looks at
        return record.name or ""
