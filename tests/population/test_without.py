"""What a spec leaves out is gone from the plan, and nothing else is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from facegen.errors import SpecError
from facegen.population.plan import Plan, build
from facegen.spec import DatasetSpec

BASE = {"name": "a", "seed": 7, "date": "2026-01-01", "identities": 12, "images_per_identity": 4}


def plan(*without: str) -> Plan:
    return build(DatasetSpec.from_dict({**BASE, **({"without": list(without)} if without else {})}))


def changed(without: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the samples with and without a part, as plain values."""
    return tuple([sample.model_dump() for sample in plan(*words).samples()] for words in ((), (without,)))  # type: ignore[return-value]


def test_shadows() -> None:
    before, after = changed("shadows")
    keys = [key for sample in after for key in sample["shot"]["light"]["keys"]]
    assert any(key["shadow"] and key["edge_width_m"] for sample in before for key in sample["shot"]["light"]["keys"])
    assert keys and not any(key["shadow"] or key["edge_width_m"] for key in keys)
    for a, b in zip(before, after, strict=True):
        assert b["shot"]["wear"].pop("shadow") is None
        del a["shot"]["wear"]["shadow"]
        for sample in (a, b):
            for key in sample["shot"]["light"]["keys"]:
                for name in ("shadow", "edge_deg", "edge_offset_m", "edge_width_m"):
                    del key[name]
        assert a == b


def test_skin_detail() -> None:
    before, after = changed("skin_detail")
    for a, b in zip(before, after, strict=True):
        own, bare = a["identity"].pop("skin"), b["identity"].pop("skin")
        assert a == b
        assert all(bare[name] == own[name] for name in ("monk", "lab", "oil", "seed"))
        marks = [v for k, v in {**bare, **bare["complexion"]}.items() if k not in ("monk", "lab", "oil", "seed", "complexion")]
        assert not any(marks) and own["relief"] > 0


def test_bone_spread() -> None:
    before, after = changed("bone_spread")
    for a, b in zip(before, after, strict=True):
        for name in ("shape", "asymmetry"):
            own, half = a["identity"].pop(name), b["identity"].pop(name)
            assert list(own) == list(half)
            assert np.array_equal(0.5 * np.array(list(own.values())), list(half.values()))
        assert a == b


def test_a_spec_without_the_word_keeps_its_hash_and_with_it_has_another() -> None:
    plain, none = DatasetSpec.from_dict(BASE), DatasetSpec.from_dict({**BASE, "without": []})
    assert plain.sha256() == none.sha256() and "without" not in plain.canonical_json()
    two = [
        DatasetSpec.from_dict({**BASE, "without": words}) for words in (["shadows", "bone_spread"], ["bone_spread", "shadows"])
    ]
    assert two[0].sha256() == two[1].sha256() != plain.sha256()


@pytest.mark.parametrize("words", [["hair"], ["shadows", "shadows"], "shadows"])
def test_unknown_and_doubled_words(words: Any) -> None:
    with pytest.raises(SpecError, match="without"):
        DatasetSpec.from_dict({**BASE, "without": words})
