"""What stands behind the person: walls and paper, people, hedges, house fronts, lights; and what rings an open place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from facegen import rng
from facegen.geometry import planes
from facegen.surroundings import furnishings, paint, people, scenery
from facegen.surroundings.grain import Grain
from facegen.surroundings.paint import Canvas, clouds, muted
from facegen.surroundings.quads import UP, Paint, Painter, Quad, Vec, box, cross, facing, towards
from facegen.surroundings.world import World

GREEN = np.array([0.075, 0.115, 0.04])
LEAVES, WOODS = Grain(0.5, 1.0, 11, 0.5), Grain(0.28, 6.0, 12, 0.3)
"""Leaves in tufts, rims and gaps between them; woods far off, paler."""
_LAMP_CD = 90.0
Colours = tuple[tuple[float, float, float], ...]
Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Behind:
    """`kind` of background, its reflectances `rgb`, the `seed` of its shapes and how far it is from the face."""

    kind: str
    rgb: tuple[tuple[float, float, float], ...]
    seed: int
    distance_m: float


def furnished(world: World, behind: Behind, seed: int, eye: float, outside: Vec | None) -> World:
    """Add what the background asks for. `outside`: illuminance beyond a room's glass front; None in the open."""
    extra = _behind(behind.kind, behind.rgb, behind.seed, behind.distance_m, eye, outside)
    return replace(world, quads=(*world.quads, *extra), distance_m=behind.distance_m)


def _behind(kind: str, rgb: Colours, seed: int, distance: float, eye: float, outside: Vec | None) -> list[Quad]:
    """Return the quads of a background `kind` at `distance` behind the face. `outside`: see places; None in the open."""
    if kind in _WALLS:
        wide, high = 5.0 + 1.5 * distance, 3.4
        return [
            box(wide, high, -wide / 2, -1.7, -distance, _WALLS[kind](wide, high, rgb, seed), grain=Grain(_ROUGH[kind], 0.4, seed))
        ]
    if kind == "crowd":
        return crowd(seed, eye, distance)
    if kind == "bokeh":
        return [_lights(seed, distance)]
    if kind == "indoor" and outside is None:  # in the open: before a wall
        wide, high = 6.0 + distance, 2.8
        wall = paint.wall(wide, high, muted(rng.expand(seed, "wall.colour"), 0.3, 0.7), seed, furnishings.THINGS, 5)
        return [box(wide, high, -wide / 2, -eye, -distance, wall, grain=Grain(0.07, 0.5, seed), spans=True)]
    if kind in ("outdoor", "foliage", "street") and outside is not None:
        return _glass_front(kind, seed, distance, eye, outside)
    return []


def crowd(seed: int, eye: float, distance: float) -> list[Quad]:
    """Rows of people, the nearest at `distance`."""
    random = rng.expand(seed, "crowd")
    out = []
    for row in range(2):
        far = distance * (1 + 0.45 * row)
        wide = 2.0 + 1.3 * far
        out.append(
            box(
                wide,
                1.75,
                -wide / 2,
                -eye - 0.05 + random.uniform(-0.05, 0.1),
                -far,
                _row(wide, seed + row),
                even=True,
                fine=row > 0,
                grain=Grain(0.05, 0.5, seed + row),
            )
        )
    return out


def _row(wide: float, seed: int) -> Painter:
    def draw(detail: float) -> Paint:
        random, detail = rng.expand(seed, "row"), min(detail, 45.0)
        h, w = max(4, round(1.75 * detail)), max(4, round(wide * detail))
        albedo, cover = np.zeros((h, w, 3), np.float32), np.zeros((h, w), np.float32)
        at = random.uniform(-0.2, 0.3)
        while at < wide - 0.3:
            one = people.person(0.7, 1.75, int(random.integers(2**31)))(detail)
            shift = int(random.uniform(0, 0.22) * h / 1.75)
            x0 = int(at * w / wide)
            a, b = max(x0, 0), min(x0 + one.albedo.shape[1], w)
            if b > a and shift < h:
                part = slice(a - x0, b - x0)
                over = one.cover[: h - shift, part]  # type: ignore[index]
                here = albedo[shift:, a:b]
                here *= planes.thrice(1 - over)
                here += one.albedo[: h - shift, part] * planes.thrice(over)
                cover[shift:, a:b] = np.maximum(cover[shift:, a:b], over)
            at += random.uniform(0.35, 0.9)
        albedo /= planes.thrice(np.maximum(cover, 1e-3))
        return Paint(albedo, None, cover)

    return draw


