from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...engine.statement import NOTHING, Said, differences, total
from ..properties import properties

amounts = st.integers(-9_999, 9_999).map(lambda cents: Decimal(cents) / 100)
saids = st.builds(Said, amounts, amounts, amounts)
books = st.dictionaries(st.sampled_from("abcdef"), saids)


@tagged("post_install", "-at_install")
class TestPerformanceStatementEngine(BaseCase):
    """What was said plus the differences is what is right, whatever was said."""

    @properties()
    @given(st.lists(books, min_size=1, max_size=5))
    def test_a_life(self, life):
        said = {}
        for now in life:
            changes = differences(now, said)
            said = total(
                [
                    *said.items(),
                    *(
                        (key, Said(change.base, change.earned, change.payable))
                        for key, change in changes.items()
                    ),
                ]
            )
            for key in now.keys() | said.keys():
                right, told = now.get(key, NOTHING), said.get(key, NOTHING)
                self.assertEqual(right[1:], told[1:], key)
            self.assertFalse(differences(now, said))

    @properties()
    @given(books, books)
    def test_every_difference_has_money_and_a_reason(self, now, said):
        for key, change in differences(now, said).items():
            self.assertTrue(change.earned or change.payable, key)
            self.assertTrue(change.why)
