"""Skin: its colour arithmetic, its tone against the anchors, its constancy, its seams."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from people import ANCHORS, identity, posed, sitting

from facegen.errors import RequestError
from facegen.head.model import HeadModel
from facegen.looks import color
from facegen.looks.skin import marks as skin_marks
from facegen.looks.skin import pigment as skin_pigment
from facegen.looks.skin import relief as skin_relief
from facegen.looks.skin import splat as skin_splat
from facegen.looks.skin.charts import charts
from facegen.looks.skin.complexion import SOFT_SIZE
from facegen.looks.skin.lips import lip_cover
from facegen.looks.skin.textures import skin_surfaces, skin_textures
from facegen.scene import REGIONS

SIZE = 256

SHARMA_PAIRS = (  # Sharma, Wu & Dalal 2005, table 1
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
    ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
)


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return HeadModel.load()


def _lab(albedo: np.ndarray) -> np.ndarray:
    return color.lab_from_linear(color.decode(albedo / 255.0))


@pytest.mark.parametrize(("one", "two", "expected"), SHARMA_PAIRS)
def test_ciede2000_gives_the_published_values(one, two, expected):
    assert color.ciede2000(one, two) == pytest.approx(expected, abs=1e-4)
    assert color.ciede2000(two, one) == pytest.approx(expected, abs=1e-4)


def test_lab_agrees_with_opencv_and_round_trips():
    coded = np.random.default_rng(0).random((1, 64, 3)).astype(np.float32)
    ours = color.lab_from_linear(color.decode(coded))
    assert np.abs(ours - cv2.cvtColor(coded, cv2.COLOR_RGB2Lab)).max() < 0.35
    assert np.allclose(color.linear_from_lab(ours), color.decode(coded), atol=1e-6)
    assert (color.encode_bytes(color.decode(np.arange(256) / 255.0).astype(np.float32)) == np.arange(256)).all()


def test_more_melanin_is_darker_and_more_blood_is_redder():
    pale, brown = (color.lab_from_linear(skin_pigment.reflectance(m, 0.02)) for m in (0.01, 0.1))
    flushed = color.lab_from_linear(skin_pigment.reflectance(0.01, 0.06))
    assert brown[0] < pale[0] - 15
    assert flushed[1] > pale[1] + 5


@pytest.mark.parametrize("monk", range(1, 11))
def test_skin_has_the_tone_of_its_anchor(model, monk):
    textures = skin_textures(model, identity(monk), sitting(), SIZE)
    zones = charts(model, SIZE).zones
    lab = _lab(textures.albedo)
    plain = np.median(lab[zones["plain"] > 0.5], axis=0)
    assert color.ciede2000(plain, ANCHORS[monk]) < 1.5
    masks = charts(model, SIZE).masks
    rest = (zones["face"] > 0.9) & (masks["lips"] < 0.02) & (masks["mouth_inside"] < 0.02) & (masks["eyelids"] < 0.1)
    mean = color.lab_from_linear(color.decode(textures.albedo / 255.0)[rest & charts(model, SIZE).covered].mean(axis=0))
    assert color.ciede2000(mean, ANCHORS[monk]) < 3.0


def test_same_person_same_bytes_and_other_seed_other_pattern(model):
    one, again = (skin_textures(model, identity(4), sitting(), SIZE) for _ in range(2))
    other = skin_textures(model, identity(4, seed=8), sitting(), SIZE)
    assert (one.albedo == again.albedo).all()
    assert (one.detail == again.detail).all()
    assert one.key == again.key
    chart = charts(model, SIZE)
    face = (chart.zones["face"] > 0.9) & (chart.masks["lips"] < 0.02)  # lips are red in everybody
    mottle = [_lab(t.albedo)[face] - cv2.GaussianBlur(_lab(t.albedo), (0, 0), 12)[face] for t in (one, other)]
    assert one.key != other.key
    assert np.corrcoef(mottle[0][:, 1], mottle[1][:, 1])[0, 1] < 0.75


def test_marks_stay_with_the_person_through_the_years(model):
    chart, coarse = charts(model, SIZE), charts(model, skin_splat.SITE_GRID)
    skin = identity(3, freckles=0.7, moles=12).skin
    young, old = (skin_marks.marks(chart, coarse, skin, age, 0.0) for age in (32.0, 60.0))
    assert (young.dark == old.dark).all()
    assert (old.melanin >= young.melanin - 1e-6).all()
    assert old.melanin.sum() > young.melanin.sum()


def test_a_pattern_is_the_same_at_every_chart_size(model):
    person = identity(3, freckles=0.6)
    small, large = (skin_textures(model, person, sitting(), s).albedo.astype(np.float32) for s in (SIZE, 2 * SIZE))
    shrunk = cv2.resize(large, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    face = charts(model, SIZE).zones["face"] > 0.95
    assert np.abs(small - shrunk)[face].mean() < 2.0


def test_lips_follow_the_skin(model):
    cover = lip_cover(charts(model, SIZE)) > 0.9
    lips, skins = [], []
    for monk in (2, 5, 9):
        lab = _lab(skin_textures(model, identity(monk), sitting(), SIZE).albedo)
        lips.append(np.median(lab[cover], axis=0))
        skins.append(np.asarray(ANCHORS[monk]))
    lightness, redness = [lip[0] for lip in lips], [lip[1] for lip in lips]
    assert lightness[0] > lightness[1] > lightness[2]
    assert redness[2] < redness[0]
    assert all(lip[1] > tone[1] + 2 for lip, tone in zip(lips, skins, strict=True)), "lips are redder than the skin"
    assert lips[0][0] < skins[0][0] - 6, "fair lips are darker than fair skin"


def test_nostrils_are_two_dark_openings_on_every_skin(model):
    chart = charts(model, SIZE)
    cover = chart.masks["nostril_openings"]
    assert 60 < 1e6 * float((chart.area * cover).sum()) < 160, "two ovals of about 9 x 6 mm"
    sides = [(cover > 0.7) & (np.sign(chart.position[..., 0]) == side) for side in (-1, 1)]
    assert abs(sides[0].sum() / sides[1].sum() - 1) < 0.2
    for monk in (2, 9):
        lab = _lab(skin_textures(model, identity(monk), sitting(), SIZE).albedo)
        for opening in sides:
            assert np.median(lab[opening, 0]) < min(18, ANCHORS[monk][0] - 10)
    assert model.topology.ao[model.topology.masks["nostril_openings"] > 0.9].max() < 0.2


def test_wrinkles_deepen_with_age(model):
    chart, coarse = charts(model, SIZE), charts(model, skin_splat.SITE_GRID)
    skin, lips = identity(4).skin, lip_cover(chart)
    totals = []
    for age in (20.0, 50.0, 80.0):
        marks = skin_marks.marks(chart, coarse, skin, age, 0.0)
        cavity = skin_relief.relief(chart, charts(model, SOFT_SIZE), skin, age, marks, lips).cavity
        totals.append(float(cavity[chart.zones["face"] > 0.5].sum()))
    assert totals[0] * 1.5 < totals[1] < totals[2] / 1.3


def test_beard_shadow_darkens_men_only(model):
    shadow = sitting().beard.model_copy(update={"style": "shadow", "density": 0.8})
    jaw = charts(model, SIZE).zones["jaw"] > 0.9
    levels = {}
    for sex in ("male", "female"):
        bare, shaded = (skin_textures(model, identity(3, sex), sitting(beard=b), SIZE) for b in (sitting().beard, shadow))
        levels[sex] = float(_lab(bare.albedo)[jaw][:, 0].mean() - _lab(shaded.albedo)[jaw][:, 0].mean())
    assert levels["male"] > 4
    assert levels["female"] == 0


def test_makeup_colours_lips_and_nothing_far_from_them(model):
    made_up = sitting().makeup.model_copy(update={"lips": 1.0, "lips_rgb": (0.3, 0.01, 0.02)})
    bare, painted = (skin_textures(model, identity(4), sitting(makeup=m), SIZE) for m in (sitting().makeup, made_up))
    cover = lip_cover(charts(model, SIZE))
    assert np.median(_lab(painted.albedo)[cover > 0.9][:, 1]) > 40
    assert (bare.albedo[cover == 0] == painted.albedo[cover == 0]).all()


@pytest.mark.parametrize("who", [4, 7])
def test_each_product_shows_where_it_belongs(model, who):
    """Full cover moves the colour of its own zone by at least 4 CIELAB units on any skin, and leaves the forehead alone."""
    chart = charts(model, SIZE)
    bare = _lab(skin_textures(model, identity(who), sitting(), SIZE).albedo)
    lid = chart.masks["eyelids"] > 0.6
    for product, where in (
        ("eyes", lid),
        ("liner", lid),
        ("blush", chart.zones["cheek"] > 0.8),
        ("lips", lip_cover(chart) > 0.9),
    ):
        makeup = sitting().makeup.model_copy(update={product: 1.0, "lips_rgb": (0.3, 0.01, 0.02), "eyes_rgb": (0.05, 0.03, 0.06)})
        moved = np.linalg.norm(_lab(skin_textures(model, identity(who), sitting(makeup=makeup), SIZE).albedo) - bare, axis=-1)
        assert moved[where].mean() > 4, product
        assert moved[(chart.zones["forehead"] > 0.9)].mean() < 0.5, product


def test_foundation_evens_the_skin(model):
    chart = charts(model, SIZE)
    made_up = sitting().makeup.model_copy(update={"foundation": 1.0})
    bare, even = (_lab(skin_textures(model, identity(4), sitting(makeup=m), SIZE).albedo) for m in (sitting().makeup, made_up))
    plain = chart.zones["plain"] > 0.5
    assert even[plain].std(axis=0).sum() < 0.75 * bare[plain].std(axis=0).sum()
    assert np.abs(np.median(even[plain], axis=0) - np.median(bare[plain], axis=0)).max() < 2.5


def test_no_seam_shows(model):
    """Texels on both sides of a chart seam (one mesh vertex, two chart places) have nearly the same colour."""
    part = model.topology.parts["skin"]
    size = 512
    albedo = skin_textures(model, identity(4), sitting(), size).albedo.astype(np.float32)
    order = np.argsort(part.index, kind="stable")
    same = np.flatnonzero(part.index[order][1:] == part.index[order][:-1])
    one, two = part.uv[order[same]], part.uv[order[same + 1]]
    apart = np.linalg.norm(one - two, axis=1) > 0.02
    shown = (model.topology.masks["mouth_inside"][part.index[order[same]]] < 0.05) & apart
    colors = [
        cv2.remap(albedo, *(np.float32(uv[shown, k] * size - 0.5)[None] for k in (0, 1)), cv2.INTER_LINEAR)[0]
        for uv in (one, two)
    ]
    assert shown.sum() > 50
    assert np.percentile(np.abs(colors[0] - colors[1]).max(axis=1), 90) < 14


def test_detail_map_is_in_range_and_flat_on_average(model):
    detail = skin_textures(model, identity(6), sitting(70), SIZE).detail
    assert detail.shape == (SIZE, SIZE, 4)
    assert detail.dtype == np.uint8
    assert abs(float(detail[..., :2].mean()) - 128) < 1.5
    assert detail[..., 2].min() >= 0.2 * 255 - 1
    ears = charts(model, SIZE).zones["ear_rim"] > 0.9
    assert detail[..., 3][ears].mean() > 150


def test_surfaces_cover_skin_teeth_and_tongue(model):
    person, at = identity(5), sitting()
    surfaces = {s.name: s for s in skin_surfaces(model, posed(model, person, at), skin_textures(model, person, at, 128))}
    assert set(surfaces) >= {"skin", "upper_teeth", "lower_teeth", "tongue"}
    for name in ("upper_teeth", "lower_teeth", "tongue"):
        assert (surfaces[name].region == REGIONS["mouth_interior"]).all()
    for surface in surfaces.values():
        assert surface.positions.dtype == np.float32
        assert np.isfinite(surface.positions).all()
        assert surface.ao is not None
        assert surface.ao.min() > 0.0
        assert surface.ao.max() <= 1.0


@pytest.mark.parametrize("size", [100, 64, 4096])
def test_wrong_texture_size_is_named(model, size):
    with pytest.raises(RequestError, match=f"{size}, allowed are powers of two from 128 to 2048"):
        skin_textures(model, identity(), sitting(), size)
