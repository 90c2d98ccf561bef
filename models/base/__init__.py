from . import crm_team
from . import res_company
from . import sale_order
from . import sales_excel
from . import sale_order_line
from . import sales_personal_link
from . import sales_personal_link_answer
from . import sales_batch_job
