"""The places: rooms, studios, the open and streets, from drawn numbers; what stands behind the head is part of them.

`numbers` are those of assets/light/environments.json, which explains them. `Behind` says what stands behind the person: a wall of
one colour, the place itself, people ... Every place can have every background: what does not go together (a hedge in a room) is
seen through a glass front, or is a wall in the open.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegen.geometry import harmonics
from facegen.sample import BackgroundSpec, Place
from facegen.surroundings import files, maps
from facegen.surroundings.backdrops import Behind, Numbers, furnished
from facegen.surroundings.colour import kelvin_rgb
from facegen.surroundings.outdoors import open_place, street
from facegen.surroundings.quads import Vec, about_vertical, towards
from facegen.surroundings.rooms import room
from facegen.surroundings.world import Emitter, World


def build(shell: str, numbers: Numbers, seed: int, behind: Behind) -> World:
    """Return the place `shell` (room, studio, open, street)."""
    world = {"room": room, "studio": room, "open": open_place, "street": street}[shell](numbers, seed, behind)
    return _with_flash(world, numbers)


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

    return furnished(World((), (), even, dome, (), behind.distance_m), behind, place.seed, 1.5, None)


@dataclass(frozen=True)
class _Asked:
    """A place and a background, compared by their numbers alone: neither the place's scale nor the softness behind count."""

    key: str
    place: Place = field(compare=False)
    background: BackgroundSpec = field(compare=False)


def _asked(place: Place, background: BackgroundSpec) -> _Asked:
    key = place.model_dump_json(exclude={"scale"}) + background.model_dump_json(exclude={"blur"})
    return _Asked(key, place, background)


@lru_cache(maxsize=8)
def _built(asked: _Asked) -> World:
    where, spec = asked.place, asked.background
    behind = Behind(spec.kind, spec.rgb, spec.seed, spec.distance_m)
    if where.file:
        return _with_flash(_panorama(where, behind), where.numbers)
    return build(where.shell, where.numbers, where.seed, behind)


def world(place: Place, background: BackgroundSpec) -> World:
    """Return the place of a sample with its background in it (cached; a pure function of both)."""
    return _built(_asked(place, background))


@lru_cache(maxsize=4)
def _mapped(asked: _Asked) -> maps.Map:
    out = _built(asked).map()
    out.flags.writeable = False
    return out


def radiance_map(place: Place, background: BackgroundSpec) -> maps.Map:
    """Return the radiance around the face, cd/m2, gravity frame (read-only)."""
    return _mapped(_asked(place, background))


def wall_behind(numbers: Numbers) -> float:
    """Return how far behind the face, level with it, a room's wall stands (m)."""
    sides = [(numbers[f"room.wall{k}_m"], -towards(numbers["room.turn_deg"] + 90 * k, 0)[2]) for k in range(4)]
    return float(min(far / cosine for far, cosine in sides if cosine > 1e-3))
