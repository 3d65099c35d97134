"""The passes of one frame: shadow maps, the double-size picture, blended surfaces, the 2x2 resolve and the read-back."""

from __future__ import annotations

import numpy as np
from OpenGL import GL as gl

from facegen.errors import MachineError
from facegen.render import engine, frame_block
from facegen.render.buffers import Mesh, Meshes
from facegen.render.frame_block import ShadowView
from facegen.render.programs import FRAME_BLOCK, Program, material_program
from facegen.render.targets import COLOR, IDS, SURFACE, ShadowMaps, Target
from facegen.render.textures import Textures
from facegen.scene import Frame, Scene, Surface

SUPERSAMPLE = 2
_SHADOW_UNIT = 7


class Passes:
    """Everything that lives in the GL context. Call only with that context current."""

    def __init__(self, shadow_size: int, max_keys: int) -> None:
        self._empty = gl.glGenVertexArrays(1)
        self._block = gl.glGenBuffers(1)
        gl.glBindBufferBase(gl.GL_UNIFORM_BUFFER, FRAME_BLOCK, self._block)
        self._programs = {name: material_program(name) for name in engine.SHADERS}
        self._shadow_program = Program(("shadow.vert",), ("shadow.frag",), "shadow")
        self._resolve_program = Program(("screen.vert",), ("resolve.frag",), "resolve")
        self._meshes = Meshes()
        self._textures = Textures()
        self._maps = ShadowMaps(shadow_size, max_keys)
        self._targets: dict[int, tuple[Target, Target]] = {}
        gl.glDisable(gl.GL_DITHER)
        gl.glDepthFunc(gl.GL_LEQUAL)

    def render(self, scene: Scene) -> Frame:
        """Return the frame of a checked scene."""
        size = scene.camera.size
        meshes = self._meshes.load(scene.surfaces)
        views = self._draw_shadows(scene, meshes)
        samples, pixels = self._target(size)
        block = frame_block.pack(scene, views, samples.size)
        gl.glBindBuffer(gl.GL_UNIFORM_BUFFER, self._block)
        gl.glBufferData(gl.GL_UNIFORM_BUFFER, block.nbytes, block, gl.GL_DYNAMIC_DRAW)
        samples.bind()
        samples.clear()
        self._draw_surfaces(scene, meshes)
        self._resolve(samples, pixels)
        color, surface, ids = pixels.read(COLOR), pixels.read(SURFACE), pixels.read(IDS)
        error = gl.glGetError()
        if error != gl.GL_NO_ERROR:
            raise MachineError(f"GL error {int(error):#x} while rendering; try --platform osmesa and report this driver")
        return Frame(
            rgb=np.ascontiguousarray(color[..., :3]), coverage=np.ascontiguousarray(np.clip(color[..., 3], 0.0, 1.0)),
            ids=np.ascontiguousarray(ids), depth=np.ascontiguousarray(surface[..., 3]), normals=np.ascontiguousarray(surface[..., :3]),
        )  # fmt: skip

    def delete(self) -> None:
        self._meshes.delete()
        self._textures.delete()
        self._maps.delete()
        for pair in self._targets.values():
            for target in pair:
                target.delete()
        gl.glDeleteBuffers(1, [self._block])
        gl.glDeleteVertexArrays(1, [self._empty])

    def _target(self, size: int) -> tuple[Target, Target]:
        if size not in self._targets:
            self._targets[size] = (Target(SUPERSAMPLE * size, resolved=False), Target(size, resolved=True))
        return self._targets[size]

    def _draw_shadows(self, scene: Scene, meshes: list[Mesh]) -> list[ShadowView | None]:
        casting = [(s, m) for s, m in zip(scene.surfaces, meshes) if s.casts_shadow and not s.blend and len(s.faces)]
        views: list[ShadowView | None] = []
        gl.glEnable(gl.GL_DEPTH_TEST)
        gl.glDepthMask(gl.GL_TRUE)
        gl.glDisable(gl.GL_BLEND)
        gl.glDisable(gl.GL_CULL_FACE)
        self._shadow_program.use()
        for layer, key in enumerate(scene.keys):
            if not key.shadow or not casting:
                views.append(None)
                continue
            view = frame_block.shadow_view(key, (s for s, _ in casting))
            self._maps.bind(layer)
            gl.glClearBufferfv(gl.GL_DEPTH, 0, np.ones(1, dtype=np.float32))
            self._shadow_program.set("view_projection", view.clip)
            for _, mesh in casting:
                mesh.draw()
            views.append(view)
        return views

    def _draw_surfaces(self, scene: Scene, meshes: list[Mesh]) -> None:
        gl.glActiveTexture(gl.GL_TEXTURE0 + _SHADOW_UNIT)
        gl.glBindTexture(gl.GL_TEXTURE_2D_ARRAY, self._maps.texture)
        projection = frame_block.projection(scene.camera)
        pairs = [(s, m) for s, m in zip(scene.surfaces, meshes) if len(s.faces)]
        for surface, mesh in pairs:
            if not surface.blend:
                self._draw(surface, mesh, projection)
        blended = [(s, m) for s, m in pairs if s.blend]
        if not blended:
            return
        gl.glDepthMask(gl.GL_FALSE)
        gl.glEnablei(gl.GL_BLEND, COLOR)
        gl.glBlendFunc(gl.GL_ONE, gl.GL_ONE_MINUS_SRC_ALPHA)
        for index in (SURFACE, IDS):
            gl.glColorMaski(index, False, False, False, False)
        for surface, mesh in blended:
            self._draw(surface, mesh, projection)
        for index in (SURFACE, IDS):
            gl.glColorMaski(index, True, True, True, True)
        gl.glDisablei(gl.GL_BLEND, COLOR)
        gl.glDepthMask(gl.GL_TRUE)

    def _draw(self, surface: Surface, mesh: Mesh, projection: np.ndarray) -> None:
        program = self._programs[surface.material.shader]
        program.use()
        program.set("view_projection", projection)
        program.set("blended", float(surface.blend))
        program.sampler("shadow_maps", _SHADOW_UNIT)
        for name, value in engine.parameters(surface).items():
            program.set(name, value)
        for unit, name in enumerate(engine.samplers(surface.material.shader)):
            program.sampler(name, unit)
            texture = surface.material.textures.get(name)
            if texture is None:
                self._textures.bind_neutral(name, unit)
            else:
                self._textures.bind(texture, unit)
        (gl.glDisable if surface.double_sided else gl.glEnable)(gl.GL_CULL_FACE)
        mesh.draw()

    def _resolve(self, samples: Target, pixels: Target) -> None:
        pixels.bind()
        gl.glDisable(gl.GL_DEPTH_TEST)
        gl.glDisable(gl.GL_CULL_FACE)
        self._resolve_program.use()
        for unit, name in enumerate(("color_samples", "surface_samples", "id_samples")):
            gl.glActiveTexture(gl.GL_TEXTURE0 + unit)
            gl.glBindTexture(gl.GL_TEXTURE_2D, samples.textures[unit])
            self._resolve_program.sampler(name, unit)
        gl.glBindVertexArray(self._empty)
        gl.glDrawArrays(gl.GL_TRIANGLES, 0, 3)
        gl.glEnable(gl.GL_DEPTH_TEST)
