"""Reports as text: every number is there without a script, nothing a label says becomes markup, same input, same bytes."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import documents
import evaluated
import numpy as np
import pytest

from facegen.audit.report import (
    audit_html,
    compare_html,
    counterfactual_html,
    counts,
    figures,
    page,
    pictures,
    recogniser_html,
    scales,
    words,
)
from facegen.audit.report.headline import headline, worst_imbalance
from facegen.dataset.read import Dataset
from facegen.errors import DataError
from facegen.measures.intervals import wilson

VOID = {"meta", "link", "img", "input", "line", "rect", "circle", "br"}
PAGES = {
    "audit": lambda: audit_html(documents.audit()),
    "compare": lambda: compare_html(documents.compare()),
    "counterfactual": lambda: counterfactual_html(documents.counterfactual()),
    "recogniser": lambda: recogniser_html(evaluated.recogniser()),
}


class Reader(HTMLParser):
    """Tables (id -> rows of cell texts), ids, headings, scripts, and whether elements close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.rows: list[list[str]] = []
        self.cell: list[str] | None = None
        self.open: list[str] = []
        self.ids: list[str] = []
        self.levels: list[int] = []
        self.scripts: list[tuple[dict[str, Any], str]] = []
        self.captions = self.heads = self.plain_heads = 0
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        known = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(known)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in known:
            self.ids.append(known["id"])
        if tag == "a":
            self.links.append(known["href"])
        if tag in ("h1", "h2", "h3", "h4"):
            self.levels.append(int(tag[1]))
        if tag == "table":
            self.rows = []
            self.tables[known.get("id", f"table {len(self.tables)}")] = self.rows
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.cell = []
            self.heads += tag == "th"
            self.plain_heads += tag == "th" and "scope" not in known
        elif tag == "caption":
            self.captions += 1
        elif tag == "script":
            self.scripts.append((known, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open.pop() == tag
        if tag in ("td", "th") and self.cell is not None:
            self.rows[-1].append(" ".join("".join(self.cell).split()))
            self.cell = None

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif self.cell is not None:
            self.cell.append(data)


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


def test_a_pair_is_judged_against_its_declared_target() -> None:
    table = documents.audit()["levels"]["image"]
    pair = next(p for p in counts.pairs(table) if p["id"] == "sex-skin_monk")
    assert (pair["declared"], pair["empty"]) == (10, 2)
    for row in pair["rows"]:
        for column, cell in zip(pair["columns"], row["cells"], strict=True):
            n = table["pairs"]["sex x skin_monk"]["counts"][row["name"]][column]
            assert cell["state"] == ("empty" if n == 0 else "in") and cell["n"] == str(n)
            assert cell["t"] == words.signed(100 * (n / 16 - 1), 0) + "%"


def test_worst_imbalance_is_over_target() -> None:
    def one(counts_: dict[str, int], target: dict[str, float]) -> dict[str, str]:
        return worst_imbalance({"marginals": {"group": {"counts": counts_, "target": target}}})

    assert one({"a": 60, "b": 20}, {"a": 0.75, "b": 0.25})["figure"] == "1.0×"
    assert one({"a": 60, "b": 20}, {"a": 0.5, "b": 0.5})["figure"] == "3.0×"
    assert one({"a": 60, "b": 20, "c": 0}, {"a": 0.4, "b": 0.4, "c": 0.2})["figure"] == "∞"
    assert one({"a": 60, "b": 20, "c": 0}, {"a": 0.5, "b": 0.5, "c": 0.0})["figure"] == "3.0×"


def test_the_headline_counts_declared_cells_and_says_what_to_add() -> None:
    document = documents.audit()
    head = headline(document)
    assert head["level"] == "identity" and not head["good"]
    cells = [c["count"] for c in document["levels"]["identity"]["intersection"]["cells"]]
    assert head["verdict"] == f"{40 - cells.count(0)} of 40 declared cells are covered; {cells.count(0)} are empty."
    assert "skin tone (Monk): 9" in " ".join(head["sentences"])
    assert f"every declared cell there takes {cells.count(0)}." in head["actions"][0]
    assert counts.to_fill(document["levels"]["identity"], 30) == sum(max(0, 30 - c) for c in cells)


def test_a_covered_set_is_called_covered() -> None:
    document = documents.audit(many=60_000, leave_out=())
    head = headline(document)
    assert head["good"] and "Every one of the 40 declared cells" in head["verdict"]
    assert head["actions"] == ["Nothing is needed for coverage: no declared group falls below 1, 30 and 100 people."]


def test_the_map_of_cells_holds_every_count_once() -> None:
    table = documents.audit()["levels"]["image"]
    figure = figures.map_of_cells(table, "image")
    assert figure is not None
    amounts, nobody = figure["data"]
    seen = np.array([[int(a or 0) if a else 0 for a in line] for line in amounts["text"]])
    down, across = counts.split(table)
    for i, row in enumerate(counts.grid(table)["rows"]):  # type: ignore[index]
        for j, column in enumerate(counts.grid(table)["columns"]):  # type: ignore[index]
            place = dict(zip((*down, *across), (*row, *column), strict=True))
            n = next(c["count"] for c in table["intersection"]["cells"] if all(c[k] == v for k, v in place.items()))
            assert seen[i, j] == n and (nobody["text"][i][j] == "0") == (n == 0)


@pytest.mark.parametrize("colour", [*scales.AMOUNT, *scales.AMOUNT_DARK, *scales.DIFFERENCE])
def test_numbers_can_be_read_on_every_step(colour: str) -> None:
    assert scales.contrast(colour, scales.ink(colour)) >= 4.5


def test_amounts_grow_darker_on_light_paper_and_lighter_on_dark() -> None:
    light, dark = ([scales.luminance(c) for c in steps] for steps in (scales.AMOUNT, scales.AMOUNT_DARK))
    assert light == sorted(light, reverse=True) and dark == sorted(dark)
    assert scales.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert (scales.amount(0, 5), scales.amount(5, 5), scales.amount(7, 0)) == (0, 8, 0)
    assert [scales.difference(v, 2.0) for v in (-9, -2, 0, 2, 9)] == [0, 0, 4, 8, 8]


def test_words() -> None:
    assert words.joined(["a", "b", "c"]) == "a, b and c" and words.joined([]) == ""
    assert words.signed(-0.004, 2) == "0.00" and words.signed(-1.5, 1) == "−1.5" and words.points(0.025) == "+2.5"
    assert words.number(0.1234) == "0.123" and words.number(12) == "12" and words.number(None) == "–"
    assert words.chance(0.0004) == "< 0.001" and words.interval([0.1, 0.2], "percent") == "10.0% to 20.0%"
    assert words.label("ofiq_eyes_open") == "OFIQ eyes open" and words.label("yaw_deg") == "Yaw, °"
    assert words.named("skin_monk") == "skin tone (Monk)" and words.label("sex x light") == "Sex (binary axis) × Light"
    assert words.records(1, "identity") == "1 person" and words.records(2000, "image") == "2,000 images"


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


def test_comparison_names_who_is_alone() -> None:
    document = documents.compare()
    found = Reader(compare_html(document))
    rows = found.tables["unique-table"][1:]
    assert rows[0] == ["ours", "70-85, Monk 9", "12"] and rows[1][0] == "Set C"
    assert len(found.tables["distances-table"]) == 1 + 9


def test_counterfactual_shows_validity_before_any_shift() -> None:
    document = documents.counterfactual()
    text = counterfactual_html(document, {"000001_000": b"\x89PNGx"})
    assert text.index(document["validity"]["statement"]) < text.index('id="factors-frozen"') < text.index('id="factors-live"')
    rows = {r[0]: r for r in Reader(text).tables["factors-frozen"][1:]}
    assert rows["Mask"][2:4] == ["−0.210", "−0.218 to −0.202"] and rows["Mask"][5] == "21 / 96"
    assert "data:image/png" in text
    assert "<b>−0.210</b>" in text and "<b>−0.004</b>" not in text  # bold: the interval leaves out zero
    del document["live"]
    assert 'id="live"' not in counterfactual_html(document)
    assert 'id="live"' in counterfactual_html({**document, "mediated": "live"}) and 'id="frozen"' not in counterfactual_html(
        {**document, "mediated": "live"}
    )
