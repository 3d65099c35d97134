"""Rooms import only from rooms before them in the flow, and the heavy libraries stay in the rooms that own them."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "facegen"
GROUND = ("errors", "rng", "resources", "guard", "textfiles", "srgb", "sample", "scene")
ORDER = (
    *GROUND, "measures", "geometry", "surroundings", "spec", "population", "head", "looks", "wear", "stage", "render", "sensor",
    "annotate", "dataset", "show", "export", "recognise", "audit", "run", "doctor", "cli",
)  # fmt: skip
OWNERS = {
    "pyrender": ("render",), "OpenGL": ("render",), "mediapipe": ("recognise/mesh.py",),
    "torch": ("recognise", "export/torch_dataset.py"),
    "ray": ("run/cluster",), "fsspec": ("run/remote.py",), "typer": ("cli/",), "anny": (),
}  # fmt: skip
MODULES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, at its top, inside functions and for type checking alike."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_follow_the_flow(path: Path) -> None:
    if room(path) == "__init__":
        return
    here = ORDER.index(room(path))
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "facegen" and len(parts) > 1 and parts[1] in ORDER:
            assert ORDER.index(parts[1]) <= here, f"{room(path)} imports {name}, a room below it"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_heavy_libraries_stay_in_their_rooms(path: Path) -> None:
    inside = path.relative_to(PACKAGE).as_posix()
    for name in imports(path):
        owners = OWNERS.get(name.split(".")[0])
        assert owners is None or inside.startswith(owners), f"{inside} imports {name}, which belongs to {owners}"


def test_every_room_is_in_the_order() -> None:
    assert {room(path) for path in MODULES} - {"__init__"} <= set(ORDER)


def test_start_up_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'cv2', 'pandas', 'pyarrow', 'OpenGL', 'pyrender', 'scipy', 'pydantic'}"
    code = f"import sys, facegen.cli; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert eval(said.stdout) in ([], ["pydantic"])  # typer may load pydantic
