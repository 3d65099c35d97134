"""Region ids of some surfaces without the others: what lies under glasses, hands, hair and beard. One pass of ids alone each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL as gl

from facegen.render.buffers import Mesh
from facegen.render.frame_block import Warp
from facegen.render.pen import Pen
from facegen.render.programs import Program, geometry_program, resolve_program
from facegen.render.targets import Picture
from facegen.scene import REGIONS, Surface

HAIRY = (REGIONS["hair"], REGIONS["beard"])
_Drawn = tuple[Surface, Mesh]


class Beneath:
    """Programs are compiled when a map is first asked for."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen
        self._drawing: tuple[Program, Program] | None = None
        self._majority: dict[int, Program] = {}

    def removed(self, picture: Picture, opaque: list[_Drawn], warp: Warp, ids: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the ids without what is removable; `ids` are those of all that is `opaque`."""
        return self._of(picture, opaque, [one for one in opaque if not one[0].removable], warp, ids)

    def bare(self, picture: Picture, opaque: list[_Drawn], warp: Warp, ids: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the ids without hair, beard and what is removable."""
        kept = [one for one in opaque if not one[0].removable and not np.isin(one[0].region[:1], HAIRY).any()]
        return self._of(picture, opaque, kept, warp, ids)

    def _of(
        self, picture: Picture, opaque: list[_Drawn], kept: list[_Drawn], warp: Warp, ids: NDArray[np.uint8]
    ) -> NDArray[np.uint8]:
        if len(kept) == len(opaque):
            return ids.copy()
        if self._drawing is None:
            self._drawing = (geometry_program(False, ids=True), geometry_program(True, ids=True))
        if picture.per_side not in self._majority:
            self._majority[picture.per_side] = resolve_program("majority", picture.per_side)
        drawing, majority = self._drawing, self._majority[picture.per_side]
        samples, pixels = picture.ids
        samples.bind()
        samples.clear(0)
        gl.glClearBufferfi(gl.GL_DEPTH_STENCIL, 0, 1.0, 0)
        gl.glEnable(gl.GL_DEPTH_TEST)
        gl.glDepthFunc(gl.GL_LEQUAL)
        for program in drawing:
            program.use()
            program.set_all(warp.uniforms)
        for surface, mesh in kept:
            self._pen.draw(drawing, surface, mesh)
        gl.glDisable(gl.GL_CULL_FACE)
        gl.glDisable(gl.GL_DEPTH_TEST)
        pixels.bind()
        majority.use()
        self._pen.read(majority, {"id_samples": samples.textures[0]})
        self._pen.cover()
        return np.ascontiguousarray(pixels.read(0)).astype(np.uint8, copy=False)
