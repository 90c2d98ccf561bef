from dataclasses import asdict

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...engine.forecast_accuracy import MIN_PERIODS, Group, choose, scores
from ...engine.proportions import wilson
from .accuracy_chance_sql import PastChances
from .accuracy_figures import CALLED, Figures
from .accuracy_scope import WEEKS, resolve
from .accuracy_sql import METHODS, START, Past

# Methods that only tell deals typed by hand apart, which the history does not.
SAME = {"manual": "score"}
# What the statements read beside the history.
FOLLOWED = (
    "sales.process",
    "sales.process.stage",
    "sales.process.criterion",
    "sales.evidence",
)
HEAD = 5  # columns of a row of sums before its figures


class SalesForecastAccuracy(models.AbstractModel):
    """Forecasts checked against what happened.

    Nothing is kept for it: see ``accuracy_sql`` for how forecasts of the past are read
    from the history, and ``engine/forecast_accuracy.py`` for how they are judged. Who
    may see which deals is decided by the rules of the history; deals of nobody count
    for those alone who see the whole company.
    """

    _name = "sales.forecast.accuracy"
    _description = "Forecast Accuracy"

    # === FOR THE SCREEN === #

    @api.readonly
    @api.model
    def get_summary(self, options=None):
        """How far forecasts of closed periods were off, and which method was best.

        :param dict options: ``kind`` (``month`` or ``quarter``), ``weeks`` (before the
            end of a period, at which forecasts are judged; 0 is its beginning),
            ``team_id`` (with all teams below), ``user_id`` and ``category``
        :return: dict; money in the company's currency, shares 0–1, chances 0–1
        """
        scope, past = self._scope_and_past(options)
        figures = self._figures_of(scope, past(WEEKS + (START,)))
        called = self._called(scope, scope.moments(WEEKS + (START,)))
        figures.called = called.get(scope.owner, {})
        methods = [*METHODS, *([CALLED] if figures.called else [])]
        company = scope.company
        return {
            "company": company.name,
            "currency_id": company.currency_id.id,
            "kind": scope.kind,
            "weeks": scope.weeks,
            "methods": [
                {"key": key, "label": label}
                for key, label in self._method_labels().items()
                if key in methods
            ],
            "wins": figures.wins,
            "needed": MIN_PERIODS,
            "course": [
                {"weeks": weeks, **self._errors(figures, methods, weeks)}
                for weeks in WEEKS
            ],
            "start": self._errors(figures, methods, START),
            "periods": self._periods(scope, figures, methods),
            "best": self._best(scope, figures),
            "chances": self._chances(scope, past((scope.weeks,))),
            "rows": self._rows(scope, past((scope.weeks,)), figures.known, called),
        }

    @api.model
    def use_method(self, method, options=None):
        """Have the company forecast by another method from now on.

        Who did it and on which figures stays as a note on the company.

        :param method: ``stage``, ``score`` or ``calibrated``
        :param options: those of :meth:`get_summary`, for the figures of the note
        """
        if not self._can_use():
            raise AccessError(
                self.env._(
                    "Only a sales director can change how the company forecasts. Ask "
                    "one of them."
                )
            )
        if method not in self._usable():
            raise UserError(self.env._("Deals cannot be forecast in this way."))
        scope, past = self._scope_and_past(options)
        found = self._best(scope, self._figures_of(scope, past((scope.weeks,))))
        company = scope.company.sudo()  # a director may, see above
        before = company.sales_forecast_method
        if before == method:
            return False
        company.sales_forecast_method = method
        company.message_post(
            body=self._note(before, method, found),
            author_id=self.env.user.partner_id.id,
            subtype_xmlid="mail.mt_note",
        )
        return True

    @api.readonly
    @api.model
    def get_deals_action(self, options, owner=None, period=None):
        """The action that lists the deals behind figures.

        :param options: those of :meth:`get_summary`
        :param owner: ``["user" | "team" | "category", id or key]`` of a row
        :param period: first day of one period; all by default
        """
        options = {**(options or {})}
        kind, key = owner or (None, None)
        if kind in ("user", "team"):
            options[f"{kind}_id"] = key
        elif kind == "category":
            options["category"] = key
        scope = resolve(self.env, options)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_forecast_accuracy_deal_action"
        )
        domain = []
        if kind == "user" and not key:
            domain.append(("user_id", "=", False))
        if kind == "category":
            domain.append(("kind", "=", "open"))
        if period:
            firsts = [str(first) for first, _after in scope.periods]
            if period not in firsts:
                raise UserError(self.env._("This period is not shown: reload it."))
            domain.append(("date_from", "=", period))
        context = {"sales_forecast_accuracy": options, "create": False}
        return {**action, "domain": domain, "context": context}

    # === THE FIGURES === #

    @api.model
    def _scope_and_past(self, options):
        """The scope, and a function that gives the statements of some moments."""
        history = self.env["sales.pipeline.history"]
        history.check_access("read")
        scope = resolve(self.env, options)
        for name in FOLLOWED:
            self.env[name].flush_model()
        history._prepare_reading()
        query = history.with_context(active_test=False)._search(scope.domain)
        currency = scope.company.currency_id
        company = {
            "id": scope.company.id,
            "currency_id": currency.id,
            "rounding": currency.rounding,
        }

        chances = PastChances(scope.company.id)

        def past(weeks):
            return Past(query, company, scope.moments(weeks), chances)

        return scope, past

    @api.model
    def _known(self, scope):
        """Says of a period and moment whether the history had begun by then."""
        [(begun,)] = self.env.execute_query(
            SQL("SELECT MIN(date_from) FROM sales_pipeline_history")
        )
        at = {
            (row["period"], row["weeks"]): row["at"]
            for row in scope.moments(WEEKS + (START,))
        }
        return lambda period, weeks: bool(begun) and at[period, weeks] > begun

    @api.model
    def _figures_of(self, scope, past):
        figures = Figures(
            scope, self._known(scope), only_open=scope.category is not None
        )
        for row in self.env.execute_query(past.course()):
            figures.add(*row[:2], *row[HEAD:])
        return figures

    @api.model
    def _errors(self, figures, methods, weeks):
        return {method: asdict(figures.errors(method, weeks)) for method in methods}

    @api.model
    def _periods(self, scope, figures, methods):
        labels = scope.labels(self.env)
        return [
            {
                "from": str(scope.periods[number][0]),
                "label": labels[number],
                "came": figures.actual(number, scope.weeks),
                **{
                    method: figures.forecast(method, number, scope.weeks)
                    for method in methods
                },
            }
            for number in range(len(scope.periods))
        ]

    # === THE BEST METHOD === #

    @api.model
    def _method_labels(self):
        return {
            "stage": self.env._("Stage percentage"),
            "score": self.env._("Odoo's probability"),
            "calibrated": self.env._("Calibrated"),
            CALLED: self.env._("Called"),
        }

    @api.model
    def _usable(self):
        """The methods a company can switch to."""
        selection = self.env["res.company"]._fields["sales_forecast_method"]
        return [
            method for method in METHODS if method in selection.get_values(self.env)
        ]

    @api.model
    def _can_use(self):
        return self.env.user.has_group("sales_process.group_director")

    @api.model
    def _best(self, scope, figures):
        """The best method of all that work by themselves, at the moment judged."""
        used = scope.company.sudo().sales_forecast_method  # how it forecasts is known
        usable = self._usable()
        found = choose(
            {method: figures.past(method, scope.weeks) for method in usable},
            used=SAME.get(used, used),
        )
        labels = self._method_labels()
        return {
            "best": found.best,
            "label": labels.get(found.best),
            "used": SAME.get(used, used),
            "used_label": labels.get(SAME.get(used, used)),
            "periods": found.periods,
            "wape": {method: error.wape for method, error in found.errors.items()},
            "tied": [labels[method] for method in found.tied],
            "nearer": found.nearer,
            "farther": found.farther,
            "sure": found.sure,
            "can_use": self._can_use(),
        }

    @api.model
    def _note(self, before, method, found):
        selection = dict(
            self.env["res.company"]
            ._fields["sales_forecast_method"]
            ._description_selection(self.env)
        )
        text = self.env._(
            "Forecast probability changed from “%(before)s” to “%(after)s”.",
            before=selection[before],
            after=selection[method],
        )
        wape = found["wape"]
        if found["best"] and {method, found["used"]} <= wape.keys():
            text += " " + self.env._(
                "Error over %(periods)s closed periods: %(before).1f %% before, "
                "%(after).1f %% now.",
                periods=found["periods"],
                before=100 * wape[found["used"]],
                after=100 * wape[method],
            )
        return text

    # === THE CHANCES === #

    @api.model
    def _chances(self, scope, past):
        """How often chances came true: Brier scores and the table of each method.

        :return: dict with ``open`` (deals whose end is not known yet) and ``methods``
        """
        groups, still_open = {}, 0
        for method, number, *sums in self.env.execute_query(past.chances_kept()):
            if method is None:
                still_open += sums[0]
            else:
                groups.setdefault(method, {})[number] = Group(*sums)
        return {
            "open": still_open,
            "methods": {
                method: {
                    **asdict(scores(some)),
                    "groups": [
                        self._group_row(number, some[number]) for number in sorted(some)
                    ],
                }
                for method, some in groups.items()
            },
        }

    @api.model
    def _group_row(self, number, group):
        low, high = wilson(group.hits, group.cases)
        return {
            "number": number,
            "cases": group.cases,
            "hits": group.hits,
            "said": group.said,
            "won": group.won,
            "low": low,
            "high": high,
        }
