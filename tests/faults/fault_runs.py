"""A run in a process of its own, as `facegen generate` starts it, with the fake studio; and waiting for what it does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import yaml
from small import FAKE, SMALL

TESTS = Path(__file__).parents[1]
_CODE = f"""
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests run in the background it is ignored, and so inherited
import facegen.run.local as local
local.generate.__defaults__ = tuple({FAKE!r} if d == local.STUDIO else d for d in local.generate.__defaults__)
from facegen import cli
sys.argv = ["facegen", *sys.argv[1:]]
cli.main()
"""


def start(out: Path, *words: object, **changes: object) -> subprocess.Popen[str]:
    """Start `facegen generate` of the small spec with `changes` into `out`."""
    spec = out.parent / f"{out.name}.yaml"
    spec.write_text(yaml.safe_dump({**SMALL, **changes}))
    path = os.pathsep.join([str(TESTS), *(p for p in sys.path if p)])
    return subprocess.Popen(
        [sys.executable, "-c", _CODE, "generate", str(spec), "--out", str(out), *map(str, words)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(true: Callable[[], object], what: str, seconds: float = 120) -> None:
    """Wait until `true()`; far longer than it takes, so that only what never comes fails."""
    for _ in range(int(seconds / 0.02)):
        if true():
            return
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


def children(pid: int) -> list[int]:
    """Return the living child processes of a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except (OSError, ValueError):
                continue
            if int(parent) == pid and state != "Z":
                found.append(int(entry.name))
    return found


def alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def pictures(out: Path) -> int:
    """Return how many pictures lie in a dataset."""
    return sum(1 for _ in out.glob("images/*/*"))
