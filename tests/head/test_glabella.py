"""Between the brows nobody has a shelf, and nothing else of the head moves."""

from __future__ import annotations

import numpy as np
import pytest

from facegen.head.glabella import Glabella
from facegen.head.model import HeadModel
from facegen.population.plan import build
from facegen.spec import DatasetSpec


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return HeadModel.load()


@pytest.fixture(scope="module")
def glabella(model: HeadModel) -> Glabella:
    return model._glabella


def test_a_plane_stays_and_a_shelf_is_rolled_out(model: HeadModel, glabella: Glabella) -> None:
    flat = model.base_vertices().copy()
    flat[:, :] -= flat[glabella._index].mean(axis=0)
    flat[:, 1] += 0.010
    flat[:, 2] = 0.05 + 0.1 * flat[:, 1]
    assert np.abs(glabella.evened(flat) - flat).max() < 2e-4  # the margin: neighbours on one side only
    shelf = flat.copy()
    shelf[:, 2] += np.where(flat[:, 1] > 0.010, 0.004, 0.0)
    drop = [_steepest(v, glabella) for v in (shelf, glabella.evened(shelf))]
    assert drop[0] > 60 and drop[1] < 25


def test_people_have_no_shelf_between_the_brows(model: HeadModel, glabella: Glabella) -> None:
    plan = build(
        DatasetSpec.from_dict({"name": "glabella", "identities": 40, "images_per_identity": 1, "seed": 3, "date": "2026-01-01"})
    )
    steep = []
    for who in range(40):
        sample = plan.sample(who)
        steep.append(_steepest(model.shape(sample.identity, sample.sitting).vertices, glabella))
    assert max(steep) < 35, steep


def test_the_rest_of_the_head_does_not_move(model: HeadModel, glabella: Glabella) -> None:
    at = model.base_vertices().copy()
    at -= at[glabella._index].mean(axis=0)
    moved = np.abs(glabella.evened(at) - at).max(axis=1) > 0
    assert moved.any() and np.isin(np.flatnonzero(moved), glabella._index).all()
    assert np.abs(at[moved, 0]).max() < 0.024


def _steepest(vertices: np.ndarray, glabella: Glabella) -> float:
    """Largest slope (degrees, facing down) along the middle of the brow's bridge, over at least a millimetre."""
    near = vertices[glabella._index].astype(np.float64)
    line = near[(np.abs(near[:, 0]) < 0.0008) & (near[:, 1] > 0.004) & (near[:, 1] < 0.022)]
    line = line[np.argsort(line[:, 1])]
    y = np.arange(0.004, 0.022, 0.001)
    z = np.interp(y, line[:, 1], line[:, 2])
    return float(np.degrees(np.arctan2(np.diff(z), np.diff(y))).max())
