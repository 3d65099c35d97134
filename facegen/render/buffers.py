"""Vertex data on the GL side: what never changes for a Surface.key is uploaded once, the rest into buffers that are reused."""

from __future__ import annotations

import ctypes
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL as gl
from pyrender import MetallicRoughnessMaterial, Primitive
from pyrender.constants import GLTF

from facegen.errors import RequestError
from facegen.render import tangents
from facegen.render.tangents import TangentMap
from facegen.scene import Surface

POSITION, NORMAL, UV, TANGENT, COLOR, AO, REGION = range(7)
_DEFAULTS = {UV: (0.0, 0.0), TANGENT: (0.0, 0.0, 0.0), COLOR: (1.0, 1.0, 1.0), AO: (1.0,)}
_MATERIAL = MetallicRoughnessMaterial()
"""pyrender makes one for each primitive that brings none; ours is in scene.Material."""
MAX_MESHES = 96
"""Static meshes kept (LRU). A sitting has about 30 surfaces."""


class Mesh:
    """Vertex array of one surface layout."""

    def __init__(self) -> None:
        self._vao = gl.glGenVertexArrays(1)
        self._vbo, self._static, self._index = (int(b) for b in gl.glGenBuffers(3))
        self._capacity = 0
        self._tangents: TangentMap | None = None
        self._axes: NDArray[np.float32] | None = None
        self.eye_frame = np.eye(3)
        self._layout: tuple[bool, ...] | None = None
        self.count = self.casting = 0
        self.vertices = 0

    def upload_static(self, surface: Surface, primitive: Primitive) -> None:
        """uv, region and faces."""
        gl.glBindVertexArray(self._vao)
        n = len(surface.positions)
        uv = primitive.texcoord_0
        region = np.ascontiguousarray(surface.region, dtype=np.uint8)
        gl.glBindBuffer(gl.GL_ARRAY_BUFFER, self._static)
        gl.glBufferData(gl.GL_ARRAY_BUFFER, 8 * n + n, None, gl.GL_STATIC_DRAW)
        if uv is not None:
            gl.glBufferSubData(gl.GL_ARRAY_BUFFER, 0, 8 * n, np.ascontiguousarray(uv, dtype=np.float32))
            self._point(UV, 2, 0)
        else:
            gl.glDisableVertexAttribArray(UV)
        gl.glBufferSubData(gl.GL_ARRAY_BUFFER, 8 * n, n, region)
        gl.glEnableVertexAttribArray(REGION)
        gl.glVertexAttribIPointer(REGION, 1, gl.GL_UNSIGNED_BYTE, 0, ctypes.c_void_p(8 * n))
        _check_faces(surface)
        # Neighbouring vertices one after the other: the software vertex cache then hits (geometry pass -12%).
        order = np.argsort(surface.faces.min(axis=1), kind="stable") if len(surface.faces) else slice(None)
        few = surface.shadow_faces if surface.casts_shadow and surface.shadow_faces is not None else np.zeros((0, 3), np.int32)
        indices = np.concatenate([primitive.indices[order], few]).astype(np.uint32)
        gl.glBindBuffer(gl.GL_ELEMENT_ARRAY_BUFFER, self._index)
        gl.glBufferData(gl.GL_ELEMENT_ARRAY_BUFFER, indices.nbytes, indices, gl.GL_STATIC_DRAW)
        self.count, self.casting, self.vertices, self._layout = surface.faces.size, few.size, n, None
        shader, self._tangents, self._axes = surface.material.shader, None, None
        if shader == "skin" and surface.tangents is None and surface.uv is not None:
            self._tangents = tangents.build(surface.uv, surface.faces)
        if shader == "eye" and surface.uv is not None:
            self._axes = tangents.axes_map(surface.uv)

    def upload_dynamic(self, surface: Surface, primitive: Primitive) -> None:
        """positions, normals and, where given, tangents, color, ao: one after the other in one buffer."""
        n = self.vertices
        along = surface.tangents if self._tangents is None else self._tangents(surface.positions)
        parts: list[tuple[int, int, NDArray[np.float32] | None]] = [
            (POSITION, 3, primitive.positions), (NORMAL, 3, primitive.normals), (TANGENT, 3, along),
            (COLOR, 3, _carried(surface)), (AO, 1, surface.ao),
        ]  # fmt: skip
        if self._axes is not None:
            self.eye_frame = _frame(self._axes @ surface.positions)
        size = sum(4 * n * width for _, width, data in parts if data is not None)
        layout = tuple(data is not None for _, _, data in parts)
        gl.glBindVertexArray(self._vao)
        gl.glBindBuffer(gl.GL_ARRAY_BUFFER, self._vbo)
        if size > self._capacity:
            gl.glBufferData(gl.GL_ARRAY_BUFFER, size, None, gl.GL_DYNAMIC_DRAW)
            self._capacity, self._layout = size, None
        offset = 0
        for attribute, width, data in parts:
            if data is None:
                if layout != self._layout:
                    gl.glDisableVertexAttribArray(attribute)
                continue
            values = np.ascontiguousarray(data, dtype=np.float32)
            gl.glBufferSubData(gl.GL_ARRAY_BUFFER, offset, values.nbytes, values)
            if layout != self._layout:
                self._point(attribute, width, offset)
            offset += values.nbytes
        self._layout = layout

    @property
    def handed(self) -> float:
        """Orientation of uv for the normal detail (see tangents.py)."""
        return 1.0 if self._tangents is None else self._tangents.handed

    def draw(self, shadow: bool = False) -> None:
        """Draw the triangles, or those that cast its `shadow`; attributes that the surface lacks take their defaults."""
        few = shadow and self.casting > 0
        gl.glBindVertexArray(self._vao)
        count, offset = (self.casting, 4 * self.count) if few else (self.count, 0)
        gl.glDrawElements(GLTF.TRIANGLES, count, gl.GL_UNSIGNED_INT, ctypes.c_void_p(offset))

    def delete(self) -> None:
        gl.glDeleteVertexArrays(1, [self._vao])
        gl.glDeleteBuffers(3, [self._vbo, self._static, self._index])

    @staticmethod
    def _point(attribute: int, width: int, offset: int) -> None:
        gl.glEnableVertexAttribArray(attribute)
        gl.glVertexAttribPointer(attribute, width, gl.GL_FLOAT, gl.GL_FALSE, 0, ctypes.c_void_p(offset))


