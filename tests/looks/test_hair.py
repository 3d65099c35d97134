"""Head hair: grows where it may, stays outside the head, depends on its seed alone, keeps its budget."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from facegen import rng
from facegen.errors import SpecError
from facegen.geometry.normals import vertex_normals
from facegen.head.model import HeadModel, HeadShape
from facegen.looks.hair import groom as hair
from facegen.looks.hair.color import melanin_rgb, strand_rgb
from facegen.looks.hair.field import head_field
from facegen.looks.hair.job import FINEST, loneliness, miniature
from facegen.looks.hair.scalp import HAIRLINE_HEIGHT_DEG, Roots, Skull, follicles
from facegen.looks.hair.styles import recipe, styles
from facegen.sample import Garment, HairStyle, HairTraits, Headwear, Identity, Sitting, Skin, Wear

GARMENT = Garment(kind="crew", rgb=(0.2, 0.2, 0.2), rgb2=(0.1, 0.1, 0.1), pattern="plain", seed=1)
BARE = Wear(garment=GARMENT)


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return HeadModel.load()


def person(
    style: str, curl: str = "straight", sex: str = "female", eumelanin: float = 0.55, **more: object
) -> tuple[Identity, Sitting]:
    traits = HairTraits(
        color="brown", eumelanin=eumelanin, pheomelanin=0.3, curl=curl, density=0.6, balding=0.3, greying_age=50.0
    )
    skin = Skin(monk=4, lab=(65, 12, 18), freckles=0, moles=0, blotches=0, redness=0, undereye=0, oil=0, relief=0, seed=1)
    identity = Identity.model_construct(identity_id="0", index=0, sex=sex, sex_value=0.5, ancestry="european", shape={},
                                        asymmetry={}, ancestry_weights={"european": 1.0}, hair=traits, skin=skin)  # fmt: skip
    values = {"style": style, "length": 1.0, "volume": 1.0, "parting": 0.3, "fringe": 0.2, "grey": 0.0, "recession": 0.1,
              "thinning": 0.0, "seed": 7, **more}  # fmt: skip
    sitting = Sitting.model_construct(age_years=30.0, body_fat=0.5, hair=HairStyle(**values))
    return identity, sitting


@pytest.fixture(scope="module")
def shape(model: HeadModel) -> HeadShape:
    return model.shape(*person("bald"))


def every() -> list[tuple[str, str]]:
    return [(name, curl) for name, entry in styles().items() for curl in (entry["curl"][0], entry["curl"][-1])]


@pytest.mark.parametrize(("style", "curl"), every())
def test_every_style_keeps_budget_region_and_distance(model: HeadModel, shape: HeadShape, style: str, curl: str) -> None:
    grown = hair.groom(model, shape, *person(style, curl), detail=1.0)
    triangles = sum(len(s.faces) for s in grown.surfaces)
    if style == "bald":
        assert grown.surfaces == ()
        return
    assert 3000 < triangles <= 40000
    skin = model.topology.parts["skin"]
    triangles_ = skin.index[skin.faces]
    field = head_field(
        shape.vertices, vertex_normals(shape.vertices, triangles_).astype(np.float32), (-0.19, -0.26, -0.23), (0.19, 0.17, 0.11)
    )
    for surface in grown.surfaces:
        assert set(np.unique(surface.region)) == {13}
        assert np.isfinite(surface.positions).all()
        assert len(surface.faces) and surface.faces.max() < len(surface.positions)
        assert np.allclose(np.linalg.norm(surface.normals, axis=1), 1.0, atol=1e-3)
        middle = (
            surface.positions
            if surface.name.startswith("hair.under")
            else 0.5 * (surface.positions[::2] + surface.positions[1::2])
        )
        distance, _ = field.sample(middle)
        assert np.quantile(distance, 0.002) > -0.0035, surface.name


def test_detail_scales_the_number_of_triangles(model: HeadModel, shape: HeadShape) -> None:
    full, small = (sum(len(s.faces) for s in hair.groom(model, shape, *person("bob"), detail=d).surfaces) for d in (1.0, 0.4))
    assert 0.25 * full < small < 0.55 * full


def test_same_seed_same_hair_other_seed_other_hair(model: HeadModel, shape: HeadShape) -> None:
    one, again, other = (hair.groom(model, shape, *person("messy", seed=s), detail=0.5).surfaces[-1].positions for s in (7, 7, 8))
    assert np.array_equal(one, again)
    assert one.shape != other.shape or not np.allclose(one, other, atol=1e-3)


def test_roots_stay_inside_the_hairline(model: HeadModel, shape: HeadShape) -> None:
    identity, sitting = person("buzz", sex="male")
    surface = next(s for s in hair.groom(model, shape, identity, sitting, 1.0).surfaces if s.name == "hair.strands")
    skull = Skull.measure(shape.vertices)
    map_ = follicles(skull, identity.hair, sitting.hair, "male", rng.expand(7, "hair.line"))
    rows = recipe("buzz", "straight").segments + 1  # type: ignore[union-attr]
    roots = surface.positions.reshape(-1, rows, 2, 3)[:, 0].mean(axis=1)
    assert np.quantile(map_.edge(roots), 0.01) > -3.0
    face = (roots[:, 1] < 0.03) & (roots[:, 2] > -0.02)
    assert not face.any()


def test_recession_bares_the_front_and_horseshoe_the_top(model: HeadModel, shape: HeadShape) -> None:
    skull = Skull.measure(shape.vertices)

    def density(point: tuple[float, float, float], style: str, recession: float, sex: str = "male") -> float:
        identity, sitting = person(style, recession=recession)
        map_ = follicles(skull, identity.hair, sitting.hair, sex, rng.expand(7, "hair.line"))
        return float(map_.density((skull.centre + np.array(point, np.float32) * skull.radii)[None])[0])

    temple, crown, side = (0.50, 0.64, 0.55), (0.0, 0.9, -0.43), (0.99, 0.1, -0.1)
    assert density(temple, "buzz", 0.0) > 0.8 > 0.2 > density(temple, "buzz", 0.8)
    assert density(crown, "horseshoe", 0.5) < 0.1
    assert density(side, "horseshoe", 0.5) > 0.8
    assert density(temple, "buzz", 0.8, sex="female") > density(temple, "buzz", 0.8, sex="male")


def test_hairlines_differ_in_shape_and_height(model: HeadModel, shape: HeadShape) -> None:
    skull = Skull.measure(shape.vertices)

    def front(azimuth: float, hairline: str = "rounded", height: float = 0.5) -> float:
        """Elevation (degrees) of the front hairline, roughness aside."""
        identity, sitting = person("buzz", sex="male", recession=0.0)
        traits = identity.hair.model_copy(update={"hairline": hairline, "hairline_height": height})
        map_ = follicles(skull, traits, sitting.hair, "male", rng.expand(7, "hair.line"))
        turn, up = np.radians(azimuth), np.radians(30.0)
        unit = np.array([np.sin(turn) * np.cos(up), np.sin(up), np.cos(turn) * np.cos(up)], np.float32)
        return 30.0 - float(map_.edge((skull.centre + unit * skull.radii)[None])[0])

    assert front(0.0, height=1.0) - front(0.0, height=0.0) == pytest.approx(HAIRLINE_HEIGHT_DEG, abs=0.01)
    assert front(0.0, "rounded") - front(0.0, "widows_peak") > 5.0
    assert front(38.0, "receded") - front(38.0, "straight") > 10.0


def test_ropes_are_bundles_that_hang(model: HeadModel, shape: HeadShape) -> None:
    surface = next(s for s in hair.groom(model, shape, *person("locs", "coily"), detail=1.0).surfaces if s.name == "hair.ropes")
    rows = recipe("locs", "coily").segments + 1  # type: ignore[union-attr]
    rope = surface.positions.reshape(-1, 6, rows, 2, 3).mean(axis=3)
    spread = np.linalg.norm(rope - rope.mean(axis=1, keepdims=True), axis=3)
    assert 0.002 < np.median(spread) < 0.006
    assert rope[:, :, -1, 1].mean() < rope[:, :, 0, 1].mean() - 0.05


def test_nothing_hangs_in_the_face_without_a_fringe(model: HeadModel, shape: HeadShape) -> None:
    for style, curl in (("long_straight", "straight"), ("layered", "wavy"), ("curly_long", "curly")):
        for surface in hair.groom(model, shape, *person(style, curl, fringe=0.0), detail=0.5).surfaces:
            x, y, z = surface.positions.T
            central = (np.abs(x) < 0.035) & (y < 0.01) & (y > -0.09) & (z > 0.0)
            assert central.mean() < 0.002, style


def test_a_fringe_covers_the_forehead_and_ends_over_the_eyes(model: HeadModel, shape: HeadShape) -> None:
    def forehead(fringe: float) -> tuple[float, float]:
        surface = hair.groom(model, shape, *person("bob", fringe=fringe), detail=1.0).surfaces[-1]
        x, y, z = surface.positions.T
        front = (np.abs(x) < 0.03) & (z > 0.0)
        return float((front & (y > 0.025) & (y < 0.055)).sum()), float(y[front].min()) if front.any() else 1.0

    (bare, _), (covered, lowest) = forehead(0.0), forehead(0.9)
    assert covered > 5 * max(bare, 10)
    assert lowest > 0.0


def test_headwear_presses_hair_to_the_skull(model: HeadModel, shape: HeadShape) -> None:
    grown = hair.groom(model, shape, *person("afro", "coily"), detail=0.5)
    free = max(float(s.positions[:, 1].max()) for s in hair.hair_surfaces(grown, BARE))
    cap = Wear(garment=GARMENT, headwear=Headwear(kind="cap", rgb=(0.1, 0.1, 0.1), tilt_deg=0.0, seed=1))
    under = [s.positions[np.unique(s.faces)] for s in hair.hair_surfaces(grown, cap) if len(s.faces)]
    top = max(float(p[:, 1].max()) for p in under)
    assert top < free - 0.03
    hijab = Wear(garment=GARMENT, headwear=Headwear(kind="hijab", rgb=(0.1, 0.1, 0.1), tilt_deg=0.0, seed=1))
    assert all(len(s.faces) == 0 for s in hair.hair_surfaces(grown, hijab))


def test_colour_follows_pigment_and_grey() -> None:
    tones = [float(melanin_rgb(e, 0.2).mean()) for e in (0.1, 0.4, 0.7, 1.0)]
    assert tones == sorted(tones, reverse=True)
    assert tones[0] > 0.2 > 0.02 > tones[-1]
    red, brown = melanin_rgb(0.25, 0.9), melanin_rgb(0.5, 0.2)
    assert red[0] / red[2] > brown[0] / brown[2]
    base = melanin_rgb(0.9, 0.1)
    means = [strand_rgb(base, g, 2000, np.random.default_rng(1)).mean() for g in (0.0, 0.5, 1.0)]
    assert means[0] < 0.05 < means[1] < 0.45 < means[2]


def test_style_table_is_complete_and_unknown_styles_are_named() -> None:
    lengths = {entry["length"] for entry in styles().values()}
    assert lengths == {"bald", "cropped", "short", "medium", "long"}
    for sex in ("female", "male"):
        for curl in ("straight", "wavy", "curly", "coily"):
            assert sum(e["weights"][sex] > 0 for e in styles().values() if curl in e["curl"]) >= 4, (sex, curl)
    with pytest.raises(SpecError, match="did you mean 'afro'"):
        recipe("afroo", "coily")


def test_a_ribbon_alone_is_thinned_and_one_in_the_mass_is_not() -> None:
    line = np.stack([np.zeros(9), np.zeros(9), np.linspace(0.0, 0.08, 9)], axis=1)
    across = np.random.default_rng(1).uniform(-0.01, 0.01, (200, 1, 2))
    bundle = np.tile(line, (200, 1, 1))
    bundle[:, :, :2] += across
    stray = line + np.array([0.10, 0.0, 0.0])
    alone = loneliness(np.concatenate([bundle, stray[None]]).astype(np.float32), 1.0)
    assert alone[-1].min() > 0.9
    assert np.median(alone[:-1, 1:-1]) < 0.05


def test_grey_is_in_the_strands_and_leaves_the_pigmented_colour(model: HeadModel, shape: HeadShape) -> None:
    dark, grey = (hair.groom(model, shape, *person("bob", grey=g), detail=0.4).surfaces[-1] for g in (0.0, 0.6))
    assert np.array_equal(dark.color, grey.color)
    assert dark.material.params["grey"] == 0.0
    assert grey.material.params["grey"] == 0.6


def under(grid: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Return which points of `grid` (H, W, 2) lie in one of the triangles `corners` (F, 3, 2)."""
    points = grid.reshape(1, -1, 2)
    a, b, c = (corners[:, k, None] for k in range(3))

    def side(p: np.ndarray, q: np.ndarray) -> np.ndarray:
        return (q - p)[..., 0] * (points - p)[..., 1] - (q - p)[..., 1] * (points - p)[..., 0]

    turns = np.stack([side(a, b), side(b, c), side(c, a)])
    return ((turns >= 0).all(axis=0) | (turns <= 0).all(axis=0)).any(axis=0)


