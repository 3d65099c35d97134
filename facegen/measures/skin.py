"""Apparent against intrinsic skin tone: what light, camera and compression made of the albedo."""

from __future__ import annotations

import numpy as np
import pandas as pd

COLUMNS = ("skin_monk", "skin_L", "skin_ita_deg", "apparent_L", "apparent_ita_deg")
LIGHTS = ("light_class", "light")
DEFINITIONS = {
    "delta_L_mean": "mean of apparent less intrinsic L* (CIELAB) over pictures that show skin",
    "delta_ita_mean": "mean of apparent less intrinsic individual typology angle, degrees, the short way round",
}


def apparent_vs_intrinsic(labels: pd.DataFrame) -> dict[str, dict[str, dict[str, float | int]]] | None:
    """Return light -> Monk anchor -> n, delta_ita_mean, delta_L_mean; None where labels hold no such columns or no skin shows.

    Light is `light_class` where it is known, else the place.
    """
    light = next((name for name in LIGHTS if name in labels and labels[name].notna().any()), None)
    if light is None or any(name not in labels for name in COLUMNS):
        return None
    rows = labels[[light, *COLUMNS]].dropna()
    if rows.empty:
        return None
    angle = (rows["apparent_ita_deg"] - rows["skin_ita_deg"] + 180) % 360 - 180
    table = pd.DataFrame(
        {
            "light": rows[light].astype(str),
            "monk": rows["skin_monk"].astype(int),
            "L": rows["apparent_L"] - rows["skin_L"],
            "ita": angle,
        }
    )
    out: dict[str, dict[str, dict[str, float | int]]] = {}
    for (place, monk), part in table.groupby(["light", "monk"], sort=True):
        out.setdefault(str(place), {})[str(monk)] = {
            "n": len(part),
            "delta_ita_mean": round(float(np.mean(part["ita"])), 2),
            "delta_L_mean": round(float(np.mean(part["L"])), 2),
        }
    return out
