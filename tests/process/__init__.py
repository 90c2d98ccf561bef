from . import test_process_confirmation
