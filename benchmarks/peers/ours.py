"""Our renderer as one of the peers, and the scenes that all of them draw: `python ours.py SCENES [--size 256]`.

Writes SCENES/bare.npz (skin, mouth, eyes) and SCENES/full.npz (the same person with hair, brows, glasses and clothes) and then
serves (shared.py). A frame is the engine's: shadow map, samples, colour, region ids, depth and normals in one go, read back;
vertex positions are uploaded for every frame, as they are in a dataset.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from facegen.run.threads import SINGLE

os.environ.update(SINGLE)  # before numpy

import numpy as np  # noqa: E402
import shared  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from facegen.population.plan import build  # noqa: E402
from facegen.run.studio import Studio  # noqa: E402
from facegen.scene import Frame, Key, Scene, Surface  # noqa: E402
from facegen.spec import DatasetSpec  # noqa: E402

SPEC = Path(__file__).parents[2] / "pipelines" / "demo.yaml"
IMAGE = 5
"""A woman with long hair, glasses and a garment, looking a little aside."""
BARE = ("skin", "upper_teeth", "lower_teeth", "tongue", "right_eye", "left_eye")
COLOURS = {"eye": "sclera_rgb", "hair": "root_rgb", "cloth": "rgb", "solid": "rgb"}
GREY = (0.3, 0.3, 0.3)


def photographed(studio: Studio, size: int) -> Scene:
    """Return the scene of one demo picture, with a pinhole at rest and the shared light."""
    kept: list[Scene] = []
    draw = studio.engine.render

    def keep(scene: Scene) -> Frame:
        kept.append(scene)
        return draw(scene)

    studio.engine.render = keep  # type: ignore[method-assign]
    studio.shoot(build(DatasetSpec.load(SPEC)).sample(IMAGE).model_copy(update={"size_px": size}))
    studio.engine.render = draw  # type: ignore[method-assign]
    scene = kept[0]
    camera = replace(scene.camera, distortion=(0.0,) * 5, drift=np.zeros((3, 4)), drift_far=np.zeros((3, 3)), readout_s=0.0)
    sun = Key(shared.sun_direction().astype(np.float32), np.asarray(shared.SUN, np.float32), shared.SUN_DEG, shadow=True)
    sh = np.zeros((16, 3), np.float32)
    sh[0] = np.asarray(shared.SKY) * 2 * np.sqrt(np.pi)  # the first harmonic is 1 / (2 sqrt(pi))
    return Scene(scene.surfaces, sh, (sun,), camera)


def write(scene: Scene, path: Path) -> None:
    """Write a scene's opaque surfaces as plain arrays."""
    held: dict[str, object] = {}
    shown = list(opaque(scene.surfaces))
    for i, surface in enumerate(shown):
        texture = surface.material.textures.get("albedo")
        held |= {
            f"positions{i}": surface.positions,
            f"normals{i}": surface.normals,
            f"faces{i}": surface.faces,
            f"region{i}": surface.region[surface.faces[:, 0]],
            f"rgb{i}": _colour(surface),
        }
        if surface.uv is not None:
            held[f"uv{i}"] = surface.uv
        if texture is not None:
            held[f"albedo{i}"] = texture.pixels[..., :3]
    camera = scene.camera
    np.savez(path, names=[s.name for s in shown], K=camera.K, size=camera.size, range=[camera.near, camera.far], **held)


def _colour(surface: Surface) -> NDArray[np.float32]:
    """One linear colour that stands for what the shader paints."""
    rgb = np.asarray(surface.material.params.get(COLOURS.get(surface.material.shader, ""), GREY), np.float32)
    if surface.color is None or surface.material.shader not in ("hair", "cloth"):
        return rgb
    return (rgb * surface.color.mean(axis=0)).astype(np.float32)


def opaque(surfaces: Iterable[Surface]) -> Iterable[Surface]:
    """Yield what is seen and hides what is behind it: no lashes, clear lenses or casters of shadows outside the picture."""
    return (s for s in surfaces if s.visible and not s.blend and len(s.faces))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", type=Path)
    parser.add_argument("--size", type=int, default=256)
    given = parser.parse_args()
    studio = Studio("egl")
    full = photographed(studio, given.size)
    # Path tracers see the inside of the cut shoulders; so does everybody.
    bare = tuple(replace(s, double_sided=True) for s in full.surfaces if s.name in BARE)
    scenes = {"bare": replace(full, surfaces=bare), "full": full}
    for name, scene in scenes.items():
        write(scene, given.scenes / f"{name}.npz")

    def picture(name: str, path: str) -> None:
        frame = studio.engine.render(scenes[name])
        shared.save(path, shared.to_srgb(frame.rgb), frame.coverage > 0.5)

    triangles = {name: sum(len(s.faces) for s in scene.surfaces if s.visible) for name, scene in scenes.items()}
    about = f"{studio.engine.info.renderer}; triangles: bare {triangles['bare']}, full {triangles['full']}"
    draws = {name: (lambda s=scene: studio.engine.render(s)) for name, scene in scenes.items()}
    shared.serve(about, draws, picture, studio.close)


if __name__ == "__main__":
    main()
