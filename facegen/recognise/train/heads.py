"""Heads: the margins by which a face must be nearer to its own class than to all others. Importing this module imports torch.

Ten lines each, so not pytorch-metric-learning's, which has no AdaFace and brings scikit-learn; a test compares two with it.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from facegen.errors import RequestError, did_you_mean

EDGE = 1e-6
"""Cosines are kept off 1 by it: the slope of their arc is infinite there."""


class Head(nn.Module):
    """Class directions (K, D) and a margin. `scale` multiplies the cosines; `share` of 0..1 of the margin is asked for, which
    training raises from 0, as a margin on directions of chance teaches nothing."""

    def __init__(self, classes: int, width: int, margin: float, scale: float) -> None:
        super().__init__()
        self.directions = nn.Parameter(torch.randn(classes, width) * 0.05)
        self.margin, self.scale = margin, scale

    def forward(self, embeddings: Tensor, classes: Tensor, share: float) -> tuple[Tensor, Tensor]:
        """Return (loss, share of faces nearest to their own class without a margin) of (B, D) embeddings and (B,) classes."""
        embeddings = embeddings.float()
        cosines = functional.linear(functional.normalize(embeddings), functional.normalize(self.directions))
        own = cosines.gather(1, classes[:, None]).clamp(-1 + EDGE, 1 - EDGE)
        asked = self.asked(own, embeddings.norm(dim=1, keepdim=True), self.margin * share)
        logits = self.scale * cosines.scatter(1, classes[:, None], asked)
        hit = (cosines.detach().argmax(1) == classes).float().mean()
        return functional.cross_entropy(logits, classes), hit

    def asked(self, own: Tensor, norms: Tensor, margin: float) -> Tensor:
        """Return what stands in place of the cosine to the own class, (B, 1)."""
        raise NotImplementedError


class CosFace(Head):
    """cos t - m (Wang et al., CosFace, CVPR 2018)."""

    def asked(self, own: Tensor, norms: Tensor, margin: float) -> Tensor:
        return own - margin


class ArcFace(Head):
    """cos(t + m) (Deng et al., ArcFace, CVPR 2019); beyond pi - m, where that rises again, cos t - m sin m."""

    def asked(self, own: Tensor, norms: Tensor, margin: float) -> Tensor:
        turned = own * math.cos(margin) - (1 - own * own).sqrt() * math.sin(margin)
        return torch.where(own > -math.cos(margin), turned, own - margin * math.sin(margin))


class AdaFace(Head):
    """cos(t - m z) - m (1 + z), z the embedding's length among those of late (Kim et al., AdaFace, CVPR 2022, eq. 9 and 10,
    h = 0.333): a clear face, which has a long embedding, is asked for more where it is hard, a poor one where it is easy."""

    CONCENTRATION, MOMENTUM = 0.333, 0.01

    def __init__(self, classes: int, width: int, margin: float, scale: float) -> None:
        super().__init__(classes, width, margin, scale)
        self.mean: Tensor
        self.spread: Tensor
        self.register_buffer("mean", torch.full((), 20.0))
        self.register_buffer("spread", torch.full((), 100.0))

    def asked(self, own: Tensor, norms: Tensor, margin: float) -> Tensor:
        norms = norms.detach().clamp(1e-3, 100)
        if self.training:
            self.mean.lerp_(norms.mean(), self.MOMENTUM)
            self.spread.lerp_(norms.std(), self.MOMENTUM)
        z = ((norms - self.mean) / (self.spread + 1e-3) * self.CONCENTRATION).clamp(-1, 1)
        angle = (own.acos() - margin * z).clamp(1e-3, math.pi - 1e-3)
        return angle.cos() - margin * (1 + z)


HEADS: dict[str, tuple[type[Head], float]] = {"arcface": (ArcFace, 0.5), "cosface": (CosFace, 0.35), "adaface": (AdaFace, 0.4)}
"""Name -> (class, the margin of its paper; all three scale by 64)."""


def build(head: str, classes: int, width: int, margin: float, scale: float) -> Head:
    """Return an untrained head; directions by torch's global generator."""
    if head not in HEADS:
        raise RequestError(f"--head {did_you_mean(head, HEADS)}")
    return HEADS[head][0](classes, width, margin, scale)
