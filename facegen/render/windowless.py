"""Import pyrender without its window.

pyrender imports its viewer, and with it pyglet's window, X11 and GLU, whenever any part of it is imported. No window is ever
opened here, and servers with a GPU have none of these libraries: a stand-in takes the viewer's place and says so when used.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class Viewer:
    """Stands where pyrender's own viewer would. Raises ImportError when made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise ImportError("facegen loads pyrender without its window; import pyrender before facegen to use pyrender.Viewer")


def prepare() -> None:
    """Keep pyrender from loading its window; nothing where pyrender is loaded already."""
    if "pyrender" not in sys.modules:
        stand_in = ModuleType("pyrender.viewer", __doc__)
        stand_in.Viewer = Viewer  # type: ignore[attr-defined]
        sys.modules["pyrender.viewer"] = stand_in