def test_a_full_fringe_parts_into_locks_but_covers_the_forehead(model: HeadModel, shape: HeadShape) -> None:
    """Seen from the front, ribbons of a full fringe cover the forehead above its ends but for slits between locks."""
    surface = hair.groom(model, shape, *person("bob", fringe=0.9), detail=1.0).surfaces[-1]
    front = surface.positions[surface.faces]
    grid = np.stack(np.meshgrid(np.arange(-0.03, 0.03, 0.001), np.arange(0.036, 0.050, 0.001)), axis=-1)
    covered = under(grid, front[(front[:, :, 2] > 0.0).all(axis=1)][..., :2])
    assert covered.mean() > 0.965


def test_cornrows_leave_narrow_parts_of_skin(model: HeadModel, shape: HeadShape) -> None:
    """Seen from above, rows cover most of the crown, and along a line across it skin shows between any two of them."""
    (surface,) = hair.groom(model, shape, *person("cornrows", curl="coily"), detail=1.0).surfaces
    top = surface.positions[surface.faces][..., [0, 2]]
    middle = Skull.measure(shape.vertices).centre[2]
    grid = np.stack(np.meshgrid(np.arange(-0.04, 0.04, 0.0005), middle + np.arange(-0.02, 0.02, 0.002)), axis=-1)
    covered = under(grid, top).reshape(grid.shape[:2])
    assert 0.7 < covered.mean() < 0.97
    rows = (np.diff(covered.astype(int), axis=1) == 1).sum(axis=1)
    assert 4 <= np.median(rows) <= 9  # of 14 to 19 on the whole head, over its middle 80 mm


