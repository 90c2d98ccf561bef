from odoo import api, models
from odoo.fields import Domain

from .sales_funnel_action import GROUP_PATHS
from .sales_funnel_scope import deal_filters, groups


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
            {
                "key": key,
                "label": self._path_label("sales.funnel.visit", GROUP_PATHS[key]),
            }
            for key in groups(self.env)
        ]

    @api.model
    def _offered_values(self):
        """``filters``, each with the values that deals have, and the usual process.

        Looked at are the deals in any process that the user may read: one query for
        all filters.

        :return: ``filters``: ``[{key, label, values}]``; ``process_id``: the one that
            most of the deals follow, False without any
        """
        specs = deal_filters(self.env)
        leads = self.env["crm.lead"].with_context(active_test=False)
        domain = Domain("type", "=", "opportunity") & Domain(
            "sales_process_id", "!=", False
        )
        paths = [path for _model, path, _operator in specs.values()]
        processes, *found = leads._read_grouping_sets(
            domain, [["sales_process_id"], *([path] for path in paths)], ["__count"]
        )
        usual = max(processes, key=lambda row: row[1], default=(leads, 0))[0]
        return {
            "process_id": usual.id,
            "filters": [
                {
                    "key": key,
                    "label": self._path_label("crm.lead", path),
                    "values": self._filter_values(record for record, _count in rows),
                }
                for key, path, rows in zip(specs, paths, found, strict=True)
            ],
        }

    @api.model
    def _filter_values(self, records):
        values = [
            {"id": record.id, "name": name}
            for record in records
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
