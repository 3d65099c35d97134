"""Readers of YAML and JSON that people write: whatever is in the file, a valid value or one line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from mutants import answer, changed, much, mutated, trees, written
from small import small_spec

from facegen.audit.crosswalk import TABLE, Crosswalk
from facegen.audit.sets.mapping import Mapping
from facegen.errors import DataError, SpecError
from facegen.population.plan import build
from facegen.resources import asset, asset_json
from facegen.run.again import read_sample
from facegen.sample import SampleSpec
from facegen.spec import DatasetSpec

PIPELINES = sorted((Path(__file__).parents[2] / "pipelines").glob("*.yaml"))
SPECS = [path.read_bytes() for path in PIPELINES]
SPEC_TREES = [yaml.safe_load(text) for text in SPECS]
SPEC_TREES = [{**tree, "date": str(tree["date"])} for tree in SPEC_TREES]
SAMPLES = [sample.model_dump(mode="json") for sample in build(small_spec(identities=4)).samples()]
MAPPING = {
    "name": "theirs", "image": "file", "identity": "person", "separator": ";",
    "attributes": {
        "sex": {
            "column": "g", "source": "annotated", "categories": ["female", "male"], "words": {"1": "male"}, "shares": [0.5, 0.5],
        },
        "age_band": {
            "column": "age", "source": "inferred", "categories": ["0-17", "18-70", "71+"], "bands": True, "missing": ["?"],
        },
    },
}  # fmt: skip


def spec(place: Path, data: bytes) -> None:
    place.write_bytes(data)
    found = answer(lambda: DatasetSpec.load(place))
    assert isinstance(found, DatasetSpec | SpecError)
    if isinstance(found, DatasetSpec):
        assert DatasetSpec.from_dict(yaml.safe_load(found.canonical_json())) == found


def sample(place: Path, data: bytes) -> None:
    place.write_bytes(data)
    found = answer(lambda: read_sample(place))
    assert isinstance(found, SampleSpec | SpecError)
    if isinstance(found, SampleSpec):
        assert SampleSpec.model_validate_json(found.model_dump_json()) == found


def mapping(place: Path, data: bytes) -> None:
    place.write_bytes(data)
    assert isinstance(answer(lambda: Mapping.load(place)), Mapping | DataError)


def crosswalk(place: Path, data: bytes) -> None:
    place.write_bytes(data)
    assert isinstance(answer(lambda: Crosswalk.load(place)), Crosswalk | DataError)


READERS = [spec, sample, mapping, crosswalk]


@pytest.mark.parametrize("read", READERS, ids=lambda f: f.__name__)
@much(60)
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes(place: Path, read, data: bytes) -> None:
    read(place, data)


@pytest.mark.parametrize("read", READERS, ids=lambda f: f.__name__)
@much(60)
@given(tree=trees)
def test_any_tree(place: Path, read, tree: object) -> None:
    read(place, written(tree))


@much(150)
@given(data=st.sampled_from(SPECS).flatmap(lambda text: mutated(text, text=True)))
def test_spec_texts(place: Path, data: bytes) -> None:
    spec(place, data)


@much(250)
@given(tree=st.sampled_from(SPEC_TREES).flatmap(changed))
def test_spec_values(place: Path, tree: object) -> None:
    spec(place, written(tree))
    answer(lambda: DatasetSpec.from_dict(tree))  # a manifest's numbers have as many digits as they like


@much(250)
@given(tree=st.sampled_from(SAMPLES).flatmap(changed))
def test_sample_values(place: Path, tree: object) -> None:
    sample(place, written(tree))


@much(100)
@given(data=mutated(written(SAMPLES[0]), text=True))
def test_sample_texts(place: Path, data: bytes) -> None:
    sample(place, data)


@much(150)
@given(tree=changed(MAPPING))
def test_mapping_values(place: Path, tree: object) -> None:
    mapping(place, written(tree))


@much(100)
@given(data=mutated(yaml.safe_dump(MAPPING).encode(), text=True))
def test_mapping_texts(place: Path, data: bytes) -> None:
    mapping(place, data)


@much(100)
@given(tree=changed(asset_json(TABLE)))
def test_crosswalk_values(place: Path, tree: object) -> None:
    crosswalk(place, written(tree))


@much(60)
@given(data=mutated(asset(TABLE).read_bytes(), text=True))
def test_crosswalk_texts(place: Path, data: bytes) -> None:
    crosswalk(place, data)
