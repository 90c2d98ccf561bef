from . import test_target_attainment
from . import test_target_attainment_list
from . import test_target_board
from . import test_target_build
from . import test_target_calendar
from . import test_target_grid
from . import test_target_grid_save
from . import test_target_outlook
from . import test_target_plan
from . import test_target_rights
<<<<<<< HEAD
from . import test_target_attainment
from . import test_target_board
from . import test_target_outlook
from . import test_target_board_people
from . import test_target_board_tour
=======
from . import test_target_set
from . import test_target_split_engine
>>>>>>> t-attain
