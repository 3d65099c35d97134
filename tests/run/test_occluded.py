"""Pictures with things before the face: what the labels say of them against rays and against the bare scene."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import cv2
import numpy as np
import pytest

from facegen.population.plan import build
from facegen.run.outputs import Outputs
from facegen.run.studio import Studio
from facegen.sample import CastShadow, Eyewear, Front, Headwear, Mask, Rain, SampleSpec, SecondHead, Wear
from facegen.scene import REGIONS, Frame, Surface
from facegen.spec import DatasetSpec

RGB = (0.2, 0.3, 0.4)
REMOVABLE = [REGIONS[name] for name in ("glasses", "headwear", "facewear", "hand", "object")]
NOTHING = dict.fromkeys(
    ("own_glasses", "other_glasses", "sunglasses", "mask", "headwear", "scarf", "hand", "phone", "microphone", "cup", "paper",
     "hair_veil", "second_head", "rain", "shadow"), 0
)  # fmt: skip
SPEC = {
    "name": "occluded", "seed": 11, "date": "2026-01-01", "identities": 6, "size": 160,
    "shots": {"wear": NOTHING, "yaw_deg": {"uniform": [-20, 20]}},
}  # fmt: skip
HAND = Front(kind="hand", pose="mouth", side="left", sleeve=0.4, seed=3)
THINGS = {
    "hand over the mouth": {"front": (HAND,)},
    "hand over an eye": {"front": (Front(kind="hand", pose="eye", side="right", sleeve=1.0, seed=4),)},
    "phone": {"front": (Front(kind="phone", pose="mirror", side="right", sleeve=0.4, seed=5),)},
    "cup and cap": {
        "front": (Front(kind="cup", pose="cup", side="left", sleeve=0.4, seed=6),),
        "headwear": Headwear(kind="cap", rgb=RGB, tilt_deg=0, seed=1),
    },
    "book": {"front": (Front(kind="paper", pose="book", side="left", seed=700),)},
    "niqab": {"headwear": Headwear(kind="niqab", rgb=RGB, tilt_deg=0, seed=1)},
    "mask and sunglasses": {
        "mask": Mask(kind="surgical", rgb=RGB, position="worn", seed=1),
        "eyewear": Eyewear(kind="aviator", frame_rgb=RGB, lens_rgb=(0, 0, 0), lens_opacity=0.9, size=1, slip=0.2),
    },
}


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with Studio() as opened:
        yield opened


@pytest.fixture(scope="module")
def people() -> list[SampleSpec]:
    return list(build(DatasetSpec.from_dict(SPEC)).samples())


def wearing(sample: SampleSpec, **things: object) -> SampleSpec:
    wear = Wear.model_validate({"garment": sample.shot.wear.garment, **things})
    return sample.model_copy(update={"shot": sample.shot.model_copy(update={"wear": wear})})


def shoot(studio: Studio, sample: SampleSpec, monkeypatch: pytest.MonkeyPatch) -> tuple[dict, Frame, tuple[Surface, ...]]:
    """Return the row, the person's frame and the surfaces of its scene."""
    seen: list[tuple[tuple[Surface, ...], Frame]] = []
    render = studio.engine.render

    def spy(scene):  # type: ignore[no-untyped-def]
        frame = render(scene)
        seen.append((scene.surfaces, frame))
        return frame

    with monkeypatch.context() as patch:
        patch.setattr(studio.engine, "render", spy)
        row = studio.shoot(sample, Outputs(under=True)).row
    return row, seen[0][1], seen[0][0]


