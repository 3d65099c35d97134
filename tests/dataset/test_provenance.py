"""What pictures say of themselves, layer by layer, and when a user's own pictures are in them."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from small import small_spec

from facegen.dataset import layout, provenance
from facegen.dataset.layers import LAYERS
from facegen.population.plan import build
from facegen.sample import SampleSpec
from facegen.sensor.codec import decode_exact, encode_png

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"


@pytest.fixture
def sample() -> SampleSpec:
    return build(small_spec()).sample(0)


def described(packet: bytes) -> dict[str, Any]:
    found = ElementTree.fromstring(packet).find(f".//{RDF}")
    assert found is not None
    return {key.split("}")[-1]: value for key, value in found.attrib.items()}


def with_background(sample: SampleSpec) -> SampleSpec:
    behind = sample.shot.background.model_copy(update={"file": "hall & <door>.jpg", "sha256": "ab"})
    return sample.model_copy(update={"shot": sample.shot.model_copy(update={"background": behind})})


def test_every_picture_of_a_sample_is_marked_with_its_layer(sample: SampleSpec) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8)
    files = {f"{folder}/x/y.{LAYERS[folder].suffixes[-1]}": encode_png(picture) for folder in LAYERS}
    marked = provenance.marked(files, sample)
    assert set(marked) == set(files)
    for name, data in marked.items():
        folder, suffix = name.split("/")[0], name.rsplit(".", 1)[1]
        if suffix not in ("png", "jpg"):
            assert data == files[name]
            continue
        packet = data[data.index(b"<?xpacket begin") : data.index(b"<?xpacket end") + len(b'<?xpacket end="r"?>')]
        facts = described(packet)
        assert (facts["layer"], facts["identifier"]) == (folder, sample.image_id)
        assert facts["DigitalSourceType"].endswith("/algorithmicMedia") and "publicdomain/zero" in facts["WebStatement"]
        assert np.array_equal(decode_exact(data), picture)


def test_a_users_background_is_not_ours_to_licence(sample: SampleSpec) -> None:
    mixed = with_background(sample)
    for folder in LAYERS:
        facts = described(provenance.xmp(mixed, folder))
        shown = folder in layout.PHOTOGRAPHS
        assert facts["DigitalSourceType"].endswith("/compositeSynthetic" if shown else "/algorithmicMedia"), folder
        assert ("WebStatement" in facts) != shown


def test_the_ledger_lists_the_users_files_once(sample: SampleSpec) -> None:
    used = provenance.user_files(with_background(sample))
    assert (
        used == [{"file": "hall & <door>.jpg", "sha256": "ab", "used_for": "background"}] and provenance.user_files(sample) == []
    )
    ledger = provenance.sources(used * 3)
    assert len(ledger["user_files"]) == 1 and ledger["user_files"][0]["licence"].startswith("the user's")
    assert "user's own files" in ledger["claim"]
