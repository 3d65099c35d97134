"""The pictures of a fixed plan stay as they were accepted, within what two GL drivers may differ by."""

import numpy as np
import pytest
import sheet


@pytest.fixture(scope="module")
def drawn():
    return sheet.draw()


def test_photographs_are_the_accepted_ones(drawn):
    difference = np.abs(drawn[0].astype(float) - sheet.stored()[0])
    assert difference.mean() <= 1.0, "mean difference over 1/255: look at the sheet; if it was meant, run tests/golden/sheet.py"


def test_region_ids_are_the_accepted_ones(drawn):
    same = (drawn[1] == sheet.stored()[1]).mean()
    assert same >= 0.999, f"only {100 * same:.2f}% of region ids agree; if it was meant, run tests/golden/sheet.py"


def test_a_shifted_sheet_would_be_noticed(drawn):
    """The tolerances are tight enough to see a picture that moved by one pixel."""
    photos, ids = (np.roll(picture, 1, axis=1) for picture in drawn)
    stored = sheet.stored()
    assert np.abs(photos.astype(float) - stored[0]).mean() > 1.0
    assert (ids == stored[1]).mean() < 0.999