def first_hit(ray: np.ndarray, surfaces: tuple[Surface, ...]) -> tuple[float, int]:
    """Return distance along -Z and region of the nearest opaque triangle on a ray from the camera (Moller and Trumbore 1997)."""
    best, region = np.inf, 0
    for s in surfaces:
        if s.blend or not s.visible or s.material.params.get("strand", 0.0) or not len(s.faces):
            continue
        a, b, c = (s.positions[s.faces[:, k]].astype(np.float64) for k in range(3))
        u, v = b - a, c - a
        p = np.cross(ray, v)
        det = np.einsum("ij,ij->i", u, p)
        inverse = np.where(np.abs(det) > 1e-18, 1 / np.where(det == 0, 1, det), 0)
        x = np.einsum("ij,ij->i", -a, p) * inverse
        q = np.cross(-a, u)
        y, t = (q @ ray) * inverse, np.einsum("ij,ij->i", v, q) * inverse
        hit = (x >= 0) & (y >= 0) & (x + y <= 1) & (t > 0) & (inverse != 0)
        if not s.double_sided:
            hit &= det > 0
        if hit.any():
            k = int(np.argmin(np.where(hit, t, np.inf)))
            if t[k] * -ray[2] < best:
                best, region = t[k] * -ray[2], int(s.region[s.faces[k, 0]])
    return best, region


@pytest.mark.parametrize("name", THINGS)
def test_landmarks_are_visible_where_rays_reach_them(studio, people, monkeypatch, name):
    """Things decide: a ray to a hidden point meets one first, to a visible point none (points near an edge are left out)."""
    hidden = visible = 0
    for sample in people[:2]:
        row, frame, surfaces = shoot(studio, wearing(sample, **THINGS[name]), monkeypatch)
        points = np.reshape(row["landmarks_68_camera_m"], (-1, 3))
        size = sample.size_px
        pixel = 1.0 / row["K"][0]
        for point, flag, at in zip(points, row["landmarks_68_visible"], np.reshape(row["landmarks_68"], (-1, 2)), strict=True):
            if not (1 < at[0] < size - 1 and 1 < at[1] < size - 1):
                continue
            steps = [(0, 0), (1.2, 0), (-1.2, 0), (0, 1.2), (0, -1.2)]
            hits = [first_hit(point / -point[2] + [dx * pixel, dy * pixel, 0], surfaces) for dx, dy in steps]
            before = [region in REMOVABLE and depth < -point[2] - 0.002 for depth, region in hits]
            if all(before):
                hidden += 1
                assert not flag, (name, sample.image_id, at)
            elif flag:
                visible += 1
                assert not all(before), (name, at)
    assert hidden >= 8 and visible >= 15, (name, hidden, visible)


def test_ids_beneath_are_those_of_the_bare_scene(studio, people, monkeypatch):
    for sample, things in zip(cycle(people), THINGS.values(), strict=False):
        bare = wearing(sample)
        _, frame, _ = shoot(studio, bare, monkeypatch)
        assert frame.under is not None and np.array_equal(frame.under, frame.ids)
        _, worn, _ = shoot(studio, wearing(sample, **things), monkeypatch)
        assert worn.under is not None and not np.isin(worn.under, REMOVABLE).any()
        assert np.isin(worn.ids, REMOVABLE).sum() > 200
        if "headwear" not in things:  # which presses the hair
            changed = worn.under != frame.ids  # sleeves and upper arms are removed as well
            assert changed.mean() < 0.002, changed.mean()


def test_skin_and_lips_lie_beneath_a_mask(studio, people, monkeypatch):
    sample = wearing(people[0], mask=Mask(kind="ffp2", rgb=RGB, position="worn", seed=2))
    _, frame, _ = shoot(studio, sample, monkeypatch)
    assert frame.under is not None
    beneath = frame.under[frame.ids == REGIONS["facewear"]]
    assert {REGIONS["nose"], REGIONS["top_lip"], REGIONS["bottom_lip"], REGIONS["skin"]} <= set(beneath.tolist())


def test_a_map_beneath_is_written_when_asked_for(studio, people):
    sample = wearing(people[0], front=(HAND,))
    files = studio.shoot(sample, Outputs(masks=True, under=True)).files
    name = f"{sample.identity.identity_id}/{sample.image_id}.png"
    ids, under = (cv2.imdecode(np.frombuffer(files[f"{folder}/{name}"], np.uint8), -1) for folder in ("masks", "masks_under"))
    assert (ids == REGIONS["hand"]).sum() > 300 and not (under == REGIONS["hand"]).any()
    assert "masks_under" not in "".join(studio.shoot(sample, Outputs(masks=True)).files)


