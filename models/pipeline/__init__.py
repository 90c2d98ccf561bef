from . import sales_pipeline_history
from . import crm_lead
from . import sales_pipeline_waterfall
from . import sales_pipeline_change
