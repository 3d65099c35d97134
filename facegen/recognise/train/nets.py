"""Backbones: a small net that two cores train in minutes, MobileFaceNet and IR-50. Importing this module imports torch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from facegen.errors import RequestError, did_you_mean

LEAST_SPREAD = 1e-3
"""Added to a crop's standard deviation (values of 0 to 1): a flat picture has none."""


class Standardised(nn.Module):
    """A backbone that sees every crop with mean 0 and spread 1: exposure and contrast are no one's. It lies inside the exported
    graph, so that whoever runs the model cannot forget it. `trunk`: the convolutions, in half precision where training says so;
    `neck`: what makes an embedding of them, never. In (N, C, S, S) float 0..1, out (N, D)."""

    def __init__(self, trunk: nn.Module, neck: nn.Module) -> None:
        super().__init__()
        self.trunk, self.neck = trunk, neck

    def forward(self, x: Tensor) -> Tensor:
        # In float32 whatever autocast says: a variance in bfloat16 has three digits.
        with torch.autocast(x.device.type, enabled=False):
            x = x.float()
            x = x - x.mean((1, 2, 3), keepdim=True)
            x = x / ((x * x).mean((1, 2, 3), keepdim=True).sqrt() + LEAST_SPREAD)
        x = self.trunk(x)
        with torch.autocast(x.device.type, enabled=False):
            out: Tensor = self.neck(x.float())
        return out


def _conv(into: int, out: int, stride: int = 1, kernel: int = 3, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(into, out, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(out), nn.PReLU(out)
    )  # fmt: skip


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(_conv(width, width), _conv(width, width))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.body(x)
        return out


def small(channels: int, size: int) -> Standardised:
    """Return 1.8 million parameters and, at 64 px, 68 million multiplications: the net of docs/recognition.md's protocol.

    Two cores train it faster than MobileFaceNet, whose convolutions of one channel each multiply less and wait for memory more.
    """
    side = size // 8
    trunk = nn.Sequential(
        _conv(channels, 32, 2, 5), _conv(32, 64, 2), _Residual(64), _conv(64, 128, 2), _Residual(128), _Residual(128)
    )  # fmt: skip
    neck = (nn.Flatten(), nn.Dropout(0.3), nn.Linear(128 * side * side, 128, bias=False), nn.BatchNorm1d(128))
    return Standardised(trunk, nn.Sequential(*neck))


class _Bottleneck(nn.Module):
    """MobileNetV2's block (Sandler et al., CVPR 2018) with PReLU: 1x1 to `times` as wide, 3x3 a channel apart, 1x1 back."""

    def __init__(self, into: int, out: int, times: int, stride: int) -> None:
        super().__init__()
        wide = into * times
        self.body = nn.Sequential(
            _conv(into, wide, kernel=1),
            _conv(wide, wide, stride, groups=wide),
            nn.Conv2d(wide, out, 1, bias=False),
            nn.BatchNorm2d(out),
        )
        self.skips = stride == 1 and into == out

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.body(x) if self.skips else self.body(x)
        return out


def mobilefacenet(channels: int, size: int) -> Standardised:
    """Return MobileFaceNet (Chen et al., arXiv:1804.07573): 0.99 million parameters at 112 px, 4 MB of weights, for telephones.

    The last convolution spans the whole map, a channel apart, in place of an average over it.
    """
    layers: list[nn.Module] = [_conv(channels, 64, 2), _conv(64, 64, groups=64)]
    into = 64
    for times, width, blocks, stride in ((2, 64, 5, 2), (4, 128, 1, 2), (2, 128, 6, 1), (4, 128, 1, 2), (2, 128, 2, 1)):
        for k in range(blocks):
            layers.append(_Bottleneck(into, width, times, stride if k == 0 else 1))
            into = width
    side = size // 16
    layers += [_conv(128, 512, kernel=1), nn.Conv2d(512, 512, side, groups=512, bias=False), nn.BatchNorm2d(512)]
    neck = (nn.Flatten(), nn.Linear(512, 128, bias=False), nn.BatchNorm1d(128))
    return Standardised(nn.Sequential(*layers), nn.Sequential(*neck))


class _Improved(nn.Module):
    """The block "IR" of ArcFace (Deng et al., CVPR 2019): BN-Conv-BN-PReLU-Conv-BN; the second convolution strides."""

    def __init__(self, into: int, out: int, stride: int) -> None:
        super().__init__()
        self.short: nn.Module = nn.Identity()
        if into != out:
            self.short = nn.Sequential(nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out))
        elif stride > 1:
            self.short = nn.MaxPool2d(1, stride)
        self.body = nn.Sequential(
            nn.BatchNorm2d(into), nn.Conv2d(into, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out), nn.PReLU(out),
            nn.Conv2d(out, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.short(x) + self.body(x)
        return out


def ir50(channels: int, size: int) -> Standardised:
    """Return IR-50 (Deng et al., CVPR 2019): 44 million parameters at 112 px, 512 numbers a face."""
    layers: list[nn.Module] = [nn.Conv2d(channels, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.PReLU(64)]
    into = 64
    for width, blocks in ((64, 3), (128, 4), (256, 14), (512, 3)):
        layers += [_Improved(into if k == 0 else width, width, 2 if k == 0 else 1) for k in range(blocks)]
        into = width
    side = size // 16
    layers.append(nn.BatchNorm2d(512))
    neck = (nn.Flatten(), nn.Dropout(0.4), nn.Linear(512 * side * side, 512), nn.BatchNorm1d(512))
    return Standardised(nn.Sequential(*layers), nn.Sequential(*neck))


NETS: dict[str, tuple[Callable[[int, int], Standardised], int]] = {
    "small": (small, 128), "mobilefacenet": (mobilefacenet, 128), "ir50": (ir50, 512),
}  # fmt: skip
"""Name -> (backbone of channels and size, numbers of its embedding)."""


def build(net: str, colour: str, size: int) -> Standardised:
    """Return an untrained net for crops of `size` px; weights by torch's global generator, He's for convolutions."""
    if net not in NETS:
        raise RequestError(f"--net {did_you_mean(net, NETS)}")
    made = NETS[net][0](1 if colour == "grey" else 3, size)
    for module in made.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, a=0.25, mode="fan_out")  # 0.25: what PReLU starts with
        elif isinstance(module, nn.BatchNorm1d):
            nn.init.ones_(module.weight)
    return made
