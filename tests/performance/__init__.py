from . import test_performance_commission_engine
from . import test_performance_commission
from . import test_performance_commission_money
from . import test_performance_commission_time
from . import test_performance_commission_rights
from . import test_performance_commission_plan
from . import test_performance_commission_tour
