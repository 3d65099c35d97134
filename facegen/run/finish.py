"""The last step: merge the shards into tables, then manifest, card, contact sheet. The same bytes always."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import facegen
from facegen.annotate import parts
from facegen.dataset import card, layout, provenance, tables
from facegen.dataset.sheet import contact_sheet, spread
from facegen.dataset.write import json_bytes, sha256, write_atomic
from facegen.population.plan import Plan
from facegen.run.workdir import Shard, WorkDir

SHEET_COLUMNS, SHEET_ROWS, SHEET_TILE_PX = 8, 6, 160
ROWS_A_GROUP = 1000


def finish(plan: Plan, work: WorkDir, names: list[str]) -> dict[str, str]:
    """Write everything that stands beside the pictures; the manifest comes last. Returns the samples left out, with reasons.

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
        put.bytes(layout.PARTS, json_bytes(parts.table()))
    with tables.LabelWriter(work.temporary / layout.LABELS, ROWS_A_GROUP) as labels:
        for group in _by_identity(shards(), plan):
            labels.add(group)
    put.move(work.temporary / layout.LABELS, layout.LABELS)
    put.bytes(layout.IDENTITIES, tables.parquet_bytes(layout.IDENTITIES, tables.identity_rows(plan)))
    put.bytes(layout.SITTINGS, tables.parquet_bytes(layout.SITTINGS, tables.sitting_rows(plan)))
    put.bytes(layout.SOURCES, json_bytes(provenance.sources()))
    if rows:
        shown = [work.out / name for name in spread(rows, SHEET_COLUMNS * SHEET_ROWS, plan.spec.images_per_identity)]
        put.bytes(layout.PREVIEW, contact_sheet(shown, SHEET_COLUMNS, SHEET_TILE_PX))
    manifest = _manifest(plan, work, files, failed)
    put.bytes(layout.CARD, card.text(manifest).encode())
    write_atomic(work.out / layout.CHECKSUMS, checksums(files), work.temporary)
    write_atomic(work.out / layout.MANIFEST, json_bytes(manifest), work.temporary)
    if not failed:
        work.remove()
    return failed


def checksums(files: dict[str, str]) -> bytes:
    """Return SHA256SUMS as `sha256sum --check` reads it."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items())).encode()


class _Putter:
    """Writes the files of the last step and notes their hashes."""

    def __init__(self, work: WorkDir, files: dict[str, str]) -> None:
        self._work, self._files = work, files

    def bytes(self, name: str, data: bytes) -> None:
        write_atomic(self._work.out / name, data, self._work.temporary)
        self._files[name] = sha256(data)

    def move(self, part: Path, name: str) -> None:
        data = part.read_bytes()
        part.unlink()
        self.bytes(name, data)


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


def _manifest(plan: Plan, work: WorkDir, files: dict[str, str], failed: dict[str, str]) -> dict[str, Any]:
    from facegen.dataset.manifest import build_manifest, file_list

    sources = provenance.sources()
    folders = [f for f in layout.FOLDERS if any(name.startswith(f + "/") for name in files)]
    lists = {f: file_list((n, d) for n, d in files.items() if n.startswith(f + "/")) for f in folders}
    lists["tables"] = file_list((n, d) for n, d in files.items() if n.endswith(".parquet"))
    fingerprint = work.fingerprint
    extras = {
        "versions": {"facegen": facegen.__version__, "anny": metadata.version("anny"), "head": fingerprint["head"]},
        "assets": {entry["file"]: entry["sha256"] for entry in sources["assets"]},
        "licences": {"dataset": sources["licence"], **{p["name"]: p["licence"] for p in sources["packages"]}},
        "rejections": [{"image_id": name, "reason": reason} for name, reason in sorted(failed.items())],
        "files": lists,
        "platform": fingerprint,
    }
    read = tables.read
    return build_manifest(
        plan.spec, read(work.out / layout.IDENTITIES), read(work.out / layout.SITTINGS), read(work.out / layout.LABELS), extras
    )
