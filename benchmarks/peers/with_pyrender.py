"""Stock pyrender: colour, segmentation, depth and normals of the bare head in separate passes. See shared.py.

Segmentation colours nodes, so each region is a node; normals are a second scene with colours for vertices, drawn flat. Meshes
stay on the GL side between pictures. `msaa`: at the picture's size with pyrender's own 4 samples of the colour, without
shadows, the least work that gives a usable picture; `samples`: at twice the size, averaged down to it, with its shadow map: as
many shaded samples and the same light as ours. `3 calls`: depth taken from the colour's call, which returns it too.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["PYOPENGL_PLATFORM"] = "egl"
os.environ.setdefault("LP_NUM_THREADS", "0")

import numpy as np  # noqa: E402
import pyrender  # noqa: E402
import shared  # noqa: E402
from OpenGL import GL as gl  # noqa: E402
from PIL import Image  # noqa: E402
from pyrender import RenderFlags as Flags  # noqa: E402

SUPERSAMPLE = 2


class Drawn:
    """The view as pyrender's scenes, drawn at `times` its size."""

    def __init__(self, view: shared.View, times: int, shadows: bool) -> None:
        self.size, self.times = view.size, times
        self.lit = Flags.SKIP_CULL_FACES | (Flags.SHADOWS_DIRECTIONAL if shadows else 0)
        self.renderer = pyrender.OffscreenRenderer(view.size * times, view.size * times)
        self.colour = pyrender.Scene(bg_color=[0, 0, 0, 0], ambient_light=[*shared.SKY, 1.0])
        self.normal = pyrender.Scene(bg_color=[0, 0, 0, 0])
        self.nodes: dict[pyrender.Node, int] = {}
        for mesh in view.meshes:
            skin = _material(mesh)
            uv = None if mesh.uv is None else mesh.uv * (1, -1) + (0, 1)  # it turns textures over
            plain = pyrender.MetallicRoughnessMaterial(baseColorFactor=[1.0] * 4, metallicFactor=0.0)
            for region in np.unique(mesh.region):
                indices = mesh.faces[mesh.region == region]
                common = {"positions": mesh.positions, "normals": mesh.normals, "indices": indices, "mode": 4}
                lit = pyrender.Primitive(**common, texcoord_0=uv, material=skin)
                coded = np.c_[mesh.normals * 0.5 + 0.5, np.ones(len(mesh.normals))].astype(np.float32)
                node = self.colour.add(pyrender.Mesh([lit]))
                self.nodes[node] = int(region)
                self.normal.add(pyrender.Mesh([pyrender.Primitive(**common, color_0=coded, material=plain)]))
        k = view.K * times
        for scene in (self.colour, self.normal):
            scene.add(pyrender.IntrinsicsCamera(k[0, 0], k[1, 1], k[0, 2], k[1, 2], view.near, view.far))
        sun = np.asarray(shared.SUN)
        self.colour.add(pyrender.DirectionalLight(sun / sun.max(), float(sun.max())), pose=_facing(shared.sun_direction()))

    def rgb(self) -> tuple[np.ndarray, np.ndarray]:
        return self.renderer.render(self.colour, self.lit | Flags.RGBA)

    def ids(self) -> np.ndarray:
        seen, _ = self.renderer.render(self.colour, Flags.SKIP_CULL_FACES | Flags.SEG, self.nodes)
        return seen[:: self.times, :: self.times, 0]

    def depth(self) -> np.ndarray:
        return self.renderer.render(self.colour, Flags.SKIP_CULL_FACES | Flags.DEPTH_ONLY)

    def normals(self) -> np.ndarray:
        return self.averaged(self.renderer.render(self.normal, Flags.SKIP_CULL_FACES | Flags.FLAT)[0])

    def averaged(self, picture: np.ndarray) -> np.ndarray:
        if self.times == 1:
            return picture
        return np.asarray(Image.fromarray(picture).reduce(self.times))  # a box filter

    def four(self) -> None:
        self.averaged(self.rgb()[0]), self.ids(), self.depth()[:: self.times, :: self.times], self.normals()

    def three(self) -> None:
        colour, depth = self.rgb()
        self.averaged(colour), depth[:: self.times, :: self.times], self.ids(), self.normals()


def _material(mesh: shared.Mesh) -> pyrender.MetallicRoughnessMaterial:
    common = {"metallicFactor": 0.0, "roughnessFactor": shared.SPECULAR_ROUGHNESS}
    if mesh.albedo is None or mesh.uv is None:
        return pyrender.MetallicRoughnessMaterial(baseColorFactor=[*map(float, mesh.rgb), 1.0], **common)
    texture = pyrender.Texture(source=np.ascontiguousarray(mesh.albedo), source_channels="RGB")
    return pyrender.MetallicRoughnessMaterial(baseColorTexture=texture, **common)


def _facing(towards: np.ndarray) -> np.ndarray:
    """Return the pose (4, 4) of a light that shines along its -Z, from `towards`."""
    x = np.cross([0.0, 1.0, 0.0], towards)
    x /= np.linalg.norm(x)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([x, np.cross(towards, x), towards], axis=1)
    return pose


def main() -> None:
    view = shared.load(Path(sys.argv[1]) / "bare.npz")
    ways = {"msaa": Drawn(view, 1, shadows=False), "samples": Drawn(view, SUPERSAMPLE, shadows=True)}
    variants = {
        f"{name}, {calls}": draw for name, way in ways.items() for calls, draw in (("4 passes", way.four), ("3 calls", way.three))
    }

    def picture(name: str, path: str) -> None:
        way = ways[name.split(",")[0]]
        seen = way.averaged(way.rgb()[0])
        shared.save(path, seen[..., :3], seen[..., 3] > 127)

    renderer = gl.glGetString(gl.GL_RENDERER) or b"llvmpipe"
    shared.serve(
        f"pyrender {pyrender.__version__}, {renderer.decode()}, LP_NUM_THREADS={os.environ['LP_NUM_THREADS']}", variants, picture
    )


if __name__ == "__main__":
    main()
