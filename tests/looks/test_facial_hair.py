"""Brows, beards and lashes: where they grow, that they move with the face, regions, determinism, light enough."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facegen.head import landmarks
from facegen.head.model import HeadModel, PosedHead
from facegen.looks.facial_hair.beard_pattern import beard_weight
from facegen.looks.facial_hair.brows import brow_grey, brow_strands
from facegen.looks.facial_hair.roots import reference_vertices
from facegen.looks.facial_hair.surfaces import facial_hair_surfaces
from facegen.population.plan import build
from facegen.sample import Beard, Brows, Expression, Gaze, HairStyle, HairTraits, Identity, Makeup, Sitting, Skin
from facegen.scene import Surface
from facegen.spec import DatasetSpec

PIPELINES = Path(__file__).parents[2] / "pipelines"
NEUTRAL = Expression(name="neutral", weights={})
AHEAD = Gaze(yaw_deg=0.0, pitch_deg=0.0)


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return HeadModel.load()


def person(beard: str = "none", seed: int = 3, **brow: float) -> tuple[Identity, Sitting]:
    traits = HairTraits(color="brown", eumelanin=0.55, pheomelanin=0.3, curl="wavy", density=0.6, balding=0.3, greying_age=50.0)
    brows = Brows(**{"thickness": 0.5, "density": 0.5, "length": 0.5, "arch": 0.5, "joined": 0.0, "seed": seed, **brow})
    identity = Identity.model_construct(
        identity_id="0", index=0, sex="male", sex_value=0.5, ancestry="european", shape={}, asymmetry={},
        ancestry_weights={"european": 1.0}, hair=traits, brows=brows, lashes=0.5,
        skin=Skin(monk=4, lab=(65, 12, 18), freckles=0, moles=0, blotches=0, redness=0, undereye=0, oil=0, relief=0, seed=1),
    )  # fmt: skip
    hair = HairStyle(style="bald", length=1, volume=1, parting=0, fringe=0, grey=0, recession=0, thinning=0, seed=1)
    sitting = Sitting.model_construct(
        makeup=Makeup(lips=0, lips_rgb=(0, 0, 0), eyes=0, eyes_rgb=(0, 0, 0), liner=0, blush=0),
        age_years=30.0,
        body_fat=0.5,
        hair=hair,
        beard=Beard(style=beard, density=0.7, length=0.5, grey=0, seed=seed),
    )
    return identity, sitting


def pose(model: HeadModel, **actions: float) -> PosedHead:
    return model.pose(model.shape(*person()), Expression(name="x", weights=actions), AHEAD)


def drawn(
    model: HeadModel, posed: PosedHead, beard: str = "none", detail: float = 1.0, seed: int = 3, **brow: float
) -> dict[str, Surface]:
    return {s.name: s for s in facial_hair_surfaces(model, posed, *person(beard, seed, **brow), detail)}


def test_regions_and_sides(model: HeadModel) -> None:
    made = drawn(model, pose(model), "full")
    assert set(np.unique(made["brow.0"].region)) == {5}
    assert set(np.unique(made["brow.1"].region)) == {6}
    assert made["brow.0"].positions[:, 0].mean() < -0.01 < 0.01 < made["brow.1"].positions[:, 0].mean()
    assert set(np.unique(made["beard"].region)) == {14}
    assert all(set(np.unique(s.region)) == {1} for name, s in made.items() if name.startswith("lashes"))


def test_brows_lie_over_the_eyes_and_follow_the_expression(model: HeadModel) -> None:
    rest = drawn(model, pose(model))["brow.1"].positions
    up = drawn(model, pose(model, browInnerUp=1.0, browOuterUpLeft=1.0, browOuterUpRight=1.0))["brow.1"].positions
    down = drawn(model, pose(model, browDownLeft=1.0, browDownRight=1.0))["brow.1"].positions
    assert 0.010 < rest[:, 1].mean() < 0.032
    assert (up - rest)[:, 1].mean() > 0.002
    assert (down - rest)[:, 1].mean() < -0.001
    assert rest.shape == up.shape == down.shape


def test_brow_parameters_show(model: HeadModel) -> None:
    posed = pose(model)
    thin, thick = (drawn(model, posed, thickness=t)["brow.1"].positions for t in (0.05, 0.95))
    assert np.ptp(thick[:, 1]) > np.ptp(thin[:, 1]) + 0.002
    sparse, dense = (len(drawn(model, posed, density=d)["brow.1"].faces) for d in (0.0, 1.0))
    assert dense > 1.5 * sparse
    apart, joined = (np.abs(drawn(model, posed, joined=j)["brow.1"].positions[:, 0]).min() for j in (0.0, 1.0))
    assert joined < 0.006 < apart


def test_brows_have_their_own_place_and_unlike_pairs_differ(model: HeadModel) -> None:
    posed = pose(model)

    def middle(name: str = "brow.1", **brow: float) -> np.ndarray:
        return drawn(model, posed, **brow)[name].positions.mean(axis=0)

    assert middle(height=1.0)[1] - middle(height=0.0)[1] > 0.004
    near, far = (np.quantile(np.abs(drawn(model, posed, gap=g)["brow.1"].positions[:, 0]), 0.02) for g in (0.0, 1.0))
    assert far - near > 0.004
    ends = [drawn(model, posed, tail=t)["brow.1"].positions for t in (0.0, 1.0)]
    level, drooping = (p[p[:, 0] > np.quantile(p[:, 0], 0.95), 1].mean() for p in ends)
    assert level - drooping > 0.001
    apart = [abs(middle("brow.0", unlike=u, seed=5)[1] - middle(unlike=u, seed=5)[1]) for u in (0.0, 1.0)]
    assert apart[0] < 0.0004 < apart[1]


def test_beard_pattern_is_the_persons_own_and_soft(model: HeadModel) -> None:
    def weight(**pattern: float) -> np.ndarray:
        return beard_weight(model, Beard(**{"style": "full", "density": 0.7, "length": 0.5, "grey": 0.0, "seed": 3, **pattern}))

    low, high = weight(cheek=0.0, patchy=0.0), weight(cheek=1.0, patchy=0.0)
    assert high.sum() > 1.08 * low.sum() and (high - low).min() > -1e-6
    assert weight(patchy=1.0).sum() < 0.92 * weight(patchy=0.0).sum()
    points = reference_vertices(model)
    corner = (np.abs(np.abs(points[:, 0]) - 0.029) < 0.004) & (np.abs(points[:, 1] + 0.070) < 0.005) & (points[:, 2] > 0.0)
    assert weight(link=0.0)[corner].mean() < 0.6 * weight(link=1.0)[corner].mean()
    soft = (high > 0.05) & (high < 0.95)
    assert soft.sum() > 0.2 * (high > 0.05).sum()
    assert high[model.topology.masks["lips"] > 0.9].max() < 0.05


def test_full_beard_follows_the_jaw_and_keeps_off_the_lips(model: HeadModel) -> None:
    closed, opened = (drawn(model, pose(model, jawOpen=j), "full")["beard"].positions for j in (0.0, 0.8))
    chin = closed[:, 1] < -0.09
    assert (opened - closed)[chin][:, 1].mean() < -0.004
    brow_height = closed[:, 1].max()
    assert brow_height < 0.03
    lips = np.unique(model.topology.parts["skin"].index[model.topology.masks["lips"][model.topology.parts["skin"].index] > 0.9])
    middle = pose(model).vertices[lips].mean(axis=0)
    near = np.linalg.norm(closed - middle, axis=1) < 0.004
    assert near.mean() < 0.003


@pytest.mark.parametrize("style", ["none", "shadow"])
def test_no_beard_no_surface(model: HeadModel, style: str) -> None:
    assert "beard" not in drawn(model, pose(model), style)


@pytest.mark.parametrize("style", ["stubble", "moustache", "goatee", "full"])
def test_beards_keep_their_budget_and_seed(model: HeadModel, style: str) -> None:
    posed = pose(model)
    one, again, other = (drawn(model, posed, style, seed=s)["beard"].positions for s in (3, 3, 4))
    assert np.array_equal(one, again)
    assert one.shape != other.shape or not np.allclose(one, other, atol=1e-4)
    assert 500 < len(drawn(model, posed, style)["beard"].faces) <= 16000
    assert len(drawn(model, posed, style, detail=0.4)["beard"].faces) < 0.7 * len(drawn(model, posed, style)["beard"].faces)


def test_moustache_is_a_moustache(model: HeadModel) -> None:
    positions = drawn(model, pose(model), "moustache")["beard"].positions
    assert positions[:, 1].max() < -0.035 and np.abs(positions[:, 0]).max() < 0.05


def test_lashes_close_with_the_lids(model: HeadModel) -> None:
    rest = drawn(model, pose(model))["lashes_upper_left"].positions
    shut = drawn(model, pose(model, eyeBlinkLeft=1.0, eyeBlinkRight=1.0))["lashes_upper_left"].positions
    assert (shut - rest)[:, 1].mean() < -0.003


def test_everything_of_a_clean_shaven_face_is_light(model: HeadModel) -> None:
    made = drawn(model, pose(model))
    assert sum(len(s.faces) for s in made.values()) < 9000


def test_mascara_lengthens_and_darkens_the_lashes(model: HeadModel) -> None:
    identity, sitting = person()
    painted = sitting.model_copy(update={"makeup": sitting.makeup.model_copy(update={"mascara": 1.0})})
    posed = pose(model)
    bare, made_up = (
        [s for s in facial_hair_surfaces(model, posed, identity, x, 1.0) if s.region[0] == 1] for x in (sitting, painted)
    )
    for a, b in zip(bare, made_up, strict=True):
        assert a.color is not None and b.color is not None
        assert b.color.mean() < 0.5 * a.color.mean() and np.ptp(b.positions[:, 2]) > np.ptp(a.positions[:, 2])


def test_brows_stand_over_the_eyes_as_high_as_in_people(model: HeadModel) -> None:
    """Middle of the brow over the line of the eye's corners: about 17 mm in men and 20-22 in women, 3-4 mm spread."""
    plan = build(DatasetSpec.load(PIPELINES / "frontal_clean.yaml"))
    high: dict[str, list[float]] = {"female": [], "male": []}
    for n in range(64):
        who, day = plan.identity(n), plan.sitting(n, 0)
        at = model.shape(who, day).vertices
        marks = landmarks.points(at)
        eye = 0.5 * (marks["eye_inner_left"] + marks["eye_outer_left"])
        strands = brow_strands(model, who.brows, 1, 0.5)
        roots = np.einsum("nk,nkd->nd", strands.bary, at[strands.corners])
        over = roots[np.abs(roots[:, 0] - eye[0]) < 0.006]
        high[who.sex].append(1000 * float(np.median(over[:, 1]) - eye[1]))
    assert 15.5 < np.mean(high["male"]) < 19.5
    assert 19.5 < np.mean(high["female"]) < 23.5
    assert min(map(min, high.values())) > 8.0
    assert max(map(max, high.values())) < 32.0


def test_brows_grey_after_the_head_and_less() -> None:
    assert brow_grey(0.3) == 0.0
    assert 0.0 < brow_grey(0.7) < 0.5 * 0.7
    assert brow_grey(1.0) < 0.6