def test_a_veil_hides_nose_and_mouth_and_the_row_says_so(studio, people):
    row = studio.shoot(wearing(people[2], **THINGS["niqab"])).row
    assert (row["headwear"], row["mask"]) == ("niqab", "none")
    assert row["occluded_by_facewear"] > 0.25 and row["occluded_by_facewear"] > row["occluded_by_headwear"]
    assert row["ofiq_mouth_occlusion_prevention"] < 10
    capped = studio.shoot(wearing(people[2], headwear=Headwear(kind="cap", rgb=RGB, tilt_deg=0, seed=1))).row
    assert capped["occluded_by_facewear"] == 0 and capped["ofiq_mouth_occlusion_prevention"] > 90


def test_hands_hide_the_face_and_the_row_says_so(studio, people):
    bare = studio.shoot(wearing(people[1])).row
    row = studio.shoot(wearing(people[1], front=(HAND,))).row
    assert row["hand"] == "mouth" and bare["hand"] == "none"
    assert row["occluded_by_hand"] > 0.1 and bare["occluded_by_hand"] == 0
    parts = [row[f"occluded_by_{name}"] for name in ("hair", "clothing", "glasses", "headwear", "facewear", "hand", "object")]
    assert sum(parts) == pytest.approx(row["occluded_fraction"], abs=1e-9)
    assert row["region_share_hand"] > 0.02
    assert sum(v for k, v in row.items() if k.startswith("region_share_")) == pytest.approx(1.0)
    assert row["ofiq_mouth_occlusion_prevention"] < 30 < bare["ofiq_mouth_occlusion_prevention"]


def test_somebody_behind_changes_pixels_and_no_label_of_the_person(studio, people, monkeypatch):
    second = SecondHead(off=0.36, behind_m=0.8, drop_m=0.0, yaw_deg=10, seed=9)
    row, frame, _ = shoot(studio, wearing(people[2], second_head=second), monkeypatch)
    bare, same, _ = shoot(studio, wearing(people[2]), monkeypatch)
    assert np.array_equal(frame.ids, same.ids) and np.array_equal(frame.depth, same.depth)
    differing = {k for k in row if row[k] != bare[k] and not k.startswith(("apparent", "ofiq", "exposure", "clipped"))}
    assert differing == {"second_head", "sample"} and row["second_head"] == "right"
    assert row["ofiq_single_face_present"] < 100 == bare["ofiq_single_face_present"]


def test_rain_is_told_and_moves_no_label(studio, people):
    row = studio.shoot(wearing(people[3], rain=Rain(strength=0.6, seed=1))).row
    bare = studio.shoot(wearing(people[3])).row
    assert row["rain"] == "drops" and row["rain_strength"] == 0.6 and bare["rain"] == "none"
    assert row["landmarks_68"] == bare["landmarks_68"] and row["occluded_fraction"] == bare["occluded_fraction"]


def test_unseen_things_darken_the_face_and_are_told_where_a_light_shows_them(studio, people):
    pole = CastShadow(kind="brim", distance_m=0.15, turn_deg=0, seed=2)
    key = {"direction": (0.2, 0.3, 0.9), "rgb": (2.5, 2.5, 2.5), "size_deg": 1.0, "shadow": True}
    light = people[4].shot.light.model_copy(update={"sh": (0.3,) * 3 + (0.0,) * 45, "keys": ()})
    lit = type(light).model_validate({**light.model_dump(), "keys": [key]})
    for spec, told in ((lit, "brim"), (light, "none")):
        shot = people[4].shot.model_copy(update={"light": spec})
        sample = people[4].model_copy(update={"shot": shot})
        with_, without = studio.shoot(wearing(sample, shadow=pole)), studio.shoot(wearing(sample))
        assert with_.row["cast_shadow"] == told and without.row["cast_shadow"] == "none"
        darker = with_.image.astype(int).sum(2) < without.image.astype(int).sum(2) - 60
        assert (darker.mean() > 0.01) == (told != "none")
        assert (with_.row["cast_shadow_fraction"] > 0.05) == (told != "none")
        assert with_.row["region_share_object"] == 0
