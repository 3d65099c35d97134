"""Memory and time of planning, merging and finishing a large set, without its pictures.

    python benchmarks/million.py --images 1000000 [--per-identity 10] [--at FOLDER]

The plan, the shards, the merge and the last step are the real ones; label rows are made up (as large as real ones, declared
categories, random numbers), and every picture of the contact sheet is the same. The state takes about 12 kB an image on the disk.
Prints one JSON line a phase, each in a process of its own: seconds of the wall clock and of this process, peak resident MB.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from facegen.annotate.schema import SCHEMA  # noqa: E402
from facegen.dataset import layout  # noqa: E402
from facegen.dataset.tables import label_table  # noqa: E402
from facegen.dataset.write import sha256  # noqa: E402
from facegen.population.plan import build  # noqa: E402
from facegen.run.finish import finish  # noqa: E402
from facegen.run.larger import SHARDS  # noqa: E402
from facegen.run.shard import SUFFIX, Shard  # noqa: E402
from facegen.run.store import LocalStore  # noqa: E402
from facegen.run.workdir import WorkDir  # noqa: E402
from facegen.sensor.codec import encode_png  # noqa: E402
from facegen.spec import DatasetSpec  # noqa: E402

MADE_UP = 24
"""People whose rows the others repeat, under ids of their own."""
BYTES = 15_000
LENGTHS = {"landmarks_5": 10, "bbox": 4, "K": 9}
LENGTH = 60
"""Numbers in a list column that has no length here: rows come out as large as real ones."""
PHASES = ("plan", "shards", "finish", "read")


class Store(LocalStore):
    """A directory in which every picture lies that is asked for."""

    picture = encode_png(np.full((64, 64, 3), 128, np.uint8))

    def get(self, name: str) -> bytes | None:
        return self.picture if name.startswith(layout.IMAGES + "/") else super().get(name)


def spec_of(images: int, per_identity: int) -> DatasetSpec:
    values = {"name": "million", "seed": 3, "date": "2026-01-01", "identities": images // per_identity}
    return DatasetSpec.from_dict({**values, "images_per_identity": per_identity, "sittings_per_identity": 1})


def plan_(spec: DatasetSpec, at: Path) -> dict[str, Any]:
    from facegen.run.tasks import tasks

    plan = build(spec)
    listed = tasks(plan)
    last = plan.sample(len(plan) - 1).image_id  # the roster is walked to its end
    return {"tasks": len(listed), "last": last}


def shards(spec: DatasetSpec, at: Path) -> dict[str, Any]:
    plan = build(spec)
    rows = _rows(spec)
    folder = at / "set" / SHARDS
    with WorkDir(Store(at / "set"), spec) as work:
        work.begin(spec, {"head": "made up", "gl_renderer": "none"})
        folder.mkdir(parents=True)
        size = 0
        for name, samples in work.tasks(plan):
            shard = _shard(plan, rows, sorted(samples))
            data = shard.to_bytes()
            (folder / f"{name}{SUFFIX}").write_bytes(data)
            size += len(data)
    return {"bytes_per_row": round(size / len(plan))}


def _rows(spec: DatasetSpec) -> list[pa.Table]:
    """Return the label rows of some people: their real samples, everything else made up."""
    from fake_studio import _row

    plan = build(spec)
    numbers = np.random.default_rng(0)
    tables = []
    for who in range(min(MADE_UP, spec.identities)):
        rows = []
        for k in range(spec.images_per_identity):
            sample = plan.sample(plan.number(who, k))
            row = _row(sample)
            for name, column in SCHEMA.items():
                if column.type == "double" and name in row and row[name] == 0.0:
                    row[name] = float(numbers.normal())
                elif column.type.startswith("list<double") or column.type.startswith("list<float"):
                    row[name] = numbers.normal(50, 20, LENGTHS.get(name, LENGTH)).tolist()
                elif name.startswith("ofiq_"):
                    row[name] = int(numbers.integers(0, 101))
            rows.append({**row, "split": layout.split(who, plan.block)})
        tables.append(label_table(rows))
    return tables


def _shard(plan: Any, rows: list[pa.Table], samples: list[int]) -> Shard:
    ids = [plan.image_id(n) for n in samples]
    who = ids[0].partition("_")[0]
    first = int(ids[0].rpartition("_")[2])
    table = rows[int(who) % len(rows)].slice(
        first, len(ids)
    )  # a person's tasks hold pictures in order where there is one sitting
    files = {f"images/{who}/{name}.jpg": sha256(name.encode()) for name in ids}
    seats = [f"{who}_s{int(name.rpartition('_')[2]) % plan.spec.sittings_per_identity:02d}" for name in ids]
    columns = {"image_id": ids, "identity_id": [who] * len(ids), "sitting_id": seats, "file": list(files)}
    for name, values in {**columns, "sha256": list(files.values())}.items():
        at = table.schema.get_field_index(name)
        table = table.set_column(at, table.schema.field(at), pa.array(values))
    return Shard(table, files, {}, dict.fromkeys(files, BYTES))


def finish_(spec: DatasetSpec, at: Path) -> dict[str, Any]:
    plan = build(spec)
    with WorkDir(Store(at / "set"), spec) as work:
        left_out = finish(plan, work, [name for name, _ in work.tasks(plan)])
    made = [path for path in (at / "set").rglob("*.parquet") if "labels" in str(path)]
    size = sum(path.stat().st_size for path in made)
    return {"left_out": len(left_out), "label_files": len(made), "label_bytes_per_row": round(size / len(plan))}


def read(spec: DatasetSpec, at: Path) -> dict[str, Any]:
    """What a reader does that wants a few columns."""
    from facegen.dataset.read import Dataset

    data = Dataset.open(at / "set")
    return {"rows": len(data.columns("image_id", "yaw_deg")), "files": len(data.label_names)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--per-identity", type=int, default=10)
    parser.add_argument("--at", type=Path)
    parser.add_argument("--phase", choices=PHASES)
    asked = parser.parse_args()
    if asked.phase is None:
        with tempfile.TemporaryDirectory(dir=asked.at) as folder:
            for phase in PHASES:
                same = ["--images", str(asked.images), "--per-identity", str(asked.per_identity)]
                subprocess.run([sys.executable, __file__, *same, "--at", folder, "--phase", phase], check=True)
        return
    spec = spec_of(asked.images, asked.per_identity)
    wall, cpu = time.monotonic(), time.process_time()
    found = {"plan": plan_, "shards": shards, "finish": finish_, "read": read}[asked.phase](spec, asked.at)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent = {
        "wall_s": round(time.monotonic() - wall, 1),
        "cpu_s": round(time.process_time() - cpu, 1),
        "peak_rss_mb": round(peak),
    }
    print(json.dumps({"phase": asked.phase, "images": asked.images, **spent, **found}), flush=True)


if __name__ == "__main__":
    main()
