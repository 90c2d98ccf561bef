"""Assign 200,000 customers and as many deals to 300 territories by 1,000 rules.

Customers with 50,000 contacts, deals, and rules of all kinds are written with SQL; the
job then assigns all of them: for the first time, with nothing to change, and after
every tenth rule has changed. A sample is matched again one by one, as it is when a
customer is saved, and has to agree. The database is left as it was.

Wanted: under 60 seconds for the customers of each run, and no difference. ``--quick``
takes a tenth of the customers.
"""

import random
import sys
import time

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tools import SQL

CUSTOMERS, TERRITORIES, RULES = 200_000, 300, 1_000
LIMIT_SECONDS = 60


def main(env, argv):
    """Run it.

    :param env: environment of a database with the addon
    :param argv: ``--quick`` takes 20,000 customers
    :return: 0 when times and territories are as wanted, else 1
    """
    customers = CUSTOMERS // (10 if "--quick" in argv else 1)
    ok = True
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {})
        first = generate(own, customers)
        ok &= round_of(own, "for the first time")
        ok &= round_of(own, "nothing changed")
        change(own)
        ok &= round_of(own, "every tenth rule changed")
        ok &= sample(own, first, customers)
        one(own, first)
        cr.rollback()
        env.registry.clear_cache()
    sys.stdout.flush()
    return 0 if ok else 1


def generate(env, customers):
    """Write territories, rules, customers, contacts and deals.

    :return: id before that of the first customer
    """
    dice = random.Random(1)
    countries = env["res.country"].search([("state_ids", "!=", False)], limit=20)
    industries = env["res.partner.industry"].search([])
    territories = env["sales.territory"].create(
        [{"name": f"Territory {number}"} for number in range(TERRITORIES)]
    )
    for territory in territories[TERRITORIES // 10 :]:
        territory.parent_id = dice.choice(territories[: TERRITORIES // 10])
    env["sales.territory.rule"].create(
        [rule(dice, territories, countries, industries) for _ in range(RULES)]
    )
    env.flush_all()
    [(first,)] = env.execute_query(SQL("SELECT nextval('res_partner_id_seq')"))
    params = {
        "first": first,
        "customers": customers,
        "contacts": customers // 4,
        "countries": countries.ids,
        "industries": industries.ids,
    }
    env.cr.execute(SQL(PARTNERS, **params))
    env.cr.execute(SQL(DEALS, **params))
    env.cr.execute(SQL("ANALYZE res_partner, crm_lead"))
    env.invalidate_all()
    print(
        f"{customers:,} customers, {customers // 4:,} contacts, {customers:,} deals; "
        f"{TERRITORIES:,} territories, {RULES:,} rules"
    )
    return first


def rule(dice, territories, countries, industries):
    """Three of four rules are by postcode, the others by anything else."""
    country = dice.choice(countries)
    vals = {
        "territory_id": dice.choice(territories).id,
        "country_ids": [Command.set(country.ids)],
    }
    if dice.random() < 0.75:
        low = dice.randrange(0, 98000)
        vals["zip_from"] = f"{low:05}"
        vals["zip_to"] = f"{low + dice.choice((9, 99, 999, 1999)):05}"
    elif dice.random() < 0.5:
        vals["state_ids"] = [Command.set(dice.choice(country.state_ids).ids)]
    if dice.random() < 0.2:
        vals["industry_ids"] = [Command.set(dice.choice(industries).ids)]
    return vals


PARTNERS = """
    INSERT INTO res_partner (id, name, active, is_company, parent_id, type,
           commercial_partner_id, autopost_bills, country_id, state_id, zip,
           industry_id)
    SELECT %(first)s + n, 'Partner ' || n, TRUE, TRUE, NULL, 'contact', %(first)s + n,
           'ask', c.id, (SELECT id FROM res_country_state s WHERE s.country_id = c.id
                          ORDER BY id OFFSET n %% 7 LIMIT 1),
           LPAD((n::bigint * 7919 %% 100000)::text, 5, '0'),
           (%(industries)s)[1 + n %% 11]
      FROM generate_series(1, %(customers)s) n
      JOIN LATERAL (SELECT (%(countries)s)[1 + n %% 20] AS id) c ON TRUE;
    INSERT INTO res_partner (id, name, active, is_company, parent_id, type,
           commercial_partner_id, autopost_bills)
    SELECT %(first)s + %(customers)s + n, 'Contact ' || n, TRUE, FALSE, %(first)s + n,
           'contact', %(first)s + n, 'ask'
      FROM generate_series(1, %(contacts)s) n;
    SELECT setval('res_partner_id_seq', %(first)s + 2 * %(customers)s)
"""
# One of ten has no customer, only an address.
DEALS = """
    INSERT INTO crm_lead (name, type, active, partner_id, country_id, zip)
    SELECT 'Deal ' || n, 'opportunity', TRUE,
           CASE WHEN n %% 10 > 0 THEN %(first)s + n END, (%(countries)s)[1 + n %% 20],
           LPAD((n::bigint * 104729 %% 100000)::text, 5, '0')
      FROM generate_series(1, %(customers)s) n
"""


def change(env):
    for changed in env["sales.territory.rule"].search([])[::10]:
        changed.territory_id = env["sales.territory"].search([], limit=1)


def round_of(env, what):
    """Assign once: whether the time is as wanted."""
    run = env["sales.territory.assignment"]._begin()
    start = time.perf_counter()
    while run.stage == "customers":
        run._step()
    customers = time.perf_counter() - start
    run._run()
    seconds = time.perf_counter() - start
    print(
        f"{what}: {customers:.1f} s for customers and {seconds - customers:.1f} s for"
        f" deals, {run.partner_count:,} contacts and {run.lead_count:,} deals changed"
    )
    return customers < LIMIT_SECONDS


def sample(env, first, customers):
    """Whether customers get the same when they are saved one by one."""
    partners = env["res.partner"].browse(
        range(first + 1, first + customers, customers // 400)
    )
    wrong = [
        partner.id
        for partner in partners
        if partner.sales_territory_id != partner._sales_find_territories()[partner][0]
    ]
    print(f"{len(partners)} matched one by one, {len(wrong)} of them differ")
    return not wrong


def one(env, first):
    """What saving one customer and one deal costs."""
    partner = env["res.partner"].browse(first + 7)
    start = time.perf_counter()
    partner._sales_find_territories()
    print(f"one customer: {1000 * (time.perf_counter() - start):.1f} ms")


if __name__ == "__main__":
    sys.exit("Run it with: ./dev bench territory")
