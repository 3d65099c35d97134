"""The ONNX file: what it says of itself, and that it gives what torch gives."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from crowds import crowd

torch = pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")
onnx = pytest.importorskip("onnx")

import facegen  # noqa: E402
from facegen.errors import MachineError  # noqa: E402
from facegen.recognise.train import export, nets  # noqa: E402
from facegen.recognise.train.settings import settle  # noqa: E402


@pytest.mark.parametrize(("net", "colour"), [("small", "grey"), ("small", "rgb"), ("mobilefacenet", "rgb"), ("ir50", "rgb")])
def test_onnx_runtime_gives_what_torch_gives(tmp_path: Path, net: str, colour: str) -> None:
    settings = settle(10, net=net, size=32, colour=colour)
    torch.manual_seed(6)
    made, crops = nets.build(net, colour, 32), crowd(colour=colour).pixels
    x = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255
    made.train()(x)  # running statistics that are not 0 and 1
    apart = export.export(made.state_dict(), settings, ["b" * 64], crops, tmp_path / "m.onnx")
    assert apart < 1e-4
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    (taken,), (given,) = session.get_inputs(), session.get_outputs()
    assert (taken.type, taken.shape[1:]) == ("tensor(float)", [1 if colour == "grey" else 3, 32, 32])
    assert not isinstance(taken.shape[0], int) and not isinstance(given.shape[0], int)
    with torch.no_grad():
        expected = made.eval()(x).numpy()
    for n in (1, 2, 7):
        assert np.allclose(session.run(None, {taken.name: x[:n].numpy()})[0], expected[:n], atol=1e-4 * np.abs(expected).max())


def test_the_file_says_how_its_crops_are_made(tmp_path: Path) -> None:
    settings = settle(10, size=48)
    export.export(
        nets.build("small", "grey", 48).state_dict(), settings, ["b" * 64, "c" * 64], crowd(size=48).pixels, tmp_path / "m.onnx"
    )
    said = {p.key: p.value for p in onnx.load(tmp_path / "m.onnx").metadata_props}
    assert json.loads(said["facegen.preprocessing"]) == {"size": 48, "colour": "grey", "mean": 0, "scale": 255, "flip": True}
    assert said["facegen.version"] == facegen.__version__
    assert said["facegen.spec_sha256"] == "b" * 64 + "," + "c" * 64
    assert json.loads(said["facegen.training"]) == settings.as_dict()


def test_a_graph_that_differs_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = export.run
    monkeypatch.setattr(export, "run", lambda data, pixels: real(data, pixels) + np.float32(0.01))
    with pytest.raises(MachineError, match="differs from torch by .* nothing was written"):
        export.export(nets.build("small", "grey", 32).state_dict(), settle(10, size=32), [], crowd().pixels, tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())
