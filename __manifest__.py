{
    "name": "Sales Process",
    "version": "19.0.1.5.0",
    "summary": "A sales process that mirrors how customers buy: stages with "
    "verified exits, on top of Odoo's own CRM",
    "category": "Sales/CRM",
    "author": "Sales Process contributors",
    "license": "LGPL-3",
    "application": True,
    "depends": [
        "sale_crm",
        "sale_management",
        "sale_margin",
        "gamification",
        "calendar",
    ],
    "data": [
        # Groups first: rules and access lines refer to them
        "security/res_groups.xml",
        "security/base_rules.xml",
        "security/process_rules.xml",
        "security/pipeline_rules.xml",
        "security/process_confirmation_rules.xml",
        "security/intake_rules.xml",
        "security/contract_rules.xml",
        "security/contract_receivables_rules.xml",
        "security/contract_acceptance_rules.xml",
        "security/credit_rules.xml",
        "security/target_rules.xml",
        "security/target_wizard_rules.xml",
        "security/forecast_rate_rules.xml",
        "security/contract_demand_rules.xml",
        "security/contract_collection_rules.xml",
        "security/customer_territory_rules.xml",
        "security/forecast_accuracy_rules.xml",
        "security/forecast_call_rules.xml",
        "security/forecast_line_rules.xml",
        "security/performance_plan_rules.xml",
        "security/performance_statement_rules.xml",
        "security/performance_review_rules.xml",
        "security/performance_contest_rules.xml",
        "security/performance_wall_rules.xml",
        "security/ir.model.access.csv",
        # Base: the tree of teams
        "views/base/crm_team_views.xml",
        # Base: the pages behind personal links
        "views/base/personal_link_templates.xml",
        # Process: the designer
        "data/process_mail_templates.xml",
        "views/process/sales_process_load_views.xml",
        "views/process/sales_process_stage_views.xml",
        "views/process/sales_process_views.xml",
        "views/process/sales_asset_views.xml",
        "views/process/res_config_settings_views.xml",
        # Process: the path on the deal
        "views/process/sales_stakeholder_views.xml",
        "views/process/sales_evidence_views.xml",
        "views/process/process_wizard_views.xml",
        "views/process/crm_lead_views.xml",
        # Process: the confirmation by the buyer
        "data/process_cron.xml",
        "data/pipeline_cron.xml",
        "data/pipeline_backfill_cron.xml",
        "data/pipeline_closing_cron.xml",
        "data/process_confirmation_mail.xml",
        "views/process/sales_confirmation_templates.xml",
        "views/process/sales_confirmation_views.xml",
        # Pipeline: what became of it
        "views/pipeline/sales_pipeline_waterfall_views.xml",
        "views/pipeline/sales_pipeline_history_views.xml",
        "views/pipeline/sales_funnel_views.xml",
        # Pipeline: closing dates
        "views/pipeline/sales_closing_views.xml",
        "views/pipeline/sales_pipeline_backfill_views.xml",
        # Customer: what a customer is worth
        "data/customer_cron.xml",
        "views/customer/res_partner_views.xml",
        "views/customer/res_config_settings_views.xml",
        # Customer: territories
        "data/customer_territory_cron.xml",
        "views/customer/sales_territory_assignment_views.xml",
        "views/customer/sales_territory_views.xml",
        "views/customer/territory_holder_views.xml",
        # Intake: the pipeline import
        "data/intake_cron.xml",
        "views/intake/sales_pipeline_import_problem_views.xml",
        "views/intake/sales_pipeline_import_views.xml",
        "views/intake/crm_lead_views.xml",
        # Contract: payment plans
        "data/contract_plan_templates.xml",
        "views/contract/sales_plan_template_views.xml",
        "views/contract/sales_plan_line_views.xml",
        "views/contract/sale_order_views.xml",
        "views/contract/sale_order_documents.xml",
        # Contract: invoicing of instalments
        "data/contract_cron.xml",
        "views/contract/sales_plan_line_invoicing_views.xml",
        "views/contract/sales_plan_invoicing_views.xml",
        "views/contract/account_move_views.xml",
        # Contract: acceptance by the customer
        "data/contract_acceptance_mail.xml",
        "data/contract_acceptance_cron.xml",
        "views/contract/sales_acceptance_templates.xml",
        "views/contract/sales_acceptance_views.xml",
        "views/contract/sales_acceptance_wizard_views.xml",
        "views/contract/sales_plan_line_acceptance_views.xml",
        # Contract: what is signed and watched
        "data/contract_paper.xml",
        "report/contract_report.xml",
        "data/contract_mail.xml",
        "views/contract/contract_wizard_views.xml",
        "views/contract/sales_contract_part_views.xml",
        "views/contract/sales_contract_form.xml",
        "views/contract/sales_contract_views.xml",
        "views/contract/sale_order_contract_views.xml",
        # Contract: what is outstanding
        "data/contract_receivables_cron.xml",
        "views/contract/sales_receivables_views.xml",
        # Credit: the ledger and its metrics
        "data/credit_metrics.xml",
        "views/credit/sales_credit_views.xml",
        # Target: who is to reach what
        "views/target/sales_target_views.xml",
        "views/target/sales_target_plan_views.xml",
        "views/target/sales_target_attainment_views.xml",
        # Target: what everybody sees of it
        "views/target/sales_target_board_views.xml",
        # Target: how it is divided, agreed and changed
        "views/target/sales_target_owners_views.xml",
        "views/target/sales_target_grid_views.xml",
        "views/target/sales_target_divide_views.xml",
        "views/target/sales_target_version_views.xml",
        # Target: out to a workbook and back
        "views/target/sales_target_excel_views.xml",
        # Forecast: probabilities and what they come from
        "views/forecast/res_config_settings_views.xml",
        "data/forecast_cron.xml",
        "views/forecast/sales_forecast_rate_views.xml",
        # Forecast: the deal
        "views/forecast/crm_lead_views.xml",
        # Forecast: calls
        "data/forecast_call_cron.xml",
        "views/forecast/forecast_call_wizard_views.xml",
        "views/forecast/sales_forecast_call_views.xml",
        "views/forecast/sales_forecast_adjustment_views.xml",
        "views/forecast/sales_forecast_unlock_views.xml",
        # Forecast: from deal to cash
        "views/forecast/sales_forecast_line_views.xml",
        # Forecast: accuracy
        "data/forecast_accuracy_cron.xml",
        "views/forecast/sales_forecast_accuracy_views.xml",
        # Forecast: grid
        "views/forecast/sales_forecast_grid_views.xml",
        # Performance: plan
        "views/performance/sales_commission_plan_views.xml",
        # Contract: what is about to be signed, and what a rep collects
        "views/contract/sales_demand_views.xml",
        "views/contract/sales_plan_line_late_views.xml",
        # Contract: what the customer sees
        "views/contract/sales_contract_portal.xml",
        "views/contract/sales_contract_portal_page.xml",
        # Contract: collection of what is owed
        "views/contract/sales_reminder_templates.xml",
        "data/contract_collection.xml",
        "views/contract/sales_reminder_views.xml",
        "views/contract/sales_promise_views.xml",
        "views/contract/sales_plan_line_collection_views.xml",
        "views/contract/sale_order_hold_views.xml",
        "views/contract/res_config_settings_collection_views.xml",
        # Performance: statements of commission
        "data/performance_commission_cron.xml",
        "report/performance_commission_report.xml",
        "views/performance/sales_commission_statement_views.xml",
        "views/performance/sales_commission_dispute_views.xml",
        "views/performance/sales_commission_run_views.xml",
        "views/performance/res_config_settings_commission_views.xml",
        "views/performance/account_move_commission_views.xml",
        "views/performance/sales_commission_portal.xml",
        # Performance: goals of Odoo's challenges
        "data/performance_goals.xml",
        "views/performance/gamification_views.xml",
        # Performance: what a deal is worth, and what a plan would have cost
        "views/performance/commission_worth_views.xml",
        "views/performance/sales_commission_simulator_views.xml",
        # Performance: scorecards and reviews
        "report/performance_review_report.xml",
        "views/performance/sales_scorecard_views.xml",
        "views/performance/sales_review_views.xml",
        "views/performance/sales_review_team_views.xml",
        # Performance: contests
        "data/performance_contest_cron.xml",
        "data/performance_contest_badges.xml",
        "views/performance/performance_contest_wizard_views.xml",
        "views/performance/sales_standing_views.xml",
        "views/performance/sales_contest_views.xml",
        "views/performance/gamification_badge_views.xml",
        # Performance: leaderboard and wall screens
        "views/performance/sales_contest_leaderboard_views.xml",
        "views/performance/sales_contest_wall_templates.xml",
        "views/performance/sales_contest_wall_views.xml",
        "views/performance/res_users_views.xml",
        # Menus last: they open the actions above
        "views/menus.xml",
    ],
    "demo": [
        "demo/process_users.xml",
        "demo/process_processes.xml",
        "demo/customer_territories.xml",
        "demo/process_customers.xml",
        "demo/process_deals.xml",
        "demo/process_proofs.xml",
        "demo/pipeline_past.xml",
        "demo/customer_invoices.xml",
        # How customers pay
        "demo/contract_plans.xml",
        "demo/contract_contracts.xml",
        # Who is to reach what
        "demo/target_plans.xml",
        # What people say of their deals by hand
        "demo/forecast_choices.xml",
        # What they stand for
        "demo/forecast_calls.xml",
        # What people earn
        "demo/performance_commission.xml",
        # What they have earned
        "demo/performance_statement.xml",
        # What people and leaders agree on
        "demo/performance_review.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "sales_process/static/src/**/*",
            ("remove", "sales_process/static/src/**/lazy/**/*"),
        ],
        # Views of pivots and graphs, which Odoo loads when first needed
        "web.assets_backend_lazy": ["sales_process/static/src/**/lazy/**/*"],
        "web.assets_tests": ["sales_process/static/tests/tours/**/*"],
        "web.assets_unit_tests": ["sales_process/static/tests/**/*.test.js"],
    },
    "pre_init_hook": "pre_init_hook",
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}
