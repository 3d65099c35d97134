"""What decides the bits of a picture beyond its sample: renderer, code, data, numerical libraries, vector instructions."""

from __future__ import annotations

import hashlib
import platform
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import facegen
from facegen.dataset.provenance import sources, version

LIBRARIES = ("numpy", "scipy", "opencv-python-headless", "av", "pillow", "pyarrow", "trimesh")
SOURCE_SUFFIXES = (".py", ".vert", ".frag", ".glsl")
BESIDE = (
    "_assets/",
    "audit/",
    "export/",
    "recognise/",
    "show/",
    "dataset/read.py",
    "dataset/files.py",
    "dataset/signing.py",
    "run/progress.py",
    "run/pool.py",
    "run/member.py",
    "run/wire.py",
    "run/stop.py",
    "run/forecast.py",
    "run/measured_bytes.py",
    "cli/",
    "doctor.py",
)
"""Sources that no byte of a dataset depends on."""


def fingerprint(studio: Any) -> dict[str, Any]:
    """Return the platform fingerprint of a studio, plain JSON. Equal fingerprints promise equal bytes."""
    found: dict[str, Any] = {f"gl_{name}": value for name, value in asdict(studio.engine.info).items()}
    found["head"] = studio.model.key
    found["assets"] = _assets()
    found["code"] = _code()
    found["machine"] = platform.machine()
    found["vector_units"] = _vector_units()
    found.update({name: version(name) for name in LIBRARIES})
    found["zlib"] = zlib.ZLIB_RUNTIME_VERSION  # EXR and npz files are deflated by Python's
    return found


def _assets() -> str:
    """Short hash of everything in assets/."""
    listed = "".join(f"{entry['sha256']}  {entry['file']}\n" for entry in sources()["assets"])
    return hashlib.sha256(listed.encode()).hexdigest()[:16]


def _code() -> str:
    """Short hash of the sources that draw and label: two states of a checkout carry one version number."""
    root = Path(facegen.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix in SOURCE_SUFFIXES and not name.startswith(BESIDE):
            digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _vector_units() -> str:
    """Short hash of the CPU features that numpy dispatches on: they change the last bits of some sums."""
    from numpy.core._multiarray_umath import __cpu_features__ as features  # type: ignore[import-not-found]

    enabled = ",".join(sorted(name for name, on in features.items() if on))
    return hashlib.sha256(enabled.encode()).hexdigest()[:8]
