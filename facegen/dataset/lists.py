"""The two files that say what is in a dataset: manifest.json and SHA256SUMS, read as what a stranger may have written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facegen import guard
from facegen.dataset.checks import COPY, check_manifest
from facegen.errors import DataError

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PICTURE = re.compile(r"[A-Za-z0-9-]+_[0-9]{1,9}(__[A-Za-z0-9_-]{1,128})?")
"""A picture that was planned: person, number, and of a variant what differs."""
_FACTS = ("counts", "versions")
"""Objects of the manifest that are looked into where they are there."""


def read_manifest(path: Path) -> dict[str, Any]:
    """Return manifest.json. Raises DataError, one line, where it is none of ours or what readers look into is of another kind."""
    try:
        manifest = guard.parsed(guard.read(path, guard.JSON_BYTES))
    except OSError as error:
        raise DataError(f"'{path}' cannot be read ({error.strerror}); {COPY}") from None
    except ValueError as error:
        raise DataError(f"'{path}' is damaged ({error}); {COPY}") from None
    if not isinstance(manifest, dict):
        raise DataError(f"'{path}' is damaged (no JSON object); {COPY}")
    check_manifest(manifest, path)
    wrong = _wrong(manifest)
    if wrong is not None:
        raise DataError(f"'{path}' is damaged ({wrong}); {COPY}")
    return manifest


def _wrong(manifest: Mapping[str, Any]) -> str | None:
    """Return what is not as the readers of a manifest take it for granted."""
    for name in ("spec", "platform", "files"):
        if not isinstance(manifest.get(name), dict):
            return f"{name} is no object"
    for name in _FACTS:
        if not isinstance(manifest.get(name, {}), dict):
            return f"{name} is no object"
    for name, told in manifest["files"].items():
        if not isinstance(told, dict):
            return f"files.{name} is no object"
    listed = manifest.get("tables", {})
    if not isinstance(listed, dict) or not all(isinstance(told, dict) for told in listed.values()):
        return "tables is no object of objects"
    for name, count in manifest.get("counts", {}).items():
        if not isinstance(count, int):
            return f"counts.{name} is no whole number"
    rejected = manifest.get("rejections", [])
    if not isinstance(rejected, list) or not all(
        isinstance(one, dict) and _PICTURE.fullmatch(str(one.get("image_id"))) for one in rejected
    ):
        return "rejections is no list of image ids with reasons"
    for name, kind in (("format", str), ("outputs", dict), ("kind", str)):
        if not isinstance(manifest["spec"].get(name, kind()), kind):
            return f"spec.{name} is no {'text' if kind is str else 'object'}"
    return None


def read_checksums(path: Path) -> dict[str, str]:
    """Return path -> sha256 of SHA256SUMS. Raises DataError, naming the line, for a path that leads out of the dataset."""
    try:
        text = guard.read(path, guard.SUMS_BYTES).decode("utf-8")
    except OSError as error:
        raise DataError(f"'{path}' cannot be read ({error.strerror}); {COPY}") from None
    except UnicodeDecodeError:
        raise DataError(f"'{path}' is no UTF-8 text; {COPY}") from None
    found: dict[str, str] = {}
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else (), start=1):
        digest, _, name = line.partition("  ")
        if _DIGEST.fullmatch(digest) is None or not guard.inside(name):
            raise DataError(f"'{path}' line {number} is not 'sha256  path of a file of this dataset'; {COPY}")
        if name in found:
            raise DataError(f"'{path}' names a file twice, '{name}'; {COPY}")
        found[name] = digest
    return found
