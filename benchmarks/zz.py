import runpy, time, cProfile, pstats, sys
from pathlib import Path
from odoo import SUPERUSER_ID, api
def main(env, argv):
    ns = runpy.run_path(str(Path(__file__).with_name("credit.py")))
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {})
        e = ns["Event"](own)
        for _ in range(2):
            o = e.orders(100); o.action_confirm(); own["sales.credit"]._write_pending()
        from odoo.sql_db import Cursor
        orig = Cursor.execute
        for what in ("confirm", "post"):
            log = []
            def execute(self, query, params=None, log_exceptions=True):
                t = time.perf_counter()
                try: return orig(self, query, params, log_exceptions)
                finally: log.append((time.perf_counter() - t, str(query)[:3000]))
            o = e.orders(100) if what == "confirm" else e.invoices(100)
            own.cr.flush()
            own.invalidate_all()
            t=time.process_time(); w=time.perf_counter()
            o.action_confirm() if what == "confirm" else o.action_post()
            own.flush_all()
            d = own.cr.precommit.data.pop("sales_credit")
            own.cr.flush()
            print(what, "cpu", time.process_time()-t, "wall", time.perf_counter()-w)
            Cursor.execute = execute
            p = cProfile.Profile()
            own.cr.precommit.data["sales_credit"]=d
            t=time.process_time(); w=time.perf_counter()
            if "prof" in argv: p.enable()
            own["sales.credit"]._write_pending()
            p.disable()
            Cursor.execute = orig
            print("credit cpu", time.process_time()-t, "wall", time.perf_counter()-w, "sql", sum(l[0] for l in log), len(log))
            for t, q in log: print(f"{1000*t:.1f}", " ".join(q.split())[:110])
            if "prof" in argv: pstats.Stats(p).sort_stats("cumtime").print_stats(25)
        cr.rollback()
    return 0
