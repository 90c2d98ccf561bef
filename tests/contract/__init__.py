from . import test_contract_plan_engine
