"""Daylight: luminance of the sky, illuminance of sky and sun, their colours.

Distribution: CIE general sky, CIE S 011/E:2003 (ISO 15469:2004): fifteen pairs of a gradation and an indicatrix. Levels: IES
RP-21 (1984), recommended practice for the calculation of daylight availability. Air mass: Kasten & Young 1989, Revised optical
air mass tables, Applied Optics 28. Colour of the sun: Rayleigh optical depth after Hansen & Travis 1974, Space Science Reviews
16, with an Angstrom haze; colour of the sky by its luminance is our choice. The constants of S 011 and RP-21 are from memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen.surroundings import maps
from facegen.surroundings.colour import kelvin_rgb, luminance

CIE = {
    1: (4.0, -0.70, 0, -1.0, 0.0), 2: (4.0, -0.70, 2, -1.5, 0.15), 3: (1.1, -0.8, 0, -1.0, 0.0), 4: (1.1, -0.8, 2, -1.5, 0.15),
    5: (0.0, -1.0, 0, -1.0, 0.0), 6: (0.0, -1.0, 2, -1.5, 0.15), 7: (0.0, -1.0, 5, -2.5, 0.30), 8: (0.0, -1.0, 10, -3.0, 0.45),
    9: (-1.0, -0.55, 2, -1.5, 0.15), 10: (-1.0, -0.55, 5, -2.5, 0.30), 11: (-1.0, -0.55, 10, -3.0, 0.45),
    12: (-1.0, -0.32, 10, -3.0, 0.45), 13: (-1.0, -0.32, 16, -3.0, 0.30), 14: (-1.0, -0.15, 16, -3.0, 0.30),
    15: (-1.0, -0.15, 24, -2.8, 0.15),
}  # fmt: skip
"""a, b of the gradation, c, d, e of the indicatrix; 1 overcast, 5 uniform, 12 clear, 13 clear and polluted."""
SUN_OUTSIDE_LX = 127_500.0
EXTINCTION = {"clear": 0.21, "partly": 0.80}
DIFFUSE_KLX = {"clear": (0.8, 15.5, 0.5), "partly": (0.3, 45.0, 1.0), "overcast": (0.3, 21.0, 1.0)}
"""A + B sin(h)^C: horizontal illuminance of the sky at a solar altitude h, klx."""
_WAVELENGTH_UM = np.array([0.61, 0.55, 0.465])
_RAYLEIGH = 0.008569 * _WAVELENGTH_UM**-4 * (1 + 0.0113 * _WAVELENGTH_UM**-2 + 0.00013 * _WAVELENGTH_UM**-4)


def air_mass(altitude_deg: float) -> float:
    """Return the relative optical air mass at a solar altitude, degrees."""
    h = max(altitude_deg, 0.0)
    return float(1 / (np.sin(np.radians(h)) + 0.50572 * (h + 6.07995) ** -1.6364))


def sun_lux(altitude_deg: float, weather: str = "clear") -> float:
    """Return the illuminance (lx) that the sun gives a surface turned to it; 0 below the horizon and under a closed sky."""
    if altitude_deg <= 0 or weather not in EXTINCTION:
        return 0.0
    return SUN_OUTSIDE_LX * float(np.exp(-EXTINCTION[weather] * air_mass(altitude_deg)))


def sky_lux(altitude_deg: float, weather: str = "clear") -> float:
    """Return the horizontal illuminance (lx) of the sky without the sun."""
    a, b, c = DIFFUSE_KLX[weather]
    return 1000 * (a + b * max(float(np.sin(np.radians(altitude_deg))), 0.0) ** c)


def sun_rgb(altitude_deg: float, haze: float = 0.08) -> NDArray[np.float64]:
    """Return the sun's colour (3,), luminance 1, through Rayleigh scattering and a haze of Angstrom's turbidity."""
    depth = _RAYLEIGH + haze * _WAVELENGTH_UM**-1.3
    rgb = kelvin_rgb(5800) * np.exp(-depth * air_mass(altitude_deg))
    return np.asarray(rgb / luminance(rgb))


def relative_luminance(directions: NDArray[np.floating], sun: NDArray[np.floating], kind: int) -> NDArray[np.float64]:
    """Return (...) the luminance of a CIE sky over that of its zenith at unit `directions` (..., 3); 0 below the horizon."""
    a, b, c, d, e = CIE[kind]
    up = np.clip(directions[..., 1], 0.005, 1)
    gradation = (1 + a * np.exp(b / up)) / (1 + a * np.exp(b))
    cosine = np.clip(directions @ sun, -1, 1)
    zenith = float(np.clip(sun[1], -1, 1))

    def indicatrix(cosine: NDArray[np.float64]) -> NDArray[np.float64]:
        return 1 + c * (np.exp(d * np.arccos(cosine)) - np.exp(d * np.pi / 2)) + e * cosine**2

    value = gradation * indicatrix(cosine) / indicatrix(np.array(zenith))
    return np.where(directions[..., 1] > 0, np.clip(value, 0, None), 0.0)


@dataclass(frozen=True)
class Sky:
    """A sky without its sun: `rgb(directions)` in cd/m2. `sun` (3,) unit, towards the sun; `blue_k`, `pale_k`: colour
    temperatures of its darkest and brightest parts; `zenith_cd`: luminance overhead."""

    sun: NDArray[np.float64]
    kind: int
    zenith_cd: float
    blue_k: float
    pale_k: float

    def rgb(self, directions: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return (..., 3) radiance at unit `directions` (..., 3)."""
        relative = relative_luminance(directions, self.sun, self.kind)
        pale = np.clip(relative / 4.0, 0, 1)[..., None] ** 0.5
        colour = (1 - pale) * kelvin_rgb(self.blue_k) + pale * kelvin_rgb(self.pale_k)
        return np.asarray(relative[..., None] * self.zenith_cd * colour, dtype=np.float32)


def sky(sun: NDArray[np.floating], kind: int, diffuse_lx: float, blue_k: float, pale_k: float) -> Sky:
    """Return the CIE sky `kind` that gives a horizontal surface `diffuse_lx`."""
    value = relative_luminance(maps.directions(), sun, kind)
    horizontal = float((value * np.clip(maps.directions()[..., 1], 0, None) * maps.solid_angles()).sum())
    return Sky(np.asarray(sun, dtype=np.float64), kind, diffuse_lx / horizontal, blue_k, pale_k)
