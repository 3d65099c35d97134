"""The open and streets: a sky over a ground with things around, house fronts on both sides of a road, by day and at night."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.geometry import harmonics
from facegen.surroundings import backdrops, maps, paint, scenery
from facegen.surroundings.backdrops import Behind, Numbers, furnished
from facegen.surroundings.colour import kelvin_rgb
from facegen.surroundings.grain import Grain
from facegen.surroundings.quads import UP, Quad, Vec, about_vertical, cross, facing, towards
from facegen.surroundings.sky import Sky, sky, sky_lux, sun_lux, sun_rgb
from facegen.surroundings.world import Emitter, World

OUTDOOR = ("outdoor", "foliage", "street")


DRY, GRASS = np.array([1.03, 1.0, 0.92]), np.array([0.70, 1.06, 0.40])
"""Colour of bare ground or paving and of a lawn, of nearly equal luminance. Green grass reflects half as much red as green and a
third as much blue (ASTER spectral library, in round figures); a lawn has dry blades and earth in it."""


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
    albedo = numbers["ground.albedo"] * (DRY + numbers.get("ground.green", 0.0) * (GRASS - DRY))
    level = diffuse * kelvin_rgb(numbers["sky.blue_k"] * 0.6) + direct * max(float(sun[1]), 0.0)
    out = _Outside(above, level * albedo / np.pi, np.zeros((16, 3)))
    out = replace(out, coefficients=maps.project(out.dome(maps.directions())))
    return out, (((sun, direct, 0.53),) if direct.max() > 0 else ()), albedo


def open_place(numbers: Numbers, seed: int, behind: Behind) -> World:
    """A sky over a ground, with the things of a park or a square around."""
    outside, suns, albedo = _daylight(numbers)
    eye = numbers["eye_m"]
    quads = [_ground(albedo, seed, eye, 60.0, 0.22 + 0.16 * numbers.get("ground.green", 0.0))]
    kind = behind.kind if behind.kind in OUTDOOR else "outdoor"
    quads += backdrops.ring(kind, seed, eye, numbers["openness"])
    if numbers.get("shade.height_m", 0.0) > 0:  # a wall or a roof that keeps the sun and half the sky away
        az, high = numbers["shade.azimuth_deg"], numbers["shade.height_m"]
        f = towards(az, 0)
        right = cross(f, UP)
        corner = f * numbers["shade.distance_m"] - right * 15 + UP * (high - eye)
        painter = scenery.facade(30, high, paint.muted(rng.expand(seed, "shade"), 0.15, 0.6), seed)
        quads.append(Quad(corner, 30.0 * right, -UP * high, painter, wall=True, grain=Grain(0.16, 1.2, seed)))
    world = World(tuple(quads), (), outside.even, outside.dome, suns, behind.distance_m)
    return furnished(world, behind, seed, eye, None)


def street(numbers: Numbers, seed: int, behind: Behind) -> World:
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
        quads.append(Quad(corner, across, -UP * high, painter, wall=True, grain=Grain(0.16, 1.2, seed)))
    for end in (-1.0, 1.0):
        high = random.uniform(5, 14)
        corner = np.array([end * half, high - eye, end * long])
        painter = scenery.facade(2 * half, high, paint.muted(random, 0.12, 0.5, 0.18), seed + 7 + int(end), 0.35 * night, glow)
        quads.append(
            Quad(corner, np.array([-end * 2 * half, 0, 0]), -UP * high, painter, wall=True, grain=Grain(0.16, 1.2, seed))
        )
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
        quads.append(_ground(albedo, seed, eye, 60.0, 0.18))
        world = World(tuple(q.turned(spin) for q in quads), (), outside.even, outside.dome, suns, behind.distance_m)
    if night:
        world = replace(world, quads=(_ground(np.array([0.08, 0.08, 0.08]), seed, eye, 60.0, 0.18), *world.quads))
    return furnished(world, behind, seed, eye, None)


def _is_lamp(quad: Quad) -> bool:
    return not quad.even and float(np.linalg.norm(quad.across)) < 1.5


def _ground(albedo: NDArray[np.floating], seed: int, eye: float, reach: float, rough: float) -> Quad:
    """The ground `eye` below, of sd `rough` in log reflectance an octave and more: asphalt is smoother than grass."""
    corner = np.array([-reach, -eye, -reach])
    painter = scenery.ground(2 * reach, 2 * reach, albedo, seed)
    return Quad(
        corner, np.array([2 * reach, 0, 0]), np.array([0, 0, 2 * reach]), painter, wall=True, grain=Grain(rough, 5.0, seed)
    )
