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
_STATE_MEND = "copy it back, or remove the whole directory and begin again"


def check_target(store: Store, spec: DatasetSpec, part: tuple[int, int] | None = None) -> None:
    """Refuse a place that holds something else than this dataset or part, finished, begun or smaller. Raises RequestError."""
    if not is_taken(store):
        return
    name = next((name for name in (HEADER, layout.MANIFEST) if store.get(name) is not None), None)
    if name is None and has_state(store):
        raise DataError(f"'{store.url}/{HEADER}' is gone, which says what the pictures there are; {_STATE_MEND}")
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


def has_state(store: Store) -> bool:
    """Whether shards of a run lie in a store: pictures that nothing else knows of."""
    return bool(store.names(larger.SHARDS) or store.names(larger.KEPT))


def is_finished(store: Store, spec: DatasetSpec) -> bool:
    """Whether a store holds the finished dataset of `spec`, and not that of a smaller one."""
    if store.get(HEADER) is not None or store.get(layout.MANIFEST) is None:
        return False
    return bool(read_json(store, layout.MANIFEST).get("spec_sha256") == spec.sha256())


def part_name(part: tuple[int, int]) -> str:
    """Return '2/4'."""
    return f"{part[0]}/{part[1]}"


def read_json(store: Store, name: str) -> dict[str, Any]:
    """Return what a header or a manifest says. Raises DataError when it is missing or damaged."""
    data, where = store.get(name), f"{store.url}/{name}"
    mend = _STATE_MEND if name == HEADER else "copy it back from where the dataset was copied to, or choose another --out"
    if data is None:
        raise DataError(f"'{where}' has gone missing; {mend}")
    try:
        value = guard.parsed(data)
    except ValueError as error:
        raise DataError(f"'{where}' cannot be read ({error}); {mend}") from None
    if not isinstance(value, dict):
        raise DataError(f"'{where}' does not hold a JSON object; {mend}")
    wrong = next((key for key in ("versions", "platform") if not isinstance(value.get(key, {}), dict)), None)
    if wrong is not None:
        raise DataError(f"'{where}' is damaged: its {wrong} is no JSON object; {mend}")
    return value


def is_taken(store: Store) -> bool:
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
