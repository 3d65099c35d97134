"""Alignment by the mesh: agreement with the true landmarks on renders of ours, and what becomes of pictures without a face."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import verification_sets as sets

from facegen.errors import DataError, RequestError
from facegen.export.job import Options
from facegen.export.run import export
from facegen.geometry import align
from facegen.recognise import faces
from facegen.recognise.protocol import Comparisons, Protocol, Search
from facegen.recognise.sets import load
from facegen.run.local import generate
from facegen.spec import DatasetSpec

SPEC = {
    "name": "faces", "seed": 5, "date": "2026-01-01", "identities": 6, "images_per_identity": 2, "size": 128,
    "outputs": {"aligned": True},
    "population": {"age_band": ["18-29"], "ancestry": ["african", "european"], "glasses": 0, "balance": ["sex"]},
    "shots": {"yaw_deg": {"uniform": [-10, 10]}, "degradation": "none"},
}  # fmt: skip
CORNERS = np.array([(20.0, 20), (92, 20), (20, 92), (92, 92)])


def test_a_mesh_on_the_targets_is_left_where_it_is() -> None:
    points = np.zeros((468, 2))
    for pair, where in zip((*faces.EYES, (4,), (61,), (291,)), align.to_corner(faces.TARGET), strict=True):
        for k, at in enumerate(pair):
            points[at] = where + (3.0 * (-1) ** k if len(pair) == 2 else 0.0)
    assert faces.mesh_matrix(points) == pytest.approx(np.array([[1.0, 0, 0], [0, 1, 0]]), abs=1e-9)
    moved = np.array([[0.0, -2, 50], [2, 0, 7]])
    back = faces.mesh_matrix(align.apply(moved, points) + 0.0)
    once = align.rebased(moved)  # the matrix between pixel centres
    assert align.apply(back, align.apply(once, CORNERS)) == pytest.approx(CORNERS, abs=1e-9)


def test_the_centre_of_a_picture_is_its_largest_square() -> None:
    image = np.zeros((200, 300, 3), np.uint8)
    image[:, 50:250] = 255
    crop = align.warp(image, faces.centre_matrix(image), 112)
    assert crop.shape == (112, 112, 3) and crop[:, 2:-2].min() == 255


def plain(count: int, failing: set[int]) -> Protocol:
    """Two pictures a template and person; pictures in `failing` are black."""
    return Protocol(
        name="plain", format="lfw", names=[f"p{n}" for n in range(count)],
        picture=lambda n: sets.face(n, 120) * np.uint8(n not in failing), aligned=False,
        template=np.arange(count) // 2, media=np.arange(count), subjects=np.array([f"s{n}" for n in range(count // 2)], object),
        comparisons=Comparisons(np.array([0, 1, 2]), np.array([1, 2, 0]), np.zeros(3, bool), np.array([0, 1, 2])),
        groups={"sex": np.array(["a", "b"] * (count // 4) + ["a"] * (count // 2 % 2), object)},
        searches=(Search("s", np.array([0, 1]), np.array([2])), Search("t", np.array([1]), np.array([0, 2]))),
    )  # fmt: skip


@contextmanager
def seeing(confidence: float) -> Iterator[Callable]:
    """A mesh that sees a face in every picture that is not black."""
    points = np.zeros((468, 2))
    for pair, where in zip((*faces.EYES, (4,), (61,), (291,)), align.to_corner(faces.TARGET) + 30, strict=True):
        points[list(pair)] = where
    yield lambda image: points if image.any() else None


def test_failures_are_counted_and_take_the_centre(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "face_mesh", seeing)
    found = faces.found(plain(6, {0, 3}))
    assert found.told() == {"k": 2, "n": 6, "missing": "centre", "names": ["p0", "p3"]}
    assert "no face found in 2 of 6 pictures; their centre is taken: p0, p3" in found.protocol.notes[-1]
    assert found.protocol.aligned and len(found.protocol.names) == 6
    assert (found.protocol.picture(1) == sets.face(1, 120)[:112, :112]).all(), "the pad of 30 px is taken off again"
    assert not found.protocol.picture(0).any()


def test_rejected_pictures_take_their_templates_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "face_mesh", seeing)
    found = faces.found(plain(6, {0, 2, 3}), "reject").protocol
    assert list(found.names) == ["p1", "p4", "p5"] and found.template.tolist() == [0, 1, 1]
    assert list(found.subjects) == ["s0", "s2"] and list(found.groups["sex"]) == ["a", "a"] and found.media.tolist() == [1, 4, 5]
    assert (found.comparisons.first.tolist(), found.comparisons.second.tolist()) == ([1], [0])
    assert found.comparisons.fold.tolist() == [2]
    assert [(s.name, s.gallery.tolist(), s.probes.tolist()) for s in found.searches] == [("s", [0], [1])]
    assert (found.picture(1) == sets.face(4, 120)[:112, :112]).all()
    with pytest.raises(DataError, match="no face was found in any picture"):
        faces.found(plain(6, set(range(6))), "reject")
    with pytest.raises(RequestError, match="--missing 'centre!' is not one of centre, reject"):
        faces.found(plain(6, set()), "centre!")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A small real dataset, and its photographs exported in LFW's form."""
    root = tmp_path_factory.mktemp("faces")
    generate(DatasetSpec.from_dict(SPEC), root / "set", workers=2)
    export(root / "set", root / "lfw", "lfw", Options(split=("all",), folds=1, cells=("sex",), crop="none"))
    return root / "set", root / "lfw"


def test_the_mesh_crops_as_the_true_landmarks_do(raw: tuple[Path, Path]) -> None:
    """Frontal renders without noise: the mean square difference of the two crops is a fraction of that to a crop 4 px beside."""
    ours, lfw = load(raw[0]), load(raw[1])
    assert ours.aligned and not lfw.aligned
    found = faces.found(lfw)
    assert not found.failed
    split = [name.rpartition("_") for name in ours.names]
    true = {f"{who}/{who}_{int(n) + 1:04d}.jpg": at for at, (who, _, n) in enumerate(split)}
    near, beside = [], []
    for at, name in enumerate(found.protocol.names):
        a, b = found.protocol.picture(at).astype(float), ours.picture(true[name]).astype(float)
        near.append(((a - b) ** 2)[8:-8, 8:-8].mean())
        beside.append(((np.roll(b, 4, axis=1) - b) ** 2)[8:-8, 8:-8].mean())
    assert np.median(np.array(near) / beside) < 0.35


def test_an_export_says_who_is_in_it(raw: tuple[Path, Path]) -> None:
    ours, lfw = load(raw[0]), load(raw[1])
    sexes = dict(zip(ours.subjects, ours.groups["sex"], strict=True))
    assert all(sexes[who] == sex for who, sex in zip(lfw.subjects, lfw.groups["sex"], strict=True))
