"""What is asked about every picture of a counterfactual set: scores from a file, MediaPipe's detector, an ONNX embedder.

Every scorer gives one row a pair: `shift`, and `flip` where it decides something (found or not, above a threshold or not).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facegen.audit import detector as mediapipe_detector
from facegen.audit import given
from facegen.dataset.read import Dataset
from facegen.errors import DataError, RequestError, shown
from facegen.recognise.embed import Recogniser

IMAGE, PAIR = ("image_id", "score"), ("base", "variant", "score")


@dataclass(frozen=True)
class Scored:
    """`pairs`: the dataset's pairs with `shift` (float) and, where the scorer decides, `flip` (bool). `level`: the score of each
    picture by id where there is one, for contrasts within a base. `name` says the scorer with its settings."""

    name: str
    pairs: pd.DataFrame
    level: dict[str, float] | None


def from_csv(dataset: Dataset, path: Path, threshold: float | None) -> Scored:
    """Return the shifts of scores in a CSV: `image_id,score` (shift: variant less base) or `base,variant,score` (the score of a
    pair is its shift, as a recogniser's similarity less 1 is). `threshold` (of images) makes decisions, and so flips.

    Raises DataError, one line with the line number, for what is not a score of this dataset.
    """
    header, rows = given.rows(path, (PAIR, IMAGE), "a CSV of scores")
    pairs = dataset.pairs.copy()
    if header == IMAGE:
        known = set(map(str, dataset.labels["image_id"]))
        level: dict[str, float] = {}
        for place, row in rows:
            name = row["image_id"]
            if name not in known or name in level:
                why = "stands in it twice" if name in level else f"is no image of '{dataset.root.name}'"
                raise DataError(f"{place}: {shown(name)} {why}; give one score for every image_id of labels.parquet")
            level[name] = given.number(place, "score", row["score"])
        return _levels(f"scores of {path.name}", pairs, level, threshold, path)
    if threshold is not None:
        raise RequestError("--threshold goes with scores of images; a CSV of pairs holds shifts already")
    found: dict[tuple[str, str], float] = {}
    asked = set(zip(pairs["base"], pairs["variant"], strict=True))
    for place, row in rows:
        key = (row["base"], row["variant"])
        if key not in asked or key in found:
            why = "stands in it twice" if key in found else "is no pair of pairs.csv"
            raise DataError(f"{place}: {shown(', '.join(key))} {why}; give one score for every pair")
        found[key] = given.number(place, "score", row["score"])
    lost = next((key for key in zip(pairs["base"], pairs["variant"], strict=True) if key not in found), None)
    if lost is not None:
        raise DataError(f"'{path}' has no score for '{lost[0]}, {lost[1]}'; give one for every pair of pairs.csv")
    pairs["shift"] = [found[key] for key in zip(pairs["base"], pairs["variant"], strict=True)]
    return Scored(f"shifts of {path.name}", pairs, None)


def from_detector(dataset: Dataset, model: str) -> Scored:
    """Return how MediaPipe's confidence in the true face shifts, and whether it is found on one side of a pair only.

    The score is the confidence of the box that overlaps the true one by half (IoU >= 0.5) most, 0 where there is none; a face is
    found at a confidence of 0.5. Boxes below `mediapipe_detector.LEAST_SCORE` are not reported by it and count as 0.
    """
    level = mediapipe_detector.scores(dataset, model)
    name = f"MediaPipe face detection ({model})"
    return _levels(name, dataset.pairs.copy(), level, mediapipe_detector.MIN_CONFIDENCE, dataset.root)


def from_onnx(dataset: Dataset, path: Path, how: Mapping[str, Any], threshold: float | None) -> Scored:
    """Return cosine similarity of base and variant less 1 (0: the embedding did not move) by an ONNX embedder.

    `threshold` of the similarity: below it the two would not be matched, a flip.
    """
    model = Recogniser.load(path, **how)
    crop = _crops(dataset)
    rows = {str(row["image_id"]): row for row in dataset.labels.to_dict("records")}
    pairs = dataset.pairs.copy()
    ids = list(dict.fromkeys([*pairs["base"], *pairs["variant"]]))
    found = np.concatenate(list(model.each((crop(rows[name]) for name in ids), ids))).astype(np.float64)
    place = {name: at for at, name in enumerate(ids)}
    first, second = (found[pairs[side].map(place).to_numpy()] for side in ("base", "variant"))
    similar = (first * second).sum(axis=1)
    pairs["shift"] = similar - 1.0
    if threshold is not None:
        pairs["flip"] = similar < threshold
    return Scored(f"cosine similarity by {path.name} ({model.how})", pairs, None)


def _levels(name: str, pairs: pd.DataFrame, level: dict[str, float], threshold: float | None, where: Path) -> Scored:
    lost = next((i for i in (*pairs["base"], *pairs["variant"]) if i not in level), None)
    if lost is not None:
        raise DataError(f"'{where}' has no score for '{lost}'; give one for every image of pairs.csv")
    before, after = (pairs[side].map(level).to_numpy(np.float64) for side in ("base", "variant"))
    pairs["shift"] = after - before
    if threshold is not None:
        pairs["flip"] = (before >= threshold) != (after >= threshold)
    return Scored(name, pairs, level)


def _crops(dataset: Dataset) -> Callable[[dict[str, Any]], NDArray[np.uint8]]:
    """Return the function from a label row to its aligned RGB crop (112, 112, 3)."""
    from facegen.export.pictures import Crop, Pictures
    from facegen.export.source import Source
    from facegen.sensor.codec import decode

    pictures = Pictures(Source(dataset.root), Crop("arcface"))
    return lambda row: decode(pictures.take(row).data)
