"""Where hair grows: the skull's own angles, the hairline of a person, recession, thinning, and roots on mesh triangles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen.geometry.angle import arctan2
from facegen.sample import HairStyle, HairTraits

Array = NDArray[np.float32]

HAIRLINE_DEG = {
    "male": ((0, 27), (16, 27), (34, 31), (46, 28), (58, 14), (66, 0), (71, -20), (78, -22), (83, -7), (94, -1), (106, -7),
             (114, -32), (130, -46), (150, -54), (180, -58)),
    "female": ((0, 28), (18, 27), (34, 28), (46, 24), (58, 12), (66, 0), (71, -13), (78, -15), (83, -6), (94, -1), (106, -7),
               (114, -32), (130, -46), (150, -52), (180, -55)),
}  # fmt: skip
"""(azimuth from the front, elevation) in degrees on the unit skull: trichion, temporal recess, temporal peak, sideburn, the arch
over the ear, mastoid, nape. Landmarks after Norwood 1975 (types I-II) and Nusbaum & Fuentefria 2009 (female); set on our head."""
HAIRLINE_HEIGHT_DEG = 9.0
"""Degrees between the lowest and the highest front hairline of healthy adults, about 14 mm on this skull; our choice."""
HAIRLINE_SHAPE = {
    "rounded": (0.0, 0.0, 1.0),
    "straight": (0.0, -4.0, 0.0),
    "widows_peak": (-6.5, 1.5, 2.0),
    "receded": (-1.0, 8.0, 1.0),
}
"""(midline, temple, between) degrees added to the table line: peak within 7 degrees of the middle, temples about 38 degrees out,
and the bow between the two. The four classes are those hair surgeons draw; the amounts are ours."""
EDGE_BOOST = 3.0
"""Extra roots along the hairline, where ribbons are finer and nothing lies above them."""


@dataclass(frozen=True)
class Skull:
    """Ellipsoid through forehead, vertex, occiput and parietal width: `centre`, `radii` (3,) metres, head frame."""

    centre: Array
    radii: Array

    @classmethod
    def measure(cls, vertices: Array) -> Skull:
        """Fit to the mesh `vertices` (V, 3) of a head in the head frame."""
        top = float(vertices[np.abs(vertices[:, 0]) < 0.03, 1].max())
        cap = vertices[vertices[:, 1] > 0.38 * top]
        middle = cap[np.abs(cap[:, 0]) < 0.02]
        back, front = float(middle[:, 2].min()), float(middle[middle[:, 1] < 0.6 * top, 2].max())
        centre_y = 0.29 * top
        centre = np.array([0.0, centre_y, 0.5 * (front + back)], np.float32)
        return cls(centre, np.array([np.abs(cap[:, 0]).max(), top - centre_y, 0.5 * (front - back)], np.float32))

    def unit(self, points: Array) -> Array:
        """Return points (N, 3) in skull units (centre 0, surface about 1)."""
        return (points - self.centre) / self.radii

    def angles(self, points: Array) -> tuple[Array, Array]:
        """Return signed azimuth (0 front, + to the person's left) and elevation, degrees, of points (N, 3)."""
        q = self.unit(points)
        return np.degrees(arctan2(q[:, 0], q[:, 2])), np.degrees(arctan2(q[:, 1], np.hypot(q[:, 0], q[:, 2])))


def smoothstep(low: float, high: float, x: Array) -> Array:
    """Return the cubic ramp from 0 at `low` to 1 at `high`."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


@dataclass(frozen=True)
class Waves:
    """A smooth random function of position: a few plane waves, value about -1..1."""

    vectors: Array
    phases: Array

    @classmethod
    def draw(cls, random: np.random.Generator, wavelength: float, count: int = 7) -> Waves:
        """Draw waves of about `wavelength` (in the unit of the points)."""
        direction = random.normal(size=(count, 3))
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        scale = 2.0 * np.pi / (wavelength * random.uniform(0.7, 1.5, (count, 1)))
        return cls((direction * scale).astype(np.float32), random.uniform(0, 2 * np.pi, count).astype(np.float32))

    def __call__(self, points: Array) -> Array:
        return np.sin(points @ self.vectors.T + self.phases).sum(axis=1) / np.sqrt(len(self.phases))


@dataclass(frozen=True)
class Follicles:
    """The follicle map of one sitting: evaluates density 0..1 at points; `edge` is degrees inside the hairline."""

    skull: Skull
    line: tuple[tuple[float, float], ...]
    shift: float
    form: tuple[float, float, float]
    style: HairStyle
    female: bool
    coarse: Waves
    fine: Waves
    receded: float

    def edge(self, points: Array) -> Array:
        """Return how far (degrees of elevation) each point lies above the hairline; negative outside."""
        azimuth, elevation = self.skull.angles(points)
        side = np.abs(azimuth)
        knots = np.array(self.line, np.float32)
        line = np.interp(side, knots[:, 0], knots[:, 1])
        front = smoothstep(75.0, 50.0, side)
        recess = self.receded * (16.0 + 34.0 * np.exp(-(((side - 40.0) / 22.0) ** 2)))
        line = line + front * (self.shift + recess * np.clip(1.25 - side / 75.0, 0.35, 1.0))
        middle, temple, between = self.form
        line = line + middle * np.exp(-((side / 7.0) ** 2)) + temple * np.exp(-(((side - 38.0) / 13.0) ** 2))
        line = line + between * np.exp(-(((side - 20.0) / 10.0) ** 2))
        unit = self.skull.unit(points)
        return elevation - line + 1.0 * self.coarse(unit) + 0.9 * self.fine(unit)

    def density(self, points: Array) -> Array:
        """Return follicle density 0..1 at `points` (N, 3): hairline ramp, crown and frontal loss, diffuse thinning."""
        azimuth, elevation = self.skull.angles(points)
        edge = self.edge(points)
        front = smoothstep(80.0, 60.0, np.abs(azimuth))
        ramp = smoothstep(-2.0, 3.5, edge) * (1.0 - front) + front * smoothstep(-3.0, 5.5, edge)
        return ramp * (1.0 - self.loss(points))

    def loss(self, points: Array) -> Array:
        """Return the share 0..1 of follicles at `points` (N, 3) that have fallen silent, the hairline's place apart."""
        _, elevation = self.skull.angles(points)
        unit = self.skull.unit(points)
        top = smoothstep(18.0, 45.0, elevation)
        if self.female:
            parting = np.exp(-((unit[:, 0] / 0.35) ** 2)) * top * smoothstep(0.95, 0.55, unit[:, 2])
            return np.clip(self.style.thinning * (0.35 * top + 0.45 * parting), 0.0, 0.92)
        crown = np.array([0.0, 0.82, -0.57], np.float32)
        spot = np.linalg.norm(unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-6) - crown, axis=1)
        radius = 1.25 * np.clip(self.receded - 0.28, 0.0, 1.0)
        noise = 0.10 * self.coarse(unit)
        bald_spot = smoothstep(radius + 0.12, radius - 0.10, spot + noise) * min(1.0, max(self.receded - 0.2, 0.0) * 4.0)
        pate = smoothstep(12.0, 34.0, elevation + 8.0 * self.coarse(unit)) * smoothstep(0.62, 0.95, np.float32(self.receded))
        thin = self.style.thinning * 0.7 * top
        return np.clip(np.maximum(np.maximum(bald_spot, pate), thin), 0.0, 1.0)


