"""Worn things on many heads: outside of the skin, near it, labelled, deterministic, and clear about wrong names."""

from __future__ import annotations

import numpy as np
import pytest
from depth import behind, poke, skin_points
from scipy.spatial import cKDTree
from wearers import person

from facegen.errors import SpecError
from facegen.head.model import HeadModel
from facegen.sample import Eyewear, Garment, Headwear, Mask, Neckwear, Wear
from facegen.scene import REGIONS
from facegen.wear import worn_surfaces
from facegen.wear.bust import measure
from facegen.wear.clothing import garment_surfaces
from facegen.wear.eyewear import eyewear_surfaces
from facegen.wear.frames import STYLES
from facegen.wear.headwear import headwear_surfaces
from facegen.wear.masks import mask_surfaces
from facegen.wear.scarf import scarf_surfaces
from facegen.wear.shapes import kinds

PEOPLE = 60
RGB = (0.2, 0.3, 0.4)


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return HeadModel.load()


@pytest.fixture(scope="module")
def heads(model):
    return [person(model, n) for n in range(PEOPLE)]


def glasses(kind: str, opacity: float = 0.9, slip: float = 0.3, size: float = 1.0, weight: float = 1.0) -> Eyewear:
    return Eyewear(kind=kind, frame_rgb=RGB, lens_rgb=RGB, lens_opacity=opacity, size=size, slip=slip, weight=weight)


def dressed(n: int) -> Wear:
    """The n-th outfit: every kind comes round."""
    pick = lambda group: kinds(group)[n % len(kinds(group))]  # noqa: E731
    return Wear(
        eyewear=glasses(pick("eyewear"), 0.1 if n % 2 else 0.9, (n % 5) / 4, (0.9, 1.0, 1.15)[n % 3]),
        mask=Mask(kind=pick("mask"), rgb=RGB, position="worn", seed=n),
        headwear=Headwear(kind=pick("headwear"), rgb=RGB, tilt_deg=5.0 * (n % 3 - 1), seed=n),
        scarf=Neckwear(kind="wool", rgb=RGB, seed=n),
        garment=Garment(kind=pick("garment"), rgb=RGB, rgb2=RGB, pattern=pick("pattern"), seed=n),
    )


def test_glasses_stay_in_front_of_face_and_outside_of_skull(model, heads):
    for n, head in enumerate(heads):
        skin, ears = skin_points(model, head, centers=True)
        face = np.concatenate([skin, head.vertices])  # lashes too
        face = face[(face[:, 2] > -0.02) & (np.abs(face[:, 1]) < 0.08)]
        band = ~ears & (np.abs(skin[:, 1]) < 0.06) & (skin[:, 2] < 0.01) & (np.abs(skin[:, 0]) > 0.03)
        kind = list(STYLES)[n % len(STYLES)]
        for surface in eyewear_surfaces(model, head, glasses(kind, 0.9, (n % 5) / 4, (0.9, 1.0, 1.15)[n % 3], (1.0, 1.8)[n % 2])):
            p = surface.positions
            front = p[(p[:, 2] > -0.005) & (np.abs(p[:, 0]) < 0.055)]
            lens = surface.name == "lenses"
            allowed = 0.0 if lens else 0.0015  # pads press into the sides of the nose
            assert behind(front, face, 2).max(initial=0.0) <= allowed, (n, kind, surface.name)
            for sign in (-1, 1):
                back = p[(p[:, 2] < -0.02) & (p[:, 0] * sign > 0)] * [sign, 1, 1]
                skull = skin[band & (skin[:, 0] * sign > 0)] * [sign, 1, 1]
                assert behind(back, skull, 0).max(initial=0.0) < 0.0010, (n, kind, surface.name)


def test_glasses_rest_on_the_nose_near_the_eyes(model, heads):
    for n, head in enumerate(heads):
        made = {s.name: s for s in eyewear_surfaces(model, head, glasses(list(STYLES)[n % len(STYLES)], slip=0.0))}
        cornea = head.eye_centers[:, 2].max() + 1.06 * head.eye_radius.max()
        lens = made["lenses"].positions
        assert 0.006 < lens[:, 2].max() - cornea < 0.034, n
        skin, _ = skin_points(model, head, centers=True)
        parts = np.concatenate([s.positions for name, s in made.items() if name != "lenses"])
        for sign in (-1, 1):
            # pads sit up to 19.5 mm out on broad noses
            near = parts[(parts[:, 0] * sign > 0) & (np.abs(parts[:, 0]) < 0.021) & (parts[:, 2] > 0)]
            gap = cKDTree(skin[(skin[:, 2] > 0) & (np.abs(skin[:, 0]) < 0.035)]).query(near)[0].min()
            assert gap < 0.0027, (n, sign, gap)
            center = lens[lens[:, 0] * sign > 0].mean(0)
            assert np.linalg.norm(center[:2] - head.eye_centers[int(sign > 0)][:2]) < 0.013, n


