"""One head, the same triangles and pixels, in every renderer: `make bench-peers` (or `python benchmarks/peers/bench.py --help`).

Renderers (ours.py, with_*.py) are processes that wait while another draws; they take turns, `--rounds` times, after one picture
each that warms up. Printed and written as JSON: the median processor and wall time of one picture with its labels, how often
ours goes into it, and the intersection over union of its silhouette with ours. Bars, of processor time on the bare head: 3 for
pyrender, 100 for Cycles at 64 samples.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))

from machine import words  # noqa: E402

OURS = "ours"
PEERS = {
    OURS: ["ours.py"],
    "pyrender": ["with_pyrender.py"],
    "Cycles": ["with_blender.py", "cycles"],
    "EEVEE": ["with_blender.py", "eevee"],
    "Mitsuba": ["with_mitsuba.py"],
}
SLOW_S = 5.0
"""Pictures that take longer (wall) are drawn in every third round only."""
QUICK_S, QUICK_DRAWS = 1.0, 5
BARS = {"pyrender": 3.0, "Cycles bare 64": 100.0}
"""By the start of a row's name: least times ours."""


@dataclass
class Row:
    """Times of one variant of one renderer."""

    renderer: str
    variant: str
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    iou: float | None = None

    @property
    def name(self) -> str:
        return f"{self.renderer} {self.variant}"

    @property
    def scene(self) -> str:
        return "full" if self.variant.startswith("full") else "bare"


class Renderer:
    """A renderer's process and its pipe."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment, cwd=HERE
        )
        self.about, self.dead = "", ""
        hello = self._read()
        self.variants: list[str] = []
        if hello is not None:
            self.about, self.variants = hello["about"], hello["variants"]

    def ask(self, **what: str) -> dict[str, Any] | None:
        """Return the answer; None when the process is gone, and `dead` says why."""
        if self.dead or self.process.stdin is None:
            return None
        try:
            self.process.stdin.write(json.dumps(what) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        return self._read()

    def _read(self) -> dict[str, Any] | None:
        line = self.process.stdout.readline() if self.process.stdout is not None else ""
        if line:
            return dict(json.loads(line))
        code = self.process.wait()
        self.log.seek(0)
        said = [text.strip() for text in self.log.read().splitlines() if text.strip()]
        self.dead = f"ended with {code}: {said[-1] if said else 'without a word'}"
        return None

    def close(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait()


def iou(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Return intersection over union of two silhouettes."""
    union = int((a | b).sum())
    return float((a & b).sum() / union) if union else 1.0


def draws(turn: int, first_s: float) -> int:
    """Return how often a variant whose first picture took `first_s` is drawn in round `turn`."""
    if first_s > SLOW_S:
        return int(turn % 3 == 0)
    return QUICK_DRAWS if first_s < QUICK_S else 1


def measure(renderers: list[Renderer], rounds: int) -> list[Row]:
    """Draw everything in turns."""
    rows = [(r, Row(r.name, variant)) for r in renderers for variant in r.variants]
    warm: dict[str, float] = {}
    for renderer, row in rows:
        for _ in range(2):  # the first picture compiles and loads, the second tells how long one takes
            answer = renderer.ask(draw=row.variant)
            warm[row.name] = answer["wall_s"] if answer else np.inf
            if warm[row.name] > SLOW_S:
                break
    for turn in range(rounds):
        for renderer, row in rows:
            for _ in range(draws(turn, warm[row.name])):
                answer = renderer.ask(draw=row.variant)
                if answer is not None:
                    row.wall_s.append(answer["wall_s"])
                    row.cpu_s.append(answer["cpu_s"])
        print(f"round {turn + 1} of {rounds}", file=sys.stderr)
    return [row for _, row in rows]


def compare(renderers: list[Renderer], rows: list[Row], sheet: Path) -> None:
    """Fill in each row's IoU with ours, and write the pictures beside each other."""
    import cv2

    with tempfile.TemporaryDirectory() as folder:
        seen = {}
        for row in rows:
            renderer = next(r for r in renderers if r.name == row.renderer)
            path = str(Path(folder) / "picture.npz")
            if renderer.ask(save=row.variant, to=path) is not None:
                held = np.load(path)
                seen[row.name] = held["rgb"], held["mask"]
    for row in rows:
        if row.name in seen:
            row.iou = iou(seen[row.name][1], seen[f"{OURS} {row.scene}"][1])
    sheet.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(sheet), np.hstack([rgb for rgb, _ in seen.values()])[..., ::-1])


