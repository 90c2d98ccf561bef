"""What the gate needs to know of a process, as plain data read in one query.

The gate asks for it on every stage move; the answer is cached until a process, a stage
or a criterion changes, and reading it must stay cheap for the first move after that.
"""

from odoo.tools import SQL, groupby

from ...engine.gate import STATE_KINDS, Rule

FLUSHED = (
    "sales.process.stage",
    "sales.process.criterion",
    "crm.stage",
)
# Column that narrows the facts of a kind. The fact queries emit the same value.
REF_COLUMNS = {
    "activity": "activity_type_id",
    "meeting": "role",
    "stakeholder": "role",
    "email": "role",
    "document": "document_category",
    "quotation": "quotation_state",
}


def load_config(env, process_id):
    """The stages of a process in order, each with the rules of its exit.

    :param env: any environment; configuration is the same for everybody
    :param int process_id: id of a ``sales.process``
    :return: tuple of one dict per stage: ``id``, ``stage_id``, ``is_won``,
        ``allow_skip``, ``allow_backward``, ``plan_id`` (id or None) and ``rules``
        (tuple of :class:`~odoo.addons.sales_process.engine.gate.Rule`)
    """
    for name in FLUSHED:
        env[name].flush_model()
    rows = env.execute_query_dict(
        SQL(
            """
            SELECT ps.id AS process_stage_id, ps.stage_id, st.is_won, ps.allow_skip,
                   ps.allow_backward, ps.activity_plan_id, c.id, c.key, c.kind,
                   c.severity, c.verifier, c.minimum_amount, c.minimum_count,
                   c.validity_days, c.activity_type_id, c.role, c.document_category,
                   c.quotation_state, c.domain,
                   ARRAY(SELECT f.name
                           FROM ir_model_fields_sales_process_criterion_rel r
                           JOIN ir_model_fields f ON f.id = r.ir_model_fields_id
                          WHERE r.sales_process_criterion_id = c.id) AS field_names
              FROM sales_process_stage ps
              JOIN crm_stage st ON st.id = ps.stage_id
              LEFT JOIN sales_process_criterion c ON c.process_stage_id = ps.id
             WHERE ps.process_id = %s
             ORDER BY ps.sequence, ps.id, c.sequence, c.id
            """,
            process_id,
        )
    )
    by_stage = groupby(rows, key=lambda row: row["process_stage_id"])
    return tuple(_stage(list(stage_rows)) for _id, stage_rows in by_stage)


def _stage(rows):
    first = rows[0]
    return {
        "id": first["process_stage_id"],
        "stage_id": first["stage_id"],
        "is_won": bool(first["is_won"]),
        "allow_skip": bool(first["allow_skip"]),
        "allow_backward": bool(first["allow_backward"]),
        "plan_id": first["activity_plan_id"],
        "rules": tuple(_rule(row) for row in rows if row["id"]),
    }


def _rule(row):
    kind = row["kind"]
    single = kind in STATE_KINDS and kind != "stakeholder"
    return Rule(
        id=row["id"],
        key=row["key"],
        kind=kind,
        severity=row["severity"],
        verifier=row["verifier"],
        ref=_ref(row),
        since_stage=kind == "email",
        minimum_amount=float(row["minimum_amount"] or 0.0),
        minimum_count=1 if single else row["minimum_count"] or 1,
        validity_days=row["validity_days"] or 0,
        field_names=tuple(row["field_names"]),
        domain=row["domain"] or "",
    )


def _ref(row):
    if row["kind"] in ("fields", "domain"):
        return str(row["id"])  # such a fact answers one criterion only
    value = row.get(REF_COLUMNS.get(row["kind"]))
    return str(value) if value else None
