"""Build the places: rooms, studios, the open and streets, from drawn numbers; what stands behind the head is part of them.

`numbers` are those of assets/light/environments.json, which explains them. `Behind` says what stands behind the person: a wall of
one colour, the place itself, people ... Every place can have every background: what does not go together (a hedge in a room) is
seen through a glass front, or is a wall in the open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.geometry import harmonics
from facegen.sample import BackgroundSpec, Place
from facegen.surroundings import backdrops, files, maps, paint, scenery
from facegen.surroundings.colour import kelvin_rgb, luminance
from facegen.surroundings.sky import Sky, sky, sky_lux, sun_lux, sun_rgb
from facegen.surroundings.world import Emitter, Quad, Vec, World, about_vertical, facing, towards

Numbers = Mapping[str, float]
UP = np.array([0.0, 1.0, 0.0])
OUTDOOR = ("outdoor", "foliage", "street")


@dataclass(frozen=True)
class Behind:
    """`kind` of background, its reflectances `rgb`, the `seed` of its shapes and how far it is from the face."""

    kind: str
    rgb: tuple[tuple[float, float, float], ...]
    seed: int
    distance_m: float


def build(shell: str, numbers: Numbers, seed: int, behind: Behind) -> World:
    """Return the place `shell` (room, studio, open, street)."""
    world = {"room": _room, "studio": _room, "open": _open, "street": _street}[shell](numbers, seed, behind)
    return _with_flash(world, numbers)


def _room(numbers: Numbers, seed: int, behind: Behind) -> World:
    """A box of four walls, lit by a window, panels of the ceiling, lamps or softboxes, and by its own walls."""
    random = rng.expand(seed, "room")
    turn, height, eye = numbers["room.turn_deg"], numbers["room.height_m"], numbers["room.eye_m"]
    sides = [numbers[f"room.wall{k}_m"] for k in range(4)]
    colour = paint.muted(random, numbers["room.albedo"] * 0.85, numbers["room.albedo"], numbers.get("room.chroma", 0.2))
    floor = paint.muted(random, 0.08, 0.4, 0.3)
    things = 0 if numbers.get("room.bare", 0.0) >= 0.5 else 6
    quads: list[Quad] = []
    for k in range(4):
        f = towards(turn + 90 * k, 0)
        right, left_m, right_m = np.cross(f, UP), sides[(k + 1) % 4], sides[(k + 3) % 4]
        corner, wide = f * sides[k] - right * left_m + UP * (height - eye), left_m + right_m
        painter = paint.wall(wide, height, colour, seed + k, things)
        quads.append(Quad(corner, right * wide, -UP * height, painter, wall=True))
    spin = about_vertical(turn)
    x, z = spin[:, 0], spin[:, 2]
    wide, long = sides[1] + sides[3], sides[0] + sides[2]
    corner = x * -sides[3] - z * sides[2]
    quads.append(Quad(corner - UP * eye, x * wide, z * long, paint.planks(wide, long, floor, seed), wall=True))
    corner = x * -sides[3] + z * sides[0] + UP * (height - eye)
    quads.append(Quad(corner, x * wide, -z * long, paint.even(wide, long, (0.75, 0.74, 0.72), seed), wall=True))
    area = 2 * (wide * long + (wide + long) * height)
    lights, sources = _lights(numbers, seed, (turn, sides, height, eye))
    flux = sum((np.pi * s.rgb * s.area for s in sources), np.full(3, 1e-3))
    mean = (colour * (area - 2 * wide * long) + (floor + 0.74) * wide * long) / area
    between = flux * mean / (area * (1 - mean))
    between = between + numbers.get("room.extra_lx", 0.0) * kelvin_rgb(numbers.get("room.extra_k", 4000))
    world = World((*quads, *lights), tuple(sources), lambda normal: between, None, (), max(sides[1], 1.0))
    outside = float(numbers.get("outside_lx", 3000.0)) * kelvin_rgb(6500)
    return _furnished(world, behind, seed, eye, outside)


def _lights(numbers: Numbers, seed: int, room: tuple[float, list[float], float, float]) -> tuple[list[Quad], list[Emitter]]:
    turn, sides, height, eye = room
    quads: list[Quad] = []
    sources: list[Emitter] = []
    if "window.cd" in numbers:
        w, h, sill = numbers["window.width_m"], min(numbers["window.height_m"], height - 0.15), numbers["window.sill_m"]
        sill = min(sill, height - h - 0.1)
        f = towards(turn, 0)
        right = np.asarray(np.cross(f, UP), dtype=np.float64)
        middle = f * (sides[0] - 0.02) + right * numbers["window.shift_m"] + UP * (sill + h / 2 - eye)
        glow = numbers["window.cd"] * kelvin_rgb(numbers["window.kelvin"])
        above = numbers.get("window.sky", 0.7)
        corner = middle - right * w / 2 + UP * h / 2
        quads.append(Quad(corner, right * w, -UP * h, scenery.window(w, h, glow, seed, above)))
        share = 0.8 * (above + 0.25 * (1 - above))
        sources.append(Emitter(middle, glow * share, w * h, -f))
    for k in range(3):
        if f"panel{k}.cd" in numbers:
            quads_, source = _panel(numbers, f"panel{k}", height - eye)
            quads.append(quads_)
            sources.append(source)
        if f"lamp{k}.cd" in numbers:
            n = {
                word: numbers[f"lamp{k}.{word}"]
                for word in ("azimuth_deg", "elevation_deg", "distance_m", "width_m", "cd", "kelvin")
            }
            at = towards(n["azimuth_deg"], n["elevation_deg"]) * n["distance_m"]
            rgb = n["cd"] * kelvin_rgb(n["kelvin"], numbers.get(f"lamp{k}.duv", 0.0))
            rgb = rgb * _tint(numbers, f"lamp{k}")
            tall, shaped = numbers.get(f"lamp{k}.height_m", n["width_m"]), numbers.get(f"lamp{k}.shaped", 0.0) >= 0.5
            quads.append(facing(at, n["width_m"], tall, scenery.softbox(rgb, n["width_m"], tall, not shaped)))
            area = n["width_m"] * tall * (1.0 if shaped else np.pi / 4)
            sources.append(
                Emitter(at, rgb * numbers.get(f"lamp{k}.beam", 1.0), area, -at / np.linalg.norm(at) if shaped else None)
            )
    if "board.azimuth_deg" in numbers:
        at = towards(numbers["board.azimuth_deg"], numbers["board.elevation_deg"]) * numbers["board.distance_m"]
        quads.append(facing(at, 1.0, 1.6, paint.even(1.0, 1.6, (0.85, 0.85, 0.85), seed)))
    return quads, sources


def _panel(numbers: Numbers, name: str, above: float) -> tuple[Quad, Emitter]:
    """A light panel in the ceiling, `above` the eyes."""
    at = np.array([numbers[f"{name}.x_m"], above - 0.01, numbers[f"{name}.z_m"]])
    w, h = numbers[f"{name}.width_m"], numbers[f"{name}.length_m"]
    rgb = numbers[f"{name}.cd"] * kelvin_rgb(numbers[f"{name}.kelvin"], numbers.get(f"{name}.duv", 0.0))
    corner = at + np.array([-w / 2, 0, h / 2])
    quad = Quad(corner, np.array([w, 0, 0]), np.array([0, 0, -h]), scenery.softbox(rgb, w, h))
    return quad, Emitter(at, rgb, w * h, -UP)


def _tint(numbers: Numbers, name: str) -> Vec:
    """A gel of hue `hue_deg` and strength `chroma` before the lamp."""
    hue, chroma = np.radians(numbers.get(f"{name}.hue_deg", 0.0)), numbers.get(f"{name}.chroma", 0.0)
    rgb = np.clip(1 + chroma * np.cos(hue - np.array([0.0, 2 * np.pi / 3, 4 * np.pi / 3])), 0.03, None)
    return np.asarray(rgb / luminance(rgb))


@dataclass(frozen=True)
class _Outside:
    """Dome of a sky over a ground, and its irradiance by harmonics."""

    sky: Sky
    ground: Vec
    coefficients: NDArray[np.float64]

    def dome(self, directions: NDArray[np.float32]) -> NDArray[np.float32]:
        below = np.clip(-directions[..., 1:2] * 40 + 0.5, 0, 1)
        return np.asarray(self.sky.rgb(directions) * (1 - below) + self.ground * below, dtype=np.float32)

    def even(self, normal: Vec) -> Vec:
        n = normal / np.linalg.norm(normal)
        return np.asarray(np.clip(harmonics.irradiance(self.coefficients, n[None])[0], 0, None))


def _daylight(numbers: Numbers) -> tuple[_Outside, tuple[tuple[Vec, Vec, float], ...], Vec]:
    """Return the dome, the sun, if it is seen, and the irradiance of the ground."""
    altitude = numbers["sun.altitude_deg"]
    sun = towards(numbers["sun.azimuth_deg"], altitude)
    weather = "overcast" if numbers["sky.kind"] < 7 else "clear" if numbers["sky.kind"] >= 11 else "partly"
    diffuse = sky_lux(altitude, weather) * numbers.get("sky.dim", 1.0)
    direct = sun_lux(altitude, weather) * numbers.get("sun.share", 1.0) * sun_rgb(altitude, numbers.get("sky.haze", 0.08))
    above = sky(sun, round(numbers["sky.kind"]), diffuse, numbers["sky.blue_k"], numbers["sky.pale_k"])
    albedo = np.array([numbers["ground.albedo"]] * 3) * (1.03, 1.0, 0.92 - 0.3 * numbers.get("ground.green", 0.0))
    level = diffuse * kelvin_rgb(numbers["sky.blue_k"] * 0.6) + direct * max(float(sun[1]), 0.0)
    out = _Outside(above, level * albedo / np.pi, np.zeros((16, 3)))
    out = replace(out, coefficients=maps.project(out.dome(maps.directions())))
    return out, (((sun, direct, 0.53),) if direct.max() > 0 else ()), albedo


def _open(numbers: Numbers, seed: int, behind: Behind) -> World:
    """A sky over a ground, with the things of a park or a square around."""
    outside, suns, albedo = _daylight(numbers)
    eye = numbers["eye_m"]
    quads = [_ground(albedo, seed, eye, 60.0)]
    kind = behind.kind if behind.kind in OUTDOOR else "outdoor"
    quads += backdrops.ring(kind, seed, eye, numbers["openness"])
    if numbers.get("shade.height_m", 0.0) > 0:  # a wall or a roof that keeps the sun and half the sky away
        az, high = numbers["shade.azimuth_deg"], numbers["shade.height_m"]
        f = towards(az, 0)
        right = np.asarray(np.cross(f, UP), dtype=np.float64)
        corner = f * numbers["shade.distance_m"] - right * 15 + UP * (high - eye)
        painter = scenery.facade(30, high, paint.muted(rng.expand(seed, "shade"), 0.15, 0.6), seed)
        quads.append(Quad(corner, 30.0 * right, -UP * high, painter, wall=True))
    world = World(tuple(quads), (), outside.even, outside.dome, suns, behind.distance_m)
    return _furnished(world, behind, seed, eye, None)


def _street(numbers: Numbers, seed: int, behind: Behind) -> World:
    """House fronts on both sides of a road; at night with lamps and lit windows."""
    random = rng.expand(seed, "street")
    night = numbers.get("night", 0.0) >= 0.5
    eye, half, long = numbers["eye_m"], numbers["street.half_m"], 45.0
    spin = about_vertical(numbers["street.turn_deg"])
    glow = numbers.get("street.window_cd", 0.0)
    quads = []
    for side in (-1.0, 1.0):
        high = random.uniform(6, 16)
        corner = np.array([side * half, high - eye, -side * long])
        across = np.array([0, 0, side * 2 * long])
        painter = scenery.facade(2 * long, high, paint.muted(random, 0.12, 0.6, 0.18), seed + int(side), 0.35 * night, glow)
        quads.append(Quad(corner, across, -UP * high, painter, wall=True))
    for end in (-1.0, 1.0):
        high = random.uniform(5, 14)
        corner = np.array([end * half, high - eye, end * long])
        painter = scenery.facade(2 * half, high, paint.muted(random, 0.12, 0.5, 0.18), seed + 7 + int(end), 0.35 * night, glow)
        quads.append(Quad(corner, np.array([-end * 2 * half, 0, 0]), -UP * high, painter, wall=True))
    quads += backdrops.along_street(seed, eye, half, 400.0 * night)
    emitters: list[Emitter] = []
    if night:
        even_rgb = numbers["street.even_lx"] * kelvin_rgb(numbers["street.even_k"])
        for k in range(2):
            at = towards(numbers[f"lamp{k}.azimuth_deg"], numbers[f"lamp{k}.elevation_deg"]) * numbers[f"lamp{k}.distance_m"]
            rgb = numbers[f"lamp{k}.cd"] * kelvin_rgb(numbers[f"lamp{k}.kelvin"], numbers.get(f"lamp{k}.duv", 0.0))
            wide = numbers[f"lamp{k}.width_m"]
            emitters.append(Emitter(at, rgb, wide * wide * np.pi / 4))
            quads.append(facing(at, wide, wide, scenery.softbox(rgb, wide, wide, True)))
        above = even_rgb * 0.02
        world = World(
            tuple(q.turned(spin) if q.wall or not _is_lamp(q) else q for q in quads), tuple(emitters), lambda n: even_rgb,
            lambda d: np.broadcast_to(above.astype(np.float32), d.shape).copy(), (), behind.distance_m,
        )  # fmt: skip
    else:
        outside, suns, albedo = _daylight(numbers)
        quads.append(_ground(albedo, seed, eye, 60.0))
        world = World(tuple(q.turned(spin) for q in quads), (), outside.even, outside.dome, suns, behind.distance_m)
    if night:
        world = replace(world, quads=(_ground(np.array([0.08, 0.08, 0.08]), seed, eye, 60.0), *world.quads))
    return _furnished(world, behind, seed, eye, None)


def _is_lamp(quad: Quad) -> bool:
    return not quad.even and float(np.linalg.norm(quad.across)) < 1.5


def _ground(albedo: NDArray[np.floating], seed: int, eye: float, reach: float) -> Quad:
    corner = np.array([-reach, -eye, -reach])
    painter = scenery.ground(2 * reach, 2 * reach, albedo, seed)
    return Quad(corner, np.array([2 * reach, 0, 0]), np.array([0, 0, 2 * reach]), painter, wall=True)


def _furnished(world: World, behind: Behind, seed: int, eye: float, outside: Vec | None) -> World:
    """Add what the background asks for. `outside`: illuminance beyond a room's glass front; None in the open."""
    extra = backdrops.behind(behind.kind, behind.rgb, behind.seed, behind.distance_m, eye, outside)
    return replace(world, quads=(*world.quads, *extra), distance_m=behind.distance_m)


