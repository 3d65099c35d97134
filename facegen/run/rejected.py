"""Samples that could not be made: quarantined as JSON in the dataset, so that `facegen render` meets their fault again."""

from __future__ import annotations

from collections.abc import Container

from facegen.dataset import layout
from facegen.dataset.write import sha256
from facegen.run.store import Store
from facegen.sample import SampleSpec


def keep(store: Store, sample: SampleSpec) -> tuple[str, str]:
    """Write the sample; return the file's name and its sha256."""
    data = (sample.model_dump_json(indent=2) + "\n").encode()
    name = f"{layout.REJECTED}/{sample.image_id}.json"
    store.put(name, data)
    return name, sha256(data)


def sweep(store: Store, failed: Container[str]) -> None:
    """Remove what lies in quarantine and has been made since: `failed` are the image ids that still cannot be."""
    names = store.names(layout.REJECTED)
    gone = [name for name in names if name.removesuffix(".json") not in failed]
    if len(gone) == len(names):
        store.discard(layout.REJECTED)
        return
    for name in gone:
        store.discard(f"{layout.REJECTED}/{name}")
