from . import sales_plan_template
from . import sales_plan_template_line
from . import sales_plan_line
from . import sale_order
from . import sales_contract
