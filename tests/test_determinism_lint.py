"""No clock, no global random generator, no uuid decides a byte: facegen/ does not even name them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from source_names import Names

PACKAGE = Path(__file__).parents[1] / "facegen"
BANNED_MODULES = ("random", "uuid", "secrets")
BANNED_CALLS = (
    "time.time", "time.time_ns", "time.ctime", "time.localtime", "time.gmtime", "datetime.now", "datetime.utcnow",
    "datetime.today", "date.today", "os.urandom", "cv2.randu", "cv2.randn", "cv2.setRNGSeed", "id", "hash",
)  # fmt: skip
ALLOWED_RANDOM = ("Generator", "SeedSequence", "BitGenerator")
"""Types of numpy.random that annotations may name."""
GENERATOR_MAKERS = {"rng.py"}
LISTINGS = ("listdir", "scandir", "iterdir", "glob", "rglob")
"""Folders are listed in no order."""
CALM = ("sorted", "set", "frozenset", "any", "all", "len", "sum", "max", "min")
CLOCKS = {"run/progress.py", "run/pool.py", "run/remote.py", "doctor.py"}
"""May measure durations, which are shown or waited for and never written."""
KEYS = {"run/cluster_session.py"}
"""May make keys that nobody guesses; they end with the run and are in no file of a dataset."""


def _ordered(tree: ast.AST) -> set[ast.AST]:
    """Return the calls whose order no one sees: what `sorted`, `set`, `any` and their like are given, and loops in these."""
    calm = (
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALM
    )
    return {inner for node in calm for word in node.args for inner in ast.walk(word)}


def offences(source: str, inside: str) -> list[str]:
    """Return what `source` does that could make two runs differ."""
    found = []
    tree = ast.parse(source)
    names_of, ordered = Names(tree), _ordered(tree)
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
        found += [name for name in names if name.split(".")[0] in BANNED_MODULES and not (name == "secrets" and inside in KEYS)]
        found += [name for name in names if name == "time" and inside not in CLOCKS]
        if isinstance(node, ast.Call):
            name = names_of.last(node.func)
            found += [name for banned in BANNED_CALLS if name == banned or name.endswith("." + banned)]
            found += [name] if name.rpartition(".")[2] in LISTINGS and "." in name and node not in ordered else []
        if isinstance(node, ast.Attribute | ast.Name):
            name = names_of.full(node)
            if name.startswith("numpy.random.") and name.split(".")[2] not in ALLOWED_RANDOM and inside not in GENERATOR_MAKERS:
                found.append(name)
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_nothing_depends_on_clock_or_global_state(path: Path) -> None:
    assert offences(path.read_text(), path.relative_to(PACKAGE).as_posix()) == []


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "from random import shuffle",
        "import uuid",
        "import numpy as np\nx = np.random.rand(3)",
        "import numpy as np\nx = np.random.default_rng()",
        "import datetime\nd = datetime.datetime.now()",
        "from datetime import date\nd = date.today()",
        "import time\nt = time.time()",
        "key = hash('text')",
        "from numpy.random import default_rng\nx = default_rng()",
        "import numpy.random as r\nx = r.rand(3)",
        "from os import urandom\nx = urandom(3)",
        "from time import time\nt = time()",
        "import os\nfor name in os.listdir(folder):\n    pass",
        "names = [p.name for p in root.iterdir()]",
    ],
)
def test_the_lint_finds(source: str) -> None:
    assert offences(source, "looks/skin/textures.py")


def test_the_lint_lets_annotations_pass() -> None:
    assert not offences("import numpy as np\ndef f(rng: np.random.Generator) -> None: ...", "population/plan.py")
