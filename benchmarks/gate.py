"""What the gate costs: moving 1, 100 and 1,000 deals, beside plain Odoo.

Both sides run in this process, one after the other, on copies of the same template:
one database without the addon, one with it, where every deal has five hard exit
criteria of different kinds, all of them met. Rounds alternate and the lower quartile
counts, so that a busy machine disturbs both alike. "Cold" is the first move after a
start or a change of configuration, when nothing is cached yet.

Wanted: at most 12 queries more than plain Odoo whatever the number of deals, and at
most 1.15 times its time.
"""

import gc
import os
import sys
import time
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry

# The pipeline history and the ledger have benchmarks of their own (history, credit):
# here the gate stands alone.
HISTORY = "sales.pipeline.history"
LEDGER = "sales.credit"
SIZES = (1, 100, 1000)
ROUNDS = {1: 80, 100: 8, 1000: 4}
MORE_QUERIES = 12
MORE_TIME = 1.15


def main(env, argv):
    """Run the comparison.

    :param env: environment of the database with the addon
    :param argv: ``--quick`` leaves out the largest size and most rounds, and judges
        the queries alone: few rounds say little about time
    :return: 0 when the limits hold, else 1
    """
    quick = "--quick" in argv
    for model in (HISTORY, LEDGER):
        type(env[model])._note = lambda self, *args, **kwargs: None
    sizes = SIZES[:2] if quick else SIZES
    plain = Registry(os.environ["SALES_PROCESS_PLAIN_DB"])
    ok = True
    print(f"{'deals':>6} {'plain':>18} {'with gate':>18} {'queries':>9} {'time':>6}")
    with plain.cursor() as plain_cr, env.registry.cursor() as our_cr:
        plain_env = api.Environment(plain_cr, SUPERUSER_ID, {})
        our_env = api.Environment(our_cr, SUPERUSER_ID, {})
        setups = (Setup(plain_env, gated=False), Setup(our_env, gated=True))
        for size, cold in [(1, True), *((size, False) for size in sizes)]:
            rounds = 3 if quick and size > 1 else ROUNDS[size]
            figures = measure(setups, size, rounds, cold)
            (plain_q, plain_t), (our_q, our_t) = figures
            more, factor = our_q - plain_q, our_t / plain_t
            good = more <= MORE_QUERIES and (quick or factor <= MORE_TIME)
            ok &= good
            label = "1 cold" if cold else size
            print(
                f"{label:>6} {plain_q:>6} q {1000 * plain_t:>7.1f} ms"
                f" {our_q:>6} q {1000 * our_t:>7.1f} ms {more:>+8} q {factor:>6.3f}"
                f" {'' if good else '  TOO MUCH'}"
            )
        plain_cr.rollback()
        our_cr.rollback()
    sys.stdout.flush()
    return 0 if ok else 1


