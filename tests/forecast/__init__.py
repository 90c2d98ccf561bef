from . import test_forecast_deal
from . import test_forecast_call
from . import test_forecast_call_rights
from . import test_forecast_call_lock
from . import test_forecast_call_reminder
from . import test_forecast_call_properties
