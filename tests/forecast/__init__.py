from . import test_forecast_deal
from . import test_forecast_grid
from . import test_forecast_grid_drill
from . import test_forecast_grid_excel
from . import test_forecast_grid_tour
