from . import test_target_plan
from . import test_target_rights
from . import test_target_attainment
from . import test_target_board
from . import test_target_outlook
from . import test_target_board_people
from . import test_target_board_tour
