"""Margins against their closed forms, and against pytorch-metric-learning where it is installed."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from facegen.errors import RequestError  # noqa: E402
from facegen.recognise.train import heads  # noqa: E402
from facegen.recognise.train.settings import PUBLISHED  # noqa: E402

ANGLES = torch.tensor([[0.3], [1.0], [2.0], [2.9]])
NORMS = torch.full((4, 1), 20.0)


def test_the_margins_are_those_of_the_settings() -> None:
    assert {name: margin for name, (_, margin) in heads.HEADS.items()} == PUBLISHED


def test_cosface_takes_the_margin_off_the_cosine() -> None:
    head = heads.build("cosface", 3, 8, 0.35, 64)
    assert torch.allclose(head.asked(ANGLES.cos(), NORMS, 0.35), ANGLES.cos() - 0.35)


def test_arcface_adds_the_margin_to_the_angle_and_never_rises_again() -> None:
    head = heads.build("arcface", 3, 8, 0.5, 64)
    asked = head.asked(ANGLES.cos(), NORMS, 0.5)
    assert torch.allclose(asked[:3], (ANGLES[:3] + 0.5).cos(), atol=1e-6)
    every = head.asked(torch.linspace(0, math.pi, 1000)[:, None].cos(), torch.ones(1000, 1), 0.5)
    assert (every.diff(dim=0) < 1e-6).all()


def test_adaface_asks_by_the_length_of_the_embedding() -> None:
    head = heads.build("adaface", 3, 8, 0.4, 64).eval()
    at_mean = head.asked(ANGLES.cos(), NORMS, 0.4)  # z = 0: cos t - m
    assert torch.allclose(at_mean, ANGLES.cos() - 0.4, atol=1e-5)
    z = 0.333 * (50.0 - 20.0) / (100.0 + 1e-3)
    long = head.asked(ANGLES.cos(), torch.full((4, 1), 50.0), 0.4)
    assert torch.allclose(long, (ANGLES - 0.4 * z).cos() - 0.4 * (1 + z), atol=1e-5)


def test_adaface_follows_the_lengths_of_late_and_only_in_training() -> None:
    head = heads.build("adaface", 3, 8, 0.4, 64)
    norms = torch.tensor([[10.0], [30.0]])
    head.train().asked(torch.zeros(2, 1), norms, 0.4)
    assert float(head.mean) == pytest.approx(20.0) and float(head.spread) == pytest.approx(100 + 0.01 * (math.sqrt(200) - 100))
    before = float(head.mean), float(head.spread)
    head.eval().asked(torch.zeros(2, 1), norms * 3, 0.4)
    assert (float(head.mean), float(head.spread)) == before


@pytest.mark.parametrize("name", heads.HEADS)
def test_without_a_share_of_the_margin_a_head_is_softmax(name: str) -> None:
    torch.manual_seed(1)
    head, x, y = heads.build(name, 5, 8, PUBLISHED[name], 10.0), torch.randn(7, 8), torch.arange(7) % 5
    unit = torch.nn.functional.normalize
    logits = 10 * unit(x) @ unit(head.directions).T
    loss, hit = head(x, y, 0.0)
    assert loss.item() == pytest.approx(torch.nn.functional.cross_entropy(logits, y).item(), rel=1e-4)
    assert hit.item() == pytest.approx((logits.argmax(1) == y).float().mean().item())
    assert head(x, y, 1.0)[0].item() > loss.item()


@pytest.mark.parametrize(("name", "theirs"), [("arcface", "ArcFaceLoss"), ("cosface", "CosFaceLoss")])
def test_losses_are_those_of_pytorch_metric_learning(name: str, theirs: str) -> None:
    losses = pytest.importorskip("pytorch_metric_learning.losses")
    torch.manual_seed(2)
    head, x, y = heads.build(name, 6, 16, PUBLISHED[name], 32.0), torch.randn(20, 16), torch.arange(20) % 6
    margin = math.degrees(PUBLISHED[name]) if name == "arcface" else PUBLISHED[name]
    other = getattr(losses, theirs)(6, 16, margin=margin, scale=32.0)
    other.W.data = head.directions.data.T.clone()
    assert head(x, y, 1.0)[0].item() == pytest.approx(other(x, y).item(), rel=1e-4)


def test_unknown_heads_are_named() -> None:
    with pytest.raises(RequestError, match="--head 'sphere' is not one of arcface, cosface, adaface"):
        heads.build("sphere", 3, 8, 0.5, 64)
