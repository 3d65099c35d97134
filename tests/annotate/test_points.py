"""The large tables of landmarks: shapes, bytes, and whether what they call visible is what rays see."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest
from samples import sample
from test_through_the_lens import judged, through

from facegen.annotate import points
from facegen.errors import SpecError
from facegen.geometry import projection, rotations
from facegen.run.outputs import Outputs
from facegen.run.studio import Studio


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with Studio() as opened:
        yield opened


def taken(studio: Studio, spec):
    """Return (arrays of both tables, scene, transform)."""
    person = studio._meet(spec)
    posed = studio.model.pose(person.shape, spec.shot.expression, spec.shot.gaze)
    scene, transform = studio._stage(spec, person, posed, spec.shot.wear)
    frame = studio.engine.render(scene)
    return points.arrays(points.TABLES, posed, studio.model, transform, scene.camera, frame), scene, transform


def test_tables_are_what_the_page_says(studio: Studio) -> None:
    got, scene, transform = taken(studio, through(20, -8, 6))
    for name, count in (("478", 478), ("dense", len(studio.model.topology.ao))):
        assert {key: (value.shape, value.dtype) for key, value in got.items() if key.startswith(name)} == {
            f"{name}_px": ((count, 2), np.float32),
            f"{name}_camera_m": ((count, 3), np.float32),
            f"{name}_head_m": ((count, 3), np.float32),
            f"{name}_visible": ((count,), np.bool_),
        }
        moved = rotations.transform_points(transform, got[f"{name}_head_m"])
        np.testing.assert_allclose(moved, got[f"{name}_camera_m"], atol=1e-6)
        np.testing.assert_allclose(projection.project(moved, scene.camera), got[f"{name}_px"], atol=0.01)


def test_dense_visibility_agrees_with_rays(studio: Studio) -> None:
    got, scene, _ = taken(studio, through(30, -10, 5))
    pick = np.random.default_rng(2).choice(len(got["dense_px"]), 1500, replace=False)
    px, world = got["dense_px"][pick].astype(float), got["dense_camera_m"][pick].astype(float)
    hidden, decided = judged(scene, world, np.zeros(len(pick)))
    inside = ((px >= 0) & (px < 256)).all(axis=1)
    decided &= inside
    assert decided.mean() > 0.5
    assert (got["dense_visible"][pick][decided] == ~hidden[decided]).mean() >= 0.999
    assert not got["dense_visible"][pick][~inside].any()


def test_the_studio_writes_them_when_asked_and_the_same_bytes_always(studio: Studio) -> None:
    spec = sample(10, 5, 0, size=64)
    assert not [name for name in studio.shoot(spec).files if name.startswith("points/")]
    files = studio.shoot(spec, Outputs(points=("478",))).files
    data = files["points/000001/000001_000.npz"]
    assert data == studio.shoot(spec, Outputs(points=("478",))).files["points/000001/000001_000.npz"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:  # a clock in it would make every run another
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    with np.load(io.BytesIO(data)) as loaded:
        assert sorted(loaded.files) == ["478_camera_m", "478_head_m", "478_px", "478_visible"]
    five = np.reshape(studio.shoot(spec).row["landmarks_5"], (5, 2))
    with np.load(io.BytesIO(data)) as loaded:  # irises come last, the right one first
        np.testing.assert_allclose(loaded["478_px"][[468, 473]], five[:2], atol=1.0)


def test_another_table_is_refused(studio: Studio) -> None:
    spec = sample(size=64)
    with pytest.raises(SpecError, match="478"):
        studio.shoot(spec, Outputs(points=("468",)))
