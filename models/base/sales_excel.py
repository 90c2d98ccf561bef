import base64
from urllib.parse import quote

from odoo import api, fields, models

from .workbook import build_workbook


class SalesExcel(models.TransientModel):
    """A workbook that somebody has just asked for, until it is downloaded."""

    _name = "sales.excel"
    _description = "Workbook"

    name = fields.Char(required=True, readonly=True)
    file = fields.Binary(readonly=True, attachment=False)

    @api.model
    def _download(self, name, sheets):
        """Make a workbook and have the browser fetch it.

        :param str name: of the file, without its ending
        :param sheets: see ``workbook.build_workbook``
        :return: action
        """
        content = base64.b64encode(build_workbook(self.env, sheets))
        values = {"name": f"{name}.xlsx", "file": content}
        made = self.sudo().create(values)  # nobody makes files of an own choosing here
        path = f"/web/content/{self._name}/{made.id}/file/{quote(made.name, safe='')}"
        return {
            "type": "ir.actions.act_url",
            "url": f"{path}?download=true",
            "target": "download",
        }
