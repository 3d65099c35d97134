"""Skin textures of one sitting, and the surfaces of the head mesh that wear them: skin, teeth, tongue."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen.errors import RequestError
from facegen.head.model import HeadModel, PosedHead
from facegen.looks import color, makeup, teeth
from facegen.looks.skin import age as skin_age
from facegen.looks.skin import albedo as skin_albedo
from facegen.looks.skin import complexion as skin_complexion
from facegen.looks.skin import lips as skin_lips
from facegen.looks.skin import marks as skin_marks
from facegen.looks.skin import noise as skin_noise
from facegen.looks.skin import opening as skin_opening
from facegen.looks.skin import relief as skin_relief
from facegen.looks.skin import shadow as skin_shadow
from facegen.looks.skin import splat as skin_splat
from facegen.looks.skin.charts import Charts, charts
from facegen.sample import Identity, Sitting
from facegen.scene import Material, Surface, Texture

Map = NDArray[np.float32]

MIN_SIZE, MAX_SIZE = 128, 2048
SCATTER_FAIR = (1.0, 1.0, 1.0)
SCATTER_DARK = (0.62, 0.70, 0.80)
"""Scattering width by channel, fair and dark: light that would spread is absorbed in melanin on the way."""

SCATTER_M = 0.0030
"""Relief finer than this is washed out in red light, which travels about so far in fair skin (Jensen et al. 2001)."""

GLOSS_MOST = 1.8
"""Strongest reflection of the surface, average skin being 1."""

LEAST_AO = np.float32(0.10)
"""Light that has gone through tissue reaches even the mouth's depth: the inside is dark, never black."""


@dataclass(frozen=True)
class SkinTextures:
    """paint (S, S, 4) uint8: albedo (sRGB) and gloss, 255 for GLOSS_MOST; detail (S, S, 4) uint8: tangent normal x, y about
    128, roughness, thinness; folds (S, S, 3): normal x, y and cavity that a fully working face adds; row 0 at v = 0. `params` are
    the skin shader's uniforms, `key` names the content, `mouth` holds tooth, gum and tongue colours (linear)."""

    key: str
    paint: NDArray[np.uint8]
    detail: NDArray[np.uint8]
    folds: NDArray[np.uint8]
    params: dict[str, float | tuple[float, ...]]
    mouth: teeth.MouthColors

    @property
    def albedo(self) -> NDArray[np.uint8]:
        """Albedo (S, S, 3), sRGB."""
        return self.paint[..., :3]


def skin_textures(model: HeadModel, identity: Identity, sitting: Sitting, size: int) -> SkinTextures:
    """Make the skin of `identity` at `sitting` in `size` x `size` texels (a power of two, 128 to 2048)."""
    if size < MIN_SIZE or size > MAX_SIZE or size & (size - 1):
        raise RequestError(f"skin texture size {size}, allowed are powers of two from {MIN_SIZE} to {MAX_SIZE}")
    chart, coarse = charts(model, size), charts(model, skin_splat.SITE_GRID)
    skin, age = identity.skin, skin_age.seen_years(identity.skin, sitting.age_years)
    aged = sitting.model_copy(update={"age_years": age})
    marks = skin_marks.marks(chart, coarse, skin, age, sitting.tan)
    soft = charts(model, skin_complexion.SOFT_SIZE)
    relief = skin_relief.relief(chart, soft, skin, age, marks, skin_lips.lip_cover(chart))
    layers = skin_albedo.albedo(chart, soft, identity, aged, marks, relief.cavity)
    skin_shadow.hair_shadows(model, chart, identity, sitting, layers.rgb)
    roughness = _roughness(chart, identity, age, layers.lips, relief.cavity)
    makeup.apply(chart, sitting.makeup, identity.brows, layers.rgb, roughness, layers.lips)
    detail = np.empty((size, size, 4), dtype=np.uint8)
    detail[..., :2] = _coded(skin_relief.normals(chart, relief.height))
    detail[..., 2] = np.rint(255 * roughness)
    detail[..., 3] = np.rint(255 * chart.thinness)
    folds = np.empty((size, size, 3), dtype=np.uint8)
    folds[..., :2] = _coded(skin_relief.normals(chart, relief.working))
    folds[..., 2] = np.rint(255 * relief.working_cavity)
    paint = np.empty((size, size, 4), dtype=np.uint8)
    paint[..., :3] = color.encode_bytes(layers.rgb)
    paint[..., 3] = np.rint(255 * np.clip(_gloss(chart, identity, age, layers.lips, relief.cavity) / GLOSS_MOST, 0, 1))
    return SkinTextures(
        key=_key(model, identity, sitting, size),
        paint=paint,
        detail=detail,
        folds=folds,
        params=_params(identity, age) | {"soft_level": float(np.log2(max(SCATTER_M / chart.texel, 1.0)))},
        mouth=teeth.colors(identity, age),
    )


