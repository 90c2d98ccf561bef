from . import test_contract_plan_engine
from . import test_contract_figures
from . import test_contract_invoice
from . import test_contract_invoice_roles
from . import test_contract_invoice_race
from . import test_contract_invoice_job
from . import test_contract_allocation_engine
from . import test_contract_figures_property
