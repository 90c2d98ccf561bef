import json
from collections import defaultdict
from itertools import accumulate

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.calibration import AGES, learn, remaining_days
from . import rate_sql

COLUMNS = (
    "process_id",
    "stage_id",
    "age_from",
    "evidence",
    "prior",
    "strength",
    "won",
    "closed",
    "chance",
    "low",
    "high",
    "days",
    "days_closed",
)
EVIDENCE = {None: "any", True: "complete", False: "incomplete"}


class SalesForecastRate(models.Model):
    """How many of a company's deals were won, by stage, age in it and evidence.

    Learnt every night from the history, and read whenever the chance of a deal is
    worked out: see ``engine.calibration`` for how, and ``chance_sql`` for which row a
    deal goes by. There are rows only for what has closed deals.
    """

    _name = "sales.forecast.rate"
    _description = "Learnt Win Rate"
    _order = "company_id, process_id, stage_id, age_from, evidence, id"
    _log_access = False

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, ondelete="cascade", readonly=True
    )
    process_id = fields.Many2one(
        comodel_name="sales.process",
        ondelete="cascade",
        readonly=True,
        help="Its first version, which stands for all. Empty: outside any process.",
    )
    stage_id = fields.Many2one(
        comodel_name="crm.stage", required=True, ondelete="cascade", readonly=True
    )
    age_from = fields.Integer(
        string="In Stage for (days)",
        required=True,
        readonly=True,
        aggregator=None,
        help="Deals that were still in the stage after so many days. 0: all that "
        "reached it.",
    )
    evidence = fields.Selection(
        selection=[
            ("any", "All"),
            ("complete", "Complete"),
            ("incomplete", "Incomplete"),
        ],
        required=True,
        readonly=True,
        help="Whether all that people have to confirm in the stage was confirmed.",
    )
    prior = fields.Float(
        string="Expected (%)",
        readonly=True,
        aggregator=None,
        help="What is expected without these deals: the percentage of the stage, then "
        "what is learnt of it, then of a shorter stay.",
    )
    strength = fields.Float(
        string="Expected Counts as (deals)",
        digits=(16, 0),
        readonly=True,
        aggregator=None,
    )
    won = fields.Integer(readonly=True, aggregator=None)
    closed = fields.Integer(
        string="Won or Lost",
        readonly=True,
        aggregator=None,
        help="Deals that got there and are closed.",
    )
    chance = fields.Float(
        string="Chance (%)",
        readonly=True,
        aggregator=None,
        help="(Expected × its deals + won) ÷ (its deals + won or lost).",
    )
    low = fields.Float(string="From (%)", readonly=True, aggregator=None)
    high = fields.Float(
        string="To (%)",
        readonly=True,
        aggregator=None,
        help="The true chance lies between the two with 90 % certainty.",
    )
    days = fields.Integer(
        string="Days until Closing",
        readonly=True,
        aggregator=None,
        help="Half of the deals that got there are closed after so many days.",
    )
    days_closed = fields.Integer(string="Closings Seen", readonly=True, aggregator=None)
    date_learnt = fields.Datetime(string="Learnt on", required=True, readonly=True)

    _once = models.UniqueIndex(
        "(company_id, stage_id, COALESCE(process_id, 0), age_from, evidence)"
    )

    @api.depends("stage_id", "age_from", "evidence")
    def _compute_display_name(self):
        labels = dict(self._fields["evidence"]._description_selection(self.env))
        for rate in self:
            parts = [rate.stage_id.name]
            if rate.age_from:
                parts.append(self.env._("after %s days", rate.age_from))
            if rate.evidence != "any":
                parts.append(labels[rate.evidence])
            rate.display_name = ", ".join(parts)

    def action_open_deals(self):
        """The deals that the rate was learnt from, as far as a person may see them."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "crm.lead",
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("sales_forecast_rate_ids", "in", self.ids)],
            "context": {"active_test": False, "create": False},
        }

    # === LEARNING === #

    @api.model
    def _learn(self, company, moment=None):
        """What the deals of a company teach.

        :param datetime moment: as if it were then, naive UTC; now by default
        :return: list of rows, as dictionaries of ``COLUMNS``; chances in percent
        """
        found = self._read_counts(company, moment or fields.Datetime.now())
        counts = self._gather(found)
        priors = self._read_priors(counts)
        rates = learn(counts, priors)
        days = defaultdict(list)
        for group, reached, total, ended, still_open in found["days"]:
            for age in AGES[:reached]:
                days[group, age].append((total - age, ended, still_open))
        rows = []
        for (group, age, evidence), rate in rates.items():
            row = {
                "process_id": group[0],
                "stage_id": group[1],
                "age_from": age,
                "evidence": EVIDENCE[evidence],
                "days": None,
                "days_closed": 0,
                "strength": rate.strength,
                "won": rate.won,
                "closed": rate.closed,
            }
            for name in ("prior", "chance", "low", "high"):
                row[name] = 100 * getattr(rate, name)
            if evidence is None:
                row["days"], row["days_closed"] = remaining_days(days[group, age])
            rows.append(row)
        return rows

    @api.model
    def _read_counts(self, company, moment):
        """``{what: [(group, ages reached, days, won, closed)]}``"""
        history = self.env["sales.pipeline.history"]
        history._write_pending()
        self.env.flush_all()
        history._prepare_reading()
        found = defaultdict(list)
        for what, family, stage, *count in self.env.execute_query(
            rate_sql.counts(company.id, moment, AGES)
        ):
            found[what].append(((family, stage), *count))
        return found

    @api.model
    def _gather(self, found):
        """Counts as ``engine.calibration.learn`` wants them."""
        counts = dict(_reaching(found["all"], None))
        asked = {key[:2]: cases for key, cases in _reaching(found["asked"], None)}
        for group, place, _days, won, closed in found["complete"]:
            counts[group, AGES[place - 1], True] = won, closed
        began = {
            (group, AGES[place - 1]): (won, closed)
            for group, place, _days, won, closed in found["began_complete"]
        }
        for key, (won, closed) in asked.items():
            more_won, more_closed = began.get(key, (0, 0))
            counts[*key, False] = won - more_won, closed - more_closed
        return counts

    @api.model
    def _read_priors(self, counts):
        """What is expected of each group: ``{group: 0–1}``.

        Outside a process no stage has a percentage; there it is the share that was won
        of the stage most deals were in.
        """
        percents = {
            (family, stage): percent / 100
            for family, stage, percent in self.env.execute_query(
                rate_sql.stage_chances()
            )
        }
        plain = [
            (closed, won)
            for ((family, _stage), age, _proof), (won, closed) in counts.items()
            if family is None and not age
        ]
        closed, won = max(plain, default=(0, 0))
        usual = (won + 1) / (closed + 2)
        groups = {group for group, _age, _proof in counts}
        return {group: percents.get(group, usual) for group in groups}

    @api.model
    def _replace(self, company, rows):
        """Write the rows of a company at once; readers see the old ones until then."""
        columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
        self.env.execute_query(
            SQL(
                """
                WITH new AS (
                    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS t (
                        process_id int, stage_id int, age_from int, evidence varchar,
                        prior float8, strength float8, won int, closed int,
                        chance float8, low float8, high float8, days int,
                        days_closed int)
                ), gone AS (
                    DELETE FROM sales_forecast_rate r
                     WHERE r.company_id = %(company)s AND NOT EXISTS (
                           SELECT 1 FROM new n
                            WHERE n.stage_id = r.stage_id
                              AND n.process_id IS NOT DISTINCT FROM r.process_id
                              AND n.age_from = r.age_from AND n.evidence = r.evidence)
                )
                INSERT INTO sales_forecast_rate (company_id, date_learnt, %(columns)s)
                SELECT %(company)s, %(now)s, %(columns)s FROM new
                    ON CONFLICT (company_id, stage_id, COALESCE(process_id, 0),
                                 age_from, evidence)
                    DO UPDATE SET (date_learnt, %(columns)s) =
                       (EXCLUDED.date_learnt, %(excluded)s)
                RETURNING id
                """,
                rows=json.dumps(rows),
                company=company.id,
                now=fields.Datetime.now(),
                columns=columns,
                excluded=SQL(", ").join(
                    SQL("EXCLUDED.%s", SQL.identifier(name)) for name in COLUMNS
                ),
            )
        )
        self.invalidate_model(flush=False)


def _reaching(rows, evidence):
    """Counts of who reached just so many ages, as counts of who reached at least that.

    :return: iterable of ``((group, age, evidence), (won, closed))``
    """
    groups = defaultdict(lambda: [(0, 0)] * len(AGES))
    for group, place, _days, won, closed in rows:
        groups[group][place - 1] = won, closed
    for group, cases in groups.items():
        totals = accumulate(reversed(cases), lambda a, b: (a[0] + b[0], a[1] + b[1]))
        for age, total in zip(reversed(AGES), totals, strict=True):
            yield (group, age, evidence), total
