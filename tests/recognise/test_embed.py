"""The embedder against arithmetic: preprocessing, flips, batches, templates, metadata; and models that do not fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import verification_sets as sets

from facegen.errors import DataError, RequestError
from facegen.recognise.embed import BATCH, Preprocessing, Recogniser, pooled
from facegen.recognise.sets import load

pytest.importorskip("onnxruntime")
tiny = pytest.importorskip("tiny_models")


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("colour", ["rgb", "bgr", "grey"])
def test_embeddings_are_those_of_the_prepared_pictures(tmp_path: Path, colour: str, flip: bool) -> None:
    protocol = load(sets.bin_(tmp_path / "a.bin", pairs=40))
    model = tiny.pooling(tmp_path / "m.onnx", channels=1 if colour == "grey" else 3)
    how = Preprocessing(colour=colour, mean=100, scale=50, flip=flip)
    steps: list[int] = []
    found = Recogniser.load(model, how).embed(protocol, lambda done, total: steps.append(done))
    assert found.dtype == np.float32 and np.linalg.norm(found, axis=1) == pytest.approx(1)
    assert steps == [BATCH, len(protocol.names)] and BATCH < len(protocol.names) < 2 * BATCH
    luma = np.array([0.299, 0.587, 0.114])
    for at in (0, 1, len(found) - 1):
        pixels = protocol.picture(at).astype(float)
        planes = (pixels @ luma).round()[None] if colour == "grey" else pixels.transpose(2, 0, 1)[:: -1 if colour == "bgr" else 1]
        planes = (planes - 100) / 50
        expected = tiny.quarters(planes) + (tiny.quarters(planes[..., ::-1]) if flip else 0)
        assert found[at] == pytest.approx(unit(expected), abs=2e-3 if colour == "grey" else 1e-4)


def test_a_fixed_batch_gives_the_same_rows(tmp_path: Path) -> None:
    protocol = load(sets.bin_(tmp_path / "a.bin", pairs=21))
    rows = [
        Recogniser.load(tiny.pooling(tmp_path / f"{batch}.onnx", batch=batch), threads=threads).embed(protocol)
        for batch, threads in (("N", 1), ("N", 2), (1, 1), (7, 2))
    ]
    assert (rows[0] == rows[1]).all()
    for other in rows[2:]:
        assert other == pytest.approx(rows[0], abs=1e-6)


def test_crops_are_resized(tmp_path: Path) -> None:
    protocol = load(sets.bin_(tmp_path / "a.bin"))
    small = Recogniser.load(tiny.pooling(tmp_path / "m.onnx", size=56), mean=0.0)
    assert small.how.size == 56
    whole = Recogniser.load(tiny.pooling(tmp_path / "n.onnx"), mean=0.0).embed(protocol)
    assert small.embed(protocol) == pytest.approx(whole, abs=1e-3)  # by area: the means of quarters stay, but for rounding


def test_a_model_says_its_preprocessing_and_options_override(tmp_path: Path) -> None:
    said = {"size": 64, "colour": "grey", "mean": 0, "scale": 255, "flip": True}
    model = tiny.pooling(tmp_path / "m.onnx", channels=1, size=64, said=said)
    assert Recogniser.load(model).how == Preprocessing(**said)
    assert Recogniser.load(model, scale=1.0, flip=False, size=None).how == Preprocessing(**{**said, "scale": 1.0, "flip": False})
    assert Recogniser.load(model, Preprocessing(64, "grey")).how == Preprocessing(64, "grey")
    for text in ("{", "[]", '{"size": "64"}', '{"sise": 64}', '{"flip": 1}', '{"mean": true}', "[" * 5000):
        with pytest.raises(RequestError, match="no JSON of size, colour, mean, scale and flip"):
            Recogniser.load(tiny.pooling(tmp_path / "b.onnx", said=text))


def test_without_metadata_the_input_says_size_and_channels(tmp_path: Path) -> None:
    assert Recogniser.load(tiny.pooling(tmp_path / "m.onnx", channels=1, size=96)).how == Preprocessing(96, "grey")
    assert Recogniser.load(tiny.pooling(tmp_path / "n.onnx")).how == Preprocessing()


@pytest.mark.parametrize(
    ("model", "given", "said"),
    [
        ({"size": 64}, {"size": 112}, "takes crops of 64 x 64 px, not 112; set --size 64"),
        ({"channels": 1}, {"colour": "rgb"}, "takes 1 channels, --colour rgb has 3; set --colour grey"),
        ({"channels": 3}, {"colour": "grey"}, "takes 3 channels, --colour grey has 1; set --colour rgb or bgr"),
        ({}, {"scale": 0.0}, "--scale 0"),
        ({}, {"colour": "gbr"}, "--colour 'gbr' is not one of rgb, bgr, grey"),
        ({}, {"size": 4}, "--size 4 is not 16 to 1024"),
    ],
)
def test_models_that_do_not_fit(tmp_path: Path, model: dict, given: dict, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        Recogniser.load(tiny.pooling(tmp_path / "m.onnx", **model), **given)


def test_files_that_are_no_model(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    for path, said in (
        (tmp_path / "bad.onnx", "cannot be loaded"),
        (tmp_path / "none.onnx", "no such file"),
        (tmp_path, "no such file"),
    ):
        with pytest.raises(RequestError, match=said):
            Recogniser.load(path)


def test_an_embedding_of_nothing_names_its_picture(tmp_path: Path) -> None:
    protocol = load(sets.bin_(tmp_path / "a.bin"))
    black = replace(protocol, picture=lambda at: protocol.picture(at) * np.uint8(at != 3))
    recogniser = Recogniser.load(tiny.pooling(tmp_path / "m.onnx"), mean=0.0, scale=1.0)
    with pytest.raises(RequestError, match=f"length 0.0 for '{protocol.names[3]}'"):
        recogniser.embed(black)


def test_pictures_that_are_no_crops_are_named(tmp_path: Path) -> None:
    protocol = load(sets.bin_(tmp_path / "a.bin"))
    flat = replace(protocol, picture=lambda at: np.zeros((112, 96, 3), np.uint8))
    with pytest.raises(DataError, match=r"'a.bin#0' has 96 x 112 px, .* add --no-aligned"):
        Recogniser.load(tiny.pooling(tmp_path / "m.onnx")).embed(flat)


def test_templates_are_means_of_media(tmp_path: Path) -> None:
    protocol = load(sets.ijb(tmp_path))
    recogniser = Recogniser.load(tiny.pooling(tmp_path / "m.onnx"))
    one = np.concatenate(list(recogniser.each(protocol.picture(at) for at in range(6)))).astype(float)
    found = recogniser.embed(protocol)
    assert found[0] == pytest.approx(unit((one[0] + (one[1] + one[2]) / 2) / 2), abs=1e-6)
    assert found[1:] == pytest.approx(one[3:], abs=1e-6)


def test_pooling_of_places_in_any_order() -> None:
    x = unit(np.random.default_rng(0).normal(size=(7, 5))).astype(np.float32)
    template, media = np.array([2, 0, 2, 1, 0, 2, 0]), np.array([5, 5, 5, 9, 5, 6, 7])
    found = pooled(x, template, media, list("abcdefg"))
    assert found[2] == pytest.approx(unit((x[0] + x[2]) / 2 + x[5]), abs=1e-6)
    assert found[0] == pytest.approx(unit((x[1] + x[4]) / 2 + x[6]), abs=1e-6) and found[1] == pytest.approx(x[3], abs=1e-6)
    assert pooled(x, template, None, "")[0] == pytest.approx(unit(x[1] + x[4] + x[6]), abs=1e-6)
    with pytest.raises(DataError, match="embeddings that cancel out"):
        pooled(np.stack([x[0], -x[0]]), np.array([0, 0]), None, ["a", "b"])
