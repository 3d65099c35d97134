"""Eyeballs: a sclera with a corneal bulge, coloured by iris melanin and shaded where the lids hang over it.

Sizes: corneal radius 7.8 mm and visible iris diameter 11.7 mm +- 0.4 mm (Rufer, Schroder & Erb 2005). The iris itself
(fibres, pupil, refraction) is drawn by the eye shader from the parameters made here.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegen import rng
from facegen.head import landmarks
from facegen.head.model import PosedHead
from facegen.looks import color
from facegen.resources import asset_json
from facegen.sample import Identity, Sitting
from facegen.scene import REGIONS, Material, Surface

Array = NDArray[np.float32]

IRIS_RADIUS_M = 0.00585
IRIS_RADIUS_SD_M = 0.0002
CORNEA_RADIUS_M = 0.0078
RINGS, SEGMENTS = 30, 56
POLE_TO_RIM = np.radians(104.0)
LIMBUS_BLEND = 0.055
"""Width of the soft step from cornea to sclera, in radians."""
LID_SHELL = 1.25
"""Head vertices nearer than this many radii to the eye's centre are taken for its lids."""
SHADE_DEPTH = np.array([0.20, 0.34, 0.40], dtype=np.float32)
"""Lids and lashes also keep direct light off the ball, and send red light into its shade: colour lost where they touch."""
UPPER_SHADOW_M, LOWER_SHADOW_M = 0.0058, 0.0030
"""How far the contact shadow of each lid reaches over the ball."""

CARUNCLE = np.array([0.80, 0.44, 0.38])
"""Colour of the caruncle, a piece of moist skin, against the sclera's."""
CANTHUS = np.array([0.93, 0.5])
"""x, y where a corner of the lids is seen before the ball, against its landmark, which lies on the skin beside it."""
FLESH_M = (0.0035, 0.0040)
"""Most by which flesh stands out of the ball in the inner and the outer corner."""
FLESH_SPREAD = 0.04
"""How fast it falls off around the corner, in 1 - cosine."""
ARCUS_YEARS = (45.0, 85.0)
"""Age at which the grey ring of the cornea (arcus senilis) begins, and at which it is full in those who have it most."""
PUPIL_RANGE = (0.2, 0.72)
"""Least and largest pupil that eye.frag draws, of the iris's radius."""
SECTOR_SHARE = 0.01
"""People with a wedge of another colour in one iris."""


def eye_surfaces(posed: PosedHead, identity: Identity, sitting: Sitting) -> tuple[Surface, ...]:
    """Two eyeball surfaces in the head frame (region 3 right, 4 left); uv is x, y of the direction in the eye's frame."""
    directions, faces = _sphere()
    corners = landmarks.points(posed.vertices)
    surfaces = []
    for side, (name, region) in enumerate((("right_eye", "right_eye"), ("left_eye", "left_eye"))):
        center, radius, turn = posed.eye_centers[side], float(posed.eye_radius[side]), posed.eye_rotation[side]
        iris = iris_radius(identity)
        local, normals = _bulged(radius, iris)
        points = (local @ turn.T + center).astype(np.float32)
        ends = np.stack([corners[f"eye_{place}_{name.removesuffix('_eye')}"] for place in ("inner", "outer")]) - center
        ways = _seen(ends, radius)
        gaps = np.linalg.norm(ends, axis=1) - radius
        points += _flesh(points - center, ways, gaps, turn[:, 2], float(np.arcsin(iris / radius)))
        inner = turn.T @ ways[0]
        shadow = _lid_shadow(points, posed.vertices, center, radius)
        surfaces.append(
            Surface(
                name=name,
                positions=points,
                normals=(normals @ turn.T).astype(np.float32),
                faces=faces,
                region=np.full(len(points), REGIONS[region], dtype=np.uint8),
                material=Material("eye", params=_params(identity, sitting, iris / radius, side, inner)),
                uv=np.ascontiguousarray(directions[:, :2]),
                color=(1 - SHADE_DEPTH * (1 - shadow[:, None])).astype(np.float32),
                ao=shadow,
                key=f"eyeball{side}",
                casts_shadow=False,
            )
        )
    return tuple(surfaces)


def iris_radius(identity: Identity) -> float:
    """Return the radius (m) of the visible iris."""
    step = float(np.clip(rng.expand(identity.iris.seed, "iris.size").standard_normal(), -2.0, 2.0))
    return IRIS_RADIUS_M + IRIS_RADIUS_SD_M * step


