import re

from odoo import models

CHANNEL = re.compile(r"sales\.contest_(\d{1,9})$")


class IrWebsocket(models.AbstractModel):
    """Who may see the leaderboard of a contest hears when it changes; nobody else."""

    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        asked = {
            channel: int(found[1])
            for channel in channels
            if isinstance(channel, str) and (found := CHANNEL.match(channel))
        }
        channels = [channel for channel in channels if channel not in asked]
        if asked:
            channels.extend(self.env["sales.contest"]._followed(asked.values()))
        return super()._build_bus_channel_list(channels)
