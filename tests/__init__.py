from .base import *
from .process import *
from .intake import *
