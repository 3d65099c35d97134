"""Ctrl-C and SIGTERM: in order, or at once; one line, the exit code that shells expect, and the same bytes in the end."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from fault_runs import children, pictures, start, until
from small import FAKE, small_spec, tree

from facegen.run.local import generate


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_lets_pictures_end(
    number: signal.Signals, code: int, fake_dataset: Path, tmp_path: Path, orders: Path
) -> None:
    (orders / "000001_000").write_text("slow")
    (orders / "log").touch()
    out = tmp_path / "set"
    run = start(out, "--workers", 1)
    until(lambda: "000001_000" in (orders / "log").read_text(), "the slow picture's beginning")
    run.send_signal(number)
    said = [line for line in run.communicate()[1].splitlines() if not line.startswith("small")]  # progress
    assert run.returncode == code
    name = number.name
    assert said[-2:] == [
        "stopping when the pictures in work are done; Ctrl-C once more stops at once",
        f"facegen: stopped by {name}, 2 of 6 images are kept; the same command goes on where it was",
    ]
    assert pictures(out) == 3  # the one in work was written, its task was not done
    assert generate(small_spec(), out, workers=1, studio=FAKE).made == 4
    assert tree(out) == tree(fake_dataset)


def test_the_second_ends_at_once(fake_dataset: Path, tmp_path: Path, orders: Path) -> None:
    (orders / "000001_000").write_text("hang")
    out = tmp_path / "set"
    run = start(out, "--workers", 1)
    until((orders / "hangs").exists, "a worker that hangs")
    (worker,) = children(run.pid)
    run.send_signal(signal.SIGINT)
    assert run.stderr is not None
    for line in run.stderr:
        if line.startswith("stopping when"):
            break
    assert run.poll() is None and children(run.pid) == [worker]  # it waits for the picture
    run.send_signal(signal.SIGINT)
    said = run.communicate()[1].splitlines()
    assert run.returncode == 130
    assert said == ["facegen: stopped by SIGINT at once; the same command goes on where it was"]
    assert not Path(f"/proc/{worker}").exists()
    (orders / "000001_000").unlink()
    generate(small_spec(), out, workers=1, studio=FAKE)
    assert tree(out) == tree(fake_dataset)


def test_handlers_are_the_callers_again(fake_dataset: Path, tmp_path: Path) -> None:
    heard = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append(1))
    try:
        generate(small_spec(), tmp_path / "set", workers=1, studio=FAKE)
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [1]
