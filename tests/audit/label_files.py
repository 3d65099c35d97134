"""The label files of other sets by format, and the one line with which a bad one is refused."""

from __future__ import annotations

from pathlib import Path

import published
import pytest

from facegen.audit.sets import load


def made(format: str, folder: Path) -> Path:
    """Write the set of a format and return what a user gives."""
    return {
        "fairface": lambda: published.fairface(folder),
        "utkface": lambda: published.utkface(folder),
        "celeba": lambda: published.celeba(folder),
        "rfw": lambda: published.rfw(folder),
        "bfw": lambda: published.bfw(folder / "bfw-v0.1.5-datatable.csv"),
        "lfw": lambda: published.lfw_pairs(folder / "pairs.txt"),
        "vggface2": lambda: published.vggface2(folder / "identity_meta.csv"),
        "casual_conversations": lambda: published.casual_conversations(folder / "CasualConversationsV2.json"),
    }[format]()


def said(call: type[Exception] | tuple[type[Exception], ...], path: Path, **options: object) -> str:
    with pytest.raises(call) as stop:
        load(path, **options)
    assert "\n" not in str(stop.value)
    return str(stop.value)
