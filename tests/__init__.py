from .base import *
from .process import *
