from . import test_credit_engine
from . import test_credit_ledger
from . import test_credit_audit
from . import test_credit_rights
from . import test_credit_replay
from . import test_credit_edges
from . import test_credit_deals
from . import test_credit_territory
