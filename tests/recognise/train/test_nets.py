"""Backbones: sizes, and that exposure and contrast are no one's."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from facegen.errors import RequestError  # noqa: E402
from facegen.recognise.train import nets  # noqa: E402


@pytest.mark.parametrize(
    ("net", "size", "colour", "width"),
    [
        ("small", 64, "grey", 128), ("small", 112, "rgb", 128), ("ir50", 32, "rgb", 512),
        ("mobilefacenet", 112, "rgb", 128), ("mobilefacenet", 64, "grey", 128), ("mobilefacenet", 48, "rgb", 128),
    ],
)  # fmt: skip
def test_shapes(net: str, size: int, colour: str, width: int) -> None:
    made = nets.build(net, colour, size).eval()
    with torch.no_grad():
        assert made(torch.rand(3, 1 if colour == "grey" else 3, size, size)).shape == (3, width)


def test_ir50_is_the_published_net() -> None:
    """InsightFace's iresnet50 has 43,590,976 parameters; ours has no running bias in its first convolution either."""
    assert sum(p.numel() for p in nets.build("ir50", "rgb", 112).parameters()) == pytest.approx(43_590_976, rel=0.005)


def test_mobilefacenet_is_the_published_net() -> None:
    """Table 2 of the paper says 0.99 million parameters."""
    assert sum(p.numel() for p in nets.build("mobilefacenet", "rgb", 112).parameters()) == pytest.approx(0.99e6, rel=0.02)


def test_exposure_and_contrast_do_not_move_an_embedding() -> None:
    torch.manual_seed(0)
    net = nets.build("small", "grey", 32).eval()
    x = torch.rand(4, 1, 32, 32)
    with torch.no_grad():
        same, other = net(0.5 * x + 0.2), net(x.flip(0))
        before = net(x)
    like = torch.nn.functional.cosine_similarity
    assert like(before, same).min() > 0.9999
    assert like(before, other).max() < 0.999


def test_unknown_nets_are_named() -> None:
    with pytest.raises(RequestError, match=r"--net 'ir5' is not one of small, mobilefacenet, ir50; did you mean 'ir50'\?"):
        nets.build("ir5", "grey", 64)
