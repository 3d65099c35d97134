"""GLSL programs: built from shaders/ once, uniforms set by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from OpenGL import GL as gl

from facegen.errors import MachineError
from facegen.scene import REGIONS

_SHADERS = Path(__file__).parent / "shaders"
_HEADER = "#version 330 core\n"
FRAME_BLOCK = 0
"""Binding point of the uniform block `Frame` (light.glsl)."""


@cache
def _source(name: str) -> str:
    return (_SHADERS / name).read_text()


class Program:
    """One linked program. `use()` binds it; `set` sets a float, a vector or a 4 x 4 matrix, where it has that uniform."""

    def __init__(self, vertex: tuple[str, ...], fragment: tuple[str, ...], name: str, defines: tuple[str, ...] = ()) -> None:
        self.name = name
        self._header = _HEADER + "".join(f"#define {define}\n" for define in defines)
        self._id = gl.glCreateProgram()
        for kind, parts in ((gl.GL_VERTEX_SHADER, vertex), (gl.GL_FRAGMENT_SHADER, fragment)):
            shader = self._compile(kind, parts)
            gl.glAttachShader(self._id, shader)
            gl.glDeleteShader(shader)
        gl.glLinkProgram(self._id)
        if not gl.glGetProgramiv(self._id, gl.GL_LINK_STATUS):
            log = _line(gl.glGetProgramInfoLog(self._id))
            raise MachineError(f"GL program '{name}' does not link: {log}; report this driver")
        block = gl.glGetUniformBlockIndex(self._id, "Frame")
        if block != gl.GL_INVALID_INDEX:
            gl.glUniformBlockBinding(self._id, block, FRAME_BLOCK)
        self._locations: dict[str, int] = {}

    def use(self) -> None:
        gl.glUseProgram(self._id)

    def has(self, name: str) -> bool:
        return self._location(name) >= 0

    def set(self, name: str, value: float | tuple[float, ...] | np.ndarray) -> None:
        at = self._location(name)
        if at < 0:
            return
        if isinstance(value, np.ndarray) and value.shape == (4, 4):
            gl.glUniformMatrix4fv(at, 1, gl.GL_TRUE, np.ascontiguousarray(value, dtype=np.float32))
        elif isinstance(value, (int, float)):
            gl.glUniform1f(at, float(value))
        else:
            setter = {2: gl.glUniform2f, 3: gl.glUniform3f, 4: gl.glUniform4f}[len(value)]
            setter(at, *(float(v) for v in value))

    def set_all(self, values: Mapping[str, float | tuple[float, ...] | np.ndarray]) -> None:
        for name, value in values.items():
            self.set(name, value)

    def sampler(self, name: str, unit: int) -> None:
        at = self._location(name)
        if at >= 0:
            gl.glUniform1i(at, unit)

    def _location(self, name: str) -> int:
        if name not in self._locations:
            self._locations[name] = gl.glGetUniformLocation(self._id, name)
        return self._locations[name]

    def _compile(self, kind: int, parts: tuple[str, ...]) -> int:
        shader = gl.glCreateShader(kind)
        gl.glShaderSource(shader, self._header + "".join(_source(p) for p in parts))
        gl.glCompileShader(shader)
        if not gl.glGetShaderiv(shader, gl.GL_COMPILE_STATUS):
            log = _line(gl.glGetShaderInfoLog(shader))
            raise MachineError(f"GL shader '{parts[-1]}' does not compile: {log}; report this driver")
        return int(shader)


def geometry_program(strands: bool, ids: bool = False) -> Program:
    """Return the program that writes the geometry of opaque surfaces, or their `ids` alone; with `strands` it cuts ribbons into
    strands."""
    fragment = ("strand.glsl", "ids.frag" if ids else "surface.frag")
    return Program(("warp.glsl", "surface.vert"), fragment, "geometry", ("STRANDS",) if strands else ())


def shadow_program(strands: bool) -> Program:
    """Return the program that fills a shadow map."""
    return Program(("shadow.vert",), ("strand.glsl", "shadow.frag"), "shadow", ("STRANDS",) if strands else ())


def shading_program(shader: str, keys: int, forward: bool = False, paint: bool = False) -> Program:
    """Return the program of a scene.Shader name under that many `keys`: over the geometry pass, or `forward` for blended
    surfaces. `paint`: it writes albedo and the surface's number instead of light ("part": the number alone)."""
    vertex, source = (("warp.glsl", "surface.vert"), "forward.glsl") if forward else (("screen.vert",), "deferred.glsl")
    sources = ("strand.glsl", "light.glsl", "target.glsl", source, f"{shader}.frag")
    return Program(vertex, sources, shader, (f"KEYS {keys}", *(("PAINT",) if paint else ())))


def resolve_program(name: str, per_side: int) -> Program:
    """Return the program that makes a pixel of `per_side` squared samples: "resolve" of the picture, "majority" of ids alone."""
    return Program(("screen.vert",), (f"{name}.frag",), name, (f"PER_SIDE {per_side}",))


def layers_program(per_side: int) -> Program:
    """Return the program that resolves the samples of the label layers to pixels."""
    ids = {"HAIR": "hair", "BEARD": "beard", "RIGHT_BROW": "right_brow", "LEFT_BROW": "left_brow"}
    defines = (f"PER_SIDE {per_side}", *(f"{name} {REGIONS[of]}u" for name, of in ids.items()))
    return Program(("screen.vert",), ("layers.frag",), "layers", defines)


def _line(log: bytes | str) -> str:
    text = log.decode(errors="replace") if isinstance(log, bytes) else log
    return " | ".join(text.split("\n")).strip()
