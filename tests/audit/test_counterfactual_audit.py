"""Score shifts by factor and group against what was put in, the scorers' one-line errors, and validity."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from counterfactuals import counterfactual_spec
from small import FAKE

from facegen.audit import counterfactual as audit
from facegen.audit import detector, scorers
from facegen.audit.report import counterfactual_html
from facegen.audit.validity import CONTRAST, LEVEL, SHIFT, UNPROVEN
from facegen.dataset.read import Dataset
from facegen.errors import DataError, FacegenError, MachineError, RequestError
from facegen.run.local import generate

FACTORS = {"skin_monk": [2, 9], "sex": ["female", "male"], "yaw_deg": [-30, 30]}
POPULATION = {"beard": "none"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    out = tmp_path_factory.mktemp("audit") / "set"
    generate(counterfactual_spec(FACTORS, "both", identities=8, population=POPULATION), out, workers=1, studio=FAKE)
    return Dataset.open(out)


def scored(data: Dataset, folder: Path, **effect: float) -> Path:
    """Write scores: 10 + who (0 to 7) / 10, and what each factor's value adds, with twice as much where the camera is live."""
    lines = ["image_id,score"]
    for row in data.labels.to_dict("records"):
        more = effect.get(f"{row['factor']}_{row['factor_value']}".replace("-", "m"), 0.0)
        more *= 2 if row["mediated"] == "live" else 1
        lines.append(f"{row['image_id']},{10 + int(row['identity_id']) / 10 + more}")
    path = folder / "scores.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_shifts_are_what_was_put_in(data: Dataset, tmp_path: Path) -> None:
    path = scored(data, tmp_path, skin_monk_2=0.5, skin_monk_9=-1.0, yaw_deg_30=-0.25)
    found = audit.run(data, scores=path)
    assert (found["counterfactual_version"], found["mediated"], found["pairs"]) == (2, "both", len(data.pairs))
    for factors, times in ((found["factors"], 1), (found["live"], 2)):
        tone = factors["skin_monk"]["to"]
        assert tone["2"]["shift_mean"] == pytest.approx(0.5 * times) and tone["9"]["shift_mean"] == pytest.approx(-1.0 * times)
        low, high = tone["9"]["interval"]
        assert low == pytest.approx(high) == pytest.approx(-1.0 * times)
        assert factors["sex"]["shift_mean"] == pytest.approx(0.0)
        assert factors["yaw_deg"]["to"]["30"]["shift_mean"] == pytest.approx(-0.25 * times)
        for factor, cell in factors.items():
            part = data.pairs[(data.pairs["factor"] == factor) & (data.pairs["mediated"] == ("frozen" if times == 1 else "live"))]
            assert cell["n"] == len(part) and "flips" not in cell
            for name, groups in cell["by"].items():
                assert {k: g["n"] for k, g in groups.items()} == {str(k): int(v) for k, v in part[name].value_counts().items()}
    json.dumps(found, allow_nan=False)
    assert found["validity"] == {"real": None, "by": {}, "n_groups": 0, "statement": UNPROVEN}
    assert UNPROVEN == "shift on renders, not evidence of real-world differential"
    assert audit.render(found).endswith(UNPROVEN + "\n")


def test_the_same_document_every_time(data: Dataset, tmp_path: Path) -> None:
    path = scored(data, tmp_path, skin_monk_9=-1.0, sex_male=0.3)
    assert audit.run(data, scores=path) == audit.run(data, scores=path)


def test_the_same_pairs_have_one_interval(data: Dataset, tmp_path: Path) -> None:
    """A factor with one value that everybody is given: its own row, `to` that value, and any group that holds all of them."""
    pairs = data.pairs.assign(shift=np.random.default_rng(0).standard_normal(len(data.pairs)), sex="female")
    one = pairs[(pairs["factor"] == "skin_monk") & (pairs["to"].astype(str) == "2") & (pairs["mediated"] == "frozen")]
    found = audit.document(data, scorers.Scored("drawn", one, None))["factors"]["skin_monk"]
    assert found["n"] >= 5 and found["interval"] == found["to"]["2"]["interval"] == found["by"]["sex"]["female"]["interval"]


def test_a_threshold_counts_flips(data: Dataset, tmp_path: Path) -> None:
    found = audit.run(data, scores=scored(data, tmp_path, skin_monk_9=-5.0), threshold=9.0)
    cell = found["factors"]["skin_monk"]
    assert cell["to"]["9"]["flips"] == {"k": cell["to"]["9"]["n"], "n": cell["to"]["9"]["n"]}
    assert found["factors"]["sex"]["flips"]["k"] == 0


