"""Is there as much fine detail in every group's skin? High-frequency energy of the face region at equal exposure.

    python benchmarks/skin_detail.py [--people 96]

People of pipelines/frontal_clean.yaml shot neutrally: one light for all, a camera without error, no beard, no makeup. Detail is
the deviation of sRGB-coded luma (0..255) between two Gaussian blurs (0.7 and 2.8 px at 256 px): the standard deviation over the
face with eyes, brows and lips; and, over bare skin alone away from every border, what the mean deviation stands for, so that
single dark points do not rule. The median person of each group is compared.
"""

from __future__ import annotations

import argparse

import cv2
import numpy as np
from numpy.typing import NDArray
from skin_tone import RIG, SPEC, neutral

from facegen.audit.detector import monk_third
from facegen.population.plan import build
from facegen.run.outputs import Outputs
from facegen.run.studio import Studio
from facegen.sample import SampleSpec
from facegen.scene import REGIONS
from facegen.spec import DatasetSpec

FINE_PX, COARSE_PX = 0.7, 2.8
SKIN = ("skin", "nose")
FACE = (*SKIN, "right_eye", "left_eye", "right_brow", "left_brow", "top_lip", "bottom_lip", "mouth_interior")


def detail(image: NDArray[np.uint8], ids: NDArray[np.uint8]) -> tuple[float, float]:
    """Return the detail of a (S, S, 3) picture's face (`FACE`), and of its bare skin away from borders."""
    luma = (image.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)).astype(np.float32)
    band = cv2.GaussianBlur(luma, (0, 0), FINE_PX) - cv2.GaussianBlur(luma, (0, 0), COARSE_PX)
    inner = []
    for names, border in ((FACE, 5), (SKIN, 13)):
        region = np.isin(ids, [REGIONS[name] for name in names]).astype(np.uint8)
        inner.append(cv2.erode(region, np.ones((border, border), np.uint8)).astype(bool))
    return float(band[inner[0]].std()), float(np.abs(band[inner[1]]).mean() * np.sqrt(np.pi / 2))


def plain(sample: SampleSpec) -> SampleSpec:
    """Return the sample without beard and makeup."""
    beard = sample.sitting.beard.model_copy(update={"style": "none", "density": 0.0})
    makeup = sample.sitting.makeup.model_copy(update={"lips": 0.0, "eyes": 0.0, "liner": 0.0, "blush": 0.0})
    return sample.model_copy(update={"sitting": sample.sitting.model_copy(update={"beard": beard, "makeup": makeup})})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=96)
    plan = build(DatasetSpec.load(SPEC))
    samples = [plan.sample(n) for n in range(parser.parse_args().people)]
    light = next(sample.shot.light for sample in samples if sample.shot.light.rig == RIG)
    people, values = [], []
    with Studio() as studio:
        for sample in samples:
            result = studio.shoot(neutral(plain(sample), light), Outputs(masks=True))
            mask = next(data for name, data in result.files.items() if name.startswith("masks/"))
            values.append(detail(result.image, cv2.imdecode(np.frombuffer(mask, np.uint8), cv2.IMREAD_UNCHANGED)))
            person = sample.identity
            people.append({"sex": person.sex, "ancestry": person.ancestry, "Monk": monk_third(person.skin.monk)})
    for what, column in (("face", 0), ("bare skin", 1)):
        for factor in people[0]:
            print(f"{what} by {factor}: {_compared([p[factor] for p in people], [v[column] for v in values])}")


def _compared(groups: list[str], values: list[float]) -> str:
    middle = {g: float(np.median([v for v, own in zip(values, groups, strict=True) if own == g])) for g in sorted(set(groups))}
    gap = 100 * (1 - min(middle.values()) / max(middle.values()))
    return ", ".join(f"{name} {value:.2f}" for name, value in middle.items()) + f"; least {gap:.0f}% below most"


if __name__ == "__main__":
    main()
