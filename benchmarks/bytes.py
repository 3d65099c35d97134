"""Bytes of each kind of file by the picture's size, on samples of the default population: writes facegen/run/measured_bytes.py.

python benchmarks/bytes.py [--samples 12] [--platform auto]
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from facegen.dataset import tables  # noqa: E402
from facegen.population.plan import build  # noqa: E402
from facegen.run.again import ALL_OUTPUTS, STUDIO  # noqa: E402
from facegen.run.shard import Shard  # noqa: E402
from facegen.run.worker import complete, finished, open_studio  # noqa: E402
from facegen.spec import DatasetSpec  # noqa: E402

SIZES = (128, 256, 512)
MESHES = {"mesh.glb.hair": ("glb", True), "mesh.glb": ("glb", False), "mesh.ply.hair": ("ply", True), "mesh.ply": ("ply", False)}
POINTS = {"points.478": ("478",), "points.dense": ("dense",), "points.478+dense": ("478", "dense")}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=12)
    parser.add_argument("--platform", default="auto")
    asked = parser.parse_args()
    spec = DatasetSpec.from_dict({"name": "bytes", "seed": 5, "date": "2026-01-01", "identities": asked.samples})
    shots, _ = open_studio(STUDIO, asked.platform, {"format": "jpg", "outputs": {}})
    kinds: dict[str, list[list[int]]] = {}
    rows: list[dict[str, Any]] = []
    try:
        for place, side in enumerate(SIZES):
            plan = build(DatasetSpec.from_dict({**json.loads(spec.canonical_json()), "size": side}))
            for n in range(asked.samples):
                sample = plan.sample(n)
                for kind, data, row in files(shots, sample, first=place == 0):
                    kinds.setdefault(kind, [[] for _ in SIZES])[place].append(data)
                    if row is not None:
                        rows.append(
                            complete(row, sample, plan, {f"images/{sample.identity.identity_id}/{sample.image_id}.jpg": "0" * 64})
                        )
                print(f"{side} px: {n + 1} of {asked.samples}", file=sys.stderr)
    finally:
        shots.close()
    means = {}
    for kind, by_size in sorted(kinds.items()):
        fixed = by_size[0]  # meshes and points do not depend on the size
        means[kind] = [round(float(np.mean(counts or fixed))) for counts in by_size]
    one = rows[: asked.samples]
    table = tables.label_table(one)
    buffer = io.BytesIO()
    pq.write_table(tables.label_table(one), buffer, **tables.SETTINGS)
    half = io.BytesIO()
    pq.write_table(
        tables.label_table(one[: len(one) // 2]), half, **tables.SETTINGS
    )  # what a table costs without rows is not theirs
    people = plan_rows(build(spec))
    found = {
        "command": f"python benchmarks/bytes.py --samples {asked.samples}",
        "sizes": list(SIZES),
        "bytes": means,
        "label_row": round((len(buffer.getvalue()) - len(half.getvalue())) / (len(one) - len(one) // 2)),
        "state_row": round(len(Shard(table, {}, {}).to_bytes()) / asked.samples),
        **people,
    }
    lines = "".join(f"    {name!r}: {value!r},\n" for name, value in found["bytes"].items()).replace("'", '"')
    rest = "".join(f"{name.upper()} = {found[name]}\n" for name in ("label_row", "state_row", "person_row", "sitting_row"))
    head = f'"""Means that the forecast is made from: bytes at SIZES pixels, bytes a row. By `{found["command"]}`."""\n'
    text = f"{head}\nSIZES = {SIZES}\nBYTES = {{\n{lines}}}\n{rest}"
    (ROOT / "facegen/run/measured_bytes.py").write_text(text)
    print(text, end="")


def files(shots: Any, sample: Any, first: bool) -> Any:
    """Yield (kind, bytes, label row or None) of one sample."""
    from facegen.run.outputs import Outputs

    plain = {**ALL_OUTPUTS, "mesh": "none", "mesh_hair": False}
    for fmt in ("jpg", "png"):
        result = shots.shoot(sample, Outputs(format=fmt, **(plain if fmt == "jpg" else {"masks": False})))
        for name, data in finished(result.files, sample).items():
            folder = name.split("/")[0]
            if fmt == "jpg" or folder == "images":
                kind = f"images.{fmt}" if folder == "images" else folder
                yield kind, len(data), result.row if kind == "images.jpg" else None
    if first:
        for kind, (mesh, hair) in MESHES.items():
            yield kind, _only(shots, sample, "mesh", Outputs(format="jpg", masks=False, mesh=mesh, mesh_hair=hair)), None
        for kind, points in POINTS.items():
            yield kind, _only(shots, sample, "points", Outputs(format="jpg", masks=False, points=points)), None


def _only(shots: Any, sample: Any, folder: str, outputs: Any) -> int:
    return next(len(data) for name, data in shots.shoot(sample, outputs).files.items() if name.startswith(folder + "/"))


def plan_rows(plan: Any) -> dict[str, int]:
    """Return the bytes of a row of the tables of people."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        tables.write_people(plan, Path(folder))
        sizes = {name: (Path(folder) / f"{name}.parquet").stat().st_size for name in ("identities", "sittings")}
    return {
        "person_row": round(sizes["identities"] / plan.spec.identities),
        "sitting_row": round(sizes["sittings"] / plan.spec.identities),
    }


if __name__ == "__main__":
    main()
