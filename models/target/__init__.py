from . import sales_target_plan
from . import sales_target
from . import sales_target_right
from . import sales_target_build
from . import sales_target_calendar
from . import sales_target_figures
from . import sales_target_attainment
