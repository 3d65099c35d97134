"""Reports as text: every number is there without a script, nothing a label says becomes markup, same input, same bytes."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

import documents
import evaluated
import numpy as np
import pytest
from pages import Reader

from facegen.audit.report import (
    audit_html,
    compare_html,
    counterfactual_html,
    counts,
    page,
    pictures,
    recogniser_html,
)
from facegen.dataset.read import Dataset
from facegen.errors import DataError
from facegen.measures.intervals import wilson

PAGES = {
    "audit": lambda: audit_html(documents.audit()),
    "compare": lambda: compare_html(documents.compare()),
    "counterfactual": lambda: counterfactual_html(documents.counterfactual()),
    "recogniser": lambda: recogniser_html(evaluated.recogniser()),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_well_formed_and_built_for_ears(name: str) -> None:
    found = Reader(PAGES[name]())
    assert len(set(found.ids)) == len(found.ids)
    assert found.captions == len(found.tables) > 3
    assert found.heads > 10 and found.plain_heads == 0
    assert found.levels[0] == 1 and all(b - a <= 1 for a, b in zip(found.levels, found.levels[1:], strict=False))
    assert {link[1:] for link in found.links} <= set(found.ids)


@pytest.mark.parametrize("name", PAGES)
def test_same_document_same_bytes_and_small(name: str) -> None:
    text = PAGES[name]()
    assert text == PAGES[name]()
    assert len(text.encode()) < 2_500_000 and " object at 0x" not in text


@pytest.mark.parametrize("name", PAGES)
def test_the_policy_allows_our_scripts_and_nothing_else(name: str) -> None:
    text = PAGES[name]()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text).group(1)  # type: ignore[union-attr]
    run = [body for attributes, body in Reader(text).scripts if attributes.get("type") != "application/json"]
    digests = [f"'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'" for body in run]
    assert f"script-src {' '.join(digests)};" in policy
    assert policy.startswith("default-src 'none';") and "unsafe-eval" not in policy and "http" not in policy
    assert not [a for a in Reader(text).attributes if a.startswith("on")]


def test_markup_in_labels_is_shown_as_text() -> None:
    text = audit_html(documents.hostile())
    plain = Reader(PAGES["audit"]())
    found = Reader(text)
    assert found.tags <= plain.tags | {"img"} and "onerror" not in found.attributes and "b" in plain.tags
    assert len(found.scripts) == len(plain.scripts) and "i" not in found.tags
    assert html.escape(documents.HOSTILE, quote=False) in text.replace("&#34;", '"').replace("&#39;", "'").replace(" ", "_") or (
        documents.HOSTILE.replace("_", " ") in " ".join(cell for rows in found.tables.values() for row in rows for cell in row)
    )
    drawn = json.loads(next(body for attributes, body in found.scripts if attributes.get("type") == "application/json"))
    assert all("<script" not in json.dumps(f) for f in drawn.values())  # plotly would read it as markup of its own


def test_every_cell_stands_in_the_table_with_its_interval() -> None:
    document = documents.audit()
    rows = Reader(audit_html(document)).tables["cells-image"][1:]
    table = document["levels"]["image"]
    told = {tuple(r[:3]): r[3:] for r in rows}
    assert len(told) == len(rows) == len(table["intersection"]["cells"]) == 40
    for cell in table["intersection"]["cells"]:
        count, expected, share, interval, target = told[cell["sex"], cell["age_band"], cell["skin_monk"]]
        low, high = wilson(cell["count"], 160)
        assert int(count.removeprefix("▲ ")) == cell["count"] and ("▲" in count) == (cell["count"] == 0)
        assert share == f"{100 * cell['count'] / 160:.1f}%" and interval == f"{100 * low:.1f}% to {100 * high:.1f}%"
        assert expected == "4" and target == "2.50%"


def test_marginals_carry_the_documents_intervals() -> None:
    document = documents.audit()
    for name, one in zip(documents.CATEGORIES, counts.marginals(document, "image"), strict=True):
        assert one["attribute"] == name
        for row in one["rows"]:
            assert [row["low"], row["high"]] == document["intervals"]["image"][name][row["category"]]
            assert row["missing"] == (row["category"] == "9")
    del document["intervals"]
    row = counts.marginals(document, "image")[0]["rows"][0]
    assert (row["low"], row["high"]) == wilson(row["count"], 160)


@pytest.mark.parametrize(
    ("key", "section"),
    [("independence", "independence"), ("quality_parity", "parity"), ("skin", "skin"), ("rejections", "rejections")],
)
def test_what_the_document_lacks_has_no_section(key: str, section: str) -> None:
    document = documents.audit()
    assert f'<section id="{section}">' in audit_html(document)
    del document[key]
    text = audit_html(document)
    assert f'id="{section}"' not in text and f'href="#{section}"' not in text


def test_the_least_document_makes_a_report() -> None:
    full = documents.audit()
    text = audit_html({k: full[k] for k in ("audit_version", "name", "rows", "levels")})
    assert "What is not covered" in text and "independent" in text
    image = {"name": "x", "rows": {"identities": None, "images": 160}, "levels": {"image": full["levels"]["image"]}}
    assert "does not say which images show the same person" in audit_html(image)


@pytest.mark.parametrize("make", [audit_html, compare_html, counterfactual_html, recogniser_html])
def test_another_kind_of_document_is_refused_in_one_line(make: Any) -> None:
    with pytest.raises(DataError, match="facegen (audit|evaluate)") as refused:
        make({"manifest_version": 2})
    assert "\n" not in str(refused.value)


def test_pictures_stop_before_the_page_grows_past_its_bound() -> None:
    document = documents.audit()
    given = {
        f"sex={s}|age_band={a}": b"\xff\xd8" + bytes(1_000_000)
        for s in ("female", "male")
        for a in documents.CATEGORIES["age_band"]
    }
    text = audit_html(document, given)
    assert text.count('src="data:image/jpeg') == page.PICTURE_BYTES // 1_000_002 == 4
    assert "4 pictures are left out" in text and len(text.encode()) < 10_000_000


def test_mosaic_says_who_is_missing() -> None:
    text = audit_html(documents.audit(), {"skin_monk=1": b"\xff\xd8a"})
    table = next(rows for rows in Reader(text).tables.values() if rows[0] == ["1", "3", "5", "7", "9"])
    assert table[1][4] == "0" and "no picture" in table[1][1]


def test_mosaic_of_our_own_set(fake_dataset: Path) -> None:
    dataset = Dataset.open(fake_dataset)
    found = pictures.mosaic(dataset, ("sex", "ancestry"), size=48)
    labels = dataset.labels
    assert set(found) == {f"sex={s}|ancestry={a}" for s, a in zip(labels["sex"], labels["ancestry"], strict=True)}
    assert all(data.startswith(b"\xff\xd8") for data in found.values()) and found == pictures.mosaic(
        dataset, ("sex", "ancestry"), 48
    )
    with pytest.raises(DataError, match="'shoe_size'"):
        pictures.mosaic(dataset, ("shoe_size",))


@pytest.mark.parametrize(
    "box", [(-30.0, -20.0, 40.0, 50.0), (10.0, 10.0, 20.0, 30.0), (80.0, 90.0, 60.0, 60.0), (0.0, 0.0, 500.0, 9.0)]
)
def test_thumbnails_are_square_wherever_the_box_lies(box: tuple[float, ...]) -> None:
    import cv2

    data = pictures.thumbnail(np.zeros((100, 100, 3), np.uint8), box, 32)
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape == (32, 32, 3)
