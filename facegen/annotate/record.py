"""One label row of one picture, from geometry and parameters; only the apparent colour and a few quality scores read pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.annotate import points
from facegen.annotate.capture import capture
from facegen.annotate.expression import expression
from facegen.annotate.eyes import eyes
from facegen.annotate.light import light
from facegen.annotate.person import apparent, person
from facegen.annotate.place import place
from facegen.annotate.schema import SCHEMA, SCHEMA_VERSION, Column, arrow_schema, late_columns
from facegen.annotate.scores import scores
from facegen.annotate.shot import optics, pose
from facegen.annotate.wear import before, shaded, worn
from facegen.geometry.rotations import transform_points
from facegen.head.model import HeadModel, PosedHead
from facegen.sample import SampleSpec
from facegen.scene import Camera, Frame

__all__ = ["SCHEMA", "SCHEMA_VERSION", "Column", "annotate", "arrow_schema", "late_columns"]


def annotate(
    sample: SampleSpec,
    posed: PosedHead,
    model: HeadModel,
    transform: NDArray[np.float64],
    camera: Camera,
    frame: Frame,
    image: NDArray[np.uint8],
    applied: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the columns of `SCHEMA` but the late ones: plain numbers, strings, None and lists.

    transform (4, 4) head -> world; frame: the render with everything worn; image (S, S, 3) uint8 RGB: the photograph; applied:
    Photo.applied. Lists are flat, row by row.
    """
    marks = points.mark(posed, model, transform, camera, frame)
    where = place(transform_points(transform, posed.vertices), marks.ibug.pixels, model, camera, frame)
    row = {
        "schema_version": SCHEMA_VERSION,
        **person(sample),
        **apparent(image, frame),
        **expression(sample.shot),
        **eyes(sample, posed, transform),
        **pose(transform),
        **optics(sample, transform, camera, marks.ibug),
        **light(sample.shot, applied),
        **worn(sample.shot.wear),
        **before(sample, shaded(sample, posed, model, transform)),
        **capture(sample.shot.degradation, applied),
        **where,
        **points.columns(marks),
        **scores(sample, transform, camera, frame, image, marks.ibug, where["occluded_fraction"]),
        "sample": sample.model_dump_json(),
    }
    return {name: row[name] for name, column in SCHEMA.items() if not column.late}