def _with_flash(world: World, numbers: Numbers) -> World:
    """A flash beside the lens: at the face a disc, in the place a source that falls with the square."""
    lux = numbers.get("flash.lx", 0.0)
    if lux <= 0:
        return world
    away = numbers["flash.distance_m"]
    at = np.array([numbers["flash.right_m"], numbers["flash.up_m"], away])
    rgb = lux * kelvin_rgb(numbers["flash.kelvin"])
    source = Emitter(at, rgb * away * away / 1e-4, 1e-4)
    disc = (at / np.linalg.norm(at), rgb, max(numbers["flash.size_deg"], 1.1))
    return replace(world, emitters=(*world.emitters, source), discs=(*world.discs, disc))


def _panorama(place: Place, behind: Behind) -> World:
    """A user's panorama, turned about the vertical; walls and people may stand before it."""
    spin = about_vertical(place.numbers["turn_deg"]).astype(np.float32)
    whole = files.panorama(place.file, place.sha256)
    small = files.small(place.file, place.sha256)

    def dome(directions: NDArray[np.float32]) -> NDArray[np.float32]:
        source = small if directions.shape[:2] == (maps.ROWS, maps.COLUMNS) else whole
        return maps.sample(source, directions @ spin)

    coefficients = maps.project(maps.sample(small, maps.directions() @ spin))

    def even(normal: Vec) -> Vec:
        n = normal / np.linalg.norm(normal)
        return np.asarray(np.clip(harmonics.irradiance(coefficients, n[None])[0], 0, None))

    return _furnished(World((), (), even, dome, (), behind.distance_m), behind, place.seed, 1.5, None)