def table(rows: list[Row]) -> list[dict[str, Any]]:
    """Return a plain row for each variant that drew: medians, spread of processor time, and how often ours goes into them."""
    drew = [row for row in rows if row.cpu_s]
    ours = {row.scene: row for row in drew if row.renderer == OURS}
    out = []
    for row in drew:
        base, cpu, wall = ours[row.scene], float(np.median(row.cpu_s)), float(np.median(row.wall_s))
        times = cpu / float(np.median(base.cpu_s))
        bar = next((least for start, least in BARS.items() if row.name.startswith(start)), None)
        out.append(
            {"renderer": row.renderer, "variant": row.variant, "draws": len(row.cpu_s), "cpu_s": cpu,
             "cpu_s_range": [min(row.cpu_s), max(row.cpu_s)], "wall_s": wall, "times_ours_cpu": times,
             "times_ours_wall": wall / float(np.median(base.wall_s)), "iou": row.iou, "bar": bar,
             "met": None if bar is None else times >= bar}
        )  # fmt: skip
    return out


def text(found: list[dict[str, Any]]) -> str:
    """Return the table for people."""
    lines = ["| renderer | scene, way | CPU s | wall s | CPU / ours | wall / ours | IoU with ours | draws | |",
             "|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for row in found:
        verdict = "" if row["bar"] is None else f"{'ok' if row['met'] else 'MISS'}, bar {row['bar']:g}"
        agreed = "" if row["iou"] is None else f"{row['iou']:.3f}"
        lines.append(
            f"| {row['renderer']} | {row['variant']} | {row['cpu_s']:.4f} | {row['wall_s']:.4f} | {row['times_ours_cpu']:.1f} "
            f"| {row['times_ours_wall']:.1f} | {agreed} | {row['draws']} | {verdict} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, default=ROOT / ".venv-peers/bin/python", help="of the peers' environment")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--peers", nargs="+", choices=[name for name in PEERS if name != OURS], default=list(PEERS)[1:])
    parser.add_argument("--out", type=Path, default=ROOT / "out/peers.json")
    given = parser.parse_args()
    paths = os.pathsep.join([str(HERE), str(ROOT), os.environ.get("PYTHONPATH", "")])
    # One thread of BLAS: its others spin beside pyrender's few products and would count as processor time.
    environment = {
        **os.environ,
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "LP_NUM_THREADS": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    with tempfile.TemporaryDirectory() as folder:
        ours = [sys.executable, "ours.py", folder, "--size", str(given.size)]
        renderers = [Renderer(OURS, ours, {**environment, "PYTHONPATH": paths})]
        if renderers[0].dead:
            sys.exit(f"our renderer {renderers[0].dead}")
        theirs = {key: value for key, value in environment.items() if key != "PYTHONPATH"}
        for name in given.peers:
            script, *more = PEERS[name]
            renderers.append(Renderer(name, [str(given.python), script, folder, *more], theirs))
        rows = measure(renderers, given.rounds)
        compare(renderers, rows, given.out.with_suffix(".png"))
    found = table(rows)
    absent = {r.name: r.dead for r in renderers if r.dead}
    about = {r.name: r.about for r in renderers if r.about}
    for renderer in renderers:
        renderer.close()
    made = {"date": datetime.date.today().isoformat(), "machine": words(), "size_px": given.size, "about": about, "rows": found,
            "did_not_run": absent}  # fmt: skip
    given.out.write_text(json.dumps(made, indent=1))
    print(f"{made['date']}, {made['machine']}, {given.size} px, one picture with labels")
    print("\n".join(f"{name}: {said}" for name, said in about.items()) + f"\n\n{text(found)}")
    print("".join(f"\n{name} did not run: {why}" for name, why in absent.items()))


if __name__ == "__main__":
    main()
