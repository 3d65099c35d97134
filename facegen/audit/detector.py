"""Does an outside detector see the same faces in every group? MediaPipe finds them, the labels judge it.

A detector never makes a label: this audit measures how far a detector and the ground truth agree, group by group, with Wilson
score intervals. Every detector frames a face as its makers did: a box is judged in the detector's own frame (`Frame`), and by the
labels' box beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facegen.dataset.checks import numbers
from facegen.dataset.people import monk_third
from facegen.dataset.read import Dataset
from facegen.errors import RequestError, did_you_mean
from facegen.measures.intervals import wilson
from facegen.recognise import mesh
from facegen.resources import asset_json

MIN_CONFIDENCE = 0.5
LEAST_SCORE = 0.1
"""Least confidence that is asked for where the confidence itself is the measure."""


class Frame(NamedTuple):
    """The square that a detector draws round a face, in heights of our `bbox` (hairline to chin): its side, and how far its
    middle lies below ours."""

    side: float
    drop: float

    def around(self, box: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the square (4,) of the face whose `bbox` is `box` (4,), both x, y, w, h."""
        x, y, width, height = box
        half = self.side * height / 2
        return np.array([x + width / 2 - half, y + (0.5 + self.drop) * height - half, 2 * half, 2 * half])

    @classmethod
    def between(cls, box: NDArray[np.float64], square: NDArray[np.float64]) -> Frame:
        """Return the frame that draws `square` (4,) round the face whose `bbox` is `box` (4,)."""
        return cls(square[3] / box[3], (square[1] + square[3] / 2 - box[1]) / box[3] - 0.5)


MIN_IOU = 0.5
INNER = slice(17, 68)
"""The 51 points of iBUG-68 inside the face; the jaw line is a contour that each scheme draws elsewhere."""
AGREEMENT_YAW_DEG = 30.0
OUTER_EYE_CORNERS = (36, 45)
MODELS = {"short range": Frame(0.771, 0.087), "full range": Frame(0.836, 0.057)}
"""MediaPipe's two face detectors, both always reported. Frames: medians over 1,400 unoccluded pictures of
pipelines/detector_gate_wide.yaml turned by 30 degrees at most (short range by age 0.766 to 0.776 and 0.085 to 0.088, by ancestry
0.754 to 0.786 and 0.074 to 0.097). There a detection overlaps our box by 0.71 and this square by 0.88 (median IoU)."""
GROUPS = ("sex", "age_band", "ancestry", "monk_third")
YAW_EDGES = (15, 30, 45, 60, 90)
"""Upper ends of the bands of |yaw|, degrees, that rates are also shown by."""
LEAST_FOUND, MOST_GAP, MOST_DISTANCE_PERCENT = 0.995, 0.01, 4.5
"""The gate for unoccluded pictures: found in every group, gap between any two groups, mean distance of the inner 51 points."""
CROWDED = ("crowd", "street", "place")
"""Backgrounds that show other people, whom a detector may find as well."""
CROSSED = ("sex", "ancestry", "monk_third")


@dataclass(frozen=True)
class Seen:
    """What MediaPipe made of one picture: boxes (N, 4) x, y, w, h in pixels; mesh (51, 2) pixels, or None; confidences (N,)."""

    boxes: NDArray[np.float64]
    inner: NDArray[np.float64] | None
    scores: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))


def audit(dataset: Dataset, max_yaw: float | None = None) -> dict[str, Any]:
    """Return, per detector model, detection and landmark agreement of `dataset` by group: plain JSON values.

    `max_yaw`: judge only the pictures within this |yaw_deg|. Raises RequestError when there is none.
    """
    labels = dataset.labels
    if max_yaw is not None:
        labels = labels[labels["yaw_deg"].abs() <= max_yaw]
        if labels.empty:
            raise RequestError(f"'{dataset.root}' has no picture within {max_yaw:g} degrees of yaw; allow more")
    turned = labels["yaw_deg"].abs().map(yaw_band)
    labels = labels.assign(monk_third=labels["skin_monk"].map(monk_third), yaw_band=turned)
    return {name: _audit(dataset, labels, name) for name in MODELS}


