"""A finished set made larger is the larger spec's own set, byte for byte, and nothing that was there is made again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small import FAKE, small_spec, tree

from facegen.dataset.read import Dataset
from facegen.errors import DataError, MachineError, RequestError
from facegen.run import workdir
from facegen.run.local import generate

Fresh = Callable[..., dict[str, bytes]]
SPEC_OF_DESIGN = {"attributes": ["sex", "age_band"], "exact": True}


def made(out: Path, **changes: Any) -> int:
    done = generate(small_spec(**changes), out, workers=1, studio=FAKE)
    assert done.failed == {}
    return done.made


def test_more_people(fresh: Fresh, tmp_path: Path) -> None:
    out = tmp_path / "set"
    assert made(out) == 6
    before = {p: p.stat().st_mtime_ns for p in out.glob("images/*/*")}
    assert made(out, identities=5) == 4
    assert tree(out) == fresh(identities=5)
    assert {p: p.stat().st_mtime_ns for p in before} == before
    assert made(out, identities=5) == 0


@pytest.mark.parametrize("layout", ["files", "webdataset"])
def test_more_images_a_person(fresh: Fresh, tmp_path: Path, layout: str) -> None:
    out = tmp_path / "set"
    made(out, layout=layout)
    assert made(out, layout=layout, images_per_identity=3, identities=4) == 3 * 1 + 3
    assert tree(out) == fresh(layout=layout, images_per_identity=3, identities=4)


def test_more_images_where_tasks_hold_sittings(fresh: Fresh, tmp_path: Path) -> None:
    """26 pictures in two sittings are cut into tasks otherwise than 52 are."""
    small = {"identities": 1, "sittings_per_identity": 2, "images_per_identity": 26}
    large = {**small, "images_per_identity": 52}
    out = tmp_path / "set"
    made(out, **small)
    assert made(out, **large) == 26
    assert tree(out) == fresh(**large)


def test_labels_go_from_one_file_to_several(fresh: Fresh, tmp_path: Path) -> None:
    out = tmp_path / "set"
    made(out, rows_per_file=6)
    assert (out / "labels.parquet").is_file()
    made(out, rows_per_file=6, identities=7)
    assert not (out / "labels.parquet").exists()
    assert tree(out) == fresh(rows_per_file=6, identities=7)


def test_a_counterfactual_set(fresh: Fresh, tmp_path: Path) -> None:
    kind = {"kind": "counterfactual", "counterfactual": {"factors": {"yaw_deg": [-20, 20]}}, "images_per_identity": 1}
    out = tmp_path / "set"
    made(out, **kind)
    assert made(out, **kind, identities=4) == 3
    assert tree(out) == fresh(**kind, identities=4)
    with pytest.raises(RequestError, match="more people can be added, more bases a person cannot"):
        made(out, **{**kind, "images_per_identity": 2}, identities=4)


def test_killed_in_the_midst(fresh: Fresh, tmp_path: Path, orders: Path) -> None:
    """Old and new never stand side by side: the manifest is gone, and the set says that its run is not over."""
    out = tmp_path / "set"
    made(out)
    (orders / "000004_001").write_text("full")
    with pytest.raises(MachineError):
        made(out, identities=5)
    assert not (out / "manifest.json").exists()
    with pytest.raises(DataError, match="its run is not finished"):
        Dataset.open(out)
    with pytest.raises(RequestError, match="of another spec"):
        made(out)
    (orders / "000004_001").unlink()
    assert made(out, identities=5) == 2
    assert tree(out) == fresh(identities=5)


def test_killed_before_the_first_new_picture(fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state of the larger set lies there, but it is not begun: the smaller one is whole."""
    out = tmp_path / "set"
    made(out)
    small = tree(out)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workdir.WorkDir, "begin", die)
    monkeypatch.setattr(workdir.WorkDir, "__exit__", lambda self, *_: self._lock.close())
    with pytest.raises(KeyboardInterrupt):
        made(out, identities=5)
    monkeypatch.undo()
    assert (out / ".work/shards").is_dir() and len(Dataset.open(out)) == 6
    assert made(out) == 0 and tree(out) == small
    assert made(out, identities=5) == 4 and tree(out) == fresh(identities=5)


def test_killed_between_header_and_manifest(fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "set"
    made(out)
    discard = workdir.LocalStore.discard

    def die(self: Any, name: str) -> None:
        if name == "manifest.json":
            raise KeyboardInterrupt
        discard(self, name)

    monkeypatch.setattr(workdir.LocalStore, "discard", die)
    with pytest.raises(KeyboardInterrupt):
        made(out, identities=5)
    monkeypatch.undo()
    assert (out / "manifest.json").exists() and (out / ".work/run.json").exists()
    assert made(out, identities=5) == 4
    assert tree(out) == fresh(identities=5)


def test_what_cannot_grow_is_refused_and_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "set"
    made(out, identities=4)
    before = tree(out)
    with pytest.raises(RequestError, match="identities 4, and this spec asks for 3: a set is made larger, never smaller"):
        made(out)
    with pytest.raises(RequestError, match="of another spec"):
        made(out, identities=5, size=96)
    with pytest.raises(RequestError, match="begun with gl_renderer 'fake auto', this is 'fake egl'"):
        generate(small_spec(identities=5), out, workers=1, studio=FAKE, platform="egl")
    assert tree(out) == before


def test_a_design_that_counts_people_is_refused(tmp_path: Path) -> None:
    out, exact = tmp_path / "set", {"population": {"design": SPEC_OF_DESIGN}}
    made(out, identities=12, images_per_identity=1, **exact)
    with pytest.raises(RequestError, match="its design counts people"):
        made(out, identities=24, images_per_identity=1, **exact)


def test_tars_by_sitting_cannot_take_more_images(tmp_path: Path) -> None:
    out, kind = tmp_path / "set", {"layout": "webdataset", "identities": 1, "sittings_per_identity": 2}
    made(out, **kind, images_per_identity=2)
    with pytest.raises(RequestError, match="would move some into other tars"):
        made(out, **kind, images_per_identity=4)


def test_a_set_that_the_larger_plan_draws_otherwise_is_refused(tmp_path: Path) -> None:
    """As one made by another state of the code would be: its samples are compared, not its version trusted."""
    out = tmp_path / "set"
    made(out)
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(out / "labels.parquet")
    at = table.schema.get_field_index("sample")
    samples = [text.replace('"size_px":64', '"size_px":65') for text in table.column(at).to_pylist()]
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(samples)), out / "labels.parquet")
    with pytest.raises(RequestError, match="draws 000000_000 differently"):
        made(out, identities=5)
    assert (out / "manifest.json").exists()


def test_a_picture_that_is_gone_is_made_again(fresh: Fresh, tmp_path: Path) -> None:
    out = tmp_path / "set"
    made(out)
    next((out / "images").rglob("*_001.jpg")).unlink()
    made(out, identities=5)
    assert tree(out) == fresh(identities=5)


def test_a_damaged_set_is_not_made_larger(tmp_path: Path) -> None:
    out = tmp_path / "set"
    made(out)
    shutil.move(out / "labels.parquet", tmp_path)
    with pytest.raises(DataError, match=r"labels.parquet' is missing"):
        made(out, identities=5)
    assert json.loads((out / "manifest.json").read_text())["counts"]["images"] == 6
