"""What is asked about every picture of a counterfactual set: scores from a file, MediaPipe's detector, an ONNX embedder.

Every scorer gives one row a pair: `shift`, and `flip` where it decides something (found or not, above a threshold or not).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facegen import guard
from facegen.audit import detector as mediapipe_detector
from facegen.audit import given
from facegen.dataset.read import Dataset
from facegen.errors import DataError, MachineError, RequestError, did_you_mean

COLOURS = ("rgb", "bgr")
EXTERNAL = re.compile(rb"\x0a\x08location\x12")
"""The entry of a tensor's external_data that names its file (onnx.proto: StringStringEntryProto, key 1, value 2)."""
IMAGE, PAIR = ("image_id", "score"), ("base", "variant", "score")


@dataclass(frozen=True)
class Scored:
    """`pairs`: the dataset's pairs with `shift` (float) and, where the scorer decides, `flip` (bool). `level`: the score of each
    picture by id where there is one, for contrasts within a base. `name` says the scorer with its settings."""

    name: str
    pairs: pd.DataFrame
    level: dict[str, float] | None


@dataclass(frozen=True)
class Preprocessing:
    """How an embedder wants its crops: the ArcFace crop of the true landmarks resized to `size`, channels in order `colour`,
    (value - mean) / scale of 0..255."""

    size: int = 112
    colour: str = "rgb"
    mean: float = 127.5
    scale: float = 127.5

    def check(self) -> None:
        """Raise RequestError for what no picture can be prepared by."""
        if self.colour not in COLOURS:
            raise RequestError(f"--colour {did_you_mean(self.colour, COLOURS)}")
        if self.scale == 0 or not math.isfinite(self.mean) or not math.isfinite(self.scale):
            raise RequestError(
                f"--mean {self.mean:g} --scale {self.scale:g}: values are (v - mean) / scale; give a scale that is not 0"
            )
        if not 16 <= self.size <= 1024:
            raise RequestError(f"--size {self.size} is not 16 to 1024 pixels")


def from_csv(dataset: Dataset, path: Path, threshold: float | None) -> Scored:
    """Return the shifts of scores in a CSV: `image_id,score` (shift: variant less base) or `base,variant,score` (the score of a
    pair is its shift, as a recogniser's similarity less 1 is). `threshold` (of images) makes decisions, and so flips.

    Raises DataError, one line with the line number, for what is not a score of this dataset.
    """
    rows, header = _read(path)
    pairs = dataset.pairs.copy()
    if header == IMAGE:
        known = set(map(str, dataset.labels["image_id"]))
        level: dict[str, float] = {}
        for line, row in rows:
            name = row["image_id"]
            if name not in known or name in level:
                why = "stands in it twice" if name in level else f"is no image of '{dataset.root.name}'"
                raise DataError(f"'{path}' line {line}: '{name}' {why}; give one score for every image_id of labels.parquet")
            level[name] = _score(path, line, row["score"])
        return _levels(f"scores of {path.name}", pairs, level, threshold, path)
    if threshold is not None:
        raise RequestError("--threshold goes with scores of images; a CSV of pairs holds shifts already")
    found: dict[tuple[str, str], float] = {}
    asked = set(zip(pairs["base"], pairs["variant"], strict=True))
    for line, row in rows:
        key = (row["base"], row["variant"])
        if key not in asked or key in found:
            why = "stands in it twice" if key in found else "is no pair of pairs.csv"
            raise DataError(f"'{path}' line {line}: '{key[0]}, {key[1]}' {why}; give one score for every pair")
        found[key] = _score(path, line, row["score"])
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


def from_onnx(dataset: Dataset, path: Path, how: Preprocessing, threshold: float | None) -> Scored:
    """Return cosine similarity of base and variant less 1 (0: the embedding did not move) by an ONNX embedder.

    `threshold` of the similarity: below it the two would not be matched, a flip.
    """
    how.check()
    embed = _embedder(path, how)
    crop = _crops(dataset, how)
    rows = {str(row["image_id"]): row for row in dataset.labels.to_dict("records")}

    @lru_cache(maxsize=4)  # a base and its variants follow one another
    def of(name: str) -> NDArray[np.float64]:
        return embed(crop(rows[name]))

    pairs = dataset.pairs.copy()
    similar = np.array([float(of(base) @ of(variant)) for base, variant in zip(pairs["base"], pairs["variant"], strict=True)])
    pairs["shift"] = similar - 1.0
    if threshold is not None:
        pairs["flip"] = similar < threshold
    settings = f"{how.size} px, {how.colour}, (v - {how.mean:g}) / {how.scale:g}, ArcFace crop"
    return Scored(f"cosine similarity by {path.name} ({settings})", pairs, None)


