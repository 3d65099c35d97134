"""The loop: it learns, it goes on as if it had never stopped, it says what does not fit."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from crowds import crowd

torch = pytest.importorskip("torch")

from facegen.errors import DataError, MachineError, RequestError  # noqa: E402
from facegen.recognise.train import loop  # noqa: E402
from facegen.recognise.train.settings import Settings, settle  # noqa: E402

CROPS = crowd(people=8, each=6, held=3)


def settings(**changes: object) -> Settings:
    asked = {"steps": 8, "batch": 12, "seed": 4, "size": 32, "evaluations": 4, **changes}
    return settle(30, **asked)  # type: ignore[arg-type]


class Cut(Exception):
    pass


def cut_off_at(step: int, batch: int = 12) -> object:
    def progress(done: int, total: int) -> None:
        if done == step * batch:
            raise Cut

    return progress


@pytest.mark.parametrize("head", ["cosface", "adaface"])
def test_a_run_that_was_cut_off_ends_with_the_same_weights(tmp_path: Path, head: str) -> None:
    whole = loop.fit(CROPS, settings(head=head), tmp_path / "a.ckpt", device="cpu", log=tmp_path / "a.csv")
    with pytest.raises(Cut):  # two steps after the second checkpoint
        loop.fit(CROPS, settings(head=head), tmp_path / "b.ckpt", device="cpu", progress=cut_off_at(6), log=tmp_path / "b.csv")  # type: ignore[arg-type]
    torch.manual_seed(99)  # whatever happened between
    again = loop.fit(CROPS, settings(head=head), tmp_path / "b.ckpt", resume=True, device="cpu", log=tmp_path / "b.csv")
    assert again.history == whole.history and len(whole.history) == 4
    states = [torch.load(tmp_path / name, weights_only=True)["model"] for name in ("a.ckpt", "b.ckpt")]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_another_seed_is_another_net(tmp_path: Path) -> None:
    runs = [loop.fit(CROPS, settings(seed=s, steps=2, evaluations=1), tmp_path / f"{s}.ckpt", device="cpu") for s in (1, 2)]
    assert runs[0].history != runs[1].history


def test_it_learns_to_tell_apart_whom_it_never_saw(tmp_path: Path) -> None:
    """People are noise patterns of which a pixel is worth little: fewer than a fifth of the pairs may be confused."""
    crops = crowd(people=24, each=8, held=8)
    done = loop.fit(crops, settings(steps=40, batch=32), tmp_path / "a.ckpt", device="cpu")
    assert done.history[-1]["loss"] < done.history[0]["loss"] and done.history[-1]["accuracy"] > 0.5
    assert done.eer == min(row["eer"] for row in done.history) < 0.2
    assert done.step in [row["step"] for row in done.history]


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    first = loop.fit(CROPS, settings(), tmp_path / "a.ckpt", device="cpu")
    steps: list[int] = []
    again = loop.fit(
        CROPS, settings(), tmp_path / "a.ckpt", resume=True, device="cpu", progress=lambda done, total: steps.append(done)
    )
    assert steps == [] and again.eer == first.eer
    assert all(torch.equal(first.weights[name], again.weights[name]) for name in first.weights)


def test_it_stops_when_nothing_gets_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rates = iter([0.3, 0.2, 0.2, 0.25, 0.1, 0.1])
    monkeypatch.setattr(loop.held, "error_rate", lambda embeddings, who: next(rates))
    done = loop.fit(CROPS, settings(steps=6, evaluations=6, patience=2), tmp_path / "a.ckpt", device="cpu")
    assert [row["eer"] for row in done.history] == [0.3, 0.2, 0.2, 0.25]
    assert (done.eer, done.step) == (0.2, 2)


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ckpt"
    loop.fit(CROPS, settings(steps=1, evaluations=1), path, device="cpu")
    with pytest.raises(RequestError, match="is there already; say --resume"):
        loop.fit(CROPS, settings(steps=1, evaluations=1), path, device="cpu")
    with pytest.raises(RequestError, match=r"trained otherwise \(--seed 9, was 4\)"):
        loop.fit(CROPS, settings(steps=1, evaluations=1, seed=9), path, resume=True, device="cpu")
    with pytest.raises(RequestError, match="other crops than these 48"):
        loop.fit(replace(CROPS, pixels=255 - CROPS.pixels), settings(steps=1, evaluations=1), path, resume=True, device="cpu")


@pytest.mark.parametrize("damage", ["cut", "noise", "pickle", "other"])
def test_damaged_and_hostile_checkpoints_are_refused(tmp_path: Path, damage: str) -> None:
    path, mark = tmp_path / "a.ckpt", tmp_path / "ran"

    class Runs:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (open, (str(mark), "w"))  # type: ignore[return-value]

    loop.fit(CROPS, settings(steps=1, evaluations=1), path, device="cpu")
    data = path.read_bytes()
    if damage == "pickle":
        torch.save({"format": 1, "model": Runs()}, path)
    elif damage == "other":
        torch.save({"format": 1, "model": {}}, path)
    else:
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else b"noise" * 100)
    with pytest.raises(DataError, match="checkpoint '.*' is (damaged|none of)"):
        loop.fit(CROPS, settings(steps=1, evaluations=1), path, resume=True, device="cpu")
    assert not mark.exists()


def test_a_loss_that_is_no_number_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop.heads.CosFace, "asked", lambda self, own, norms, margin: own * math.nan)
    with pytest.raises(MachineError, match="the loss is nan at step 2; lower --rate"):
        loop.fit(CROPS, settings(), tmp_path / "a.ckpt", device="cpu")
    assert not (tmp_path / "a.ckpt").exists()


def test_devices_that_are_not_here_are_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="--device cuda:63 is not here"):
        loop.fit(CROPS, settings(), tmp_path / "a.ckpt", device="cuda:63")


def test_bfloat16_trains_nearly_the_same(tmp_path: Path) -> None:
    full, half = (
        loop.fit(CROPS, settings(steps=2, evaluations=1, precision=p), tmp_path / f"{p}.ckpt", device="cpu")
        for p in ("fp32", "bf16")
    )
    assert full.history != half.history
    assert half.history[0]["loss"] == pytest.approx(full.history[0]["loss"], rel=0.1)


@pytest.mark.parametrize("batch", [7, 30, 64])
def test_each_pass_takes_every_picture_once(tmp_path: Path, batch: int) -> None:
    with loop.place("cpu") as here:
        run = loop._Run(CROPS, settings(batch=batch), here, tmp_path / "a.ckpt", False, loop.Chances(), loop.Log())
        taken = []
        for run._step in range(90):
            taken.append(run._batch())
    stream = np.concatenate(taken)[:90]
    assert [sorted(stream[at : at + 30]) for at in (0, 30, 60)] == [list(range(30))] * 3
    assert not np.array_equal(stream[:30], stream[30:60])


def test_the_rate_rises_and_falls() -> None:
    shares = [loop.rate(step, 100) for step in range(100)]
    assert shares.index(max(shares)) == 15 and max(shares) == 1
    assert 0 < shares[0] < 0.1 and 0 < shares[-1] < 0.001
    assert np.all(np.diff(shares[:15]) > 0) and np.all(np.diff(shares[15:]) < 0)


def test_settings_are_settled_by_the_net() -> None:
    small, large = settle(1280), settle(5120, net="ir50", epochs=2)
    assert (small.head, small.size, small.colour, small.steps) == ("cosface", 64, "grey", 450)
    assert small.margin == pytest.approx(0.2)
    assert (large.head, large.size, large.colour, large.margin, large.scale, large.steps) == ("arcface", 112, "rgb", 0.5, 64, 20)
    assert settle(10, head="arcface", margin=0.1).margin == 0.1
    assert (small.augmentation, large.augmentation, settle(9, augmentation="published").augmentation) == (
        "strong",
        "published",
        "published",
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"net": "ir18"}, "--net 'ir18' is not one of small, mobilefacenet, ir50"),
        ({"head": "x"}, "--head 'x' is not one of"),
        ({"epochs": -1.0}, "--epochs -1 is not above 0 and at most 1000000"),
        ({"epochs": 0.0}, "--epochs 0 is not above 0"),
        ({"epochs": float("nan")}, "--epochs nan is not above 0"),
        ({"epochs": float("inf")}, "--epochs inf is not above 0"),
        ({"epochs": 3.0, "steps": 2}, "--steps 2 and --epochs 3 both say how long to train; leave one out"),
        ({"precision": "int8"}, "--precision 'int8' is not one of"),
        ({"batch": 1}, "--batch 1 is not 2 to"),
        ({"steps": 0}, "--steps 0 is not 1 to"),
        ({"margin": 2.0}, "--margin 2.0 is not 0 to 1"),
        ({"rate": math.nan}, "--rate nan is not"),
        ({"seed": -1}, "--seed -1 is not 0 to"),
    ],
)
def test_wrong_settings_are_named(asked: dict[str, object], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        settle(100, **asked)  # type: ignore[arg-type]


def test_training_needs_numpy_and_torch_alone() -> None:
    """A rented GPU has these and nothing else of ours: crops come as a file, the checkpoint goes back."""
    code = """
import sys
class Only:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in 'cv2 pandas pyarrow pydantic scipy typer rich yaml PIL onnx onnxruntime'.split():
            raise ImportError(name)
sys.meta_path.insert(0, Only())
from facegen.recognise.train import crops, loop, settings
print('whole')
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "whole\n", done.stderr
