"""Scene: ordered plain arrays, the only thing the renderer reads. Frame: the only thing it returns.

World frame = camera frame: X right in the picture, Y up, Z from the scene towards the viewer; metres. The camera sits at the
origin and looks along -Z (OpenGL). Head frame: origin midway between the eyeball centres, X to the person's own left, Y up,
Z out of the face.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

REGIONS: dict[str, int] = {
    "background": 0, "skin": 1, "nose": 2, "right_eye": 3, "left_eye": 4, "right_brow": 5, "left_brow": 6, "right_ear": 7,
    "left_ear": 8, "mouth_interior": 9, "top_lip": 10, "bottom_lip": 11, "neck": 12, "hair": 13, "beard": 14, "clothing": 15,
    "glasses": 16, "headwear": 17, "facewear": 18, "hand": 19, "object": 20, "ignore": 255,
}  # fmt: skip
"""Face Synthetics region ids, and two of our own: hand (19, hands and bare forearms) and object (20, what they hold); right and
left are the person's own."""

Shader = Literal["skin", "eye", "hair", "lash", "cloth", "solid", "lens"]


SMALL_PX = 256
"""Pictures below this side (px) are drawn in more samples."""


def supersample(size_px: int) -> int:
    """Return how many samples along each side make a pixel of a picture: 2, and 4 in small pictures, whose hairs are thinner
    than a sample would be."""
    return 4 if size_px < SMALL_PX else 2


def shadow_size(size_px: int) -> int:
    """Return the side of the shadow maps of a picture: small pictures cannot show what fine maps hold, large ones need them."""
    return int(np.clip(64 * round((384 + 0.75 * size_px) / 64), 512, 1536))


@dataclass(frozen=True)
class Texture:
    """`pixels` (H, W, C) uint8, C in 1, 3, 4; row 0 at v = 0. `srgb` textures are decoded to linear when sampled."""

    key: str
    pixels: NDArray[np.uint8]
    srgb: bool


@dataclass(frozen=True)
class Material:
    """`shader` picks the GLSL program; `params` are its uniforms (floats or tuples), `textures` its samplers by name."""

    shader: Shader
    params: dict[str, float | tuple[float, ...]] = field(default_factory=dict)
    textures: dict[str, Texture] = field(default_factory=dict)


@dataclass(frozen=True)
class Surface:
    """Triangles of one material.

    positions, normals (N, 3) float32; uv (N, 2) float32; faces (F, 3) int32; region (N,) uint8, the same for the three
    corners of a face; tangents (N, 3) float32 (hair: along the strand); color (N, 3) float32 linear, multiplies the albedo;
    ao (N,) float32 in 0..1; lean (N, 3) float32, skin alone and instead of color: mean direction of what is not occluded,
    less the normal. `key` names data that never changes for this key: faces, uv, region (uploaded once).
    `blend`: drawn after everything opaque, in scene order, into colour only (clear lenses, lashes), so that labels show
    what is behind. `shadow_faces` (G, 3) int32: fewer triangles over the same vertices, which cast its shadow instead of `faces`.
    """

    name: str
    positions: NDArray[np.float32]
    normals: NDArray[np.float32]
    faces: NDArray[np.int32]
    region: NDArray[np.uint8]
    material: Material
    uv: NDArray[np.float32] | None = None
    tangents: NDArray[np.float32] | None = None
    color: NDArray[np.float32] | None = None
    ao: NDArray[np.float32] | None = None
    lean: NDArray[np.float32] | None = None
    key: str | None = None
    blend: bool = False
    casts_shadow: bool = True
    double_sided: bool = True
    visible: bool = True
    removable: bool = False
    shadow_faces: NDArray[np.int32] | None = None


