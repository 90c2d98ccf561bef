from . import sales_commission_part
from . import sales_commission_plan
from . import sales_commission_bracket
from . import sales_commission_rate
from . import sales_commission_bonus
from . import sales_commission_assignment
from . import sales_commission_right
from . import sales_commission_version
from . import sales_commission_collection
from . import sales_commission_compute
from . import sales_commission_preview
from . import sales_commission_warning

# Commission: statements
from . import sales_commission_statement
from . import sales_commission_statement_line
from . import sales_commission_statement_state
from . import sales_commission_statement_store
from . import sales_commission_statement_work
from . import sales_commission_statement_pay
from . import sales_commission_statement_print
from . import sales_commission_dispute
from . import sales_commission_run
from . import account_move_commission
from . import res_company_commission
from . import res_config_settings_commission

# Goals of Odoo's challenges
from . import gamification_goal_definition
from . import gamification_goal
from . import gamification_challenge
from . import sales_metric

# Commission: what a deal is worth, and what a plan would have cost
from . import sales_commission_worth
from . import crm_lead_worth
from . import sale_order_worth
from . import sale_order_line_worth
from . import sales_commission_simulate
from . import sales_commission_simulator
from . import sales_commission_simulator_excel

# Scorecards and reviews
from . import sales_scorecard
from . import sales_scorecard_read
from . import sales_scorecard_calls
from . import sales_scorecard_words
from . import sales_scorecard_open
from . import sales_review
from . import sales_review_state
from . import sales_review_make
from . import sales_review_line
from . import sales_review_goal
from . import sales_review_print
from . import sales_scorecard_review

# Contests
from . import sales_contest
from . import sales_contest_part
from . import sales_contest_metric
from . import sales_contest_league
from . import sales_contest_prize
from . import sales_contest_participant
from . import sales_contest_version
from . import sales_standing
from . import sales_standing_line
from . import sales_contest_words
from . import sales_contest_people
from . import sales_contest_refresh
from . import sales_contest_reference
from . import sales_contest_deals
from . import sales_contest_state
from . import sales_contest_prizes
from . import sales_contest_version_make
from . import sales_contest_board
from . import sales_contest_open
from . import sales_credit_contest
from . import gamification_badge_contest
from . import gamification_badge_user_contest
from . import gamification_karma_tracking_contest
from . import res_users_contest

# Contests: leaderboard, wall screens, celebrations
from . import ir_websocket
from . import res_users
from . import sales_contest_leaderboard
from . import sales_contest_celebration
from . import sales_contest_wall
from . import sales_contest_wall_page
from . import sales_credit_celebration
