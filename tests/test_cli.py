"""The command as a user meets it: a mistake is one line on stderr and exit 2, a failure of the machine one line and exit 1."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml
from small import FAKE, SMALL, small_spec

from facegen import cli, doctor
from facegen.cli.wrong import told
from facegen.errors import MachineError


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: object) -> tuple[int, str, str]:
    """Run `facegen words` in this process with the fake studio; return exit code, stdout, stderr."""
    import facegen.run.again
    import facegen.run.local
    import facegen.run.verify

    again = facegen.run.again
    for function in (facegen.run.local.generate, again.render, again.preview, facegen.run.verify.verify):
        defaults = tuple(FAKE if d == "facegen.run.studio:Studio" else d for d in function.__defaults__)
        monkeypatch.setattr(function, "__defaults__", defaults)
    monkeypatch.setattr(sys, "argv", ["facegen", *map(str, words)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    said = capsys.readouterr()
    return int(stop.value.code or 0), said.out, said.err


@pytest.fixture
def facegen(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    return lambda *words: run(capsys, monkeypatch, *words)


@pytest.fixture
def spec_file(tmp_path: Path):
    def write(**changes: object) -> Path:
        path = tmp_path / "spec.yaml"
        path.write_text(yaml.safe_dump({**SMALL, **changes}))
        return path

    return write


def one_line(text: str) -> str:
    lines = text.splitlines()
    assert len(lines) == 1 and lines[0].startswith("facegen: ") and "Traceback" not in text, text
    return lines[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sise": 64}, "did you mean 'size'"),
        ({"size": "big"}, "size"),
        ({"size": 8}, "size"),
        ({"identities": 0}, "identities"),
        ({"identities": 2.5}, "whole number"),
        ({"seed": -1}, "seed"),
        ({"population": {"sex": {"female": 0.7, "male": 0.7}}}, "1.4"),
        ({"population": {"sex": []}}, "sex"),
        ({"population": {"sex": ["female", "mal"]}}, "did you mean 'male'"),
        ({"population": {"sex": "female", "balance": ["sex"]}}, "balance"),
        ({"population": {"sex": "female", "beard": "full"}}, "beard"),
        ({"population": {"age_band": ["5-17"]}}, "children"),
        ({"images_per_identity": 1, "sittings_per_identity": 2}, "images_per_identity"),
        ({"shots": {"yaw_deg": {"uniform": [50, 130]}}}, "yaw_deg"),
    ],
)
def test_wrong_specs(facegen, spec_file, tmp_path: Path, changes: dict[str, object], words: str) -> None:
    code, out, err = facegen("generate", spec_file(**changes), "--out", tmp_path / "set")
    assert code == 2 and words in one_line(err)
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("paint",),
        ("generate",),
        ("generate", "spec.yaml", "--out", "x", "--workers", "many"),
        ("generate", "no/such.yaml", "--out", "x"),
        ("generate", "pipelines/demo.yaml", "--out", "x", "--identities", "0"),
        ("generate", "pipelines/demo.yaml", "--out", "x", "--workers", "0"),
        ("generate", "pipelines/demo.yaml", "--out", "x", "--engine", "cloud"),
        ("render", "no_such_sample.json", "--out", "x"),
        ("verify", "no/such/set"),
        ("audit", "no/such/set"),
        ("preview", "pipelines/demo.yaml", "--out", "x.png", "--rows", "0"),
    ],
)
def test_wrong_requests(facegen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "pipelines").symlink_to(Path(__file__).parents[1] / "pipelines")
    monkeypatch.chdir(tmp_path)
    code, out, err = facegen(*words)
    assert code == 2
    if words:
        one_line(err)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("generate", "s", "--out", "x", "--workers", "abc"), "'--workers': 'abc' (input should be a valid integer"),
        (("plan", "s", "--seconds-per-image", "fast"), "'--seconds-per-image': 'fast' (input should be a valid number"),
        (("preview", "s", "--out", "x", "--rows", "0"), "'--rows': '0' (input should be greater than or equal to 1)"),
        (("plan", "s", "--lmit", "3"), "No such option: --lmit"),
    ],
)
def test_wrong_options_name_their_value(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(typer.TyperException) as caught:
        cli.app(list(words), standalone_mode=False)
    assert said in told(caught.value)


def test_places_that_cannot_be_written(facegen, spec_file, tmp_path: Path) -> None:
    for place in ("/proc/set", "/dev/null/set", tmp_path / "spec.yaml"):
        code, _, err = facegen("generate", spec_file(), "--out", place)
        assert code == 2 and str(place) in one_line(err)
    code, _, err = facegen("preview", spec_file(), "--out", "/proc/sheet.png")
    assert code == 2 and "/proc" in one_line(err)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_full_disk(facegen, spec_file, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount")
    try:
        code, _, err = facegen(
            "generate", spec_file(identities=12, size=128), "--out", disk / "set", "--workers", 1, "--ignore-space"
        )
        assert code == 1 and "No space left on device; free some space" in one_line(err.splitlines()[-1] + "\n")
        assert not (disk / "set/manifest.json").exists()
        assert list((disk / "set/.work/tmp").iterdir()) == []
        assert all(path.stat().st_size > 0 for path in (disk / "set").glob("images/*/*"))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_no_gl_at_all(facegen, spec_file, tmp_path: Path) -> None:
    code, _, err = facegen("generate", spec_file(), "--out", tmp_path / "set", "--platform", "osmesa")
    assert code == 1 and "no OSMESA context opens on this machine" in one_line(err.splitlines()[-1])  # below the forecast
    assert not (tmp_path / "set").exists()


def test_generate_verify_audit_render(facegen, spec_file, fake_dataset: Path, tmp_path: Path) -> None:
    code, out, err = facegen("generate", spec_file(), "--out", fake_dataset)
    assert code == 0 and "6 images, finished before, nothing to do" in out
    code, out, _ = facegen("verify", fake_dataset, "--samples", 3)
    assert code == 0 and "3 images rendered again and compared bit by bit" in out
    code, out, _ = facegen("audit", fake_dataset, "--json", tmp_path / "a/audit.json")
    assert code == 0 and "3 identities, 6 images" in out
    assert json.loads((tmp_path / "a/audit.json").read_text())["name"] == "small"
    code, out, _ = facegen("render", "000001_001", "--dataset", fake_dataset, "--out", tmp_path / "one")
    assert code == 0
    name = "images/000001/000001_001.jpg"
    assert (tmp_path / "one" / name).read_bytes() == (fake_dataset / name).read_bytes()
    sample = tmp_path / "sample.json"
    sample.write_text(next(small_samples()).model_dump_json())
    code, out, _ = facegen("render", sample, "--out", tmp_path / "two")
    assert code == 0
    name = "images/000000/000000_000.jpg"
    assert (tmp_path / "two" / name).read_bytes() == (fake_dataset / name).read_bytes()
    code, _, err = facegen("render", "000001_00", "--dataset", fake_dataset, "--out", tmp_path / "one")
    assert code == 2 and "'000001_00' is not in it; did you mean" in one_line(err)


def small_samples():
    from facegen.population.plan import build

    return build(small_spec()).samples()


def test_damaged_samples(facegen, tmp_path: Path) -> None:
    sample = tmp_path / "sample.json"
    small = next(small_samples()).model_dump_json().replace('"size_px":64', '"size_px":9')
    for text in ("", "{", "[]", "name: demo\nseed: 1\n", small):
        sample.write_text(text)
        code, _, err = facegen("render", sample, "--out", tmp_path / "x")
        assert code == 2 and str(sample) in one_line(err)
        assert text.startswith(("[", "{")) or "is no JSON (" in err and "demo" not in err


def test_verify_finds_what_was_changed(facegen, fake_dataset: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(fake_dataset, copy)
    (copy / "images/000000/000000_000.jpg").write_bytes(b"\xff\xd8junk")
    (copy / "masks/000001/000001_000.png").unlink()
    (copy / "images/stray.jpg").write_bytes(b"x")
    code, out, err = facegen("verify", copy, "--samples", 0)
    assert code == 1 and "3 problems" in one_line(err)
    for line in ("000000_000.jpg: changed since", "000001_000.png: missing", "stray.jpg: not part of"):
        assert line in out
    (copy / "labels.parquet").write_bytes(b"nothing")
    code, _, err = facegen("verify", copy)
    assert code == 2 and "labels.parquet" in one_line(err)


def test_preview(facegen, spec_file, tmp_path: Path) -> None:
    import cv2

    code, _, _ = facegen("preview", spec_file(), "--out", tmp_path / "sheet.png", "--rows", 2, "--cols", 2)
    assert code == 0 and cv2.imread(str(tmp_path / "sheet.png")).shape == (2 * 68 + 4, 2 * 68 + 4, 3)


def test_preview_says_where_the_spec_has_fewer_pictures(facegen, spec_file, tmp_path: Path) -> None:
    few = spec_file(identities=2, images_per_identity=1)
    code, _, err = facegen("preview", few, "--out", tmp_path / "sheet.png", "--rows", 2, "--cols", 4)
    assert code == 0 and err.splitlines()[-1] == "2 of 8 tiles are drawn: the spec has no more pictures"
    code, _, err = facegen("preview", few, "--out", tmp_path / "sheet.png", "--rows", 1, "--cols", 2)
    assert code == 0 and "tiles" not in err


def test_a_directory_in_place_of_a_picture_is_told_before_the_work(
    facegen, spec_file, fake_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("facegen.run.again.open_studio", lambda *given: pytest.fail("the work began"))
    monkeypatch.setattr("facegen.show.draw.show", lambda *given: pytest.fail("the work began"))
    (tmp_path / "kept").mkdir()
    for words in (("preview", spec_file()), ("show", fake_dataset, "000000_000")):
        code, _, err = facegen(*words, "--out", tmp_path / "kept")
        assert code == 2 and "kept' is a directory; give the name of a file" in one_line(err)
    assert not list((tmp_path / "kept").iterdir())


def test_doctor_names_wrong_packages_and_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [finding.ok for finding in doctor.packages()] == [True]
    installed = {"numpy": "2.1.0", "PyOpenGL": "3.1.0", "opencv-contrib-python": "4.11.0.86", "rich": "14.0.0", "anny": None}
    real = doctor.version
    monkeypatch.setattr(doctor, "version", lambda name: installed.get(name, real(name)))
    found = {f.name: f for f in doctor.packages()}
    assert found["package numpy"].text == "2.1.0, the lock has 1.26.4 (pyrender and mediapipe need numpy 1)"
    assert "breaks OSMesa" in found["package PyOpenGL"].text
    assert found["package anny"].text.startswith("missing") and found["package anny"].fatal
    assert not found["package rich"].fatal
    assert "both write the module cv2" in found["package opencv-contrib-python"].text
    assert all("pip install --no-deps" in f.mend for f in found.values())


def test_doctor_fails_in_one_line(facegen, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = doctor.Finding("platform egl", False, "does not open", "install a driver")
    monkeypatch.setattr(doctor, "examine", lambda platform: iter([bad]))
    code, out, err = facegen("doctor")
    assert code == 1 and "mend: install a driver" in out and "not ready to render: platform egl" in one_line(err)


def test_doctor_refuses_a_platform_that_is_none(facegen) -> None:
    code, out, err = facegen("doctor", "--platform", "foo")
    assert code == 2 and not out and "platform 'foo' is not one of auto, egl, osmesa" in one_line(err)


def test_errors_keep_their_exit_codes() -> None:
    assert MachineError.exit_code == 1


def test_no_file_of_a_dataset_that_is_read_is_written_over(facegen, fake_dataset: Path, tmp_path: Path) -> None:
    shutil.copytree(fake_dataset, tmp_path / "set")
    for words in (
        ("show", tmp_path / "set", "000000_000", "--out", tmp_path / "set/labels.parquet"),
        ("audit", tmp_path / "set", "--json", tmp_path / "set/manifest.json"),
        ("preview", SMALL, "--out", SMALL),
    ):
        code, _, err = facegen(*words)
        assert code == 2 and "would be written over what is read" in err and len(err.splitlines()) == 1
    assert facegen("audit", tmp_path / "set", "--json", tmp_path / "set/audit.json")[0] == 0  # beside its files is no harm
    code, _, err = facegen("render", "000000_000", "--dataset", tmp_path / "set", "--out", tmp_path / "set/images")
    assert code == 2 and "lies in one" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--out", "crops.npz"), "'crops.npz' would be written over what is read"),
        (("--out", "m", "--log", "./crops.npz"), "'crops.npz' would be written over what is read"),
        (("--out", "m", "--checkpoint", "./m"), "'m' is to hold two things"),
    ],
)
def test_a_model_is_written_over_nothing(
    facegen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "crops.npz").write_bytes(b"crops")
    monkeypatch.chdir(tmp_path)
    code, _, err = facegen("train", "crops.npz", *words)
    assert code == 2 and said in err and len(err.splitlines()) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["crops.npz"]


def test_an_option_of_another_type_is_named_with_its_value(facegen, tmp_path: Path) -> None:
    code, _, err = facegen("generate", SMALL, "--out", tmp_path / "set", "--workers", "abc")
    assert code == 2 and "'abc'" in err and "--workers" in err and len(err.splitlines()) == 1
