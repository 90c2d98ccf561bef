import runpy, time
from pathlib import Path
from odoo import SUPERUSER_ID, api
from odoo.tools import SQL
def main(env, argv):
    ns = runpy.run_path(str(Path(__file__).with_name("credit.py")))
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {})
        e = ns["Event"](own)
        for _ in range(2):
            o = e.orders(100); o.action_confirm(); own["sales.credit"]._write_pending()
        from odoo.sql_db import Cursor
        orig = Cursor.execute
        pg = lambda: int(e.backend.read_text().split()[0]) / 1e6
        log = []
        def execute(self, query, params=None, log_exceptions=True):
            if "INSERT INTO sales_credit" in str(query) and "explain" in argv:
                orig(self, SQL("EXPLAIN ANALYZE %s", query))
                for r in self.fetchall(): print(r[0][:120])
                return
            t = pg()
            try: return orig(self, query, params, log_exceptions)
            finally: log.append((pg() - t, str(query)[:3000]))
        for what in ("confirm", "confirm"):
            log.clear()
            o = e.orders(100)
            own.cr.flush(); own.invalidate_all()
            t=time.process_time(); w=pg()
            o.action_confirm(); own.flush_all()
            d = own.cr.precommit.data.pop("sales_credit"); own.cr.flush()
            print(what, "python", 1000*(time.process_time()-t), "pg", pg()-w)
            own.cr.precommit.data["sales_credit"]=d
            Cursor.execute = execute
            t=time.process_time(); w=pg()
            import cProfile, pstats
            p = cProfile.Profile()
            if "prof" in argv: p.enable()
            own["sales.credit"]._write_pending()
            p.disable()
            Cursor.execute = orig
            if "prof" in argv: pstats.Stats(p).sort_stats("tottime").print_stats(28)
            print("credit python", 1000*(time.process_time()-t), "pg", pg()-w)
            for t, q in log: print(f"{t:.1f}", " ".join(q.split())[:90])
        cr.rollback()
    return 0
