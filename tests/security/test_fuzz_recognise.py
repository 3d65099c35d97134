"""Readers of verification sets: mutants of every list, of a .bin, and of what a model says of itself."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutants import answer, changed, much, mutated, trees, written

sys.path.insert(0, str(Path(__file__).parents[1] / "recognise"))
import verification_sets as sets  # noqa: E402

from facegen.errors import DataError, FacegenError, RequestError  # noqa: E402
from facegen.recognise import embed  # noqa: E402
from facegen.recognise.protocol import Protocol  # noqa: E402
from facegen.recognise.sets import detect, load, pickled  # noqa: E402

FILES: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "lfw": ("lfw", "pairs.txt", sets.lfw),
    "cplfw": ("lfw", "pairs_CPLFW.txt", sets.cplfw),
    "rfw": ("rfw", "txts/Asian/Asian_pairs.txt", sets.rfw),
    "bfw": ("bfw", "bfw-v0.1.5-datatable.csv", sets.bfw),
    "ijb faces": ("ijb", "meta/ijbx_face_tid_mid.txt", sets.ijb),
    "ijb pairs": ("ijb", "meta/ijbx_template_pair_label.txt", sets.ijb),
    "ijb gallery": ("ijb", "meta/ijbx_1N_gallery_G1.csv", sets.ijb),
    "ijb points": ("ijb", "meta/ijbx_name_5pts_score.txt", sets.ijb),
}
PICTURES = [b"\xff\xd8" + bytes(range(n)) for n in range(8)]
BINS = [pickle.dumps((PICTURES, [True, False, True, False]), protocol=protocol) for protocol in (2, 3, 4, 5)]


@pytest.mark.parametrize("case", FILES)
@much(40)
@given(data=st.data())
def test_lists(tmp_path_factory: pytest.TempPathFactory, case: str, data: st.DataObject) -> None:
    name, file, write = FILES[case]
    folder = tmp_path_factory.mktemp("set")
    write(folder)
    (folder / file).write_bytes(data.draw(mutated((folder / file).read_bytes(), text=True) | st.binary(max_size=100)))
    found = answer(lambda: load(folder, name))
    assert isinstance(found, Protocol | DataError)
    assert isinstance(answer(lambda: detect(folder)), str | FacegenError)
    if isinstance(found, Protocol):
        assert answer(lambda: found.picture(0)) is not None


@pytest.mark.parametrize("good", BINS, ids=["2", "3", "4", "5"])
@much(150)
@given(data=st.data())
def test_pickles(good: bytes, data: st.DataObject) -> None:
    bad = data.draw(mutated(good) | st.binary(max_size=100))
    try:
        pictures, mated = pickled.load(bad)
    except ValueError:
        return
    assert all(type(one) is bytes for one in pictures) and all(type(one) is bool for one in mated)


@much(60)
@given(data=st.data())
def test_bins(place: Path, data: st.DataObject) -> None:
    file = place.with_suffix(".bin")
    file.write_bytes(data.draw(mutated(data.draw(st.sampled_from(BINS))) | st.binary(max_size=100)))
    found = answer(lambda: load(file, "bin"))
    assert isinstance(found, Protocol | DataError)
    if isinstance(found, Protocol):
        assert isinstance(answer(lambda: found.picture(0)), DataError), "none of these pictures is one"


@much(100)
@given(tree=changed({"size": 64, "colour": "grey", "mean": 0, "scale": 255, "flip": True}) | trees)
def test_what_a_model_says(tree: object) -> None:
    said = written(tree).decode()
    session = SimpleNamespace(get_modelmeta=lambda: SimpleNamespace(custom_metadata_map={embed.METADATA: said}))

    def read() -> embed.Preprocessing:
        how = embed._declared(session, ["N", 1, "S", "S"], Path("m.onnx"))
        how.check()
        return how

    assert isinstance(answer(read), embed.Preprocessing | RequestError)
