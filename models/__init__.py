# The order is the layering: a folder may use what stands before it, never after.
from . import base
from . import process
from . import pipeline
from . import customer
from . import intake
from . import contract
from . import credit
from . import target
from . import forecast
from . import performance
