from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user

REP = "sales_team.group_sale_salesman"
LEADER = f"{REP},sales_process.group_leader"
DIRECTOR = "sales_process.group_director"
DESIGNER = f"{REP},sales_process.group_designer"


class SalesProcessCommon(TransactionCase):
    """People, teams and one process.

        World (director)
        ├── North (leader)
        │   └── North Retail (no leader): rep, colleague
        └── South (other_leader): stranger

    The process "Test" has the stages Meet, Prove, Close and Won. Only what a test adds
    to its stages has to be proven.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, no_mail_to_attendees=True))
        cls.company = cls.env.company
        cls._set_up_people()
        cls._set_up_teams()
        cls._set_up_process()
        cls.customer = cls.env["res.partner"].create(
            {"name": "Lumber Inc", "email": "office@lumber.example", "is_company": True}
        )
        cls.buyer = cls.env["res.partner"].create(
            {
                "name": "Dana Decider",
                "email": "dana@lumber.example",
                "parent_id": cls.customer.id,
            }
        )

    @classmethod
    def _set_up_people(cls):
        people = {
            "rep": REP,
            "colleague": REP,
            "stranger": REP,
            "leader": LEADER,
            "other_leader": LEADER,
            "director": DIRECTOR,
            "designer": DESIGNER,
            "accountant": "account.group_account_invoice",
            "portal": "base.group_portal",
        }
        for name, groups in people.items():
            user = new_test_user(
                cls.env, f"sp_{name}", groups, name=name.replace("_", " ").title()
            )
            setattr(cls, f"{name}_user", user)

    @classmethod
    def _set_up_teams(cls):
        # Other live processes and teams of the database must not claim test deals.
        cls.env["sales.process"].search([]).write({"state": "retired"})
        cls.company.sales_default_process_id = False
        create = cls.env["crm.team"].create
        cls.world = create({"name": "World", "user_id": cls.director_user.id})
        cls.north = create(
            {
                "name": "North",
                "user_id": cls.leader_user.id,
                "sales_parent_id": cls.world.id,
            }
        )
        cls.retail = create(
            {
                "name": "North Retail",
                "sales_parent_id": cls.north.id,
                "member_ids": [
                    Command.set((cls.rep_user | cls.colleague_user).ids),
                ],
            }
        )
        cls.south = create(
            {
                "name": "South",
                "user_id": cls.other_leader_user.id,
                "sales_parent_id": cls.world.id,
                "member_ids": [Command.set(cls.stranger_user.ids)],
            }
        )

    @classmethod
    def _set_up_process(cls):
        names = ("Meet", "Prove", "Close", "Won")
        cls.stages = cls.env["crm.stage"].create(
            [
                {"name": f"Test {name}", "sequence": 500 + i, "is_won": name == "Won"}
                for i, name in enumerate(names)
            ]
        )
        cls.meet, cls.prove, cls.close, cls.won = cls.stages
        cls.process = cls._create_process("Test", cls.stages)
        cls.p_meet, cls.p_prove, cls.p_close, cls.p_won = cls.process.stage_ids

    @classmethod
    def _create_process(cls, name, stages, **values):
        return cls.env["sales.process"].create(
            {
                "name": name,
                "stage_ids": [
                    Command.create({"stage_id": stage.id, "sequence": 10 * i})
                    for i, stage in enumerate(stages)
                ],
                **values,
            }
        )

    @classmethod
    def _criterion(cls, process_stage, kind="signoff", **values):
        """A hard criterion; a sign-off by default, which nothing meets by accident."""
        return cls.env["sales.process.criterion"].create(
            {
                "name": f"Test {kind}",
                "process_stage_id": process_stage.id,
                "kind": kind,
                "severity": "hard",
                **values,
            }
        )

    @classmethod
    def _fields_criterion(cls, process_stage, *names, **values):
        found = cls.env["ir.model.fields"]
        for name in names:
            found |= found._get("crm.lead", name)
        return cls._criterion(
            process_stage, "fields", field_ids=[Command.set(found.ids)], **values
        )

    @classmethod
    def _deal(cls, name="Deal", **values):
        """A deal of the rep, in the first stage of the process."""
        return cls.env["crm.lead"].create(
            {
                "name": name,
                "type": "opportunity",
                "user_id": cls.rep_user.id,
                "team_id": cls.retail.id,
                "partner_id": cls.buyer.id,
                **values,
            }
        )

    @classmethod
    def _days_ago(cls, days):
        return fields.Datetime.now() - timedelta(days=days)

    def _submit(self, deal, criterion, user=None, **values):
        """Evidence as ``user`` (the rep by default) hands it in."""
        return (
            self.env["sales.evidence"]
            .with_user(user or self.rep_user)
            .create({"lead_id": deal.id, "criterion_id": criterion.id, **values})
        )
