from odoo import api, models


class SalesCommissionSimulator(models.AbstractModel):
    """The simulation as a workbook."""

    _inherit = "sales.commission.simulator"

    @api.model
    def export_excel(self, options):
        """Download what :meth:`simulate` says: plans, people, periods.

        :return: action
        """
        result = self.simulate(options)
        digits = self.env.company.currency_id.decimal_places
        money = {"kind": "money", "digits": digits, "zeros": True}
        sheets = [
            self._plans_sheet(result, money),
            self._people_sheet(result, money),
            self._periods_sheet(result, money),
        ]
        for sheet in sheets:
            sheet["subtitle"] = self._subtitle(result)
        return self.env["sales.excel"]._download(
            self.env._("Commission %s", result["label"]), sheets
        )

    @api.model
    def _subtitle(self, result):
        parts = [result["company"], result["label"], self.env.company.currency_id.name]
        if result["growth"] is not False:
            parts.append(
                self.env._(
                    "targets that were missing: the year before and %s %%",
                    f"{result['growth']:g}",
                )
            )
        return " · ".join(parts)

    @api.model
    def _plans_sheet(self, result, money):
        env = self.env
        percent = {"kind": "number", "digits": 2, "width": 14}
        return {
            "title": env._("Plans"),
            "columns": [
                {"label": env._("Plan"), "kind": "text", "width": 34},
                {"label": env._("People"), "kind": "integer"},
                {"label": env._("Cost"), **money},
                {"label": env._("Plans in Force"), **money},
                {"label": env._("Difference"), **money},
                {"label": env._("% of Revenue"), **percent},
                {"label": env._("% of Margin"), **percent},
                *(
                    {"label": label, "kind": "integer", "zeros": True, "width": 12}
                    for label in (
                        env._("Winners"),
                        env._("Losers"),
                        env._("At Zero"),
                        env._("At Cap"),
                        env._("No Target"),
                        env._("Assumed"),
                    )
                ),
            ],
            "rows": [
                [
                    plan["name"],
                    plan["people"],
                    plan["cost"],
                    plan["before"],
                    plan["difference"],
                    _none(plan["of_revenue"]),
                    _none(plan["of_margin"]),
                    plan["winners"],
                    plan["losers"],
                    plan["at_zero"],
                    plan["at_cap"],
                    plan["no_target"],
                    plan["assumed"],
                ]
                for plan in result["plans"]
            ],
        }

    @api.model
    def _people_sheet(self, result, money):
        env = self.env
        columns = [
            {"label": env._("Person"), "kind": "text"},
            {"label": env._("Plans in Force"), "total": True, **money},
        ]
        groups = []
        for plan in result["plans"]:
            groups.append((len(columns), len(columns) + 3, plan["name"]))
            columns += [
                {"label": env._("With It"), "total": True, **money},
                {"label": env._("Difference"), "total": True, **money},
                {"label": env._("Attainment %"), "kind": "number", "digits": 1},
                {"label": env._("Best Rate %"), "kind": "number", "digits": 2},
            ]
        rows = []
        for person in result["people"]:
            row = [person["name"], person["before"]]
            for plan in result["plans"]:
                found = person["plans"].get(plan["id"])
                row += (
                    [
                        found["after"],
                        found["difference"],
                        _none(found["attainment"]),
                        _none(found["rate"]),
                    ]
                    if found
                    else [None] * 4
                )
            rows.append(row)
        return {
            "title": env._("People"),
            "columns": columns,
            "groups": groups,
            "rows": rows,
        }

    @api.model
    def _periods_sheet(self, result, money):
        env = self.env
        columns = [{"label": env._("Period"), "kind": "text"}]
        groups = []
        for plan in result["plans"]:
            groups.append((len(columns), len(columns) + 1, plan["name"]))
            columns += [
                {"label": env._("With It"), "total": True, **money},
                {"label": env._("Plans in Force"), "total": True, **money},
            ]
        return {
            "title": env._("Periods"),
            "columns": columns,
            "groups": groups,
            "rows": [
                [
                    label,
                    *(
                        plan["periods"][place][key]
                        for plan in result["plans"]
                        for key in ("after", "before")
                    ),
                ]
                for place, label in enumerate(result["periods"])
            ],
        }


def _none(number):
    """No number where there is none: 0 is one."""
    return None if number is False else number
