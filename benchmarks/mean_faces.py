"""What do photographs have in common that our pictures lack? Mean faces side by side.

    python benchmarks/mean_faces.py DATASET PHOTOS [--out mean_faces.png] [--most 1500]

PHOTOS: a folder of pictures of faces, searched through (jpg, png, pgm, webp). Both sides are cropped alike: MediaPipe mesh, five
points, the ArcFace template at 64 px, grey, mirrored onto themselves, each crop's mean and spread taken out. Writes a sheet
(photographs, ours, difference; then ours by ancestry, young and old) and prints how dark brows, eyes, the skin under the eyes,
nose, mouth and forehead are against the cheeks, in spreads of a crop, on both sides.

A diagnosis, never a target: it says where to look. What is then changed follows published measures, not these numbers.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import cv2
import faces
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facegen.dataset.read import Dataset
from facegen.errors import DataError, FacegenError
from facegen.geometry.align import ARCFACE_SIZE, arcface_matrix, warp

F32 = NDArray[np.float32]
SIZE = 64
POINTS = ((33, 133), (362, 263), (4,), (61,), (291,))
"""Mesh indices whose means are the five points: eyes by their corners, tip of the nose, corners of the mouth."""
SUFFIXES = (".jpg", ".jpeg", ".png", ".pgm", ".webp")
YOUNG, OLD = 40, 60
PLACES = {
    "brows": (24, 28, 14, 26), "eyes": (28, 32, 16, 26), "under the eyes": (34, 38, 16, 26), "forehead": (12, 20, 22, 42),
    "nose": (34, 42, 29, 35), "mouth": (49, 53, 25, 39),
}  # fmt: skip
"""Rows and columns of the crop (first, end; the left half is measured, the crops are mirrored)."""
CHEEK = (40, 46, 15, 23)


def crops(paths: list[Path]) -> tuple[F32, NDArray[np.int64]]:
    """Return (N, SIZE, SIZE) grey crops without mean and spread, and which of `paths` they are: no mesh, no crop."""
    os.environ["GLOG_minloglevel"] = "3"
    import mediapipe as mp

    out, kept = [], []
    with mp.solutions.face_mesh.FaceMesh(static_image_mode=True, min_detection_confidence=0.2) as mesh:
        for n, path in enumerate(paths):
            image = cv2.imread(str(path))
            if image is None:
                raise DataError(f"'{path}' is no picture that can be read; take it out of the folder")
            crop = _crop(mesh, image)
            if crop is not None:
                out.append(crop)
                kept.append(n)
    if not out:
        raise DataError(f"no face was found in {len(paths)} pictures beside '{paths[0]}'; at least one is needed")
    found = np.stack(out).astype(np.float32)
    found = found - found.mean((1, 2), keepdims=True)
    return found / (found.std((1, 2), keepdims=True) + 1), np.array(kept)


def _crop(mesh: object, image: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    border = max(image.shape[:2]) // 4
    wide = cv2.copyMakeBorder(image, border, border, border, border, cv2.BORDER_REPLICATE)
    scale = max(1.0, 256 / max(wide.shape[:2]))
    wide = cv2.resize(wide, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    seen = mesh.process(np.ascontiguousarray(wide[:, :, ::-1])).multi_face_landmarks  # type: ignore[attr-defined]
    if not seen:
        return None
    at = np.array([[p.x, p.y] for p in seen[0].landmark]) * wide.shape[1::-1]
    matrix = arcface_matrix(np.stack([at[list(group)].mean(0) for group in POINTS]))
    grey = cv2.cvtColor(warp(wide, matrix, ARCFACE_SIZE), cv2.COLOR_BGR2GRAY)
    return cv2.resize(grey, (SIZE, SIZE), interpolation=cv2.INTER_AREA)


def mean(found: F32) -> F32:
    """Return the mean crop (SIZE, SIZE), mirrored onto itself."""
    one = found.mean(0)
    return np.asarray(0.5 * (one + one[:, ::-1]))


def against_cheeks(face: F32) -> dict[str, float]:
    """Return how much lighter each place of a mean crop is than its cheeks, in spreads of a crop."""

    def level(box: tuple[int, int, int, int]) -> float:
        return float(face[box[0] : box[1], box[2] : box[3]].mean())

    return {name: level(box) - level(CHEEK) for name, box in PLACES.items()}


def sheet(photos: F32, ours: F32, table: pd.DataFrame) -> NDArray[np.uint8]:
    """Return photographs, ours and the difference; below, ours by ancestry: under 40 and over 60 years."""
    rows = [np.hstack([_shown(photos, 2.0), _shown(ours, 2.0), _shown(photos - ours, 1.2)])]
    return np.vstack(rows + [np.hstack([_shown(x, 2.0) for x in row]) for row in _groups(table)])


def _groups(table: pd.DataFrame) -> list[list[F32]]:
    empty, out = np.zeros((SIZE, SIZE), np.float32), []
    for _, part in table.groupby("ancestry"):
        halves = [part[part["age_years"] < YOUNG], part[part["age_years"] >= OLD]]
        out.append([mean(np.stack(list(half["crop"]))) if len(half) else empty for half in halves] + [empty])
    return out


def _shown(face: F32, most: float) -> NDArray[np.uint8]:
    grey = np.clip((face / most + 1) * 127.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(grey, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--out", type=Path, default=Path("mean_faces.png"))
    parser.add_argument("--most", type=int, default=1500, help="pictures of the dataset that are looked at")
    given = parser.parse_args()
    dataset = Dataset.open(given.dataset)
    table = faces.labels(dataset)
    table = table.sample(min(given.most, len(table)), random_state=0).reset_index(drop=True)
    paths = sorted(path for path in given.photos.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise DataError(f"'{given.photos}' holds no picture ({', '.join(SUFFIXES)}); name a folder of photographs of faces")
    photos, _ = crops(paths)
    ours, kept = crops([dataset.root / file for file in table["file"]])
    print(f"photographs: {len(photos)} of {len(paths)} aligned; ours: {len(ours)} of {len(table)}")
    left, right = against_cheeks(mean(photos)), against_cheeks(mean(ours))
    for place in PLACES:
        print(f"{place:16s} photographs {left[place]:+.2f}   ours {right[place]:+.2f}")
    cv2.imwrite(str(given.out), sheet(mean(photos), mean(ours), table.loc[kept].assign(crop=list(ours))))


if __name__ == "__main__":
    try:
        main()
    except FacegenError as error:
        sys.exit(f"mean_faces: {error}")