def ring(kind: str, seed: int, eye: float, openness: float) -> list[Quad]:
    """Return trees, hedges, houses all around, with gaps where the place is open (0..1)."""
    random = rng.expand(seed, f"ring.{kind}")
    quads = []
    green = GREEN * random.uniform(0.6, 1.5) * (1 + 0.1 * random.standard_normal(3))
    houses = 0.75 if kind == "street" else 0.0 if kind == "foliage" else 0.35
    for k in range(8):
        if random.random() < openness:
            continue
        far = random.uniform(9, 28) if kind != "foliage" else random.uniform(3, 9)
        wide = 2 * far * np.tan(np.radians(24))
        azimuth = 180 + 45 * k + random.uniform(-6, 6)
        if random.random() < houses:
            high = random.uniform(4, 13)
            painter = scenery.facade(wide, high, muted(random, 0.15, 0.65, 0.18), seed + k)
            quads.append(_standing(azimuth, far, wide, high, eye, painter, Grain(0.16, 1.2, seed + k), even=False))
        else:
            high = random.uniform(0.25, 0.6) * far + 1.2
            quads.append(
                _standing(
                    azimuth, far, wide, high, eye, scenery.foliage(wide, high, green, seed + k, random.uniform(0.1, 0.5)), LEAVES
                )
            )
        if random.random() < 0.5 and kind != "foliage":
            high = random.uniform(4, 9)
            near = far * random.uniform(0.45, 0.8)
            tree = scenery.tree(0.7 * high, high, green * random.uniform(0.7, 1.3), seed + 50 + k)
            quads.append(
                replace(_standing(azimuth + random.uniform(-20, 20), near, 0.7 * high, high, eye, tree, LEAVES), fine=True)
            )
    for k in range(4):  # far woods, pale with the air before them
        high, hazy = random.uniform(5, 11), 0.7 * green + np.array([0.035, 0.045, 0.06])
        quads.append(_standing(180 + 90 * k, 58, 118, high, eye, scenery.foliage(118, high, hazy, seed + 90 + k, 0.5), WOODS))
    return quads


def along_street(seed: int, eye: float, half: float, lamps_cd: float) -> list[Quad]:
    """Return parked cars, people and trees along both kerbs of a street that runs along Z."""
    random = rng.expand(seed, "kerb")
    quads = []
    for k in range(4):
        side, z = random.choice([-1.0, 1.0]), random.uniform(-22, -4) * random.choice([1.0, 1.0, -1.0])
        at = np.array([side * half * random.uniform(0.55, 0.8), -eye + 0.75, z])
        quads.append(facing(at, 4.3, 1.5, scenery.car(4.3, 1.5, seed + k, lamps_cd), even=True, fine=True))
    for k in range(5):
        at = np.array([random.uniform(-0.8, 0.8) * half, -eye + 0.85, random.uniform(-14, -3)])
        quads.append(
            facing(at, 0.8, 1.7, people.person(0.8, 1.7, seed + 20 + k), even=True, fine=True, grain=Grain(0.06, 0.5, k))
        )
    for k in range(int(random.integers(0, 3))):
        high = random.uniform(4, 8)
        at = np.array([random.choice([-0.8, 0.8]) * half, -eye + high / 2, random.uniform(-20, -5)])
        quads.append(
            facing(at, 0.7 * high, high, scenery.tree(0.7 * high, high, GREEN, seed + 40 + k), even=True, fine=True, grain=LEAVES)
        )
    return quads


def _standing(
    azimuth: float, far: float, wide: float, high: float, eye: float, painter: Painter, grain: Grain, even: bool = True
) -> Quad:
    f = towards(azimuth, 0)
    right = cross(f, UP)
    return Quad(
        f * far - right * wide / 2 + np.array([0, high - eye, 0]),
        right * wide,
        np.array([0, -high, 0.0]),
        painter,
        False,
        even,
        grain=grain,
    )


