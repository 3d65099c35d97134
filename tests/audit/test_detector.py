"""The detector audit judged on closed forms, and once on real renders."""

import numpy as np
import pandas as pd
import pytest

from facegen.audit import detector
from facegen.dataset.write import json_bytes
from facegen.errors import RequestError


def test_iou_of_known_boxes():
    box = np.array([0.0, 0.0, 2.0, 2.0])
    others = np.array([[0, 0, 2, 2], [1, 0, 2, 2], [5, 5, 1, 1], [0, 0, 1, 1]], dtype=float)
    assert detector.iou(box, others) == pytest.approx([1, 2 / 6, 0, 1 / 4])


@pytest.mark.parametrize(("monk", "third"), [(1, "1-3"), (3, "1-3"), (4, "4-7"), (7, "4-7"), (8, "8-10"), (10, "8-10")])
def test_monk_thirds(monk, third):
    assert detector.monk_third(monk) == third


def test_a_second_face_or_a_displaced_box_counts_as_missed():
    row = pd.Series({"bbox": [10.0, 10.0, 100.0, 100.0], "yaw_deg": 0.0, "landmarks_68": np.zeros(136)})
    hit, off = np.array([[12.0, 8, 100, 100]]), np.array([[90.0, 90, 100, 100]])
    judged = [detector._judge(row, detector.Seen(b, None)) for b in (hit, off, np.vstack([hit, off]), hit[:0])]
    assert [one["found"] for one in judged] == [True, False, False, False]
    assert [one["face"] for one in judged] == [True, False, True, False]


def test_agreement_is_a_share_of_the_outer_eye_corner_distance():
    points = np.zeros((68, 2))
    points[36], points[45] = (50, 50), (150, 50)
    row = pd.Series({"bbox": [0.0, 0.0, 200.0, 200.0], "yaw_deg": 10.0, "landmarks_68": points.ravel()})
    seen = detector.Seen(np.array([[0.0, 0, 200, 200]]), points[detector.INNER] + (3.0, 4.0))
    assert detector._judge(row, seen)["distance_percent"] == pytest.approx(5.0)
    turned = detector._judge(pd.Series({**row, "yaw_deg": 40.0}), seen)["distance_percent"]
    assert np.isnan(turned)


def test_rates_keep_groups_apart():
    table = pd.DataFrame({"sex": ["female", "female", "male"], "found": [True, False, True], "face": [True, True, True]})
    rates = detector._rates(table, ["sex"])
    assert rates["female"]["face_found"] == 2 and rates["female"]["found"] == 1
    assert detector._said(rates["female"]).endswith(", 1 more with another box elsewhere")
    assert rates["female"]["rate"] == 0.5 and rates["male"]["rate"] == 1.0
    low, high = rates["female"]["interval"]
    assert 0 < low < 0.5 < high < 1


@pytest.mark.parametrize(
    ("degrees", "band"), [(0, "0-15"), (15, "0-15"), (15.1, "15-30"), (60, "45-60"), (89, "60-90"), (120, "90-180")]
)
def test_yaw_bands(degrees, band):
    assert detector.yaw_band(degrees) == band


def found(rates, distance):
    groups = {name: {key: {"rate": rate} for key, rate in rates.items()} for name in detector.GROUPS}
    gap = {name: max(rates.values()) - min(rates.values()) for name in detector.GROUPS}
    return {"groups": groups, "gap": gap, "agreement": {"mean_percent": distance}}


def test_the_gate_judges_the_worst_group_the_gap_and_the_points():
    good = detector.gate(found({"a": 1.0, "b": 0.995}, 4.5))
    assert all(one["holds"] for one in good.values())
    bad = list(detector.gate(found({"a": 1.0, "b": 0.98}, float("nan"))).items())
    assert [one["holds"] for _, one in bad] == [False, False, False]
    assert "sex b" in bad[0][0] and bad[1][1]["value"] == pytest.approx(0.02)


def test_points_that_no_picture_shows_are_not_judged():
    table = pd.DataFrame({name: ["a", "b"] for name in detector.GROUPS} | {"distance_percent": [np.nan, np.nan]})
    agreement = detector._agreement(table)
    json_bytes(agreement)  # JSON knows no NaN
    assert agreement == {"pictures": 0, "mean_percent": None, "median_percent": None, "groups": {}}
    assert len(detector.gate(found({"a": 1.0}, None))) == 2


def test_no_picture_within_the_yaw_is_refused(tmp_path):
    class Held:
        root, labels = tmp_path, pd.DataFrame({"yaw_deg": [50.0, -40.0], "skin_monk": [1, 2]})

    with pytest.raises(RequestError, match="within 30 degrees of yaw"):
        detector.audit(Held(), 30.0)
