from . import test_process_confirmation
from . import test_gate_channels
from . import test_gate_criteria
from . import test_gate_evidence
from . import test_gate_speed
from . import test_process_path
from . import test_process_tours
