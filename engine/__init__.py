"""Plain Python: no import of ``odoo``, so every rule here is testable alone."""
