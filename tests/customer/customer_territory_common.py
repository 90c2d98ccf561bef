from odoo.fields import Command

from ..common import SalesProcessCommon

LISTS = ("country_ids", "state_ids", "industry_ids", "partner_ids")


class TerritoryCommon(SalesProcessCommon):
    """Territories of the test alone, and customers to put into them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sales.territory"].search([]).active = False
        cls.germany, cls.france = cls.env.ref("base.de"), cls.env.ref("base.fr")
        cls.britain, cls.usa = cls.env.ref("base.uk"), cls.env.ref("base.us")
        cls.hamburg, cls.bremen = cls.env["res.country.state"].create(
            [
                {"name": name, "code": f"T{name[5]}", "country_id": cls.germany.id}
                for name in ("Test Hamburg", "Test Bremen")
            ]
        )
        cls.cars, cls.food = cls.env["res.partner.industry"].create(
            [{"name": "Test Cars"}, {"name": "Test Food"}]
        )

    @classmethod
    def _territory(cls, name, *rules, parent=None, **values):
        """A territory with rules, each a dict of records and postcodes."""
        return cls.env["sales.territory"].create(
            {
                "name": name,
                "parent_id": parent.id if parent else False,
                "rule_ids": [Command.create(cls._rule(rule)) for rule in rules],
                **values,
            }
        )

    @classmethod
    def _rule(cls, values):
        return {
            name: [Command.set(value.ids)] if name in LISTS else value
            for name, value in values.items()
        }

    @classmethod
    def _codes(cls, first, last, country=None, **values):
        """A rule by postcodes."""
        country = country or cls.germany
        return {"zip_from": first, "zip_to": last, "country_ids": country, **values}

    @classmethod
    def _customer(cls, name="Customer", country=None, **values):
        country = cls.germany if country is None else country
        return cls.env["res.partner"].create(
            {"name": name, "is_company": True, "country_id": country.id, **values}
        )

    @classmethod
    def _assign(cls):
        """Run the job to its end."""
        run = cls.env["sales.territory.assignment"]._begin()._run()
        cls.env.invalidate_all()
        return run
