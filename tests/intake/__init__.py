from . import test_intake_engine
from . import test_intake_import
from . import test_intake_rights
from . import test_intake_tour
