from . import sales_target_plan
from . import sales_target
from . import sales_target_right
from . import sales_target_build
from . import sales_target_excel
