from . import test_forecast_deal
from . import test_forecast_line
from . import test_forecast_line_property