def _glass_front(kind: str, seed: int, distance: float, eye: float, outside: Vec) -> list[Quad]:
    """A street, a garden or a square behind glass: a picture of the open, lit from outside, with bars before it."""
    wide, high = 6.0 + 2 * distance, 2.9

    def draw(detail: float) -> Paint:
        random = rng.expand(seed, "glass")
        level = outside / np.pi
        sky = Canvas(wide, high, detail, level * 1.3)
        glow = sky.done()
        h, w = glow.shape[:2]
        if kind != "foliage":
            front = scenery.facade(wide, high, muted(random, 0.15, 0.6, 0.3), seed)(detail)
            top = int(random.uniform(0, 0.3) * h)
            glow[top:] = front.albedo[: h - top, :w] * level
        if kind != "street":
            leaves = scenery.foliage(wide, high, GREEN, seed, 0.5)(detail)
            cover = leaves.cover[..., None]  # type: ignore[index]
            glow = glow * (1 - cover) + leaves.albedo * level * cover
        bars = np.zeros((h, w, 1), np.float32)
        for x in np.arange(random.uniform(0, 1), wide, random.uniform(0.9, 2.2)):
            bars[:, int(x * detail) : int((x + 0.07) * detail) + 1] = 1
        return Paint((bars * np.float32(0.3) * np.ones(3)).astype(np.float32), (glow * (1 - bars)).astype(np.float32))

    return [box(wide, high, -wide / 2, -eye, -distance, draw)]


def _lights(seed: int, distance: float) -> Quad:
    """Small lamps far behind: out of focus they become discs."""
    wide, high = 1.6 * distance, 1.1 * distance

    def draw(detail: float) -> Paint:
        random = rng.expand(seed, "lights")
        glow = Canvas(wide, high, detail, (0, 0, 0))
        hues = [np.array(c) for c in ((1.6, 0.9, 0.35), (1.2, 1.0, 0.8), (0.7, 1.0, 1.5), (1.8, 0.3, 0.2), (0.4, 1.3, 0.6))]
        for _ in range(int(random.integers(18, 55))):
            x, y = random.uniform(0, wide), high * np.clip(random.normal(0.5, 0.2), 0, 1)
            rgb = hues[int(random.choice(5, p=[0.42, 0.28, 0.15, 0.1, 0.05]))] * random.lognormal(0, 0.8)
            r, least = 0.004 * distance, 0.8 / detail
            glow.oval(x, y, max(r, least), max(r, least), rgb * _LAMP_CD * min(1.0, r / least) ** 2)
        light = glow.done()
        cover = np.clip(light.max(axis=2) / (0.1 * _LAMP_CD), 0, 1)
        return Paint(np.zeros_like(light), light, cover)

    return box(wide, high, -wide / 2, -0.45 * high, -distance, draw, fine=True)


def _two_tone(wide: float, high: float, rgb: Colours, seed: int) -> Painter:
    def draw(detail: float) -> Paint:
        random = rng.expand(seed, "tones")
        h, w = max(3, round(high * detail)), max(3, round(wide * detail))
        y, x = np.meshgrid(np.linspace(0, 1, h), np.linspace(0, 1, w), indexing="ij")
        angle = random.uniform(0, 2 * np.pi)
        ramp = np.clip(
            0.5 + 1.6 * ((x - 0.5) * np.cos(angle) * 2 + (y - 0.5) * np.sin(angle)) + 0.05 * clouds(random, (h, w), (1, 2)), 0, 1
        )
        both = np.asarray(rgb, np.float32)
        return Paint((both[0] * (1 - ramp[..., None]) + both[-1] * ramp[..., None]).astype(np.float32))

    return draw


def _paper(wide: float, high: float, rgb: Colours, seed: int) -> Painter:
    """A paper roll or a painted cloth with a pool of light behind the head."""

    def draw(detail: float) -> Paint:
        random = rng.expand(seed, "paper")
        h, w = max(3, round(high * detail)), max(3, round(wide * detail))
        y, x = np.meshgrid(np.linspace(0, high, h), np.linspace(-wide / 2, wide / 2, w), indexing="ij")
        cx, cy, r = random.normal(0, 0.5), high / 2 + random.normal(0, 0.3), random.uniform(0.8, 2.0)
        pool = 0.45 + 0.75 * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / r**2)
        cloth = random.uniform(0.0, 0.14) * clouds(random, (h, w), (high, wide))
        return Paint(np.clip(np.asarray(rgb[0]) * (pool * (1 + cloth))[..., None], 0.003, 1.0).astype(np.float32))

    return draw


def _passport(wide: float, high: float, rgb: Colours, seed: int) -> Painter:
    return paint.even(wide, high, rgb[0], seed, 0.004)


def _plain(wide: float, high: float, rgb: Colours, seed: int) -> Painter:
    return paint.even(wide, high, rgb[0], seed, 0.03)


_WALLS: dict[str, Callable[[float, float, Colours, int], Painter]] = {
    "plain": _plain, "gradient": _two_tone, "studio": _paper, "passport": _passport,
}  # fmt: skip
_ROUGH = {"plain": 0.03, "gradient": 0.02, "studio": 0.04, "passport": 0.01}
"""Grain of painted walls, cloth and paper, sd of log reflectance."""
