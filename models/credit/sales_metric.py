from collections import defaultdict
from datetime import datetime

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

# What the addon counts itself, when it happens: the documents each metric looks at.
SYSTEM_SOURCES = {
    "booked": "sale.order",
    "margin": "sale.order",
    "new_customer": "res.partner",
    "invoiced": "account.move",
    "collected": "account.move",
    "won_deal": "crm.lead",
    "qualified_deal": "crm.lead",
    "verified_evidence": "sales.evidence",
    "visit": "mail.activity",
    "activity": "mail.activity",
}
# Records a preview shows.
PREVIEW = 80


class SalesMetric(models.Model):
    """What is counted: one definition that every target, contest and board reads."""

    _name = "sales.metric"
    _description = "Metric"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="By which other parts of the system and spreadsheets find it.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(
        translate=True, help="What counts, when, and for whom, in plain words."
    )
    unit = fields.Selection(
        selection=[("money", "Money"), ("count", "Number"), ("hours", "Hours")],
        required=True,
        default="count",
    )
    better = fields.Selection(
        selection=[("higher", "Higher"), ("lower", "Lower")],
        string="Better Is",
        required=True,
        default="higher",
    )
    is_system = fields.Boolean(
        string="Built In",
        readonly=True,
        copy=False,
        help="Counted by the addon the moment it happens. Metrics of your own are "
        "counted every night at the latest.",
    )
    model_id = fields.Many2one(
        comodel_name="ir.model",
        string="Counts Records of",
        ondelete="cascade",
        domain="[('transient', '=', False), ('abstract', '=', False)]",
    )
    model_name = fields.Char(related="model_id.model", string="Model Name")
    domain = fields.Char(string="That Match", default="[]")
    measure_field_id = fields.Many2one(
        comodel_name="ir.model.fields",
        string="Sum of",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True),"
        " ('ttype', 'in', ('integer', 'float', 'monetary'))]",
        help="Empty: each record counts as one.",
    )
    date_field_id = fields.Many2one(
        comodel_name="ir.model.fields",
        string="On the Day of",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True),"
        " ('ttype', 'in', ('date', 'datetime'))]",
    )
    owner_field_id = fields.Many2one(
        comodel_name="ir.model.fields",
        string="For",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True),"
        " ('ttype', '=', 'many2one'),"
        " ('relation', 'in', ('res.users', 'res.partner'))]",
        help="The person, or the dealer, it is credited to.",
    )
    sign = fields.Selection(
        selection=[("1", "As It Is"), ("-1", "Turned Around")],
        default="1",
        required=True,
        help="Turned around: for records that take something away.",
    )

    _code_uniq = models.UniqueIndex(
        "(code)", "There is a metric with this code already."
    )

    # === CHECKS === #

    @api.constrains("code")
    def _check_code(self):
        for metric in self:
            if not metric.code.replace("_", "").isalnum() or not metric.code.islower():
                raise ValidationError(
                    self.env._(
                        "“%s” is no code: use small letters, digits and underscores.",
                        metric.code,
                    )
                )

    @api.constrains(
        "is_system",
        "model_id",
        "date_field_id",
        "owner_field_id",
        "measure_field_id",
        "domain",
        "unit",
    )
    def _check_definition(self):
        for metric in self.filtered(lambda metric: not metric.is_system):
            if not (metric.model_id and metric.date_field_id and metric.owner_field_id):
                raise ValidationError(
                    self.env._(
                        "Say for “%s” which records count, on which day and for whom.",
                        metric.name,
                    )
                )
            chosen = metric.date_field_id | metric.owner_field_id
            chosen |= metric.measure_field_id
            if chosen.model_id != metric.model_id:
                raise ValidationError(
                    self.env._(
                        "The fields of “%(metric)s” have to be fields of %(model)s.",
                        metric=metric.name,
                        model=metric.model_id.name,
                    )
                )
            if metric.unit == "money" and not metric.measure_field_id:
                raise ValidationError(
                    self.env._("Say which amount “%s” sums up.", metric.name)
                )
            metric._read_domain()

    def _read_domain(self):
        """The domain of the records that count.

        :raise ValidationError: naming the metric, where it cannot be used
        """
        self.ensure_one()
        try:
            domain = Domain(safe_eval(self.domain or "[]", {"uid": self.env.uid}))
            domain.validate(self.env[self.model_name])
        except Exception as error:  # whatever somebody typed there
            raise ValidationError(
                self.env._(
                    "The filter of “%(metric)s” cannot be used: %(reason)s",
                    metric=self.name,
                    reason=str(error),
                )
            ) from error
        return domain

    def _without_broken(self):
        """Those whose definition can be used. The audit tells of the others; nobody's
        work has to wait for them."""
        return self.filtered(lambda metric: not metric._error())

    def _error(self):
        """Why the definition cannot be used; False where it can."""
        self.ensure_one()
        if self.is_system:
            return False
        try:
            self._read_domain()
        except ValidationError as error:
            return str(error)
        return False

    # === CREATE, WRITE, UNLINK === #

    @api.model_create_multi
    def create(self, vals_list):
        metrics = super().create(vals_list)
        self.env.registry.clear_cache()
        return metrics

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for metric in self:
            credits = self.env["sales.credit"].sudo()  # all there are, own or not
            if metric.is_system or credits.search_count(
                [("metric_id", "=", metric.id)], limit=1
            ):
                raise UserError(
                    self.env._(
                        "“%s” has credits in the ledger, or is built in. Archive it "
                        "instead.",
                        metric.name,
                    )
                )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for metric, vals in zip(self, vals_list, strict=True):
            vals.setdefault("code", f"{metric.code}_copy")
            vals.setdefault("name", self.env._("%s (copy)", metric.name))
        return vals_list

    # === VALUES === #

    @api.model
    @tools.ormcache()
    def _counted(self):
        """What is counted by the model it looks at, asked whenever somebody works.

        :return: ``{model: [(metric id, code)]}``; metrics of one's own have no code
            here. A metric that is archived counts nothing any more.
        """
        counted = defaultdict(list)
        metrics = self.sudo()  # the same for everybody
        for metric in metrics.search([("active", "=", True)]):
            code = metric.code if metric.is_system else None
            counted[metric._source_model()].append((metric.id, code))
        return dict(counted)

    @api.model
    def _by_code(self, code):
        """The metric of a code, archived or not; empty without one."""
        return self.with_context(active_test=False).search(
            [("code", "=", code)], limit=1
        )

    @api.model
    def _values(self, owners, periods, metrics=None, companies=None):
        """What people, dealers or teams have been credited with.

        Whole months are read from sums that are kept up to date, other days from the
        ledger, so it does not matter to the caller how the periods lie.

        :param owners: recordset of ``res.users``, ``res.partner`` (dealers) or
            ``crm.team`` (without the teams below)
        :param list periods: ``(first day, day after the last)``
        :param metrics: recordset, all by default
        :param companies: recordset, those of the environment by default
        :return: ``{(metric id, owner id, first day, day after): amount}`` as floats,
            without those that are zero; overlay credit counts for people, not for teams
        """
        metrics = (
            metrics if metrics is not None else self.search([("active", "=", True)])
        )
        companies = companies or self.env.companies
        return self.env["sales.credit"]._sum_by_owner(
            metrics, owners, periods, companies
        )

    def _of_model(self, model):
        """Those that look at records of a model."""
        return self.filtered(lambda metric: metric._source_model() == model)

    def _source_model(self):
        """Name of the model whose records it looks at."""
        self.ensure_one()
        return SYSTEM_SOURCES.get(self.code) if self.is_system else self.model_name

    def _read_own_parts(self, ids):
        """What records are worth by a definition of one's own, see ``credit_sql``."""
        self.ensure_one()
        model = self.env[self.model_name].sudo()  # counted for everybody alike
        records = model.search(self._read_domain() & Domain("id", "in", ids))
        day, owner = self.date_field_id.name, self.owner_field_id
        rows = []
        for record in records:
            company = record["company_id"] if "company_id" in record else False
            company = company or self.env.company
            person = record[owner.name]
            if not record[day] or not person:
                continue
            is_user = owner.relation == "res.users"
            value = record[self.measure_field_id.name] if self.measure_field_id else 1
            rows.append(
                (
                    record.id,
                    0,
                    self._day_of(company, record[day]),
                    company.id,
                    person.id if is_user else None,
                    record["team_id"].id or None if "team_id" in record else None,
                    self._customer_of(record),
                    None,
                    self._territory_of(record),
                    None,
                    None,
                    self._in_company_currency(record, company, value) * int(self.sign),
                    None,
                    person.id if not is_user else None,
                )
            )
        return rows

    @api.model
    def _day_of(self, company, value):
        return company._sales_day(value) if isinstance(value, datetime) else value

    @api.model
    def _customer_of(self, record):
        if "partner_id" not in record:
            return None
        return record["partner_id"].commercial_partner_id.id or None

    @api.model
    def _territory_of(self, record):
        """Of the record itself, else of its customer."""
        holders = [record]
        if "partner_id" in record:
            holders.append(record["partner_id"])
        found = (
            holder["sales_territory_id"].id
            for holder in holders
            if "sales_territory_id" in holder
        )
        return next(filter(None, found), None)

    def _in_company_currency(self, record, company, value):
        """An amount at the day of the record; a number as it is."""
        field = self.measure_field_id
        if field.ttype != "monetary":
            return value
        name = record._fields[field.name].get_currency_field(record)
        currency = record[name] if name else company.currency_id
        day = self._day_of(company, record[self.date_field_id.name])
        return (currency or company.currency_id)._convert(
            value, company.currency_id, company, day
        )

    def action_view_credits(self):
        """Open the ledger of this metric."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_credit_action"
        )
        return {**action, "domain": [("metric_id", "=", self.id)], "context": {}}

    def action_preview(self):
        """Open the records that count, the newest first: what the definition finds."""
        self.ensure_one()
        if self.is_system:
            return self.action_view_credits()
        records = self.env[self.model_name].search(
            self._read_domain(), order=f"{self.date_field_id.name} desc", limit=PREVIEW
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("%s: what counts", self.name),
            "res_model": self.model_name,
            "view_mode": "list,form",
            "views": [[False, "list"], [False, "form"]],
            "domain": [("id", "in", records.ids)],
            "context": {"create": False},
        }
