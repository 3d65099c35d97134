"""Recognition measures against closed forms."""

import numpy as np
import pytest
from scipy.stats import norm

from facegen.measures import verification as v


def test_d_prime_of_two_points_each():
    assert v.d_prime([1.0, 3.0], [-1.0, 1.0]) == pytest.approx(2.0)


def test_d_prime_needs_spread():
    with pytest.raises(ValueError, match="do not vary"):
        v.d_prime([1.0, 1.0], [0.0, 0.0])


def test_equal_error_rate_of_two_normals():
    """Two unit normals d' apart cross at d'/2: EER = Phi(-d'/2)."""
    u = (np.arange(20000) + 0.5) / 20000
    away = norm.ppf(u)
    assert v.eer(away + 2.0, away) == pytest.approx(norm.cdf(-1.0), abs=2e-4)
    assert v.d_prime(away + 2.0, away) == pytest.approx(2.0, abs=1e-3)


def test_equal_error_rate_at_the_extremes():
    assert v.eer([3.0, 4.0], [1.0, 2.0]) == 0.0
    assert v.eer([1.0, 2.0], [3.0, 4.0]) == 1.0


def test_of_two_thresholds_as_near_the_lower_gives_the_equal_error_rate():
    """At 0.5 FMR is 2/4 and FNMR 1/4, at 0.6 they are 0 and 1/4: as far apart, means 3/8 and 1/8."""
    assert v.eer([0.1, 0.7, 0.8, 0.9], [0.0, 0.2, 0.5, 0.5]) == pytest.approx(3 / 8)
    assert v.eer([0.1, 0.7, 0.8, 0.9], [0.0, 0.2, 0.3, 0.5]) == pytest.approx(1 / 4)


@pytest.mark.parametrize("fmr", [0.0, 0.01, 0.1, 0.25])
def test_threshold_never_accepts_more_than_asked(fmr):
    nonmated = np.arange(100) / 100
    accepted, all_ = v.fmr_at(nonmated, v.threshold_at(nonmated, fmr))
    assert (accepted, all_) == (round(100 * fmr), 100)


def test_threshold_with_ties_stays_below():
    assert v.fmr_at([1.0, 1.0, 1.0, 0.0], v.threshold_at([1.0, 1.0, 1.0, 0.0], 0.5))[0] == 0


@pytest.mark.parametrize(("share", "threshold"), [(0.001, 0.9), (0.1, 0.9), (0.5, 0.5), (0.51, 0.4), (1.0, 0.0)])
def test_threshold_that_accepts_a_share(share, threshold):
    assert v.threshold_accepting(np.arange(10) / 10, share) == threshold


def test_fnmr_counts():
    assert v.fnmr_at([0.1, 0.5, 0.9], 0.5) == (1, 3)


def test_birthday_of_the_calendar():
    """A 1/365 match makes 23 people: sqrt(2 ln 2 * 365) = 22.5."""
    assert v.birthday(1 / 365) == pytest.approx(22.49, abs=0.01)
    with pytest.raises(ValueError, match="rule-of-three"):
        v.birthday(0.0)


def embedded(signal, dimensions, rng, people=600, each=6, noise=1.0):
    """People spread by `signal` in the first `dimensions` of 12, pictures around them by `noise`."""
    means = np.zeros((people, 12))
    means[:, :dimensions] = signal * rng.standard_normal((people, dimensions))
    x = np.repeat(means, each, axis=0) + noise * rng.standard_normal((people * each, 12))
    return x, np.repeat(np.arange(people), each)


def test_information_is_the_channels_capacity():
    """Three dimensions at variance ratio 15: 3/2 log2(16) = 6 bits; the nine empty ones add nearly nothing."""
    x, who = embedded(np.sqrt(15.0), 3, np.random.default_rng(7))
    assert v.information_bits(x, who) == pytest.approx(6.0, abs=0.35)


def test_information_of_noise_alone_is_nothing():
    x, who = embedded(0.0, 0, np.random.default_rng(8))
    assert v.information_bits(x, who) < 0.3


def test_information_does_not_depend_on_the_frame():
    rng = np.random.default_rng(9)
    x, who = embedded(2.0, 4, rng)
    assert v.information_bits(x @ rng.standard_normal((12, 12)), who) == pytest.approx(v.information_bits(x, who), rel=1e-4)


def test_information_refuses_single_pictures():
    with pytest.raises(ValueError, match="two pictures"):
        v.information_bits(np.zeros((20, 3)), np.arange(20))
