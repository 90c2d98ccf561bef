from . import res_company
from . import res_config_settings
from . import crm_lead
from . import crm_lead_range
from . import crm_lead_range_text
from . import crm_lead_why
from . import sales_target
