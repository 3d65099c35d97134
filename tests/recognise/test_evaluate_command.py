"""`facegen evaluate` as a user calls it: a .bin and a pairs folder dropped in, the documents, and one line for what is wrong."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import verification_sets as sets

from facegen.cli import app
from facegen.errors import FacegenError

pytest.importorskip("onnxruntime")
tiny = pytest.importorskip("tiny_models")
pytest.importorskip("facegen.recognise.evaluate")


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "facegen.cli", "evaluate", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True)


def test_a_bin_dropped_in(tmp_path: Path) -> None:
    model, data = tiny.pooling(tmp_path / "m.onnx"), sets.bin_(tmp_path / "lfw.bin", pairs=40)
    names = {"--json": tmp_path / "d.json", "--scores-out": tmp_path / "s.csv", "--out": tmp_path / "r.html"}
    done = command(model, data, "--flip", "--mean", "0", "--draws", "50", *(word for pair in names.items() for word in pair))
    assert done.returncode == 0, done.stderr
    document = json.loads(names["--json"].read_text())
    assert document["recogniser"]["preprocessing"] == {"size": 112, "colour": "rgb", "mean": 0.0, "scale": 127.5, "flip": True}
    assert document["failures_to_acquire"] is None and document["set"]["format"] == "bin"
    rows = list(csv.DictReader(names["--scores-out"].read_text().splitlines()))
    assert len(rows) == 40 and [row["mated"] for row in rows] == ["1", "0"] * 20
    scores = np.array([float(row["score"]) for row in rows])
    assert abs(scores).max() <= 1 and rows[0]["first"] == "lfw.bin#0"
    at = document["verification"]["at_fmr"][0]
    mated = np.array([row["mated"] == "1" for row in rows])
    assert at["fnmr"]["k"] == int((scores[mated] < at["threshold"]).sum()) and at["fnmr"]["n"] == 20
    assert names["--out"].read_text().lower().startswith("<!doctype html>")
    assert all(str(path) in done.stdout for path in names.values()) and "EER" in done.stdout


def test_a_pairs_folder_dropped_in(tmp_path: Path) -> None:
    sets.lfw(tmp_path / "lfw")
    done = command(tiny.pooling(tmp_path / "m.onnx"), tmp_path / "lfw", "--draws", "50")
    assert done.returncode == 0 and "4 mated and 4 non-mated" in done.stdout, done.stderr


def test_a_group_that_the_set_has_not_is_refused_before_embedding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from facegen.recognise.embed import Recogniser

    monkeypatch.setattr(Recogniser, "embed", lambda *given: pytest.fail("the work began"))
    model, folder = tiny.pooling(tmp_path / "m.onnx"), sets.lfw(tmp_path / "lfw")
    with pytest.raises(FacegenError, match="--group hair: '.*' says nothing of groups"):
        app(["evaluate", str(model), str(folder), "--group", "hair"], standalone_mode=False)
    told = sets.bfw(tmp_path / "bfw")
    with pytest.raises(FacegenError, match="--group 'sexx' is not one of .*did you mean 'sex'"):
        app(["evaluate", str(model), str(told), "--group", "race x sexx"], standalone_mode=False)


def test_every_wrong_request_is_one_line(tmp_path: Path) -> None:
    model, folder = tiny.pooling(tmp_path / "m.onnx", size=64), sets.lfw(tmp_path / "lfw")
    sets.put(folder / "x.bin", 1)
    for words, said in (
        ((model, folder, "--size", "112"), "takes crops of 64 x 64 px, not 112; set --size 64"),
        ((model, folder, "--colour", "grey"), "takes 3 channels, --colour grey has 1"),
        ((tmp_path / "no.onnx", folder), "no such file; give an ONNX model"),
        ((model, folder / "no"), "no such file or folder"),
        ((model, folder / "x.bin"), "is no list of pictures"),
        ((model, folder, "--format", "lwf"), "did you mean 'lfw'"),
        ((model, folder, "--fmr", "a"), "--fmr 'a' is no list of rates"),
        ((model, folder, "--group", "hair"), "hair"),
        ((model, folder, "--split", "test"), "only datasets of ours have splits"),
        ((model, folder, "--fmr", ","), "--fmr names no rate; give one or more"),
        ((model, folder, "--group-fmr", "0"), "--group-fmr 0 is no rate between 0 and 1"),
        ((model, sets.bin_(tmp_path / "a.bin", pairs=4, size=112), "--group", "sex"), "--group sex: 'a' says nothing of groups"),
        ((model, folder, "--mean", "nan"), "--mean nan is no number to take"),
        ((model, folder, "--scale", "inf"), "--scale inf: values are"),
        ((model, folder, "--missing", "foo"), "--missing 'foo' is not one of centre, reject"),
        ((model, folder, "--no-aligned", "--missing", "drop"), "--missing 'drop' is not one of centre, reject"),
    ):
        with pytest.raises(FacegenError) as caught:
            app(["evaluate", *map(str, words)], standalone_mode=False)
        assert said in str(caught.value) and caught.value.exit_code == 2 and "\n" not in str(caught.value), words
    (folder / "images/Cy_C/Cy_C_0001.png").unlink()
    done = command(model, folder, "--json", tmp_path / "d.json")
    assert done.returncode == 2 and "line 5: picture 'Cy_C/Cy_C_0001.jpg' is not in" in done.stderr
    assert not (tmp_path / "d.json").exists()
