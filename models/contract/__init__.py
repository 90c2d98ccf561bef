from . import res_company
from . import res_config_settings
from . import res_partner
from . import sales_plan_template
from . import sales_plan_template_line
from . import sales_plan_line
from . import sales_plan_line_guard
from . import sales_plan_line_trigger
from . import sale_order
from . import sale_order_plan
from . import sale_order_plan_form
from . import sale_order_plan_guard
from . import sale_order_trigger
from . import sales_contract
from . import account_move
from . import account_partial_reconcile
from . import sales_plan_line_money
from . import account_move_line
from . import sale_order_invoicing
from . import sales_plan_line_invoice
from . import res_company_invoicing
from . import res_config_settings_invoicing
from . import sales_plan_line_check
from . import sales_plan_line_job
from . import sales_contract_invoicing
from . import sales_plan_line_name

# Acceptance by the customer
from . import sales_acceptance
from . import sales_acceptance_answer
from . import sales_plan_line_acceptance
from . import sale_order_acceptance

# The contract as what is signed and watched
from . import mail_activity
from . import sales_contract_type
from . import sales_contract_requirement
from . import sales_contract_clause
from . import sales_contract_document
from . import sales_contract_change
from . import sales_contract_make
from . import sales_contract_links
from . import sales_contract_checklist
from . import sales_contract_state
from . import sales_contract_version
from . import sales_contract_renewal
from . import sales_contract_print
from . import sales_contract_job
from . import sale_order_contract
from . import sale_order_signed
from . import account_move_contract
from . import res_company_contract
from . import res_config_settings_contract

# What is outstanding, how old it is and when it is expected
from . import sales_plan_line_ageing
from . import sales_receivables
from . import sales_payment_delay
from . import sales_cash_report
from . import res_partner_payment
from . import contract_excel

# What is about to be signed, and what a rep collects
from . import sales_pipeline_history
from . import sales_demand
from . import sales_plan_line_late
from . import sales_contract_late
from . import sales_contract_portal

# Collection: reminders, promises to pay, customers on hold
from . import res_company_collection
from . import res_config_settings_collection
from . import res_partner_collection
from . import account_move_collection
from . import sales_contract_collection
from . import sales_reminder_rule
from . import sales_reminder
from . import sales_reminder_line
from . import sales_promise
from . import sales_plan_line_reminder
from . import sales_plan_line_promise
from . import sales_plan_line_collection
from . import sales_plan_line_collection_job
from . import sales_hold_release
from . import sale_order_hold
from . import sale_order_hold_release
from . import sale_order_line_hold
