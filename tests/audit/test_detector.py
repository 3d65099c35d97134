"""The detector audit judged on closed forms, and once on real renders."""

from contextlib import contextmanager

import cv2
import numpy as np
import pandas as pd
import pytest

from facegen.audit import detector, detector_text
from facegen.dataset.read import Dataset
from facegen.dataset.write import json_bytes
from facegen.errors import RequestError
from facegen.recognise import mesh

OURS = detector.Frame(1.0, 0.0)
"""The frame of a detector that draws squares as high as our boxes."""


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
    judged = [detector._judge(row, detector.Seen(b, None), OURS) for b in (hit, off, np.vstack([hit, off]), hit[:0])]
    assert [one["found"] for one in judged] == [True, False, False, False]
    assert [one["face"] for one in judged] == [True, False, True, False]


def test_a_frame_is_a_square_below_the_middle_of_our_box():
    box = np.array([10.0, 20.0, 80.0, 100.0])
    assert detector.Frame(0.8, 0.1).around(box) == pytest.approx([10, 40, 80, 80])
    assert OURS.around(np.array([0.0, 0, 100, 100])) == pytest.approx([0, 0, 100, 100])
    assert detector.Frame.between(box, detector.Frame(0.8, 0.1).around(box)) == pytest.approx((0.8, 0.1))


def test_a_box_is_judged_in_the_frame_of_the_detector_and_by_the_label_beside_it():
    """What is drawn round the visible half of a covered face: nearer to the detector's square than to our box."""
    row = pd.Series({"bbox": [0.0, 0.0, 80.0, 100.0], "yaw_deg": 90.0, "landmarks_68": np.zeros(136)})
    frame = detector.Frame(0.8, 0.1)
    boxes = (((0, 20, 80, 80), True, True), ((10, 35, 60, 60), True, False), ((0, -30, 80, 80), False, False))
    for box, found, labelled in boxes:
        judged = detector._judge(row, detector.Seen(np.array([box], float), None), frame)
        assert (judged["found"], judged["by_label"]) == (found, labelled), box


@pytest.mark.parametrize("model", detector.MODELS)
def test_confidences_are_those_that_are_asked_for(model):
    """MediaPipe's own class answers from 0.5 (short range) and 0.6 (full range) whatever it is asked."""
    face = np.full((128, 128, 3), (120, 130, 140), np.uint8)
    cv2.ellipse(face, (64, 66), (30, 40), 0, 0, 360, (190, 150, 130), -1)
    for middle, size in (((52, 58), (6, 3)), ((76, 58), (6, 3)), ((64, 88), (12, 3))):
        cv2.ellipse(face, middle, size, 0, 0, 360, (60, 30, 30), -1)
    face = cv2.GaussianBlur(face, (0, 0), 6)

    def sure(least):
        with mesh.face_detector(model, least) as look:
            return look(face)[1]

    best = sure(0.05).max()
    assert 0.1 < best < 0.9
    assert len(sure(best - 0.02)) and not len(sure(best + 0.02))


def test_agreement_is_a_share_of_the_outer_eye_corner_distance():
    points = np.zeros((68, 2))
    points[36], points[45] = (50, 50), (150, 50)
    row = pd.Series({"bbox": [0.0, 0.0, 200.0, 200.0], "yaw_deg": 10.0, "landmarks_68": points.ravel()})
    seen = detector.Seen(np.array([[0.0, 0, 200, 200]]), points[detector.INNER] + (3.0, 4.0))
    assert detector._judge(row, seen, OURS)["distance_percent"] == pytest.approx(5.0)
    turned = detector._judge(pd.Series({**row, "yaw_deg": 40.0}), seen, OURS)["distance_percent"]
    assert np.isnan(turned)


def test_rates_keep_groups_apart():
    table = pd.DataFrame(
        {
            "sex": ["female", "female", "male"],
            "found": [True, False, True],
            "face": [True, True, True],
            "by_label": [True, False, False],
        }
    )
    rates = detector._rates(table, ["sex"])
    assert rates["female"]["face_found"] == 2 and rates["female"]["found"] == 1
    assert detector_text._said(rates["female"]).endswith(", 1 more with another box elsewhere, by the labels' box 50.00%")
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


def test_an_audit_counts_by_group_and_is_json(fake_dataset, monkeypatch):
    """A stub finds every man where he is, a second box beside him, and no woman."""
    data = Dataset.open(fake_dataset)
    count = len(data.labels)
    labels = data.labels.assign(bbox=[[10.0, 10, 40, 50]] * count, background=["plain", "crowd"] * (count // 2), yaw_deg=20.0)
    data = Dataset(data.root, data.manifest, rows=labels)
    rows = iter(data.labels.to_dict("records") * 2)

    @contextmanager
    def stub(model):
        def look(image):
            row = next(rows)
            true = detector.MODELS[model].around(np.array(row["bbox"], float))
            boxes = np.array([true, true + (500, 500, 0, 0)]) if row["sex"] == "male" else np.zeros((0, 4))
            return detector.Seen(boxes, None, np.full(len(boxes), 0.8))

        yield look

    monkeypatch.setattr(detector, "_detector", stub)
    seen = detector.audit(data)
    json_bytes(seen)
    for one in seen.values():
        men, women = one["groups"]["sex"]["male"], one["groups"]["sex"]["female"]
        single = int(((labels["background"] == "plain") & (labels["sex"] == "male")).sum())
        assert 0 < single < men["images"]
        assert men["face_found"] == men["images"] and men["found"] == men["images"] - single and women["face_found"] == 0
        assert one["frame"]["measured"] == pytest.approx(one["frame"]["used"], abs=1e-4)
        assert one["gap_face_found"]["sex"] == 1.0 and one["gap"]["sex"] == men["rate"]
    assert "points, 100.00 by the face alone" in detector_text.render(seen)
