"""Import ``crm_sales_opportunities`` into a process and count its funnel twice.

Once as the screen does, with ``get_funnel``, and once with pandas on the CSV files,
which knows nothing of Odoo: won ÷ (won + lost), entered, went on, lost and still there,
conversions, and how many days it took. Both are compared as a whole, per salesperson,
product category and sector, figure by figure. The database is left as it was.

What the file means is decided as in ``import_pipeline``: deals engage on the day the
file gives, are won or lost from there, and an open one is still there now; prospects
have no date. Names that the import leaves empty (a product of another spelling, a
sector with a typo) belong to nobody here and there.

Wanted: no difference at all.
"""

import runpy
import sys
from pathlib import Path

from odoo import fields

# The group of requirements that ./dev bench installs for this script.
REQUIREMENTS = "bench"
MIN_CASES = 5
QUANTILES = {"median_days": 0.5, "p80_days": 0.8}
COUNTS = ("entered", "advanced", "lost", "still_there")
TOLERANCE = 1e-6


def main(env, argv):
    """Import, count twice, compare.

    :param env: environment of a database with the addon
    :param argv: optionally the folder that holds the files
    :return: 0 when both agree, else 1
    """
    try:
        import pandas
    except ImportError:
        print(
            f"pandas is missing: install the group “{REQUIREMENTS}” of pyproject.toml."
        )
        return 1
    base = runpy.run_path(str(Path(__file__).with_name("import_pipeline.py")))
    folder = base["find_folder"](argv)
    if not folder:
        print("The data is not there: give the folder that holds sales_pipeline.csv.")
        return 1
    env = env(user=env.ref("base.user_admin"))
    savepoint = env.cr.savepoint()
    try:
        process, run = import_into_process(env, base, folder, pandas)
        deals = read_files(pandas, folder, empty_names(run))
        wrong = 0
        for group_by, column in (
            (None, None),
            ("user", "sales_agent"),
            ("category", "series"),
            ("industry", "sector"),
        ):
            found = by_odoo(env, process, group_by)
            wanted = by_pandas(pandas, deals, column)
            wrong += compare(group_by or "whole", found, wanted)
    finally:
        savepoint.close(rollback=True)
    print("Everything agrees." if not wrong else f"{wrong} figures differ.")
    sys.stdout.flush()
    return 1 if wrong else 0


# --------------------------------------------------------------------------------------
# Odoo
# --------------------------------------------------------------------------------------


def import_into_process(env, base, folder, pandas):
    """The salespeople of the file, a process every deal enters, and the import.

    The company lives in UTC: days of the file are then whole days, and a change to
    summer time does not make one of them 23 hours.
    """
    env.company.resource_calendar_id.tz = "UTC"
    agents = pandas.read_csv(folder / "sales_teams.csv")["sales_agent"]
    env["res.users"].with_context(no_reset_password=True).create(
        [
            {
                "name": name,
                "login": f"{name.lower().replace(' ', '.')}@agents.example",
                "group_ids": [(4, env.ref("sales_team.group_sale_salesman").id)],
            }
            for name in agents
        ]
    )
    stages = env["crm.stage"].search([])
    process = env["sales.process"].create(
        {
            "name": "Benchmark",
            "stage_ids": [
                (0, 0, {"stage_id": stage.id, "sequence": place})
                for place, stage in enumerate(stages)
            ],
        }
    )
    env.company.sales_default_process_id = process
    run, _steps = base["import_files"](env, folder)
    return process, run


def empty_names(run):
    """``{kind: names of the file that the import left without a record}``"""
    empty = {"product": set(), "industry": set()}
    for value in run.value_ids.filtered(lambda value: value.action == "empty"):
        empty.setdefault(value.kind, set()).add(value.key)
    return empty


def by_odoo(env, process, group_by):
    """``{name of the group, lower case; "" for none: {figure: value}}``"""
    funnel = env["sales.funnel.report"].get_funnel(
        {"process_id": process.id, "group_by": group_by}
    )
    if not group_by:
        return {"": figures_of(funnel)}
    return {
        last_name(group["name"]) if group["id"] else "": figures_of(group)
        for group in funnel["groups"]
    }


def last_name(name):
    """Categories are named with those above them."""
    return name.rpartition(" / ")[2].strip().lower()


def figures_of(funnel):
    totals = funnel["totals"]
    figures = {
        name: totals[name]
        for name in ("won", "lost", "open", "win_rate", "average_won", "cycle_days")
    }
    for place, stage in enumerate(funnel["stages"][:2]):
        for name in (*COUNTS, "conversion_decided", "to_won", *QUANTILES):
            figures[f"{place} {name}"] = stage[name]
    return figures


