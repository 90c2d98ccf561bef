# Commission: statements
from . import sales_commission_statement
from . import sales_commission_statement_line
from . import sales_commission_statement_state
from . import sales_commission_statement_work
from . import sales_commission_statement_pay
from . import sales_commission_dispute
from . import sales_commission_run
from . import account_move_commission
from . import res_company_commission
from . import res_config_settings_commission