def test_scores_of_pairs_are_shifts(data: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    rows = [f"{p['base']},{p['variant']},{-0.5 if p['factor'] == 'sex' else 0}" for p in data.pairs.to_dict("records")]
    path.write_text("\n".join(["base,variant,score", *rows]))
    found = audit.run(data, scores=path)
    assert found["factors"]["sex"]["shift_mean"] == -0.5 and found["factors"]["skin_monk"]["shift_mean"] == 0
    with pytest.raises(RequestError, match="--threshold"):
        audit.run(data, scores=path, threshold=0.5)
    path.write_text("\n".join(["base,variant,score", *rows[1:]]))
    with pytest.raises(DataError, match="has no score for"):
        audit.run(data, scores=path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "line 1: columns a, b"),
        ("image_id,score\n000000_000,0,615\n", "line 2 has 3 fields, the header 2"),
        ("image_id,score\n000000_000\n", "line 2 has 1 fields, the header 2"),
        ("image_id,score,score\n000000_000,1,2\n", "line 1 names column 'score' twice"),
        ("image_id,score\n000000_000,1_0.5\n", "line 2: score '1_0.5' is not a finite number"),
        ("image_id,score\n000000_000,١\n", "line 2: score '١' is not a finite number"),
        ("image_id,score\n000000_000,1e999\n", "line 2: score '1e999' is not a finite number"),
        ("image_id,score\n000000_000,high\n", "line 2: score 'high' is not a finite number"),
        ("image_id,score\n000000_000,nan\n", "line 2: score 'nan'"),
        ("image_id,score\nnobody,1\n", "line 2: 'nobody' is no image of"),
        ("image_id,score\n000000_000,1\n000000_000,1\n", "line 3: '000000_000' stands in it twice"),
        ("image_id,score\n000000_000,1\n", "has no score for"),
        ("base,variant,score\n000000_000,000001_000,1\n", "line 2: '000000_000, 000001_000' is no pair"),
    ],
)
def test_wrong_scores_are_named_by_line(data: Dataset, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=said) as caught:
        audit.run(data, scores=path)
    assert "\n" not in str(caught.value) and caught.value.exit_code == 2


def test_one_scorer_at_a_time(data: Dataset, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="nothing is asked"):
        audit.run(data)
    with pytest.raises(RequestError, match="--scores and --detector are given"):
        audit.run(data, scores=tmp_path / "x", detector="short range")
    with pytest.raises(DataError, match="missing.csv: no such file; give a CSV of scores"):
        audit.run(data, scores=tmp_path / "missing.csv")
    with pytest.raises(RequestError, match="'middle' is not one of short range, full range"):
        audit.run(data, detector="middle")
    for limit in (float("nan"), float("inf")):
        with pytest.raises(RequestError, match="is no finite number"):
            audit.run(data, scores=scored(data, tmp_path), threshold=limit)
    for name, value in (("size", 3), ("colour", "pink"), ("mean", 0.0), ("scale", 1.0)):
        with pytest.raises(RequestError, match=f"--{name} goes with --onnx, .* not with --scores"):
            audit.run(data, scores=scored(data, tmp_path), how={name: value})


