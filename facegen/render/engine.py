"""Draw a Scene into a Frame: one unsampled pass at `supersample` times the size, averaged down, in our own framebuffers and GLSL.

pyrender gives the GL context, the camera projection and the mesh type; everything drawn is drawn here.

What each program (scene.Shader) reads. Colours are linear RGB; every program multiplies by the vertex `color` and dims
environment light by the vertex `ao`.

- skin: textures `albedo` (sRGB) and `detail` (RGBA: tangent normal x, y around 0.5, roughness, thinness); params `oil` 0..1
  (0.4), `sss` scale of the scattering width per channel (1, 1, 1), `specular` (1). Normals bend in the frame of uv.
- eye: uv = x, y of the unit direction in the eye frame (Z = optical axis). Params `iris_rgb`, `iris_rgb2` (around the pupil),
  `pupil` (radius over the iris's), `iris_radius` (over the eyeball's), `limbal` 0..1, `sclera_rgb`, `vein` 0..1, `seed`,
  `arcus` and `sector` 0..1, `sector_turn` (radians), `caruncle_rgb`, `canthus` (uv of the inner corner).
- hair: uv u across the ribbon, v root to tip; tangents along the strand. Params `root_rgb`, `tip_rgb`, `specular` (1),
  `roughness` 0..1 (0.4), `strand` strands across a ribbon (0: the ribbon whole, no alpha test), `grey` the share of strands
  (0..1) that are `white_rgb`.
- lash: ribbons as hair's, made to be blended. Params `rgb`, `opacity`.
- cloth: uv in metres, tangents along u. Params `rgb`, `rgb2`, `pattern` (wear/shapes.py: PATTERNS), `scale` metres a
  repeat, `weave` (wear/fabric.py: WEAVES), `crease` depth of creases in metres, `sleeve` half width of the sleeve
  seams (0: none), `seed`.
- solid: params `rgb`, `roughness`, `metallic`.
- lens: uv 0..1 across each lens. Params `rgb`, `opacity` (times the vertex `ao`), `reflect` (1 = coated glass, 2 = bare),
  `coating_rgb` tint of what is reflected, `bend` refraction (wear/eyewear.py). Tear film: lens with opacity 0.
"""

from __future__ import annotations

import numpy as np

from facegen.errors import MachineError, RequestError, did_you_mean
from facegen.render import lost
from facegen.render import platform as gl_platform
from facegen.render.platform import Info
from facegen.scene import Frame, Scene, Surface

SHADERS = ("skin", "eye", "hair", "lash", "cloth", "solid", "lens")
MAX_KEYS = 4
MAX_SIZE = 2048
_SAMPLERS = {"skin": ("albedo", "detail", "folds", "opening")}
_DEFAULTS: dict[str, dict[str, float | tuple[float, ...]]] = {
    "skin": {"oil": 0.4, "sss": (1.0, 1.0, 1.0), "specular": 1.0, "soft_level": 0.0, "folding": 0.0},
    "eye": {"iris_rgb": (0.1, 0.06, 0.03), "iris_rgb2": (0.16, 0.1, 0.05), "pupil": 0.35, "iris_radius": 0.48, "limbal": 0.6,
            "sclera_rgb": (0.62, 0.58, 0.55), "vein": 0.3, "seed": 0.0,
            "arcus": 0.0, "sector": 0.0, "sector_turn": 0.0, "caruncle_rgb": (0.45, 0.2, 0.17), "canthus": (9.0, 0.0)},
    "hair": {"root_rgb": (0.05, 0.03, 0.02), "tip_rgb": (0.06, 0.04, 0.03), "specular": 1.0, "roughness": 0.4, "strand": 0.0,
             "white_rgb": (0.5, 0.46, 0.39), "grey": 0.0},
    "lash": {"rgb": (0.01, 0.01, 0.01), "opacity": 1.0},
    "cloth": {"rgb": (0.3, 0.3, 0.3), "rgb2": (0.1, 0.1, 0.1), "pattern": 0.0, "scale": 0.03,
              "weave": 0.0, "crease": 0.0, "sleeve": 0.0, "seed": 0.0},
    "solid": {"rgb": (0.3, 0.3, 0.3), "roughness": 0.5, "metallic": 0.0},
    "lens": {"rgb": (0.0, 0.0, 0.0), "opacity": 0.0, "reflect": 1.0, "coating_rgb": (1.0, 1.0, 1.0), "bend": 0.0},
}  # fmt: skip
_UNIFORMS = {"reflect": "reflectivity"}  # a GLSL built-in owns the word


class Engine:
    """The renderer of this process; make one and keep it (GL contexts do not come and go well).

    `platform` is "auto", "egl" or "osmesa". `info` says what was taken, `devices` which GPUs like it there are. Raises
    MachineError where no GL opens.
    """

    _current: Engine | None = None

    def __init__(self, platform: str = "auto") -> None:
        if Engine._current is not None:
            raise MachineError("this process already has an engine; keep one per process and reuse it")
        choice = gl_platform.choose(platform)
        self._context = gl_platform.open_context(choice, 16)
        self.info: Info = gl_platform.describe(choice)
        self.devices = choice.alike
        from facegen.render.passes import Passes

        self._passes = Passes(MAX_KEYS)
        Engine._current = self

    def render(self, scene: Scene) -> Frame:
        """Return the frame of `scene`. Surfaces are drawn in order, those with `blend` last and into colour only.

        Raises DriverError where the driver reports an error: a frame read from a lost context is none.
        """
        _check(scene)
        frame = self._passes.render(scene)
        lost.check()
        return frame

    def close(self) -> None:
        """Give the GL objects and the context back."""
        if Engine._current is self:
            self._passes.delete()
            self._context.delete_context()
            Engine._current = None


def parameters(surface: Surface) -> dict[str, float | tuple[float, ...]]:
    """Return every uniform of the surface's program, by uniform name: the material's own over the defaults."""
    known = _DEFAULTS[surface.material.shader]
    unknown = next((name for name in surface.material.params if name not in known), None)
    if unknown is not None:
        raise RequestError(f"surface '{surface.name}': {surface.material.shader} parameter {did_you_mean(unknown, known)}")
    merged = {**known, **surface.material.params}
    return {_UNIFORMS.get(name, name): value for name, value in merged.items()}


def samplers(shader: str) -> tuple[str, ...]:
    """Return the sampler names of a program."""
    return _SAMPLERS.get(shader, ())


def _check(scene: Scene) -> None:
    if not 1 <= scene.camera.size <= MAX_SIZE:
        raise RequestError(f"picture size {scene.camera.size} px, allowed are 1 to {MAX_SIZE}; ask for a size in between")
    if len(scene.keys) > MAX_KEYS:
        raise RequestError(f"{len(scene.keys)} keys, allowed are {MAX_KEYS}; merge the weaker ones into the environment")
    if np.shape(scene.sh) != (16, 3):
        raise RequestError(f"sh of shape {np.shape(scene.sh)}, allowed is (16, 3); give bands 0 to 3")
    for surface in scene.surfaces:
        if surface.material.shader not in SHADERS:
            raise RequestError(f"surface '{surface.name}': shader {did_you_mean(surface.material.shader, SHADERS)}")
