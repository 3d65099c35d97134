"""Put a hand, empty or holding something, before or onto the posed face: placed, moved until it touches, closed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from facegen import rng
from facegen.errors import SpecError, did_you_mean
from facegen.geometry.normals import vertex_normals
from facegen.head.landmarks import Landmarks
from facegen.resources import asset_json
from facegen.sample import Front, Garment
from facegen.scene import REGIONS, Surface
from facegen.wear import objects, shapes
from facegen.wear.fabric import fabric
from facegen.wear.hands import rig as rigs
from facegen.wear.hands import skin
from facegen.wear.hands.contact import TOUCH, Clearance, Relief, close, relief
from facegen.wear.hands.pose import RIGHT, Array, Body, HandPose, body, moved, turn
from facegen.wear.hands.skin import Flesh
from facegen.wear.shapes import unit

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

PRESS = 0.0008
"""Skin gives way this much (m) where a hand rests on it."""
WRIST_M = -0.05
"""Down to here along the forearm (hand frame) a hand is kept out of the face."""
SLEEVE_GAP = 0.007
LEAST_AO = 0.30
SHOULDER = np.array([0.165, -0.315, -0.075])
"""The left shoulder under a garment, head frame (m), on an average bust; out of most pictures."""


@dataclass(frozen=True)
class Held:
    """A placed hand: `surfaces` in the head frame and `touching` (N, 3), the points of hand and thing, for contact shading."""

    surfaces: tuple[Surface, ...]
    touching: Array


def gestures() -> dict[str, Any]:
    """Return every gesture and way of holding by name."""
    table = asset_json("wear/hands.json")
    return {**table["gestures"], **table["held"]}


def held(model: HeadModel, posed: PosedHead, front: Front, flesh: Flesh, garment: Garment, obstacles: Array) -> Held:
    """Return the hand of `front` against the face; `obstacles` (N, 3): skin and worn things that it must not enter."""
    known = gestures()
    if front.pose not in known and front.pose != "glass":
        raise SpecError(f"hand pose {did_you_mean(front.pose, tuple(known))}")
    gesture = known["cup" if front.pose == "glass" else front.pose]
    mirror = np.ones(3) if front.side == "left" else RIGHT
    rig = rigs.load()
    hand = body(rig.key, round(flesh.sex_value, 2), round(flesh.size, 3))
    placed = _Placing(hand, gesture, front, _anchors(model, posed, mirror)[gesture["anchor"]], obstacles * mirror)
    pose, turned, shift, thing = placed.solve()
    points = moved(hand, pose) @ turned.T + shift
    made = [*_skin(hand, points * mirror, turned * mirror[:, None], flesh, front)]
    made += _sleeve(hand, points * mirror, garment, front)
    for surface in thing:
        made.append(_brought(surface, turned, shift, mirror))
    own = np.concatenate([s.positions for s in made if s.region[0] != REGIONS["clothing"]])
    return Held(tuple(replace(s, removable=True) for s in made), own)


@dataclass(frozen=True)
class _Placing:
    """One hand's placement, solved for the left side of a face (mirrored for the right)."""

    hand: Body
    gesture: dict[str, Any]
    front: Front
    anchor: Array
    obstacles: Array

    def solve(self) -> tuple[HandPose, Array, Array, tuple[Surface, ...]]:
        """Return the pose, the rotation (3, 3) and shift (3,) hand -> head, and the held thing's surfaces in the hand frame."""
        g, table = self.gesture, asset_json("wear/hands.json")
        random = rng.expand(self.front.seed, "front.hand")
        turned = _frame(g)
        sway = turn(unit(random.normal(size=3)), float(np.clip(random.normal(0, table["jitter_deg"]), -12, 12)))
        turned = sway @ turned
        grip = table["grips"][g["grip"]]
        start, most = (np.array([grip[k][0]] + [grip[k][1]] * 4, np.float64) for k in ("open", "close"))
        start[1:] += random.normal(0, 2.0, (4, 1))
        forearm = turned.T @ unit(sway @ np.asarray(g["forearm"], np.float64))
        pose = HandPose(start, np.asarray(grip["spread"], np.float64), grip["oppose"], grip["adduct"], forearm)
        nudge = np.clip(random.normal(0, table["jitter_m"], 3), -0.012, 0.012) * (1.0 if g["touch"] else 0.5)
        if self.front.kind in ("microphone", "cup"):
            nudge *= 0.3
        if "spread_m" in g:
            nudge = nudge + random.uniform(*np.transpose(g["spread_m"]))
        shift = self.anchor + g["offset"] + nudge - turned @ (np.asarray(g["at"]) * self._scale)
        thing, grasp = self._thing(g, pose)
        if grasp is not None:
            pose = close(self.hand, pose, most, grasp)
        if g["touch"]:
            face = relief(self.obstacles, -turned[:, 2])
            shift = self._against(pose, turned, shift, thing, face)
            if grasp is None:
                pose = close(self.hand, pose, most, lambda points: face.above(points @ turned.T + shift) + PRESS)
            points = moved(self.hand, pose)[self.hand.vertices[:, 1] > WRIST_M]  # a thumb may not have found room
            shift = shift - max(0.0, -PRESS - float(face.above(points @ turned.T + shift).min())) * turned[:, 2]
        elif grasp is not None:
            shift = self._clear(pose, turned, shift, thing)
        return pose, turned, shift, thing

    @property
    def _scale(self) -> float:
        return float(np.linalg.norm(self.hand.heads[rigs.BONES.index("finger3-1.L")]) / 0.0985)

    def _thing(self, g: dict[str, Any], pose: HandPose) -> tuple[tuple[Surface, ...], Clearance | None]:
        """Return what is held, seated on the open hand's palm (hand frame), and the clearance round it."""
        if "object" not in g:
            return (), None
        made = objects.made(self.front)
        along = unit(np.asarray(g["object_along"], np.float64))
        out = np.array([0.0, 0.0, 1.0])  # a thing's front looks where the palm does
        axes = np.stack([np.cross(along, out), along, out])
        origin = np.asarray(g["object_at"], np.float64) * [self._scale, self._scale, 1.0]
        palm = moved(self.hand, pose)[(self.hand.rig.finger != 0) & (self.hand.vertices[:, 1] > -0.02)]
        for _ in range(3):
            origin = origin + (TOUCH - float(made.clearance(origin, axes)(palm).min())) * out
        return tuple(_brought(s, axes.T, origin, np.ones(3)) for s in made.surfaces), made.clearance(origin, axes)

    def _against(self, pose: HandPose, turned: Array, shift: Array, thing: tuple[Surface, ...], face: Relief) -> Array:
        """Move along the palm's normal until the hand, or what it holds, touches: thumbs aside, which close afterwards."""
        points = moved(self.hand, pose)
        near = (self.hand.vertices[:, 1] > WRIST_M) & ((self.hand.rig.finger != 0) | bool(thing))
        touching = np.concatenate([points[near], *(s.positions.astype(np.float64) for s in thing)])
        gap = face.above(touching @ turned.T + shift)
        met = gap[gap < 0.5]
        return shift + (PRESS + met.min()) * turned[:, 2] if len(met) else shift

    def _clear(self, pose: HandPose, turned: Array, shift: Array, thing: tuple[Surface, ...]) -> Array:
        """Move straight away from the face what would enter it: a held thing is brought near, not through."""
        face = relief(self.obstacles, np.array([0.0, 0.0, 1.0]))
        points = moved(self.hand, pose)[self.hand.vertices[:, 1] > -0.03]
        every = np.concatenate([points, *(s.positions.astype(np.float64) for s in thing)]) @ turned.T + shift
        gap = face.above(every)
        return shift + [0.0, 0.0, max(0.0, 0.0006 - float(gap.min()))]


