"""Augmentation: same draws, same pictures; each step against what it says it is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from facegen.recognise.train import augment  # noqa: E402
from facegen.recognise.train.augment import Chances, Dice  # noqa: E402

CPU = torch.device("cpu")
ALL, NONE = (Chances(**dict.fromkeys(Chances.__dataclass_fields__, chance)) for chance in (1.0, 0.0))


class Fixed(Dice):
    """Draws the middle of every range."""

    def uniform(self, n: int, low: float, high: float) -> torch.Tensor:
        return torch.full((n,), (low + high) / 2)


def smooth(n: int = 4, channels: int = 3, size: int = 64) -> torch.Tensor:
    """Return soft random pictures (n, channels, size, size) of 0..1."""
    x = torch.rand(n, channels, 6, 6, generator=torch.Generator().manual_seed(3))
    return torch.nn.functional.interpolate(x, size=size, mode="bicubic").clamp(0, 1)


@pytest.mark.parametrize("channels", [1, 3])
def test_one_seed_one_picture(channels: int) -> None:
    x = (smooth(6, channels) * 255).to(torch.uint8)
    first, again, other = (augment.augment(x, Dice(seed, CPU), ALL) for seed in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert first.shape == x.shape and first.min() >= 0 and first.max() <= 1


def test_steps_come_as_often_as_they_are_said_to() -> None:
    """Standard error 0.0015 at p = 0.05 and 20,000 draws."""
    assert len(Dice(1, CPU).hit(20_000, 0.05)) / 20_000 == pytest.approx(0.05, abs=0.006)
    assert len(Dice(1, CPU).hit(20_000, 0.0)) == 0


def test_without_chances_pictures_are_moved_alone() -> None:
    x = (smooth() * 255).to(torch.uint8)
    bare = augment.augment(x, Dice(9, CPU), NONE)
    assert torch.equal(bare, augment.moved(x.float() / 255, Dice(9, CPU), 0.0))


def test_erased_is_one_rectangle_of_one_grey() -> None:
    x = 2 + smooth(50)
    out = augment._erase(x, Dice(4, CPU))
    for before, after in zip(x, out, strict=True):
        gone = (before != after).all(0)
        rows, columns = gone.any(1).nonzero()[:, 0], gone.any(0).nonzero()[:, 0]
        high, wide = len(rows), len(columns)
        assert gone.sum() == high * wide and 7 <= high <= 30 and 7 <= wide <= 30
        assert (
            torch.equal(before[:, ~gone], after[:, ~gone])
            and len(after[:, gone].unique()) == 1
            and 0 <= after[:, gone].max() <= 1
        )


def test_strong_is_more_of_it_in_nothing_less() -> None:
    strong, published = augment.CHANCES["strong"], augment.CHANCES["published"]
    assert all(getattr(strong, name) >= getattr(published, name) for name in Chances.__dataclass_fields__) and strong != published


def test_half_are_mirrored() -> None:
    x = torch.zeros(400, 1, 32, 32)
    x[..., :16] = 1
    out = augment.moved(x, Dice(0, CPU), 0.0)
    mirrored = (out[..., 20:].mean((1, 2, 3)) > out[..., :12].mean((1, 2, 3))).float().mean()
    assert float(mirrored) == pytest.approx(0.5, abs=0.1)


def test_blur_is_a_gaussian() -> None:
    x = smooth(2, 1)
    sigma = 1.1 * 64 / 112
    expected = [cv2.GaussianBlur(p[0].numpy(), (9, 9), sigma, borderType=cv2.BORDER_REPLICATE) for p in x]
    assert np.allclose(augment._blur(x, Fixed(0, CPU))[:, 0].numpy(), expected, atol=1e-4)


def test_motion_keeps_what_is_even_and_light() -> None:
    assert torch.allclose(augment._motion(torch.full((2, 3, 32, 32), 0.4), Dice(0, CPU)), torch.tensor(0.4), atol=1e-5)


def test_jpeg_is_jpeg() -> None:
    """The same coefficients as OpenCV's encoder keeps at quality 50, but where one lies on the edge between two levels."""
    x = (smooth(3, 1) * 255).round()
    ours = augment._jpeg(x / 255, Fixed(0, CPU)) * 255
    for before, after in zip(x, ours, strict=True):
        file = cv2.imencode(".jpg", before[0].numpy().astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 50])[1]
        theirs = cv2.imdecode(file, 0).astype(np.float64)
        assert np.abs(after[0].numpy().clip(0, 255) - theirs).mean() < 0.5
        assert np.abs(before[0].numpy() - theirs).mean() > 1  # it does something


def test_colour_steps_leave_grey_alone_and_hue_keeps_the_sum() -> None:
    grey = smooth(3, 1).expand(-1, 3, -1, -1).clone()
    for step in (augment._hue, augment._saturation, augment._grey):
        assert torch.allclose(step(grey, Dice(2, CPU)), grey, atol=1e-5)
    x = smooth()
    turned = augment._hue(x, Dice(2, CPU))
    assert torch.allclose(turned.sum(1), x.sum(1), atol=1e-4)
    assert not torch.allclose(turned, x, atol=1e-3)


def test_noise_has_the_spread_that_was_drawn() -> None:
    x = torch.full((2, 1, 112, 112), 0.5)
    assert float((augment._noise(x, Fixed(0, CPU)) - x).std()) == pytest.approx(0.04, rel=0.05)