def follicles(skull: Skull, traits: HairTraits, style: HairStyle, sex: str, random: np.random.Generator) -> Follicles:
    """Return the follicle map of a person: their own hairline on the line of their sex, roughened by `random`."""
    female = sex == "female"
    receded = style.recession if style.style != "horseshoe" else max(style.recession, 0.85)
    if female:
        receded *= 0.35
    shift = HAIRLINE_HEIGHT_DEG * (traits.hairline_height - 0.5) - 0.8
    form = HAIRLINE_SHAPE[traits.hairline]
    return Follicles(
        skull, HAIRLINE_DEG[sex], shift, form, style, female, Waves.draw(random, 0.55), Waves.draw(random, 0.09), receded
    )


@dataclass(frozen=True)
class Roots:
    """`face` (N,) triangle rows, `bary` (N, 3), `points`, `normals` (N, 3), `density` (N,), `edge` (N,) degrees inside."""

    face: NDArray[np.int32]
    bary: Array
    points: Array
    normals: Array
    density: Array
    edge: Array

    def take(self, keep: NDArray) -> Roots:
        """Return the roots chosen by a mask or index."""
        return Roots(*(value[keep] for value in self.__dict__.values()))


def scatter(
    vertices: Array, triangles: NDArray[np.int32], weight: Array, count: int, random: np.random.Generator
) -> tuple[NDArray[np.int32], Array, Array]:
    """Scatter `count` points over triangles by area x vertex `weight`, evenly: returns triangle rows, barycentrics, points."""
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1) * weight[triangles].mean(axis=1)
    total = np.cumsum(area)
    if count == 0 or total[-1] <= 0.0:
        return np.zeros(0, np.int32), np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32)
    stratified = (np.arange(count) + random.random(count)) / count * total[-1]
    face = np.minimum(np.searchsorted(total, stratified), len(total) - 1).astype(np.int32)
    u, v = np.sqrt(random.random(count)), random.random(count)
    bary = np.stack([1.0 - u, u * (1.0 - v), u * v], axis=1).astype(np.float32)
    return face, bary, np.einsum("nk,nkd->nd", bary, vertices[triangles[face]]).astype(np.float32)


def grow_roots(
    vertices: Array,
    normals: Array,
    triangles: NDArray[np.int32],
    mask: Array,
    map_: Follicles,
    count: int,
    random: np.random.Generator,
) -> Roots:
    """Return about `count` roots at full density (fewer on thinned scalps), inside the soft vertex `mask` (V,)."""
    edge = map_.edge(vertices)
    near = mask * smoothstep(-8.0, -2.0, edge) * (1.0 + EDGE_BOOST * np.exp(-(((edge - 2.0) / 6.0) ** 2)))
    face, bary, points = scatter(vertices, triangles, near, count, random)
    normal = np.einsum("nk,nkd->nd", bary, normals[triangles[face]])
    normal = (normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)).astype(np.float32)
    density = map_.density(points)
    roots = Roots(face, bary, points, normal, density.astype(np.float32), map_.edge(points).astype(np.float32))
    return roots.take(random.random(len(points)) < density)