def _frame(g: dict[str, Any]) -> Array:
    """Return the rotation hand -> head: columns X, Y, Z of the hand."""
    z = unit(np.asarray(g["palm"], np.float64))
    if "fingers" in g:
        y = np.asarray(g["fingers"], np.float64)
        y = unit(y - (y @ z) * z)
        return np.stack([np.cross(y, z), y, z], 1)
    x = -np.asarray(g["thumb"], np.float64)
    x = unit(x - (x @ z) * z)
    return np.stack([x, np.cross(z, x), z], 1)


def _anchors(model: HeadModel, posed: PosedHead, mirror: Array) -> dict[str, Array]:
    """Return points of the face's left side (of the right, mirrored)."""
    p = _table(model).ibug68(posed.vertices).astype(np.float64)
    left = mirror[0] > 0
    corner, jaw, outer = (p[54], p[13], p[45]) if left else (p[48], p[3], p[36])
    ears = model.topology.masks["ears"] > 0.5
    ear = posed.vertices[ears & (posed.vertices[:, 0] * mirror[0] > 0)].astype(np.float64)
    middle = ear.mean(0)
    middle[0] = mirror[0] * np.abs(ear[:, 0]).max()
    brow = (p[19] + p[24]) / 2
    points = {
        "cheek": (corner + outer + jaw) / 3, "chin": p[8], "mouth": (p[48] + p[54]) / 2 * [1, 1, 0] + [0, 0, p[51][2]],
        "eye": posed.eye_centers[1 if left else 0].astype(np.float64), "ear": middle,
        "forehead": brow + [0.012 * mirror[0], 0.034, 0.0],
    }  # fmt: skip
    return {name: point * mirror for name, point in points.items()}


