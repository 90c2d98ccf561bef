from odoo import api, models
from odoo.tools import format_amount, format_list

from ...engine.outcome_range import Outcome, Rest

# A deal with so much of the uncertainty of a selection decides it; of few deals, one
# with so many times what each would have were they alike.
WHALE, ALIKE = 0.25, 2
# A quota is nearly certain, or nearly out of reach.
SURE, HARDLY = 0.9, 0.1


class CrmLead(models.Model):
    """The range of a selection in words: what decides it, and what is missing."""

    _inherit = "crm.lead"

    @api.model
    def _range_whales(self, bundle, base, currency):
        """Deals that decide the range, the largest first.

        :return: of each ``id``, ``name``, ``amount``, ``probability`` (percent),
            ``share`` of what is open (0–1), ``uncertainty`` (share of the variance,
            0–1), and ``lost`` and ``won``: P10, P50 and P90 then
        """
        variance = bundle.rest.variance + Rest.of(bundle.deals).variance
        count = bundle.counts.get("open", 0)
        if not count or not variance:
            return []
        least = max(WHALE, ALIKE / count)
        found = []
        for place, (amount, chance) in enumerate(bundle.deals):
            part = amount * amount * chance * (1 - chance) / variance
            if count > 1 and part >= least:
                found.append((part, place))
        found.sort(key=lambda pair: (-abs(bundle.deals[pair[1]][0]), pair[1]))
        names = self.browse([bundle.ids[place] for _part, place in found])
        names.fetch(["name"])
        total = bundle.values["open"]
        return [
            {
                "id": deal.id,
                "name": deal.name,
                "amount": currency.round(bundle.deals[place][0]),
                "probability": 100 * bundle.deals[place][1],
                "share": bundle.deals[place][0] / total if total else None,
                "uncertainty": part,
                **self._range_without(bundle, place, base, currency),
            }
            for deal, (part, place) in zip(names, found, strict=True)
        ]

    @api.model
    def _range_without(self, bundle, place, base, currency):
        """What comes if that deal is lost, and if it is won."""
        others = bundle.deals[:place] + bundle.deals[place + 1 :]
        base += bundle.values.get("won", 0.0)
        amount = bundle.deals[place][0]
        rest = Outcome(others, base, digits=currency.decimal_places, rest=bundle.rest)
        marks = [rest.quantile(share) for share in (0.1, 0.5, 0.9)]
        return {
            "lost": [currency.round(mark) for mark in marks],
            "won": [currency.round(mark + amount) for mark in marks],
        }

    @api.model
    def _range_missing(self, bundle):
        """Open deals without amount or date, and deals whose currency has no rate."""
        told = [
            id_
            for _count, ids in (
                *bundle.missing.values(),
                *bundle.without_rate.values(),
            )
            for id_ in ids
        ]
        deals = self.browse(dict.fromkeys(told))
        deals.fetch(["name"])
        names = {deal.id: deal.name for deal in deals}
        result = {}
        for key in ("amount", "date"):
            count, ids = bundle.missing.get(key, (0, []))
            result[f"no_{key}"] = {
                "count": count,
                "deals": [{"id": id_, "name": names[id_]} for id_ in ids],
            }
        currencies = self.env["res.currency"].browse(bundle.without_rate)
        result["no_rate"] = [
            {
                "currency": currency.name,
                "count": bundle.without_rate[currency.id][0],
                "deals": [
                    {"id": id_, "name": names[id_]}
                    for id_ in bundle.without_rate[currency.id][1]
                ],
            }
            for currency in currencies
        ]
        return result

    # === IN WORDS === #

    @api.model
    def _range_reasons(self, result, currency):
        """What there is to say of a range, most important first.

        :return: ``[{"tone": "info" | "warning", "text": str}]``
        """
        texts = [
            *(("info", text) for text in self._range_says(result, currency)),
            *(("warning", text) for text in self._range_warns(result)),
        ]
        return [{"tone": tone, "text": text} for tone, text in texts]

    @api.model
    def _range_says(self, result, currency):
        def money(amount):
            return format_amount(self.env, amount, currency, trailing_zeroes=False)

        if not result["n"]:
            yield self.env._("No open deal counts here.")
        for whale in result["whales"]:
            yield self.env._(
                "“%(deal)s” decides: %(amount)s at %(chance)d %%. %(lost)s if it is"
                " lost, %(won)s if it is won.",
                deal=whale["name"],
                amount=money(whale["amount"]),
                chance=round(whale["probability"]),
                lost=money(whale["lost"][1]),
                won=money(whale["won"][1]),
            )
        chance = result["chance"]
        if chance is not None and result["n"]:
            if chance >= SURE:
                yield self.env._("The quota is nearly certain.")
            elif chance <= HARDLY:
                yield self.env._("The quota is hardly within reach of these deals.")
        if result["won"]["count"]:
            yield self.env._(
                "Already won, so certain: %s.", money(result["won"]["amount"])
            )

    @api.model
    def _range_warns(self, result):
        for row in result["no_rate"]:
            yield self.env._(
                "Left out, because %(currency)s has no exchange rate: %(deals)s."
                " Enter a rate.",
                currency=row["currency"],
                deals=self._range_names(row),
            )
        for key, text in (
            ("no_amount", self.env._("Without amount, so counted as nothing: %s.")),
            ("no_date", self.env._("Without closing date: %s.")),
        ):
            if result[key]["count"]:
                yield text % self._range_names(result[key])
        if result["omitted"]["count"]:
            yield self.env._(
                "Deals omitted from the forecast: %d.", result["omitted"]["count"]
            )

    @api.model
    def _range_names(self, missing):
        """Names of the first, and how many more there are."""
        names = [deal["name"] for deal in missing["deals"]]
        more = missing["count"] - len(names)
        if more > 0:
            names.append(self.env._("%d more", more))
        return format_list(self.env, names)
