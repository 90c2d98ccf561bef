from .base import *
from .process import *
from .pipeline import *
from .customer import *
from .intake import *
from .contract import *
from .credit import *
from .target import *
