import re

from odoo import models
from odoo.tools import clean_context, plaintext2html

from ...engine.import_cells import parse_amount
from ...engine.import_match import name_key

# Thousands of deals that happened long ago are no news to anyone.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_notrack": True,
    "no_reset_password": True,
}


class SalesPipelineImport(models.Model):
    """What is written: the records that deals refer to, then the deals."""

    _inherit = "sales.pipeline.import"

    # === RECORDS DEALS REFER TO === #

    def _quiet(self, model):
        return self.env[model].with_context(clean_context(self.env.context), **QUIET)

    def _prepare_records(self, tables, records):
        """Create customers, products, teams and whatever else was confirmed."""
        self._check_may_import()
        creating = self.value_ids.filtered(lambda value: value.action == "create")
        people = records.get("people", {})
        for kind in ("industry", "lost_reason", "stage", "customer", "product", "user"):
            values = creating.filtered(lambda value, kind=kind: value.kind == kind)
            if values:
                getattr(self, f"_create_{kind}")(values, records)
        teams = creating.filtered(lambda value: value.kind == "team")
        self._create_teams(teams, tables, people)
        self._engine_write({"is_prepared": True})

    def _store_created(self, values, field, created):
        """Remember what a name became, so that a resumed run finds it."""
        for value, record in zip(values, created, strict=True):
            value.write({field: record.id, "action": "match"})

    def _found(self, kind):
        """What the names of a kind stand for: {name key: id}, empty ones left out."""
        values = self.value_ids.filtered(lambda value: value.kind == kind)
        return {
            value.key: record.id
            for value, record in values._resolve().items()
            if record
        }

    def _create_industry(self, values, records):
        industries = self._quiet("res.partner.industry")
        industries = industries.sudo()  # a plain list of words; each was confirmed
        vals_list = [
            {"name": value.create_name or self._as_title(value.name)}
            for value in values
        ]
        self._store_created(values, "industry_id", industries.create(vals_list))

    @staticmethod
    def _as_title(name):
        return name.capitalize() if name.islower() else name

    def _create_lost_reason(self, values, records):
        reasons = self._quiet("crm.lost.reason").create(
            [{"name": value.create_name or value.name} for value in values]
        )
        self._store_created(values, "lost_reason_id", reasons)

    def _create_stage(self, values, records):
        stages = self._quiet("crm.stage").create(
            [
                {
                    "name": value.create_name or value.name,
                    "is_won": value.outcome == "won",
                    "sequence": 50 if value.outcome == "won" else 5,
                }
                for value in values
            ]
        )
        self._store_created(values, "stage_id", stages)

    def _create_customer(self, values, records):
        listed = records.get("customers", {})
        industries, countries = self._found("industry"), self._found("country")
        partners = self._quiet("res.partner").create(
            [
                {
                    **self._prepare_customer(
                        listed.get(value.key, {}), industries, countries
                    ),
                    "name": value.create_name or value.name,
                }
                for value in values
            ]
        )
        self._store_created(values, "partner_id", partners)
        self._set_parents(values, listed)

    def _prepare_customer(self, cells, industries, countries):
        note = cells.get("note")
        return {
            "is_company": True,
            "company_id": self.company_id.id,
            "industry_id": industries.get(name_key(cells.get("industry"))),
            "country_id": countries.get(name_key(cells.get("country"))),
            "city": cells.get("city"),
            "website": cells.get("website"),
            "email": cells.get("email"),
            "phone": cells.get("phone"),
            "comment": self._as_html(note) if note else False,
        }

    def _set_parents(self, values, listed):
        """Tie subsidiaries to their parent; whoever has an own address keeps it."""
        found = self._found("customer")
        groups = {}
        for value in values:
            cells = listed.get(value.key, {})
            parent = found.get(name_key(cells.get("parent")))
            if parent and parent != value.partner_id.id:
                # Odoo copies the parent's address over that of a plain contact.
                own_address = bool(cells.get("country") or cells.get("city"))
                partners = groups.setdefault((parent, own_address), [])
                partners.append(value.partner_id.id)
        for (parent, own_address), ids in groups.items():
            vals = {"parent_id": parent}
            if own_address:
                vals["type"] = "other"
            self._quiet("res.partner").browse(ids).write(vals)

    def _create_product(self, values, records):
        listed = records.get("products", {})
        names = {
            cells["category"]: None
            for cells in listed.values()
            if cells.get("category")
        }
        categories = self._find_categories(list(names))
        products = self._quiet("product.product").create(
            [
                self._prepare_product(value, listed.get(value.key, {}), categories)
                for value in values
            ]
        )
        self._store_created(values, "product_id", products)

    def _prepare_product(self, value, cells, categories):
        vals = {
            "name": value.create_name or value.name,
            "company_id": self.company_id.id,
            "sale_ok": True,
        }
        if cells.get("code"):
            vals["default_code"] = cells["code"]
        price = parse_amount(cells.get("price") or "", self.decimal_mark)
        if price:
            vals["list_price"] = float(price.value)
        category = categories.get(name_key(cells.get("category")))
        if category:
            vals["categ_id"] = category
        return vals

    def _find_categories(self, names):
        """Product categories by name, created where missing: {name key: id}."""
        Category = self._quiet("product.category")
        known = {
            name_key(category.name): category.id
            for category in Category.search_fetch([("name", "in", names)], ["name"])
        }
        missing = [name for name in names if name_key(name) not in known]
        created = Category.create([{"name": name} for name in missing])
        return known | {name_key(record.name): record.id for record in created}

    # === PEOPLE === #

    def _create_user(self, values, records):
        """Create users that were asked for by name, by someone who may."""
        Users = self._quiet("res.users")
        known = Users.with_context(active_test=False)
        known = known.search_fetch([("login", "!=", False)], ["login"])
        taken = set(known.mapped("login"))
        people = records.get("people", {})
        vals_list = []
        for value in values:
            email = people.get(value.key, {}).get("email")
            login = base = email or self._login(value.create_name or value.name)
            count = 1
            while login in taken:
                count += 1
                login = f"{base}{count}"
            taken.add(login)
            vals_list.append(
                {
                    "name": value.create_name or value.name,
                    "login": login,
                    "email": email,
                    "company_id": self.company_id.id,
                    "company_ids": [self.company_id.id],
                    "group_ids": [
                        self.env.ref("base.group_user").id,
                        self.env.ref("sales_team.group_sale_salesman").id,
                    ],
                }
            )
        self._store_created(values, "user_id", Users.create(vals_list))

    @staticmethod
    def _login(name):
        return re.sub(r"[^\w]+", ".", name_key(name)).strip(".")

    def _create_teams(self, values, tables, people):
        """Create teams with their leader and region; people join only if they can."""
        users = self._found("user")
        leaders, regions = self._team_facts(tables)
        teams = self._quiet("crm.team").create(
            [
                {
                    "name": value.create_name or value.name,
                    "company_id": self.company_id.id,
                    "user_id": users.get(leaders.get(value.key)),
                    "use_opportunities": True,
                }
                for value in values
            ]
        )
        self._store_created(values, "team_id", teams)
        found = self._found("team")
        for value in values:
            parent = found.get(regions.get(value.key))
            if parent and parent != value.team_id.id:
                value.team_id.sales_parent_id = parent
        self._join_teams(people, users, found)

    def _team_facts(self, tables):
        """Who leads a team and where it belongs, from all rows: two {key: key}."""
        leaders, regions = {}, {}
        for kind in ("deals", "people"):
            _file, table, columns = tables.get(kind, (None, None, {}))
            for row in table.rows if table else ():
                cells = {target: row[index] for index, target in columns.items()}
                team = name_key(self._team_name(cells))
                if team and cells.get("manager"):
                    leaders.setdefault(team, name_key(cells["manager"]))
                if team and cells.get("region"):
                    regions.setdefault(team, name_key(cells["region"]))
        return leaders, regions

    def _join_teams(self, people, users, teams):
        """Salespeople without any team join theirs; others are left where they are."""
        wanted = {}
        for key, cells in people.items():
            team = teams.get(name_key(self._team_name(cells)))
            if team and users.get(key):
                wanted[users[key]] = team
        members = self._quiet("crm.team.member")
        placed = members.search([("user_id", "in", list(wanted))]).user_id.ids
        members.create(
            [
                {"user_id": user, "crm_team_id": team}
                for user, team in wanted.items()
                if user not in placed
            ]
        )

    # === DEALS === #

    def _lookup(self, records):
        """Everything a deal needs to find its records, read once for all batches."""
        lookup = {
            kind: self._found(kind)
            for kind in ("user", "team", "customer", "product", "lost_reason")
        }
        stages = self.value_ids.filtered(
            lambda value: value.kind in ("stage", "status")
        )
        for value in stages:
            lookup[value.kind, value.key] = value.stage_id
        open_stages = self._open_stages()
        lookup["won_stage"] = open_stages.filtered("is_won")[:1]
        lookup["first_stage"] = open_stages.filtered(lambda stage: not stage.is_won)[:1]
        lookup["people"] = records.get("people", {})
        return lookup

    def _create_deals(self, deals, lookup):
        leads = self._quiet("crm.lead").create(
            [self._prepare_deal(deal, lookup) for deal in deals]
        )
        self._register_ids(leads, deals)
        self._backdate(leads, deals)
        self._after_deals(leads, deals)

    def _after_deals(self, leads, deals):
        """Hook: ``leads`` were imported with their true dates, one per deal."""

    def _prepare_deal(self, deal, lookup):
        """The values of one deal; empty ones are named so that no default fills in."""
        cells = deal.cells
        user = lookup["user"].get(name_key(cells.get("salesperson")), False)
        partner = lookup["customer"].get(name_key(cells.get("customer")), False)
        product = lookup["product"].get(name_key(cells.get("product")), False)
        vals = {
            "name": self._deal_name(deal),
            "type": "opportunity",
            "company_id": self.company_id.id,
            "user_id": user,
            "team_id": self._deal_team(deal, lookup),
            "partner_id": partner,
            "expected_revenue": float(deal.amount or 0),
            "date_deadline": deal.deadline,
            "date_open": deal.created if user else False,
            "date_last_stage_update": self._stage_moment(deal),
            "date_closed": deal.closed if deal.outcome != "open" else False,
            "sales_import_id": self.id,
            "sales_product_id": product,
            "sales_imported_salesperson": not user and cells.get("salesperson"),
            "sales_imported_product": not product and cells.get("product"),
            "description": self._as_html(self._deal_note(deal, bool(partner))),
            **self._deal_outcome(deal, lookup),
        }
        if self.process_id:
            vals["sales_process_id"] = self.process_id.id
        if not partner:
            # A deal of a known customer takes these from there: given here, Odoo would
            # write an old address over the customer's own.
            vals.update(
                partner_name=cells.get("customer"),
                email_from=cells.get("email"),
                phone=cells.get("phone"),
            )
        return vals

    def _deal_name(self, deal):
        cells = deal.cells
        if cells.get("name"):
            return cells["name"]
        customer, product = cells.get("customer"), cells.get("product")
        if customer and product:
            return f"{customer}: {product}"
        if customer or product:
            label = cells.get("external_id") or str(deal.row)
            return f"{customer or product} ({label})"
        return self.env._("Deal %s", cells.get("external_id") or deal.row)

    def _deal_team(self, deal, lookup):
        """The team the file names, else the salesperson's, else the default."""
        name = self._team_name(deal.cells)
        if not name:
            seller = lookup["people"].get(name_key(deal.cells.get("salesperson")), {})
            name = self._team_name(seller)
        return lookup["team"].get(name_key(name)) or self.team_id.id

    def _stage_moment(self, deal):
        """When the deal entered the stage it is in now."""
        if deal.outcome == "won":
            return deal.closed
        return deal.entered or deal.created or False

    def _deal_outcome(self, deal, lookup):
        """Stage, probability and activity of an open, won or lost deal."""
        cells = deal.cells
        stage = lookup.get(("stage", name_key(cells.get("stage"))))
        stage = stage or lookup.get(("status", name_key(cells.get("status"))))
        if deal.outcome == "won":
            if not stage or not stage.is_won:
                stage = lookup["won_stage"]
            return {"stage_id": stage.id, "probability": 100, "active": True}
        if not stage or stage.is_won:
            stage = lookup["first_stage"]
        if deal.outcome == "open":
            return {"stage_id": stage.id, "active": True}
        reason = lookup["lost_reason"].get(name_key(cells.get("lost_reason")))
        return {
            "stage_id": stage.id,
            "probability": 0,
            "active": False,
            "lost_reason_id": reason or self.lost_reason_id.id,
        }

    def _deal_note(self, deal, has_customer):
        lines = [deal.cells.get("note")]
        if has_customer:
            lines += [deal.cells.get("email"), deal.cells.get("phone")]
        return "\n".join(line for line in lines if line)

    @staticmethod
    def _as_html(text):
        """Plain text of the file, escaped, line by line."""
        return plaintext2html(text) if text else False
