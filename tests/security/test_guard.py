"""What is refused before anything parses it: bombs, files without end, names that lead elsewhere."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from layered import stored
from mutants import answer, png, refused, watched
from small import SMALL, small_spec

from facegen import guard
from facegen.audit import given, scorers
from facegen.audit.sets import load
from facegen.audit.sets.mapping import Mapping
from facegen.dataset.layers import decode
from facegen.errors import DataError, FacegenError, RequestError, SpecError
from facegen.export.target import Target
from facegen.population.plan import build
from facegen.recognise.embed import Recogniser
from facegen.run.again import read_sample, render
from facegen.sample import SampleSpec
from facegen.spec import DatasetSpec
from facegen.surroundings import files


def yaml_spec(place: Path, more: str) -> Path:
    place.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in SMALL.items()) + more)
    return place


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "aliases are not allowed"),
        ("a: !!python/object/apply:os.system ['touch x']\n", "tags are not allowed"),
        ("a: !!timestamp x\n", "tags are not allowed"),
        ("a: " + "[" * 40 + "]" * 40 + "\n", "nested more than 32 deep"),
        ("a: " + "{b: " * 40 + "}" * 40 + "\n", "nested more than 32 deep"),
        ("a: " + "[" * 400_000 + "\n", "nested more than 32 deep"),
        ("a: " + "1:" * 60_000 + "1\n", "a number of"),
        ("a: 0x" + "f" * 6000 + "\n", "a number of"),
        ("a: " + "x" * 5000 + "\n", "a text of 5000 characters"),
        ("? [a]\n: b\n", "a key is a list or a mapping"),
        ('a: "\\ud800"\n', "half of a UTF-16 character"),
        ("a: 1\na: 2\n", "written twice"),
    ],
)
def test_yaml_that_grows_or_makes_objects(place: Path, text: str, words: str) -> None:
    refused(SpecError, lambda: DatasetSpec.load(yaml_spec(place, text)), words)


def test_a_long_list_of_words_takes_no_time(place: Path) -> None:
    """300,000 words were compared with one another, two by two."""
    words = ", ".join(f"w{n:05d}" for n in range(100_000))
    refused(SpecError, lambda: DatasetSpec.load(yaml_spec(place, f"population: {{sex: [{words}]}}\n")), "w00000")


@pytest.mark.parametrize("share", [10**400, float("nan"), float("inf")])
def test_shares_and_numbers_without_a_float(share: float) -> None:
    for part in ({"population": {"sex": {"female": share}}}, {"shots": {"yaw_deg": {"uniform": [0, share]}}},
                 {"shots": {"yaw_deg": share}}, {"population": {"tan": {"grid": [share]}}}):  # fmt: skip
        refused(SpecError, lambda part=part: DatasetSpec.from_dict({**SMALL, **part}))


@pytest.mark.parametrize("what", ["fifo", "directory", "device", "large", "gone", "nul"])
def test_what_is_no_file_of_a_size_that_is_read(tmp_path: Path, what: str) -> None:
    path = tmp_path / "x"
    if what == "fifo":
        os.mkfifo(path)
    elif what == "directory":
        path.mkdir()
    elif what == "device":
        path = Path("/dev/zero")
    elif what == "large":
        with path.open("wb") as file:
            file.truncate(guard.SPEC_BYTES + 1)
    elif what == "nul":
        path = Path("x\0y")
    with watched(), pytest.raises(OSError) as error:
        guard.read(path, guard.SPEC_BYTES)
    assert error.value.strerror
    refused(SpecError, lambda: DatasetSpec.load(path))
    refused(SpecError, lambda: read_sample(path))
    refused(DataError, lambda: Mapping.load(path))


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[" * 65 + "]" * 65, "1" * 5000, "NaN", "[Infinity]", '"\\ud83d"', '{"a": "\\udc00x"}', "\xff", ""]
)
def test_json_that_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        guard.parsed(text.encode("latin-1"))


def test_json_that_is_some() -> None:
    assert guard.parsed("\ufeff".encode() + b'{"a": ["\\ud83d\\ude00", 1e3]}') == {"a": ["\U0001f600", 1000.0]}
    assert guard.parsed(b"[" * 64 + b"]" * 64)


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("images/000000/000000_000.jpg", True), ("a", True), ("a b/ü.png", True), ("..a/b..", True),
        ("", False), ("/etc/passwd", False), ("../x", False), ("a/../x", False), ("a//b", False), ("a/./b", False), ("a/", False),
        ("..", False), ("a\\b", False), ("a\0b", False), ("a\nb", False), ("\u202ea", False), ("x" * 1025, False),
    ],
)  # fmt: skip
def test_names_that_stay_inside(tmp_path: Path, name: str, good: bool) -> None:
    assert guard.inside(name) is good
    with Target(tmp_path / "out") as target:
        if good:
            target.write(name, b"x")
        else:
            refused(DataError, lambda: target.write(name, b"x"))


@pytest.mark.parametrize("bad", ["../../x", "/x", "a/b", "a\\b", "a\0", "", "..", "a b", "x" * 129])
@pytest.mark.parametrize("where", ["image_id", "identity", "sitting", "base"])
def test_ids_of_a_sample_are_names_of_files(place: Path, bad: str, where: str) -> None:
    tree = next(build(small_spec()).samples()).model_dump(mode="json")
    if where == "image_id":
        tree["image_id"] = bad
    elif where == "base":
        tree["counterfactual"] = {"base_id": bad, "factor": "sex", "value": "male", "mediated": "live"}
    else:
        tree[where][f"{where}_id"] = bad
    place.write_text(json.dumps(tree))
    refused(SpecError, lambda: read_sample(place), str(place))


def test_a_sample_cannot_look_at_a_file_without_its_digest(place: Path) -> None:
    tree = next(build(small_spec()).samples()).model_dump(mode="json")
    tree["shot"]["background"] |= {"kind": "picture", "file": "/etc/passwd", "sha256": ""}
    place.write_text(json.dumps(tree))
    refused(SpecError, lambda: read_sample(place), "go together")


def test_a_sample_of_words_that_no_table_has_is_one_line(tmp_path: Path) -> None:
    sample = next(build(small_spec()).samples())
    hair = sample.sitting.hair.model_copy(update={"style": "../../x"})
    odd = sample.model_copy(update={"sitting": sample.sitting.model_copy(update={"hair": hair})})
    said = answer(
        lambda: render(SampleSpec.model_validate(odd.model_dump()), {"format": "jpg", "outputs": {}}, tmp_path / "o", "auto")
    )
    assert isinstance(said, FacegenError)
    assert not any(p.is_file() for p in tmp_path.rglob("*"))


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\b", "a\0b", "\x1b[2J"])
def test_words_of_a_spec_that_become_folders(name: str) -> None:
    mixed = {"mixtures": {name: {"african": 0.5, "european": 0.5}}, "ancestry": [name, "african"]}
    refused(SpecError, lambda: DatasetSpec.from_dict({**SMALL, "population": mixed}), "mixtures")


def exr(width: int, height: int) -> bytes:
    return b"v/1\x01\2\0\0\0dataWindow\0box2i\0" + struct.pack("<iiiii", 16, 0, 0, width - 1, height - 1) + bytes(64)


@pytest.mark.parametrize(
    ("suffix", "data"),
    [
        (".png", png(30_000, 30_000)), (".png", png(12_000, 12_000)), (".png", png(2**31 - 1, 2**31 - 1)),
        (".bmp", b"BM" + bytes(16) + struct.pack("<ii", 40_000, 40_000)),
        (".hdr", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 40000 +X 80000\n" + bytes(40)),
        (".hdr", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 40000 +Y 80000\n" + bytes(40)), (".hdr", b"#?RADIANCE\n"),
        (".exr", exr(80_000, 40_000)), (".exr", exr(-5, 3)), (".exr", b"v/1\x01\2\0\0\0"),
    ],
)  # fmt: skip
def test_pictures_that_unpack_without_end(place: Path, suffix: str, data: bytes) -> None:
    path = place.with_suffix(suffix)
    path.write_bytes(data)
    read = files.picture if suffix in (".png", ".bmp") else files.panorama
    refused(DataError, lambda: read(str(path)), "that is read")


def npz(*members: tuple[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members:
            packed.writestr(name, data)
    return sink.getvalue()


def npy(array: np.ndarray) -> bytes:
    sink = io.BytesIO()
    np.save(sink, array, allow_pickle=True)
    return sink.getvalue()


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/facegen_was_here",)


@pytest.mark.parametrize(
    "data",
    [
        npz(("a.npy", npy(np.array([Bomb()], dtype=object)))), pickle.dumps(Bomb()), npy(np.zeros(3)), b"", b"PK\3\4",
        npz(("a.npy", bytes(300_000_000))), npz(*((f"{n}.npy", npy(np.zeros(1))) for n in range(65))), npz(("a.txt", b"x")),
        npz(("a.npy", npy(np.zeros(3)).replace(b"(3,)", b"(9,)"))),
    ],
    ids=["pickle inside", "pickle", "npy", "nothing", "cut", "large", "many", "no array", "short"],
)  # fmt: skip
def test_arrays_that_are_none(data: bytes) -> None:
    refused(DataError, lambda: decode("points", "npz", data, 64, "000000_000"), "npz")
    assert not Path("/tmp/facegen_was_here").exists()
    assert decode("points", "npz", stored("points", 0), 64, "000000_000")["dense_px"].shape == (3, 2)


def test_tables_of_more_rows_than_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": pa.array([1]).take(pa.array(np.zeros(1000, np.int64)))}), path)
    monkeypatch.setattr(guard, "ROWS", 999)
    with pytest.raises(OSError, match="1000 rows, at most 999 are read"):
        guard.table(path)
    monkeypatch.setattr(guard, "ROWS", 1000)
    assert len(guard.frame(path)) == 1000


def test_text_that_is_none_in_a_table(tmp_path: Path) -> None:
    bad = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(struct.pack("<ii", 0, 1)), pa.py_buffer(b"\xff")])
    pq.write_table(pa.table({"a": bad}), tmp_path / "x.parquet")
    with pytest.raises(OSError):
        guard.frame(tmp_path / "x.parquet")


@pytest.mark.parametrize(
    ("name", "file", "text"),
    [
        ("lfw", "people.txt", "2\nA_B\t999999999999\nC_D\t1\n"),
        ("vggface2", "identity_meta.csv", "Class_ID, Name, Sample_Num, Flag, Gender\nn1, x, 999999999999, 0, m\n"),
        ("lfw", "people.txt", f"1\nA_B\t{'9' * 5000}\n"),
        ("vggface2", "identity_meta.csv", "Class_ID, Name, Sample_Num, Flag, Gender\nn1, x, ², 0, m\n"),
        ("casual_conversations", "CasualConversationsV2.json", '[{"subject_id": ' + "[" * 50_000),
        ("casual_conversations", "CasualConversationsV2.json", '[{"subject_id": ' + "9" * 5000 + "}]"),
    ],
)  # fmt: skip
def test_label_files_that_count_without_end(tmp_path: Path, name: str, file: str, text: str) -> None:
    (tmp_path / file).write_text(text)
    refused(DataError, lambda: load(tmp_path / file, name), file)


def test_a_mapping_of_more_cells_than_memory(tmp_path: Path) -> None:
    words = ", ".join(f"w{n}" for n in range(60))
    columns = "".join(f"  a{n}: {{column: c, source: annotated, categories: [{words}]}}\n" for n in range(8))
    (tmp_path / "m.yaml").write_text(f"name: x\nimage: i\nattributes:\n{columns}")
    (tmp_path / "t.csv").write_text("i,c\nx.jpg,w1\n")
    refused(DataError, lambda: load(tmp_path / "t.csv", "table", tmp_path / "m.yaml"), "cells")


def test_a_field_without_end(place: Path) -> None:
    place.write_text('image_id,score\n"' + "x" * 200_000 + '",1\n')
    refused(DataError, lambda: list(given.rows(place, (scorers.IMAGE,), "scores")[1]), "line", "field larger than field limit")


def test_a_model_with_weights_in_other_files(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    from types import SimpleNamespace

    monkeypatch.setitem(sys.modules, "onnxruntime", SimpleNamespace())
    entry = b"\x0a\x08location\x12\x0b../../x.bin"
    place.write_bytes(b"\x08\x07" + entry)
    refused(RequestError, lambda: Recogniser.load(place), "save the model as one file")


def test_what_a_file_says_cannot_move_the_cursor(place: Path) -> None:
    error = DataError("a\x1b[2Jb\nc\u202ed" + "x" * 10_000)
    assert str(error).startswith("a\\x1b[2Jb c\\u202ed") and str(error).isprintable() and len(str(error)) < 2100
