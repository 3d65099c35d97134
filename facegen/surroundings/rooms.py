"""Rooms and studios: a box of four walls, lit by a window, panels of the ceiling, lamps or softboxes, and by its own walls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.surroundings import furnishings, paint, scenery
from facegen.surroundings.backdrops import Behind, Numbers, furnished
from facegen.surroundings.colour import kelvin_rgb, luminance
from facegen.surroundings.grain import Grain
from facegen.surroundings.quads import UP, Quad, Vec, about_vertical, cross, facing, towards
from facegen.surroundings.world import Emitter, World


def room(numbers: Numbers, seed: int, behind: Behind) -> World:
    """A box of four walls, lit by a window, panels of the ceiling, lamps or softboxes, and by its own walls."""
    random = rng.expand(seed, "room")
    turn, height, eye = numbers["room.turn_deg"], numbers["room.height_m"], numbers["room.eye_m"]
    sides = [numbers[f"room.wall{k}_m"] for k in range(4)]
    colour = paint.muted(random, numbers["room.albedo"] * 0.85, numbers["room.albedo"], numbers.get("room.chroma", 0.2))
    floor = paint.muted(random, 0.08, 0.4, 0.3)
    bare = numbers.get("room.bare", 0.0) >= 0.5
    quads = _walls((turn, sides, height, eye), colour, seed, 0 if bare else 6, random.uniform(0.012, 0.05))
    quads += _floor_and_ceiling((turn, sides, height, eye), floor, seed)
    wide, long = sides[1] + sides[3], sides[0] + sides[2]
    area = 2 * (wide * long + (wide + long) * height)
    lights, sources = _lights(numbers, seed, (turn, sides, height, eye))
    flux = sum((source.flux for source in sources), np.full(3, 1e-3))
    # what walls send each other: after the first bounce, as in an integrating sphere of their mean reflectance
    mean = (colour * (area - 2 * wide * long) + (floor + 0.74) * wide * long) / area
    between = flux * mean / (area * (1 - mean))
    between = between + numbers.get("room.extra_lx", 0.0) * kelvin_rgb(numbers.get("room.extra_k", 4000))
    world = World((*quads, *lights), tuple(sources), lambda normal: between, None, (), max(sides[1], 1.0))
    outside = float(numbers.get("outside_lx", 3000.0)) * kelvin_rgb(6500)
    return furnished(world, behind, seed, eye, outside)


Box = tuple[float, list[float], float, float]
"""Of a room: where wall 0 lies (degrees), distances of the four walls, height, height of the eyes (m)."""


def _walls(box: Box, colour: NDArray[np.float32], seed: int, things: int, rough: float) -> list[Quad]:
    turn, sides, height, eye = box
    quads = []
    for k in range(4):
        f = towards(turn + 90 * k, 0)
        right, left_m, right_m = cross(f, UP), sides[(k + 1) % 4], sides[(k + 3) % 4]
        corner, wide = f * sides[k] - right * left_m + UP * (height - eye), left_m + right_m
        painter = paint.wall(wide, height, colour, seed + k, furnishings.THINGS, things)
        quads.append(Quad(corner, right * wide, -UP * height, painter, wall=True, grain=Grain(rough, 0.5, seed + k), spans=True))
    return quads


def _floor_and_ceiling(box: Box, floor: NDArray[np.float32], seed: int) -> list[Quad]:
    turn, sides, height, eye = box
    spin = about_vertical(turn)
    x, z, wide, long = spin[:, 0], spin[:, 2], sides[1] + sides[3], sides[0] + sides[2]
    low, high = x * -sides[3] - z * sides[2] - UP * eye, x * -sides[3] + z * sides[0] + UP * (height - eye)
    boards, white = paint.planks(wide, long, floor, seed), paint.even(wide, long, (0.75, 0.74, 0.72), seed)
    return [
        Quad(low, x * wide, z * long, boards, wall=True, grain=Grain(0.16, 0.4, seed)),
        Quad(high, x * wide, -z * long, white, wall=True, grain=Grain(0.025, 0.6, seed)),
    ]


def _lights(numbers: Numbers, seed: int, box: Box) -> tuple[list[Quad], list[Emitter]]:
    turn, sides, height, eye = box
    quads: list[Quad] = []
    sources: list[Emitter] = []
    if "window.cd" in numbers:
        w, h, sill = numbers["window.width_m"], min(numbers["window.height_m"], height - 0.15), numbers["window.sill_m"]
        sill = min(sill, height - h - 0.1)
        f = towards(turn, 0)
        right = cross(f, UP)
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
            beam = numbers.get(f"lamp{k}.beam", 1.0)
            aimed = shaped or beam < 1.0  # a softbox or a reflector; others are globes
            sources.append(Emitter(at, rgb * beam, area, -at / np.linalg.norm(at) if aimed else None))
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