def test_hair_that_thins_grows_fine(model: HeadModel, shape: HeadShape) -> None:
    skull = Skull.measure(shape.vertices)
    identity, sitting = person("horseshoe", recession=0.9)
    map_ = follicles(skull, identity.hair, sitting.hair, "male", rng.expand(7, "hair.line"))
    points = skull.centre + np.array([[0.0, 0.95, 0.1], [0.99, 0.1, -0.1]], np.float32) * skull.radii
    job = SimpleNamespace(follicles=map_)
    top, side = miniature(job, Roots(*[np.zeros(2)] * 2, points, *[np.zeros(2)] * 3))
    assert top == pytest.approx(FINEST, abs=0.05) and side == 1.0


def test_the_under_layer_parts_into_strands_where_hair_is_thin(model: HeadModel, shape: HeadShape) -> None:
    thick, thin = (hair.groom(model, shape, *person("bob", thinning=t), detail=0.4).surfaces[0] for t in (0.0, 0.9))
    assert thick.name == thin.name == "hair.under"
    assert thick.uv is not None
    assert thin.uv is not None
    top = [s.positions[:, 1] > 0.09 for s in (thick, thin)]
    assert np.median(thick.uv[top[0], 1]) < 0.15
    assert np.median(thin.uv[top[1], 1]) > 0.3


def test_fringes_are_cut_and_combed_differently_from_day_to_day(model: HeadModel, shape: HeadShape) -> None:
    """Where locks end, left and right, differs between seeds; none ends in the eyes."""
    ends = []
    for seed in range(6):
        surface = hair.groom(model, shape, *person("bob", fringe=0.9, seed=seed), detail=0.5).surfaces[-1]
        x, y, z = surface.positions.T
        front = (z > 0.0) & (np.abs(x) < 0.03)
        ends.append([float(np.quantile(y[front & (np.sign(x) == s)], 0.02)) for s in (-1, 1)])
    heights = np.array(ends)
    assert heights.min() > 0.0
    assert heights.mean(axis=1).std() > 0.002
    assert (heights[:, 0] - heights[:, 1]).std() > 0.002
