from . import test_contract_plan_engine
from . import test_contract_plan_template
from . import test_contract_plan_order
from . import test_contract_plan_trigger
from . import test_contract_plan_rights
from . import test_contract_plan_speed
from . import test_contract_plan_documents
from . import test_contract_acceptance
