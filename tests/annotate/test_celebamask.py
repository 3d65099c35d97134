"""CelebAMask-HQ's names on our regions."""

import numpy as np
import pytest

from facegen.annotate.celebamask import ABSENT, CLASSES, FROM_REGION, celebamask
from facegen.errors import DataError
from facegen.scene import REGIONS


def test_every_region_has_a_class_and_only_the_absent_are_missing() -> None:
    assert len(CLASSES) == 19 and CLASSES[4] == "l_eye" and CLASSES[18] == "cloth"
    assert set(FROM_REGION) == set(REGIONS) - {"ignore"}
    assert set(CLASSES) - set(FROM_REGION.values()) == set(ABSENT)


def test_the_map_is_the_table() -> None:
    ids = np.array(sorted(REGIONS.values()), np.uint8).reshape(1, -1)
    got = dict(zip(sorted(REGIONS, key=lambda name: REGIONS[name]), celebamask(ids)[0].tolist(), strict=True))
    assert got["ignore"] == 255
    assert {name: CLASSES[number] for name, number in got.items() if name != "ignore"} == FROM_REGION
    assert celebamask(ids).dtype == np.uint8


def test_sides_are_the_pictures_or_the_persons() -> None:
    """A face that looks at the camera has its right eye at the picture's left."""
    ids = np.array([[REGIONS["right_eye"], REGIONS["nose"], REGIONS["left_eye"]]], np.uint8)
    assert [CLASSES[k] for k in celebamask(ids)[0]] == ["l_eye", "nose", "r_eye"]
    assert [CLASSES[k] for k in celebamask(ids, "person")[0]] == ["r_eye", "nose", "l_eye"]


def test_no_region_of_ours_is_refused() -> None:
    with pytest.raises(DataError, match="region id 77 is none of ours"):
        celebamask(np.full((2, 2), 77, np.uint8))
