from . import sales_pipeline_history
from . import crm_lead
