"""Draw one shot: expression, gaze, pose, camera, background, wear. Nothing here looks at who is in the picture but for what
belongs to the sitting (own glasses), so that nuisance factors are independent of demographic ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numpy as np

from facegen import rng
from facegen.geometry.framing import FACE_CENTER, face_position
from facegen.geometry.rotations import euler_to_matrix
from facegen.population.backgrounds import background
from facegen.population.cameras import camera, pitched
from facegen.population.degradations import Setting, degradation, lens_faults, placed, preset_shares
from facegen.population.distributions import Categories, Even, choice, number, of
from facegen.population.light import FILE, draw_place, light, meter, shares
from facegen.population.roster import Entry
from facegen.population.wear import wear
from facegen.resources import asset_json
from facegen.sample import CameraSpec, Expression, Gaze, Pose, Shot, Sitting
from facegen.spec.names import FREE
from facegen.spec.shots import Shots

GAZE_LIMIT_YAW, GAZE_LIMIT_PITCH = 32.0, 22.0
"""Degrees that eyes turn in the head before people turn the head instead (customary ocular motor range: Guitton & Volle 1987)."""
STEEPEST = 89.0
"""Degrees of pitch before a camera that looks down."""
GAZE_DISTANCE_M = (0.5, 8.0)
"""How far away people look who do not look into the lens: a hand's length to across the street."""

TURNED = 8
"""Shots of a person, and people of a cell, over which a factor is spread together; a power of two."""


def shot(entry: Entry, k: int, sitting: Sitting, shots: Shots, seed: int) -> Shot:
    """Return shot `k` of the identity of `entry`. Each factor is spread evenly, by its own sequence, over the shots of an
    identity and over the people of its cell."""
    who = entry.index

    def even(name: str) -> float:
        return spread_over(name, entry, k, seed)

    def stream(name: str) -> np.random.Generator:
        return rng.stream(f"shot.{name}", who, k, seed=seed)

    preset = choice(shots.degradation, preset_shares()).pick(even("degradation"))
    shots = placed(shots, preset)
    shot_camera = camera(shots, lens_faults(preset), even)
    tilt = shot_camera.tilt_deg if pitched(shot_camera) else 0.0
    pose = Pose(
        yaw_deg=number(shots.yaw_deg, even("yaw")),
        pitch_deg=round(min(number(shots.pitch_deg, even("pitch")) + tilt, STEEPEST), 4),
        roll_deg=number(shots.roll_deg, even("roll")),
    )
    word = choice(shots.light, shares() if shots.environments is None else {FILE: 1.0}).pick(even("light"))
    place = draw_place(word, stream("light"), rng.child_seed("shot.light.seed", who, k, seed=seed), shots.environments)
    behind = background(shots, word, place, even, stream("background"), rng.child_seed("shot.background.seed", who, k, seed=seed))
    shot_light = light(word, place, behind, shot_camera, meter(word, shot_camera.profile, even("meter")))
    setting = Setting(shot_camera.profile, shot_light.lux, shot_camera.f_number)
    look = expression(shots, even, stream("expression"), rng.stream("shot.expression.habit", who, seed=seed))
    return Shot(
        index=k,
        expression=look,
        gaze=_gaze(Categories.of(shots.gaze.root).pick(even("gaze")), pose, shot_camera, look.name, stream),
        pose=pose,
        camera=shot_camera,
        light=shot_light,
        background=behind,
        wear=wear(who, k, sitting, shots.wear, even, seed),
        degradation=degradation(
            preset, setting, stream, rng.child_seed("shot.degradation.seed", who, k, seed=seed), shots.faults
        ),
    )


def spread_over(name: str, entry: Entry, k: int, seed: int) -> float:
    """Return the place in [0, 1) of factor `name` in shot `k`.

    `TURNED` shots of as many people of a cell fill a Latin square: each person's shots, and everybody's n-th shots, lie one in
    each of `TURNED` equal parts; within a part the people are spread evenly again. A factor then says less about who is in the
    picture than chance would let it. Each factor has squares of its own, so that two factors meet as by chance.
    """
    (block, row), (turn, column) = divmod(entry.visit, TURNED), divmod(k, TURNED)
    rows, columns, parts, fine, jitter = _square(name, 0 if entry.cell is None else entry.cell, block, turn, seed)
    part = parts[rows[row] ^ columns[column]]
    return float((part + (fine[part, row] + jitter[part, row]) / TURNED) / TURNED)


@lru_cache(maxsize=1 << 14)
def _square(name: str, cell: int, block: int, turn: int, seed: int) -> tuple[np.ndarray, ...]:
    """Return permutations of rows, columns and parts (T,), for each part one of the people (T, T), and where in its share."""
    stream = rng.stream(f"shot.{name}", cell, block, turn, seed=seed)
    order = stream.permuted(np.tile(np.arange(TURNED), (TURNED + 3, 1)), axis=1)
    return order[0], order[1], order[2], order[3:], stream.random((TURNED, TURNED))