def test_the_detector_scores_the_true_face(data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stub finds the true box with 0.9 on the picture of a base, 0.4 on that of a variant, and a surer one elsewhere."""
    truth = {row["image_id"]: np.array([10.0, 10, 30, 30]) for row in data.labels.to_dict("records")}
    labels = data.labels.assign(bbox=[list(truth[i]) for i in data.labels["image_id"]])
    seen = iter(labels.to_dict("records"))

    @contextmanager
    def stub(model: str, least: float, meshes: bool) -> Iterator[Any]:
        assert model == "short range" and least == detector.LEAST_SCORE and not meshes

        def look(image: Any) -> detector.Seen:
            row = next(seen)
            sure = 0.9 if row["base_id"] is None else 0.4
            return detector.Seen(np.array([[40.0, 40, 20, 20], [11, 11, 30, 30]]), None, np.array([0.99, sure]))

        yield look

    monkeypatch.setattr(detector, "_detector", stub)
    found = audit.run(Dataset(data.root, data.manifest, rows=labels), detector="short range")
    for cell in found["factors"].values():
        assert cell["shift_mean"] == pytest.approx(-0.5) and cell["flips"] == {"k": cell["n"], "n": cell["n"]}


def test_mediapipe_reports_its_confidence() -> None:
    with detector._detector("short range", least=0.1, meshes=False) as look:
        seen = look(np.zeros((64, 64, 3), np.uint8))
    assert len(seen.scores) == len(seen.boxes) and seen.inner is None


# ---- validity -------------------------------------------------------------------------------------------------------------


def real(folder: Path, rows: list[str], header: str = "attribute,category,rate,n") -> Path:
    path = folder / "real.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_validity_ranks_contrasts_within_bases(data: Dataset, tmp_path: Path) -> None:
    """Tones of a made-up recogniser: the darker the worse. Each base has its own tone, so that six categories are compared."""
    lines = ["image_id,score"]
    for row in data.labels.to_dict("records"):
        lines.append(f"{row['image_id']},{100 * int(row['identity_id']) - row['skin_monk']}")  # people differ by far more
    path = tmp_path / "scores.csv"
    path.write_text("\n".join(lines))
    found = audit.run(data, scores=path, real=real(tmp_path, ["skin_monk,2,0.01,900", "skin_monk,9,0.05,900"]))["validity"]
    assert found["by"]["skin_monk"]["spearman"] is None and found["n_groups"] == 2 and UNPROVEN in found["statement"]
    own = sorted({int(t) for t in data.pairs["skin_monk"]} - {2, 9})
    rows = [f"skin_monk,{t},{0.01 * t},900" for t in (2, *own[:4], 9)]
    found = audit.run(data, scores=path, real=real(tmp_path, [*rows, "sex,female,0.5,10"]))["validity"]
    assert found["real"] == "real.csv" and found["by"]["skin_monk"]["p_method"] == "exact"
    assert {g["basis"] for g in found["groups"]} == {"contrast within each base"}
    two, nine = (next(g["ours"] for g in found["groups"] if g["category"] == c) for c in ("2", "9"))
    assert two - nine == pytest.approx(7, abs=1.5)
    assert found["by"]["skin_monk"]["spearman"] < -0.8 and UNPROVEN not in found["statement"]


def test_validity_of_pair_scores_uses_the_bases_groups(data: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    rows = [f"{p['base']},{p['variant']},{-0.1 * p['skin_monk']}" for p in data.pairs.to_dict("records")]
    path.write_text("\n".join(["base,variant,score", *rows]))
    tones = sorted({int(t) for t in data.pairs["skin_monk"]})
    found = audit.run(data, scores=path, real=real(tmp_path, [f"skin_monk,{t},{0.01 * t},50" for t in tones]))["validity"]
    assert found["by"]["skin_monk"]["spearman"] == pytest.approx(-1.0) and found["n_groups"] == len(tones)
    assert found["by"]["skin_monk"]["basis"] == SHIFT


def test_validity_never_ranks_one_attribute_with_another(data: Dataset, tmp_path: Path) -> None:
    """Ancestry is no factor here, so that base scores are compared: the higher the rate of errors, the lower the score. Tones are
    contrasts around 0; a rank over both together came out with the other sign."""
    presets = sorted(set(data.pairs["ancestry"]))
    assert len(presets) >= 3
    worse = {preset: at for at, preset in enumerate(presets)}
    bases = data.pairs.drop_duplicates("base").set_index("base")["ancestry"]
    lines = ["image_id,score"]
    for row in data.labels.to_dict("records"):
        base = row["base_id"] or row["image_id"]
        drift = 0.0 if row["base_id"] is None else 0.5 * worse[bases[base]]  # variants rise most where the base is worst
        lines.append(f"{row['image_id']},{20 - worse[bases[base]] + drift - 0.1 * row['skin_monk']}")
    path = tmp_path / "scores.csv"
    path.write_text("\n".join(lines))
    tones = ["skin_monk,2,0.6,100", "skin_monk,9,0.9,100"]
    rows = [f"ancestry,{preset},{0.01 * (1 + at)},100" for preset, at in worse.items()]
    found = audit.run(data, scores=path, real=real(tmp_path, [*rows, *tones]))["validity"]
    assert "spearman" not in found and "p" not in found
    assert found["by"]["ancestry"]["spearman"] < -0.9 and found["by"]["ancestry"]["basis"] == LEVEL
    assert found["by"]["skin_monk"] == {
        "spearman": None, "p": None, "p_method": None, "n_groups": 2, "basis": CONTRAST,
    }  # fmt: skip
    assert "ancestry -" in found["statement"] and "skin_monk" not in found["statement"]
    page = counterfactual_html(audit.run(data, scores=path, real=real(tmp_path, [*rows, *tones])))
    assert "Ancestry preset −" in page and "Skin tone (Monk) – over 2 groups" in page
    alone = audit.run(data, scores=path, real=real(tmp_path, rows))["validity"]["by"]
    assert alone["ancestry"] == found["by"]["ancestry"]  # whatever else the file holds


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["gender,female,0.1,5"], "line 2: attribute 'gender' is not one of sex"),
        (["sex,female,1.2,5"], "line 2: rate 1.2, n '5'"),
        (["sex,female,0.2,0"], "line 2: rate 0.2, n '0'"),
        (["sex,female,0,12,400"], "line 2 has 5 fields, the header 4"),
        (["sex,female,0.2,4_0"], "line 2: rate 0.2, n '4_0'"),
        (["sex,female,0.2,-4"], "line 2: rate 0.2, n '-4'"),
        (["sex,female,nan,4"], "line 2: rate 'nan'"),
        (["sex,female,low,5"], "line 2: rate 'low'"),
        (["sex,female,0.1,5", "sex,female,0.1,5"], "line 3: sex 'female' stands in it twice"),
        (["ancestry,martian,0.1,5"], "no group of it is in this set"),
        ([], "no group of it is in this set"),
    ],
)
def test_wrong_real_results_are_named_by_line(data: Dataset, tmp_path: Path, rows: list[str], said: str) -> None:
    with pytest.raises(DataError, match=said):
        audit.run(data, scores=scored(data, tmp_path), real=real(tmp_path, rows))


# ---- an embedder ------------------------------------------------------------------------------------------------------------


def test_preprocessing_is_checked_and_a_missing_runtime_is_one_line(data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    for how, said in (
        ({"colour": "gray"}, "--colour 'gray' is not one of rgb, bgr, grey"),
        ({"scale": 0}, "--scale 0"),
        ({"size": 4}, "--size 4"),
    ):
        with pytest.raises(RequestError, match=said):
            audit.run(data, onnx=Path("m.onnx"), how=how)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MachineError, match=r"pip install 'facegen\[evaluate\]'"):
        audit.run(data, onnx=Path("m.onnx"))


def test_an_embedder_that_means_the_picture_gives_its_cosine(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is the mean colour in the order and scale that were declared; crops are given, as the fake faces have no eyes."""
    pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("ReduceMean", ["x"], ["y"], axes=[2, 3], keepdims=0)],
        "mean",
        [helper.make_tensor_value_info("x", kind, [1, 3, 112, 112])],
        [helper.make_tensor_value_info("y", kind, [1, 3])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path = tmp_path / "mean.onnx"
    path.write_bytes(model.SerializeToString())
    colours = {i: np.array([200, 30 + 37 * k % 200, 90], np.uint8) for k, i in enumerate(data.labels["image_id"])}

    def crops(dataset: Dataset) -> Any:
        return lambda row: np.broadcast_to(colours[row["image_id"]], (112, 112, 3)).copy()

    monkeypatch.setattr(scorers, "_crops", crops)
    found = scorers.from_onnx(data, path, {"colour": "bgr", "mean": 10, "scale": 50}, threshold=0.9)
    for pair in found.pairs.to_dict("records"):
        a, b = ((colours[pair[side]].astype(float)[::-1] - 10) / 50 for side in ("base", "variant"))
        cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        assert pair["shift"] == pytest.approx(cosine - 1, abs=1e-5) and pair["flip"] == (cosine < 0.9)
    with pytest.raises(RequestError, match="takes crops of 112 x 112 px, not 96; set --size 112"):
        scorers.from_onnx(data, path, {"size": 96}, None)
    with pytest.raises(RequestError, match="cannot be loaded"):
        (tmp_path / "bad.onnx").write_bytes(b"nothing")
        scorers.from_onnx(data, tmp_path / "bad.onnx", {}, None)


# ---- the command ------------------------------------------------------------------------------------------------------------


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "facegen.cli", "audit", "counterfactual", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_command_prints_and_writes_the_document(data: Dataset, tmp_path: Path) -> None:
    path = scored(data, tmp_path, skin_monk_9=-1.0)
    run = command(str(data.root), "--scores", str(path), "--json", str(tmp_path / "found.json"))
    assert run.returncode == 0 and UNPROVEN in run.stdout and "skin_monk" in run.stdout
    assert json.loads((tmp_path / "found.json").read_text()) == json.loads(json.dumps(audit.run(data, scores=path)))
    pictures = audit.pictures(data, audit.run(data, scores=path))
    assert all(content.startswith(b"\x89PNG") for content in pictures.values()) and len(pictures) >= 6


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--scores", "missing.csv"],
        ["--detector", "--threshold", "0.5"],
        ["--detector", "--json", "one", "--out", "./one"],
    ],
)
def test_a_wrong_command_is_one_line(data: Dataset, arguments: list[str]) -> None:
    run = command(str(data.root), *arguments)
    assert run.returncode == 2 and len(run.stderr.strip().splitlines()) == 1 and "Traceback" not in run.stderr


def test_a_model_of_no_detector_is_refused(data: Dataset, tmp_path: Path) -> None:
    run = command(str(data.root), "--scores", str(scored(data, tmp_path)), "--detector-model", "full range")
    assert run.returncode == 2 and run.stderr.startswith("facegen: --detector-model goes with --detector") and not run.stdout


def test_other_datasets_are_refused(fake_dataset: Path) -> None:
    with pytest.raises(FacegenError, match="is no counterfactual dataset"):
        audit.run(Dataset.open(fake_dataset), detector="short range")
