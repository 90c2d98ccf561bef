from . import process_evidence_submit
from . import process_evidence_reject
from . import process_evidence_explain
from . import process_lead_waive
from . import process_lead_lost
from . import process_pack_load
from . import process_confirmation_send
from . import pipeline_closing_date