# ---- expression and gaze -------------------------------------------------------------------------------------------------


@cache
def _expression_shares() -> tuple[tuple[str, float], ...]:
    shares = dict(asset_json("population/expression.json")["shares"])
    others = [name for name in asset_json("head/expressions.json")["expressions"] if name not in shares]
    rest = 1.0 - sum(shares.values())
    return tuple({**shares, **dict.fromkeys(others, rest / len(others))}.items())


def expression(shots: Shots, even: Even, stream: np.random.Generator, habit: np.random.Generator) -> Expression:
    """Return the expression of a shot; `habit`: the person's own stream, the same in every shot."""
    table = asset_json("population/expression.json")
    name = choice(shots.expression, dict(_expression_shares())).pick(even("expression"))
    strength = of(shots.expression_strength).ppf(even("expression_strength"))
    if name == FREE:
        return Expression(name=FREE, weights=_free(strength, stream))
    least = table["least"].get(name, table["least"]["default"])
    factor = 1.0 if name in table["unscaled"] else least + (1 - least) * strength
    weights = asset_json("head/expressions.json")["expressions"][name]
    return Expression(name=name, weights=_sided(weights, factor, table["sidedness"], stream, habit))


def _sided(
    weights: dict[str, float], factor: float, table: dict[str, Any], stream: np.random.Generator, habit: np.random.Generator
) -> dict[str, float]:
    """Left and right of a face never move quite alike, nor twice the same; who winks with the left eye does so again."""
    swap = habit.random() < table["mirror"]
    own = {part: table["habit_sd"] * float(habit.standard_normal()) for part in table["regions"]}
    out = {}
    for action, weight in weights.items():
        part = next((p for p, starts in table["regions"].items() if action.startswith(tuple(starts))), None)
        lean = 0.0 if part is None else float(np.clip(own[part], -2 * table["habit_sd"], 2 * table["habit_sd"]))
        name = _other_side(action) if swap else action
        side = 0.5 * (name.endswith("Left") - name.endswith("Right")) * lean
        noise = float(stream.normal(0, table["shot_sd"]))
        out[name] = round(min(weight * factor * math.exp(side + noise), 1.0), 4)
    return out


def _other_side(action: str) -> str:
    for a, b in (("Left", "Right"), ("Right", "Left")):
        if action.endswith(a):
            return action.removesuffix(a) + b
    return action


def _free(strength: float, stream: np.random.Generator) -> dict[str, float]:
    table = asset_json("population/expression.json")["free"]
    chosen: list[str] = []
    count = int(stream.integers(table["count"][0], table["count"][1] + 1))
    for group in stream.permutation(list(table["groups"])):
        clash = any(group in pair and other in pair for pair in table["exclusive"] for other in chosen)
        if not clash and len(chosen) < count:
            chosen.append(str(group))
    out: dict[str, float] = {}
    for group in chosen:
        amount = strength * float(stream.uniform(0.25, 1.0))
        for action, limit in table["groups"][group].items():
            side = 1.0 - table["sidedness"] * float(stream.random())
            out[action] = round(limit * amount * side, 4)
    return out


def _gaze(kind: str, pose: Pose, camera: CameraSpec, expression: str, stream: Callable[[str], np.random.Generator]) -> Gaze:
    """Eyes in the head: at the lens, along the head's axis, or elsewhere; a little unsteady. Both meet where they look."""
    draw = stream("gaze")
    wobble = draw.normal(0, 1.0, 2)
    if kind == "camera":
        yaw, pitch, distance = towards_camera(pose, camera)
        yaw, pitch = yaw + wobble[0], pitch + wobble[1]
    else:
        yaw, pitch = 2.5 * wobble if kind == "ahead" else (float(draw.uniform(-26, 26)), float(draw.uniform(-12, 18)))
        target = stream("gaze.distance")
        distance = math.exp(target.uniform(*np.log(GAZE_DISTANCE_M)))
        side, down = asset_json("population/expression.json")["gaze"].get(expression, (0.0, 0.0))
        yaw, pitch = yaw + side * target.choice((-1, 1)), pitch + down
    return Gaze(
        yaw_deg=round(float(np.clip(yaw, -GAZE_LIMIT_YAW, GAZE_LIMIT_YAW)), 3),
        pitch_deg=round(float(np.clip(pitch, -GAZE_LIMIT_PITCH, GAZE_LIMIT_PITCH)), 3),
        distance_m=round(float(distance), 3),
    )


def towards_camera(pose: Pose, camera: CameraSpec) -> tuple[float, float, float]:
    """Return (yaw, pitch) in the head frame, degrees, and the distance of the camera from the middle of the eyes."""
    turn = euler_to_matrix(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)
    x, y, z = FACE_CENTER - turn.T @ face_position(camera)
    return math.degrees(math.atan2(x, z)), math.degrees(math.atan2(-y, math.hypot(x, z))), math.hypot(x, y, z)
