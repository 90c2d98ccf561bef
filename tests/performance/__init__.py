from . import test_performance_statement