@lru_cache(maxsize=8)
def _built(place: str, background: str) -> World:
    where, spec = Place.model_validate_json(place), BackgroundSpec.model_validate_json(background)
    behind = Behind(spec.kind, spec.rgb, spec.seed, spec.distance_m)
    if where.file:
        return _with_flash(_panorama(where, behind), where.numbers)
    return build(where.shell, where.numbers, where.seed, behind)


def world(place: Place, background: BackgroundSpec) -> World:
    """Return the place of a sample with its background in it (cached; a pure function of both)."""
    plain = place.model_copy(update={"scale": (1.0, 1.0, 1.0)})
    return _built(plain.model_dump_json(), background.model_copy(update={"blur": 0.0}).model_dump_json())


@lru_cache(maxsize=4)
def _mapped(place: str, background: str) -> maps.Map:
    out = _built(place, background).map()
    out.flags.writeable = False
    return out


def radiance_map(place: Place, background: BackgroundSpec) -> maps.Map:
    """Return the radiance around the face, cd/m2, gravity frame (read-only)."""
    plain = place.model_copy(update={"scale": (1.0, 1.0, 1.0)})
    return _mapped(plain.model_dump_json(), background.model_copy(update={"blur": 0.0}).model_dump_json())


def wall_behind(numbers: Numbers) -> float:
    """Return how far behind the face, level with it, a room's wall stands (m)."""
    sides = [(numbers[f"room.wall{k}_m"], -towards(numbers["room.turn_deg"] + 90 * k, 0)[2]) for k in range(4)]
    return float(min(far / cosine for far, cosine in sides if cosine > 1e-3))
