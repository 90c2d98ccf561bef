from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .sales_commission_statement_state import CHECKERS

STATES = [("open", "Open"), ("answered", "Answered"), ("accepted", "Accepted")]
ASKER, ANSWERER = "asker", "answerer"
# From which state a question may come into which other, and who brings it there: the
# one who asked, or those who answer. Guards, buttons and refusals are made of this.
TRANSITIONS = {
    "open": {"answered": ANSWERER, "accepted": ASKER},
    "answered": {"accepted": ASKER, "open": ASKER},
    "accepted": {"open": ASKER},
}


class SalesCommissionDispute(models.Model):
    """A question about an amount of a statement, with its thread and its answer.

    Whoever earned it asks; leaders, accountants and directors answer. What an answer
    promises comes to the next statement, when the documents say so.
    """

    _name = "sales.commission.dispute"
    _description = "Question about Commission"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state, id desc"
    _rec_name = "about"
    _mail_post_access = "read"

    statement_id = fields.Many2one(
        comodel_name="sales.commission.statement",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    line_id = fields.Many2one(
        comodel_name="sales.commission.statement.line",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    line_key = fields.Char(
        readonly=True, help="Finds the line again when a statement is worked out anew."
    )
    about = fields.Char(readonly=True, required=True)
    words = fields.Text(
        string="What Was Said", readonly=True, help="In words, when it was asked."
    )
    question = fields.Text(readonly=True, required=True)
    answer = fields.Text(readonly=True)
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default="open", index=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Asked by", required=True, readonly=True
    )
    answered_by_id = fields.Many2one(
        comodel_name="res.users", string="Answered by", readonly=True
    )
    date_answered = fields.Datetime(string="Answered On", readonly=True)
    company_id = fields.Many2one(related="statement_id.company_id")
    next_states = fields.Char(compute="_compute_next_states")

    @api.depends("state", "user_id")
    @api.depends_context("uid")
    def _compute_next_states(self):
        for dispute in self:
            allowed = (
                target
                for target in TRANSITIONS.get(dispute.state, ())
                if not dispute._find_obstacle(target)
            )
            dispute.next_states = ",".join(allowed)

    # === WHO MAY WHAT === #

    def _find_obstacle(self, target):
        """Why the user cannot bring this question into a state; empty for no reason."""
        self.ensure_one()
        env = self.env
        labels = dict(self._fields["state"]._description_selection(env))
        allowed = TRANSITIONS[self.state]
        if target not in allowed:
            return env._(
                "This question is “%(state)s” and cannot become “%(target)s”. What can "
                "follow: %(next)s.",
                state=labels[self.state],
                target=labels[target],
                next=", ".join(labels[key] for key in allowed),
            )
        if allowed[target] == ASKER:
            if self.user_id == env.user:
                return ""
            return env._("Only %s can do that, who asked.", self.user_id.name)
        is_answerer = any(env.user.has_group(group) for group in CHECKERS)
        statement = self.sudo().statement_id  # whose it is decides
        if not is_answerer or statement.with_env(env)._is_own():
            return env._(
                "A leader, an accountant or a director answers, not the one who asked."
            )
        return ""

    def _move_to(self, target, **values):
        self.check_access("read")
        for dispute in self:
            obstacle = dispute._find_obstacle(target)
            if obstacle:
                raise UserError(obstacle)
        self.sudo().write({"state": target, **values})  # recorded by the system

    # === ASKING AND ANSWERING === #

    @api.model
    def _ask(self, statement, line, question):
        """Raise a question; callers hand over what the user may see.

        :param line: of the statement; may be empty for the whole
        :raise AccessError: for anybody but the one it is of
        """
        statement.check_access("read")
        if not statement._is_own():
            raise AccessError(
                self.env._("Only whoever earned it asks about a statement.")
            )
        if line.statement_id != statement:
            line = line.browse()
        question = (question or "").strip()
        if not question:
            raise UserError(self.env._("Say what you think is wrong."))
        plan = line.plan_id.sudo()  # the name only
        about = (line.document_name or plan.display_name) if line else ""
        dispute = self.sudo().create(  # recorded by the system, for the user
            {
                "statement_id": statement.id,
                "line_id": line.id,
                "line_key": line.key,
                "about": about or statement.display_name,
                "words": line.words,
                "question": question,
                "user_id": self.env.uid,
            }
        )
        answerers = dispute._find_answerers()
        dispute.message_subscribe((answerers | self.env.user).partner_id.ids)
        dispute.message_post(
            body=question,
            author_id=self.env.user.partner_id.id,
            subtype_xmlid="mail.mt_comment",
        )
        for user in answerers[:1]:
            dispute.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=user.id,
                summary=self.env._("Question about commission"),
            )
        return dispute.with_env(self.env)

    def _find_answerers(self):
        """Who is told of a question: who checked, else the leader of the team."""
        statement = self.statement_id
        return (statement.checked_by_id or statement.team_id.user_id) - self.user_id

    def action_answer(self):
        """Ask for the answer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer"),
            "res_model": "sales.commission.dispute.answer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_dispute_id": self.id},
        }

    def _answer(self, answer):
        """Answer these questions."""
        answer = (answer or "").strip()
        if not answer:
            raise UserError(self.env._("Write an answer."))
        self._move_to(
            "answered",
            answer=answer,
            answered_by_id=self.env.uid,
            date_answered=fields.Datetime.now(),
        )
        self._say(answer)
        self.sudo().activity_feedback(  # of whoever it was assigned to
            ["mail.mail_activity_data_todo"]
        )

    def action_accept(self):
        """The one who asked is content."""
        self._move_to("accepted")
        self._say(self.env._("Accepted."))
        return True

    def action_reopen(self):
        """The one who asked is not content."""
        self._move_to("open")
        self._say(self.env._("Asked again."))
        return True

    def _say(self, body):
        for dispute in self.sudo():  # portal users take part, too
            dispute.message_post(
                body=body,
                author_id=self.env.user.partner_id.id,
                subtype_xmlid="mail.mt_comment",
            )

    def action_open_statement(self):
        """Open the statement it is about."""
        self.ensure_one()
        return self.statement_id.get_formview_action()

    @api.model
    def _find_lines_again(self, statement_ids):
        """Questions point to the new lines of statements that were worked out anew."""
        self.flush_model()
        self.env.execute_query(
            SQL(
                """
                UPDATE sales_commission_dispute d
                   SET line_id = (
                       SELECT MIN(l.id) FROM sales_commission_statement_line l
                        WHERE l.statement_id = d.statement_id AND l.key = d.line_key)
                 WHERE d.statement_id = ANY (%s) AND d.line_key IS NOT NULL
                RETURNING d.id
                """,
                statement_ids,
            )
        )
        self.invalidate_model(["line_id"], flush=False)


class SalesCommissionStatement(models.Model):
    """Questions about a statement."""

    _inherit = "sales.commission.statement"

    dispute_ids = fields.One2many(
        comodel_name="sales.commission.dispute",
        inverse_name="statement_id",
        string="Questions",
        readonly=True,
    )
    dispute_count = fields.Integer(compute="_compute_dispute_count")
    open_dispute_count = fields.Integer(
        string="Open Questions", compute="_compute_dispute_count"
    )

    @api.depends("dispute_ids.state")
    def _compute_dispute_count(self):
        groups = self.env["sales.commission.dispute"]._read_group(
            [("statement_id", "in", self.ids)], ["statement_id", "state"], ["__count"]
        )
        counts = {(statement, state): count for statement, state, count in groups}
        for statement in self:
            by_state = [counts.get((statement, state), 0) for state, _label in STATES]
            statement.dispute_count = sum(by_state)
            statement.open_dispute_count = by_state[0]

    def action_dispute(self):
        """Ask about the whole statement."""
        self.ensure_one()
        return self._ask_dispute(self.line_ids.browse())

    def _ask_dispute(self, line):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask about It"),
            "res_model": "sales.commission.dispute.ask",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_statement_id": self.id,
                "default_line_id": line.id,
            },
        }

    def action_view_disputes(self):
        """Open the questions about it."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_commission_dispute_action"
        )
        return {
            **action,
            "domain": [("statement_id", "in", self.ids)],
            "context": {},
        }
