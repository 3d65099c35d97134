"""One picture with its labels: what `facegen show` writes.

Left the photograph with points and boxes, beside it with head axes and gaze; right, where the set has masks, the region map over
it with the number of each region; below them the main labels in words, keys, and the light on a ball.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.dataset.checks import landmarks, numbers, scalar
from facegen.dataset.read import Dataset, Face
from facegen.geometry import harmonics
from facegen.geometry.projection import project_still
from facegen.geometry.rotations import transform_points
from facegen.scene import REGIONS, Camera
from facegen.show import pen
from facegen.show.panel import panel

if TYPE_CHECKING:
    import pandas as pd

SIDE_PX = 640
FULL_PX = 768
"""Pictures are enlarged by a whole factor to at least SIDE_PX; sizes of marks are written for FULL_PX."""
AXIS_M, GAZE_M = 0.09, 0.07
CONTOURS = (range(17), range(17, 22), range(22, 27), range(27, 31), range(31, 36))
RINGS = (range(36, 42), range(42, 48), range(48, 60), range(60, 68))
"""Of iBUG-68: open lines and closed ones."""
TINT = 0.6
PALETTE = np.array(
    [
        (60, 60, 60), (230, 159, 0), (240, 228, 66), (0, 114, 178), (86, 180, 233), (0, 73, 73), (0, 158, 115), (146, 73, 0),
        (213, 94, 0), (73, 0, 106), (204, 121, 167), (255, 182, 219), (219, 209, 160), (120, 60, 180), (100, 100, 20),
        (120, 160, 200), (0, 0, 0), (182, 109, 255), (255, 255, 255), (255, 200, 120), (36, 255, 36),
    ],
    np.uint8,
)  # fmt: skip
"""RGB by region id: Okabe and Ito's colours first. Twenty hues cannot all be told apart by everybody: the numbers on the map
carry the meaning, and neighbours in a face differ in lightness."""
IGNORED = (128, 128, 128)


def show(data: Dataset, image_id: str) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 RGB: the picture `image_id` with its labels. Raises DataError where a file of it is damaged."""
    face = data[image_id]
    row = face.labels
    scale = -(-SIDE_PX // int(row["size_px"]))
    picture = _enlarged(face.image, scale, cv2.INTER_CUBIC)
    unit = picture.shape[0] / FULL_PX
    line = max(1, round(unit))
    pose = picture.copy()
    _points(pen.Pen(picture, scale, line), row, unit)
    _pose(pen.Pen(pose, scale, line), row, unit)
    tiles, regions = [picture, pose], []
    if "masks" in data.layers:
        ids = face.layer("masks")
        tiles.append(_overlay(face.image, ids, scale, line))
        regions = [(name, number, _colour(number)) for name, number in REGIONS.items() if (ids == number).any()]
    top = _side_by_side(tiles, round(8 * unit))
    larger = max(1.0, unit)
    below = panel(top.shape[1], larger, row, face, regions, light_ball(face, round(150 * larger)))
    return np.ascontiguousarray(np.vstack([top, below]))


def _points(on: pen.Pen, row: pd.Series, unit: float) -> None:
    """Boxes, contours and points, the large ones first."""
    wide = max(2, round(2.5 * unit))
    on.box(numbers(row, "bbox_head", 4), pen.PURPLE, wide)
    on.box(numbers(row, "bbox", 4), pen.YELLOW, wide)
    points = landmarks(row, "landmarks_68")
    for part in CONTOURS:
        on.stroke(points[list(part)], pen.SKY, on.line)
    for part in RINGS:
        on.stroke(points[list(part)], pen.SKY, on.line, closed=True)
    for point, visible in zip(landmarks(row, "landmarks_5"), landmarks(row, "landmarks_5_visible"), strict=True):
        on.cross(point, 8 * unit, pen.ORANGE, bool(visible))
    for point, visible in zip(points, landmarks(row, "landmarks_68_visible"), strict=True):
        on.dot(point, 3.2 * unit, pen.SKY, bool(visible))


def _pose(on: pen.Pen, row: pd.Series, unit: float) -> None:
    """Head axes from between the eyes (X to the person's own left, Y up, Z out of the face), the nearest last; gaze."""
    wide = max(2, round(3 * unit))
    origin, *tips = head_points(row, AXIS_M * np.vstack([np.zeros(3), np.eye(3)]))
    turn = numbers(row, "head_to_camera", 16).reshape(4, 4)[:3, :3]
    axes = zip(tips, turn[2], ("X", "Y", "Z"), (pen.SKY, pen.YELLOW, pen.WHITE), strict=True)
    for tip, _, name, colour in sorted(axes, key=lambda axis: float(axis[1])):
        on.arrow(origin, tip, colour, wide)
        away = (tip - origin) / max(float(np.linalg.norm(tip - origin)), 1e-9)
        on.word(name, tip + (14 * unit * away + [-6 * unit, 6 * unit]) / on.scale, colour, 15 * unit)
    for start, end in gaze_lines(row):
        on.arrow(start, end, pen.ORANGE, wide)


def head_points(row: pd.Series, points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the pixels (N, 2) of points (N, 3) of the head frame, m: through pose, lens and distortion of the row."""
    matrix = numbers(row, "K", 9).reshape(3, 3)
    camera = Camera(matrix, int(row["size_px"]), distortion=tuple(numbers(row, "distortion", 5).tolist()))
    return project_still(transform_points(numbers(row, "head_to_camera", 16).reshape(4, 4), points), camera)


def gaze_lines(row: pd.Series) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return (start, end) in pixels of each eye's line of sight, GAZE_M long: from the middle of its lids to where both meet."""
    yaw, pitch = np.radians([scalar(row, "gaze_yaw_deg"), scalar(row, "gaze_pitch_deg")])
    ahead = np.array([np.sin(yaw) * np.cos(pitch), -np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    points = numbers(row, "landmarks_68_head_m", 204).reshape(68, 3)
    lines = []
    for eye in (points[36:42].mean(axis=0), points[42:48].mean(axis=0)):
        sight = scalar(row, "gaze_distance_m") * ahead - eye
        start, end = head_points(row, np.stack([eye, eye + GAZE_M * sight / np.linalg.norm(sight)]))
        lines.append((start, end))
    return lines


def light_ball(face: Face, side: int) -> NDArray[np.uint8]:
    """Return (side, side, 3) uint8: a white matt ball where the face is, under the light of the picture, without shadows.

    Light from the camera's side falls on what is seen of it. Exposed so that its brightest spot is just white.
    """
    light = face.sample.shot.light
    at = (np.arange(side) + 0.5) / side * 2.2 - 1.1
    x, y = np.meshgrid(at, -at)
    inside = x * x + y * y < 1
    normals = np.stack([x[inside], y[inside], np.sqrt(1 - x[inside] ** 2 - y[inside] ** 2)], axis=1)
    shade = np.maximum(harmonics.irradiance(np.reshape(light.sh, (harmonics.COUNT, 3)), normals), 0)
    for key in light.keys:
        shade += np.maximum(normals @ np.asarray(key.direction), 0)[:, None] * np.asarray(key.rgb)
    ball = np.full((side, side, 3), pen.PAPER, np.uint8)
    ball[inside] = np.round(255 * (shade / max(float(shade.max()), 1e-9)) ** (1 / 2.2)).astype(np.uint8)
    draw = pen.Pen(ball, 1.0, max(1, side // 150))
    draw.dot((side / 2, side / 2), side / 2.2, pen.INK, filled=False)
    for key in light.keys:
        across = np.asarray(key.direction)[:2] * [1, -1]
        draw.cross(side / 2 + across * side / 2.2 * 0.97, side / 16, pen.YELLOW, filled=key.direction[2] > 0)
    return ball


def _overlay(picture: NDArray[np.uint8], ids: NDArray[np.uint8], scale: int, line: int) -> NDArray[np.uint8]:
    """The region map over the greyed picture, with dark borders and the number of each region on its largest piece."""
    big = _enlarged(ids, scale, cv2.INTER_NEAREST)
    grey = cv2.cvtColor(cv2.cvtColor(_enlarged(picture, scale, cv2.INTER_CUBIC), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    colours = np.vstack([PALETTE, np.tile(np.array(IGNORED, np.uint8), (256 - len(PALETTE), 1))])[big]
    shown = np.round(TINT * colours + (1 - TINT) * grey).astype(np.uint8)
    border = np.zeros(big.shape, bool)
    border[1:] |= big[1:] != big[:-1]
    border[:, 1:] |= big[:, 1:] != big[:, :-1]
    shown[cv2.dilate(border.astype(np.uint8), np.ones((line, line), np.uint8)) > 0] = 0
    size = big.shape[0] / 48
    for number in np.unique(big):
        x, y, room = _inmost(big == number)
        text, high = str(number), size if room > 0.6 * size else 0.75 * size
        if room > 0.2 * size:
            pen.write(shown, text, (round(x - pen.width_of(text, high) / 2), round(y + high / 2)), high, pen.WHITE, pen.BLACK)
    return shown


def _inmost(mask: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Return (x, y, distance) of the point of a mask that is farthest from its border, px."""
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 3)
    row, column = np.unravel_index(int(distance.argmax()), distance.shape)
    return float(column - 1), float(row - 1), float(distance.max())


def _colour(number: int) -> pen.Colour:
    r, g, b = PALETTE[number] if number < len(PALETTE) else IGNORED
    return int(r), int(g), int(b)


def _enlarged(image: NDArray[Any], scale: int, how: int) -> NDArray[np.uint8]:
    side = image.shape[0] * scale
    return np.ascontiguousarray(cv2.resize(image, (side, side), interpolation=how if scale > 1 else cv2.INTER_NEAREST))


def _side_by_side(tiles: list[NDArray[np.uint8]], gap: int) -> NDArray[np.uint8]:
    between = np.full((tiles[0].shape[0], gap, 3), pen.PAPER, np.uint8)
    parts = [part for tile in tiles for part in (tile, between)][:-1]
    return np.hstack(parts)
