"""Do our 478 points lie where MediaPipe sees them? By group, on 500 frontal neutral faces that the tables were not fitted on.

    python pipelines/fit_landmarks.py shoot --out WORK --set judge      renders the 500, once
    python benchmarks/landmark_agreement.py WORK [--picture docs/landmark_agreement.png]

Distance of each point to its label over the distance of the outer eye corners, and its systematic part: the length of the mean
offset over people, faces brought onto each other by their eye corners. Bar: 3.5% in every group but the contour, where a detector
draws the outline that it sees and our points are fixed on the head. The picture shows the mean offsets five times as long.
Groups are MediaPipe's own (its face_mesh_connections); what none of them names is `skin`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "pipelines"))
import fit_landmarks  # noqa: E402

from facegen.geometry.align import apply, similarity  # noqa: E402
from facegen.geometry.projection import project  # noqa: E402
from facegen.geometry.rotations import transform_points  # noqa: E402
from facegen.head import landmarks  # noqa: E402
from facegen.head.model import HeadModel  # noqa: E402

BAR = 0.035
EYE_CORNERS = [33, 133, 362, 263]
STRETCH, SIDE = 5, 900
_COLOURS = {"contour": (120, 120, 120), "eyes": (178, 114, 0), "brows": (0, 94, 213), "lips": (167, 121, 204),
            "nose": (115, 158, 0), "irises": (233, 180, 86), "skin": (0, 0, 0)}  # fmt: skip


def groups() -> dict[str, NDArray[np.intp]]:
    """Return the point numbers of each group."""
    from mediapipe.python.solutions import face_mesh_connections as mesh

    edges = {
        "contour": mesh.FACEMESH_FACE_OVAL,
        "eyes": mesh.FACEMESH_LEFT_EYE | mesh.FACEMESH_RIGHT_EYE,
        "brows": mesh.FACEMESH_LEFT_EYEBROW | mesh.FACEMESH_RIGHT_EYEBROW,
        "lips": mesh.FACEMESH_LIPS,
        "nose": mesh.FACEMESH_NOSE,
    }
    found = {name: np.unique(np.array(sorted(pairs))) for name, pairs in edges.items()}
    found["irises"] = np.arange(468, 478)
    named = np.concatenate(list(found.values()))
    return {**found, "skin": np.setdiff1d(np.arange(478), named)}


def offsets(work: Path) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return (N, 478) distances, (N, 478, 2) offsets (label - detector) in one frame, and the mean detected points there."""
    model, distance, offset, seen = HeadModel.load(), [], [], []
    onto = np.array([(-0.5, 0.0), (-0.17, 0.0), (0.17, 0.0), (0.5, 0.0)])
    for posed, transform, camera, points in fit_landmarks.views(work, "judge", model, fit_landmarks.detector()):
        apart = np.linalg.norm(points[33] - points[263])
        ours = project(transform_points(transform, landmarks.mediapipe478(posed.vertices, posed)), camera)
        distance.append(np.linalg.norm(ours - points, axis=1) / apart)
        matrix = similarity(points[EYE_CORNERS], onto)
        offset.append(apply(matrix, ours) - apply(matrix, points))
        seen.append(apply(matrix, points))
    return np.array(distance), np.array(offset), np.mean(seen, axis=0)


def picture(points: NDArray[np.float64], mean: NDArray[np.float64], parts: dict[str, NDArray[np.intp]]) -> NDArray[np.uint8]:
    """Return the mean detected points with the mean offsets to our labels, `STRETCH` times as long."""
    out = np.full((SIDE, SIDE, 3), 255, np.uint8)
    low, high = points.min(axis=0) - 0.08, points.max(axis=0) + 0.08
    scale = (SIDE - 40) / (high - low).max()

    def at(p: NDArray[np.float64]) -> tuple[int, int]:
        x, y = (p - (low + high) / 2) * scale + SIDE / 2
        return round(float(x)), round(float(y))

    for name, members in parts.items():
        for k in members:
            cv2.arrowedLine(out, at(points[k]), at(points[k] + STRETCH * mean[k]), _COLOURS[name], 1, cv2.LINE_AA, tipLength=0.25)
            cv2.circle(out, at(points[k]), 2, _COLOURS[name], -1, cv2.LINE_AA)
    for row, name in enumerate(parts):
        cv2.putText(out, name, (16, 28 + 22 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.55, _COLOURS[name], 1, cv2.LINE_AA)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    distance, offset, seen = offsets(given.work)
    mean, parts = offset.mean(axis=0), groups()
    print(f"{len(distance)} faces; distance over that of the outer eye corners (bar {BAR:.1%} but for the contour)")
    for name, members in parts.items():
        far, shift = distance[:, members].mean(), np.linalg.norm(mean[members], axis=1).mean()
        mark = "" if name == "contour" else "ok" if far <= BAR else "MISS"
        print(f"  {name:8s} {len(members):3d} points: mean {far:.2%}, systematic {shift:.2%} {mark}")
    inner = np.setdiff1d(np.arange(478), parts["contour"])
    print(f"  all but the contour: {distance[:, inner].mean():.2%}")
    if given.picture is not None:
        cv2.imwrite(str(given.picture), picture(seen, mean, parts))


if __name__ == "__main__":
    main()
