"""Do pictures show the tone that was asked for? Albedo against the anchor, apparent tone against the request.

    python benchmarks/skin_tone.py [--people 200]

People of pipelines/frontal_clean.yaml, each shot once as the spec says and once neutrally: no exposure or white-balance error,
one light for all. Prints the CIEDE2000 distance of the face's mean albedo (skin map without lips and mouth) from its Monk
anchor (people with vitiligo, about 1%, left out: the anchor is their pigmented skin's), and Spearman's rank correlation of the
requested with the apparent L*, for both.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from facegen.head.model import HeadModel
from facegen.looks import color
from facegen.looks.skin.charts import charts
from facegen.looks.skin.textures import skin_textures
from facegen.population.plan import build
from facegen.resources import asset_json
from facegen.run.studio import Studio
from facegen.sample import LightSpec, SampleSpec
from facegen.spec import DatasetSpec

SPEC = Path(__file__).parents[1] / "pipelines" / "frontal_clean.yaml"
SIZE, RIG = 256, "studio_flat"


def albedo_lab(model: HeadModel, sample: SampleSpec) -> NDArray[np.float64]:
    """Return the CIELAB (3,) of the face's mean albedo, without lips and mouth."""
    chart = charts(model, SIZE)
    face = (chart.zones["face"] > 0.9) & (chart.masks["lips"] < 0.02) & (chart.masks["mouth_inside"] < 0.02) & chart.covered
    albedo = skin_textures(model, sample.identity, sample.sitting, SIZE).albedo
    return np.asarray(color.lab_from_linear(color.decode(albedo / 255.0)[face].mean(axis=0)))


def albedo_distance(model: HeadModel, sample: SampleSpec, anchors: dict[int, tuple[float, ...]]) -> float:
    """Return CIEDE2000 from the face's mean albedo to the anchor of the person's tone."""
    return float(color.ciede2000(albedo_lab(model, sample), np.asarray(anchors[sample.identity.skin.monk])))


def neutral(sample: SampleSpec, light: LightSpec) -> SampleSpec:
    """Return the sample with a perfect lens and a camera that exposes and balances without error, under `light`."""
    sensor = sample.shot.degradation.model_copy(update={"exposure_ev": 0.0, "wb_red": 1.0, "wb_blue": 1.0})
    return sample.model_copy(
        update={
            "shot": sample.shot.model_copy(update={"camera": sample.shot.camera.pinhole(), "degradation": sensor, "light": light})
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200)
    people = parser.parse_args().people
    plan = build(DatasetSpec.load(SPEC))
    samples = [plan.sample(n) for n in range(people)]
    light = next(sample.shot.light for sample in samples if sample.shot.light.rig == RIG)
    anchors = {entry["monk"]: tuple(entry["lab"]) for entry in asset_json("looks/monk.json")["anchors"]}
    with Studio() as studio:
        whole = [sample for sample in samples if sample.identity.skin.complexion.vitiligo == 0]
        distance = np.array([albedo_distance(studio.model, sample, anchors) for sample in whole])
        taken = {"as the spec says": samples, "neutrally": [neutral(sample, light) for sample in samples]}
        apparent = {name: [studio.shoot(sample).row["apparent_L"] for sample in shots] for name, shots in taken.items()}
    spread = f"CIEDE2000 median {np.median(distance):.2f}, largest {distance.max():.2f}"
    print(f"albedo to anchor, {len(distance)} people without vitiligo: {spread}")
    asked = [sample.identity.skin.lab[0] for sample in samples]
    for name, seen in apparent.items():
        print(f"apparent L* against the requested, exposed {name}: Spearman {spearmanr(asked, seen).statistic:.4f}")


if __name__ == "__main__":
    main()
