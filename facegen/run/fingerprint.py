"""What decides the bits of a picture beyond its sample: renderer, head data, numerical libraries, vector instructions."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import asdict, is_dataclass
from importlib import metadata
from typing import Any

LIBRARIES = ("numpy", "scipy", "opencv-python-headless")


def fingerprint(studio: Any) -> dict[str, Any]:
    """Return the platform fingerprint of a studio, plain JSON. Equal fingerprints promise equal bytes."""
    info = studio.engine.info
    found: dict[str, Any] = {f"gl_{k}": v for k, v in (asdict(info) if is_dataclass(info) else dict(info)).items()}
    found["head"] = studio.model.key
    found["machine"] = platform.machine()
    found["vector_units"] = _vector_units()
    found.update({name: _version(name) for name in LIBRARIES})
    return found


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "other"


def _vector_units() -> str:
    """Short hash of the CPU features that numpy dispatches on: they change the last bits of some sums."""
    from numpy.core._multiarray_umath import __cpu_features__ as features

    enabled = ",".join(sorted(name for name, on in features.items() if on))
    return hashlib.sha256(enabled.encode()).hexdigest()[:8]
