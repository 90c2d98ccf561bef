from . import res_company
from . import res_config_settings
from . import crm_lead
from . import sales_target
from . import res_company_call
from . import res_config_settings_call
from . import sales_forecast_number
from . import sales_forecast_call
from . import sales_forecast_call_right
from . import sales_forecast_call_numbers
from . import sales_forecast_call_lock
from . import sales_forecast_call_submit
from . import sales_forecast_adjustment
from . import sales_forecast_unlock
from . import sales_forecast_reminder

# The grid reads all of them.
from . import sales_forecast_grid
from . import sales_forecast_grid_deals
from . import sales_forecast_grid_quota
from . import sales_forecast_grid_calls
from . import sales_forecast_grid_changes
from . import sales_forecast_grid_chances
from . import sales_forecast_grid_drill
from . import sales_forecast_grid_excel