def test_masks_cover_and_are_not_pierced(model, heads):
    for n, head in enumerate(heads):
        kind, position = kinds("mask")[n % len(kinds("mask"))], ("worn", "under_nose", "chin")[(n // len(kinds("mask"))) % 3]
        sheet = mask_surfaces(model, head, Mask(kind=kind, rgb=RGB, position=position, seed=n))[0]
        skin, ears = skin_points(model, head)
        lips = head.vertices[model.topology.masks["lips"] > 0.8]
        nose = head.vertices[(model.topology.masks["nose"] > 0.5) & (np.abs(head.vertices[:, 0]) < 0.006)]
        tip = nose[np.argmax(nose[:, 2])]
        center = np.array([0.0, lips[:, 1].mean(), tip[2] - 0.088])  # inside the mouth: the jaw is star-shaped from there
        face = skin[~ears & (skin[:, 1] > -0.16) & (skin[:, 2] > center[2] - 0.02)]
        face = face[np.linalg.norm(face - center, axis=1) < 0.13]
        depth, covered = poke(sheet, face, center)
        # at the side hem a ray grazes the sheet, and skin beside its edge counts with its distance to it
        assert depth < 0.0016 and covered > 150, (n, kind, position, depth)
        top = sheet.positions[np.abs(sheet.positions[:, 0]) < 0.006][:, 1].max()
        assert (top > tip[1] + 0.005) == (position == "worn"), (n, position)
        assert (top > lips[:, 1].max()) == (position != "chin"), (n, position)


def test_hats_are_not_pierced_by_the_skull(model, heads):
    for n, head in enumerate(heads):
        kind = kinds("headwear")[n % len(kinds("headwear"))]
        made = headwear_surfaces(model, head, Headwear(kind=kind, rgb=RGB, tilt_deg=5.0 * (n % 3 - 1), seed=n))
        skin, ears = skin_points(model, head)
        top = skin[:, 1].max()
        whole = kind in ("hijab", "niqab", "hood", "balaclava")
        if not whole:
            skin = skin[~ears & (skin[:, 1] > 0.0)]
        else:
            skin = skin[skin[:, 1] > -0.09]
        shell = made[0].positions
        center = np.array([0.0, 0.3 * top, np.median(shell[:, 2])])
        depth, covered = poke(made[0], skin, center)
        least = 90 if kind in ("visor", "headband") else 650
        assert depth < 0.0010 and covered > least, (n, kind, depth, covered)
        assert shell[:, 1].max() < top + 0.06, (n, kind)


def test_garments_cover_the_bust_and_leave_the_frame(model, heads):
    for n, head in enumerate(heads):
        kind = kinds("garment")[n % len(kinds("garment"))]
        body = garment_surfaces(model, head, Garment(kind=kind, rgb=RGB, rgb2=RGB, pattern="plain", seed=n))[0]
        skin, _ = skin_points(model, head)
        center = measure(model, head).skin.center
        bust = skin[(skin[:, 1] < center[1] + 0.05) & (model_garment(model) > 0.5)]
        depth, covered = poke(body, bust, center)
        share = 0.65 if kind in ("scoop", "dress", "sari") else 0.8  # low necklines
        assert depth < 0.0010 and covered > share * len(bust), (n, kind, depth, covered, len(bust))
        assert body.positions[:, 1].min() < -0.8, n


def model_garment(model):
    part = model.topology.parts["skin"]
    faces = part.index[part.faces]
    return model.topology.masks["garment"][np.unique(faces[model.topology.masks["mouth_inside"][faces].max(1) < 0.3])]


def test_scarf_leaves_mouth_free_and_hides_the_neck(model, heads):
    for n, head in enumerate(heads):
        scarf = scarf_surfaces(model, head, Neckwear(kind="wool", rgb=RGB, seed=n))[0].positions
        lips = head.vertices[model.topology.masks["lips"] > 0.5]
        front = scarf[(np.abs(scarf[:, 0]) < 0.03) & (scarf[:, 2] > -0.03)]
        assert front[:, 1].max() < lips[:, 1].min() - 0.005, n


def test_regions_normals_and_size_of_everything(model, heads):
    expected = {"glasses", "facewear", "headwear", "clothing"}
    for n, head in enumerate(heads[:12]):
        made = worn_surfaces(model, head, dressed(n))
        assert {name for name, number in REGIONS.items() if any((s.region == number).any() for s in made)} == expected
        assert [s.blend for s in made] == sorted(s.blend for s in made)
        for s in made:
            assert s.positions.dtype == s.normals.dtype == s.uv.dtype == np.float32 and s.faces.dtype == np.int32, s.name
            assert np.isfinite(s.positions).all() and np.isfinite(s.normals).all(), s.name
            assert len(s.faces) <= 6000 and s.faces.max() < len(s.positions) and len(np.unique(s.region)) == 1, s.name
            length = np.linalg.norm(s.normals, axis=1)
            assert (length > 0.99).mean() > 0.98, s.name


def test_normals_point_outwards(model, heads):
    head = heads[0]
    made = [s for n in (1, kinds("headwear").index("hijab")) for s in worn_surfaces(model, head, dressed(n))]
    assert {"hat", "hijab_hood"} <= {s.name for s in made}
    for s in made:
        if s.name in ("garment", "mask", "hat", "hijab_hood"):
            middle = np.array([0, s.positions[:, 1].mean(), 0.0 if s.name == "mask" else s.positions[:, 2].mean()])
            outward = np.sum((s.positions - middle) * [1, 0, 1] * s.normals, 1) > 0
            assert outward.mean() > 0.85, s.name


def test_same_arguments_same_bytes_and_seeds_matter(model, heads):
    first, again = worn_surfaces(model, heads[1], dressed(5)), worn_surfaces(model, heads[1], dressed(5))
    for a, b in zip(first, again, strict=True):
        assert a.positions.tobytes() == b.positions.tobytes() and a.normals.tobytes() == b.normals.tobytes(), a.name
    garment = dressed(5).garment
    other = garment_surfaces(model, heads[1], garment.model_copy(update={"seed": 99}))[0]
    assert not np.array_equal(other.positions, garment_surfaces(model, heads[1], garment)[0].positions)


def test_clear_lenses_keep_the_eyes_labels(model, heads):
    clear = {s.name: s for s in eyewear_surfaces(model, heads[0], glasses("round", 0.1))}["lenses"]
    dark = {s.name: s for s in eyewear_surfaces(model, heads[0], glasses("round", 0.9))}["lenses"]
    assert clear.blend and clear.material.shader == "lens" and not clear.casts_shadow
    assert not dark.blend and dark.material.shader == "solid" and dark.casts_shadow


def test_glasses_over_a_mask_stay_in_front_of_it(model, heads):
    for n in range(0, 12):
        wear = dressed(n)
        made = worn_surfaces(model, heads[n], wear.model_copy(update={"headwear": None, "scarf": None}))
        mask = next(s for s in made if s.name == "mask").positions
        lens = next(s for s in made if s.name == "lenses").positions
        assert behind(lens, mask[np.abs(mask[:, 0]) < 0.06], 2, 0.002).max() < 0.0005, n


@pytest.mark.parametrize(
    ("make", "group"),
    [
        (lambda m, h: eyewear_surfaces(m, h, glasses("monocle")), "eyewear"),
        (lambda m, h: mask_surfaces(m, h, Mask(kind="venetian", rgb=RGB, position="worn", seed=1)), "mask"),
        (lambda m, h: headwear_surfaces(m, h, Headwear(kind="fez", rgb=RGB, tilt_deg=0, seed=1)), "headwear"),
        (lambda m, h: scarf_surfaces(m, h, Neckwear(kind="boa", rgb=RGB, seed=1)), "scarf"),
        (lambda m, h: garment_surfaces(m, h, Garment(kind="toga", rgb=RGB, rgb2=RGB, pattern="plain", seed=1)), "garment"),
        (lambda m, h: garment_surfaces(m, h, Garment(kind="crew", rgb=RGB, rgb2=RGB, pattern="paisley", seed=1)), "pattern"),
    ],
)
def test_unknown_kind_is_one_line_with_the_allowed_names(model, heads, make, group):
    with pytest.raises(SpecError) as caught:
        make(model, heads[0])
    message = str(caught.value)
    assert "\n" not in message and group in message and all(name in message for name in kinds(group))
