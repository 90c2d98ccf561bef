"""Postcodes of sales territories: how they are written, and ranges of them.

What
----
People write the same postcode in many ways, so only its letters and digits count, in
capitals: "sw1a 1aa" is ``SW1A1AA`` and "1234-567" is ``1234567``.

A range says from which beginning to which beginning, both of the same length: it holds
every postcode whose first characters lie between them. So 10000–19999 holds 12345 and
the American 12345-6789, 1–2 holds all that begin with 1 or 2, and AB1–AB9 holds
"AB12 3CD". Characters are compared by their code, digits before letters.

How to use
----------
:func:`normalize` what people type, :func:`check` a range before it is kept, and compare
two :class:`Postcodes`. The statements that assign territories find the few ranges that
can hold a postcode by :func:`prefix`: the beginning that both ends share.

Examples
--------
>>> normalize(" sw1a 1aa "), normalize("1234-567"), normalize(None)
('SW1A1AA', '1234567', '')
>>> check("10000", "19999")
>>> check("20000", "10000"), check("1", "19"), check("", "5"), check("5", "")
('reversed', 'length', 'open', 'open')
>>> Postcodes("10000", "19999").holds("12345-6789"), Postcodes("1", "2").holds("30001")
(True, False)
>>> Postcodes("AB1", "AB9").holds("ab12 3cd"), Postcodes("AB1", "AB9").holds("AB")
(True, False)
>>> Postcodes("AB1", "AB9").overlaps(Postcodes("AB10", "AB19"))
True
>>> Postcodes("10", "19").overlaps(Postcodes("20000", "29999"))
False
>>> prefix("20000", "20999"), prefix("10000", "29999"), prefix("20095", "20095")
('20', '', '20095')
"""

import re
from os.path import commonprefix
from typing import NamedTuple

_NO_CHARACTER = re.compile(r"[\W_]+")


class Postcodes(NamedTuple):
    """A range of postcodes.

    :ivar first: beginning of the first ones, normalized
    :ivar last: beginning of the last ones, as long
    """

    first: str
    last: str

    def holds(self, postcode):
        """Whether a postcode, written in any way, lies in the range."""
        beginning = normalize(postcode)[: len(self.first)]
        return len(beginning) == len(self.first) and (
            self.first <= beginning <= self.last
        )

    def overlaps(self, other):
        """Whether there are postcodes that lie in both."""
        size = min(len(self.first), len(other.first))
        return (
            self.first[:size] <= other.last[:size]
            and other.first[:size] <= self.last[:size]
        )


def normalize(postcode):
    """Letters and digits of a postcode, in capitals; empty for none."""
    return _NO_CHARACTER.sub("", postcode or "").upper()


def check(first, last):
    """What is wrong with a range of normalized postcodes.

    :return: None, or ``open`` (an end is missing), ``length`` (ends of different
        length) or ``reversed`` (the first comes after the last)
    """
    if not first or not last:
        return "open"
    if len(first) != len(last):
        return "length"
    return "reversed" if first > last else None


def prefix(first, last):
    """The beginning that all postcodes of a range share."""
    return commonprefix([first, last])
