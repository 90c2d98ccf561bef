from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

from ..base.whole import check_whole

DIGITS = (16, 4)


class SalesSplit(models.Model):
    """Who earns what of a deal or an order where several people do.

    The shares of those who earn it add up to 100 %. Overlay credit on top goes to
    people who helped: they see it, the sums of teams do not have it.
    """

    _name = "sales.split"
    _description = "Share of Credit"
    _order = "is_overlay, percent desc, id"
    _rec_name = "user_id"

    lead_id = fields.Many2one(
        comodel_name="crm.lead",
        string="Deal",
        ondelete="cascade",
        index="btree_not_null",
    )
    order_id = fields.Many2one(
        comodel_name="sale.order", ondelete="cascade", index="btree_not_null"
    )
    company_id = fields.Many2one(
        comodel_name="res.company", compute="_compute_company_id", store=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", domain="[('share', '=', False)]"
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Dealer or Partner",
        help="For somebody who is no user: a dealer, an agent, a referring partner.",
    )
    percent = fields.Float(
        string="%", required=True, digits=DIGITS, help="Percent of the whole, 0–100."
    )
    is_overlay = fields.Boolean(
        string="Overlay",
        help="On top: shown to this person, not part of the sum of a team.",
    )

    _one_document = models.Constraint(
        "CHECK ((lead_id IS NULL) <> (order_id IS NULL))",
        "A share belongs to a deal or to an order.",
    )
    _one_owner = models.Constraint(
        "CHECK ((user_id IS NULL) <> (partner_id IS NULL))",
        "Enter a salesperson or a dealer for each share, not both.",
    )
    _percent_in_range = models.Constraint(
        "CHECK (percent > 0 AND percent <= 100)", "Shares lie above 0 and up to 100 %."
    )

    @api.depends("lead_id.company_id", "order_id.company_id")
    def _compute_company_id(self):
        for split in self:
            split.company_id = (split.lead_id or split.order_id).company_id

    @api.model_create_multi
    def create(self, vals_list):
        splits = super().create(vals_list)
        check_whole(splits.lead_id)
        check_whole(splits.order_id)
        return splits

    def write(self, vals):
        documents = self.lead_id, self.order_id
        result = super().write(vals)
        for records in (*documents, self.lead_id, self.order_id):
            check_whole(records)
        return result

    def unlink(self):
        documents = self.lead_id, self.order_id
        result = super().unlink()
        for records in documents:
            check_whole(records.exists())
        return result

    def _check_hundred(self):
        """:raise ValidationError: unless the shares of each document add up"""
        for document, splits in self._by_document().items():
            earning = splits.filtered(lambda split: not split.is_overlay)
            total = sum(earning.mapped("percent"))
            if splits and float_compare(total, 100, precision_digits=DIGITS[1]):
                raise ValidationError(
                    self.env._(
                        "The shares of %(document)s add up to %(total)s %%. They have "
                        "to be 100 %% without overlay.",
                        document=document.display_name,
                        total=f"{total:g}",
                    )
                )

    def _by_document(self):
        return {
            document: splits
            for field in ("lead_id", "order_id")
            for document, splits in self.grouped(field).items()
            if document
        }

    def _holders(self):
        """Percent of those who earn, and of those on top.

        :return: two dicts ``{(user id, dealer id): percent}``
        """
        earning, overlay = {}, {}
        for split in self:
            kind = overlay if split.is_overlay else earning
            holder = (split.user_id.id or None, split.partner_id.id or None)
            kind[holder] = kind.get(holder, 0) + split.percent
        return earning, overlay

    @api.model
    def _of_documents(self, order_ids, lead_ids):
        """Who shares orders and deals.

        :return: three dicts: what :meth:`_holders` says by order and by deal, and the
            id of the team by the id of everybody among them
        """
        splits = self.search(
            [
                "|",
                ("order_id", "in", list(order_ids)),
                ("lead_id", "in", list(lead_ids)),
            ]
        )
        members = self.env["crm.team.member"].search(
            [("user_id", "in", splits.user_id.ids)], order="id desc"
        )
        return (
            {
                order.id: own._holders()
                for order, own in splits.grouped("order_id").items()
            },
            {
                lead.id: own._holders()
                for lead, own in splits.grouped("lead_id").items()
            },
            {member.user_id.id: member.crm_team_id.id for member in members},
        )
