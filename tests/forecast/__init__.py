from . import test_forecast_deal
from . import test_forecast_range
from . import test_forecast_range_engine
from . import test_forecast_views
