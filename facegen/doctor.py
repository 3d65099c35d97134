"""What this installation would render with, and what is wrong with it, each with its mend. Runs on broken installations too."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

from facegen.errors import FacegenError, RequestError, did_you_mean
from facegen.resources import asset

NAMES = {"cv2": ("opencv-python", "opencv-contrib-python", "opencv-contrib-python-headless")}
"""Packages that write the same module as opencv-python-headless: whichever was installed last wins."""
WHY = {
    "numpy": "pyrender and mediapipe need numpy 1",
    "PyOpenGL": "3.1.0, which pyrender pins, breaks OSMesa and newer Pythons",
    "mediapipe": "later versions ship no models",
    "protobuf": "mediapipe 0.10.21 needs protobuf 4",
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. Not `ok` and `fatal`: facegen cannot render; not `ok` alone: it differs from the lock."""

    name: str
    ok: bool
    text: str
    mend: str = ""
    fatal: bool = True


def examine(gl: str = "auto", render: bool = True) -> Iterator[Finding]:
    """Yield findings, the cheap ones first. Raises RequestError for a platform that there is not."""
    _check_platform(gl)
    yield _python()
    yield from packages()
    yield from _platforms()
    yield _in_child("head model", _HEAD, "make setup, or pip install --no-deps -r requirements.lock")
    if render:
        yield _in_child("test render", _RENDER.format(platform=gl), "mend what is marked above")


def packages() -> Iterator[Finding]:
    """Yield what differs from requirements.lock, one finding a package, or one that says that nothing does."""
    lock = asset("requirements.lock")
    mend = f"pip install --no-deps -r {lock}"
    pinned = locked(lock.read_text())
    wrong = []
    for name, wanted in pinned.items():
        found = version(name)
        if found != wanted:
            reason = f" ({WHY[name]})" if name in WHY else ""
            fatal = found is None or name in WHY
            wrong.append(Finding(f"package {name}", False, f"{found or 'missing'}, the lock has {wanted}{reason}", mend, fatal))
    for name in NAMES["cv2"]:
        if version(name) is not None:
            ours = f"opencv-python-headless=={pinned['opencv-python-headless']}"
            again = f"pip uninstall -y {name} && pip install --no-deps --force-reinstall {ours}"
            text = f"{version(name)} stands beside opencv-python-headless: both write the module cv2"
            wrong.append(Finding(f"package {name}", False, text, again))
    if wrong:
        yield from wrong
    else:
        yield Finding("packages", True, f"{len(pinned)} as in requirements.lock")


def locked(text: str) -> dict[str, str]:
    """Return name -> version of the lines `name==version` of a lock file."""
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;]+)", text, flags=re.MULTILINE))


def version(name: str) -> str | None:
    """Return the installed version of a package, None when it is missing."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _check_platform(name: str) -> None:
    try:
        from facegen.render.platform import PLATFORMS
    except ImportError:  # `_platforms` says why
        return
    if name not in PLATFORMS:
        raise RequestError(f"platform {did_you_mean(name, PLATFORMS)}")


def _python() -> Finding:
    ok = (3, 10) <= sys.version_info[:2] < (3, 13)
    return Finding("python", ok, platform.python_version(), "" if ok else "use Python 3.10, 3.11 or 3.12: numpy 1 ends there")


def _platforms() -> Iterator[Finding]:
    try:
        from facegen.render.platform import DEVICE, MEND, choose, devices
    except ImportError as error:
        yield Finding("OpenGL", False, f"cannot be loaded: {error}", "mend the packages above")
        return
    works = {}
    for name in ("egl", "osmesa"):
        try:
            choice = choose(name)
        except FacegenError:
            continue
        works[name] = "software" if choice.software else "GPU"
    for name in ("egl", "osmesa"):
        text = f"opens ({works[name]})" if name in works else "does not open"
        yield Finding(f"platform {name}", name in works, text, MEND, fatal=not works)
    found = devices()
    for choice in found:
        name = f" {choice.name}" if choice.name else ""
        yield Finding(f"EGL device {choice.device}", True, f"{'software' if choice.software else 'GPU'}{name}")
    gpus = [c for c in found if not c.software]
    if len(gpus) > 1:
        yield Finding("GPUs", True, f"{len(gpus)}; workers take those of one name in turn, {DEVICE}=N takes device N alone")


def _in_child(name: str, code: str, mend: str) -> Finding:
    """Run `code` in a process of its own: one OpenGL platform a process, and a crash must not take the report with it."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    said = (run.stdout.strip().splitlines() or [""])[-1]
    if run.returncode == 0:
        return Finding(name, True, said)
    if run.returncode < 0:
        return Finding(name, False, f"crashed with signal {-run.returncode}", mend)
    error = (run.stderr.strip().splitlines() or ["no message"])[-1]
    return Finding(name, False, error.removeprefix("facegen.errors.MachineError: "), mend)


_HEAD = """
from facegen.head.model import HeadModel
model = HeadModel.load()
print(f"compiled, key {model.key[:12]}")
"""
_RENDER = """
import time
from facegen.population.plan import build
from facegen.run.studio import Studio
from facegen.spec import DatasetSpec
spec = DatasetSpec.from_dict({{"name": "doctor", "seed": 0, "date": "2026-01-01", "identities": 1, "size": 128}})
studio = Studio("{platform}")
sample = build(spec).sample(0)
studio.shoot(sample)
start = time.perf_counter()
studio.shoot(sample)
took = time.perf_counter() - start
info = studio.engine.info
kind = "software" if info.software else "GPU"
print(f"128 px in {{1000 * took:.0f}} ms on {{info.platform}}, {{info.renderer}} ({{kind}}), {{info.version}}")
"""
