"""Recognisers of a few numbers, built node by node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")


def pooling(
    path: Path, channels: int = 3, size: int | str = "S", batch: int | str = "N", said: dict[str, Any] | str | None = None
) -> Path:
    """Write a model that gives the means of the four quarters of every channel, (N, 4 x channels)."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    side = size if isinstance(size, int) else 112
    nodes = [
        helper.make_node("AveragePool", ["x"], ["p"], kernel_shape=[side // 2] * 2, strides=[side // 2] * 2),
        helper.make_node("Flatten", ["p"], ["y"], axis=1),
    ]
    graph = helper.make_graph(
        nodes, "quarters",
        [helper.make_tensor_value_info("x", kind, [batch, channels, size, size])],
        [helper.make_tensor_value_info("y", kind, [batch, 4 * channels])],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    if said is not None:
        helper.set_model_props(model, {"facegen.preprocessing": said if isinstance(said, str) else json.dumps(said)})
    path.write_bytes(model.SerializeToString())
    return path


def quarters(pixels: np.ndarray) -> np.ndarray:
    """Return what `pooling` gives for prepared pixels (C, S, S), not normalised."""
    half = pixels.shape[1] // 2
    return pixels.astype(np.float64).reshape(len(pixels), 2, half, 2, half).mean(axis=(2, 4)).ravel()
