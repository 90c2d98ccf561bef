import io
from pathlib import Path

import openpyxl

from odoo.tests import TransactionCase, new_test_user

DATA = Path(__file__).resolve().parents[1] / "data" / "intake"
HEADER = "deal_id,account,product,sales_agent,deal_stage,created,close_date,close_value"


class IntakeCase(TransactionCase):
    """A sales manager who may do what an import needs, and files to import."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id.tz = "UTC"
        cls.manager = new_test_user(
            cls.env,
            "intake_manager",
            "sales_team.group_sale_manager,product.group_product_manager",
        )
        cls.Import = cls.env["sales.pipeline.import"].with_user(cls.manager)
        cls.first, cls.second, cls.won = cls.env["crm.stage"].create(
            [
                {"name": "Intake New", "sequence": -3},
                {"name": "Intake Talking", "sequence": -2},
                {"name": "Intake Signed", "sequence": -1, "is_won": True},
            ]
        )

    def sample(self, *names):
        """Files of ``tests/data/intake`` as ``{name: content}``."""
        return {name: (DATA / name).read_bytes() for name in names}

    def deals(self, *lines, header=HEADER):
        return {"deals.csv": "\n".join((header, *lines)).encode()}

    def xlsx(self, rows):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    def upload(self, files, **vals):
        """A run that has read its files, as the manager (or ``user``) sees it."""
        runs = self.env["sales.pipeline.import"].with_user(
            vals.pop("user", self.manager)
        )
        attachments = runs.env["ir.attachment"].create(
            [
                {"name": name, "raw": content, "res_model": runs._name}
                for name, content in files.items()
            ]
        )
        run = runs.create({"attachment_ids": attachments.ids, **vals})
        run.action_read()
        return run

    def choose_stages(self, run):
        """Decide what the stages of the samples mean."""
        meaning = {
            "won": ("won", self.won),
            "lost": ("lost", self.second),
            "engaging": ("open", self.second),
            "prospecting": ("open", self.first),
        }
        for value in run.stage_value_ids:
            if value.key in meaning:
                outcome, stage = meaning[value.key]
                value.write({"outcome": outcome, "stage_id": stage.id})

    def checked(self, files, **vals):
        run = self.upload(files, **vals)
        self.choose_stages(run)
        run.action_check()
        return run

    def imported(self, files, **vals):
        run = self.checked(files, **vals)
        run.action_run_now()
        return run

    def lead(self, run, key):
        """The deal with this identifier in the file."""
        return self.env.ref(f"{run._external_module}.{run._external_name(key)}")

    def value(self, run, kind, key):
        return run.value_ids.filtered(lambda v: v.kind == kind and v.key == key)

    def problems(self, run, severity):
        """``[(row, code)]`` of the problems found in the deals, in order."""
        found = run.problem_ids.filtered(
            lambda p: p.severity == severity and p.file_id.kind == "deals"
        )
        return sorted((problem.row, problem.code) for problem in found)
