from . import test_pipeline_engine
from . import test_pipeline_funnel
from . import test_pipeline_backfill
from . import test_pipeline_history
from . import test_pipeline_waterfall
from . import test_pipeline_closing
