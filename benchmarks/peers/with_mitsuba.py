"""Mitsuba 3: path tracing with depth, normals and shape index, 64 samples of the bare head. See shared.py.

`scalar_rgb`, its variant that needs no other library: the compiled one takes LLVM from the system, and Mesa's LLVM 15 aborts on
it.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import drjit as dr
import mitsuba as mi
import numpy as np
import shared

SAMPLES = 64
VARIANT = "scalar_rgb"
BOUNCES = 13
"""Rays to the light's last bounce, as Blender's 12 bounces."""


def build(view: shared.View) -> mi.Scene:
    """Return the view as a Mitsuba scene."""
    film = {"type": "hdrfilm", "width": view.size, "height": view.size, "pixel_format": "rgba", "rfilter": {"type": "box"}}
    sensor = {
        "type": "perspective",
        "fov": float(np.degrees(2 * np.arctan(view.size / (2 * view.K[0, 0])))),
        "principal_point_offset_x": float(0.5 - view.K[0, 2] / view.size),
        "principal_point_offset_y": float(0.5 - view.K[1, 2] / view.size),
        "near_clip": view.near, "far_clip": view.far,
        "to_world": mi.ScalarTransform4f().look_at([0, 0, 0], [0, 0, -1], [0, 1, 0]),
        "film": film, "sampler": {"type": "independent", "sample_count": SAMPLES},
    }  # fmt: skip
    path = {"type": "path", "max_depth": BOUNCES, "hide_emitters": True}
    scene = {
        "type": "scene", "sensor": sensor,
        "integrator": {"type": "aov", "aovs": "depth:depth,normal:sh_normal,region:shape_index", "image": path},
        "sky": {"type": "constant", "radiance": {"type": "rgb", "value": list(shared.SKY)}},
        "sun": {"type": "directional", "direction": list(-shared.sun_direction()),
                "irradiance": {"type": "rgb", "value": list(shared.SUN)}},
    }  # fmt: skip
    for mesh in view.meshes:
        for region in np.unique(mesh.region):
            scene[f"{mesh.name}_{region}"] = _shape(mesh, mesh.faces[mesh.region == region])
    return mi.load_dict(scene)


def _shape(mesh: shared.Mesh, faces: np.ndarray) -> mi.Mesh:
    properties = mi.Properties()
    properties["bsdf"] = mi.load_dict(
        {"type": "twosided", "bsdf": {"type": "roughplastic", "diffuse_reflectance": _colour(mesh)}}
    )
    shape = mi.Mesh(mesh.name, len(mesh.positions), len(faces), has_vertex_normals=True, has_vertex_texcoords=mesh.uv is not None,
                    props=properties)  # fmt: skip
    held = mi.traverse(shape)
    held["vertex_positions"] = mesh.positions.astype(np.float32).ravel()
    held["vertex_normals"] = mesh.normals.astype(np.float32).ravel()
    held["faces"] = faces.astype(np.uint32).ravel()
    if mesh.uv is not None:
        held["vertex_texcoords"] = mesh.uv.astype(np.float32).ravel()
    held.update()
    return shape


def _colour(mesh: shared.Mesh) -> dict[str, object]:
    if mesh.albedo is None or mesh.uv is None:
        return {"type": "rgb", "value": [float(v) for v in mesh.rgb]}
    return {"type": "bitmap", "bitmap": mi.Bitmap(np.ascontiguousarray(mesh.albedo)), "raw": False}


def main() -> None:
    mi.set_variant(VARIANT)
    dr.set_thread_count(shared.THREADS)
    scene = build(shared.load(Path(sys.argv[1]) / "bare.npz"))
    seeds = itertools.count()

    def draw() -> np.ndarray:
        return np.array(mi.render(scene, spp=SAMPLES, seed=next(seeds)))

    def picture(_: str, path: str) -> None:
        seen = draw()
        shared.save(path, shared.to_srgb(seen[..., :3]), seen[..., 3] > 0.5)

    shared.serve(f"Mitsuba {mi.__version__} {VARIANT}, {shared.THREADS} threads", {f"bare {SAMPLES}": draw}, picture)


if __name__ == "__main__":
    main()
