{
    "name": "Sales Process",
    "version": "19.0.1.0.0",
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
    ],
    "demo": [
    ],
    "assets": {
    },
}
