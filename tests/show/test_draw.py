"""Marks lie where the labels say, in every scale; a damaged file is told, not drawn."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from facegen import cli
from facegen.dataset.read import Dataset
from facegen.errors import DataError
from facegen.geometry.rotations import euler_to_matrix, rigid
from facegen.show import draw, pen

GREY = (128, 128, 128)


def canvas(side: int = 200) -> np.ndarray:
    return np.full((side, side, 3), GREY, np.uint8)


def middle(picture: np.ndarray) -> tuple[float, float]:
    """Return the centroid of what was drawn on the grey canvas, in label coordinates of the canvas."""
    weight = np.abs(picture.astype(float) - GREY).max(axis=2) > 40
    rows, columns = np.nonzero(weight)
    return float(columns.mean() + 0.5), float(rows.mean() + 0.5)


@pytest.mark.parametrize("scale", [1.0, 2.0, 5.0])
@pytest.mark.parametrize("point", [(20.0, 20.0), (17.25, 30.5), (12.5, 9.75)])
def test_points_lie_at_their_coordinates(scale: float, point: tuple[float, float]) -> None:
    for kind in ("dot", "cross"):
        paper = canvas()
        getattr(pen.Pen(paper, scale, 1), kind)(point, 6, pen.ORANGE, True)
        assert middle(paper) == pytest.approx((scale * point[0], scale * point[1]), abs=0.3)


def test_hidden_points_are_open() -> None:
    for kind in ("dot", "cross"):
        for visible in (True, False):
            paper = canvas()
            getattr(pen.Pen(paper, 1.0, 1), kind)((100.5, 100.5), 10, pen.SKY, visible)
            assert tuple(paper[100, 100]) == (pen.SKY if visible else GREY)


def test_boxes_and_arrows() -> None:
    paper = canvas()
    pen.Pen(paper, 2.0, 1).box((20, 30, 40, 50), pen.YELLOW, 2)
    rows, columns = np.nonzero((paper == np.array(pen.YELLOW)).all(axis=2))
    assert (columns.min(), columns.max()) == pytest.approx((39, 120), abs=1.5)
    assert (rows.min(), rows.max()) == pytest.approx((59, 160), abs=1.5)
    paper = canvas()
    pen.Pen(paper, 1.0, 1).arrow((30, 100), (170, 100), pen.ORANGE, 3)
    columns = np.nonzero((paper == np.array(pen.ORANGE)).all(axis=2))[1]
    assert (columns.min(), columns.max()) == pytest.approx((30, 170), abs=3)
    paper = canvas()
    pen.Pen(paper, 1.0, 1).arrow((100.5, 100.5), (101, 100), pen.ORANGE, 3)  # end on: a ring
    assert tuple(paper[100, 100]) == GREY and (paper == np.array(pen.ORANGE)).all(axis=2).sum() > 100


def test_what_cannot_be_placed_is_not_drawn() -> None:
    paper = canvas()
    on = pen.Pen(paper, 1.0, 1)
    for point in ((np.nan, 5), (1e9, 5)):
        on.dot(point, 5, pen.SKY, True)
        on.stroke([point, (5, 5)], pen.SKY, 2)
        on.arrow(point, (5, 5), pen.SKY, 2)
    assert (paper == np.array(GREY)).all()


def row(yaw: float = 0.0, pitch: float = 0.0, gaze_yaw: float = 0.0, gaze_pitch: float = 0.0) -> pd.Series:
    """A head 1 m before a camera of 100 px focal length, its eyes 6 cm apart."""
    points = np.zeros((68, 3))
    points[36:42, 0], points[42:48, 0] = -0.03, 0.03
    return pd.Series(
        {
            "K": [100.0, 0, 50, 0, 100, 50, 0, 0, 1], "distortion": [0.0] * 5, "size_px": 100,
            "head_to_camera": rigid(euler_to_matrix(yaw, pitch, 0), (0, 0, -1)).ravel().tolist(),
            "landmarks_68_head_m": points.ravel().tolist(),
            "gaze_yaw_deg": gaze_yaw, "gaze_pitch_deg": gaze_pitch, "gaze_distance_m": 1000.0,
        }
    )  # fmt: skip


def test_axes_of_a_head_that_looks_back_at_the_camera() -> None:
    origin, left, up, out = draw.head_points(row(), 0.1 * np.vstack([np.zeros(3), np.eye(3)]))
    assert np.allclose(origin, 50) and np.allclose(left, (60, 50)) and np.allclose(up, (50, 40)) and np.allclose(out, 50)
    out = draw.head_points(row(yaw=90), np.array([[0, 0, 0.1]]))[0]
    assert np.allclose(out, (60, 50))  # turned to the person's own left, which is the picture's right
    assert draw.head_points(row(pitch=90), np.array([[0, 0, 0.1]]))[0] == pytest.approx((50, 60))  # looking down


def test_gaze_starts_at_the_eyes_and_goes_where_they_look() -> None:
    (right, right_end), (left, left_end) = draw.gaze_lines(row(gaze_yaw=90))
    assert np.allclose(right, (47, 50)) and np.allclose(left, (53, 50))
    assert np.allclose(right_end - right, (7, 0), atol=0.01) and np.allclose(left_end - left, (7, 0), atol=0.01)
    start, end = draw.gaze_lines(row(gaze_pitch=90))[0]
    assert np.allclose(end - start, (0, 7), atol=0.01)
    near = row()
    near["gaze_distance_m"] = 0.03  # both eyes meet: each turns 45 degrees inwards
    (right, right_end), (left, left_end) = draw.gaze_lines(near)
    assert right_end[0] - right[0] == pytest.approx(-(left_end[0] - left[0])) and right_end[0] > right[0]


def test_a_lens_bends_the_axes_too() -> None:
    bent = row()
    bent["distortion"] = [0.2, 0, 0, 0, 0]
    point = np.array([[0.1, -0.2, 0.05]])
    seen = (point * [1, 1, 1] + [0, 0, -1]) * [1, -1, -1]
    expected = cv2.projectPoints(seen, np.zeros(3), np.zeros(3), np.reshape(bent["K"], (3, 3)), np.array([0.2, 0, 0, 0, 0]))[0]
    assert draw.head_points(bent, point)[0] == pytest.approx(expected.ravel(), abs=1e-6)


def test_the_picture_holds_its_tiles_and_its_points(rendered: Dataset) -> None:
    face = next(iter(rendered))
    shown = draw.show(rendered, face.image_id)
    scale = 7  # the first multiple of 96 px beyond 640
    side, gap = 96 * scale, round(8 * 96 * scale / draw.FULL_PX)
    assert shown.dtype == np.uint8 and shown.shape[1] == 3 * side + 2 * gap and shown.shape[0] > side + 100
    marks = zip(face.landmarks["5"], face.landmarks["5_visible"], strict=True)
    for x, y in [xy for xy, visible in marks if visible]:
        around = shown[round(y * scale) - 9 : round(y * scale) + 9, round(x * scale) - 9 : round(x * scale) + 9]
        assert (around == np.array(pen.ORANGE)).all(axis=2).any()
    ids, tile = face.layer("masks"), shown[:side, 2 * (side + gap) :]
    colours = {}
    for number in (0, 1, 13, 15):
        where = cv2.erode((ids == number).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
        if where.any():
            big = np.kron(where, np.ones((scale, scale), bool))
            colours[number] = np.median(tile[big].reshape(-1, 3).astype(float), axis=0)
    assert len(colours) >= 2
    for number in set(colours) - {0}:  # tinted with its own colour
        own = draw.PALETTE[number].astype(float)
        assert colours[number] @ own / np.linalg.norm(own) / np.linalg.norm(colours[number]) > 0.93
    assert np.ptp(colours[0]) < 3  # background stays grey


def test_without_masks_two_tiles(rendered: Dataset, tmp_path: Path) -> None:
    import json

    shutil.copytree(rendered.root, tmp_path / "set")
    manifest = json.loads((tmp_path / "set/manifest.json").read_text())
    del manifest["files"]["masks"]
    (tmp_path / "set/manifest.json").write_text(json.dumps(manifest))
    shown = draw.show(Dataset.open(tmp_path / "set"), str(rendered.labels["image_id"][0]))
    assert 2 * 96 * 7 <= shown.shape[1] < 2.1 * 96 * 7


def test_the_ball_is_lit_from_where_the_keys_are(rendered: Dataset) -> None:
    face = next(iter(rendered))
    light = face.sample.shot.light
    key = light.keys[0].model_copy(update={"direction": (1.0, 0.0, 0.0), "rgb": (3.0, 3.0, 3.0)}) if light.keys else None
    assert key is not None
    alone = light.model_copy(update={"keys": (key,), "sh": (0.05,) * 3 + (0.0,) * 45})

    class Lit:
        sample = face.sample.model_copy(update={"shot": face.sample.shot.model_copy(update={"light": alone})})

    ball = draw.light_ball(Lit(), 150)  # type: ignore[arg-type]
    assert int(ball[75, 115].min()) > 150 and int(ball[75, 35].max()) < 100 and tuple(ball[2, 2]) == pen.PAPER


def test_colours_differ_in_more_than_hue_for_the_marks() -> None:
    marks = np.array([pen.SKY, pen.ORANGE, pen.YELLOW, pen.PURPLE, pen.WHITE], float) / 255
    deuteranope = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]])
    """Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB."""
    seen = np.clip((marks**2.2) @ deuteranope.T, 0, 1) ** (1 / 2.2)
    lab = cv2.cvtColor(seen[None].astype(np.float32), cv2.COLOR_RGB2LAB)[0]
    apart = [np.linalg.norm(lab[i] - lab[j]) for i in range(len(lab)) for j in range(i)]
    assert min(apart) > 15


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["facegen", *map(str, words)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def test_the_command(
    rendered: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    image_id, out = str(rendered.labels["image_id"][0]), tmp_path / "new/a.png"
    assert run(monkeypatch, "show", rendered.root, image_id, "--out", out) == 0
    picture = cv2.imread(str(out))
    assert np.array_equal(picture[..., ::-1], draw.show(rendered, image_id))
    assert list(out.parent.iterdir()) == [out]
    assert run(monkeypatch, "show", rendered.root, "000000_099", "--out", tmp_path / "b.png") == 2
    said = capsys.readouterr().err
    assert "'000000_099' is not in it" in said and len(said.splitlines()) == 1 and not (tmp_path / "b.png").exists()


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("age_years", None, "age_years of .* is not a number"),
        ("landmarks_68", [0.0] * 135, "landmarks_68 of .* is not 68 points"),
        ("landmarks_68", None, "landmarks_68 of .* is not 68 points"),
        ("landmarks_68_visible", [True] * 67, "landmarks_68_visible of .* is not 68 flags"),
        ("landmarks_5", [0.0] * 8, "landmarks_5 of .* is not 5 points"),
        ("bbox_head", [0.0] * 3, "bbox_head of .* is not 4 numbers"),
        ("distortion", [0.0], "distortion of .* is not 5 numbers"),
        ("gaze_distance_m", None, "gaze_distance_m of .* is not a number"),
    ],
)
def test_labels_that_cannot_be_drawn_are_told(rendered: Dataset, column: str, value: object, said: str) -> None:
    labels = rendered.labels.copy()
    labels[column] = [value] * len(labels)
    with pytest.raises(DataError, match=f"labels.parquet: {said}; generate or copy"):
        draw.show(replace(rendered, rows=labels), str(labels["image_id"][0]))


def test_a_damaged_file_is_told(rendered: Dataset, tmp_path: Path) -> None:
    out = Path(shutil.copytree(rendered.root, tmp_path / "set"))
    path = next((out / "masks").glob("*/*"))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="is cut off"):
        draw.show(Dataset.open(out), path.stem)