def _levels(name: str, pairs: pd.DataFrame, level: dict[str, float], threshold: float | None, where: Path) -> Scored:
    lost = next((i for i in (*pairs["base"], *pairs["variant"]) if i not in level), None)
    if lost is not None:
        raise DataError(f"'{where}' has no score for '{lost}'; give one for every image of pairs.csv")
    before, after = (pairs[side].map(level).to_numpy(np.float64) for side in ("base", "variant"))
    pairs["shift"] = after - before
    if threshold is not None:
        pairs["flip"] = (before >= threshold) != (after >= threshold)
    return Scored(name, pairs, level)


def _read(path: Path) -> tuple[list[tuple[int, dict[str, str]]], tuple[str, ...]]:
    """Return (line number, row) of a CSV of scores, and which of the two headers it has."""
    names, rows = given.rows(path, "a CSV of scores")
    header = next((wanted for wanted in (PAIR, IMAGE) if set(wanted) <= set(names)), None)
    if header is None:
        raise DataError(
            f"'{path}' line 1: columns {', '.join(names) or 'none'}; they must be image_id,score or base,variant,score"
        )
    return list(rows), header


def _score(path: Path, line: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"'{path}' line {line}: score '{text}' is not a finite number")
    return value


def _embedder(path: Path, how: Preprocessing) -> Callable[[NDArray[np.uint8]], NDArray[np.float64]]:
    """Return the function from an RGB crop to its unit embedding. Raises one line for a model that cannot be run."""
    try:
        import onnxruntime
    except ImportError:
        raise MachineError("--onnx needs onnxruntime; install it with: pip install 'facegen[train]'") from None
    if not path.is_file():
        raise RequestError(f"--onnx '{path}': no such file; give an ONNX model that takes one crop and gives its embedding")
    try:
        data = guard.read(path, guard.MODEL_BYTES)
    except OSError as error:
        raise RequestError(f"--onnx '{path}' cannot be read ({error.strerror})") from None
    if EXTERNAL.search(data):
        raise RequestError(f"--onnx '{path}' names files beside it that hold its weights; save the model as one file")
    try:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime has kinds of its own, not exported
        raise RequestError(
            f"--onnx '{path}' cannot be loaded ({' '.join(str(error).split())[:120]}); give an ONNX model"
        ) from None
    name = session.get_inputs()[0].name

    def embed(crop: NDArray[np.uint8]) -> NDArray[np.float64]:
        pixels = crop if how.colour == "rgb" else crop[..., ::-1]
        data = ((pixels.astype(np.float32) - how.mean) / how.scale).transpose(2, 0, 1)[None]
        try:
            out = np.asarray(session.run(None, {name: np.ascontiguousarray(data, np.float32)})[0], np.float64).ravel()
        except Exception as error:
            said = " ".join(str(error).split())[:120]
            raise RequestError(
                f"--onnx '{path}' refuses a (1, 3, {how.size}, {how.size}) float32 crop ({said}); set --size"
            ) from None
        length = float(np.linalg.norm(out))
        if not math.isfinite(length) or length == 0:
            raise RequestError(f"--onnx '{path}' gives an embedding of length {length}; check --mean, --scale and --colour")
        return np.asarray(out / length)

    return embed


def _crops(dataset: Dataset, how: Preprocessing) -> Callable[[dict[str, Any]], NDArray[np.uint8]]:
    """Return the function from a label row to its aligned RGB crop (size, size, 3)."""
    import cv2

    from facegen.export.pictures import Crop, Pictures
    from facegen.export.source import Source
    from facegen.sensor.codec import decode

    pictures = Pictures(Source(dataset.root), Crop("arcface"))

    def crop(row: dict[str, Any]) -> NDArray[np.uint8]:
        found = decode(pictures.take(row).data)
        if found.shape[0] == how.size:
            return found
        shrinks = found.shape[0] > how.size
        return np.asarray(
            cv2.resize(found, (how.size, how.size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR), np.uint8
        )

    return crop
