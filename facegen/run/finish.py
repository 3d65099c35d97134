"""The last step: merge the shards into tables, then documents and contact sheet; the manifest ends it. The same bytes always.

Nothing here holds a row of every picture but the few columns that balance is measured on, whatever the size of the set.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import facegen
from facegen.annotate import parts
from facegen.annotate.schema import SCHEMA_VERSION
from facegen.dataset import card, croissant, datasheet, layout, provenance, stored, tables
from facegen.dataset.sheet import contact_sheet, spread
from facegen.dataset.sums import Sums
from facegen.dataset.write import json_bytes, sha256, sha256_file, write_error
from facegen.errors import DataError
from facegen.population.counterfactual import CounterfactualPlan
from facegen.population.plan import Plan
from facegen.run import pack
from facegen.run.shard import Shard
from facegen.run.store import Store
from facegen.run.workdir import WorkDir
from facegen.sample import SampleSpec

SHEET_COLUMNS, SHEET_ROWS, SHEET_TILE_PX = 8, 6, 160


def finish(plan: Plan, work: WorkDir, names: list[str]) -> dict[str, str]:
    """Write everything that stands beside the pictures; the manifest comes last. Returns the samples left out, with reasons.

    Tables are built in `work.scratch` and go from there into the store.
    The state is kept when samples were left out, so that the next run tries them again. Of one part nothing is written: its
    state is what `facegen merge` takes.
    """
    if work.part is not None:
        return {name: reason for shard in work.saved(names) for name, reason in shard.failed.items()}
    folder = work.scratch / "last"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with Sums(folder / "sums") as sums:
            failed = _Last(plan, work, folder, sums).write(names)
    except OSError as error:
        raise write_error(error, folder) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not failed:
        work.remove()
    return failed


class _Last:
    """Writes the files of the last step and notes their hashes. `folder`: where they lie in this machine."""

    def __init__(self, plan: Plan, work: WorkDir, folder: Path, sums: Sums) -> None:
        self._plan, self._work, self._folder, self._sums = plan, work, folder, sums
        self._known: dict[str, tuple[int, str]] = {}

    def write(self, names: list[str]) -> dict[str, str]:
        plan, store = self._plan, self._work.store
        if plan.spec.outputs.parts:
            self._add(layout.PARTS, json_bytes(parts.table()))
        failed: dict[str, str] = {}
        labels = self._tables(names, failed)
        files = [self._folder / name for name in labels]
        pairs = self._pairs(files) if isinstance(plan, CounterfactualPlan) else None
        self._sheet(files)
        sources = provenance.sources(_user_files(files), str(self._work.fingerprint.get("gl_renderer", "")))
        self._add(layout.SOURCES, json_bytes(sources))
        manifest = self._manifest(labels, failed, sources, pairs)
        text = json_bytes(manifest)
        self._add(layout.CARD, card.text(manifest).encode())
        self._add(layout.DATASHEET, datasheet.text(manifest).encode())
        self._add(layout.CROISSANT, json_bytes(self._croissant(manifest, text)))
        self._sums.write(self._folder / layout.CHECKSUMS)
        store.put_file(layout.CHECKSUMS, self._folder / layout.CHECKSUMS)
        store.settle([""])
        store.put(layout.MANIFEST, text)
        store.settle([""])
        return failed

    def _add(self, name: str, data: bytes) -> None:
        self._work.store.put(name, data)
        self._note(name, len(data), sha256(data))

    def _file(self, name: str) -> None:
        """A file of `folder`; it stays there, to be read."""
        path = self._folder / name
        self._note(name, path.stat().st_size, sha256_file(path))
        self._work.store.put_file(name, path)

    def _note(self, name: str, size: int, digest: str) -> None:
        self._known[name] = (size, digest)
        self._sums.note(name, digest)

    def _tables(self, names: list[str], failed: dict[str, str]) -> list[str]:
        """Write labels, identities and sittings; return the files of the labels."""
        spec = self._plan.spec
        most = spec.rows_per_file if len(self._plan) > spec.rows_per_file else None
        with tables.LabelWriter(self._folder, most, self._file) as labels:
            for group in _by_identity(self._work.saved(names), failed, self._work.store):
                self._sums.add(group.files)
                labels.add(_ordered(group.tables))
        self._work.store.discard(layout.LABEL_PARTS if most is None else layout.LABELS)  # of a smaller or larger set before
        tables.write_people(self._plan, self._folder)
        self._file(layout.IDENTITIES)
        self._file(layout.SITTINGS)
        return labels.names

    def _pairs(self, labels: list[Path]) -> Any:
        pairs = tables.pair_rows(stored.read_many(labels, tables.PAIRED))
        (self._folder / layout.PAIRS).write_bytes(tables.parquet_bytes(layout.PAIRS, pairs))
        self._file(layout.PAIRS)
        self._add(layout.PAIRS_CSV, tables.pairs_csv(pairs))
        return stored.read(self._folder / layout.PAIRS)

    def _sheet(self, labels: list[Path]) -> None:
        """Write the contact sheet: of a counterfactual set each base before its variants."""
        most = SHEET_COLUMNS * SHEET_ROWS
        ids = [name for path in labels for name in pq.read_table(path, columns=["image_id"]).column(0).to_pylist()]
        chosen = spread(ids[:most] if self._plan.spec.kind == "counterfactual" else ids, most)
        if not chosen:
            return
        wanted = pc.field("image_id").isin(chosen)
        rows = pa.concat_tables([pq.read_table(path, columns=["image_id", "file"], filters=wanted) for path in labels])
        shown = {file: self._picture(file) for file in rows.column("file").to_pylist()}
        self._add(layout.PREVIEW, contact_sheet(shown, SHEET_COLUMNS, SHEET_TILE_PX))

    def _picture(self, file: str) -> bytes:
        data = pack.get(self._work.store, file)
        if data is None:
            where = f"'{self._work.store.url}/{file}'"
            raise DataError(f"{where} has gone missing; remove the dataset's .work and run the same command again")
        return data

    def _croissant(self, manifest: dict[str, Any], text: bytes) -> dict[str, Any]:
        labels = layout.label_names(manifest)
        names = (*(labels if len(labels) == 1 else ()), layout.IDENTITIES, layout.SITTINGS, layout.SOURCES)
        listed = {name: self._known[name] for name in names}
        listed[layout.MANIFEST] = (len(text), sha256(text))
        return croissant.metadata(manifest, self._folder, listed)

    def _manifest(self, labels: list[str], failed: dict[str, str], sources: dict[str, Any], pairs: Any) -> dict[str, Any]:
        from facegen.dataset.manifest import build_manifest, file_list, read_needed, table_facts

        found = self._sums.lists()
        lists = {name: found[name] for name in (*layout.FOLDERS, layout.SHARDS) if name in found}
        lists["tables"] = file_list((n, digest) for n, (_, digest) in self._known.items() if n.endswith(".parquet"))
        fingerprint = self._work.fingerprint
        named = (*labels, layout.IDENTITIES, layout.SITTINGS)
        extras = {
            "versions": {"facegen": facegen.__version__, "anny": metadata.version("anny"), "head": fingerprint["head"]},
            "assets": {entry["file"]: entry["sha256"] for entry in sources["assets"]},
            "licences": {"dataset": sources["licence"], **{p["name"]: p["licence"] for p in sources["packages"]}},
            "rejections": [{"image_id": name, "reason": reason} for name, reason in sorted(failed.items())],
            "files": lists,
            "tables": {name: table_facts(self._folder / name, SCHEMA_VERSION) for name in named},
            "user_files": sources["user_files"],
            "platform": fingerprint,
        }
        if isinstance(self._plan, CounterfactualPlan):
            extras |= {"left_out": self._plan.left_out, "pairs": pairs}
        people, seats = (stored.read(self._folder / name, tables.TOLD[name]) for name in (layout.IDENTITIES, layout.SITTINGS))
        return build_manifest(
            self._plan.spec, people, seats, read_needed([self._folder / name for name in labels], compact=True), extras
        )


class _Group(NamedTuple):
    """What one identity gave: rows in the order of their images, (sha256, bytes) of its files."""

    tables: list[pa.Table]
    files: dict[str, tuple[str, int]]


def _by_identity(shards: Iterable[Shard], failed: dict[str, str], store: Store) -> Iterator[_Group]:
    """Yield one identity at a time and collect what `failed`: shards hold rows in shooting order."""
    group, who = _Group([], {}), None
    for shard in shards:
        failed.update(shard.failed)
        if who is not None and shard.identity_id != who:
            yield group
            group = _Group([], {})
        who = shard.identity_id
        group.tables.append(shard.table)
        for name, digest in shard.files.items():
            group.files[name] = (digest, shard.sizes[name] if name in shard.sizes else store.size(name))
    yield group


def _ordered(held: list[pa.Table]) -> pa.Table:
    table = pa.concat_tables(held) if held else tables.label_table([])
    ids = table.column("image_id").to_pylist()
    return table if ids == sorted(ids) else table.take(pc.sort_indices(table.column("image_id")))


def _user_files(labels: list[Path]) -> list[dict[str, str]]:
    """Return the user's own pictures that any sample of the dataset shows, a row at a time: samples are large."""
    found: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
    own = ["environment_file", "background_file"]
    for path in labels:
        named = pq.read_table(path, columns=own)
        if not any(pc.any(pc.not_equal(pc.fill_null(column, ""), "")).as_py() for column in named.columns):
            continue
        for batch in pq.ParquetFile(path, pre_buffer=False).iter_batches(tables.ROWS_A_GROUP, columns=[*own, "sample"]):
            theirs = pc.or_(*(pc.not_equal(pc.fill_null(batch.column(i), ""), "") for i in (0, 1)))
            for text in batch.filter(theirs).column(2).to_pylist():
                for entry in provenance.user_files(SampleSpec.model_validate_json(text)):
                    found[tuple(sorted(entry.items()))] = entry
    return list(found.values())
