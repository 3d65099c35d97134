"""Image-quality components after ISO/IEC 29794-5, computed as the reference implementation OFIQ does, on known geometry.

Scores are 0 (poor) to 100 (good). `ground_truth` components come from geometry and parameters alone, `pixels` ones from the
luminance or colour of the finished picture under the exact face mask. s(x) is the logistic function with middle x0 and width w.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen import srgb
from facegen.looks.color import decode, lab_from_linear

LUMA = srgb.LUMINANCE
LID_PAIRS = {"right": ((37, 41), (38, 40)), "left": ((43, 47), (44, 46))}
LIP_PAIRS = ((61, 67), (62, 66), (63, 65))
CHIN = 8
GROUND_TRUTH = (
    "head_pose_yaw", "head_pose_pitch", "head_pose_roll", "inter_eye_distance", "head_size", "eyes_open", "mouth_closed",
    "leftward_crop", "rightward_crop", "upward_crop", "downward_crop", "eyes_visible", "mouth_occlusion_prevention",
    "face_occlusion_prevention", "no_head_coverings", "single_face_present",
)  # fmt: skip
PIXELS = (
    "luminance_mean", "luminance_variance", "dynamic_range", "under_exposure_prevention", "over_exposure_prevention",
    "illumination_uniformity", "natural_colour",
)  # fmt: skip


@dataclass(frozen=True)
class Measures:
    """What the geometric components read; lengths in pixels. eye_mid (2,); right_eye, left_eye (2,): middles of the eye corners;
    chin_distance: the standard's T, from eye_mid to the chin; eye_opening, mouth_opening: largest lid (smaller eye's) or lip
    distance."""

    right_eye: NDArray[np.float64]
    left_eye: NDArray[np.float64]
    eye_mid: NDArray[np.float64]
    inter_eye: float
    chin_distance: float
    eye_opening: float
    mouth_opening: float


def measure(points68: NDArray[np.float64]) -> Measures:
    """Return the lengths that the components read, of (68, 2) iBUG points."""
    right, left = points68[[36, 39]].mean(axis=0), points68[[42, 45]].mean(axis=0)
    middle = (right + left) / 2
    eyes = [max(_distance(points68, pair) for pair in pairs) for pairs in LID_PAIRS.values()]
    return Measures(
        right_eye=right,
        left_eye=left,
        eye_mid=middle,
        inter_eye=float(np.linalg.norm(right - left)),
        chin_distance=float(np.linalg.norm(points68[CHIN] - middle)),
        eye_opening=min(eyes),
        mouth_opening=max(_distance(points68, pair) for pair in LIP_PAIRS),
    )


def from_geometry(
    m: Measures,
    size: int,
    view_deg: tuple[float, float, float],
    hidden: tuple[float, float, float],
    covered_head: bool,
) -> dict[str, int]:
    """Return the `GROUND_TRUTH` scores; view_deg: yaw, pitch to the line of sight and roll; hidden: share of the eye zones, mouth
    and face that is occluded."""
    t, eye = max(m.chin_distance, 1e-6), max(m.inter_eye, 1e-6)
    yaw = np.cos(np.radians(view_deg[0]))
    scores = {
        **{
            f"head_pose_{name}": 100 * max(0.0, np.cos(np.radians(a))) ** 2
            for name, a in zip(("yaw", "pitch", "roll"), view_deg, strict=True)
        },
        "inter_eye_distance": 100 * _s(m.inter_eye / max(yaw, 0.05), 70, 20),
        "head_size": 200 * (1 - _s(abs(t / size - 0.45), 0, 0.05)),
        "eyes_open": 100 * _s(m.eye_opening / t, 0.02, 0.01),
        "mouth_closed": 100 * (1 - _s(m.mouth_opening / t, 0.2, 0.06)),
        "leftward_crop": 100 * _s(m.right_eye[0] / eye, 0.9, 0.1),
        "rightward_crop": 100 * _s((size - m.left_eye[0]) / eye, 0.9, 0.1),
        "upward_crop": 100 * _s((size - m.eye_mid[1]) / t, 1.8, 0.1),
        "downward_crop": 100 * _s(m.eye_mid[1] / t, 1.4, 0.1),
        "eyes_visible": 100 * (1 - hidden[0]),
        "mouth_occlusion_prevention": 100 * (1 - hidden[1]),
        "face_occlusion_prevention": 100 * (1 - hidden[2]),
        "no_head_coverings": 0.0 if covered_head else 100.0,
        "single_face_present": 100.0,
    }
    return {name: _score(value) for name, value in scores.items()}


def from_pixels(image: NDArray[np.uint8], face: NDArray[np.bool_], m: Measures, mouth_y: float) -> dict[str, int | None]:
    """Return the `PIXELS` scores of a (S, S, 3) sRGB picture under the (S, S) mask of visible facial skin; None without any."""
    if face.sum() < 16:
        return dict.fromkeys(PIXELS)
    luminance = np.floor(_DECODED[image] @ LUMA.astype(np.float32) * 255 + 0.5).astype(np.uint8)
    share = np.bincount(luminance[face], minlength=256) / face.sum()
    level = np.arange(256) / 255
    mean = float(share @ level)
    variance = float(share @ (level - mean) ** 2)
    some = share[share > 0]
    zones = _cheeks(m, mouth_y, image.shape[0])
    return {
        "luminance_mean": _score(100 * _s(mean, 0.2, 0.05) * (1 - _s(mean, 0.8, 0.05))),
        "luminance_variance": _score(100 * np.sin(60 * variance / (60 * variance + 1) * np.pi)),
        "dynamic_range": _score(-12.5 * (some * np.log2(some)).sum()),
        "under_exposure_prevention": _score(120 * (0.832 - _s(float(share[:26].sum()), 0.92, 0.05))),
        "over_exposure_prevention": _score(1 / (float(share[247:].sum()) + 0.01)),
        "illumination_uniformity": None if zones is None else _uniformity(luminance, zones),
        "natural_colour": None if zones is None else _natural(image, zones),
    }


def _cheeks(m: Measures, mouth_y: float, size: int) -> tuple[tuple[slice, slice], tuple[slice, slice]] | None:
    """The two measuring zones, 0.3 inter-eye distances wide, half way from eyes to mouth; None where they leave the picture."""
    side = int(0.3 * m.inter_eye)
    drop = (mouth_y - m.eye_mid[1]) / 2
    corners = ((m.right_eye[0] - side, m.right_eye[1] + drop), (m.left_eye[0], m.left_eye[1] + drop))
    if side < 2 or any(min(c) < 0 or max(c) + side > size for c in corners):
        return None
    zones = [(slice(int(y), int(y) + side), slice(int(x), int(x) + side)) for x, y in corners]
    return zones[0], zones[1]


def _uniformity(luminance: NDArray[np.uint8], zones: tuple[tuple[slice, slice], ...]) -> int:
    """Intersection of the two zones' histograms, to the power 0.3."""
    right, left = (np.bincount(luminance[zone].ravel(), minlength=256) / luminance[zone].size for zone in zones)
    return _score(100 * np.minimum(right, left).sum() ** 0.3)


def _natural(image: NDArray[np.uint8], zones: tuple[tuple[slice, slice], ...]) -> int:
    """Distance of the zones' mean colour from a* 5..25, b* 5..35 (under D65, as all of our colours, not D50)."""
    mean = np.mean([image[zone].reshape(-1, 3).mean(axis=0) for zone in zones], axis=0)
    _, a, b = lab_from_linear(decode(mean / 255))
    if a < 0 or b < 0:
        return _score(200 * (1 - _s(100, 0, 10)))
    return _score(200 * (1 - _s(float(np.hypot(max(5 - a, a - 25, 0), max(5 - b, b - 35, 0))), 0, 10)))


def _s(x: float, middle: float, width: float) -> float:
    return float(1 / (1 + np.exp(np.clip((middle - x) / width, -500, 500))))


def _score(value: float) -> int:
    return int(np.clip(np.floor(value + 0.5), 0, 100))


def _distance(points: NDArray[np.float64], pair: tuple[int, int]) -> float:
    return float(np.linalg.norm(points[pair[0]] - points[pair[1]]))


_DECODED = decode(np.arange(256) / 255).astype(np.float32)
