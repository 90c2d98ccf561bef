"""Rules that the lines of a record have to fulfil together.

The lines of an order add up to its total; those of a template to 100 % at most. A form
saves them one by one, so a check after each line would refuse changes that are right
once all of them are written. While a record is written with its lines, such checks,
and those of its lines that depend on the other lines, wait for the end of it::

    def write(self, vals):            # of the record
        with as_a_whole(self):
            return super().write(vals)

    def write(self, vals):            # of its lines
        result = super().write(vals)
        check_whole(self.order_id)
        return result

What waits is kept with the transaction, out of reach of clients.
"""

from contextlib import contextmanager

_WAITING = "sales_process.whole"


def check_whole(records):
    """Have ``records._sales_check_whole()`` called: now, or once all is written."""
    waiting = records.env.cr.cache.get(_WAITING)
    if waiting is None:
        # Read together, also when the lines that led here are deleted.
        records.browse(records.ids)._sales_check_whole()
    else:
        waiting.setdefault(records._name, set()).update(records.ids)


@contextmanager
def as_a_whole(records):
    """Let checks wait until the outermost of these blocks is complete."""
    cache = records.env.cr.cache
    if _WAITING in cache:
        yield
        return
    cache[_WAITING] = waiting = {}
    try:
        yield
    finally:
        del cache[_WAITING]
    for model, changed in waiting.items():
        records.env[model].browse(changed).exists()._sales_check_whole()
