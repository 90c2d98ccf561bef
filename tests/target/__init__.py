from . import test_target_grid
from . import test_target_grid_save
from . import test_target_plan
from . import test_target_rights
from . import test_target_set
