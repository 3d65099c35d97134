"""Places: rectangles lit and seen in perspective; users' files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from facegen.errors import DataError, SpecError
from facegen.population.light import draw_place, environments
from facegen.resources import asset_json
from facegen.sample import BackgroundSpec
from facegen.surroundings import files, maps, places
from facegen.surroundings.colour import luminance
from facegen.surroundings.paint import even
from facegen.surroundings.quads import box
from facegen.surroundings.world import Emitter, World


def nothing(normal: np.ndarray) -> np.ndarray:
    return np.zeros(3)


def test_a_wall_under_even_light_has_its_radiance() -> None:
    wall = box(4, 4, -2, -2, -2.0, even(4, 4, (0.5, 0.25, 0.1), 1, 0.0))
    world = World((wall,), (), lambda n: np.full(3, np.pi * 10))
    behind = world.map()[32, 0]  # azimuth 180
    assert behind == pytest.approx([5, 2.5, 1], rel=1e-3)
    assert (world.map()[32, 64] == 0).all()


def test_a_wall_ends_where_perspective_says() -> None:
    wall = box(2, 2, -1, -1, -2.0, even(2, 2, (1, 1, 1), 1, 0.0), wall=True)
    world = World((wall,), (), lambda n: np.full(3, np.pi))
    at = np.linspace(-60, 60, 241)
    d = np.stack([np.sin(np.radians(at)), 0 * at, -np.cos(np.radians(at))], axis=1)[None].astype(np.float32)
    seen = world.seen(np.zeros(3), d, 100.0)[0, :, 0] > 0.5
    assert at[seen].max() == pytest.approx(np.degrees(np.arctan(0.5)), abs=0.8)
    farther = world.seen(np.array([0, 0, 2.0]), d, 100.0)[0, :, 0] > 0.5
    assert at[farther].max() == pytest.approx(np.degrees(np.arctan(0.25)), abs=0.8)


def test_the_back_of_a_wall_is_not_seen() -> None:
    wall = box(4, 4, -2, -2, -1.0, even(4, 4, (1, 1, 1), 1))
    world = World((wall,), (), lambda n: np.full(3, np.pi))
    assert (world.seen(np.array([0, 0, -3.0]), maps.directions(), 20.0) == 0).all()


def test_emitters_fall_with_the_square_and_the_cosines() -> None:
    source = Emitter(np.array([0, 0, 2.0]), np.array([100.0, 100, 100]), 0.01, np.array([0, 0, -1.0]))
    world = World((), (source,), nothing)
    facing = world.irradiance(np.array([[0, 0, 0.0]]), np.array([0, 0, 1.0]))[0, 0]
    assert facing == pytest.approx(100 * 0.01 / 4, rel=0.01)
    assert world.irradiance(np.array([[0, 0, -2.0]]), np.array([0, 0, 1.0]))[0, 0] == pytest.approx(facing / 4, rel=0.01)
    turned = world.irradiance(np.array([[0, 0, 0.0]]), np.array([0, np.sin(1), np.cos(1)]))[0, 0]
    assert turned == pytest.approx(facing * np.cos(1), rel=0.01)


ROOM = {"room.turn_deg": 20.0, "room.wall0_m": 2.5, "room.wall1_m": 2.0, "room.wall2_m": 2.2, "room.wall3_m": 2.6,
        "room.height_m": 2.7, "room.eye_m": 1.4, "room.chroma": 0.0, "room.bare": 1.0, "lamp0.azimuth_deg": 40.0,
        "lamp0.elevation_deg": 10.0, "lamp0.distance_m": 1.2, "lamp0.width_m": 0.3, "lamp0.cd": 4000.0,
        "lamp0.kelvin": 4000.0}  # fmt: skip


@pytest.mark.parametrize("albedo", [0.1, 0.4, 0.7])
@pytest.mark.parametrize("lamp", [{}, {"lamp0.shaped": 1.0}, {"lamp0.beam": 0.2}], ids=["globe", "softbox", "reflector"])
def test_a_closed_room_keeps_the_energy_of_its_lamps(albedo: float, lamp: dict[str, float]) -> None:
    """Walls, floor and ceiling receive flux / (A (1 - mean reflectance)), as in an integrating sphere: what they swallow
    is then what the lamps send out."""
    numbers = {**ROOM, **lamp, "room.albedo": albedo}
    world = places.build("room", numbers, 3, places.Behind("place", (), 1, 2.0))
    received = reflected = area = 0.0
    steps = (np.arange(40) + 0.5) / 40
    for quad in (q for q in world.quads if q.wall):
        at = (quad.corner + steps[:, None, None] * quad.down + steps[None, :, None] * quad.across).reshape(-1, 3)
        size = float(np.linalg.norm(quad.across) * np.linalg.norm(quad.down))
        share = float(luminance(quad.paint(8.0).albedo).mean())
        lux = float(luminance(world.irradiance(at, quad.normal)).mean())
        received, reflected, area = received + lux * size, reflected + share * lux * size, area + size
    flux = float(luminance(sum(source.flux for source in world.emitters)))
    solid = 1.0 if "lamp0.shaped" in lamp or "lamp0.beam" in lamp else 4.0
    disc = 0.09 if "lamp0.shaped" in lamp else 0.09 * np.pi / 4
    assert flux == pytest.approx(np.pi * 4000 * numbers.get("lamp0.beam", 1.0) * disc * solid, rel=0.01)
    mean = reflected / received
    assert received / area == pytest.approx(flux / (area * (1 - mean)), rel=0.08)


@pytest.mark.parametrize("name", sorted(environments()))
def test_places_are_finite_lit_and_repeatable(name: str) -> None:
    place = draw_place(name, np.random.default_rng(1), 5)
    for kind in ("indoor", "street", "crowd"):
        spec = BackgroundSpec(kind=kind, seed=2)
        radiance = places.world(place, spec).map()
        assert np.isfinite(radiance).all()
        assert radiance.min() >= 0
        assert luminance(radiance).max() > 0.5
        assert np.array_equal(radiance, places.radiance_map(place, spec))


def test_every_background_can_stand_in_every_kind_of_place() -> None:
    kinds = [k for k in asset_json("light/backgrounds.json")["kinds"] if k not in ("picture", "place")]
    rgb = {k: tuple(tuple(c["high"]) for c in asset_json("light/backgrounds.json")["kinds"][k]["colors"]) for k in kinds}
    for name in ("office_panels", "overcast", "night_street"):
        place = draw_place(name, np.random.default_rng(1), 5)
        looks = [places.world(place, BackgroundSpec(kind=k, seed=2, rgb=rgb[k])).seen(
            np.array([0, 0, 1.0]), maps.directions()[20:44, :12], 40.0) for k in kinds]  # fmt: skip
        assert all(np.isfinite(x).all() for x in looks)


def hdr(path: Path, width: int = 128, height: int = 64) -> Path:
    image = np.full((height, width, 3), 0.5, np.float32)
    image[height // 4, width // 2 + width // 8] = 4000.0  # a sun at azimuth 45, elevation 45
    assert cv2.imwrite(str(path), image)
    return path


@pytest.mark.parametrize("suffix", ["hdr", "exr"])
def test_a_panorama_lights_the_face(tmp_path: Path, suffix: str) -> None:
    path = str(hdr(tmp_path / f"sun.{suffix}", 256, 128))
    assert files.listed(str(tmp_path), files.PANORAMAS) == (path,)
    assert files.panorama(path).shape == (128, 256, 3)
    small = files.small(path)
    peak = np.unravel_index(luminance(small).argmax(), small.shape[:2])
    assert maps.directions()[peak] == pytest.approx([0.5, 0.7, 0.5], abs=0.06)
    with pytest.raises(DataError, match="has changed"):
        files.panorama(path, "0" * 64)


def test_a_picture_that_changes_under_the_run_is_not_taken_for_the_one_drawn(tmp_path: Path) -> None:
    path = str(tmp_path / "wall.png")
    cv2.imwrite(path, np.full((40, 40, 3), 10, np.uint8))
    drawn = files.sha256(path)
    cv2.imwrite(path, np.full((40, 40, 3), 200, np.uint8))
    with pytest.raises(DataError, match="has changed"):
        files.picture(path, drawn)


def test_bad_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="is not a folder"):
        files.listed(str(tmp_path / "none"), files.PANORAMAS)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SpecError, match="holds no file"):
        files.listed(str(tmp_path / "empty"), files.PANORAMAS)
    with pytest.raises(DataError, match="cannot be read"):
        files.panorama(str(tmp_path / "gone.hdr"))
    with pytest.raises(DataError, match="twice as wide"):
        files.panorama(str(hdr(tmp_path / "square.hdr", 64, 64)))
    (tmp_path / "text.hdr").write_text("no picture")
    with pytest.raises(DataError, match="no panorama"):
        files.panorama(str(tmp_path / "text.hdr"))
    with pytest.raises(DataError, match="no picture"):
        files.picture(str(tmp_path / "text.hdr"))