@lru_cache(maxsize=1)
def _sphere() -> tuple[Array, NDArray[np.int32]]:
    """Unit directions (N, 3) around +Z, rings closest over the cornea, and faces (F, 3)."""
    share = np.linspace(0.0, 1.0, RINGS)[1:]
    polar = POLE_TO_RIM * (0.55 * share + 0.45 * share**2.2)
    around = np.arange(SEGMENTS) * (2 * np.pi / SEGMENTS)
    ring = np.stack(
        [
            np.sin(polar)[:, None] * np.cos(around),
            np.sin(polar)[:, None] * np.sin(around),
            np.broadcast_to(np.cos(polar)[:, None], (len(polar), SEGMENTS)),
        ],
        axis=-1,
    )
    directions = np.concatenate([[[0.0, 0.0, 1.0]], ring.reshape(-1, 3)]).astype(np.float32)
    k = np.arange(SEGMENTS)
    after = (k + 1) % SEGMENTS
    fan = np.stack([np.zeros_like(k), 1 + k, 1 + after], axis=1)
    bands = []
    for row in range(len(polar) - 1):
        a, b = 1 + row * SEGMENTS, 1 + (row + 1) * SEGMENTS
        bands += [np.stack([a + k, b + k, b + after], axis=1), np.stack([a + k, b + after, a + after], axis=1)]
    faces = np.concatenate([fan, *bands]).astype(np.int32)
    directions.setflags(write=False)
    faces.setflags(write=False)
    return directions, faces


@lru_cache(maxsize=4)
def _bulged(radius: float, iris: float) -> tuple[Array, Array]:
    """Positions and normals (N, 3) in the eye frame, metres: a sphere with the corneal cap set on the limbus.

    Not to be written to: a person's are kept."""
    directions, _ = _sphere()
    polar = np.arccos(np.clip(directions[:, 2], -1, 1)).astype(np.float64)
    step = 1e-3
    r, ahead, behind = (_profile(p, radius, iris) for p in (polar, polar + step, np.abs(polar - step)))
    slope = (ahead - behind) / (2 * step) * (polar > step)
    outward = np.stack([directions[:, 0], directions[:, 1]], axis=1)
    outward = outward / np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
    tangent = np.concatenate([outward * np.cos(polar)[:, None], -np.sin(polar)[:, None]], axis=1)
    normals = directions * r[:, None] - tangent * slope[:, None]
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return (directions * r[:, None]).astype(np.float32), normals.astype(np.float32)


def _profile(polar: NDArray, radius: float, iris: float) -> NDArray:
    """Distance from the eye's centre to its surface at polar angle `polar` from the optical axis."""
    limbus = np.arcsin(min(iris / radius, 0.95))
    cap_radius = max(CORNEA_RADIUS_M * radius / 0.012, iris * 1.12)
    along = radius * np.cos(limbus) - np.sqrt(cap_radius**2 - iris**2)
    cosine = np.cos(polar)
    cap = along * cosine + np.sqrt(np.maximum(cap_radius**2 - along**2 * (1 - cosine**2), 1e-12))
    inside = 1 / (1 + np.exp((polar - limbus) / (LIMBUS_BLEND / 3)))
    return radius + (cap - radius) * inside


def _seen(ends: Array, radius: float) -> Array:
    """Unit directions (2, 3) from the eye's centre to where its corners `ends` (2, 3) are seen from the front."""
    flat = ends[:, :2] * CANTHUS / radius
    flat *= np.minimum(1, 0.985 / np.linalg.norm(flat, axis=1, keepdims=True))
    return np.concatenate([flat, np.sqrt(1 - (flat**2).sum(axis=1, keepdims=True))], axis=1).astype(np.float32)


def _flesh(arms: Array, ways: Array, gaps: Array, optical: Array, limbus: float) -> Array:
    """Displacements (N, 3) that fill the lids' corners, which the ball does not reach.

    `arms` (N, 3) from the eye's centre, `ways` (2, 3) unit, the inner corner first, `gaps` (2,) m between ball and corner.
    None lies on the cornea, `limbus` (rad) wide about `optical` (3,): an eye that turns in pushes the flesh aside.
    """
    way = arms / np.linalg.norm(arms, axis=1, keepdims=True)
    out = np.zeros_like(arms)
    for corner, gap, most in zip(ways, gaps, FLESH_M, strict=True):
        near = np.exp(-(np.maximum(1 - way @ corner, 0) / FLESH_SPREAD))
        out += way * (near * np.clip(gap - 0.001, 0, most))[:, None]
    aside = np.clip((np.arccos(np.clip(way @ optical, -1, 1)) - 0.9 * limbus) / (0.3 * limbus), 0, 1)
    return (out * aside[:, None]).astype(np.float32)


