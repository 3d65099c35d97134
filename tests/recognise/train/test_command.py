"""`facegen train` as a user calls it, alone and under torchrun."""

from __future__ import annotations

import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import pytest
from crowds import crowd

pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")

from facegen.errors import MachineError, RequestError  # noqa: E402
from facegen.recognise.train import crops as made  # noqa: E402
from facegen.recognise.train import job  # noqa: E402

SHORT = ["--size", "32", "--steps", "4", "--batch", "4", "--evaluations", "2", "--workers", "1"]


def call(command: dict[str, str], *words: object, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, *before, "-m", "facegen.cli", "train", *map(str, words)]
    return subprocess.run(line, env=command, capture_output=True, text=True, timeout=600)


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
    done = call(command, tmp_path / "crops.npz", "--out", out, "--device", "cpu", *SHORT, before=torchrun)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("EER") == 1 and out.is_file()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["crops.npz", "model.ckpt", "model.csv", "model.onnx"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "'.*nowhere': no such dataset"), ({"net": "large"}, "--net 'large' is not one of small, mobilefacenet, ir50"),
        ({"asked": {"size": 100}}, "--size 100 is not one of 32, 48, 64, 80, 96, 112"),
        ({"asked": {"head": "x"}}, "--head 'x' is not one of"),
        ({"checkpoint": Path(__file__)}, "is there already; say --resume"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_first(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    sources = (tmp_path / "nowhere",) if not changes else (tmp_path,)
    with pytest.raises(RequestError, match=said):
        job.train(job.Request(sources, tmp_path / "m.onnx", **changes), no_bar)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["out", "log", "save_crops"])
def test_a_directory_in_place_of_a_file_is_told_before_the_work(tmp_path: Path, place: str) -> None:
    (tmp_path / "kept").mkdir()
    places = {"out": tmp_path / "m.onnx", place: tmp_path / "kept"}
    with pytest.raises(RequestError, match="kept' is a directory; give the name of a file"):
        job.train(job.Request((tmp_path,), **places), no_bar)
    assert [p.name for p in tmp_path.iterdir()] == ["kept"] and not list((tmp_path / "kept").iterdir())


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MachineError, match=r"facegen train needs onnx; install it with: pip install 'facegen\[train\]'"):
        job.train(job.Request((tmp_path,), tmp_path / "m.onnx"), no_bar)


def no_bar(title: str) -> AbstractContextManager[job.Progress]:
    return nullcontext(lambda done, total: None)
