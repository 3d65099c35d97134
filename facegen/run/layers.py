"""Label layers of one picture as files: what each needs of the renderer, and how it is stored (docs/labels.md, "Layers")."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from facegen.annotate.parts import NUMBERS, part_ids
from facegen.dataset.layers import DEPTH_UNIT_M, NORMAL_SCALE, UV_STEPS
from facegen.looks import color
from facegen.run.outputs import Outputs
from facegen.scene import Frame, Scene
from facegen.sensor.codec import encode_png
from facegen.sensor.exr import encode_exr

CHARTED = NUMBERS["skin"]
"""The part that uv is given on: the head's chart."""


def wanted(outputs: Outputs) -> frozenset[str]:
    """Return the Scene.layers that `outputs` need."""
    asked = {
        "albedo": outputs.albedo, "uv": outputs.uv, "parts": outputs.parts, "hair": outputs.hair_alpha, "bare": outputs.amodal,
    }  # fmt: skip
    return frozenset(name for name, on in asked.items() if on)


def files(outputs: Outputs, frame: Frame, scene: Scene) -> Iterator[tuple[str, str, bytes]]:
    """Yield (folder, suffix, file) of the layers of `frame`, drawn from `scene`, that `outputs` ask for."""
    layers = frame.layers
    if outputs.masks:
        yield "masks", "png", encode_png(frame.ids)
    if outputs.under and frame.under is not None:
        yield "masks_under", "png", encode_png(frame.under)
    if layers.bare is not None:
        yield "masks_skin", "png", encode_png(layers.bare)
    if outputs.depth:
        yield "depth", "png", encode_png(np.round(frame.depth / DEPTH_UNIT_M).astype(np.uint16))
    if outputs.depth_exr:
        yield "depth_exr", "exr", encode_exr(frame.depth)
    if outputs.normals:
        yield "normals", "png", encode_png(np.round((frame.normals + 1) * NORMAL_SCALE).astype(np.uint16))
    if layers.hair is not None:
        yield "hair_alpha", "png", encode_png(np.round(layers.hair * 255).astype(np.uint8))
    if layers.albedo is not None:
        yield "albedo", "png", encode_png(color.encode_bytes(layers.albedo))
    if layers.parts is not None:
        parts = part_ids(layers.parts, scene.surfaces)
        if layers.uv is not None:
            yield "uv", "png", encode_png(_charted(layers.uv, parts == CHARTED))
        if outputs.parts:
            yield "parts", "png", encode_png(parts)


def _charted(uv: NDArray[np.float32], on: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Return the stored uv (S, S, 3): red u, green v, blue 0."""
    out = np.zeros((*on.shape, 3), np.uint16)
    out[on, :2] = 1 + np.round(np.clip(uv[on], 0, 1) * UV_STEPS).astype(np.uint16)
    return out
