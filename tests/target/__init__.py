from . import test_target_plan
from . import test_target_rights
from . import test_target_set
from . import test_target_excel
from . import test_target_excel_refuse
from . import test_target_excel_properties
