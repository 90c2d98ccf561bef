from . import test_forecast_deal
