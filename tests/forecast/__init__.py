from . import test_forecast_deal
from . import test_forecast_line
from . import test_forecast_line_property
from . import test_forecast_line_money
from . import test_forecast_line_rights
from . import test_forecast_line_fill
