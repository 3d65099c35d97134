"""The posed person as a mesh file: what the renderer drew, in the head frame, without textures."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import trimesh
from numpy.typing import NDArray
from trimesh.exchange.gltf import export_glb
from trimesh.exchange.ply import export_ply

from facegen.annotate.parts import number, part_name
from facegen.scene import Surface

RIBBONS = ("hair", "lash")
"""Shaders of what is made of ribbons: head hair, beard, brows, lashes."""


def mesh_file(surfaces: Iterable[Surface], transform: NDArray[np.float64], kind: str, hair: bool) -> bytes:
    """Return the `glb` or `ply` file of world-frame `surfaces`; `transform` (4, 4) head -> world; with `hair` ribbons as well.

    Vertices in metres in the head frame, at mid-exposure, each surface's own and in its order. glb: a node for each part, named;
    uv as TEXCOORD_0 (v turned up, as glTF readers of trimesh's kind expect). ply: one mesh, each face with its `part` and
    `region` id.
    """
    shown = [s for s in surfaces if s.visible and len(s.faces) and (hair or s.material.shader not in RIBBONS)]
    meshes = [(s, _in_head(s, transform)) for s in shown]
    return _glb(meshes) if kind == "glb" else _ply(meshes)


def _in_head(surface: Surface, transform: NDArray[np.float64]) -> trimesh.Trimesh:
    turn, shift = transform[:3, :3], transform[:3, 3]
    points = (surface.positions.astype(np.float64) - shift) @ turn
    normals = surface.normals.astype(np.float64) @ turn
    return trimesh.Trimesh(points.astype(np.float32), surface.faces, vertex_normals=normals.astype(np.float32), process=False)


def _glb(meshes: list[tuple[Surface, trimesh.Trimesh]]) -> bytes:
    scene = trimesh.Scene()
    for surface, mesh in meshes:
        if surface.uv is not None:
            up = (surface.uv * (1, -1) + (0, 1)).astype(np.float32)
            mesh.visual = trimesh.visual.TextureVisuals(uv=up)
        name = part_name(surface.name)
        scene.add_geometry(mesh, node_name=name, geom_name=name)
    return bytes(export_glb(scene, include_normals=True))


def _ply(meshes: list[tuple[Surface, trimesh.Trimesh]]) -> bytes:
    first = np.cumsum([0, *(len(m.vertices) for _, m in meshes)])
    whole = trimesh.Trimesh(
        np.concatenate([m.vertices for _, m in meshes]).astype(np.float32),
        np.concatenate([m.faces + k for (_, m), k in zip(meshes, first, strict=False)]),
        vertex_normals=np.concatenate([m.vertex_normals for _, m in meshes]).astype(np.float32),
        process=False,
    )
    whole.face_attributes["part"] = np.concatenate([np.full(len(s.faces), number(s.name), np.uint8) for s, _ in meshes])
    whole.face_attributes["region"] = np.concatenate([s.region[s.faces[:, 0]] for s, _ in meshes])
    return bytes(export_ply(whole, vertex_normal=True, include_attributes=True))