def _audit(dataset: Dataset, labels: pd.DataFrame, model: str) -> dict[str, Any]:
    with _detector(model) as look:
        judged = [_judge(row, look(dataset.image(str(row["image_id"]))), MODELS[model]) for _, row in labels.iterrows()]
    table = pd.concat([labels.reset_index(drop=True), pd.DataFrame(judged)], axis=1)
    by_group = {name: _rates(table, [name]) for name in (*GROUPS, "yaw_band")}
    found = {
        "detector": f"MediaPipe face detection ({model}) and face mesh",
        "rule": f"a face of IoU >= {MIN_IOU} with the true one as this detector frames faces, confidence >= {MIN_CONFIDENCE}; "
        "alone unless some stand behind",
        "frame": {"used": MODELS[model]._asdict(), "measured": _frame(table)},
        "overall": _rate(table),
        "groups": by_group,
        "gap": {name: _gap(found, "found") for name, found in by_group.items()},
        "gap_face_found": {name: _gap(found, "face_found") for name, found in by_group.items()},
        "crossed": _rates(table, list(CROSSED)),
        "agreement": _agreement(table),
        "largest_yaw_deg": float(table["yaw_deg"].abs().max()),
        "missed": table.loc[~table["found"], "image_id"].tolist(),
        "scores": {str(name): round(float(score), 4) for name, score in zip(table["image_id"], table["score"], strict=True)},
    }
    return {**found, "gate": gate(found)}


