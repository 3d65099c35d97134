"""Do our pictures have the statistics of photographs? Spectrum, gradients and luminance of a rendered set beside published
figures.

    python benchmarks/photo_statistics.py DATASET [PHOTOS] [--most 400] [--by camera]

DATASET: a finished dataset. PHOTOS: a folder of photographs to measure in the same way (jpg, png, webp), searched through.
Prints, for the whole set and for each value of the label --by, the median over pictures of
- slope of log power over log frequency, radially averaged, Hann window, 0.03 to 0.35 cycles a pixel. Natural images: -2 with a
  spread of 0.3 between pictures (Field, JOSA A 4:2379, 1987: amplitude 1/f; Torralba & Oliva, Network 14:391, 2003: -1.8 to
  -2.4 by scene). The published fits start at lower frequencies of larger pictures; a face on a soft background is steeper.
- share of power across a diagonal against along the axes: Torralba & Oliva find less on the diagonals of man-made scenes (< 1).
- kurtosis of the horizontal derivative of log luminance: 7 to 20, median about 12 (Huang & Mumford, CVPR 1999: 17.4 over their
  set; Simoncelli & Olshausen, Annu. Rev. Neurosci. 24:1193, 2001: "much greater than 3"). Figures from memory.
- share of black (0-4) and white (251-255) luma, and the distance from darkest to brightest percent.
- noise: sd of the finest diagonal detail over smooth parts, median absolute deviation (Donoho & Johnstone 1994), 8-bit steps.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facegen.dataset.read import Dataset
from facegen.errors import DataError, FacegenError

BAND = (0.03, 0.35)
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
PUBLISHED = {
    "slope": (-2.6, -1.6, "Field 1987; Torralba & Oliva 2003"),
    "diagonal": (0.3, 1.0, "Torralba & Oliva 2003, man-made and portraits"),
    "kurtosis": (6.0, 25.0, "Huang & Mumford 1999; Simoncelli & Olshausen 2001"),
    "black": (0.0, 0.05, "our choice: a print's blacks"),
    "white": (0.0, 0.05, "our choice: clipped highlights"),
    "range": (120.0, 250.0, "our choice: exposed to use the scale"),
    "noise": (0.2, 4.0, "our choice: between a studio and a telephone indoors"),
}
"""Least, most, source: a set is met when its median lies between."""


def measure(image: NDArray[np.uint8]) -> dict[str, float]:
    """Return the statistics of a (H, W, 3) picture in OpenCV's order, its middle square."""
    side = min(image.shape[:2])
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    luma = cv2.cvtColor(image[top : top + side, left : left + side], cv2.COLOR_BGR2GRAY).astype(float)
    slope, diagonal = spectrum(luma)
    gradient = np.diff(np.log(luma + 4), axis=1)
    gradient -= gradient.mean()
    fine = (luma[:-1:2, :-1:2] - luma[1::2, :-1:2] - luma[:-1:2, 1::2] + luma[1::2, 1::2]) / 2
    low, high = np.percentile(luma, (1, 99))
    return {
        "slope": slope,
        "diagonal": diagonal,
        "kurtosis": float((gradient**4).mean() / max((gradient**2).mean() ** 2, 1e-12)),
        "black": float((luma <= 4).mean()),
        "white": float((luma >= 251).mean()),
        "range": float(high - low),
        "noise": float(np.median(np.abs(fine)) / 0.6745),
    }


def spectrum(luma: NDArray[np.float64]) -> tuple[float, float]:
    """Return the slope of log power over log frequency of a square picture, and power near the diagonals over that near the
    axes."""
    side = luma.shape[0]
    window = np.outer(np.hanning(side), np.hanning(side))
    power = np.abs(np.fft.fft2((luma - luma.mean()) * window)) ** 2
    fy, fx = np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side), indexing="ij")
    radius, angle = np.hypot(fx, fy), np.degrees(np.arctan2(np.abs(fy), np.abs(fx)))
    edges = np.geomspace(*BAND, 13)
    place = np.digitize(radius, edges)
    rings = [(place == k) for k in range(1, len(edges)) if (place == k).any()]
    x = [np.log(radius[ring].mean()) for ring in rings]
    y = [np.log(power[ring].mean() + 1e-12) for ring in rings]
    inside = (radius > BAND[0]) & (radius < BAND[1])
    across, along = inside & (np.abs(angle - 45) < 15), inside & ((angle < 15) | (angle > 75))
    return float(np.polyfit(x, y, 1)[0]), float(power[across].mean() / power[along].mean())


def measured(paths: Iterable[Path]) -> pd.DataFrame:
    """Return one row a picture."""
    rows = []
    for path in paths:
        image = cv2.imread(str(path))
        if image is None:
            raise DataError(f"'{path}' is no picture that can be read; take it out of the folder")
        rows.append(measure(image))
    if not rows:
        raise DataError("there is no picture to measure; name a dataset that holds some")
    return pd.DataFrame(rows)


def report(title: str, found: pd.DataFrame) -> int:
    """Print medians and quartiles beside what is published; return how many are met."""
    met = 0
    print(f"{title}: {len(found)} pictures")
    for name, (least, most, source) in PUBLISHED.items():
        low, middle, high = found[name].quantile([0.25, 0.5, 0.75])
        inside = least <= middle <= most
        met += inside
        print(
            f"  {'ok  ' if inside else 'MISS'} {name:9s} {middle:8.3f} ({low:.3f} .. {high:.3f})  {least:g} to {most:g}: {source}"
        )
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("photos", type=Path, nargs="?")
    parser.add_argument("--most", type=int, default=400, help="pictures of each side")
    parser.add_argument("--by", default="camera", help="label that splits the set")
    given = parser.parse_args()
    try:
        labels = Dataset.open(given.dataset).labels.head(given.most).reset_index(drop=True)
        ours = measured(given.dataset / name for name in labels["file"])
        met = report("ours", ours)
        print(f"{met} of {len(PUBLISHED)} met")
        table = ours.assign(**{given.by: labels[given.by]}).groupby(given.by).median()
        print(table.assign(pictures=labels[given.by].value_counts()).round(3).to_string())
        if given.photos is not None:
            found = sorted(p for p in given.photos.rglob("*") if p.suffix.lower() in SUFFIXES)
            report("photographs", measured(found[:: max(len(found) // given.most, 1)][: given.most]))
    except FacegenError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
