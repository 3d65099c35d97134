"""The last step: merge the shards into tables, then documents and contact sheet; the manifest ends it. The same bytes always."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import facegen
from facegen.annotate import parts
from facegen.dataset import card, croissant, datasheet, layout, provenance, tables
from facegen.dataset.sheet import contact_sheet, spread
from facegen.dataset.write import json_bytes, sha256
from facegen.errors import DataError
from facegen.population.counterfactual import CounterfactualPlan
from facegen.population.plan import Plan
from facegen.run.shard import Shard
from facegen.run.workdir import WorkDir
from facegen.sample import SampleSpec

SHEET_COLUMNS, SHEET_ROWS, SHEET_TILE_PX = 8, 6, 160
ROWS_A_GROUP = 1000


def finish(plan: Plan, work: WorkDir, names: list[str]) -> dict[str, str]:
    """Write everything that stands beside the pictures; the manifest comes last. Returns the samples left out, with reasons.

    Tables are built in `work.scratch` and go from there into the store.
    The state is kept when samples were left out, so that the next run tries them again.
    """
    files: dict[str, str] = {}
    failed: dict[str, str] = {}
    rows: list[str] = []

    def shards() -> Iterator[Shard]:
        for shard in work.saved(names):
            files.update(shard.files)
            failed.update(shard.failed)
            rows.extend(row["file"] for row in shard.rows)
            yield shard

    put = _Putter(work, files)
    if plan.spec.outputs.parts:
        put.add(layout.PARTS, json_bytes(parts.table()))
    with tables.LabelWriter(work.scratch / layout.LABELS, ROWS_A_GROUP) as labels:
        for group in _by_identity(shards(), plan):
            labels.add(group)
    put.file(layout.LABELS)
    put.table(layout.IDENTITIES, tables.parquet_bytes(layout.IDENTITIES, tables.identity_rows(plan)))
    put.table(layout.SITTINGS, tables.parquet_bytes(layout.SITTINGS, tables.sitting_rows(plan)))
    if plan.spec.kind == "counterfactual":
        pairs = tables.pair_rows(tables.read(work.scratch / layout.LABELS))
        put.table(layout.PAIRS, tables.parquet_bytes(layout.PAIRS, pairs))
        put.add(layout.PAIRS_CSV, tables.pairs_csv(pairs))
        rows = rows[: SHEET_COLUMNS * SHEET_ROWS]  # each base before its variants
    if rows:
        shown = {name: _found(work, name) for name in spread(rows, SHEET_COLUMNS * SHEET_ROWS)}
        put.add(layout.PREVIEW, contact_sheet(shown, SHEET_COLUMNS, SHEET_TILE_PX))
    sources = provenance.sources(_user_files(work.scratch), str(work.fingerprint.get("gl_renderer", "")))
    put.add(layout.SOURCES, json_bytes(sources))
    manifest = _manifest(plan, work, files, failed, sources)
    text = json_bytes(manifest)
    put.add(layout.CARD, card.text(manifest).encode())
    put.add(layout.DATASHEET, datasheet.text(manifest).encode())
    put.add(layout.CROISSANT, json_bytes(_croissant(work, manifest, text, files)))
    work.store.put(layout.CHECKSUMS, checksums(files))
    work.store.settle([""])
    work.store.put(layout.MANIFEST, text)
    work.store.settle([""])
    if not failed:
        work.remove()
    return failed


def checksums(files: dict[str, str]) -> bytes:
    """Return SHA256SUMS as `sha256sum --check` reads it."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items())).encode()


class _Putter:
    """Writes the files of the last step and notes their hashes; tables stay in `work.scratch`, to be read."""

    def __init__(self, work: WorkDir, files: dict[str, str]) -> None:
        self._work, self._files = work, files

    def add(self, name: str, data: bytes) -> None:
        self._work.store.put(name, data)
        self._files[name] = sha256(data)

    def table(self, name: str, data: bytes) -> None:
        (self._work.scratch / name).write_bytes(data)
        self.add(name, data)

    def file(self, name: str) -> None:
        self.add(name, (self._work.scratch / name).read_bytes())


def _found(work: WorkDir, name: str) -> bytes:
    data = work.store.get(name)
    if data is None:
        raise DataError(f"'{work.store.url}/{name}' has gone missing; remove the dataset's .work and run the same command again")
    return data


def _by_identity(shards: Iterable[Shard], plan: Plan) -> Iterator[list[dict[str, Any]]]:
    """Yield one identity's rows at a time, in the order of their images: shards hold them in shooting order."""
    held: list[dict[str, Any]] = []
    for shard in shards:
        for row in shard.rows:
            if held and held[0]["identity_id"] != row["identity_id"]:
                yield sorted(held, key=lambda r: str(r["image_id"]))
                held = []
            held.append(row)
    if held:
        yield sorted(held, key=lambda r: str(r["image_id"]))


def _user_files(scratch: Path) -> list[dict[str, str]]:
    """Return the user's own pictures that any sample of the dataset shows, a row at a time: samples are large."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    found = []
    for batch in pq.ParquetFile(scratch / layout.LABELS).iter_batches(columns=["environment_file", "background_file", "sample"]):
        own = pc.or_(*(pc.not_equal(pc.fill_null(batch.column(i), ""), "") for i in (0, 1)))
        for text in batch.filter(own).column(2).to_pylist():
            found += provenance.user_files(SampleSpec.model_validate_json(text))
    return found


def _croissant(work: WorkDir, manifest: dict[str, Any], text: bytes, files: dict[str, str]) -> dict[str, Any]:
    listed = {name: (work.store.size(name), files[name]) for name in (*layout.TABLES, layout.SOURCES)}
    listed[layout.MANIFEST] = (len(text), sha256(text))
    return croissant.metadata(manifest, work.scratch, listed)


def _manifest(
    plan: Plan, work: WorkDir, files: dict[str, str], failed: dict[str, str], sources: dict[str, Any]
) -> dict[str, Any]:
    from facegen.dataset.manifest import build_manifest, file_list, table_facts

    lists = {}
    for folder in layout.FOLDERS:
        inside = [name for name in files if name.startswith(folder + "/")]
        if inside:
            lists[folder] = file_list(((name, files[name]) for name in inside), (work.store.size(name) for name in inside))
    lists["tables"] = file_list((n, d) for n, d in files.items() if n.endswith(".parquet"))
    fingerprint = work.fingerprint
    read = {name: tables.read(work.scratch / name) for name in layout.TABLES}
    extras = {
        "versions": {"facegen": facegen.__version__, "anny": metadata.version("anny"), "head": fingerprint["head"]},
        "assets": {entry["file"]: entry["sha256"] for entry in sources["assets"]},
        "licences": {"dataset": sources["licence"], **{p["name"]: p["licence"] for p in sources["packages"]}},
        "rejections": [{"image_id": name, "reason": reason} for name, reason in sorted(failed.items())],
        "files": lists,
        "tables": {name: table_facts(table, work.store.size(name)) for name, table in read.items()},
        "user_files": sources["user_files"],
        "platform": fingerprint,
    }
    if isinstance(plan, CounterfactualPlan):
        extras["left_out"] = plan.left_out
        extras["pairs"] = tables.read(work.scratch / layout.PAIRS)
    return build_manifest(plan.spec, read[layout.IDENTITIES], read[layout.SITTINGS], read[layout.LABELS], extras)
