"""What one finished task has given: the unit in which a run is stopped, resumed and merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from facegen.dataset.write import json_bytes
from facegen.errors import DataError
from facegen.run.state import json_object

SUFFIX = ".json"


@dataclass(frozen=True)
class Shard:
    """Label rows in the order of the plan, sha256 of every file of the task, and the samples that failed with their reasons."""

    rows: list[dict[str, Any]]
    files: dict[str, str]
    failed: dict[str, str]

    def to_bytes(self) -> bytes:
        """Return the one file that holds it."""
        return json_bytes(vars(self))

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> Shard:
        """Return the shard in a file of that `name`. Raises DataError when it is damaged."""
        try:
            return cls(**json_object(data, name))
        except TypeError as error:
            raise DataError(f"'{name}' is no shard ({error}); remove it and run the same command again") from None
