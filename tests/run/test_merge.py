"""Parts of a set, put together, are the set that was never divided."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from small import FAKE, small_spec, tree

from facegen.dataset.read import Dataset
from facegen.errors import DataError, RequestError
from facegen.population.plan import build
from facegen.run import workdir
from facegen.run.local import generate
from facegen.run.merge import merge
from facegen.run.tasks import of_part, part_of, tasks

Fresh = Callable[..., dict[str, bytes]]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Three parts of the small set."""
    folder = tmp_path_factory.mktemp("parts")
    for n in (1, 2, 3):
        done = generate(small_spec(), folder / str(n), workers=1, studio=FAKE, part=f"{n}/3")
        assert (done.images, done.made) == (2, 2)
    return [str(folder / str(n)) for n in (1, 2, 3)]


def test_parts_in_any_order_are_the_whole(fresh: Fresh, parts: list[str], tmp_path: Path) -> None:
    before = [tree(Path(part)) for part in parts]
    assert merge([parts[2], parts[0], parts[1]], str(tmp_path / "set")) == (6, {})
    assert tree(tmp_path / "set") == fresh()
    assert [tree(Path(part)) for part in parts] == before
    one = next((tmp_path / "set/images").rglob("*.jpg"))
    assert one.stat().st_nlink == 2  # linked, not copied
    assert merge(parts, str(tmp_path / "set")) == (6, {})


@pytest.mark.parametrize("layout", ["files", "webdataset"])
def test_two_parts_of_other_layouts(fresh: Fresh, tmp_path: Path, layout: str) -> None:
    spec = small_spec(layout=layout, rows_per_file=4)
    for n in (1, 2):
        generate(spec, tmp_path / str(n), workers=1, studio=FAKE, part=f"{n}/2")
    merge([str(tmp_path / "1"), str(tmp_path / "2")], str(tmp_path / "set"))
    assert tree(tmp_path / "set") == fresh(layout=layout, rows_per_file=4)


def test_a_stopped_merge_goes_on(fresh: Fresh, parts: list[str], tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        merge(parts, str(tmp_path / "set"), stop)
    assert not (tmp_path / "set/manifest.json").exists()
    merge(parts, str(tmp_path / "set"))
    assert tree(tmp_path / "set") == fresh()


def test_a_part_says_that_it_is_one(parts: list[str], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="it is part 2/3 of a dataset; 'facegen merge' makes one of all parts"):
        Dataset.open(parts[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for verb in (["show", parts[1], "000001_000", "--out", str(tmp_path / "x.png")], ["audit", parts[1]]):
        said = subprocess.run([sys.executable, "-m", "facegen.cli", *verb], capture_output=True, text=True, env=environment)
        assert said.returncode != 0 and "it is part 2/3 of a dataset" in said.stderr
    assert generate(small_spec(), Path(parts[1]), workers=1, studio=FAKE, part="2/3").made == 0
    with pytest.raises(RequestError, match=r"holds part 2/3 of this dataset, not all; .* with --part 2/3"):
        generate(small_spec(), Path(parts[1]), workers=1, studio=FAKE)


def test_parts_that_do_not_belong_together(parts: list[str], tmp_path: Path) -> None:
    out = str(tmp_path / "set")
    with pytest.raises(RequestError, match="part 2/3 missing; make with --part"):
        merge([parts[0], parts[2]], out)
    with pytest.raises(RequestError, match="is part 1/3 once more"):
        merge([*parts, parts[0]], out)
    generate(small_spec(seed=8), tmp_path / "other", workers=1, studio=FAKE, part="3/3")
    with pytest.raises(RequestError, match="is part of another spec"):
        merge([*parts[:2], str(tmp_path / "other")], out)
    generate(small_spec(), tmp_path / "half", workers=1, studio=FAKE, part="1/2")
    with pytest.raises(RequestError, match="is a part of 2, .* one of 3"):
        merge([*parts[:2], str(tmp_path / "half")], out)
    generate(small_spec(), tmp_path / "egl", workers=1, studio=FAKE, platform="egl", part="3/3")
    with pytest.raises(RequestError, match="gl_renderer 'fake egl'.* 'fake auto'"):
        merge([*parts[:2], str(tmp_path / "egl")], out)
    with pytest.raises(RequestError, match="is no part of a dataset"):
        merge([str(tmp_path)], out)
    assert not Path(out).exists()


def test_a_part_that_is_not_finished_or_not_whole(tmp_path: Path) -> None:
    spec = small_spec(identities=4)
    sources = [tmp_path / "1", tmp_path / "2"]
    for n, source in enumerate(sources, 1):
        generate(spec, source, workers=1, studio=FAKE, part=f"{n}/2")
    with workdir.WorkDir(workdir.LocalStore(sources[1]), spec, (2, 2)):
        with pytest.raises(RequestError, match="is being written by another run"):
            merge([str(source) for source in sources], str(tmp_path / "set"))
    picture = sources[1] / "images/000003/000003_001.jpg"
    picture.write_bytes(picture.read_bytes()[:-1])
    with pytest.raises(DataError, match="000003_001.jpg' is missing or not what its shard says"):
        merge([str(source) for source in sources], str(tmp_path / "set"))
    assert not (tmp_path / "set").exists()
    (sources[1] / ".work/shards/000003-000.shard").unlink()
    with pytest.raises(RequestError, match="1 of 2 tasks are missing, the first is 000003-000"):
        merge([str(source) for source in sources], str(tmp_path / "set"))


def test_a_failed_sample_of_a_part_is_told_and_tried_again(fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = tmp_path / "orders"
    orders.mkdir()
    (orders / "000002_001").write_text("raise")
    monkeypatch.setenv("FACEGEN_FAKE", str(orders))
    sources = [str(tmp_path / "1"), str(tmp_path / "2")]
    for n, source in enumerate(sources, 1):
        generate(small_spec(), Path(source), workers=1, studio=FAKE, part=f"{n}/2")
    images, failed = merge(sources, str(tmp_path / "set"))
    assert images == 6 and list(failed) == ["000002_001"]
    (orders / "000002_001").unlink()
    assert generate(small_spec(), tmp_path / "set", workers=1, studio=FAKE).failed == {}
    assert tree(tmp_path / "set") == fresh()


def test_parts_are_a_partition_of_the_tasks() -> None:
    listed = tasks(build(small_spec(identities=11)))
    for parts in (1, 2, 4, 11, 30):
        assert [task for n in range(1, parts + 1) for task in of_part(listed, (n, parts))] == listed
    for text in ("0/2", "3/2", "2", "a/b", "1/0", "-1/2", "1/10000"):
        with pytest.raises(RequestError, match=f"part '{text}' is not like 2/4"):
            part_of(text)
