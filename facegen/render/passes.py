"""The passes of one frame: shadow maps, the picture in samples, blended surfaces, the resolve to pixels and the read-back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from OpenGL import GL as gl

from facegen.errors import MachineError, RequestError
from facegen.render import frame_block
from facegen.render.beneath import Beneath
from facegen.render.buffers import Mesh, Meshes
from facegen.render.frame_block import ShadowView, Warp
from facegen.render.paint import PAINTED, Painter
from facegen.render.pen import BEHIND_UNIT, GEOMETRY_SAMPLERS, GEOMETRY_UNIT, MIRROR_UNIT, SHADOW_UNIT, Pen
from facegen.render.programs import FRAME_BLOCK, Program, geometry_program, resolve_program, shading_program, shadow_program
from facegen.render.targets import Mirror, Picture, ShadowMaps
from facegen.scene import Frame, Layers, Scene, Surface, shadow_size, supersample

MAX_SURFACES = 255
"""Opaque surfaces a frame: the stencil buffer holds each one's number."""
_SURFACE, _UV, _IDS = 0, 1, 4
_COLOR_OUT, _SURFACE_OUT, _IDS_OUT = range(3)
_Drawn = tuple[Surface, Mesh]


class Passes:
    """Everything that lives in the GL context. Call only with that context current.

    Triangles of a head are smaller than the 4 x 4 blocks a software rasteriser shades, and hair lies in many layers: geometry is
    therefore drawn with a short program first, and each sample is shaded once, surface by surface, where the stencil names it.
    """

    def __init__(self, max_keys: int) -> None:
        self._pen = Pen()
        self._painter, self._beneath = Painter(self._pen), Beneath(self._pen)
        self._block = gl.glGenBuffers(1)
        gl.glBindBufferBase(gl.GL_UNIFORM_BUFFER, FRAME_BLOCK, self._block)
        self._shading: dict[tuple[str, int, bool], Program] = {}
        self._geometry = (geometry_program(strands=False), geometry_program(strands=True))
        self._shadow = (shadow_program(strands=False), shadow_program(strands=True))
        self._resolving: dict[int, Program] = {}
        self._meshes = Meshes()
        self._max_keys = max_keys
        self._maps: dict[int, ShadowMaps] = {}
        self._mirror = Mirror()
        self._pictures: dict[int, Picture] = {}
        gl.glDisable(gl.GL_DITHER)

    def render(self, scene: Scene) -> Frame:
        """Return the frame of a checked scene."""
        picture = self._picture(scene.camera.size)
        drawn = [pair for pair in zip(scene.surfaces, self._meshes.load(scene.surfaces), strict=True) if len(pair[0].faces)]
        solid, blended = ([pair for pair in drawn if pair[0].blend == wanted] for wanted in (False, True))
        opaque = [pair for pair in solid if pair[0].visible]
        maps = self._shadow_maps(scene.camera.size)
        if len(opaque) > MAX_SURFACES:
            raise RequestError(f"{len(opaque)} opaque surfaces, allowed are {MAX_SURFACES}; merge those of one material")
        views = self._draw_shadows(scene, solid, maps)
        block = frame_block.pack(scene, views, picture.geometry.size)
        gl.glBindBuffer(gl.GL_UNIFORM_BUFFER, self._block)
        gl.glBufferData(gl.GL_UNIFORM_BUFFER, block.nbytes, block, gl.GL_DYNAMIC_DRAW)
        self._mirror.load(scene.mirror)
        warp = frame_block.warp(scene.camera)
        self._draw_geometry(picture, opaque, warp)
        self._pen.bind(SHADOW_UNIT, gl.GL_TEXTURE_2D_ARRAY, maps.texture)
        self._shade(picture, opaque, warp, len(scene.keys))
        self._blend(picture, blended, warp, len(scene.keys))
        self._resolve(picture)
        color, surface, ids = (np.ascontiguousarray(picture.pixels.read(i)) for i in (_COLOR_OUT, _SURFACE_OUT, _IDS_OUT))
        layers = self._painter.layers(scene, picture, drawn, warp) if scene.layers & PAINTED else Layers()
        under = self._beneath.removed(picture, opaque, warp, ids) if scene.amodal else None
        if "bare" in scene.layers:
            layers = replace(layers, bare=self._beneath.bare(picture, opaque, warp, ids))
        error = gl.glGetError()
        if error != gl.GL_NO_ERROR:
            raise MachineError(f"GL error {int(error):#x} while rendering; try --platform osmesa and report this driver")
        return Frame(
            rgb=np.ascontiguousarray(color[..., :3]),
            coverage=np.ascontiguousarray(np.clip(color[..., 3], 0.0, 1.0)),
            ids=ids,
            depth=np.ascontiguousarray(surface[..., 3]),
            normals=np.ascontiguousarray(surface[..., :3]),
            under=under,
            layers=layers,
        )

    def delete(self) -> None:
        self._meshes.delete()
        self._pen.delete()
        self._mirror.delete()
        for made in (*self._maps.values(), *self._pictures.values()):
            made.delete()
        gl.glDeleteBuffers(1, [self._block])

    def _picture(self, size: int) -> Picture:
        if size not in self._pictures:
            self._pictures[size] = Picture(size, supersample(size) * size)
        return self._pictures[size]

    def _shadow_maps(self, picture_size: int) -> ShadowMaps:
        size = shadow_size(picture_size)
        if size not in self._maps:
            self._maps[size] = ShadowMaps(size, self._max_keys)
        return self._maps[size]

    def _draw_shadows(self, scene: Scene, opaque: list[_Drawn], maps: ShadowMaps) -> list[ShadowView | None]:
        casting = [(s, m) for s, m in opaque if s.casts_shadow]
        views: list[ShadowView | None] = []
        gl.glEnable(gl.GL_DEPTH_TEST)
        gl.glDepthFunc(gl.GL_LESS)
        gl.glDepthMask(True)
        for layer, key in enumerate(scene.keys):
            if not key.shadow or not casting:
                views.append(None)
                continue
            view = frame_block.shadow_view(key, (s for s, _ in casting))
            maps.bind(layer)
            gl.glClearBufferfv(gl.GL_DEPTH, 0, np.ones(1, dtype=np.float32))
            for program in self._shadow:
                program.use()
                program.set("view_projection", view.clip)
            for surface, mesh in casting:
                self._pen.draw(self._shadow, surface, mesh, shadow=True)
            views.append(view)
        return views

    def _draw_geometry(self, picture: Picture, opaque: list[_Drawn], warp: Warp) -> None:
        picture.geometry.bind()
        picture.geometry.clear(_SURFACE, _UV, _IDS)  # colour and tangents are read only where something was drawn
        gl.glClearBufferfi(gl.GL_DEPTH_STENCIL, 0, 1.0, 0)
        gl.glDepthFunc(gl.GL_LEQUAL)
        gl.glEnable(gl.GL_STENCIL_TEST)
        gl.glStencilOp(gl.GL_KEEP, gl.GL_KEEP, gl.GL_REPLACE)
        for program in self._geometry:
            program.use()
            program.set_all(warp.uniforms)
        for number, (surface, mesh) in enumerate(opaque, start=1):
            gl.glStencilFunc(gl.GL_ALWAYS, number, 0xFF)
            self._pen.draw(self._geometry, surface, mesh)

    def _shade(self, picture: Picture, opaque: list[_Drawn], warp: Warp, keys: int) -> None:
        """Shade each surface's samples, found by their number in the stencil within the box that it can cover."""
        picture.shaded.bind()
        picture.shaded.clear(0)
        self._pen.bind(MIRROR_UNIT, gl.GL_TEXTURE_2D, self._mirror.texture)
        for i, texture in enumerate(picture.geometry.textures[: len(GEOMETRY_SAMPLERS)]):
            self._pen.bind(GEOMETRY_UNIT + i, gl.GL_TEXTURE_2D, texture)
        gl.glDisable(gl.GL_DEPTH_TEST)
        gl.glDisable(gl.GL_CULL_FACE)
        gl.glStencilOp(gl.GL_KEEP, gl.GL_KEEP, gl.GL_KEEP)
        gl.glEnable(gl.GL_SCISSOR_TEST)
        for number, (surface, mesh) in enumerate(opaque, start=1):
            box = frame_block.covered(surface.positions, warp, picture.geometry.size)
            if box[2] <= 0 or box[3] <= 0:
                continue
            self._pen.use(self._program(surface, keys), surface, mesh)
            gl.glStencilFunc(gl.GL_EQUAL, number, 0xFF)
            gl.glScissor(*box)
            self._pen.cover()
        gl.glDisable(gl.GL_SCISSOR_TEST)
        gl.glDisable(gl.GL_STENCIL_TEST)

    def _program(self, surface: Surface, keys: int) -> Program:
        """The program that lights a surface; made when it is first needed."""
        key = (surface.material.shader, keys, surface.blend)
        if key not in self._shading:
            self._shading[key] = shading_program(key[0], keys, forward=surface.blend)
        return self._shading[key]

    def _blend(self, picture: Picture, blended: list[_Drawn], warp: Warp, keys: int) -> None:
        """Blended surfaces in scene order, over the shaded samples (bound), tested against the opaque depth."""
        gl.glEnable(gl.GL_DEPTH_TEST)
        gl.glDepthMask(False)
        gl.glEnable(gl.GL_BLEND)
        gl.glBlendFunc(gl.GL_ONE, gl.GL_ONE_MINUS_SRC_ALPHA)
        for surface, mesh in blended:
            program = self._program(surface, keys)
            if surface.material.params.get("bend", 0.0):
                picture.copy_shaded()
                self._pen.bind(BEHIND_UNIT, gl.GL_TEXTURE_2D, picture.behind)
            self._pen.use(program, surface, mesh)
            program.set_all(warp.uniforms)
            program.sampler("behind", BEHIND_UNIT)
            program.sampler("behind_surface", GEOMETRY_UNIT + _SURFACE)
            (gl.glDisable if surface.double_sided else gl.glEnable)(gl.GL_CULL_FACE)
            mesh.draw()
        gl.glDisable(gl.GL_BLEND)
        gl.glDisable(gl.GL_CULL_FACE)
        gl.glDepthMask(True)

    def _resolve(self, picture: Picture) -> None:
        picture.pixels.bind()
        gl.glDisable(gl.GL_DEPTH_TEST)
        per_side = picture.per_side
        if per_side not in self._resolving:
            self._resolving[per_side] = resolve_program("resolve", per_side)
        self._resolving[per_side].use()
        surface, ids = picture.geometry.textures[_SURFACE], picture.geometry.textures[_IDS]
        sources = {"color_samples": picture.shaded.textures[0], "surface_samples": surface, "id_samples": ids}
        self._pen.read(self._resolving[per_side], sources)
        self._pen.cover()
