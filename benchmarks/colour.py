"""Colours, gloss and fine detail of people, beside published figures.

    python benchmarks/colour.py [--people 96] [--size 512] [--out colour.json]

People of pipelines/frontal_clean.yaml (every sex x age band x ancestry equally often), all under the same light, measured on the
renderer's linear picture: no lens, sensor or codec. Prints
- albedo of the face (skin map without lips and mouth), CIELAB by Monk tone;
- iris and head hair, CIELAB by colour class, in the picture: white is a white surface under this light's mean;
- gloss: how far the brightest hundredth of the skin lies above its median, in shares of that white, and the map's GGX alpha;
- detail: energy of skin and nose below about 1 cm (features, wrinkles) and 3 mm (marks, relief) over the squared mean, so at
  equal exposure, median by group. Bar: no sex, ancestry or Monk third more than 20% below another. Age is shown too.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skin_tone import albedo_lab

from facegen.audit.detector import monk_third
from facegen.geometry.framing import FACE_CENTER, FRAME_MM
from facegen.looks import color
from facegen.looks.skin.textures import skin_textures
from facegen.measures.detail import detail_energy, shortfall
from facegen.population.plan import build
from facegen.run.studio import Studio
from facegen.sample import LightSpec, SampleSpec
from facegen.scene import REGIONS, Frame
from facegen.spec import DatasetSpec

SPEC = Path(__file__).parents[1] / "pipelines" / "frontal_clean.yaml"
RIG = "studio_soft"
FACE_M, EYES_M = 0.28, 0.10
"""Width of the picture at the face: portraits of one scale, so that a pixel is the same skin on everybody; and close-ups."""
FINE_M = {"detail": 0.0035, "fine": 0.0011}
"""Standard deviations of the Gaussians that detail lies above: waves shorter than about 1 cm and about 3 mm pass."""
BARRED = ("sex", "ancestry", "monk_third")
IRIS_M = 0.0059
IRIS_RING = (0.5, 0.85)
EYES_OVER_CENTER_M = -FACE_CENTER[1]
BAR = 0.20
SKIN_SPAN = {"L*": (28.0, 75.0), "a*": (6.0, 14.0), "b*": (7.0, 21.0)}
PUBLISHED = {
    "skin": "facial skin by contact spectrophotometry has L* below 30 to about 75, a* 6-14, b* 7-21 (Xiao et al. 2017, Wang et "
    "al. 2015, Del Bino & Bernerd 2013, as assets/looks/monk.json has them); 148 Koreans L* 64.2 +- 4.9, a* 9.0 +- 2.7, b* 18.3 "
    "+- 2.4 (Yun et al. 2010)",
    "iris": "brown irises differ in lightness and chroma at nearly one hue (Jang et al. 2018, Healthc Inform Res 24:227, 100 "
    "Koreans); blue ones are structure over little melanin (Sturm & Larsson 2009): from brown to blue b* must fall and L* rise",
    "hair": "black hair has L* 18.4, a* -0.1, b* -0.8, dark brown L* 21.7-23.8, a* 3.4-4.3, b* 3.9-5.4 (diffuse reflectance, "
    "D65: Measurement of hair luster, J. Cosmet. Sci. 51, 2000, tables III and IV)",
    "gloss": "skin reflects 2.8% at normal incidence whatever its tone, at a Beckmann roughness of about 0.3 (d'Eon & Luebke "
    "2007, GPU Gems 3 ch. 14, after the measurements of Weyrich et al. 2006; GGX alpha is of the same size)",
}


class Camera:
    """Takes the renderer's own frame of a sample, at `size`."""

    def __init__(self, studio: Studio, size: int) -> None:
        self.studio, self.size = studio, size
        self._draw, self._kept = studio.engine.render, None
        studio.engine.render = self._keep  # type: ignore[method-assign]

    def _keep(self, scene: Any) -> Frame:
        self._kept = self._draw(scene)
        return self._kept

    def take(self, sample: SampleSpec, width_m: float, center_y: float) -> tuple[Frame, dict[str, Any]]:
        """Return frame and label row with `width_m` of the face across the picture."""
        camera = sample.shot.camera
        lens = {"focal_mm": FRAME_MM * camera.distance_m / width_m, "center_x": 0.5, "center_y": center_y}
        shot = sample.shot.model_copy(update={"camera": camera.pinhole().model_copy(update=lens)})
        row = self.studio.shoot(sample.model_copy(update={"shot": shot, "size_px": self.size})).row
        return self._kept, row


def measured(camera: Camera, sample: SampleSpec, light: LightSpec) -> dict[str, Any]:
    """Return all figures of one person: group words and numbers."""
    sample = sample.model_copy(update={"shot": sample.shot.model_copy(update={"light": light})})
    person, model = sample.identity, camera.studio.model
    frame, _ = camera.take(sample, FACE_M, 0.5)
    skin = np.isin(frame.ids, [REGIONS["skin"], REGIONS["nose"]])
    luminance = frame.rgb @ color.LUMA
    found = {
        "sex": person.sex,
        "ancestry": person.ancestry,
        "monk": person.skin.monk,
        "monk_third": monk_third(person.skin.monk),
        "age_band": sample.sitting.age_band,
        "iris": person.iris.color,
        "hair": _hair_class(sample),
        "albedo_lab": albedo_lab(model, sample).tolist(),
        "hair_lab": _median_lab(frame, (frame.ids == REGIONS["hair"]) & (frame.coverage > 0.99)),
        "gloss": float(np.quantile(luminance[skin], 0.99) - np.median(luminance[skin])),
        "alpha": float(np.median(skin_textures(model, person, sample.sitting, 256).detail[..., 2]) / 255) ** 2,
        **{name: detail_energy(luminance, skin, sigma / FACE_M * camera.size) for name, sigma in FINE_M.items()},
    }
    close, row = camera.take(sample, EYES_M, 0.5 + EYES_OVER_CENTER_M / EYES_M)
    return {**found, "iris_lab": _median_lab(close, _irises(close, row, camera.size))}


