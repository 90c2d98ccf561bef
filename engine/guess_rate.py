"""How often somebody may try links that do not exist."""

from collections import OrderedDict, deque
from ipaddress import ip_network
from threading import Lock


class GuessRate:
    """Count misses by origin, in memory, and say when an origin has to wait.

    A link cannot be guessed anyway; this keeps a machine that tries from costing more
    than a look into a dictionary. Each process counts for itself.

    >>> rate = GuessRate(limit=2, seconds=60)
    >>> rate.miss("a", 0.0), rate.miss("a", 1.0)
    (None, None)
    >>> rate.must_wait("a", 2.0), rate.must_wait("b", 2.0), rate.must_wait("a", 60.5)
    (True, False, False)

    :param int limit: misses within ``seconds`` before an origin has to wait
    :param float seconds: how long a miss counts
    :param int origins: how many origins are remembered; the stalest is forgotten
    """

    def __init__(self, limit, seconds, origins=10_000):
        self.limit = limit
        self.seconds = seconds
        self.origins = origins
        self._misses = OrderedDict()
        self._lock = Lock()

    def miss(self, origin, now):
        """Note that ``origin`` tried a link that does not exist.

        :param float now: seconds of a clock that never goes back
        """
        with self._lock:
            misses = self._misses.setdefault(origin, deque(maxlen=self.limit))
            self._misses.move_to_end(origin)
            misses.append(now)
            while len(self._misses) > self.origins:
                self._misses.popitem(last=False)

    def must_wait(self, origin, now):
        """Whether ``origin`` missed ``limit`` times within the last ``seconds``."""
        with self._lock:
            misses = self._misses.get(origin, ())
            return len(misses) == self.limit and now - misses[0] < self.seconds

    def forget(self):
        """Start anew."""
        with self._lock:
            self._misses.clear()


def origin_of(address):
    """The part of an IP address that one customer of a provider has for himself.

    >>> origin_of("203.0.113.7"), origin_of("2001:db8:1:2:3::6"), origin_of("?")
    ('203.0.113.7', '2001:db8:1:2::/64', '?')
    """
    if ":" not in address:
        return address
    try:
        return str(ip_network(f"{address}/64", strict=False))
    except ValueError:
        return address
