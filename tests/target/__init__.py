from . import test_target_plan
from . import test_target_rights
from . import test_target_build
from . import test_target_divide
from . import test_target_proration
from . import test_target_version
from . import test_target_set
from . import test_target_split_engine