def _hair_class(sample: SampleSpec) -> str:
    hair = sample.sitting.hair
    return (
        "dyed" if hair.dye is not None else "grey" if hair.grey > 0.6 else "" if hair.grey > 0.1 else sample.identity.hair.color
    )


def _median_lab(frame: Frame, mask: NDArray[np.bool_]) -> list[float] | None:
    """Return the CIELAB of the median linear colour under `mask`, None where hardly anything shows."""
    return None if mask.sum() < 64 else color.lab_from_linear(np.median(frame.rgb[mask], axis=0)).tolist()


def _irises(frame: Frame, row: dict[str, Any], size: int) -> NDArray[np.bool_]:
    """Return the pixels of both eyes between pupil and limbus."""
    y, x = np.mgrid[:size, :size] + 0.5
    eye = np.isin(frame.ids, [REGIONS["right_eye"], REGIONS["left_eye"]])
    radius = IRIS_M / EYES_M * size
    pupils = np.reshape(row["landmarks_5"], (5, 2))[:2]
    distance = np.min([np.hypot(x - u, y - v) for u, v in pupils], axis=0) / radius
    return eye & (distance > IRIS_RING[0]) & (distance < IRIS_RING[1])


def by(people: list[dict[str, Any]], group: str, figure: str) -> dict[Any, tuple[Any, int]]:
    """Return group word -> median of the figure and people, groups in order; nameless groups and lacking figures are left out."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for one in people:
        if one[group] != "" and one[figure] is not None:
            found[one[group]].append(one[figure])
    return {word: (np.median(np.array(found[word]), axis=0), len(found[word])) for word in sorted(found)}


def tables(people: list[dict[str, Any]]) -> str:
    """Return everything as text."""
    lines = [f"albedo by Monk tone. {PUBLISHED['skin']}"]
    for monk, (lab, count) in by(people, "monk", "albedo_lab").items():
        out = [
            name for name, value, (low, high) in zip(SKIN_SPAN, lab, SKIN_SPAN.values(), strict=True) if not low <= value <= high
        ]
        lines.append(
            f"  Monk {monk:<2d} {_lab(lab)}  {count} people{'  outside the published span in ' + ', '.join(out) if out else ''}"
        )
    east = np.array([one["albedo_lab"] for one in people if one["ancestry"] == "east_asian"])
    if len(east):
        lines.append(f"  east_asian, all tones: mean {_lab(east.mean(0))}, sd {_lab(east.std(0))}")
    for part in ("iris", "hair"):
        lines.append(f"{part} in the picture. {PUBLISHED[part]}")
        lines += [f"  {word:12s} {_lab(lab)}  {count} people" for word, (lab, count) in by(people, part, f"{part}_lab").items()]
    lines.append(f"gloss. {PUBLISHED['gloss']}")
    alpha = by(people, "monk_third", "alpha")
    for word, (value, count) in by(people, "monk_third", "gloss").items():
        lines.append(
            f"  Monk {word:5s} brightest hundredth {value:+.3f} over the median, GGX alpha {alpha[word][0]:.2f}, {count} people"
        )
    return "\n".join([*lines, *_detail(people)])


def _detail(people: list[dict[str, Any]]) -> list[str]:
    lines = ["energy of skin detail at equal exposure, medians: below about 1 cm, below about 3 mm"]
    for group in (*BARRED, "age_band"):
        coarse, fine = by(people, group, "detail"), by(people, group, "fine")
        for word, (value, count) in coarse.items():
            lines.append(f"  {group + ' ' + str(word):24s} {1e4 * value:7.2f}e-4 {1e4 * fine[word][0]:7.2f}e-4  {count} people")
    for (figure, group), short in shortfalls(people).items():
        mark = "ok  " if short <= BAR else "MISS"
        lines.append(f"{mark} {figure:6s} by {group}: largest shortfall {100 * short:.0f}%, bar {100 * BAR:.0f}%")
    return lines


def shortfalls(people: list[dict[str, Any]]) -> dict[tuple[str, str], float]:
    """Return (figure, grouping) -> how far the least detailed group lies below the most detailed."""
    return {
        (figure, group): shortfall({word: float(value) for word, (value, _) in by(people, group, figure).items()})
        for figure in ("detail", "fine")
        for group in BARRED
    }


def _lab(lab: NDArray[np.float64]) -> str:
    return f"L* {lab[0]:5.1f} a* {lab[1]:5.1f} b* {lab[2]:5.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=96, help="whole blocks of 48 are balanced")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--out", type=Path, help="write every person's figures as JSON too")
    given = parser.parse_args()
    plan = build(DatasetSpec.load(SPEC).model_copy(update={"identities": given.people}))
    samples = list(plan.samples())
    light = next(sample.shot.light for sample in samples if sample.shot.light.rig == RIG)
    with Studio() as studio:
        camera = Camera(studio, given.size)
        people = [measured(camera, sample, light) for sample in samples]
    print(tables(people))
    if given.out is not None:
        given.out.write_text(
            json.dumps(
                {
                    "shortfall": {" by ".join(key): value for key, value in shortfalls(people).items()},
                    "people": people,
                    "published": PUBLISHED,
                },
                indent=1,
            )
        )


if __name__ == "__main__":
    main()
