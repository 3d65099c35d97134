"""`facegen train` as a user calls it, alone and under torchrun."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from faces import crowd

pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")

from facegen.recognise.train import crops as made  # noqa: E402

SHORT = ["--size", "32", "--steps", "4", "--batch", "4", "--evaluations", "2", "--workers", "1"]


def call(command: dict[str, str], *words: object, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *before, "-m", "facegen.cli", "train", *map(str, words)], env=command, capture_output=True, text=True, timeout=300
    )  # fmt: skip


@pytest.mark.slow
def test_a_dataset_becomes_a_model(real: Path, tmp_path: Path, command: dict[str, str]) -> None:
    out = tmp_path / "model.onnx"
    words = [real, "--out", out, "--split", "all", "--validation-identities", 3, *SHORT]
    done = call(command, *words)
    assert done.returncode == 0, done.stderr
    assert "small with cosface, 10 pictures of 5 people" in done.stdout and "crops: 16/16" in done.stderr
    assert "trained: 16/16" in done.stderr
    lines = out.with_suffix(".csv").read_text().splitlines()
    assert lines[0] == "step,epoch,loss,accuracy,rate,eer" and [line.split(",")[0] for line in lines[1:]] == ["2", "4"]
    session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
    assert session.run(None, {session.get_inputs()[0].name: np.zeros((5, 1, 32, 32), np.float32)})[0].shape == (5, 128)
    first = out.read_bytes()
    refused = call(command, *words)
    assert refused.returncode == 2 and "--resume" in refused.stderr and len(refused.stderr.splitlines()) == 1
    again = call(command, *words, "--resume")
    assert again.returncode == 0 and out.read_bytes() == first and "trained" not in again.stderr


@pytest.mark.slow
def test_two_processes_train_one_net(tmp_path: Path, command: dict[str, str]) -> None:
    made.save(crowd(), tmp_path / "crops.npz")
    out = tmp_path / "model.onnx"
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    done = subprocess.run(
        [sys.executable, *torchrun, "-m", "facegen.cli", "train", str(tmp_path / "crops.npz"), "--out", str(out), "--device", "cpu", *SHORT],
        env=command, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("EER") == 1 and out.is_file()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["crops.npz", "model.ckpt", "model.csv", "model.onnx"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere", "--out", "m.onnx"], "'nowhere' holds no manifest.json"),
        (["nowhere", "--out", "m.onnx", "--net", "large"], "--net 'large' is not one of small, ir50"),
        (["nowhere", "--out", "m.onnx", "--size", "100"], "--size 100 is not one of 32, 48, 64, 80, 96, 112"),
    ],
)
def test_wrong_requests_are_one_line(tmp_path: Path, command: dict[str, str], words: list[str], said: str) -> None:
    words = [str(tmp_path / w) if w == "m.onnx" else w for w in words]
    done = call(command, *words)
    assert done.returncode == 2 and said in done.stderr and len(done.stderr.splitlines()) == 1