def skin_surfaces(
    model: HeadModel, posed: PosedHead, textures: SkinTextures, actions: Mapping[str, float] | None = None
) -> tuple[Surface, ...]:
    """Skin, teeth and tongue in the head frame; folds open where the facial `actions` (weights by name) draw the skin."""
    part = model.topology.parts["skin"]
    opened = None if actions is None else skin_opening.opening(model, actions)
    working = {}
    if opened is not None:
        working = {
            "folds": Texture(f"{textures.key}-folds", textures.folds, srgb=False),
            "opening": Texture(f"opening-{_digest(opened)}", opened, srgb=False),
        }
    material = Material(
        "skin",
        params=textures.params | {"folding": float(opened is not None)},
        textures={
            "albedo": Texture(f"{textures.key}-albedo", textures.paint, srgb=True),
            "detail": Texture(f"{textures.key}-detail", textures.detail, srgb=False),
            **working,
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
        lean=model.topology.lean[part.index],
        double_sided=False,  # a closed mesh: back faces only cost time
        key=f"{model.key}-skin",
        shadow_faces=part.coarse,
    )
    return (skin, *teeth.mouth_surfaces(model, posed, textures.mouth))


def _coded(normal: tuple[Map, Map]) -> NDArray[np.uint8]:
    return np.rint(128 + 127 * np.stack(normal, axis=-1)).astype(np.uint8)


def _key(model: HeadModel, identity: Identity, sitting: Sitting, size: int) -> str:
    """Name the textures by what they are made from: hashing 3 MB of texels takes longer."""
    made_from = "/".join((model.key, str(size), identity.model_dump_json(), sitting.model_dump_json()))
    return f"skin-{hashlib.blake2b(made_from.encode(), digest_size=12).hexdigest()}"


def _digest(*arrays: NDArray[np.uint8]) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for array in arrays:
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


def _params(identity: Identity, age: float) -> dict[str, float | tuple[float, ...]]:
    dark = skin_age.darkness(identity.skin)
    scatter = np.asarray(SCATTER_FAIR) + (np.asarray(SCATTER_DARK) - np.asarray(SCATTER_FAIR)) * dark
    oil = float(np.clip(_sebum(identity, age), 0.0, 1.0))
    return {"oil": oil, "sss": tuple(map(float, scatter)), "specular": GLOSS_MOST}


def _sebum(identity: Identity, age: float) -> float:
    """Oil on the skin; it falls with age (Pochi, Strauss & Downing 1979)."""
    return identity.skin.oil * (1.1 - 0.5 * float(np.clip((age - 30.0) / 50.0, 0, 1)))


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


def _gloss(chart: Charts, identity: Identity, age: float, lips: Map, cavity: Map) -> Map:
    """Strength of the surface's reflection (S, S), about 1: oil on forehead, nose and chin; little in creases and hair."""
    skin = identity.skin
    oil, zones = _sebum(identity, age), chart.zones
    spot = chart.noise.bands(skin.seed, "skin.sebum", {"mottle": 1}, chart.size)["mottle"][0]
    fine = skin_noise.grain(skin.seed, "skin.sebum.fine", 1.7, chart.size)
    gloss = 0.88 + (0.10 + 0.55 * oil) * zones["tzone"] + 0.20 * oil * zones["cheek"] - 0.12 * zones["undereye"]
    gloss *= 1 + (0.06 + 0.05 * skin.relief) * spot + (0.04 + 0.07 * skin.relief) * fine
    gloss += lips * (1.15 - gloss)
    gloss *= 1 - 0.85 * cavity
    return np.asarray(gloss * (1 - 0.5 * chart.masks["scalp"]), dtype=np.float32)
