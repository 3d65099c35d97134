"""Blender through `bpy`: `with_blender.py SCENES cycles|eevee`. See shared.py.

Cycles on the processor, `threads` of them, without denoiser or adaptive sampling, bounces as Blender has them, the scene kept
between pictures (persistent data); combined, depth, normals and material index (= region) passes in one render. EEVEE needs an
OpenGL context: a process that cannot make one dies, which the driver reports.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

if sys.argv[2] == "eevee":
    os.environ.setdefault("EGL_PLATFORM", "surfaceless")
    os.environ["LP_NUM_THREADS"] = "2"

import bpy  # noqa: E402
import numpy as np  # noqa: E402
import shared  # noqa: E402
from mathutils import Matrix, Vector  # noqa: E402

SENSOR_MM = 36.0
SCATTERING_M = 0.003
VARIANTS = {
    "cycles": (("bare", 64), ("bare", 256), ("scattering", 64), ("full", 64)),
    "eevee": (("bare", 64),),
}
"""Scene and samples a pixel. `scattering`: the bare head with subsurface scattering in the skin, which our shader has as well."""


def build(name: str, samples: int, view: shared.View, engine: str) -> bpy.types.Scene:
    """Return a new scene of `view`; light enters the skin and leaves it elsewhere where `name` says so.

    One scene a number of samples: a kept scene (persistent data) does not see that this was changed.
    """
    scene = bpy.data.scenes.new(f"{name} {samples}")
    for mesh in view.meshes:
        scene.collection.objects.link(_object(mesh, name == "scattering" and mesh.name == "skin"))
    camera = bpy.data.cameras.new(name)
    camera.sensor_width, camera.lens = SENSOR_MM, float(view.K[0, 0] / view.size * SENSOR_MM)
    camera.shift_x, camera.shift_y = 0.5 - view.K[0, 2] / view.size, view.K[1, 2] / view.size - 0.5
    camera.clip_start, camera.clip_end = view.near, view.far
    scene.camera = bpy.data.objects.new(name, camera)
    scene.collection.objects.link(scene.camera)
    _light(scene)
    render = scene.render
    render.engine = "CYCLES" if engine == "cycles" else "BLENDER_EEVEE"
    render.resolution_x = render.resolution_y = view.size
    render.threads_mode, render.threads = "FIXED", shared.THREADS
    render.film_transparent, render.use_persistent_data = True, True
    render.use_compositing = render.use_sequencer = False
    scene.view_settings.view_transform = "Standard"
    if engine == "cycles":
        scene.cycles.device, scene.cycles.samples = "CPU", samples
        scene.cycles.use_denoising = scene.cycles.use_adaptive_sampling = False
    else:
        scene.eevee.taa_render_samples = samples
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_normal = True
    layer.use_pass_material_index = engine == "cycles"
    return scene


def _object(mesh: shared.Mesh, scattering: bool) -> bpy.types.Object:
    data = bpy.data.meshes.new(mesh.name)
    data.vertices.add(len(mesh.positions))
    data.vertices.foreach_set("co", mesh.positions.astype(np.float32).ravel())
    data.loops.add(mesh.faces.size)
    data.loops.foreach_set("vertex_index", mesh.faces.ravel())
    data.polygons.add(len(mesh.faces))
    data.polygons.foreach_set("loop_start", np.arange(0, mesh.faces.size, 3))
    if mesh.uv is not None:
        layer = data.uv_layers.new()
        layer.data.foreach_set("uv", (mesh.uv * (1, -1) + (0, 1))[mesh.faces.ravel()].astype(np.float32).ravel())
    regions = np.unique(mesh.region)
    for region in regions:
        data.materials.append(_material(mesh, int(region), scattering))
    data.polygons.foreach_set("material_index", np.searchsorted(regions, mesh.region).astype(np.int32))
    data.update(calc_edges=True)
    data.normals_split_custom_set_from_vertices(mesh.normals.astype(np.float32))
    return bpy.data.objects.new(mesh.name, data)


def _material(mesh: shared.Mesh, region: int, scattering: bool) -> bpy.types.Material:
    material = bpy.data.materials.new(f"{mesh.name}.{region}")
    material.pass_index = region
    material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Roughness"].default_value = shared.SPECULAR_ROUGHNESS
    if scattering:
        shader.inputs["Subsurface Weight"].default_value = 1.0
        shader.inputs["Subsurface Scale"].default_value = SCATTERING_M
    if mesh.albedo is None or mesh.uv is None:
        shader.inputs["Base Color"].default_value = (*map(float, mesh.rgb), 1.0)
        return material
    texture = material.node_tree.nodes.new("ShaderNodeTexImage")
    texture.image = _image(mesh)
    material.node_tree.links.new(texture.outputs["Color"], shader.inputs["Base Color"])
    return material


def _image(mesh: shared.Mesh) -> bpy.types.Image:
    if mesh.name not in bpy.data.images:
        height, width = mesh.albedo.shape[:2]
        image = bpy.data.images.new(mesh.name, width, height)
        rgba = np.dstack([mesh.albedo[::-1].astype(np.float32) / 255, np.ones((height, width), np.float32)])
        image.pixels.foreach_set(rgba.ravel())
        image.pack()
    return bpy.data.images[mesh.name]


def _light(scene: bpy.types.Scene) -> None:
    sun = bpy.data.lights.new("sun", "SUN")
    strength = max(shared.SUN)
    sun.energy, sun.color, sun.angle = strength, [v / strength for v in shared.SUN], np.radians(shared.SUN_DEG)
    held = bpy.data.objects.new("sun", sun)
    held.matrix_world = Vector(shared.SUN_FROM).to_track_quat("Z", "Y").to_matrix().to_4x4() @ Matrix.Identity(4)
    scene.collection.objects.link(held)
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (*shared.SKY, 1.0)
    scene.world = world


def main() -> None:
    where, engine = Path(sys.argv[1]), sys.argv[2]
    bpy.ops.wm.read_factory_settings(use_empty=True)
    files = {"scattering": "bare"}
    views = {name: shared.load(where / f"{files.get(name, name)}.npz") for name, _ in VARIANTS[engine]}
    scenes = {f"{name} {samples}": build(name, samples, views[name], engine) for name, samples in VARIANTS[engine]}

    def draw(variant: str, write: bool = False) -> None:
        bpy.ops.render.render(scene=variant, write_still=write)

    def picture(variant: str, path: str) -> None:
        render = scenes[variant].render
        with tempfile.TemporaryDirectory() as folder:
            file = str(Path(folder) / "picture.png")
            render.filepath, render.image_settings.color_mode = file, "RGBA"
            draw(variant, write=True)
            image = bpy.data.images.load(file)
            size = image.size[0]
            rgba = np.array(image.pixels[:], np.float32).reshape(size, size, 4)[::-1]
        shared.save(path, np.rint(255 * rgba[..., :3] * rgba[..., 3:]).astype(np.uint8), rgba[..., 3] > 0.5)

    variants = {variant: (lambda variant=variant: draw(variant)) for variant in scenes}
    shared.serve(f"Blender {bpy.app.version_string}, {engine}, {shared.THREADS} threads", variants, picture)


if __name__ == "__main__":
    main()