def measure(setups, size, rounds, cold):
    """``(queries, seconds)`` of each set-up: the lower quartile of its rounds."""
    deals = [setup.deals(size) for setup in setups]
    figures = [[], []]
    for turn in range(rounds + 1):
        # Whoever comes second finds a warmer machine: take turns.
        for index in (0, 1) if turn % 2 else (1, 0):
            moved = setups[index].move(deals[index], cold)
            if turn:  # the first round warms the caches of both sides
                figures[index].append(moved)
    return [sorted(rows, key=lambda row: row[1])[len(rows) // 4] for rows in figures]


class Setup:
    """Deals in two stages of one database, with or without a process over them.

    The deals are what companies have: a team with a leader who follows them, tags,
    a source, a customer with address and phone, and closed deals before them, so that
    predictive scoring has something to learn from.
    """

    def __init__(self, env, gated):
        self.gated = gated
        seller = env["res.users"].create(
            {
                "name": "Bench Seller",
                "login": "bench_seller",
                "group_ids": [(6, 0, env.ref("sales_team.group_sale_salesman").ids)],
            }
        )
        self.root = env
        self.env = env(user=seller)
        stages = env["crm.stage"].create(
            [{"name": f"Bench {n}", "sequence": 900 + n} for n in range(2)]
        )
        self.here, self.there = stages
        self._surround(seller)
        self._close_some()
        if gated:
            self._design()

    def _surround(self, seller):
        env = self.root
        self.leader = env["res.users"].create(
            {
                "name": "Bench Leader",
                "login": "bench_leader",
                "group_ids": [(6, 0, env.ref("sales_team.group_sale_manager").ids)],
            }
        )
        self.team = env["crm.team"].create(
            {
                "name": "Bench Team",
                "user_id": self.leader.id,
                "member_ids": [(6, 0, seller.ids)],
            }
        )
        country = env.ref("base.us")
        self.customer = env["res.partner"].create(
            {
                "name": "Bench Customer",
                "email": "customer@bench.example",
                "phone": "+1 555 0100",
                "country_id": country.id,
                "state_id": country.state_ids[:1].id,
            }
        )
        self.values = {
            "type": "opportunity",
            "partner_id": self.customer.id,
            "user_id": seller.id,
            "team_id": self.team.id,
            "expected_revenue": 1000.0,
            "source_id": env["utm.source"].create({"name": "Bench Fair"}).id,
            "tag_ids": [
                (
                    6,
                    0,
                    env["crm.tag"].create([{"name": f"Bench {n}"} for n in "ab"]).ids,
                )
            ],
        }

    def _close_some(self):
        """Won and lost deals before, from which the scoring learns."""
        values = {**self.values, "stage_id": self.here.id}
        closed = self.root["crm.lead"].create(
            [{**values, "name": f"Bench closed {n}"} for n in range(60)]
        )
        closed[:30].action_set_won()
        closed[30:].action_set_lost()

    def _design(self):
        env = self.root
        process = env["sales.process"].create({"name": "Bench"})
        first, _second = env["sales.process.stage"].create(
            [
                {"process_id": process.id, "stage_id": stage.id, "sequence": n}
                for n, stage in enumerate((self.here, self.there))
            ]
        )
        call = env.ref("mail.mail_activity_data_call")
        closing = env["ir.model.fields"]._get("crm.lead", "date_deadline")
        kinds = [
            {"kind": "fields", "field_ids": [(6, 0, closing.ids)]},
            {"kind": "activity", "activity_type_id": call.id},
            {"kind": "meeting", "role": "decision_maker"},
            {"kind": "stakeholder", "role": "decision_maker"},
            {"kind": "document", "document_category": "requirements"},
        ]
        env["sales.process.criterion"].create(
            [
                {"name": f"Bench {vals['kind']}", "process_stage_id": first.id, **vals}
                for vals in kinds
            ]
        )
        self.process = process

    def deals(self, count):
        """``count`` new deals in the first stage, everything about them proven."""
        today = fields.Date.today()
        leads = self.env["crm.lead"].create(
            [
                {
                    **self.values,
                    "name": f"Bench deal {number}",
                    "stage_id": self.here.id,
                    "date_deadline": today + timedelta(days=30),
                    **({"sales_process_id": self.process.id} if self.gated else {}),
                }
                for number in range(count)
            ]
        )
        leads.message_subscribe(self.leader.partner_id.ids)
        self._prove(leads)
        self._settle()
        return leads

    def _prove(self, leads):
        """The same activities, meetings and files on both sides."""
        env = self.root
        call = env.ref("mail.mail_activity_data_call")
        model_id = env["ir.model"]._get_id("crm.lead")
        now = fields.Datetime.now()
        activities = env["mail.activity"].create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": lead.id,
                    "activity_type_id": call.id,
                    "user_id": self.env.uid,
                }
                for lead in leads
            ]
        )
        activities.action_archive()
        env["calendar.event"].with_context(no_mail_to_attendees=True).create(
            [
                {
                    "name": "Bench meeting",
                    "opportunity_id": lead.id,
                    "partner_ids": [(6, 0, self.customer.ids)],
                    "start": now - timedelta(hours=3),
                    "stop": now - timedelta(hours=2),
                }
                for lead in leads
            ]
        )
        attachments = env["ir.attachment"].create(
            [
                {"name": "r.txt", "raw": b"r", "res_model": "crm.lead", "res_id": i}
                for i in leads.ids
            ]
        )
        if self.gated:
            attachments.sales_document_category = "requirements"
            env["sales.stakeholder"].create(
                [
                    {
                        "lead_id": lead.id,
                        "partner_id": self.customer.id,
                        "role": "decision_maker",
                    }
                    for lead in leads
                ]
            )

    def _settle(self):
        """Write what is pending and forget what is cached, as between two requests."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.invalidate_all()

    def move(self, leads, cold=False):
        """Queries and seconds of moving the deals forward, messages included."""
        leads.write({"stage_id": self.here.id})
        if self.gated:
            # A deal passes a stage once or twice, not once a round.
            leads.sudo().sales_evidence_ids.unlink()
        self._settle()
        if cold:
            self.env.registry.clear_all_caches()
        gc.collect()
        queries, start = self.env.cr.sql_log_count, time.perf_counter()
        leads.write({"stage_id": self.there.id})
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.flush_all()
        seconds = time.perf_counter() - start
        queries = self.env.cr.sql_log_count - queries
        moved = leads.filtered(lambda lead: lead.stage_id == self.there)
        assert moved == leads, "the deals did not move"
        return queries, seconds
