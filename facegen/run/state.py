"""Is a place free for a dataset, begun, or finished: read from a store alone."""

from __future__ import annotations

from typing import Any

import facegen
from facegen import guard
from facegen.dataset import layout
from facegen.dataset.write import write_error
from facegen.errors import DataError, RequestError
from facegen.run import larger
from facegen.run.store import LocalStore, Store
from facegen.spec import DatasetSpec

HEADER = f"{layout.WORK}/run.json"
"""What is being made, and on which platform it was begun."""
LOCK = f"{layout.WORK}/lock"


def check_target(store: Store, spec: DatasetSpec, part: tuple[int, int] | None = None) -> None:
    """Refuse a place that holds something else than this dataset or part, finished, begun or smaller. Raises RequestError."""
    if not _taken(store):
        return
    name = next((name for name in (HEADER, layout.MANIFEST) if store.get(name) is not None), None)
    if name is None and not store.names(layout.WORK):
        raise RequestError(f"'{store.url}' is not empty and holds no dataset of ours; choose another --out")
    if name is None:
        return
    found = read_json(store, name)
    theirs, ours = str(found.get("spec_sha256")), spec.sha256()
    grows = theirs != ours and name == layout.MANIFEST and larger.is_larger(found, spec, store.url)
    if theirs != ours and not grows:
        raise RequestError(
            f"'{store.url}' holds the dataset of another spec ({theirs[:12]}, this one is {ours[:12]}); "
            "choose another --out or remove it"
        )
    version = found.get("versions", {}).get("facegen")
    if version != facegen.__version__:
        this = facegen.__version__
        raise RequestError(f"'{store.url}' was made by facegen {version}, this is {this}; choose another --out or remove it")
    had, asked = found.get("part"), None if part is None else part_name(part)
    if had != asked:
        held = "all parts" if had is None else f"part {had}"
        raise RequestError(
            f"'{store.url}' holds {held} of this dataset, not {'all' if asked is None else f'part {asked}'}; choose another "
            f"--out, or go on {'without --part' if had is None else f'with --part {had}'}"
        )


def is_finished(store: Store, spec: DatasetSpec) -> bool:
    """Whether a store holds the finished dataset of `spec`, and not that of a smaller one."""
    if store.get(HEADER) is not None or store.get(layout.MANIFEST) is None:
        return False
    return bool(read_json(store, layout.MANIFEST).get("spec_sha256") == spec.sha256())


def part_name(part: tuple[int, int]) -> str:
    """Return '2/4'."""
    return f"{part[0]}/{part[1]}"


def read_json(store: Store, name: str) -> dict[str, Any]:
    """Return the JSON object in a file. Raises DataError when it is missing or damaged."""
    data, where = store.get(name), f"{store.url}/{name}"
    if data is None:
        raise DataError(f"'{where}' has gone missing; run the same command again")
    return json_object(data, where)


def json_object(data: bytes, where: str) -> dict[str, Any]:
    """Return the JSON object in `data`, the bytes of the file `where`. Raises DataError when it is damaged."""
    try:
        value = guard.parsed(data)
    except ValueError as error:
        raise DataError(f"'{where}' cannot be read ({error}); remove it and run the same command again") from None
    if not isinstance(value, dict):
        raise DataError(f"'{where}' does not hold a JSON object; remove it and run the same command again")
    return value


def _taken(store: Store) -> bool:
    """Whether anything lies in the place. Raises RequestError where it is no directory."""
    if not isinstance(store, LocalStore):
        return bool(store.names("") or store.names(layout.WORK))
    try:
        if not store.root.exists():
            return False
        if not store.root.is_dir():
            raise RequestError(f"'{store.root}' is a file; choose another --out")
        return any(store.root.iterdir())
    except OSError as error:
        raise write_error(error, store.root) from None
