"""From pigment to colour: diffuse reflectance of two-layer skin as linear sRGB.

Epidermis: melanin absorbs on the way in and out (Krishnaswamy & Baranoski 2004; Donner & Jensen 2006). Dermis: a scattering
half-space coloured by blood (Farrell, Patterson & Wilson 1992, index 1.4). Absorption of melanin and bloodless
skin: Jacques 1998 ("Skin optics") as used by Donner & Jensen; scattering: Jacques 2013. As in Jimenez et al. 2010 a person's
skin is a table of colours over melanin and haemoglobin, and a face is drawn by moving through that table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares

from facegen.looks import color
from facegen.resources import asset_json

HB_GRAM_PER_LITRE = 150.0
HB_GRAM_PER_MOL = 64500.0
OXYGENATION = 0.75
EPIDERMIS_CM = 0.006
PATH = 2.0
"""Mean path of diffuse light through a thin layer, in thicknesses."""
INTERNAL_REFLECTION = 2.8
"""A = (1 + r) / (1 - r) for index 1.4."""
EPIDERMIS_RETURN = 0.012
"""Light sent back by cell walls and melanosomes before it meets pigment: why very dark skin is not orange."""
MELANIN_RANGE = (0.002, 1.2)
BLOOD_RANGE = (0.0008, 0.6)
MELANIN_SLOPE = 3.0
"""Melanin absorption falls as wavelength^-slope: 3.33 for loose eumelanin, flatter the denser it is packed in melanosomes."""
MELANIN_PER_CM = 6.6e11 * 550.0**-3.33
TABLE_SIZE = 48
FINE_STEPS = 128
"""Steps along each pigment when a colour is looked up backwards."""


def _spectra() -> dict[str, NDArray[np.float64]]:
    data = asset_json("looks/spectra.json")
    nm = np.asarray(data["wavelength_nm"], dtype=np.float64)
    to_cm = np.log(10.0) * HB_GRAM_PER_LITRE / HB_GRAM_PER_MOL
    return {
        "nm": nm,
        "oxy": to_cm * np.asarray(data["hbo2_per_cm_per_M"]),
        "deoxy": to_cm * np.asarray(data["hb_per_cm_per_M"]),
        "bloodless": 0.244 + 85.3 * np.exp(-(nm - 154.0) / 66.2),
        "scattering": 46.0 * (nm / 500.0) ** -1.421,
        "to_rgb": _to_rgb(nm, np.asarray(data["d65"], dtype=np.float64)),
    }


def _to_rgb(nm: NDArray[np.float64], power: NDArray[np.float64]) -> NDArray[np.float64]:
    """(W, 3) weights from reflectance to linear sRGB; colour matching functions by Wyman, Sloan & Shirley 2013."""

    def lobe(center: float, low: float, high: float) -> NDArray[np.float64]:
        return np.exp(-0.5 * ((nm - center) * np.where(nm < center, low, high)) ** 2)

    x = 0.362 * lobe(442.0, 0.0624, 0.0374) + 1.056 * lobe(599.8, 0.0264, 0.0323) - 0.065 * lobe(501.1, 0.0490, 0.0382)
    y = 0.821 * lobe(568.8, 0.0213, 0.0247) + 0.286 * lobe(530.9, 0.0613, 0.0322)
    z = 1.217 * lobe(437.0, 0.0845, 0.0278) + 0.681 * lobe(459.0, 0.0385, 0.0725)
    xyz = np.stack([x, y, z], axis=1) * power[:, None]
    xyz *= color.WHITE / xyz.sum(axis=0)
    return xyz @ color.XYZ_TO_SRGB.T


@lru_cache(maxsize=1)
def _cached_spectra() -> dict[str, NDArray[np.float64]]:
    return _spectra()


def reflectance(melanin: ArrayLike, blood: ArrayLike, slope: float = MELANIN_SLOPE, oxygenation: float = OXYGENATION) -> NDArray:
    """Linear sRGB (..., 3) of skin with melanosome volume share `melanin` in the epidermis and blood share `blood` in the
    dermis; `slope` as in MELANIN_SLOPE."""
    s = _cached_spectra()
    m, b = np.asarray(melanin, dtype=np.float64)[..., None], np.asarray(blood, dtype=np.float64)[..., None]
    mix = MELANIN_PER_CM * (s["nm"] / 550.0) ** -slope
    through = np.exp(-2 * PATH * EPIDERMIS_CM * m * mix)
    dermis = _dermis(s, b * _blood(s, oxygenation) + (1 - b) * s["bloodless"])
    return (EPIDERMIS_RETURN + (1 - EPIDERMIS_RETURN) * through * dermis) @ s["to_rgb"]


CAROTENE_PER_CM_PER_M = ((425.0, 14.0, 0.9e5), (451.0, 12.0, 1.39e5), (479.0, 11.0, 1.2e5))
"""Beta-carotene: three Gaussian bands (centre nm, sigma nm, height); our fit of its well-known spectrum, peak 1.39e5 at 451
nm."""
CAROTENE_MOLAR = 7.0e-5 / 537.0
"""Carotene in the dermis: 7e-5 g/L (Krishnaswamy & Baranoski 2004), 537 g/mol."""
CAROTENE_GATHERED = 6.0
"""Skin that holds much sebum carries several times the mean; our choice."""


@lru_cache(maxsize=64)
def carotene_change(amount: float) -> NDArray[np.float32]:
    """Factor (3,) on linear sRGB of fair skin where `amount` times the mean of CAROTENE_GATHERED is added to the dermis."""
    s = _cached_spectra()
    added = sum(h * np.exp(-0.5 * ((s["nm"] - c) / w) ** 2) for c, w, h in CAROTENE_PER_CM_PER_M)
    per_cm = np.log(10.0) * CAROTENE_MOLAR * CAROTENE_GATHERED * amount * added
    with_it, without = (
        _dermis(s, 0.02 * _blood(s, OXYGENATION) + 0.98 * s["bloodless"] + x) @ s["to_rgb"] for x in (per_cm, 0.0)
    )
    return np.asarray(with_it / without, dtype=np.float32)


def _blood(s: dict[str, NDArray[np.float64]], oxygenation: float) -> NDArray[np.float64]:
    return oxygenation * s["oxy"] + (1 - oxygenation) * s["deoxy"]


def _dermis(s: dict[str, NDArray[np.float64]], absorbed: NDArray[np.float64]) -> NDArray[np.float64]:
    """Diffuse reflectance of a scattering half-space (Farrell, Patterson & Wilson 1992)."""
    albedo = s["scattering"] / (s["scattering"] + absorbed)
    root = np.sqrt(3 * (1 - albedo))
    return np.asarray(albedo / 2 * (1 + np.exp(-4 / 3 * INTERNAL_REFLECTION * root)) * np.exp(-root))


@dataclass(frozen=True)
class Pigment:
    """One person's skin: base shares of melanin and blood, melanin slope, and the gain (3,) that closes what the
    model leaves open, so that `Pigment.color(melanin, blood)` is exactly the wanted colour."""

    melanin: float
    blood: float
    slope: float
    gain: tuple[float, float, float]
    table: NDArray[np.float32]

    def color(self, melanin: NDArray[np.float32], blood: NDArray[np.float32]) -> NDArray[np.float32]:
        """Linear sRGB (H, W, 3) of the (H, W) maps of melanin and blood shares, by bilinear lookup."""
        x = _coordinate(melanin, MELANIN_RANGE)
        y = _coordinate(blood, BLOOD_RANGE)
        found = cv2.remap(self.table, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found, dtype=np.float32)

    @cached_property
    def _lightness(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """L* rising and the melanin shares that give it, at the base share of blood."""
        shares = np.geomspace(*MELANIN_RANGE, FINE_STEPS).astype(np.float32)
        lab = color.lab_from_linear(self.color(shares[None], np.full((1, FINE_STEPS), self.blood, dtype=np.float32))[0])
        return np.maximum.accumulate(lab[::-1, 0]), shares[::-1].astype(np.float64)

    @cached_property
    def _redness(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """a* rising and the blood shares that give it, at the base share of melanin; up to where more blood only darkens."""
        shares = np.geomspace(*BLOOD_RANGE, FINE_STEPS).astype(np.float32)
        lab = color.lab_from_linear(self.color(np.full((1, FINE_STEPS), self.melanin, dtype=np.float32), shares[None])[0])
        most = int(lab[:, 1].argmax()) + 1
        return np.maximum.accumulate(lab[:most, 1]), shares[:most].astype(np.float64)

    def darkened(self, shade: NDArray[np.float32]) -> NDArray[np.float32]:
        """Melanin share that lowers L* of the base colour by `shade` (H, W); negative: raises it, as far as skin goes."""
        lightness, shares = self._lightness
        base = np.interp(-self.melanin, -shares, lightness)
        return np.interp(base - shade, lightness, shares).astype(np.float32)

    def flushed(self, flush: NDArray[np.float32]) -> NDArray[np.float32]:
        """Blood share that raises a* of the base colour by `flush` (H, W); negative: pales."""
        redness, shares = self._redness
        base = np.interp(self.blood, shares, redness)
        return np.interp(base + flush, redness, shares).astype(np.float32)

    def nearest(self, lab: ArrayLike) -> tuple[float, float]:
        """Melanin and blood shares whose colour comes nearest to `lab` (3,) (CIE76, hue weighing less than depth)."""
        away = (self._table_lab - np.asarray(lab, dtype=np.float64)) * np.array([1.0, 1.0, 0.5])
        row, column = np.unravel_index(int((away**2).sum(axis=-1).argmin()), away.shape[:2])
        return float(np.geomspace(*MELANIN_RANGE, FINE_STEPS)[column]), float(np.geomspace(*BLOOD_RANGE, FINE_STEPS)[row])

    @cached_property
    def _table_lab(self) -> NDArray[np.float64]:
        m, b = (np.geomspace(*limits, FINE_STEPS).astype(np.float32) for limits in (MELANIN_RANGE, BLOOD_RANGE))
        return color.lab_from_linear(self.color(*(np.ascontiguousarray(x) for x in np.meshgrid(m, b))))


def _coordinate(share: NDArray[np.float32], limits: tuple[float, float]) -> NDArray[np.float32]:
    low, high = np.log(limits[0]), np.log(limits[1])
    scale = np.float32((TABLE_SIZE - 1) / (high - low))
    logs = cv2.log(np.maximum(share, np.float32(1e-6)).astype(np.float32))
    return np.asarray((logs - np.float32(low)) * scale, dtype=np.float32)


@lru_cache(maxsize=256)
def solve(lab: tuple[float, float, float]) -> Pigment:
    """Return the pigment whose base colour is `lab` (CIELAB D65)."""
    target = np.asarray(lab, dtype=np.float64)
    start = np.array([np.log(0.01 * np.exp(max(0.0, 70.0 - target[0]) / 14.0)), np.log(0.02), 2.6])

    def miss(x: NDArray) -> NDArray:
        now = color.lab_from_linear(np.maximum(reflectance(np.exp(x[0]), np.exp(x[1]), x[2]), 1e-5))
        return np.concatenate([now - target, (x - start) * np.array([0.0, 2.0, 0.5])])

    low, high = [np.log(0.003), np.log(0.006), 1.0], [np.log(0.9), np.log(0.09), 3.0]
    found = least_squares(miss, np.clip(start, low, high), bounds=(low, high)).x
    melanin, blood, slope = float(np.exp(found[0])), float(np.exp(found[1])), float(found[2])
    wanted = np.maximum(color.linear_from_lab(target), 1e-4)
    gain = wanted / np.maximum(reflectance(melanin, blood, slope), 1e-5)
    grid_m = np.geomspace(*MELANIN_RANGE, TABLE_SIZE)
    grid_b = np.geomspace(*BLOOD_RANGE, TABLE_SIZE)
    table = (reflectance(grid_m[None, :], grid_b[:, None], slope) * gain).astype(np.float32)
    table.setflags(write=False)
    return Pigment(melanin, blood, slope, (float(gain[0]), float(gain[1]), float(gain[2])), table)
