from . import test_customer_engine
from . import test_customer_class
from . import test_customer_job
from . import test_customer_rights
from . import test_customer_funnel
from . import test_customer_territory
from . import test_customer_territory_assign
from . import test_customer_territory_rights
