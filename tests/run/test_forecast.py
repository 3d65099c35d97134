"""How much room a set takes is told before it is made, and a run that cannot fit is refused."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest
from small import FAKE, small_spec, tree

from facegen.errors import MachineError
from facegen.run import forecast, measured_bytes
from facegen.run.again import ALL_OUTPUTS
from facegen.run.local import generate

Usage = namedtuple("Usage", "total used free")


def free(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**15, 0, count))


def test_a_run_that_cannot_fit_is_refused_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, spec = tmp_path / "deep/set", small_spec()
    need = forecast.need(spec, 6)
    free(monkeypatch, need - 1)
    with pytest.raises(
        MachineError, match=rf"6 images need about {forecast.size(need)}, .* are free; make room.* --ignore-space"
    ):
        generate(spec, out, workers=1, studio=FAKE)
    assert not out.exists()
    free(monkeypatch, need)
    said: list[str] = []
    generate(spec, out, workers=1, studio=FAKE, tell=said.append)
    assert said == [f"about {forecast.size(need)}: 6 images of {forecast.size(forecast.bytes_per_image(spec))}; "
                    f"{forecast.size(need)} are free at '{out}'"]  # fmt: skip


def test_going_on_all_the_same(tmp_path: Path, fake_dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 0)
    generate(small_spec(), tmp_path / "set", workers=1, studio=FAKE, ignore_space=True)
    assert tree(tmp_path / "set") == tree(fake_dataset)


def test_only_what_is_missing_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generate(small_spec(), tmp_path / "set", workers=1, studio=FAKE)
    free(monkeypatch, forecast.need(small_spec(identities=4), 2))
    assert generate(small_spec(identities=4), tmp_path / "set", workers=1, studio=FAKE).made == 2


def test_every_output_is_measured_and_none_twice() -> None:
    everything = small_spec(outputs={**ALL_OUTPUTS, "points": ["478", "dense"], "crops": ["ffhq", "loose", "arcface"]})
    kinds = forecast.kinds(everything)
    assert len(kinds) == len(set(kinds)) and set(kinds) <= set(measured_bytes.BYTES)
    assert {"images.jpg", "aligned", "masks_under", "masks_skin", "mesh.glb.hair", "points.478+dense", "crops_ffhq"} <= set(kinds)
    assert forecast.kinds(small_spec(format="png", outputs={"masks": False})) == ["images.png"]
    for mesh in ("ply", "glb"):
        assert set(forecast.kinds(small_spec(outputs={"mesh": mesh}))) <= set(measured_bytes.BYTES)


def test_measured_sizes_come_back_and_others_lie_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "SIZES", (128, 256, 512))
    square = [16384, 65536, 262144]  # bytes that grow with the pixels: log-log it is a straight line
    for side in (64, 128, 200, 256, 512, 1024):
        assert forecast._at(square, side) == pytest.approx(side**2)
    assert forecast._at([7, 7, 7], 999) == 7


def test_bytes_in_words() -> None:
    told = [forecast.size(count) for count in (0, 999, 1000, 9_949, 61_234, 999_400, 1_200_000_000, 3.4e12, 5e15)]
    assert told == ["0 B", "999 B", "1.0 kB", "9.9 kB", "61 kB", "999 kB", "1.2 GB", "3.4 TB", "5000 TB"]