class Meshes:
    """Meshes by Surface.key, least recently used first; surfaces without a key share a small pool, by place in the frame."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int, int], Mesh] = OrderedDict()
        self._pool: list[Mesh] = []
        for attribute, value in _DEFAULTS.items():
            setter = {1: gl.glVertexAttrib1f, 2: gl.glVertexAttrib2f, 3: gl.glVertexAttrib3f}[len(value)]
            setter(attribute, *value)

    def load(self, surfaces: tuple[Surface, ...]) -> list[Mesh]:
        """Upload a frame's surfaces and return a mesh for each."""
        taken, out = 0, []
        used: set[tuple[str, int, int]] = set()
        for surface in surfaces:
            primitive = _primitive(surface)
            key = None if surface.key is None else (surface.key, len(surface.positions), len(surface.faces))
            if key is None or key in used:  # the same static data twice in a frame needs its own positions
                if taken == len(self._pool):
                    self._pool.append(Mesh())
                mesh, taken = self._pool[taken], taken + 1
                mesh.upload_static(surface, primitive)
            else:
                used.add(key)
                mesh = self._keyed(key, surface, primitive)
            mesh.upload_dynamic(surface, primitive)
            out.append(mesh)
        while len(self._kept) > MAX_MESHES and next(iter(self._kept)) not in used:
            self._kept.popitem(last=False)[1].delete()
        return out

    def _keyed(self, key: tuple[str, int, int], surface: Surface, primitive: Primitive) -> Mesh:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        mesh = self._kept[key] = Mesh()
        mesh.upload_static(surface, primitive)
        return mesh

    def delete(self) -> None:
        for mesh in (*self._kept.values(), *self._pool):
            mesh.delete()
        self._kept.clear()
        self._pool.clear()


def _frame(across: NDArray[np.float32]) -> NDArray[np.float64]:
    """Rows X, Y, Z of the orthonormal frame of two measured axes (2, 3)."""
    x = across[0].astype(np.float64) / max(float(np.linalg.norm(across[0])), 1e-12)
    z = np.cross(x, across[1])
    z /= max(float(np.linalg.norm(z)), 1e-12)
    return np.stack([x, np.cross(z, x), z])


def _carried(surface: Surface) -> NDArray[np.float32] | None:
    """What the slot of the vertex colour carries: skin has no such colour, and its lean (-2..2) as 0.5 + a quarter of it."""
    if surface.material.shader != "skin":
        return surface.color
    lean = np.zeros((len(surface.positions), 3), np.float32) if surface.lean is None else surface.lean
    return np.float32(0.5) + np.float32(0.25) * lean


def _check_faces(surface: Surface) -> None:
    """Raise RequestError where a face would make GL read past the vertices."""
    n = len(surface.positions)
    for faces in (surface.faces, surface.shadow_faces):
        if faces is not None and faces.size and (int(faces.min()) < 0 or int(faces.max()) >= n):
            raise RequestError(f"surface '{surface.name}': faces name vertex {int(faces.max())} of {n}; rebuild its faces")


def _primitive(surface: Surface) -> Primitive:
    """Return the surface as pyrender's mesh type, after checking that its arrays are as long as its vertices."""
    n = len(surface.positions)
    arrays: dict[str, NDArray[np.generic] | None] = {
        "normals": surface.normals, "region": surface.region, "uv": surface.uv, "tangents": surface.tangents,
        "color": surface.color, "ao": surface.ao, "lean": surface.lean,
    }  # fmt: skip
    for name, values in arrays.items():
        if values is not None and len(values) != n:
            raise RequestError(f"surface '{surface.name}': {name} has {len(values)} rows for {n} vertices; give one for each")
    return Primitive(positions=surface.positions, normals=surface.normals, texcoord_0=surface.uv, indices=surface.faces,
                     material=_MATERIAL, mode=GLTF.TRIANGLES)  # fmt: skip
