from odoo import api, models
from odoo.tools import format_date, formatLang


class SalesContest(models.Model):
    """The rules in words, as everybody in the contest reads them."""

    _inherit = "sales.contest"

    @api.depends(
        "allow_opt_out",
        "date_from",
        "date_to",
        "kind",
        "league_ids.name",
        "league_ids.promote",
        "metric_ids.label",
        "metric_ids.unit_amount",
        "metric_ids.weight",
        "minimum_score",
        "previous_periods",
        "prize_ids.karma",
        "prize_ids.name",
        "prize_ids.rank_from",
        "prize_ids.rank_to",
        "ramp",
        "repeats",
        "scoring",
        "team_ids",
        "team_scoring",
        "tie_rule",
    )
    @api.depends_context("lang")
    def _compute_rules_text(self):
        for contest in self:
            rows = [
                contest._words_who(),
                contest._words_scoring(),
                *(contest._words_metric(row) for row in contest.metric_ids),
                contest._words_ties(),
                contest._words_ramp(),
                *contest._words_leagues(),
                *(contest._words_prize(prize) for prize in contest.prize_ids),
                contest._words_season(),
            ]
            contest.rules_text = "\n".join(filter(None, rows))

    def _words_who(self):
        teams = ", ".join(self.sudo().team_ids.mapped("name"))  # who may compete
        days = {
            "first": format_date(self.env, self.date_from),
            "last": format_date(self.env, self.date_last),
        }
        if self.kind == "team":
            if teams:
                return self.env._(
                    "Team against team from %(first)s to %(last)s: %(teams)s, each "
                    "with the teams below.",
                    teams=teams,
                    **days,
                )
            return self.env._(
                "Team against team from %(first)s to %(last)s: all teams.", **days
            )
        if teams:
            return self.env._(
                "From %(first)s to %(last)s, for everybody in %(teams)s and the teams "
                "below.",
                teams=teams,
                **days,
            )
        return self.env._(
            "From %(first)s to %(last)s, for everybody in a team.", **days
        )

    def _words_scoring(self):
        if self.scoring == "attainment":
            return self.env._("Points: percent of the own target in these days.")
        if self.scoring == "improvement":
            return self.env._(
                "Points: percent of the own median of the %s periods before, each as "
                "long. Whoever has none is measured against that of the others.",
                self.previous_periods,
            )
        if self.kind == "team" and self.team_scoring == "per_head":
            return self.env._(
                "Points: by amount, divided by the people of the team and the teams "
                "below."
            )
        if self.kind == "team":
            return self.env._(
                "Points: by amount, of everybody in the team and the teams below."
            )
        return self.env._("Points: by amount.")

    def _words_metric(self, row):
        values = {"metric": row.label or "", "weight": f"{row.weight:g}"}
        if self.scoring != "amount":
            return self.env._("• %(metric)s counts %(weight)s percent.", **values)
        unit = formatLang(self.env, row.unit_amount, grouping=True)
        return self.env._(
            "• %(metric)s counts %(weight)s percent, a point for each %(unit)s.",
            unit=unit,
            **values,
        )

    def _words_ties(self):
        if self.tie_rule == "first":
            return self.env._("With equal points whoever had them first is ahead.")
        return self.env._("With equal points people share the place.")

    def _words_ramp(self):
        if self.ramp and self.kind != "team":
            return self.env._(
                "Newcomers count as 25, 50 and 75 percent of a full person in their "
                "first three months: points from the ledger are divided by that."
            )
        return None

    def _words_leagues(self):
        if self.kind != "league":
            return
        leagues = self.league_ids.sorted(lambda row: (row.sequence, row.id))
        for upper, lower in zip(leagues, leagues[1:], strict=False):
            yield self.env._(
                "At the end %(n)s go up from “%(lower)s” to “%(upper)s” and as many go "
                "down.",
                n=lower.promote,
                lower=lower.name,
                upper=upper.name,
            )

    def _words_prize(self, prize):
        places = str(prize.rank_from)
        if prize.rank_to > prize.rank_from:
            places = f"{prize.rank_from}–{prize.rank_to}"
        name = prize.name
        if prize.league_id:
            name = self.env._(
                "%(prize)s (%(league)s)", prize=name, league=prize.league_id.name
            )
        if prize.karma:
            return self.env._(
                "Place %(places)s wins: %(prize)s and %(karma)s karma.",
                places=places,
                prize=name,
                karma=prize.karma,
            )
        return self.env._(
            "Place %(places)s wins: %(prize)s.", places=places, prize=name
        )

    def _words_season(self):
        rows = []
        if self.minimum_score:
            rows.append(
                self.env._(
                    "Prizes are for %s points and more.", f"{self.minimum_score:g}"
                )
            )
        if self.repeats != "none":
            rows.append(
                self.env._("The next season begins right after, with the same rules.")
            )
        if self.allow_opt_out:
            rows.append(self.env._("Nobody has to take part: you can opt out."))
        return "\n".join(rows)
