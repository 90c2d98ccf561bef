"""How property tests run: the same examples every time, on every machine.

They follow from the test alone, so a failure can be repeated. To look further than
that, SALES_PROCESS_EXAMPLES asks for so many new examples of each property:

    SALES_PROCESS_EXAMPLES=2000 ./dev test engine
"""

import os

from hypothesis import HealthCheck, settings

MORE = int(os.environ.get("SALES_PROCESS_EXAMPLES", "0"))


def properties(examples=100):
    """Settings of a property test.

    :param int examples: how many are looked at in a normal run
    """
    return settings(
        max_examples=MORE or examples,
        derandomize=not MORE,
        database=None,
        deadline=None,  # the database may be slow, which is no failure
        suppress_health_check=[HealthCheck.too_slow],
    )
