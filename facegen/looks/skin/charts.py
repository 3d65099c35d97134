"""What skin needs of the head alone: position, scale, masks and zones of every texel, made once for a chart size."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.head import chart
from facegen.head.model import HeadModel
from facegen.looks.reference import REFERENCE_IDENTITY, REFERENCE_SITTING
from facegen.looks.skin import noise as skin_noise
from facegen.looks.skin import zones as skin_zones

Map = NDArray[np.float32]


@dataclass(frozen=True)
class Charts:
    """`position` (S, S, 3) on the mean head; `per_u`, `per_v` (S, S) metres a texel; `covered` (S, S) bool; `masks` and `zones`
    (S, S) by name, and the zones again as rows of `stack` (Z, S * S); `noise` the
    seamless noise of this head; `corners`, `weights` (S, S, 3) the mesh vertices under each texel."""

    size: int
    position: Map
    per_u: Map
    per_v: Map
    covered: NDArray[np.bool_]
    ao: Map
    masks: dict[str, Map]
    zones: dict[str, Map]
    stack: Map
    corners: NDArray[np.int32]
    weights: Map
    noise: skin_noise.NoiseBasis
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What rules worked out from this chart alone (lists of texels), by a name of theirs."""

    def where(self, zone: str, least: float) -> tuple[NDArray[np.intp], ...]:
        """Return rows and columns of the texels where a zone or mask is over `least`, found once."""
        name = f"where.{zone}.{least}"
        if name not in self.kept:
            self.kept[name] = np.nonzero((self.zones.get(zone) if zone in self.zones else self.masks[zone]) > least)
        return self.kept[name]  # type: ignore[no-any-return]

    @cached_property
    def texel(self) -> float:
        """Median side of a texel on the face, metres."""
        return float(np.median(self.per_u[self.zones["plain"] > 0.5]))

    @cached_property
    def area(self) -> Map:
        """Area of each texel (S, S) in square metres, 0 outside the chart and in its lower strip of inner surfaces."""
        open_ = self.covered & (self.masks["mouth_inside"] < 0.5)
        return self.per_u * self.per_v * open_

    @cached_property
    def folded(self) -> Map:
        """Positions (S, S, 3) with |x|: both halves of the face as one."""
        return skin_zones.fold(self.position)

    @cached_property
    def pores(self) -> Map:
        """Where pores show (S, S), about 0.5 to 1.5; none where texels are too coarse to carry them."""
        zones = self.zones
        pores = zones["nose"] * 0.9 + zones["cheek"] * 0.6 + zones["forehead"] * 0.3 + zones["chin"] * 0.4 + 0.5
        # the chart squeezes the sides of the head: grain there would turn to scratches
        coarse_texel = np.maximum(self.per_u, self.per_v)
        pores *= np.clip(1.6 * np.float32(self.texel) / coarse_texel, 0.0, 1.0) ** 2
        pores *= 1 - 0.85 * np.clip(zones["lid"] + zones["undereye"] + zones["eye_inner"], 0, 1)
        return np.asarray(pores)

    @cached_property
    def thinness(self) -> Map:
        """How readily light passes through from behind (S, S), 0..1: ears, wings of the nose, lids."""
        zones = self.zones
        return np.clip(0.9 * zones["ear_rim"] + 0.45 * zones["ear"] + 0.40 * zones["ala"] + 0.12 * zones["lid"], 0, 1)

    def weighted(self, amounts: dict[str, float]) -> Map:
        """Return the sum of zones times their amounts, (S, S)."""
        names = list(self.zones)
        row = np.zeros(len(names), dtype=np.float32)
        for name, amount in amounts.items():
            row[names.index(name)] = amount
        return (row @ self.stack).reshape(self.size, self.size)

    def draw(self, values: Map) -> Map:
        """Draw mesh-vertex values (V,) into the chart (S, S), gutters filled."""
        return np.einsum("ijk,ijk->ij", values[self.corners], self.weights, dtype=np.float32)


_made: dict[tuple[str, int], Charts] = {}


def charts(model: HeadModel, size: int) -> Charts:
    """Return the charts of `model` at `size` texels, made once in a process."""
    key = (model.key, size)
    if key not in _made:
        _made[key] = _build(model, size)
    return _made[key]


def _build(model: HeadModel, size: int) -> Charts:
    part = model.topology.parts["skin"]
    mean = model.shape(REFERENCE_IDENTITY, REFERENCE_SITTING).vertices
    names = list(model.topology.masks)
    values = np.stack([model.topology.masks[n] for n in names] + [model.topology.ao], axis=1)
    face_at, bary = chart.texel_map(part.uv, part.faces, size)
    corners = part.index[part.faces[np.maximum(face_at, 0)]].astype(np.float32)
    filled = chart.fill_gutters(np.concatenate([corners, bary], axis=-1), face_at >= 0)
    corners, weights = filled[..., :3].astype(np.int32), np.ascontiguousarray(filled[..., 3:])
    drawn = np.einsum("ijkc,ijk->ijc", np.concatenate([mean, values], axis=1)[corners], weights).astype(np.float32)
    position = np.ascontiguousarray(drawn[..., :3])
    masks = {n: np.ascontiguousarray(drawn[..., 3 + k]) for k, n in enumerate(names)}
    masks["lips"] = masks["lips"] * skin_zones.lip_outline(position)
    zones = skin_zones.zones(position, _normal_y(position), masks)
    per_u, per_v = _texel_size(position, face_at >= 0)
    return Charts(
        size=size,
        position=position,
        per_u=per_u,
        per_v=per_v,
        covered=face_at >= 0,
        ao=np.ascontiguousarray(drawn[..., -1]),
        masks=masks,
        zones=zones,
        stack=np.stack([z.ravel() for z in zones.values()]),
        corners=corners,
        weights=weights,
        noise=_noise(model, mean),
    )


def _noise(model: HeadModel, mean: Map) -> skin_noise.NoiseBasis:
    for (key, _), made in _made.items():
        if key == model.key:
            return made.noise
    part = model.topology.parts["skin"]
    face_at, bary = chart.texel_map(part.uv, part.faces, skin_noise.BAND_SIZE)
    position = chart.draw(np.ascontiguousarray(mean[part.index], dtype=np.float32), face_at, bary, part.faces)
    # a rim of gutter texels is read by bilinear lookups beside seams
    covered = cv2.dilate((face_at >= 0).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return skin_noise.build(position, covered)


def _texel_size(position: Map, covered: NDArray[np.bool_]) -> tuple[Map, Map]:
    step_u = np.linalg.norm(np.gradient(position, axis=1), axis=-1)
    step_v = np.linalg.norm(np.gradient(position, axis=0), axis=-1)
    sizes = []
    for step in (step_u, step_v):
        typical = float(np.median(step[covered]))
        sizes.append(np.clip(step, 0.25 * typical, 8 * typical).astype(np.float32))
    return sizes[0], sizes[1]


def _normal_y(position: Map) -> Map:
    """How far the surface looks up (-1..1), from the chart; the chart runs left to right and upwards on the face."""
    normal = np.cross(np.gradient(position, axis=1), np.gradient(position, axis=0))
    up = normal[..., 1] / np.maximum(np.linalg.norm(normal, axis=-1), 1e-12)
    return cv2.GaussianBlur(up.astype(np.float32), (0, 0), max(position.shape[0] / 256, 0.5))