# --------------------------------------------------------------------------------------
# pandas
# --------------------------------------------------------------------------------------


def read_files(pandas, folder, empty):
    """The deals with the category of their product and the sector of their customer."""

    def dropped(series, names):
        return series.mask(series.str.lower().isin(names))

    deals = pandas.read_csv(folder / "sales_pipeline.csv")
    products = pandas.read_csv(folder / "products.csv")
    accounts = pandas.read_csv(folder / "accounts.csv")
    for name in ("engage_date", "close_date"):
        deals[name] = pandas.to_datetime(deals[name], format="%m/%d/%Y")
    accounts["sector"] = dropped(accounts["sector"], empty["industry"])
    deals = deals.merge(products, on="product", how="left")
    deals = deals.merge(accounts[["account", "sector"]], on="account", how="left")
    # A day of the file is its noon; what is open counts by whole hours until now.
    now = pandas.Timestamp(fields.Datetime.now())
    noon = pandas.Timedelta(hours=12)
    end = (deals["close_date"] + noon).fillna(now)
    deals["days"] = (end - deals["engage_date"] - noon).dt.total_seconds() // 3600 / 24
    return deals


def by_pandas(pandas, deals, column):
    if not column:
        return {"": pandas_figures(pandas, deals)}
    names = deals[column].fillna("").str.lower()
    return {name: pandas_figures(pandas, group) for name, group in deals.groupby(names)}


def pandas_figures(pandas, deals):
    won = deals[deals["deal_stage"] == "Won"]
    lost = deals[deals["deal_stage"] == "Lost"]
    engaging = deals[deals["deal_stage"] == "Engaging"]
    prospects = deals[deals["deal_stage"] == "Prospecting"]
    decided = len(won) + len(lost)
    rate = 100 * len(won) / decided if decided >= MIN_CASES else None
    figures = {
        "won": len(won),
        "lost": len(lost),
        "open": len(engaging) + len(prospects),
        "win_rate": rate,
        "average_won": won["close_value"].mean() if len(won) else None,
        "cycle_days": lower_median(won["days"]) if len(won) >= MIN_CASES else None,
        **dict.fromkeys((f"0 {name}" for name in COUNTS), 0),
        "0 entered": len(prospects),
        "0 still_there": len(prospects),
        **dict.fromkeys(("0 conversion_decided", "0 to_won"), None),
        **dict.fromkeys((f"0 {name}" for name in QUANTILES), None),
        "1 entered": decided + len(engaging),
        "1 advanced": len(won),
        "1 lost": len(lost),
        "1 still_there": len(engaging),
        "1 conversion_decided": rate,
        "1 to_won": rate,
    }
    curve = survival(pandas.concat([won, lost, engaging]))
    for name, share in QUANTILES.items():
        reached = curve[curve <= 1 - share + TOLERANCE]
        figures[f"1 {name}"] = reached.index[0] if len(reached) else None
    return figures


def lower_median(days):
    return days.sort_values().iloc[(len(days) - 1) // 2]


def survival(stays):
    """Kaplan–Meier: the share that lasts longer than each day on which one ended."""
    ended = stays["deal_stage"] != "Engaging"
    by_day = ended.groupby(stays["days"]).agg(["sum", "count"]).sort_index()
    at_risk = len(stays) - by_day["count"].cumsum().shift(fill_value=0)
    curve = (1 - by_day["sum"] / at_risk).cumprod()
    return curve[by_day["sum"] > 0]


# --------------------------------------------------------------------------------------
# Both
# --------------------------------------------------------------------------------------


def compare(title, found, wanted):
    """Print the figures side by side; returns how many differ."""
    wrong = 0
    print(f"\n{title}: {len(wanted)} with {len(next(iter(wanted.values())))} figures")
    print(f"  {'':28} {'Odoo':>30} {'pandas':>30}")
    for name in sorted({*found, *wanted}):
        here, there = found.get(name, {}), wanted.get(name, {})
        line = ("won", "lost", "win_rate", "1 median_days")
        print(f"  {name or '–':28} {told(here, line):>30} {told(there, line):>30}")
        for figure in {*here, *there}:
            if not same(here.get(figure), there.get(figure)):
                wrong += 1
                print(
                    f"    {figure}: {here.get(figure)} in Odoo,"
                    f" {there.get(figure)} in pandas  DIFFERENT"
                )
    return wrong


def told(figures, names):
    return "  ".join(
        "–" if figures.get(name) is None else f"{figures[name]:,.1f}".removesuffix(".0")
        for name in names
    )


def same(one, other):
    if one is None or other is None:
        return one is other
    return abs(one - other) <= TOLERANCE * max(1, abs(other))
