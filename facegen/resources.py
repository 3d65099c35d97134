"""Where the inert data of assets/ lies, in a checkout and in an installed wheel alike."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from facegen.errors import MachineError

_PACKAGE = Path(__file__).parent


def asset(name: str) -> Path:
    """Return the path of the asset `name`, for example `asset("looks/monk.json")`."""
    for root in (_PACKAGE / "_assets", _PACKAGE.parent / "assets"):
        if (root / name).exists():
            return root / name
    raise MachineError(f"asset '{name}' is missing from this installation; install facegen again")


@cache
def asset_json(name: str) -> Any:
    """Return the parsed JSON asset `name` (cached; callers must not change it)."""
    return json.loads(asset(name).read_text())
