"""A small spec, the fake studio's address, and what a dataset directory holds."""

from __future__ import annotations

from pathlib import Path

from facegen.spec import DatasetSpec

FAKE = "fake_studio:Studio"
SMALL = {
    "name": "small", "seed": 7, "date": "2026-01-01", "identities": 3, "images_per_identity": 2, "size": 64,
    "outputs": {"masks": True},
}  # fmt: skip


def small_spec(**changes: object) -> DatasetSpec:
    """Return 3 identities x 2 images at 64 px, with `changes`."""
    return DatasetSpec.from_dict({**SMALL, **changes})


def tree(root: Path) -> dict[str, bytes]:
    """Return path -> bytes of every file of a dataset, its working state too."""
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}