def _lid_shadow(points: Array, vertices: Array, center: Array, radius: float) -> Array:
    """Ambient occlusion (N,) of the ball's points by the lids near them: deep under the upper lid, slight above the lower."""
    around = vertices[np.abs(vertices[:, 0] - center[0]) < LID_SHELL * radius]
    away = np.linalg.norm(around - center, axis=1)
    near = around[(away > 0.9 * radius) & (away < LID_SHELL * radius)]
    visible = np.ones(len(points))
    for sign, reach, depth in ((1.0, UPPER_SHADOW_M, 0.68), (-1.0, LOWER_SHADOW_M, 0.45)):
        side = near[sign * (near[:, 1] - center[1]) > -0.001]
        if len(side) == 0:
            continue
        distance, _ = cKDTree(side).query(points, distance_upper_bound=reach + 0.001)  # beyond: no shadow
        t = np.clip((distance - 0.0006) / reach, 0.0, 1.0)
        visible *= 1 - depth * (1 - t * t * (3 - 2 * t))
    return visible.astype(np.float32)


def _params(
    identity: Identity, sitting: Sitting, iris_share: float, side: int, inner: Array
) -> dict[str, float | tuple[float, ...]]:
    """`inner` (3,): the inner corner of the lids in the eye's frame, radii."""
    outer, collarette = iris_colors(identity)
    age = sitting.age_years
    draw = rng.expand(identity.iris.seed, "iris.state")
    pupil = _pupil(age, draw)
    vein = float(np.clip(0.12 + 0.25 * draw.random() + 0.005 * max(age - 25, 0), 0.0, 0.8))
    rare = rng.expand(identity.iris.seed, "iris.marks")
    chance, where, lipid = rare.random(3)
    white = sclera_color(identity, age)
    flesh = np.asarray(white) * CARUNCLE
    return {
        "iris_rgb": outer,
        "iris_rgb2": collarette,
        "pupil": pupil,
        "iris_radius": float(iris_share),
        "limbal": float(np.clip(identity.iris.limbal * (1.1 - 0.006 * max(age - 25, 0)), 0.0, 1.0)),
        "sclera_rgb": white,
        "vein": vein,
        "seed": float(identity.iris.seed % 4096 + 17 * side),
        "arcus": float(np.clip((age - ARCUS_YEARS[0]) / (ARCUS_YEARS[1] - ARCUS_YEARS[0]), 0, 1) * lipid),
        "sector": 0.9 if chance < SECTOR_SHARE and side == int(where * 2) else 0.0,
        "sector_turn": float(2 * np.pi * where),
        "caruncle_rgb": tuple(map(float, flesh)),
        "canthus": (float(inner[0]), float(inner[1])),
    }


def _pupil(age: float, draw: np.random.Generator) -> float:
    return float(np.clip(0.36 - 0.0016 * (age - 30) + 0.03 * draw.standard_normal(), 0.2, 0.46))


def pupil_share(identity: Identity, age: float, opened: float) -> float:
    """Return the pupil's radius over the iris's as eye.frag draws it; `opened`: its width over that in a room."""
    return float(np.clip(_pupil(age, rng.expand(identity.iris.seed, "iris.state")) * opened, *PUPIL_RANGE))


def iris_colors(identity: Identity) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Linear RGB of the iris periphery and of its collarette."""
    entry = asset_json("looks/iris.json")["colors"][identity.iris.color]
    outer, inner, dark = (color.decode(np.asarray(entry[k]) / 255.0) for k in ("outer", "inner", "dark"))
    toward = 0.7 * identity.iris.melanin
    return tuple(map(float, outer + (dark - outer) * toward)), tuple(map(float, inner + (dark - inner) * toward * 0.7))


def sclera_color(identity: Identity, age: float) -> tuple[float, ...]:
    """Linear RGB of the sclera: off-white, darker and yellower with age (Russell et al. 2014), browner where skin holds much
    melanin."""
    dark = np.clip((60.0 - identity.skin.lab[0]) / 35.0, 0.0, 1.0)
    old = np.clip((age - 18.0) / 57.0, 0.0, 1.0)
    white = np.array([0.550, 0.485, 0.425])
    tint = np.array([0.84, 0.78, 0.70]) ** (1.4 * dark + 0.9 * old - 0.1)
    return tuple(map(float, white * tint))