@lru_cache(maxsize=2)
def _table(model: HeadModel) -> Landmarks:
    return Landmarks(model.topology)


def _cut(hand: Body, front: Front) -> float:
    """Return y of the hand frame at which the sleeve begins."""
    return float(front.sleeve * hand.heads[0][1])


def _skin(hand: Body, points: Array, turned: Array, flesh: Flesh, front: Front) -> list[Surface]:
    """The hand down to the sleeve, `points` (N, 3) in the head frame."""
    rig = hand.rig
    bare = hand.vertices[:, 1] > _cut(hand, front) - 0.045
    faces = rig.faces[bare[rig.faces].all(1)]
    faces = faces if front.side == "left" else faces[:, ::-1]
    normals = vertex_normals(points.astype(np.float32), rig.weld[faces])[rig.weld].astype(np.float32)
    return [
        Surface(
            name="hand",
            positions=points.astype(np.float32),
            normals=normals,
            faces=np.ascontiguousarray(faces, np.int32),
            region=np.full(len(points), REGIONS["hand"], np.uint8),
            material=skin.material(rig, flesh),
            uv=rig.uv,
            ao=np.maximum(rig.ao, LEAST_AO).astype(np.float32),
            lean=(rig.lean @ turned.T).astype(np.float32),
        )
    ]


def _sleeve(hand: Body, points: Array, garment: Garment, front: Front) -> list[Surface]:
    """The forearm in cloth from the cuff to the elbow, and the upper arm to the shoulder."""
    rig = hand.rig
    cloth = fabric(garment.rgb, garment.rgb2, garment.pattern, crease=0.004, seed=garment.seed)
    cut = _cut(hand, front)
    faces = rig.faces[(hand.vertices[rig.faces][..., 1] < cut).any(1)]
    faces = faces if front.side == "left" else faces[:, ::-1]
    wound = rig.weld[rig.faces if front.side == "left" else rig.faces[:, ::-1]]
    normals = vertex_normals(points.astype(np.float32), wound)[rig.weld].astype(np.float32)
    along = np.clip((cut - hand.vertices[:, 1]) / 0.10, 0, 1)
    wave = shapes.folds(front.seed, "front.sleeve", 40 * hand.vertices[:, 0], 60 * hand.vertices[:, 1], 5, 3.0)
    out = points + normals * (SLEEVE_GAP + 0.006 * along + 0.002 * wave)[:, None]
    made = []
    if len(faces):
        uv = np.stack([rig.uv[:, 0] * 0.25, rig.uv[:, 1] * 0.5], 1)
        shape = replace(shapes.plain(out, np.ascontiguousarray(faces, np.int32), uv), weld=rig.weld)
        made.append(shapes.surface("sleeve", shape, cloth, "clothing"))
    end = points[hand.vertices[:, 1] < 0.9 * hand.heads[0][1]]
    elbow = end.mean(0) if len(end) else points[np.argmin(hand.vertices[:, 1])]
    shoulder = SHOULDER * (np.ones(3) if front.side == "left" else RIGHT)
    share = np.linspace(-0.12, 1, 10)[:, None]
    path = elbow + share * (shoulder - elbow)
    size = (0.098 + 0.030 * np.clip(share, 0, 1))[:, :, None]
    arm = shapes.tube(path, shapes.rounded(1.0, 1.0, 16, 2.0) * size, np.array([0.2, 0.3, 1.0]))
    made.append(shapes.surface("upper_arm", arm, cloth, "clothing"))
    return made


def _brought(surface: Surface, turned: Array, shift: Array, mirror: Array) -> Surface:
    """Return a surface rotated, moved and, for the right hand, mirrored."""
    positions = (surface.positions.astype(np.float64) @ turned.T + shift) * mirror
    normals = surface.normals.astype(np.float64) @ turned.T * mirror
    faces = surface.faces if mirror[0] > 0 else np.ascontiguousarray(surface.faces[:, ::-1])
    return replace(surface, positions=positions.astype(np.float32), normals=normals.astype(np.float32), faces=faces)
