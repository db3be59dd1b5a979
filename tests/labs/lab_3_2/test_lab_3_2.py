"""Lab 3.2: what it computes. Its exercises are tested in tests/test_exercises.py, which finds them by itself."""

import pytest

from llm_workbook.taught.lab_3_2 import share_found


@pytest.mark.parametrize(
    ("found", "share"), [([True, False, True, True], 0.75), ([False], 0.0), ([True], 1.0), ([], 0.0)]
)
def test_the_share_is_that_of_the_true_ones(found, share):
    assert share_found(found) == share
