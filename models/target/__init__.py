from . import sales_target_plan
from . import sales_target
from . import sales_target_right
from . import sales_target_build
from . import sales_target_calendar
from . import sales_target_figures
from . import sales_target_attainment
from . import sales_target_drill
from . import sales_target_board
from . import sales_target_outlook
from . import sales_target_board_people
<<<<<<< HEAD
=======
from . import sales_target_grid
from . import sales_target_grid_save
from . import sales_target_group
>>>>>>> t-attain
