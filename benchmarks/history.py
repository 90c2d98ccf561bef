"""What writing the pipeline history adds to a stage change.

The same deals move in the same database with the history on and off, in turn; the
fastest round of each counts. Wanted: at most 10 % more time for 1 to 1,000 deals.
The disk one change takes, rows and indexes, is printed too.
"""

import runpy
import sys
from pathlib import Path

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

SIZES = (1, 100, 1000)
ROUNDS = {1: 40, 100: 7, 1000: 3}
MORE_TIME = 1.10
MODEL = "sales.pipeline.history"


def main(env, argv):
    """Run the comparison; ``--quick`` leaves out the largest size.

    :return: 0 when the limit holds, else 1
    """
    gate = runpy.run_path(str(Path(__file__).with_name("gate.py")))
    sizes = SIZES[:2] if "--quick" in argv else SIZES
    history = type(env[MODEL])
    note = history._note
    ok = True
    print(
        f"{'deals':>6} {'without':>18} {'with history':>18} {'queries':>9} {'time':>6}"
    )
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {})
        setup = gate["Setup"](own, gated=False)
        for size in sizes:
            deals = setup.deals(size)
            figures = compare(history, note, setup, deals, ROUNDS[size])
            (off_q, off_t), (on_q, on_t) = figures
            factor = on_t / off_t
            good = factor <= MORE_TIME
            ok &= good
            print(
                f"{size:>6} {off_q:>6} q {1000 * off_t:>7.1f} ms"
                f" {on_q:>6} q {1000 * on_t:>7.1f} ms {on_q - off_q:>+8} q"
                f" {factor:>6.3f}{'' if good else '  TOO MUCH'}"
            )
        print_disk(own)
        cr.rollback()
    sys.stdout.flush()
    return 0 if ok or "--quick" in argv else 1


def compare(history, note, setup, deals, rounds):
    """``(queries, seconds)`` of the fastest round without and with the history."""
    best = [None, None]
    for turn in range(rounds + 1):
        for on in (0, 1):
            history._note = note if on else (lambda self, lead_ids: None)
            figures = setup.move(deals)
            if turn and (best[on] is None or figures[1] < best[on][1]):
                best[on] = figures
    history._note = note
    return best


def print_disk(env):
    """Bytes per row of the history, from the size of table and indexes."""
    env.cr.execute(
        SQL(
            """
            SELECT COUNT(*), pg_relation_size('sales_pipeline_history'),
                   pg_indexes_size('sales_pipeline_history')
              FROM sales_pipeline_history
            """
        )
    )
    count, table, indexes = env.cr.fetchone()
    if count:
        print(
            f"one change takes about {(table + indexes) // count} bytes"
            f" ({table // count} in the table, {indexes // count} in indexes,"
            f" over {count} rows)"
        )
