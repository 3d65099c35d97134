"""Nothing of facegen asks for a network when it runs, and nothing in it could."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "facegen"
NETWORK = (
    "socket", "ssl", "http", "urllib", "urllib3", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "xmlrpc", "webbrowser",
)  # fmt: skip
STORES = ("run/cluster.py", "run/remote.py")
"""Where a user asks for another machine: a cluster, a store with an address."""
PAIRS = ("run/member.py", "run/wire.py", "run/worker.py")
"""Parent and worker talk over a pair of local sockets that no address leads to: `socket` alone."""


def test_a_whole_use_without_any_socket(tmp_path: Path) -> None:
    bound = tmp_path / "bound"
    path = os.pathsep.join([str(HERE / "forbidden"), str(HERE.parent), *filter(None, sys.path)])
    ran = subprocess.run(
        [sys.executable, str(HERE / "offline.py"), str(tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": path, "FACEGEN_BOUND": str(bound)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-4000:]
    assert ran.stdout.splitlines()[-1] in ("kernel", "python")
    assert len(set(bound.read_text().split())) >= 3  # the run and both workers had no sockets


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_no_module_imports_what_speaks_to_others(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        found = [name for name in names if name.split(".")[0] in NETWORK]
        inside = path.relative_to(PACKAGE).as_posix()
        assert not found or inside in STORES or (inside in PAIRS and found == ["socket"]), f"{path}: {found}"
