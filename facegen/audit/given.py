"""CSV files that a user gives: scores, and real results."""

from __future__ import annotations

import csv
from pathlib import Path

from facegen.errors import DataError


def rows(path: Path, what: str) -> csv.DictReader[str]:
    """Return a reader of the CSV at `path`, its column names without spaces around; DataError asks for `what`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"'{path}' cannot be read ({getattr(error, 'strerror', None) or 'not text'}); give {what}") from None
    reader = csv.DictReader(text.splitlines())
    reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
    return reader
