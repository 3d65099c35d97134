"""The golden sheet: eight shots of the demo plan at 96 px, photographs above, region ids below.

python tests/golden/sheet.py        draw it anew, after a change that was meant to be seen; look at it before you commit it
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.population.plan import build
from facegen.run.outputs import Outputs
from facegen.run.studio import Studio
from facegen.sensor.codec import decode_exact, encode_png
from facegen.spec import DatasetSpec

ROOT = Path(__file__).parents[2]
PHOTOS, IDS = Path(__file__).with_name("photos.png"), Path(__file__).with_name("ids.png")
SHOTS = (0, 31, 62, 93, 124, 155, 186, 217)
SIZE = 96


def draw() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return photographs (96, 768, 3) RGB and region ids (96, 768)."""
    plan = build(DatasetSpec.load(ROOT / "pipelines/demo.yaml").model_copy(update={"size": SIZE, "format": "png"}))
    photos, ids = [], []
    with Studio() as studio:
        for n in SHOTS:
            taken = studio.shoot(plan.sample(n), Outputs(format="png", masks=True))
            photos.append(taken.image)
            ids += [decode_exact(data) for name, data in taken.files.items() if name.startswith("masks/")]
    return np.hstack(photos), np.hstack(ids)


def stored() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return what `draw` returned when the sheet was accepted."""
    photos = cv2.cvtColor(np.asarray(cv2.imread(str(PHOTOS), cv2.IMREAD_COLOR)), cv2.COLOR_BGR2RGB)
    return np.asarray(photos, np.uint8), np.asarray(cv2.imread(str(IDS), cv2.IMREAD_UNCHANGED), np.uint8)


if __name__ == "__main__":
    for path, picture in zip((PHOTOS, IDS), draw(), strict=True):
        path.write_bytes(encode_png(picture))
