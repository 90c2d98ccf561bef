from . import res_company
from . import res_config_settings
from . import crm_lead
from . import sales_target
from . import sales_forecast_accuracy
from . import sales_forecast_accuracy_rows
from . import sales_forecast_accuracy_deal
