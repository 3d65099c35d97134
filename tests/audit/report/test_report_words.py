"""What a report says of a document: headlines, targets, colours of cells, who is missing or alone."""

from __future__ import annotations

import documents
import evaluated
import numpy as np
import pytest
from pages import Reader

from facegen.audit.report import (
    compare_html,
    counterfactual_html,
    counts,
    figures,
    scales,
    words,
)
from facegen.audit.report.headline import headline, worst_imbalance
from facegen.recognise.text import evaluation_text


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


def test_the_words_of_an_evaluation_cannot_move_the_cursor() -> None:
    evil, long = "A\x1b[2J\n\rB", "x" * 500
    for name in (evil, long):
        document = evaluated.recogniser(name=name)
        document["set"]["name"] = name
        text = evaluation_text({**document, "recogniser": {"name": name}})
        assert all(line.isprintable() for line in text.splitlines())
        assert (
            len(text.splitlines())
            == len(evaluation_text({**evaluated.recogniser(), "recogniser": {"name": "m"}}).splitlines()) + 1
        )
        assert "x" * 201 not in "\n".join(line for line in text.splitlines() if not line.startswith("Note"))


def test_a_page_of_older_pairs_is_still_made() -> None:
    """Version 1 had one rank correlation over all attributes, which is not shown any more."""
    document = documents.counterfactual()
    document["validity"] = {"real": "r.csv", "spearman": 0.5, "n_groups": 4, "statement": "Spearman +0.50"}
    assert "Compared with r.csv" in counterfactual_html(document)


def test_words() -> None:
    assert words.joined(["a", "b", "c"]) == "a, b and c" and words.joined([]) == ""
    assert words.signed(-0.004, 2) == "0.00" and words.signed(-1.5, 1) == "−1.5" and words.points(0.025) == "+2.5"
    assert words.number(0.1234) == "0.123" and words.number(12) == "12" and words.number(None) == "–"
    assert words.chance(0.0004) == "< 0.001" and words.interval([0.1, 0.2], "percent") == "10.0% to 20.0%"
    assert words.label("ofiq_eyes_open") == "OFIQ eyes open" and words.label("yaw_deg") == "Yaw, °"
    assert words.named("skin_monk") == "skin tone (Monk)" and words.label("sex x light") == "Sex (binary axis) × Light"
    assert words.records(1, "identity") == "1 person" and words.records(2000, "image") == "2,000 images"


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
