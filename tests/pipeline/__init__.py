from . import test_pipeline_history
