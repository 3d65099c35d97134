"""`facegen audit` as a user meets it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import published
import pytest

from facegen import cli
from facegen.audit.known import UNKNOWN
from facegen.spec import DatasetSpec


@pytest.fixture
def audit(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["facegen", "audit", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        return int(stop.value.code or 0), said.out, said.err

    return run


def test_one_set(audit, fake_dataset: Path, tmp_path: Path) -> None:
    for words in (
        (fake_dataset,),
        ("set", fake_dataset),
        ("--format", "facegen", fake_dataset),
        (fake_dataset / "labels.parquet",),
    ):
        code, out, err = audit(*words)
        assert (code, err) == (0, "") and out.startswith("Coverage of small: 3 identities, ")
    file = published.fairface(tmp_path)
    code, out, _ = audit(file, "--json", tmp_path / "new/audit.json")
    document = json.loads((tmp_path / "new/audit.json").read_text())
    assert code == 0 and document["format"] == "fairface" and document["rows"]["images"] == 6
    assert "race: annotated" in out and "Southeast Asian" in out


def test_a_table(audit, tmp_path: Path) -> None:
    file, mapping = published.table(tmp_path)
    code, out, _ = audit(file, "--mapping", mapping)
    assert code == 0 and f"    {UNKNOWN}" in out and "target   0.0%" in out
    code, _, err = audit(file)
    assert code == 2 and "of no format that is known" in err


def test_compare(audit, fake_dataset: Path, tmp_path: Path) -> None:
    fair, cc = published.fairface(tmp_path), published.casual_conversations(tmp_path / "CasualConversationsV2.json")
    code, _, err = audit("compare", tmp_path, fake_dataset)
    assert code == 2 and "may be fairface or casual_conversations" in err
    words = ("compare", fair, cc, fake_dataset, "--format", "fairface", "--format", "auto", "--format", "auto")
    code, out, _ = audit(*words, "--json", tmp_path / "c.json")
    document = json.loads((tmp_path / "c.json").read_text())
    assert code == 0 and document["attributes"] == ["sex", "age_band"] and len(document["sets"]) == 3
    assert "[3] small" in out and "Distances" in out
    first = (tmp_path / "c.json").read_bytes()
    audit(*words, "--json", tmp_path / "c.json")
    assert (tmp_path / "c.json").read_bytes() == first
    assert str(tmp_path) not in first.decode()
    for wrong in (
        ("compare", cc),
        ("compare", cc, fake_dataset, "--format", "auto"),
        ("compare", cc, fake_dataset, "--mapping", "m"),
    ):
        code, _, err = audit(*wrong)
        assert code == 2 and len(err.splitlines()) == 1


def test_remedy(audit, tmp_path: Path) -> None:
    rows = [("30-39", sex, race, 30) for sex in ("Male", "Female") for race in ("White", "East Asian")]
    file = published.fairface_rows(tmp_path / "fairface_label_train.csv", rows)
    words = ("remedy", file, "--attributes", "sex,race", "--tau", 20)
    code, out, _ = audit(*words)
    assert code == 0 and out.startswith("# Fills the holes of FairFace")
    code, said, _ = audit(*words, "--out", tmp_path / "new/spec.yaml")
    assert code == 0 and "200 people for 10 groups with fewer than 20 images" in said
    assert (tmp_path / "new/spec.yaml").read_text() == out
    spec = DatasetSpec.load(tmp_path / "new/spec.yaml")
    assert spec.identities == 200 and len(spec.population.ancestry.names) == 5
    code, said, _ = audit("remedy", file, "--attributes", "sex", "--tau", 60, "--out", tmp_path / "none.yaml")
    assert code == 0 and "nothing to render" in said and not (tmp_path / "none.yaml").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no/such/set",), "no such file"),
        (("--max-yaw", "3", "x"), "--detector"),
        (("--detector", "--format", "lfw", "x"), "leave out"),
        (("remedy", "x", "--tau", "0"), "tau"),
        (("remedy", "x", "--tau", "100000000000000000000"), "'--tau'"),
        (("compare", "x", "y", "--tau", "100000000000000000000"), "'--tau'"),
        (("--detector", "--scores", "s.json", "x"), "leave one of them out"),
        (("x", "--json", "one", "--out", "./one"), "'one' is to hold two things"),
        (("compare", "x", "y", "--json", "a/../one", "--out", "one"), "is to hold two things"),
        (("x", "--json", "./x"), "'x' would be written over what is read"),
        (("compare", "x", "y", "--out", "y"), "'y' would be written over what is read"),
        (("remedy", "x", "--mapping", "m.yaml", "--out", "m.yaml"), "'m.yaml' would be written over what is read"),
        (("compare",), "Missing argument"),
        (("x", "--format", "fairfaces"), "did you mean 'fairface'"),
    ],
)
def test_wrong_requests(audit, words: tuple[str, ...], said: str) -> None:
    code, _, err = audit(*words)
    assert code == 2 and said in err and len(err.splitlines()) == 1


def test_without_words_its_help_is_printed(audit) -> None:
    code, out, err = audit()
    assert (code, out) == (2, "") and len(err.splitlines()) > 8 and err.startswith("Usage:") and "counterfactual" in err


def test_a_table_of_a_thousand_prints_its_count(audit, tmp_path: Path) -> None:
    file = published.fairface_rows(tmp_path / "fairface_label_train.csv", [("30-39", "Male", "White", 1001)])
    code, out, _ = audit(file)
    assert code == 0 and "n 1,001  ens" in out and "1e+03" not in out


def test_nothing_is_written_where_it_fails(audit, tmp_path: Path) -> None:
    file = published.fairface(tmp_path) / "fairface_label_val.csv"
    file.write_text(file.read_text().replace("White", "Whitish"))
    code, out, err = audit(file, "--json", tmp_path / "a.json", "--out", tmp_path / "a.html")
    assert code == 2 and out == "" and "line 5: race 'Whitish'" in err
    assert not list(tmp_path.glob("a.*"))
