from . import test_contract_plan_engine
from . import test_contract_figures
from . import test_contract_invoice
