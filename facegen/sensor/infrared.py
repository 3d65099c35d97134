"""What a near-infrared camera (850 nm) with its lamp beside the lens sees of a scene that was rendered in visible light.

Melanin hardly absorbs there: its absorption falls as wavelength^-3.33 (Jacques, Origins of tissue optical properties in the UVA,
visible and NIR regions, OSA TOPS 2, 1996), so skins of all tones come near one reflectance, dark irises and dark hair grow
lighter (Kollias, The spectroscopy of human melanin pigmentation, 1995), and freckles and lips fade. The render holds no albedo,
so this is an approximation by region (ids of the Frame): the log reflectance that pigment takes away is scaled by the ratio of
melanin's absorption, skin from the identity's albedo and the render's red channel as its texture, everything else pixel by
pixel. Lamp light falls off with the square of the distance and with the cosine of the surface, and casts no shadow that the
camera sees.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.looks.color import linear_from_lab
from facegen.sample import Identity
from facegen.scene import REGIONS, Frame
from facegen.sensor.tone import LUMA

WAVELENGTH_NM, VISIBLE_NM = 850.0, 555.0
MELANIN = float((WAVELENGTH_NM / VISIBLE_NM) ** -3.33)
"""Absorption of melanin at the camera's wavelength over that at the peak of vision: 0.24."""
BLOODLESS, SKIN_NIR = 0.55, 0.62
"""Reflectance of skin without melanin to the eye and at 850 nm; measured skins lie at 0.45 to 0.7 there (Cooksey, Allen & Tsai,
Reference data set of human skin reflectance, NIST J. Res. 122, 2017; read from its plots, from memory)."""
HAIR = 0.45
"""Exponent of hair, whose pigment is too dense for the plain law; dark hair measures 0.1 to 0.2 (our choice)."""
CLOTH = 0.5
"""Exponent of cloth: most dyes let near infrared through (our choice)."""
FIBRE = 0.6
"""Reflectance of undyed cloth and of hair and iris without pigment."""
SKIN = ("skin", "nose", "right_ear", "left_ear", "neck", "top_lip", "bottom_lip", "mouth_interior")
HAIRS = ("right_brow", "left_brow", "hair", "beard")
EYES = ("right_eye", "left_eye")
DETAIL_HEIGHT = 0.02
"""What is smaller than this share of the picture counts as texture, what is larger as shading."""
TEXTURE = 0.6
"""Exponent of skin's texture: near infrared scatters farther under the skin, which softens relief and marks (our choice)."""
LEVEL = 0.7
"""Light on the scene over what a visible-light camera gets: the exposure is set for bright skin (our choice)."""
BEHIND = 0.15
"""How much of the lamp's light the background still gets."""


def skin_reflectance(visible: float) -> float:
    """Return the reflectance at 850 nm of a skin whose luminance factor is `visible`."""
    return SKIN_NIR * (min(max(visible, 0.01), BLOODLESS) / BLOODLESS) ** MELANIN


def seen(frame: Frame, background: NDArray[np.float32], identity: Identity, lamp: float) -> tuple[Frame, NDArray[np.float32]]:
    """Return the frame and the background (S, S, 3) in near infrared, grey; `lamp`: share of the light from the camera's lamp."""
    size = frame.rgb.shape[0]
    whole = np.maximum(frame.coverage, 1e-3)
    visible = frame.rgb / whole[..., None]
    luma = np.maximum(visible @ LUMA, 1e-4)
    tone = float(((identity.skin.lab[0] + 16) / 116) ** 3)
    goal = skin_reflectance(tone)
    power = np.full(256, CLOTH, np.float32)
    power[[REGIONS[name] for name in (*HAIRS, *EYES)]] = HAIR
    near = FIBRE * np.minimum(luma / FIBRE, 1.5) ** power[frame.ids]
    skin = np.isin(frame.ids, [REGIONS[name] for name in SKIN])
    red = visible[..., 0] / max(float(linear_from_lab(identity.skin.lab)[0]), 0.02)  # shading times what is left of the texture
    near = np.where(skin, np.float32(goal) * red, near)
    light = LEVEL * ((1 - lamp) * near + lamp * _lit(frame, near, red, skin, goal, size))
    picture = np.repeat((light * frame.coverage)[..., None], 3, axis=2).astype(np.float32)
    behind = FIBRE * (np.maximum(background @ LUMA, 1e-4) / FIBRE) ** CLOTH
    behind = np.repeat((LEVEL * (1 - lamp + BEHIND * lamp) * behind)[..., None], 3, axis=2).astype(np.float32)
    return replace(frame, rgb=picture), behind


def _lit(
    frame: Frame, near: NDArray[np.floating], red: NDArray[np.float32], skin: NDArray[np.bool_], goal: float, size: int
) -> NDArray[np.floating]:
    """Light of the lamp: reflectance, texture, cosine and distance."""
    weight = skin.astype(np.float32)
    sigma = max(DETAIL_HEIGHT * size, 1.0)
    smooth = cv2.GaussianBlur(red * weight, (0, 0), sigma) / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-3)
    texture = np.clip(red / np.maximum(smooth, 1e-3), 0.35, 1.2) ** np.float32(TEXTURE)
    face = float(np.median(frame.depth[skin])) if skin.any() else 1.0
    falloff = np.clip(face / np.maximum(frame.depth, 0.05), 0, 1.5) ** 2
    cosine = np.clip(frame.normals[..., 2], 0, 1)
    return np.where(skin, goal * texture * cosine, near * (0.4 + 0.6 * cosine)) * np.where(frame.depth > 0, falloff, 1)
