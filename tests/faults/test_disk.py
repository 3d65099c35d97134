"""A disk that is full, read-only or forgetful: one line and a state that goes on, or what is damaged is made again."""

from __future__ import annotations

import errno
import gc
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from small import FAKE, small_spec, tree

from facegen.dataset.read import Dataset
from facegen.errors import DataError, FacegenError, MachineError, RequestError
from facegen.run import finish, intact
from facegen.run.local import generate
from facegen.run.verify import hashes


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 32 KiB, or a skip where none can be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(place)], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    yield place
    gc.collect()
    subprocess.run(["umount", str(place)], check=True)


def remount(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


def test_a_disk_that_is_full_again_and_again_then_read_only(small_disk: Path, fake_dataset: Path) -> None:
    """The disk grows by a little after each failure: it is full in workers, at shards, at tables and at documents."""
    out, full = small_disk / "set", 0
    for kib in range(32, 4096, 48):
        remount(small_disk, f"size={kib}k,rw")
        try:
            generate(small_spec(), out, workers=1, studio=FAKE, ignore_space=True)
            break
        except MachineError as error:
            said = str(error)
        assert "No space left on device; free some space and run the same command again" in said
        assert len(said.splitlines()) == 1 and not (out / "manifest.json").exists()
        full += 1
        gc.collect()  # a table's writer that failed holds its file
        remount(small_disk, "ro")
        with pytest.raises(RequestError, match="cannot be written: Read-only file system; choose a directory that you may write"):
            generate(small_spec(), out, workers=1, studio=FAKE, ignore_space=True)
    assert full > 3
    assert tree(out) == tree(fake_dataset)


@pytest.mark.parametrize(("code", "kind", "step"), [(errno.ENOSPC, MachineError, 1), (errno.EROFS, RequestError, 6)])
def test_every_write_of_the_parent_may_fail(
    code: int, kind: type[FacegenError], step: int, fake_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first write fails, then one `step` writes later in the next run, and so on until a run comes through."""
    out, left = tmp_path / "set", [0]
    sync = os.fsync

    def fsync(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(code, os.strerror(code))
        sync(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    failures = 0
    while True:
        left[0] = failures
        try:
            generate(small_spec(), out, workers=1, studio=FAKE)
            break
        except FacegenError as error:
            assert isinstance(error, kind) and os.strerror(code) in str(error) and len(str(error).splitlines()) == 1
            assert (out / ".work/run.json").exists() or not (out / "manifest.json").exists()
            failures += step
    assert failures > 10
    assert tree(out) == tree(fake_dataset)


def test_a_file_that_the_kernel_refuses(fake_dataset: Path, tmp_path: Path, orders: Path) -> None:
    (orders / "000001_000").write_text("room:1")
    with pytest.raises(MachineError, match=r"File too large; raise the limit \(ulimit -f\)"):
        generate(small_spec(), tmp_path / "set", workers=1, studio=FAKE)
    generate(small_spec(), tmp_path / "set", workers=1, studio=FAKE)
    assert tree(tmp_path / "set") == tree(fake_dataset)


@pytest.fixture
def all_but_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that ended between its last picture and its tables."""
    out = tmp_path / "set"
    with monkeypatch.context() as patch:
        patch.setattr(finish, "finish", lambda *_: (_ for _ in ()).throw(MachineError("no power")))
        with pytest.raises(MachineError, match="no power"):
            generate(small_spec(), out, workers=1, studio=FAKE)
    return out


def test_damage_is_found_before_it_is_listed(all_but_finished: Path, fake_dataset: Path) -> None:
    out, lines = all_but_finished, []
    shards = sorted((out / ".work/shards").iterdir())
    shards[0].write_bytes(shards[0].read_bytes()[:1000])  # as after a loss of power
    (out / "images/000001/000001_001.jpg").write_bytes(b"holiday")
    (out / "masks/000002/000002_000.png").unlink()
    done = generate(small_spec(), out, workers=1, studio=FAKE, warn=lines.append)
    assert done.made == 6 and len(lines) == 3, lines
    assert "is damaged" in lines[0] and lines[0].endswith("its images are made again")
    assert lines[1:] == [
        "images/000001/000001_001.jpg is not what was written: made again",
        "masks/000002/000002_000.png has gone missing: made again",
    ]
    assert tree(out) == tree(fake_dataset) and hashes(Dataset.open(out)) == []


def test_a_disk_that_forgets_is_given_up(all_but_finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intact, "sha256", lambda data: "other")
    with pytest.raises(MachineError, match=r"is not what was written, 3 times; see to the disk"):
        generate(small_spec(), all_but_finished, workers=1, studio=FAKE)
    assert not (all_but_finished / "manifest.json").exists()


def test_a_damaged_header_is_told(all_but_finished: Path) -> None:
    (all_but_finished / ".work/run.json").write_text("{")
    with pytest.raises(
        DataError, match=r"run.json' cannot be read .*; copy it back, or remove the whole directory and begin again"
    ):
        generate(small_spec(), all_but_finished, workers=1, studio=FAKE)


def test_without_its_header_nothing_is_removed_and_nothing_taken_over(all_but_finished: Path) -> None:
    """What the pictures there are of is unknown: another spec's must not be taken for them, and shards not be thrown away."""
    (all_but_finished / ".work/run.json").unlink()
    there = tree(all_but_finished)
    for spec in (small_spec(), small_spec(seed=99)):
        with pytest.raises(DataError, match=r"run.json' is gone, .*; copy it back, or remove the whole directory"):
            generate(spec, all_but_finished, workers=1, studio=FAKE)
    assert tree(all_but_finished) == there


@pytest.mark.parametrize("key", ["versions", "platform"])
def test_a_header_of_another_shape_is_told(all_but_finished: Path, key: str) -> None:
    header = json.loads((all_but_finished / ".work/run.json").read_text())
    (all_but_finished / ".work/run.json").write_text(json.dumps({**header, key: []}))
    with pytest.raises(DataError, match=f"its {key} is no JSON object"):
        generate(small_spec(), all_but_finished, workers=1, studio=FAKE)


def test_clocks_may_jump(all_but_finished: Path, fake_dataset: Path, monkeypatch: pytest.MonkeyPatch, orders: Path) -> None:
    """Dates of files from the future and the past, and a clock that runs backwards here and in the worker."""
    import time

    (all_but_finished / "images/000000/000000_000.jpg").unlink()
    for i, path in enumerate(sorted(all_but_finished.rglob("*"))):
        os.utime(path, (4e9, 4e9) if i % 2 else (0, 0))
    now = iter(range(2_000_000_000, 0, -1000))
    monkeypatch.setattr(time, "time", lambda: float(next(now)))
    (orders / "clock").touch()
    assert generate(small_spec(), all_but_finished, workers=1, studio=FAKE).made == 2
    assert tree(all_but_finished) == tree(fake_dataset)
