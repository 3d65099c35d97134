"""What the camera sees behind the person: the shot's place through the camera, in linear light, out of focus.

The place stands in the gravity frame with the face at its origin (surroundings/). A user's picture takes the level of the place
behind the head. `spec.rgb` holds reflectances of walls; their meaning by kind stands in assets/light/backgrounds.json.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.errors import SpecError, did_you_mean
from facegen.geometry import harmonics as sh
from facegen.geometry import thinlens
from facegen.geometry.framing import FRAME_MM
from facegen.resources import asset_json
from facegen.sample import BackgroundSpec, CameraSpec, LightSpec
from facegen.stage import lighting
from facegen.surroundings import files, places
from facegen.surroundings.colour import luminance

Image = NDArray[np.float32]
MAX_BLUR = 0.045
"""Radius of the added softness at blur 1, as a share of the picture."""
_SHARP = 256
"""Pixels that places are seen at, at most."""
_KERNEL_PX = 4.5
"""Defocus is drawn with discs of this radius at most: wider ones in a smaller picture."""


def kinds() -> dict[str, Any]:
    """Return the declared kinds by name."""
    return dict(asset_json("light/backgrounds.json")["kinds"])


def background(spec: BackgroundSpec, light: LightSpec, camera: CameraSpec, size: int) -> Image:
    """Return (size, size, 3) float32 linear light behind the person, row 0 at the top."""
    declared = kinds()
    if spec.kind not in declared:
        raise SpecError(f"background {did_you_mean(spec.kind, declared)}")
    wanted = len(declared[spec.kind]["colors"])
    if light.place is not None and len(spec.rgb) != wanted:
        raise SpecError(f"background '{spec.kind}' has {len(spec.rgb)} colours, allowed are {wanted}; see backgrounds.json")
    radius = 0.5 * circle_of_confusion(camera, spec.distance_m) + MAX_BLUR * spec.blur
    work = int(np.clip(min(size, _SHARP, _KERNEL_PX / max(radius, 1e-6)), 20, _SHARP))
    image = _blurred(_seen(spec, light, camera, work), radius * work)
    if work != size:
        image = np.asarray(cv2.resize(image, (size, size), interpolation=cv2.INTER_CUBIC))
    return np.ascontiguousarray(np.maximum(image, 0.0), dtype=np.float32)


def circle_of_confusion(camera: CameraSpec, behind_m: float) -> float:
    """Return the diameter of a point's image `behind_m` behind the face, as a share of the frame's height."""
    return abs(float(thinlens.circle(camera, camera.distance_m + behind_m, thinlens.focus_m(camera))))


def rays(camera: CameraSpec, size: int) -> tuple[NDArray[np.float32], NDArray[np.float64], float]:
    """Return unit directions (size, size, 3) of the pixels' middles and the eye (3,), gravity frame about the face, and pixels a
    radian."""
    focal = camera.focal_mm / FRAME_MM * size
    middle = [size * (0.5 + camera.principal_x), size * (0.5 + camera.principal_y)]
    at = np.arange(size, dtype=np.float32) + np.float32(0.5)
    x, y = np.broadcast_arrays(((at - middle[0]) / focal)[None], ((middle[1] - at) / focal)[:, None])
    far = np.sqrt(x * x + y * y + np.float32(1))
    d = cv2.merge((x / far, y / far, np.float32(-1) / far))
    turn = lighting.turn(camera)
    face = np.array([(camera.center_x * size - middle[0]) / focal, (middle[1] - camera.center_y * size) / focal, -1.0])
    eye = turn.T @ (-face * camera.distance_m)
    return (d @ turn.astype(np.float32)).astype(np.float32), eye, focal


def _seen(spec: BackgroundSpec, light: LightSpec, camera: CameraSpec, size: int) -> Image:
    if light.place is None:  # a sample older than places: a grey wall in its light
        wall = sh.irradiance(lighting.coefficients(light), np.array([[0.0, 0.0, 1.0]]))[0] / np.pi
        return np.broadcast_to(np.maximum(0.4 * wall, 0).astype(np.float32), (size, size, 3)).copy()
    directions, eye, focal = rays(camera, size)
    scale = np.asarray(light.place.scale, dtype=np.float32)
    around = places.world(light.place, spec)
    if spec.kind == "picture":
        coarse = around.seen(eye, directions[:: max(size // 12, 1), :: max(size // 12, 1)], 12.0) * scale
        picture = _cut(spec, size)
        return np.asarray(picture * (luminance(coarse).mean() / max(float(luminance(picture).mean()), 1e-4)), np.float32)
    return around.seen(eye, directions, focal) * scale


def _cut(spec: BackgroundSpec, size: int) -> Image:
    """Return a square of the user's picture, drawn by the seed, as large as its shorter side allows."""
    picture, random = files.picture(spec.file, spec.sha256), rng.expand(spec.seed, "background.picture")
    side = int(min(picture.shape[:2]) * random.uniform(0.7, 1.0))
    y, x = (int(random.integers(0, n - side + 1)) for n in picture.shape[:2])
    part = picture[y : y + side, x : x + side]
    if random.random() < 0.5:
        part = part[:, ::-1]
    return np.asarray(cv2.resize(np.ascontiguousarray(part), (size, size), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _blurred(image: Image, radius: float) -> Image:
    """Defocus by an even disc of `radius` pixels; never sharper than a pixel."""
    radius = max(radius, 0.6)
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    kernel = (kernel / kernel.sum()).astype(np.float32)
    return np.asarray(cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REFLECT_101), dtype=np.float32)
