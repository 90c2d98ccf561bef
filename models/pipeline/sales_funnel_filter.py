from odoo import api, models
from odoo.fields import Domain

from .sales_funnel_scope import selection


class SalesFunnelReport(models.Model):
    """What the screen offers to narrow the figures by, and to tell them apart by.

    The screen shows whatever comes from here: a filter or group that another layer
    knows needs no change of it.
    """

    _inherit = "sales.funnel.report"

    @api.model
    @api.readonly
    def get_filters(self):
        return {
            **super().get_filters(),
            "groups": self._offered_groups(),
            **self._offered_values(),
        }

    @api.model
    def _offered_groups(self):
        """``[{key, label}]`` of what figures can be told apart by."""
        return [
            {"key": key, "label": self._path_label("sales.funnel.visit", group.path)}
            for key, group in self._known_groups().items()
        ]

    @api.model
    def _offered_values(self):
        """``filters``, each with the values that deals have, and the usual process.

        Looked at are the deals in any process that the user may read: one query for
        all filters.

        :return: ``filters``: ``[{key, label, values}]``; ``process_id``: the one that
            most of the deals follow, False without any
        """
        leads = self.env["crm.lead"].with_context(active_test=False)
        specs = {
            key: (model, path)
            for key, (model, path, _operator) in self._known_deal_filters().items()
            if path.partition(".")[0] in leads._fields
        }
        domain = Domain("type", "=", "opportunity") & Domain(
            "sales_process_id", "!=", False
        )
        processes, *found = leads._read_grouping_sets(
            domain,
            [["sales_process_id"], *([path] for _model, path in specs.values())],
            ["__count"],
        )
        usual = max(processes, key=lambda row: row[1], default=(leads, 0))[0]
        return {
            "process_id": usual.id,
            "filters": [
                {
                    "key": key,
                    "label": self._path_label("crm.lead", path),
                    "values": self._filter_values(
                        model, path, [row[0] for row in rows]
                    ),
                }
                for (key, (model, path)), rows in zip(specs.items(), found, strict=True)
            ],
        }

    @api.model
    def _filter_values(self, model, path, found):
        """Records by name, values of a selection in its order."""
        if not model:
            return [
                {"id": value, "name": label}
                for value, label in selection(self.env, "crm.lead", path)
                if value in found
            ]
        values = [
            {"id": record.id, "name": name}
            for record in found
            if record and (name := record.sudo().display_name)  # a label
        ]
        return sorted(values, key=lambda value: value["name"].lower())

    @api.model
    def _path_label(self, model, path):
        """The label of the last field of a path."""
        *steps, last = path.split(".")
        records = self.env[model]
        for step in steps:
            records = records[step]
        return records._fields[last]._description_string(self.env)
