from collections import defaultdict

from odoo import api, fields, models

from ...engine.territory import Postcodes

# Criteria by which two rules can share no customer although their postcodes overlap.
APART = ("state_ids", "industry_ids", "partner_ids")


class SalesTerritory(models.Model):
    """Warn where postcodes are claimed by two territories at the same level.

    No mistake by itself: the order of the territories decides. But hardly meant.
    """

    _inherit = "sales.territory"

    overlap_warning = fields.Text(
        compute="_compute_overlap_warning",
        help="Postcodes that another territory at the same level claims, too.",
    )

    @api.depends(
        "parent_id",
        "active",
        "company_id",
        "rule_ids.zip_from",
        "rule_ids.zip_to",
        "rule_ids.country_ids",
    )
    @api.depends_context("lang")
    def _compute_overlap_warning(self):
        claimed = any(self.rule_ids.mapped("zip_from"))
        claims = self._claims_by_country() if claimed else {}
        for territory in self:
            lines = [
                self.env._(
                    "Postcodes %(own)s overlap with %(other)s of “%(territory)s”.",
                    own=f"{rule.zip_from}–{rule.zip_to}",
                    other=f"{other.zip_from}–{other.zip_to}",
                    territory=other.territory_id.complete_name,
                )
                for rule in territory.rule_ids
                for other in claims.get(rule.country_ids._origin, ())
                if territory._competes(rule, other)
            ]
            territory.overlap_warning = "\n".join(lines) or False

    @api.model
    def _claims_by_country(self):
        """Rules with postcodes of all territories, by their country."""
        claims = defaultdict(lambda: self.env["sales.territory.rule"])
        rules = self.env["sales.territory.rule"].search(
            [("zip_from", "!=", False), ("territory_id.active", "=", True)],
            order="zip_from, id",
        )
        for rule in rules:
            claims[rule.country_ids] |= rule
        return claims

    def _level(self):
        """How many territories this one lies in."""
        return self.parent_id._level() + 1 if self.parent_id else 0

    def _competes(self, rule, other):
        """Whether a rule of this territory and another claim the same customers."""
        rival = other.territory_id
        companies = self.company_id | rival.company_id
        return (
            rule.zip_from
            and rule.zip_to
            and rival != self._origin
            and rival._level() == self._level()
            and len(companies) < 2
            and Postcodes(rule.zip_from, rule.zip_to).overlaps(
                Postcodes(other.zip_from, other.zip_to)
            )
            and not any(
                rule[name] and other[name] and not (rule[name]._origin & other[name])
                for name in APART
            )
        )
