from . import test_coexistence
from . import test_structure
from . import test_engine
from . import test_team_tree
from . import test_units
