"""What identity, age and body fat do to the head, and that faces are not twins."""

from __future__ import annotations

import numpy as np
import pytest
from heads import GROUPS, Sampler, identity, sitting

from facegen.errors import SpecError
from facegen.sample import Expression, Gaze

TWIN_M = 0.001


def _face(model) -> np.ndarray:
    return np.flatnonzero(model.topology.masks["face"] > 0.5)


def test_origin_and_size(model):
    for sex, pupils in ((0.0, 0.0623), (1.0, 0.0647)):  # means of Dodgson 2004
        shape = model.shape(identity(sex, "european"), sitting(30))
        assert np.allclose(shape.eye_centers.mean(axis=0), 0, atol=1e-6)
        assert shape.eye_centers[0, 0] < 0 < shape.eye_centers[1, 0]
        assert abs(np.ptp(shape.eye_centers[:, 0]) - pupils) < 0.0035


def test_body_fat_shows_at_the_cheek(model):
    cheek = model.topology.masks["cheeks"] > 0.5
    for sex in (0.0, 1.0):
        thin, fat = (model.shape(identity(sex, "european"), sitting(35, f)).vertices for f in (0.05, 0.95))
        assert np.linalg.norm(fat - thin, axis=1)[cheek].mean() >= 0.002


def test_eighteen_is_not_a_child(model):
    face = _face(model)
    for sex in (0.0, 1.0):
        at = {age: model.shape(identity(sex, "european"), sitting(age)).vertices[face] for age in (14, 18, 25)}
        to_adult, to_child = (np.linalg.norm(at[18] - at[age], axis=1).mean() for age in (25, 14))
        assert to_adult < 0.0005
        assert to_child > 2 * to_adult


def test_age_is_visible_and_grows(model):
    face = _face(model)
    young = model.shape(identity(0.0, "east_asian"), sitting(25)).vertices[face]
    change = [np.linalg.norm(model.shape(identity(0.0, "east_asian"), sitting(a)).vertices[face] - young, axis=1).mean()
              for a in (35, 45, 55, 65, 75, 85)]  # fmt: skip
    assert np.all(np.diff(change) > 0)
    assert change[3] > 0.0012


def test_children_grow_steadily(model):
    size = [np.ptp(model.shape(identity(1.0, "european"), sitting(a)).vertices[_face(model), 1]) for a in (4, 7, 10, 13, 15, 18)]
    assert np.all(np.diff(size) > 0)


def test_no_twins(model):
    """2,000 identities, neutral, age 35, similarity-aligned: no two of one sex and ancestry nearer than 1 mm."""
    face = _face(model)[::8]
    sampler = Sampler(7)
    nearest = np.inf
    for group in GROUPS:
        for sex in (0.0, 1.0):
            heads = np.stack([model.shape(sampler.identity(sex, group), sitting()).vertices[face] for _ in range(250)])
            nearest = min(nearest, _nearest(heads.astype(np.float64)))
    assert nearest >= TWIN_M, f"nearest pair {nearest * 1000:.2f} mm"


def test_deterministic_and_typed(model):
    sampler = Sampler(3)
    who, gaze = sampler.identity(0.4, "south_asian"), Gaze(yaw_deg=8, pitch_deg=-5)
    heads = [
        model.pose(model.shape(who, sitting(44, 0.7)), Expression(name="x", weights={"jawOpen": 0.4}), gaze) for _ in range(2)
    ]
    for name in ("vertices", "normals", "eye_centers", "eye_radius", "eye_rotation"):
        first, second = (getattr(head, name) for head in heads)
        assert first.dtype == np.float32
        assert np.array_equal(first, second)


@pytest.mark.parametrize("field", ["shape", "asymmetry"])
def test_unknown_axis_is_named(model, field):
    with pytest.raises(SpecError, match="nose-hunp"):
        model.shape(identity(0.0, "european", **{field: {"nose-hunp": 0.1}}), sitting())


def test_unknown_action_is_named(model):
    shape = model.shape(identity(0.0, "european"), sitting())
    with pytest.raises(SpecError, match="did you mean 'jawOpen'"):
        model.pose(shape, Expression(name="x", weights={"jawOpn": 0.1}), Gaze(yaw_deg=0, pitch_deg=0))


def test_gaze_turns_the_eyes(model):
    shape = model.shape(identity(0.0, "european"), sitting())
    head = model.pose(shape, Expression(name="x", weights={}), Gaze(yaw_deg=20, pitch_deg=10))
    axis = head.eye_rotation[0, :, 2]
    assert axis[0] > 0.3  # to the person's own left, +x
    assert axis[1] < -0.1  # down


def _nearest(heads: np.ndarray) -> float:
    """Least mean vertex distance over pairs, after translation, scale and the best rotation of each to the group's mean."""
    heads = heads - heads.mean(axis=1, keepdims=True)
    heads /= np.sqrt((heads**2).sum(axis=(1, 2), keepdims=True))
    mean = heads.mean(axis=0)
    size = 0.045 * np.sqrt(heads.shape[1])  # back to metres: root mean square distance from the middle of a face
    for k, head in enumerate(heads):
        u, _, vt = np.linalg.svd(head.T @ mean)
        heads[k] = head @ (u @ vt)
    heads *= size
    flat = heads.reshape(len(heads), -1)
    square = (flat**2).sum(axis=1)
    rms = square[:, None] + square - 2 * flat @ flat.T
    first, second = np.triu_indices(len(heads), 1)
    near = np.argsort(rms[first, second])[:60]  # the nearest pairs by root mean square, judged by mean distance
    return float(np.linalg.norm(heads[first[near]] - heads[second[near]], axis=2).mean(axis=1).min())


def test_coarse_faces_lie_on_the_same_skin(model):
    """Their corners are the skin's own; their area is that of the skin but for a percent, and
    what a quad of the face bulges beyond them is less than what shadows are lifted off the skin."""
    part = model.topology.parts["skin"]
    points = model.shape(identity(0.5, "african"), sitting(40)).vertices[part.index]

    def area(faces):
        a, b, c = points[faces].transpose(1, 0, 2)
        return 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()

    assert len(part.coarse) * 4 == len(part.faces)
    assert area(part.coarse) == pytest.approx(area(part.faces), rel=0.01)
    children = part.faces[: len(part.faces) // 2].reshape(-1, 4, 3)
    face = model.topology.masks["face"][part.index[children[:, 0, 2]]] > 0.5
    bulge = points[children[:, 0, 2]] - points[children[:, :, 0]].mean(axis=1)  # where the children of a quad meet
    assert np.quantile(np.linalg.norm(bulge[face], axis=1), 0.95) < 0.001
