"""The label layers that show what surfaces are made of: albedo, uv, parts and shares of hair, over the picture's geometry pass.

One more covering of each surface's samples, without light, then one resolve. The picture's own passes and programs stay as they
are, so that its pixels do not depend on the layers that are asked for.
"""

from __future__ import annotations

import numpy as np
from OpenGL import GL as gl

from facegen.errors import RequestError
from facegen.render import frame_block
from facegen.render.buffers import Mesh
from facegen.render.frame_block import Warp
from facegen.render.pen import Pen
from facegen.render.programs import Program, layers_program, shading_program
from facegen.render.targets import Picture
from facegen.scene import Layers, Scene, Surface

PAINTED = frozenset({"albedo", "uv", "hair", "parts"})
"""Layers that this pass makes."""
MOST_PARTS = 255
LASH_CUT = 0.5
"""A sample belongs to a lash that covers at least this much of it."""
_ALBEDO, _PART = range(2)
_ALBEDO_OUT, _UV_OUT, _HAIR_OUT, _PART_OUT = range(4)
_UV_SAMPLES, _IDS = 1, 4
_IDS_OUT = 2


class Painter:
    """Programs are compiled when a layer first needs them."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen
        self._programs: dict[tuple[str, bool], Program] = {}
        self._resolving: dict[int, Program] = {}

    def layers(self, scene: Scene, picture: Picture, drawn: list[tuple[Surface, Mesh]], warp: Warp) -> Layers:
        """Return the painted layers that `scene` asks for. `drawn`: its surfaces that have faces, in order; the geometry and the
        id map of `picture` are theirs, its stencil numbers the opaque visible ones."""
        wanted = scene.layers
        if len(scene.surfaces) > MOST_PARTS:
            raise RequestError(f"{len(scene.surfaces)} surfaces, part ids hold {MOST_PARTS}; wear fewer things")
        numbers = [float(n) for n, surface in enumerate(scene.surfaces, start=1) if len(surface.faces)]
        painted = [(s, m, n) for (s, m), n in zip(drawn, numbers, strict=True) if s.visible]
        self._paint(picture, painted, warp, "albedo" in wanted)
        self._resolve(picture)
        made = picture.layers[1]

        def read(index: int, channels: int) -> np.ndarray:
            return np.ascontiguousarray(made.read(index)[..., :channels])

        return Layers(
            albedo=read(_ALBEDO_OUT, 3) if "albedo" in wanted else None,
            uv=read(_UV_OUT, 2) if "uv" in wanted else None,
            hair=read(_HAIR_OUT, 3) if "hair" in wanted else None,
            parts=np.ascontiguousarray(made.read(_PART_OUT)) if wanted & {"parts", "uv"} else None,
        )

    def _paint(self, picture: Picture, drawn: list[tuple[Surface, Mesh, float]], warp: Warp, albedo: bool) -> None:
        target = picture.layers[0]
        target.bind()
        target.clear(_ALBEDO, _PART)
        gl.glDisable(gl.GL_DEPTH_TEST)
        gl.glDisable(gl.GL_CULL_FACE)
        gl.glEnable(gl.GL_STENCIL_TEST)
        gl.glStencilOp(gl.GL_KEEP, gl.GL_KEEP, gl.GL_KEEP)
        gl.glEnable(gl.GL_SCISSOR_TEST)
        opaque = [one for one in drawn if not one[0].blend]
        for stencil, (surface, mesh, number) in enumerate(opaque, start=1):
            box = frame_block.covered(surface.positions, warp, target.size)
            if box[2] <= 0 or box[3] <= 0:
                continue
            self._use(surface, mesh, number, albedo)
            gl.glStencilFunc(gl.GL_EQUAL, stencil, 0xFF)
            gl.glScissor(*box)
            self._pen.cover()
        gl.glDisable(gl.GL_SCISSOR_TEST)
        gl.glDisable(gl.GL_STENCIL_TEST)
        self._lashes([one for one in drawn if one[0].blend and one[0].material.shader == "lash"], warp, albedo)

    def _lashes(self, lashes: list[tuple[Surface, Mesh, float]], warp: Warp, albedo: bool) -> None:
        """Lashes over the samples (bound): their albedo by cover, their number where they cover most of a sample."""
        gl.glEnable(gl.GL_DEPTH_TEST)
        gl.glDepthMask(False)
        gl.glEnable(gl.GL_BLEND)  # which leaves integers alone
        gl.glBlendFunc(gl.GL_ONE, gl.GL_ONE_MINUS_SRC_ALPHA)
        for surface, mesh, number in lashes:
            program = self._use(surface, mesh, number, albedo=True)
            program.set_all(warp.uniforms)
            (gl.glDisable if surface.double_sided else gl.glEnable)(gl.GL_CULL_FACE)
            for layer, cut in ((_ALBEDO, 0.0), (_PART, LASH_CUT)):
                if layer == _ALBEDO and not albedo:
                    continue
                gl.glColorMaski(_ALBEDO, *[layer == _ALBEDO] * 4)
                gl.glColorMaski(_PART, *[layer == _PART] * 4)
                program.set("cut", cut)
                mesh.draw()
        gl.glColorMask(True, True, True, True)
        gl.glDisable(gl.GL_BLEND)
        gl.glDisable(gl.GL_CULL_FACE)
        gl.glDepthMask(True)

    def _use(self, surface: Surface, mesh: Mesh, number: float, albedo: bool) -> Program:
        key = (surface.material.shader if albedo else "part", surface.blend)
        if key not in self._programs:
            self._programs[key] = shading_program(key[0], 0, forward=surface.blend, paint=True)
        program = self._programs[key]
        if albedo:
            self._pen.use(program, surface, mesh)
        else:
            program.use()
        program.set("part", number)
        program.set("cut", 0.0)
        return program

    def _resolve(self, picture: Picture) -> None:
        samples, pixels = picture.layers
        pixels.bind()
        gl.glDisable(gl.GL_DEPTH_TEST)
        per_side = picture.per_side
        if per_side not in self._resolving:
            self._resolving[per_side] = layers_program(per_side)
        self._resolving[per_side].use()
        sources = {
            "paint_samples": samples.textures[_ALBEDO],
            "part_samples": samples.textures[_PART],
            "uv_samples": picture.geometry.textures[_UV_SAMPLES],
            "id_samples": picture.geometry.textures[_IDS],
            "ids": picture.pixels.textures[_IDS_OUT],
        }
        self._pen.read(self._resolving[per_side], sources)
        self._pen.cover()
