from . import base_personal_link
from . import process_confirmation
from . import contract_acceptance
from . import contract_portal
from . import performance_commission_portal
from . import performance_wall
