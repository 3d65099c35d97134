"""Deep and shallow identities: who has many images, and that everything counts them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from small import FAKE, small_spec

from facegen.errors import RequestError
from facegen.population.depth import deep_ones
from facegen.population.plan import build
from facegen.run.local import generate
from facegen.run.tasks import tasks

DEEP = {"deep": 0.25, "deep_images": 30}


def test_every_prefix_has_its_share_of_deep_ones_and_so_has_every_cell() -> None:
    cell = np.random.default_rng(1).permuted(np.tile(np.arange(12), (60, 1)), axis=1).ravel()
    for share in (0.2, 0.37, 0.7):
        deep = deep_ones(lambda n: np.resize(cell, n), share, 600, 3)
        assert np.abs(np.cumsum(deep) - share * np.arange(1, 601)).max() < 1
        assert deep.sum() == pytest.approx(share * 600, abs=1)
        each = np.bincount(cell[:600][deep], minlength=12)
        assert np.abs(each - share * 50).max() <= 3
        assert (deep_ones(lambda n: np.resize(cell, n), share, 100, 3) == deep[:100]).all()


def test_samples_follow_the_images_of_each_identity() -> None:
    plan = build(small_spec(identities=12, images_per_identity=2, depth=DEEP))
    each = [plan.images(who) for who in range(12)]
    assert sorted(each) == [2] * 9 + [30] * 3
    assert len(plan) == sum(each) == len(list(plan.samples()))
    want = [f"{who:06d}_{k:03d}" for who in range(12) for k in range(each[who])]
    assert [s.image_id for s in plan.samples()] == want
    assert [plan.number(who, k) for who in range(12) for k in range(each[who])] == list(range(len(plan)))
    with pytest.raises(RequestError, match="choose 0 to"):
        plan.number(0, each[0])
    flat = build(small_spec(identities=12, images_per_identity=2))
    deep = plan.sample(plan.number(3, 1))
    assert deep == flat.sample(flat.number(3, 1))


def test_more_identities_leave_the_deep_ones_deep() -> None:
    few, many = (build(small_spec(identities=n, depth=DEEP)) for n in (10, 40))
    assert [few.images(n) for n in range(10)] == [many.images(n) for n in range(10)]


def test_tasks_hold_every_sample_once_and_one_identity_each() -> None:
    plan = build(small_spec(identities=8, images_per_identity=3, sittings_per_identity=2, depth=DEEP))
    dealt = tasks(plan)
    assert sorted(n for _, samples in dealt for n in samples) == list(range(len(plan)))
    for name, samples in dealt:
        assert {plan.sample(n).identity.index for n in samples} == {int(name[:6])}
    first = [plan.sample(n).sitting.index for n in dealt[0][1]]
    assert first == sorted(first)


@pytest.mark.slow
def test_a_deep_set_is_made_and_counted(tmp_path: Path) -> None:
    spec = small_spec(identities=4, images_per_identity=1, depth={"deep": 0.5, "deep_images": 4})
    done = generate(spec, tmp_path / "set", workers=1, studio=FAKE)
    manifest = json.loads((tmp_path / "set" / "manifest.json").read_text())
    assert done.images == 10 == manifest["counts"]["planned_images"] == manifest["counts"]["images"]
