"""Procedural backgrounds in linear light, lit by the shot's own light and out of focus.

`spec.rgb` holds reflectances (for sky and lamps radiances over white); their meaning by kind stands in
assets/light/backgrounds.json. Shapes are expanded from `spec.seed`, in units of the picture, so a change of size keeps them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.errors import SpecError, did_you_mean
from facegen.geometry import harmonics as sh
from facegen.resources import asset_json
from facegen.sample import BackgroundSpec, LightSpec
from facegen.stage import lighting

Image = NDArray[np.float32]
MAX_BLUR = 0.045
"""Standard deviation of the defocus at blur 1, as a fraction of the picture: f/2 at portrait distance."""
_SHARP = 192
"""Pixels that shapes are drawn at: more would not survive the lens."""


def kinds() -> dict[str, Any]:
    """Return the declared kinds by name."""
    return dict(asset_json("light/backgrounds.json")["kinds"])


def background(spec: BackgroundSpec, light: LightSpec, size: int) -> Image:
    """Return (size, size, 3) float32 linear light for `spec` under `light`, row 0 at the top."""
    declared = kinds()
    if spec.kind not in _PAINTERS:
        raise SpecError(f"background {did_you_mean(spec.kind, _PAINTERS)}")
    wanted = len(declared[spec.kind]["colors"])
    if len(spec.rgb) != wanted:
        raise SpecError(f"background '{spec.kind}' has {len(spec.rgb)} colours, allowed are {wanted}; see backgrounds.json")
    colors = np.asarray(spec.rgb, dtype=np.float32)
    random = rng.expand(spec.seed, f"background.{spec.kind}")
    work = min(size, _SHARP)
    image = _PAINTERS[spec.kind](colors, _wall_light(light), light, random, work)
    sigma = (0.002 + MAX_BLUR * spec.blur) * work
    if spec.kind not in ("bokeh", "passport", "plain"):
        image = _blur(image, sigma)
    if work != size:
        image = _resize(image, size, cv2.INTER_CUBIC)
    return np.ascontiguousarray(np.maximum(image, 0.0), dtype=np.float32)


def _wall_light(light: LightSpec) -> NDArray[np.float32]:
    """Irradiance / pi (3,) on a wall behind the head that faces the camera; keys fall off before they reach it."""
    normal = np.array([[0.0, 0.0, 1.0]])
    total = sh.irradiance(lighting.coefficients(light), normal)[0]
    for key in lighting.keys(light):
        total = total + 0.45 * max(0.0, float(key.direction[2])) * key.rgb
    return np.maximum(total / np.pi, 0.0).astype(np.float32)


def _grid(size: int) -> tuple[Image, Image]:
    """Picture coordinates x, y in 0..1 from the top-left corner, at pixel centres."""
    at = ((np.arange(size) + 0.5) / size).astype(np.float32)
    x, y = np.meshgrid(at, at)
    return x, y


def _blur(image: Image, sigma: float) -> Image:
    """Defocus; drawn small where the blur is wide."""
    step = max(1, int(sigma / 2.5))
    size = image.shape[0]
    if step > 1:
        image = _resize(image, size // step, cv2.INTER_AREA)
    soft = np.asarray(cv2.GaussianBlur(image, (0, 0), sigma / step, borderType=cv2.BORDER_REFLECT_101), dtype=np.float32)
    return _resize(soft, size, cv2.INTER_CUBIC) if step > 1 else soft


def _resize(image: Image, size: int, method: int) -> Image:
    return np.asarray(cv2.resize(image, (size, size), interpolation=method), dtype=np.float32)


def _clouds(random: np.random.Generator, size: int, cells: int, octaves: int = 3) -> Image:
    """Smooth noise of mean 0, deviation about 1."""
    total = np.zeros((size, size), dtype=np.float32)
    for octave in range(octaves):
        n = cells * 2**octave + 2
        small = random.standard_normal((n, n)).astype(np.float32)
        total += cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC) * 0.5**octave
    return total


def _fall_off(random: np.random.Generator, size: int, strength: float) -> Image:
    """A pool of light with its centre near the head, (size, size, 1)."""
    x, y = _grid(size)
    cx, cy = random.uniform(0.2, 0.8), random.uniform(0.1, 0.6)
    width = random.uniform(0.5, 1.0)
    pool = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / width**2)
    return (1 - strength + strength * pool)[..., None].astype(np.float32)


def _plain(colors: Image, lit: Image, light: LightSpec, random: np.random.Generator, size: int) -> Image:
    uneven = 1 + 0.025 * _clouds(random, size, 3)[..., None]
    return colors[0] * lit * uneven * _fall_off(random, size, 0.35)


def _passport(colors: Image, lit: Image, light: LightSpec, random: np.random.Generator, size: int) -> Image:
    level = float(lit @ lighting.LUMINANCE.astype(np.float32))
    even = 0.5 * lit + 0.5 * level * np.ones(3, dtype=np.float32)
    return colors[0] * even * _fall_off(random, size, 0.08)


def _gradient(colors: Image, lit: Image, light: LightSpec, random: np.random.Generator, size: int) -> Image:
    x, y = _grid(size)
    angle = random.uniform(0, 2 * np.pi)
    t = 0.5 + (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) + 0.12 * _clouds(random, size, 2)
    t = np.clip(t, 0, 1)[..., None]
    return (colors[0] * (1 - t) + colors[1] * t) * lit * _fall_off(random, size, 0.3)


def _studio(colors: Image, lit: Image, light: LightSpec, random: np.random.Generator, size: int) -> Image:
    own = random.uniform(0.4, 1.1)  # the background has a lamp of its own
    mottle = 1 + random.uniform(0.0, 0.15) * _clouds(random, size, 3, 4)[..., None]
    return colors[0] * (0.5 * lit + own * 0.6) * mottle * _fall_off(random, size, random.uniform(0.4, 0.85))


def _indoor(colors: Image, lit: Image, light: LightSpec, random: np.random.Generator, size: int) -> Image:
    x, y = _grid(size)
    image = np.broadcast_to(colors[0], (size, size, 3)) * _fall_off(random, size, 0.5)
    corner = random.uniform(-0.3, 1.3)
    image = image * np.where(x > corner, random.uniform(0.55, 1.0), 1.0)[..., None]
    image[y > random.uniform(0.75, 1.1)] = colors[1] * random.uniform(0.6, 1.4)
    for _ in range(int(random.integers(1, 4))):
        _box(image, random, colors[1:], (0.15, 0.6), (0.2, 0.7))
    if random.random() < 0.45:
        _shelf(image, random, colors)
    lamp = lit.astype(np.float32)
    image = image * lamp
    if random.random() < 0.3:
        outside = np.maximum(sh.radiance(lighting.coefficients(light), np.array([[0.0, 0.3, -0.95]]))[0], 0.0)
        _box(image, random, np.array([outside * 1.5 + 2.0 * lamp.mean()], dtype=np.float32), (0.12, 0.35), (0.25, 0.6))
    return image.astype(np.float32)


def _box(image: Image, random: np.random.Generator, colors: Image, wide: tuple[float, float], high: tuple[float, float]) -> None:
    size = image.shape[0]
    w, h = random.uniform(*wide), random.uniform(*high)
    left, top = random.uniform(-0.2, 1.1 - w / 2), random.uniform(-0.1, 1.0 - h / 2)
    color = colors[int(random.integers(len(colors)))] * random.uniform(0.6, 1.3)
    x0, x1, y0, y1 = (int(np.clip(round(v * size), 0, size)) for v in (left, left + w, top, top + h))
    image[y0:y1, x0:x1] = color


def _shelf(image: Image, random: np.random.Generator, colors: Image) -> None:
    """Rows of books."""
    size = image.shape[0]
    left, width = random.uniform(-0.2, 0.7), random.uniform(0.3, 0.7)
    for row in range(4):
        base, at = 0.1 + row * 0.24, left
        while at < left + width:
            thick = random.uniform(0.015, 0.045)
            shade = (random.uniform(0.4, 1.3) * random.uniform(0.7, 1.3, 3)).astype(np.float32)
            color = colors[int(random.integers(len(colors)))] * shade
            x0, x1 = (int(np.clip(v * size, 0, size)) for v in (at, at + thick))
            y0, y1 = int(size * (base + random.uniform(0, 0.06))), int(size * (base + 0.2))
            image[y0:y1, x0:x1] = color
            at += thick


def _outdoor(colors: Image, lit: Image, light: LightSpec, random: np.random.Generator, size: int) -> Image:
    _, y = _grid(size)
    rows = np.linspace(0.75, -0.1, size)
    directions = np.stack([0 * rows, rows, -np.sqrt(1 - rows**2)], axis=1)
    sky = np.maximum(sh.radiance(lighting.coefficients(light), directions), 0.0)[:, None, :] * (1.3 * colors[0])
    sky = sky * (1 + 0.06 * _clouds(random, size, 3)[..., None])
    sun = sum((key.rgb * max(0.15, float(key.direction[1])) for key in lighting.keys(light)), np.zeros(3))
    ground_light = (lit + sun / np.pi).astype(np.float32)
    image = np.broadcast_to(sky, (size, size, 3)).astype(np.float32).copy()
    horizon = random.uniform(0.35, 0.8)
    if random.random() < 0.5:
        for _ in range(int(random.integers(1, 4))):  # buildings stand on the horizon
            left, top = random.uniform(-0.2, 0.9), random.uniform(0.0, 0.8) * horizon
            x0, x1 = (int(np.clip(v * size, 0, size)) for v in (left, left + random.uniform(0.15, 0.5)))
            image[int(top * size) : int(horizon * size) + 1, x0:x1] = colors[2] * ground_light * random.uniform(0.6, 1.3)
    image = np.where((y > horizon)[..., None], colors[3] * ground_light * (1 + 0.15 * _clouds(random, size, 6)[..., None]), image)
    if random.random() < 0.8:
        tops = horizon - random.uniform(0.0, 0.35) + 0.12 * _clouds(random, size, 3)[:1] - 0.03 * _clouds(random, size, 12)[:1]
        leaves = colors[1] * ground_light * np.exp(0.55 * _clouds(random, size, 14, 3))[..., None]
        image = np.where(((y > tops) & (y < horizon + 0.05))[..., None], leaves, image)
    return image.astype(np.float32)


def _bokeh(colors: Image, lit: Image, light: LightSpec, random: np.random.Generator, size: int) -> Image:
    level = float(np.mean(lit))
    base = colors[0] * (0.5 * lit + 0.5) * (1 + 0.4 * _clouds(random, size, 3)[..., None])
    image = np.ascontiguousarray(np.maximum(base, 0.0), dtype=np.float32)
    for _ in range(int(random.integers(10, 45))):
        radius = random.uniform(0.015, 0.06)
        at = random.uniform(-0.05, 1.05, 2)
        lamp = colors[1] if random.random() < 0.6 else colors[2]
        color = lamp * random.uniform(0.15, 1.6) * (0.5 + level)
        _disc(image, at * size, radius * size, color.astype(np.float32))
    return _blur(image, 0.004 * size)


def _disc(image: Image, center: NDArray[np.float64], radius: float, color: NDArray[np.float32]) -> None:
    size = image.shape[0]
    x0, y0 = (int(max(0, np.floor(c - radius - 1))) for c in center)
    x1, y1 = (int(min(size, np.ceil(c + radius + 2))) for c in center)
    if x1 <= x0 or y1 <= y0:
        return
    x, y = np.meshgrid(np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5)
    cover = np.clip(radius - np.hypot(x - center[0], y - center[1]) + 0.5, 0, 1).astype(np.float32)
    image[y0:y1, x0:x1] += cover[..., None] * color


_PAINTERS: dict[str, Callable[[Image, Image, LightSpec, np.random.Generator, int], Image]] = {
    "plain": _plain, "passport": _passport, "gradient": _gradient, "studio": _studio, "indoor": _indoor, "outdoor": _outdoor,
    "bokeh": _bokeh,
}  # fmt: skip
