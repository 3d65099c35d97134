"""Readers of other people's label files and of the CSVs that a user writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import published
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutants import answer, changed, much, mutated, trees, written

from facegen.audit import own, scorers, validity
from facegen.audit.given import rows as rows_of_a_csv
from facegen.audit.sets import FORMATS, detect, load
from facegen.audit.tables import Loaded, audit
from facegen.errors import DataError, FacegenError, RequestError

FILES: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "fairface": ("fairface", "fairface_label_train.csv", lambda path: published.fairface(path.parent)),
    "utkface": ("utkface", "names.txt", published.utkface_list),
    "celeba": ("celeba", "list_attr_celeba.txt", lambda path: published.celeba(path.parent)),
    "celeba people": ("celeba", "identity_CelebA.txt", lambda path: published.celeba(path.parent)),
    "rfw images": ("rfw", "txts/Indian/Indian_images.txt", lambda path: published.rfw(path.parents[2], ("Indian",))),
    "rfw pairs": ("rfw", "txts/Asian/Asian_pairs.txt", lambda path: published.rfw(path.parents[2], ("Asian",))),
    "bfw": ("bfw", "bfw-v0.1.5-datatable.csv", published.bfw),
    "lfw pairs": ("lfw", "pairs.txt", published.lfw_pairs),
    "lfw people": ("lfw", "people.txt", published.lfw_people),
    "lfw scores": ("lfw", "lfw_attributes.txt", published.lfw_scores),
    "vggface2": ("vggface2", "identity_meta.csv", published.vggface2),
    "casual_conversations": ("casual_conversations", "CasualConversationsV2.json", published.casual_conversations),
}


def look(folder: Path, name: str) -> None:
    """Read a folder as a format and count it; find out what it is, too."""
    found = answer(lambda: load(folder, name))
    assert isinstance(found, Loaded | DataError | RequestError)
    assert isinstance(answer(lambda: detect(folder)), str | RequestError)
    if isinstance(found, Loaded) and len(found.labels) < 5000:
        answer(lambda: audit(found, draws=0))


@pytest.mark.parametrize("case", FILES)
@much(60)
@given(data=st.data())
def test_label_files(tmp_path_factory: pytest.TempPathFactory, case: str, data: st.DataObject) -> None:
    name, file, write = FILES[case]
    folder = tmp_path_factory.mktemp("set")
    write(folder / file)
    bad = data.draw(mutated((folder / file).read_bytes(), text=True) | st.binary(max_size=100))
    (folder / file).write_bytes(bad)
    look(folder, name)


@much(60)
@given(data=st.data())
def test_annotations(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("set")
    file = folder / "CasualConversationsV2.json"
    published.casual_conversations(file)
    file.write_bytes(written(data.draw(changed(json.loads(file.read_text())) | trees)))
    look(folder, "casual_conversations")


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@much(60)
@given(data=st.data())
def test_tables_with_a_mapping(tmp_path_factory: pytest.TempPathFactory, suffix: str, data: st.DataObject) -> None:
    file, mapping = published.table(tmp_path_factory.mktemp("set"))
    good = file.read_bytes()
    if suffix == ".parquet":
        pd.read_csv(file, sep=";", skipinitialspace=True).to_parquet(file.with_suffix(suffix))
        file = file.with_suffix(suffix)
        good = file.read_bytes()
    file.write_bytes(data.draw(mutated(good, text=suffix == ".csv") | st.binary(max_size=100)))
    found = answer(lambda: load(file, "table", mapping))
    assert isinstance(found, Loaded | DataError)


SCORES = b"image_id,score\n000000_000,0.5\n000000_001,0.25\n000001_000,1\n"
REAL = b"attribute,category,rate,n\nsex,female,0.01,1000\nskin_monk,2,0.5,20\n"


@much(100)
@given(data=mutated(SCORES, text=True) | st.binary(max_size=100))
def test_scores(place: Path, data: bytes) -> None:
    place.write_bytes(data)
    headers = (scorers.PAIR, scorers.IMAGE)
    assert isinstance(answer(lambda: list(rows_of_a_csv(place, headers, "a CSV of scores")[1])), list | DataError)


@much(100)
@given(data=mutated(REAL, text=True) | st.binary(max_size=100))
def test_real_results(place: Path, data: bytes) -> None:
    place.write_bytes(data)
    assert isinstance(answer(lambda: validity.read_real(place)), list | DataError)


@much(80)
@given(tree=changed({"short range": {"scores": {"000000_000": 0.5, "000000_001": 1.0}}}) | trees)
def test_scores_of_a_detector(place: Path, tree: object) -> None:
    place.write_bytes(written(tree))
    assert isinstance(answer(lambda: own.scores(place, ("000000_000", "000000_001"))), dict | DataError)


@pytest.mark.parametrize("name", FORMATS)
def test_a_folder_of_nothing(tmp_path: Path, name: str) -> None:
    assert isinstance(answer(lambda: load(tmp_path, name)), FacegenError)
