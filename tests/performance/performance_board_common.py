from odoo import fields
from odoo.fields import Command

from ..common import DIRECTOR, LEADER, REP
from ..credit.test_credit_ledger import CreditCommon

# name: (team, booked). A point for each 100.
BOOKED = {
    "ann": ("north", 600.0),
    "bob": ("south", 500.0),
    "cy": ("north", 300.0),
    "eva": ("south", 250.0),
    "dora": ("south", 100.0),
}


class BoardCommon(CreditCommon):
    """A contest of five people that runs, a point for each 100 booked.

    ======== ======================================
    North    leader; ann 6 points, cy 3
    South    bob 5 points, eva 2.5, dora 1: last
    company  director
    ======== ======================================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("cy", "eva", "dora"):
            setattr(cls, name, cls._make_person(f"board_{name}", REP))
        for name, (team, _amount) in BOOKED.items():
            person = getattr(cls, name)
            person.name = name.title()
            cls._join(person, team)
        cls.leader = cls._make_person("board_leader", LEADER)
        cls.other_leader = cls._make_person("board_other_leader", LEADER)
        cls.director = cls._make_person("board_director", DIRECTOR)
        cls.accountant = cls._make_person(
            "board_accountant", "account.group_account_invoice"
        )
        cls.portal = cls._make_person("board_portal", "base.group_portal")
        cls.north.user_id = cls.leader
        cls.south.user_id = cls.other_leader
        for name, (team, amount) in BOOKED.items():
            cls._sold(
                amount,
                user_id=getattr(cls, name).id,
                team_id=getattr(cls, team).id,
            )
        cls.contest = cls._start(cls._contest())
        cls.env.flush_all()

    @classmethod
    def _join(cls, person, team):
        team = getattr(cls, team)
        if person not in team.member_ids:
            team.member_ids = [Command.link(person.id)]

    @classmethod
    def _contest(cls, name="Spring Race", **values):
        return cls.env["sales.contest"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "kind": "individual",
                "scoring": "amount",
                "date_from": cls.today,
                "date_to": fields.Date.add(cls.today, days=10),
                "team_ids": [Command.set((cls.north | cls.south).ids)],
                "metric_ids": [
                    Command.create(
                        {
                            "metric_id": cls.env.ref("sales_process.metric_booked").id,
                            "weight": 100,
                            "unit_amount": 100,
                        }
                    )
                ],
                "prize_ids": [
                    Command.create(
                        {"name": "Dinner for two", "rank_from": 1, "rank_to": 1}
                    )
                ],
                **values,
            }
        )

    @classmethod
    def _start(cls, contest):
        contest.action_start()
        contest._refresh()
        return contest

    @classmethod
    def _win(cls, person):
        """Somebody wins a deal, and the ledger hears of it."""
        lead = cls.env["crm.lead"].create(
            {
                "name": "Secret deal",
                "type": "opportunity",
                "user_id": person.id,
                "team_id": cls.north.id,
                "partner_id": cls.customer.id,
                "expected_revenue": 98765.0,
            }
        )
        lead.action_set_won()
        cls.env["sales.credit"]._write_pending()
        return lead
