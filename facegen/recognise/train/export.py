"""A trained net as an ONNX file that says how its crops are made, checked against torch before it is written."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import facegen
from facegen.dataset.write import write_atomic
from facegen.errors import MachineError
from facegen.recognise.train.settings import Settings

AGREE = 1e-4
"""Embeddings of unit length by torch and by ONNX Runtime differ by less in every number."""
OPSET = 17
INPUT, OUTPUT = "crops", "embeddings"
SCALE = 255.0
NEEDS = "pip install 'facegen[train]'"


def check_tools() -> None:
    """Raise MachineError, before any training, where the packages that write and check the file are missing."""
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import torch  # noqa: F401
    except ImportError as error:
        raise MachineError(f"facegen train needs {error.name}; install it with: {NEEDS}") from None


def metadata(settings: Settings, specs: Sequence[str]) -> dict[str, str]:
    """Return what the file says of itself: how crops become its input, and what it was trained on."""
    how = {"size": settings.size, "colour": settings.colour, "mean": 0, "scale": 255, "flip": True}
    return {
        "facegen.preprocessing": json.dumps(how),
        "facegen.version": facegen.__version__,
        "facegen.spec_sha256": ",".join(specs),
        "facegen.training": json.dumps(settings.as_dict()),
    }


def export(weights: dict[str, Any], settings: Settings, specs: Sequence[str], crops: NDArray[np.uint8], out: Path) -> float:
    """Write the net as `out` and return the largest difference from torch on `crops` (N, S, S, C) uint8.

    The graph takes float32 (N, C, S, S) of 0..1, any N, and gives (N, D). Raises MachineError, and writes nothing, where the two
    differ by AGREE or more in a number of an embedding of unit length.
    """
    check_tools()
    import torch

    from facegen.recognise.train import nets

    net = nets.build(settings.net, settings.colour, settings.size)
    net.load_state_dict(weights)
    net.eval()
    pixels = np.ascontiguousarray(crops.transpose(0, 3, 1, 2), np.float32) / np.float32(SCALE)
    data = _graph(net, torch.from_numpy(pixels[:2]), metadata(settings, specs))
    with torch.no_grad():
        expected = net(torch.from_numpy(pixels)).numpy()
    apart = float(np.abs(_unit(expected) - _unit(run(data, pixels))).max())
    if not apart < AGREE:
        raise MachineError(f"the ONNX graph differs from torch by {apart:.2g} (allowed: {AGREE:g}); nothing was written")
    write_atomic(out, data, out.parent)
    return apart


def run(data: bytes, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what ONNX Runtime makes of (N, C, S, S) pixels: once all together, and the first alone, to try the free batch."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    found = np.asarray(session.run(None, {INPUT: pixels})[0])
    session.run(None, {INPUT: pixels[:1]})
    return found


def _graph(net: Any, example: Any, facts: dict[str, str]) -> bytes:
    import onnx
    import torch

    packed = io.BytesIO()
    with warnings.catch_warnings():
        # The older exporter: the newer one needs onnxscript, for nets that this one cannot trace. Ours it can.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            net, (example,), packed, dynamo=False, opset_version=OPSET, input_names=[INPUT],  # type: ignore[arg-type]
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: "n"}, OUTPUT: {0: "n"}},
        )  # fmt: skip
    model = onnx.load_from_string(packed.getvalue())
    onnx.helper.set_model_props(model, facts)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _unit(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))
