from . import process_confirmation
