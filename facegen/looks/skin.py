"""Skin textures of one sitting, and the surfaces of the head mesh that wear them: skin, teeth, tongue."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen.errors import RequestError
from facegen.head.model import HeadModel, PosedHead
from facegen.looks import color, makeup, skin_albedo, skin_marks, skin_relief, skin_shadow, teeth
from facegen.looks.skin_charts import Charts, charts
from facegen.sample import Identity, Sitting
from facegen.scene import Material, Surface, Texture

Map = NDArray[np.float32]

MIN_SIZE, MAX_SIZE = 128, 2048
SCATTER_FAIR = (1.0, 1.0, 1.0)
SCATTER_DARK = (0.62, 0.70, 0.80)
"""Scattering width by channel, fair and dark: light that would spread is absorbed in melanin on the way."""

LEAST_AO = np.float32(0.10)
"""Light that has gone through tissue reaches even the mouth's depth: the inside is dark, never black."""


@dataclass(frozen=True)
class SkinTextures:
    """albedo (S, S, 3) uint8 sRGB; detail (S, S, 4) uint8: tangent normal x, y about 128, roughness, thinness; row 0 at v = 0.
    `params` are the skin shader's uniforms, `key` names the content, `mouth` holds tooth, gum and tongue colours (linear)."""

    key: str
    albedo: NDArray[np.uint8]
    detail: NDArray[np.uint8]
    params: dict[str, float | tuple[float, ...]]
    mouth: teeth.MouthColors


def skin_textures(model: HeadModel, identity: Identity, sitting: Sitting, size: int) -> SkinTextures:
    """Make the skin of `identity` at `sitting` in `size` x `size` texels (a power of two, 128 to 2048)."""
    if size < MIN_SIZE or size > MAX_SIZE or size & (size - 1):
        raise RequestError(f"skin texture size {size}, allowed are powers of two from {MIN_SIZE} to {MAX_SIZE}")
    chart, coarse = charts(model, size), charts(model, skin_marks.SITE_GRID)
    skin, age = identity.skin, sitting.age_years
    marks = skin_marks.marks(chart, coarse, skin, age, sitting.tan)
    height, cavity = skin_relief.relief(chart, skin, age, marks, skin_albedo.lip_cover(chart))
    layers = skin_albedo.albedo(chart, identity, sitting, marks, cavity)
    skin_shadow.hair_shadows(model, chart, identity, sitting, layers.rgb)
    roughness = _roughness(chart, identity, age, layers.lips, cavity)
    makeup.apply(chart, sitting.makeup, identity.brows, layers.rgb, roughness, layers.lips)
    normal_x, normal_y = skin_relief.normals(chart, height)
    detail = np.empty((size, size, 4), dtype=np.uint8)
    detail[..., 0] = np.rint(128 + 127 * normal_x)
    detail[..., 1] = np.rint(128 + 127 * normal_y)
    detail[..., 2] = np.rint(255 * roughness)
    detail[..., 3] = np.rint(255 * np.clip(_thinness(chart), 0, 1))
    albedo = color.encode_bytes(layers.rgb)
    return SkinTextures(
        key=f"skin-{hashlib.blake2b(albedo.tobytes() + detail.tobytes(), digest_size=12).hexdigest()}",
        albedo=albedo,
        detail=detail,
        params=_params(identity, age),
        mouth=teeth.colors(identity, age),
    )


def skin_surfaces(model: HeadModel, posed: PosedHead, textures: SkinTextures) -> tuple[Surface, ...]:
    """Skin, teeth and tongue in the head frame."""
    part = model.topology.parts["skin"]
    material = Material(
        "skin",
        params=textures.params,
        textures={
            "albedo": Texture(f"{textures.key}-albedo", textures.albedo, srgb=True),
            "detail": Texture(f"{textures.key}-detail", textures.detail, srgb=False),
        },
    )
    skin = Surface(
        name="skin",
        positions=np.ascontiguousarray(posed.vertices[part.index]),
        normals=np.ascontiguousarray(posed.normals[part.index]),
        faces=part.faces,
        region=part.region,
        material=material,
        uv=part.uv,
        ao=np.maximum(model.topology.ao[part.index], LEAST_AO),
        double_sided=False,  # a closed mesh: back faces only cost time
        key=f"{model.key}-skin",
    )
    return (skin, *teeth.mouth_surfaces(model, posed, textures.mouth))


def _params(identity: Identity, age: float) -> dict[str, float | tuple[float, ...]]:
    dark = float(np.clip((62.0 - identity.skin.lab[0]) / 35.0, 0.0, 1.0))
    scatter = np.asarray(SCATTER_FAIR) + (np.asarray(SCATTER_DARK) - np.asarray(SCATTER_FAIR)) * dark
    # sebum falls with age (Pochi, Strauss & Downing 1979)
    oil = float(np.clip(identity.skin.oil * (1.1 - 0.5 * np.clip((age - 30.0) / 50.0, 0, 1)), 0.0, 1.0))
    return {"oil": oil, "sss": tuple(map(float, scatter)), "specular": 0.95 - 0.2 * dark}


def _roughness(chart: Charts, identity: Identity, age: float, lips: Map, cavity: Map) -> Map:
    """GGX roughness (S, S) after Weyrich et al. 2006: forehead and nose glossier than cheeks, lips glossiest."""
    oil = identity.skin.oil
    dry = 0.05 * float(np.clip((age - 35.0) / 40.0, 0.0, 1.0))
    rough = 0.56 + dry - (0.05 + 0.11 * oil) * chart.zones["tzone"] + 0.03 * chart.zones["cheek"] * (1 - oil)
    rough -= 0.05 * chart.zones["lid"]
    rough += 0.10 * cavity
    grain = chart.noise.bands(identity.skin.seed, "skin.gloss", {"patch": 1}, chart.size)["patch"][0]
    rough += 0.022 * grain
    rough += lips * (0.42 - rough)
    inside = chart.masks["mouth_inside"]
    rough += inside * (0.30 - rough)
    rough += chart.masks["scalp"] * 0.08
    return np.clip(rough, 0.2, 0.85).astype(np.float32)


def _thinness(chart: Charts) -> Map:
    return 0.9 * chart.zones["ear_rim"] + 0.45 * chart.zones["ear"] + 0.40 * chart.zones["ala"] + 0.12 * chart.zones["lid"]
