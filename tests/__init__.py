from .base import *
from .process import *
from .pipeline import *
from .intake import *
from .contract import *
