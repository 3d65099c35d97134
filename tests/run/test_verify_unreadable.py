"""Verify tells of what the file system does not let it read, and goes on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from facegen.dataset.read import Dataset
from facegen.run import verify


def test_a_file_that_cannot_be_read(fake_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(fake_dataset, tmp_path / "set")
    data = Dataset.open(tmp_path / "set")
    first, second = sorted(name for name in data.checksums if name.startswith("images/"))[:2]
    (data.root / second).write_bytes(b"changed")
    whole = verify.sha256_file

    def failing(path: Path) -> str:
        if path == data.root / first:
            raise OSError(5, "Input/output error")
        return whole(path)

    monkeypatch.setattr(verify, "sha256_file", failing)
    assert verify.hashes(data) == [f"{first}: cannot be read (Input/output error)", f"{second}: changed since it was written"]


def test_folders_that_cannot_be_looked_into(fake_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Dataset.open(shutil.copytree(fake_dataset, tmp_path / "set"))
    (data.root / "images/000002/000002_000.jpg").write_bytes(b"changed")
    closed, stat, scan = data.root / "images/000001", os.stat, os.scandir

    def refused(real):  # a folder of mode 000, as everybody but root meets it
        def call(path, *given, **more):
            if closed in (Path(path), Path(path).parent) and (real is scan or Path(path) != closed):
                raise PermissionError(13, "Permission denied", str(path))
            return real(path, *given, **more)

        return call

    monkeypatch.setattr(os, "stat", refused(stat))
    monkeypatch.setattr(os, "scandir", refused(scan))
    assert verify.hashes(data) == [
        *(f"images/000001/000001_00{k}.jpg: cannot be read (Permission denied)" for k in range(2)),
        "images/000002/000002_000.jpg: changed since it was written",
        "images/000001/: cannot be read (Permission denied)",
    ]
    monkeypatch.undo()
    sums = data.root / "SHA256SUMS"
    sums.write_text(sums.read_text() + f"{'0' * 64}  images/{'x' * 300}.jpg\n")
    assert f"images/{'x' * 300}.jpg: cannot be read (File name too long)" in verify.hashes(Dataset.open(data.root))
