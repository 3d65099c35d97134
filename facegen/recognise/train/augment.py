"""Augmentation of whole batches on the device that the net is on. Importing this module imports torch.

Probabilities are those of DigiFace-1M (Bae et al., WACV 2023, section 3.3), or more often; strengths are ours. Which pictures
are hit and how hard is drawn on the processor from one generator a step: the same on every device, known without waiting for
it, and nothing of it needs to be kept to resume.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

LUMA = (0.299, 0.587, 0.114)
"""ITU-R BT.601."""
BLUR_REACH = 4
"""Pixels that blurs reach to each side."""


@dataclass(frozen=True)
class Chances:
    """The probability of each step; flips, scale, rotation, shift and warped corners are always drawn."""

    blur: float = 0.05
    noise: float = 0.035
    motion: float = 0.05
    brightness: float = 0.15
    contrast: float = 0.3
    hue: float = 0.1
    saturation: float = 0.1
    grey: float = 0.01
    resample: float = 0.01
    jpeg: float = 0.05
    aspect: float = 0.1
    erase: float = 0.0


CHANCES = {
    "published": Chances(),
    "strong": Chances(
        blur=0.1, noise=0.2, brightness=0.3, contrast=0.6, saturation=0.2, grey=0.05, resample=0.2, jpeg=0.1, erase=0.3
    ),
}
"""`strong`: for sets of some thousand pictures, which a net would learn by heart."""


class Dice:
    """Draws for a batch: numbers from a generator on the processor, fields of noise from one on the device."""

    def __init__(self, seed: int, device: torch.device) -> None:
        self.device = device
        self._host = torch.Generator().manual_seed(seed)
        self._there = torch.Generator(device).manual_seed(seed)

    def uniform(self, n: int, low: float, high: float) -> Tensor:
        """Return (n,) on the processor."""
        return low + (high - low) * torch.rand(n, generator=self._host)

    def normal(self, n: int, sd: float) -> Tensor:
        """Return (n,) on the processor."""
        return sd * torch.randn(n, generator=self._host)

    def hit(self, n: int, chance: float) -> Tensor:
        """Return the places of 0..n - 1 that are hit, on the processor."""
        return (torch.rand(n, generator=self._host) < chance).nonzero()[:, 0]

    def field(self, like: Tensor) -> Tensor:
        """Return unit noise of the shape of `like`, drawn on the device."""
        return torch.randn(like.shape, generator=self._there, device=self.device)

    def there(self, values: Tensor) -> Tensor:
        """Return numbers on the device, without waiting."""
        return values.to(self.device, non_blocking=True)

    def each(self, values: Tensor) -> Tensor:
        """Return (n,) numbers on the device as (n, 1, 1, 1)."""
        return self.there(values)[:, None, None, None]


def augment(crops: Tensor, dice: Dice, chances: Chances) -> Tensor:
    """Return (N, C, S, S) float 0..1 of (N, C, S, S) uint8 crops on the device."""
    x = moved(crops.float() / 255, dice, chances.aspect)
    steps: list[tuple[Callable[[Tensor, Dice], Tensor], float]] = [
        (_blur, chances.blur), (_motion, chances.motion), (_resample, chances.resample), (_brightness, chances.brightness),
        (_contrast, chances.contrast), (_noise, chances.noise), (_jpeg, chances.jpeg),
        (_erase, chances.erase),
    ]  # fmt: skip
    if x.shape[1] == 3:
        steps[3:3] = [(_hue, chances.hue), (_saturation, chances.saturation), (_grey, chances.grey)]
    for step, chance in steps:
        at = dice.hit(len(x), chance)
        if len(at):
            there = dice.there(at)
            x[there] = step(x[there], dice).clamp(0, 1)
    return x


def moved(x: Tensor, dice: Dice, aspect: float) -> Tensor:
    """Return every picture mirrored or not, turned (sd 5 degrees), scaled (5%), shifted (4% of the side), its corners pulled (sd
    2%) and, by chance, narrower or wider (10%): one resampling for all. What lies beyond is the edge repeated."""
    n = len(x)
    turn, scale = dice.normal(n, 0.08), torch.exp(dice.normal(n, 0.05))
    wide = torch.ones(n)
    at = dice.hit(n, aspect)
    wide[at] = torch.exp(dice.normal(len(at), 0.1))
    flip = torch.where(dice.uniform(n, 0, 1) < 0.5, -1.0, 1.0)
    cos, sin = scale * turn.cos(), scale * turn.sin()
    affine = torch.stack([cos * wide * flip, -sin, dice.normal(n, 0.04), sin * wide * flip, cos, dice.normal(n, 0.04)], 1)
    grid = functional.affine_grid(dice.there(affine.reshape(n, 2, 3)), [n, 1, *x.shape[2:]], align_corners=False)
    # Corners move apart as a bilinear field: the homography of small pulls, without eight equations a picture.
    corners = dice.there(dice.normal(n * 8, 0.04).reshape(n, 2, 2, 2))
    pull = functional.interpolate(corners, size=x.shape[2:], mode="bilinear", align_corners=True)
    return functional.grid_sample(x, grid + pull.permute(0, 2, 3, 1), padding_mode="border", align_corners=False)


def _convolved(x: Tensor, kernels: Tensor) -> Tensor:
    """Return each (C, S, S) picture convolved with its own (K, K) kernel, edges repeated."""
    n, c, h, w = x.shape
    reach = kernels.shape[-1] // 2
    padded = functional.pad(x, (reach,) * 4, mode="replicate").reshape(1, n * c, h + 2 * reach, w + 2 * reach)
    weight = kernels[:, None].expand(n, c, *kernels.shape[1:]).reshape(n * c, 1, *kernels.shape[1:])
    # Not by cuDNN, which would look for its fastest way anew each time that another number of pictures is hit.
    with torch.backends.cudnn.flags(enabled=False):
        return functional.conv2d(padded, weight, groups=n * c).reshape(n, c, h, w)


def _reach() -> tuple[Tensor, Tensor]:
    at = torch.arange(-BLUR_REACH, BLUR_REACH + 1, dtype=torch.float32)
    return at[None, :, None], at[None, None, :]


def _blur(x: Tensor, dice: Dice) -> Tensor:
    y, across = _reach()
    sigma = dice.uniform(len(x), 0.5, 1.7)[:, None, None] * x.shape[-1] / 112
    kernels = torch.exp(-(y**2 + across**2) / (2 * sigma**2))
    return _convolved(x, dice.there(kernels / kernels.sum((1, 2), keepdim=True)))


def _motion(x: Tensor, dice: Dice) -> Tensor:
    """Smear along a line of 3 to 9 px at 112 px a side."""
    y, across = _reach()
    angle = dice.uniform(len(x), 0, math.pi)[:, None, None]
    half = dice.uniform(len(x), 1.5, 4.5)[:, None, None] * x.shape[-1] / 112
    along, beside = across * angle.cos() + y * angle.sin(), y * angle.cos() - across * angle.sin()
    kernels = (half + 0.5 - along.abs()).clamp(0, 1) * (1 - beside.abs()).clamp(0, 1)
    return _convolved(x, dice.there(kernels / kernels.sum((1, 2), keepdim=True)))


def _resample(x: Tensor, dice: Dice) -> Tensor:
    """Down to between 3/8 and 3/4 of the side and up again, one factor for all that are hit."""
    small = max(int(x.shape[-1] * float(dice.uniform(1, 0.375, 0.75))), 8)
    return functional.interpolate(functional.interpolate(x, size=small, mode="area"), size=x.shape[-1], mode="bilinear")


def _brightness(x: Tensor, dice: Dice) -> Tensor:
    return x * dice.each(torch.exp(dice.normal(len(x), 0.3)))


def _contrast(x: Tensor, dice: Dice) -> Tensor:
    """Half of it about the mean, half as a bent curve (gamma): a standardised crop does not show the first unless it clips."""
    mean = x.mean((1, 2, 3), keepdim=True)
    x = mean + (x - mean) * dice.each(torch.exp(dice.normal(len(x), 0.25)))
    return x.clamp(1e-3, 1) ** dice.each(torch.exp(dice.normal(len(x), 0.35)))


def _noise(x: Tensor, dice: Dice) -> Tensor:
    return x + dice.field(x) * dice.each(dice.uniform(len(x), 0.01, 0.07))


def _erase(x: Tensor, dice: Dice) -> Tensor:
    """Put a rectangle of one grey over each, an eighth to 0.45 of the side high and wide (Zhong et al., AAAI 2020)."""
    n, side = len(x), x.shape[-1]
    at = torch.arange(side)
    inside = torch.ones(n, side, side, dtype=torch.bool)
    for view in ((n, side, 1), (n, 1, side)):
        length = dice.uniform(n, 0.125, 0.45) * side
        start = dice.uniform(n, 0, 1) * (side - length)
        inside &= ((at >= start[:, None]) & (at < (start + length)[:, None])).reshape(view)
    return torch.where(dice.there(inside)[:, None], dice.each(dice.uniform(n, 0, 1)), x)


def _luma(x: Tensor) -> Tensor:
    return (x * torch.tensor(LUMA, device=x.device)[:, None, None]).sum(1, keepdim=True)


def _grey(x: Tensor, dice: Dice) -> Tensor:
    return _luma(x).expand_as(x)


def _saturation(x: Tensor, dice: Dice) -> Tensor:
    luma = _luma(x)
    return luma + (x - luma) * dice.each(dice.uniform(len(x), 0.3, 1.7))


def _hue(x: Tensor, dice: Dice) -> Tensor:
    """Turn colours about the grey axis by up to 18 degrees (Rodrigues)."""
    angle = dice.uniform(len(x), -math.pi / 10, math.pi / 10)
    third, root = (1 - angle.cos()) / 3, angle.sin() / math.sqrt(3)
    same, up, down = angle.cos() + third, third - root, third + root
    turn = torch.stack([same, up, down, down, same, up, up, down, same], 1).reshape(-1, 3, 3)
    return torch.einsum("nij,njhw->nihw", dice.there(turn), x)


BLOCK = 8
LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
"""Quantisation of ITU-T T.81 (JPEG), table K.1."""


def _cosines(device: torch.device) -> Tensor:
    """Return the orthonormal cosine transform of a block (8, 8)."""
    k = torch.arange(BLOCK, dtype=torch.float32)
    rows = torch.cos(math.pi / BLOCK * (k[None] + 0.5) * k[:, None]) * math.sqrt(2 / BLOCK)
    rows[0] /= math.sqrt(2)
    return rows.to(device)


def _jpeg(x: Tensor, dice: Dice) -> Tensor:
    """Quantise 8 x 8 blocks of each channel as JPEG does luminance, at qualities of 20 to 80 (the IJG's scale of the table)."""
    n, c, h, w = x.shape
    quality = dice.uniform(n, 20, 80)
    percent = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality)
    table = (
        (torch.tensor(LUMINANCE, dtype=torch.float32) * percent[:, None] / 100).round().clamp(1, 255).reshape(n, 1, 1, 8, 1, 8)
    )
    steps, dct = dice.there(table), _cosines(x.device)
    blocks = (x * 255 - 128).reshape(n, c, h // BLOCK, BLOCK, w // BLOCK, BLOCK)
    levels = torch.einsum("ai,bj,ncyixj->ncyaxb", dct, dct, blocks)
    levels = (levels / steps).round() * steps
    return (torch.einsum("ai,bj,ncyaxb->ncyixj", dct, dct, levels).reshape(n, c, h, w) + 128) / 255
