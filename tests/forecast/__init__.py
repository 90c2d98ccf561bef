from . import test_forecast_calibration_engine
from . import test_forecast_chance
from . import test_forecast_deal
from . import test_forecast_accuracy
from . import test_forecast_rate
from . import test_forecast_accuracy_tour
