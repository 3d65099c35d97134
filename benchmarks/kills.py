"""Kill a run again and again and compare what it leaves with an undisturbed one.

    python benchmarks/kills.py [--kills 50] [--images 2000] [--size 64] [--seed 1] [--fake] [--json out/kills.json]

`facegen generate` makes a dataset; each time that a number of pictures drawn by --seed has come to be on the disk, one of its
workers or the run itself gets SIGKILL, after a short wait drawn as well. A run that is gone is started again by the same
command, at once: workers of the killed one may still be at their last picture. In the end every file is compared, by name and
sha256. `--fake` draws noise instead of faces (tests/fake_studio.py): hundreds of times faster, and every process but the
picture the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from machine import words

ROOT = Path(__file__).parents[1]
SPEC = ROOT / "pipelines" / "bench_wild.yaml"
FAKE = (
    "import sys; from pathlib import Path; from facegen.run.local import generate; from facegen.spec import DatasetSpec; "
    "done = generate(DatasetSpec.load(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), studio='fake_studio:Studio'); "
    "sys.exit(1 if done.failed else 0)"
)
LAST = 0.97
"""Of the pictures: kills come before these are on the disk, so that none is left over when the run ends."""
PARENT_SHARE = 0.3
"""Of the kills, those that hit the run itself."""
POLL_S, LONGEST_WAIT_S = 0.01, 0.3
MOST_RESTARTS_EACH = 3
"""Restarts for each kill: more mean that the run cannot go on."""


@dataclass
class Told:
    """What happened."""

    worker_kills: int = 0
    parent_kills: int = 0
    starts: int = 0
    exits: list[int] = field(default_factory=list)


def schedule(kills: int, images: int, seed: int) -> list[tuple[int, bool, float]]:
    """Return, in order: pictures on the disk at which to kill, whether the run itself, seconds to wait first."""
    rng = np.random.default_rng(seed)
    at = np.sort(rng.integers(0, max(int(LAST * images), 1), kills))
    parent, wait = rng.permutation(np.arange(kills) < round(PARENT_SHARE * kills)), rng.uniform(0, LONGEST_WAIT_S, kills)
    return [(int(n), bool(p), float(w)) for n, p, w in zip(at, parent, wait, strict=True)]


def hashes(root: Path) -> dict[str, str]:
    """Return path -> sha256 of every file below `root`, its working state too."""
    files = (p for p in sorted(root.rglob("*")) if p.is_file())
    return {p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def differences(a: dict[str, str], b: dict[str, str]) -> list[str]:
    """Return the names that only one tree has, or that differ."""
    return sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))


def children(parent: int) -> list[int]:
    """Return the worker processes that `parent` started (proc(5)); helpers of multiprocessing are none."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            owner = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if owner == parent and b"resource_tracker" not in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except (OSError, IndexError, ValueError):  # it has just ended
            continue
    return sorted(found)


class Victim:
    """The run under test, started again whenever it is gone."""

    def __init__(self, command: list[str], environment: dict[str, str], out: Path) -> None:
        self.command, self.environment, self.out = command, environment, out
        self.told = Told()
        self.start()

    def start(self) -> None:
        self.told.starts += 1
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL
        )

    def pictures(self) -> int:
        """Return how many are on the disk."""
        folder = self.out / "images"
        return sum(len(files) for _, _, files in os.walk(folder))

    def ended(self) -> bool:
        """Whether the dataset is finished. A run that stopped with less is started again."""
        code = self.process.poll()
        if code is None:
            return False
        self.told.exits.append(code)
        if code == 0:
            return True
        self.start()
        return False

    def kill(self, parent: bool, rng: np.random.Generator) -> bool:
        """Kill the run or one of its workers; False where there was none to kill."""
        if parent:
            if self.process.poll() is not None:
                return False
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.told.parent_kills += 1
            return True
        workers = children(self.process.pid)
        if not workers:
            return False
        try:
            os.kill(workers[int(rng.integers(len(workers)))], signal.SIGKILL)
        except ProcessLookupError:
            return False
        self.told.worker_kills += 1
        return True

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read()[-2000:]


def disturb(victim: Victim, plan: list[tuple[int, bool, float]], seed: int) -> None:
    """Kill by `plan` until it is through, and see the run to its end."""
    rng, left, most = np.random.default_rng([seed, 1]), list(plan), len(plan) * MOST_RESTARTS_EACH + 5
    while True:
        if victim.ended():
            return
        if victim.told.starts > most:
            sys.exit(f"kills: started {victim.told.starts} times and not finished; the last run said:\n{victim.said()}")
        if left and victim.pictures() >= left[0][0]:
            time.sleep(left[0][2])
            if victim.kill(left[0][1], rng):
                left.pop(0)
        time.sleep(POLL_S)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--per-identity", type=int, default=10)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fake", action="store_true", help="noise instead of faces")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths, "LIBGL_ALWAYS_SOFTWARE": "1"}
    counts = {"identities": -(-given.images // given.per_identity), "images_per_identity": given.per_identity, "size": given.size}
    with tempfile.TemporaryDirectory() as folder:
        spec = _spec(Path(folder), counts)
        calm, shaken = Path(folder) / "calm", Path(folder) / "shaken"
        began = time.perf_counter()
        subprocess.run(
            _command(given, spec, calm), env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        undisturbed = time.perf_counter() - began
        victim = Victim(_command(given, spec, shaken), environment, shaken)
        disturb(victim, schedule(given.kills, counts["identities"] * given.per_identity, given.seed), given.seed)
        whole = time.perf_counter() - began - undisturbed
        expected, found = hashes(calm), hashes(shaken)
    return report(given, victim.told, (undisturbed, whole), expected, found)


def report(
    given: argparse.Namespace, told: Told, seconds: tuple[float, float], expected: dict[str, str], found: dict[str, str]
) -> int:
    """Print what happened; return the exit status, 1 where a file differs or kills were left over."""
    other, made = differences(expected, found), told.worker_kills + told.parent_kills
    studio = "fake studio" if given.fake else f"{given.size} px, software EGL"
    print(f"{words()}; {given.images} images, {studio}, {given.workers} workers, seed {given.seed}")
    print(f"{made} of {given.kills} kills: workers {told.worker_kills}, the run {told.parent_kills}; {told.starts - 1} restarts")
    print(f"exit statuses {sorted(set(told.exits))}; {seconds[1]:.0f} s, undisturbed {seconds[0]:.0f} s")
    named = f": {', '.join(other[:5])}" if other else ""
    print(f"{'MISS' if other else 'ok  '} {len(expected)} files, {len(other)} differ{named}")
    if given.json is not None:
        values: dict[str, Any] = {**vars(told), "kills": made, "files": len(expected), "differ": other, "machine": words(),
                                  "seconds": seconds}  # fmt: skip
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(values, indent=1))
    return int(bool(other) or made < given.kills)


def _spec(folder: Path, counts: dict[str, int]) -> Path:
    import yaml

    path = folder / "spec.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(SPEC.read_text()), **counts}))
    return path


def _command(given: argparse.Namespace, spec: Path, out: Path) -> list[str]:
    if given.fake:
        return [sys.executable, "-c", FAKE, str(spec), str(out), str(given.workers)]
    return [sys.executable, "-m", "facegen.cli", "generate", str(spec), "--out", str(out), "--workers", str(given.workers),
            "--platform", "egl"]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