@dataclass(frozen=True)
class Key:
    """A light: unit `direction` towards it, `rgb` irradiance at the face, angular diameter in degrees.

    `source`: where a near light stands in the world (x, y, z) and its distance from the face (m); irradiance falls with the
    square, while rays stay parallel. `edge` (4,): at world point p the share 1 / (1 + exp(edge[3] - edge[:3] . p)) arrives.
    `pulse`: a flash; near the lens it comes back red from the eyes.
    """

    direction: NDArray[np.float32]
    rgb: NDArray[np.float32]
    size_deg: float
    shadow: bool
    source: NDArray[np.float64] | None = None
    edge: NDArray[np.float64] | None = None
    pulse: bool = False


@dataclass(frozen=True)
class Camera:
    """`K` (3, 3) in pixels, origin at the outer corner of the top-left pixel, OpenCV axes; square picture of `size` px.

    `distortion`: k1, k2, p1, p2, k3 of OpenCV's model (geometry/distortion.py). `drift` (3, 4): velocity (m/s) of the head's
    point p, drift[:, :3] p + drift[:, 3], its own motion and the camera's together; `drift_far` (3, 3): of what stands still, far
    away, which only the camera's turning moves. The labelled instant is the middle of the exposure. `readout_s`: a rolling
    shutter takes that long from the top row to the bottom one; the middle row is met at that instant.
    """

    K: NDArray[np.float64]
    size: int
    near: float = 0.1
    far: float = 20.0
    distortion: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0)
    drift: NDArray[np.float64] = field(default_factory=lambda: np.zeros((3, 4)))
    drift_far: NDArray[np.float64] = field(default_factory=lambda: np.zeros((3, 3)))
    readout_s: float = 0.0


@dataclass(frozen=True)
class Scene:
    """Surfaces in drawing order, all in the world frame; `sh` (16, 3) float32 radiance; up to four keys; `amodal`: Frame.under is
    wanted; `caster_m`: how far before the face unseen casters stand, which is how wide their shadows' edges are looked for;
    `mirror` (H, 2 H, 3) float32 radiance by direction (surroundings/maps.py) for eyes and lenses, None: `sh`; `pupil`: width of
    pupils over that in a room; `layers`: the members of Layers that are wanted."""

    surfaces: tuple[Surface, ...]
    sh: NDArray[np.float32]
    keys: tuple[Key, ...]
    camera: Camera
    _: KW_ONLY
    amodal: bool = False
    caster_m: float = 0.0
    mirror: NDArray[np.float32] | None = None
    pupil: float = 1.0
    layers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Layers:
    """Further label layers of a picture of S px, each None where it was not asked for by its name.

    albedo (S, S, 3) float32, linear: what light is multiplied by, mean over the samples that are not background, lashes blended
    over it, clear lenses left out; 0 where `ids` is 0. uv (S, S, 2) float32 of the surface that `parts` names, 0 where none.
    hair (S, S, 3) float32: the shares of the pixel's samples that show head hair, beard and brows, which are their weights in
    `rgb`. parts (S, S) uint8: 1 + the number in Scene.surfaces of the surface that most samples of the pixel's region
    show, a lash where it covers more than half of a sample; 0 background. bare (S, S) uint8: the ids without hair, beard and what
    is removable.
    """

    albedo: NDArray[np.float32] | None = None
    uv: NDArray[np.float32] | None = None
    hair: NDArray[np.float32] | None = None
    parts: NDArray[np.uint8] | None = None
    bare: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class Frame:
    """One render, size S.

    rgb (S, S, 3) float32 linear light, premultiplied by coverage; coverage (S, S) float32, the share of the pixel that is not
    background; ids (S, S) uint8 of REGIONS; depth (S, S) float32 metres along -Z, 0 where background; normals (S, S, 3)
    float32 in the world frame, 0 where background; under (S, S) uint8, where asked for: the ids without what is removable
    (glasses, mask, headwear, scarf, hands, objects), hair lying as it does under them. `layers`: what Scene.layers asked for.
    """

    rgb: NDArray[np.float32]
    coverage: NDArray[np.float32]
    ids: NDArray[np.uint8]
    depth: NDArray[np.float32]
    normals: NDArray[np.float32]
    under: NDArray[np.uint8] | None = None
    layers: Layers = field(default_factory=Layers)