def gate(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return bar -> value, bar and whether it holds. A yaw band is no group of people and has no bar; points that no picture
    shows are not judged."""
    rates = {f"{name} {key}": rate["rate"] for name in GROUPS for key, rate in found["groups"][name].items()}
    least = min(rates, key=lambda key: rates[key])
    widest = max(GROUPS, key=lambda name: found["gap"][name])
    distance = found["agreement"]["mean_percent"]
    bars = {
        f"found in every group (least: {least})": _bar(rates[least], LEAST_FOUND, rates[least] >= LEAST_FOUND),
        f"gap between groups (widest: {widest})": _bar(found["gap"][widest], MOST_GAP, found["gap"][widest] <= MOST_GAP),
    }
    if distance is not None:
        bars[f"inner 51 points, |yaw| <= {AGREEMENT_YAW_DEG:g}"] = _bar(
            distance / 100, MOST_DISTANCE_PERCENT / 100, distance <= MOST_DISTANCE_PERCENT
        )
    return bars


def _bar(value: float, bar: float, holds: bool) -> dict[str, Any]:
    return {"value": value, "bar": bar, "holds": bool(holds)}


def yaw_band(degrees: float) -> str:
    """Return the band of |yaw| that holds `degrees` (0 to 180), its upper end included."""
    low = 0
    for high in YAW_EDGES:
        if degrees <= high:
            return f"{low}-{high}"
        low = high
    return f"{low}-180"


def scores(dataset: Dataset, model: str) -> dict[str, float]:
    """Return image id -> confidence in the true face: of the boxes with IoU >= MIN_IOU with it, the most confident; 0 where none
    has LEAST_SCORE."""
    if model not in MODELS:
        raise RequestError(f"--detector-model {did_you_mean(model, MODELS)}")
    found = {}
    with _detector(model, least=LEAST_SCORE, meshes=False) as look:
        for row in dataset.labels.to_dict("records"):
            seen = look(dataset.image(str(row["image_id"])))
            true = iou(MODELS[model].around(numbers(row, "bbox", 4)), seen.boxes) >= MIN_IOU
            found[str(row["image_id"])] = float(seen.scores[true].max()) if true.any() else 0.0
    return found


@contextmanager
def _detector(model: str, least: float = MIN_CONFIDENCE, meshes: bool = True) -> Iterator[Any]:
    index = asset_json("landmarks/ibug_from_mediapipe.json")["index"][INNER]
    with mesh.face_detector(model, least) as faces, mesh.face_mesh(MIN_CONFIDENCE) as lay:

        def look(image: NDArray[np.uint8]) -> Seen:
            laid = lay(image) if meshes else None
            boxes, scores = faces(image)
            return Seen(boxes, None if laid is None else laid[index], scores)

        yield look


def _judge(row: pd.Series, seen: Seen, frame: Frame) -> dict[str, Any]:
    true = numbers(row, "bbox", 4)
    overlap, labelled = iou(frame.around(true), seen.boxes), iou(true, seen.boxes)
    distance = np.nan
    if seen.inner is not None and abs(row["yaw_deg"]) <= AGREEMENT_YAW_DEG:
        truth = numbers(row, "landmarks_68", 136).reshape(68, 2)
        eyes = np.linalg.norm(truth[OUTER_EYE_CORNERS[1]] - truth[OUTER_EYE_CORNERS[0]])
        distance = 100 * np.linalg.norm(seen.inner - truth[INNER], axis=1).mean() / eyes
    company = row.get("second_head", "none") != "none" or row.get("background") in CROWDED
    alone = len(seen.boxes) == 1
    hit, by_label = (len(seen.boxes) > 0 and one.max() >= MIN_IOU for one in (overlap, labelled))
    frontal = hit and abs(row["yaw_deg"]) <= AGREEMENT_YAW_DEG
    drawn = Frame.between(true, seen.boxes[overlap.argmax()]) if frontal else Frame(np.nan, np.nan)
    return {
        "score": float(seen.scores[overlap.argmax()]) if hit and len(seen.scores) else 0.0,
        "found": hit and (alone or company),
        "face": hit,
        "by_label": by_label and (alone or company),
        "faces": len(seen.boxes),
        "distance_percent": distance,
        "frame_side": drawn.side,
        "frame_drop": drawn.drop,
    }


def iou(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (N,) intersection over union of `box` (4,) with `others` (N, 4), all x, y, w, h."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[:2] + box[2:], others[:, :2] + others[:, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    return shared / (box[2] * box[3] + others[:, 2] * others[:, 3] - shared)


def _rates(table: pd.DataFrame, by: list[str]) -> dict[str, dict[str, Any]]:
    return {" / ".join(map(str, key)): _rate(part) for key, part in table.groupby(by, sort=True)}


def _rate(part: pd.DataFrame) -> dict[str, Any]:
    """Return how often the face was found as the rule wants it, with an interval, how often at all, another box or not, and how
    often where the labels' own box stands in place of the detector's frame."""
    hits, count = int(part["found"].sum()), len(part)
    return {
        "found": hits,
        "images": count,
        "rate": hits / count,
        "interval": list(wilson(hits, count)),
        "face_found": int(part["face"].sum()),
        "found_by_label_box": int(part["by_label"].sum()),
    }


def _gap(groups: dict[str, dict[str, Any]], what: str) -> float:
    """Return how much more often the group found most is found than the one found least, counting `what`."""
    return float(np.ptp([group[what] / group["images"] for group in groups.values()]))


def _frame(table: pd.DataFrame) -> dict[str, float] | None:
    """Return the medians of the frames drawn round faces turned by AGREEMENT_YAW_DEG at most; None where there is none."""
    seen = table[["frame_side", "frame_drop"]].dropna()
    return None if seen.empty else {name[6:]: round(float(value), 4) for name, value in seen.median().items()}


def _agreement(table: pd.DataFrame) -> dict[str, Any]:
    seen = table[table["distance_percent"].notna()]
    groups = {f"{name} {key}": float(part.mean()) for name in GROUPS for key, part in seen.groupby(name)["distance_percent"]}
    values = seen["distance_percent"]
    mean, median = (None, None) if seen.empty else (float(values.mean()), float(values.median()))
    return {"pictures": len(seen), "mean_percent": mean, "median_percent": median, "groups": groups}
