"""Determinism, caches, platforms and refusals."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from shapes import key, quad, scene, sphere

from facegen.errors import MachineError, RequestError
from facegen.render import platform
from facegen.render.engine import Engine
from facegen.scene import Frame, Material, Scene, Texture

LAYERS = ("rgb", "coverage", "ids", "depth", "normals")
_DRAW = """
import sys
sys.path.insert(0, {here!r})
import numpy as np
from facegen.render.engine import Engine
from test_engine import mixed
engine = Engine({platform!r})
assert engine.info.platform == {platform!r}, engine.info
frame = engine.render(mixed())
np.savez({out!r}, **{{name: getattr(frame, name) for name in {layers!r}}})
engine.close()
"""


def mixed() -> Scene:
    """Every shader, a texture, two keys with shadows, a blended lens."""
    noise = (np.indices((16, 16)).sum(axis=0)[..., None] * 7 % 255 * np.ones(3)).astype(np.uint8)
    skin = sphere(0.3, (0, 0, -1.5), shader="skin", key="ball", double_sided=False)
    skin = replace(skin, material=Material("skin", {}, {"albedo": Texture("checks", noise, srgb=True)}))
    up = np.tile(np.float32([0, 1, 0]), (4, 1))
    tilt = {"x": (0.1, 0, 0), "y": (0, 0.3, 0.05)}
    return scene(
        skin, sphere(0.08, (-0.1, 0.05, -1.22), region=3, shader="eye", rings=24),
        quad((0.2, 0.1, -1.2), region=13, shader="hair", params={"strand": 5.0}, tangents=up, **tilt),
        quad((-0.3, -0.2, -1.3), region=15, params={"pattern": 2.0, "scale": 0.4}, **tilt),
        sphere(0.1, (0.3, -0.25, -1.3), region=16, shader="solid", params={"metallic": 1.0, "roughness": 0.3}, rings=24),
        quad((0, 0.05, -1.1), (0.12, 0, 0), (0, 0.08, 0), region=16, shader="lens", params={"opacity": 0.2}, blend=True),
        keys=(key((1, 1, 1), 2.0, 10), key((-1, 0.2, 0.4), 1.0, 0.53)), size=96,
    )  # fmt: skip


def _elsewhere(name: str, tmp_path: Path) -> dict[str, np.ndarray]:
    """Draw `mixed` on a platform in a process of its own."""
    out = tmp_path / f"{name}.npz"
    code = _DRAW.format(here=str(Path(__file__).parent), platform=name, out=str(out), layers=LAYERS)
    environment = {k: v for k, v in os.environ.items() if k != "PYOPENGL_PLATFORM"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, env=environment)
    if done.returncode != 0 and "MachineError" in done.stderr:
        pytest.skip(f"no {name} here")
    assert done.returncode == 0, done.stderr
    return dict(np.load(out))


def _same(a: Frame, b: Frame) -> bool:
    return all(getattr(a, name).tobytes() == getattr(b, name).tobytes() for name in LAYERS)


def test_same_bytes_twice_and_after_other_scenes(engine: Engine) -> None:
    first = engine.render(mixed())
    assert set(np.unique(first.ids)) == {0, 1, 3, 13, 15, 16}
    assert _same(first, engine.render(mixed()))
    engine.render(scene(sphere(0.2, (0, 0, -1), shader="skin", key="other"), size=48))
    assert _same(first, engine.render(mixed()))


def test_moved_vertices_of_a_known_key_are_seen(engine: Engine) -> None:
    ball = sphere(0.2, (0, 0, -1.5), key="moves")
    here = engine.render(scene(ball))
    there = engine.render(scene(replace(ball, positions=ball.positions + np.float32([0.3, 0, 0]))))
    assert np.nonzero(there.ids)[1].mean() > np.nonzero(here.ids)[1].mean() + 10
    both = engine.render(scene(ball, replace(ball, positions=ball.positions + np.float32([0.5, 0, 0]))))
    assert both.coverage.sum() > 1.9 * here.coverage.sum()


def test_other_processes_draw_the_same_bytes(engine: Engine, tmp_path: Path) -> None:
    if not engine.info.software:
        pytest.skip("bytes are promised for one driver; this one is a GPU's")
    here, there = engine.render(mixed()), _elsewhere(engine.info.platform, tmp_path)
    assert all(getattr(here, name).tobytes() == there[name].tobytes() for name in LAYERS)


def test_osmesa_agrees(engine: Engine, tmp_path: Path) -> None:
    here, there = engine.render(mixed()), _elsewhere("osmesa", tmp_path)
    assert (here.ids == there["ids"]).mean() >= 0.999
    assert np.abs(here.rgb - there["rgb"]).mean() <= 1 / 255


def test_no_gl_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "devices", lambda only=None: [])
    monkeypatch.setattr(platform, "_osmesa_library", lambda: None)
    for name in platform.PLATFORMS:
        with pytest.raises(MachineError, match=r"context opens on this machine; install a GL driver: apt-get") as caught:
            platform.choose(name)
        assert "\n" not in str(caught.value)
    with pytest.raises(RequestError, match="did you mean 'egl'"):
        platform.choose("elg")


def test_gpu_goes_before_software_and_osmesa(monkeypatch: pytest.MonkeyPatch) -> None:
    soft, hard = platform.Choice("egl", 0, software=True), platform.Choice("egl", 1, software=False)
    monkeypatch.setattr(platform, "devices", lambda only=None: [soft, hard])
    assert platform.choose("auto") == replace(hard, alike=(1,))
    monkeypatch.setattr(platform, "devices", lambda only=None: [soft])
    assert platform.choose("auto") == soft
    monkeypatch.setattr(platform, "devices", lambda only=None: [])
    monkeypatch.setattr(platform, "_osmesa_library", object)
    assert platform.choose("auto").platform == "osmesa"


def test_info_says_what_was_taken(engine: Engine) -> None:
    assert engine.info.platform in ("egl", "osmesa")
    assert engine.info.renderer
    assert engine.info.version


def test_bad_scenes_are_named(engine: Engine) -> None:
    ball = sphere(0.2, (0, 0, -1), rings=8)
    with pytest.raises(RequestError, match="did you mean 'pattern'"):
        engine.render(scene(sphere(0.2, (0, 0, -1), params={"patern": 1.0})))
    with pytest.raises(RequestError, match="shader 'glass' is not one of"):
        engine.render(scene(replace(ball, material=Material("glass"))))  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="5 keys, allowed are 4"):
        engine.render(scene(ball, keys=(key((0, 0, 1)),) * 5))
    with pytest.raises(RequestError, match="normals has 3 rows"):
        engine.render(scene(replace(ball, normals=ball.normals[:3])))
    with pytest.raises(RequestError, match="faces name vertex"):
        engine.render(scene(replace(ball, faces=ball.faces + np.int32(10_000))))
    with pytest.raises(RequestError, match="faces name vertex"):
        engine.render(scene(replace(ball, shadow_faces=ball.faces + np.int32(10_000))))
    with pytest.raises(RequestError, match="256 opaque surfaces, allowed are 255"):
        engine.render(scene(*(quad((0, 0, -1), (0.1, 0, 0), (0, 0.1, 0)) for _ in range(256))))
    with pytest.raises(RequestError, match="texture 'wide' is"):
        texture = Texture("wide", np.zeros((4, 4, 2), dtype=np.uint8), srgb=False)
        engine.render(scene(replace(ball, material=Material("skin", {}, {"albedo": texture}))))
