"""Whatever a worker does to itself, the others and the data set go on: the same bytes, or one sample listed with its reason."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from fault_runs import alive
from small import FAKE, small_spec, tree

from facegen.dataset.read import Dataset
from facegen.errors import MachineError, RequestError
from facegen.run import again, member, pool
from facegen.run.local import generate
from facegen.run.pool import Limits

POISON = "000001_001"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, orders: Path) -> None:
    """The pool's clock stands still but while a worker hangs: then a minute passes between two looks at it."""
    minutes, now = itertools.count(0, 60), [0]

    def monotonic() -> int:
        try:
            if alive(int((orders / "hangs").read_text())):
                now[0] = next(minutes)
        except (FileNotFoundError, ValueError):
            pass
        return now[0]

    monkeypatch.setattr(pool, "time", SimpleNamespace(monotonic=monotonic))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("garbage", "worker sent what is no message at sample 000001_001; trying it again with a new worker"),
        ("mute", "worker closed its pipe at sample 000001_001; trying it again with a new worker"),
        (
            "lost",
            "DriverError at fake_studio.py:[0-9]+: OpenGL error 0x0507 GL_CONTEXT_LOST at sample 000001_001; trying",
        ),
        ("gl", "DriverError at fake_studio.py:[0-9]+: OpenGL error 0x0502 at sample 000001_001; trying it again"),
        ("memory", "MemoryError at .*: Unable to allocate 1.00 GiB .* at sample 000001_001; trying it again"),
    ],
)
def test_what_happens_once_costs_one_line(
    word: str, said: str, fake_dataset: Path, tmp_path: Path, orders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member, "GRACE_S", 0.5)
    (orders / POISON).write_text(f"{word}:1")
    lines: list[str] = []
    done = generate(small_spec(), tmp_path / "set", workers=1, studio=FAKE, warn=lines.append)
    assert done.failed == {} and len(lines) == 1
    assert re.match(said, lines[0]), lines
    assert tree(tmp_path / "set") == tree(fake_dataset)


def test_a_worker_that_hangs_is_replaced_and_its_sample_kept_for_the_curious(
    fake_dataset: Path, tmp_path: Path, orders: Path, impatient: None
) -> None:
    (orders / POISON).write_text("hang")
    out = tmp_path / "set"
    done = generate(small_spec(), out, workers=1, studio=FAKE, limits=Limits(timeout_s=2))
    reason = "worker killed after 2 s without an answer (--timeout), 2 times"
    assert done.failed == {POISON: reason}
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["rejections"] == [{"image_id": POISON, "reason": reason}]
    assert f"rejected/{POISON}.json" in (out / "SHA256SUMS").read_text()
    # the sample in quarantine is the planned one, and meets the fault again
    data = Dataset.open(out)
    sample = again.sample_of(data, POISON)
    assert sample.image_id == POISON
    (orders / POISON).write_text("raise")
    with pytest.raises(RequestError, match="000001_001 cannot be rendered .ZeroDivisionError at fake_studio.py"):
        again.render(sample, again.spec_of(data, "jpg"), tmp_path / "alone", "auto", FAKE)
    # made after all, nothing remembers it
    (orders / POISON).unlink()
    assert again.render(sample, again.spec_of(data, "jpg"), tmp_path / "alone", "auto", FAKE)
    assert generate(small_spec(), out, workers=1, studio=FAKE).failed == {}
    assert tree(out) == tree(fake_dataset) and not (out / "rejected").exists()


def test_a_context_lost_again_and_again_names_the_driver(fake_dataset: Path, tmp_path: Path, orders: Path) -> None:
    (orders / POISON).write_text("lost")
    with pytest.raises(MachineError, match="GL_CONTEXT_LOST, 4 times in a row on 'fake auto'; mend the driver"):
        generate(small_spec(), tmp_path / "set", workers=1, studio=FAKE)
    (orders / POISON).unlink()
    generate(small_spec(), tmp_path / "set", workers=1, studio=FAKE)
    assert tree(tmp_path / "set") == tree(fake_dataset)


def test_memory_that_gives_out_twice_means_fewer_workers(fake_dataset: Path, tmp_path: Path, orders: Path) -> None:
    for name in ("000000_000", POISON):
        (orders / name).write_text("memory:1")
    lines: list[str] = []
    done = generate(small_spec(), tmp_path / "set", workers=2, studio=FAKE, warn=lines.append)
    assert done.failed == {}
    assert sum(line.endswith("trying it again by itself at the end") for line in lines) == 2
    assert lines[-1] == "workers run out of memory: going on with 1 instead of 2" and len(lines) == 3
    assert tree(tmp_path / "set") == tree(fake_dataset)


def test_who_is_killed_by_the_kernel_is_left_out_only_alone(
    tmp_path: Path, orders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member, "kernel_kills", itertools.count().__next__)  # as if the kernel had killed each of them
    (orders / POISON).write_text("kill")
    lines: list[str] = []
    done = generate(small_spec(), tmp_path / "set", workers=2, studio=FAKE, warn=lines.append)
    assert lines[0].endswith("(SIGKILL) at sample 000001_001; trying it again by itself at the end")
    assert done.failed == {POISON: "worker killed by signal 9 (SIGKILL), 2 times"}


def test_recycled_workers_write_the_same_bytes(fake_dataset: Path, tmp_path: Path, orders: Path) -> None:
    (orders / "log").touch()
    generate(small_spec(), tmp_path / "count", workers=1, studio=FAKE, limits=Limits(recycle=1))
    assert tree(tmp_path / "count") == tree(fake_dataset)
    assert len(workers_of(orders)) == 3  # one a task
    (orders / "log").write_text("")
    (orders / "000001_000").write_text("grow")
    generate(small_spec(), tmp_path / "size", workers=1, studio=FAKE, limits=Limits(recycle=0, growth=64 << 20))
    assert tree(tmp_path / "size") == tree(fake_dataset)
    assert len(workers_of(orders)) == 2  # the one that grew in the second task does not get the third


def test_gpus_are_taken_in_turn(tmp_path: Path, orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int | None] = []

    class Noted(member.Member):
        def __init__(self, job: object, device: int | None) -> None:
            given.append(device)
            super().__init__(job, device)

    monkeypatch.setattr(pool, "Member", Noted)
    monkeypatch.setenv("FACEGEN_FAKE_DEVICES", "0 2 3")
    spec = small_spec(identities=8, images_per_identity=1)
    generate(spec, tmp_path / "set", workers=4, studio=FAKE)
    assert given == [None, 2, 3, 0]  # the first finds out which there are, and is on the first
    given.clear()
    monkeypatch.setenv("EGL_DEVICE_ID", "3")
    generate(spec, tmp_path / "mine", workers=2, studio=FAKE)
    assert given == [None, None]  # all inherit the user's
    assert tree(tmp_path / "mine") == tree(tmp_path / "set")


@pytest.mark.parametrize(
    ("limits", "words"), [(Limits(timeout_s=0), "timeout 0 is not above 0"), (Limits(recycle=-1), "recycle -1 is below 0")]
)
def test_impossible_limits(limits: Limits, words: str, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=words):
        generate(small_spec(), tmp_path / "set", studio=FAKE, limits=limits)


def workers_of(orders: Path) -> set[str]:
    """Return the process numbers of the workers that made pictures."""
    return {line.split()[0] for line in (orders / "log").read_text().splitlines()}
