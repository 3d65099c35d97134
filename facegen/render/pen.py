"""Binding of programs, textures and the covering triangle: what all passes draw with."""

from __future__ import annotations

from OpenGL import GL as gl

from facegen.render import engine
from facegen.render.buffers import Mesh
from facegen.render.programs import Program
from facegen.render.textures import Textures
from facegen.scene import Surface

SHADOW_UNIT, GEOMETRY_UNIT, MIRROR_UNIT, BEHIND_UNIT = 7, 8, 12, 13
GEOMETRY_SAMPLERS = ("g_surface", "g_uv", "g_tint", "g_tangent")


class Pen:
    """Holds the textures and an empty vertex array; one a GL context."""

    def __init__(self) -> None:
        self._empty = gl.glGenVertexArrays(1)
        self._textures = Textures()

    def use(self, program: Program, surface: Surface, mesh: Mesh) -> None:
        """Bind a shading program with the surface's uniforms and textures."""
        program.use()
        program.set("blended", float(surface.blend))
        program.set("handed", mesh.handed)
        if surface.material.shader == "eye":
            for name, axis in zip(("axis_x", "axis_y", "axis_z"), mesh.eye_frame, strict=True):
                program.set(name, tuple(axis))
        program.sampler("shadow_maps", SHADOW_UNIT)
        program.sampler("mirror_map", MIRROR_UNIT)
        for i, name in enumerate(GEOMETRY_SAMPLERS):
            program.sampler(name, GEOMETRY_UNIT + i)
        for name, value in engine.parameters(surface).items():
            program.set(name, value)
        for unit, name in enumerate(engine.samplers(surface.material.shader)):
            program.sampler(name, unit)
            texture = surface.material.textures.get(name)
            if texture is None:
                self._textures.bind_neutral(name, unit)
            else:
                self._textures.bind(texture, unit)

    @staticmethod
    def draw(programs: tuple[Program, Program], surface: Surface, mesh: Mesh, shadow: bool = False) -> None:
        """Draw without shading, ribbons cut into strands by the second program; `shadow`: what casts the surface's shadow."""
        strand = float(surface.material.params.get("strand", 0.0))  # type: ignore[arg-type]
        program = programs[strand > 0.5]
        program.use()
        program.set("strand", strand)
        (gl.glDisable if surface.double_sided else gl.glEnable)(gl.GL_CULL_FACE)
        mesh.draw(shadow)

    def read(self, program: Program, sources: dict[str, int]) -> None:
        """Let the samplers of a program in use read 2D textures, by name, from unit 0 on."""
        for unit, (name, texture) in enumerate(sources.items()):
            self.bind(unit, gl.GL_TEXTURE_2D, texture)
            program.sampler(name, unit)

    def cover(self) -> None:
        """One triangle over the whole target."""
        gl.glBindVertexArray(self._empty)
        gl.glDrawArrays(gl.GL_TRIANGLES, 0, 3)

    @staticmethod
    def bind(unit: int, kind: int, texture: int) -> None:
        gl.glActiveTexture(gl.GL_TEXTURE0 + unit)
        gl.glBindTexture(kind, texture)

    def delete(self) -> None:
        self._textures.delete()
        gl.glDeleteVertexArrays(1, [self._empty])
