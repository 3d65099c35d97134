"""Opening a dataset: every layer comes back as it was meant, and nothing damaged comes back at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import trimesh
from layered import SIZE, TILT, complete, ramp, seal, suffix

import facegen
from facegen.dataset import layout, tables
from facegen.dataset.layers import LAYERS
from facegen.errors import DataError, RequestError
from facegen.sensor.codec import encode_png

FIRST, SECOND = "000000_000", "000002_001"
PICTURES = [name for name in LAYERS if suffix(name) in ("jpg", "png")]


@pytest.fixture(scope="module")
def whole(fake_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every layer, sound. Do not write in it."""
    return complete(fake_dataset, tmp_path_factory.mktemp("layered") / "set")


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    """The same, to be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "set"))


def file_of(root: Path, folder: str, image_id: str) -> Path:
    return root / folder / image_id.split("_")[0] / f"{image_id}.{suffix(folder)}"


def test_layers_come_back_as_they_were_meant(whole: Path) -> None:
    data = facegen.open_dataset(whole, verify=True)
    depth = data.depth(FIRST)
    assert depth.dtype == np.float32 and np.abs(depth - ramp()).max() <= 0.51e-4 and (depth[:, 0] == 0).all()
    assert np.array_equal(data.layer("depth_exr", FIRST), ramp().astype(np.float32))
    normals = data.normals(FIRST)
    assert np.abs(normals[:, 1:] - TILT).max() < 2e-5 and (normals[:, 0] == 0).all()
    uv = data.layer("uv", FIRST)
    assert uv.shape == (SIZE, SIZE, 2) and np.isnan(uv[:, 0]).all()
    assert (uv[:, 1:, 0] == 0).all() and (uv[:, 1:, 1] == 1).all()
    for number, image_id in enumerate(data.labels["image_id"]):
        for layer in (data.mask, data.under):
            assert (layer(image_id) == number + 1).all()
        assert data.layer("points", image_id)["dense_px"][0].tolist() == [number, number + 1]
    shares = data.layer("hair_alpha", FIRST)
    assert shares.dtype == np.float32 and shares.min() == 0 and shares.max() == 1
    assert isinstance(data.layer("mesh", FIRST), trimesh.Trimesh) and len(data.layer("mesh", FIRST).faces) == 12
    assert data.aligned(FIRST).shape == (112, 112, 3) and data.layer("crops_ffhq", FIRST).shape == (96, 96, 3)
    assert data.image(FIRST).shape == data.clean(FIRST).shape == (SIZE, SIZE, 3)
    assert data.layers == tuple(LAYERS)


def test_the_photograph_is_the_file_in_rgb(whole: Path) -> None:
    data = facegen.open_dataset(str(whole))
    expected = cv2.imread(str(whole / data.row(FIRST)["file"]))[..., ::-1]
    assert np.array_equal(data.image(FIRST), expected) and np.array_equal(data[FIRST].image, expected)


def test_iteration_length_rows_and_samples(whole: Path) -> None:
    data = facegen.open_dataset(whole)
    assert len(data) == 6 and [face.image_id for face in data] == list(data.labels["image_id"])
    assert [face.sample.image_id for face in data] == list(data.labels["image_id"])
    assert len(data.identities) == len(data.sittings) == 3
    points = data.landmarks(FIRST)
    assert points["5"].shape == (5, 2) and points["5"].ravel() == pytest.approx(data.row(FIRST)["landmarks_5"])


def test_a_query_keeps_what_answers_it(whole: Path) -> None:
    data = facegen.open_dataset(whole)
    women = data.query("sex == 'female' and image_id.str.endswith('_001')")
    expected = [f.image_id for f in data if f.labels["sex"] == "female" and f.image_id.endswith("_001")]
    assert [f.image_id for f in women] == expected and 0 < len(women) < 6
    assert np.array_equal(women[expected[0]].image, data.image(expected[0]))
    outside = next(f.image_id for f in data if f.image_id not in expected)
    with pytest.raises(DataError, match=f"'{outside}' is not in it"):
        women.row(outside)
    assert len(data.query("age_years < 0")) == 0
    for wrong in ("sex ==", "sexx == 'female'", "age_years"):
        with pytest.raises(RequestError, match="write it as pandas does"):
            data.query(wrong)


def test_what_was_not_made_and_what_does_not_exist(fake_dataset: Path) -> None:
    data = facegen.open_dataset(fake_dataset)
    with pytest.raises(DataError, match=r"made without depth/; it has images, masks; generate it with outputs.depth"):
        data.depth(FIRST)
    with pytest.raises(DataError, match="did you mean 'normals'"):
        data.layer("normal", FIRST)
    with pytest.raises(DataError, match="'000009_000' is not in it"):
        data.image("000009_000")


@pytest.mark.parametrize("folder", LAYERS)
def test_a_missing_file_is_named_with_its_mend(copy: Path, folder: str) -> None:
    path = file_of(copy, folder, SECOND)
    path.unlink()
    with pytest.raises(DataError) as error:
        facegen.open_dataset(copy, verify=False).layer(folder, SECOND)
    assert f"'{path}' is missing; 'facegen render {SECOND}" in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("folder", LAYERS)
@pytest.mark.parametrize("left", [0.0, 0.5, 0.999])
def test_a_file_cut_off_is_never_returned(copy: Path, folder: str, left: float) -> None:
    path = file_of(copy, folder, SECOND)
    data = path.read_bytes()
    path.write_bytes(data[: min(int(left * len(data)), len(data) - 1)])
    with pytest.raises(DataError, match=SECOND) as error:
        facegen.open_dataset(copy, verify=False).layer(folder, SECOND)
    assert str(path) in str(error.value) and "\n" not in str(error.value)
    assert isinstance(facegen.open_dataset(copy, verify=False).layer(folder, FIRST), (np.ndarray, dict, trimesh.Trimesh))


@pytest.mark.parametrize("folder", [name for name in PICTURES if suffix(name) == "png"])
def test_a_flipped_bit_in_a_png_is_found_without_hashes(copy: Path, folder: str) -> None:
    path = file_of(copy, folder, SECOND)
    data = bytearray(path.read_bytes())
    data[-30] ^= 4
    path.write_bytes(data)
    with pytest.raises(DataError, match="fails its check sum"):
        facegen.open_dataset(copy, verify=False).layer(folder, SECOND)


@pytest.mark.parametrize("folder", LAYERS)
def test_a_changed_file_is_found_by_its_hash(copy: Path, folder: str) -> None:
    path = file_of(copy, folder, SECOND)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match="its sha256 differs from SHA256SUMS") as error:
        facegen.open_dataset(copy, verify=True).layer(folder, SECOND)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("folder", [name for name in PICTURES if LAYERS[name].side is not None])
def test_a_picture_of_another_size_is_refused(copy: Path, folder: str) -> None:
    path = file_of(copy, folder, SECOND)
    old = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert cv2.imwrite(str(path), old[:-1])
    seal(copy)
    with pytest.raises(DataError, match=rf"{SECOND}\.\w+' is {old.shape[1]} x {old.shape[0] - 1} px, not"):
        facegen.open_dataset(copy, verify=True).layer(folder, SECOND)


@pytest.mark.parametrize(("folder", "words"), [("depth", "holds uint8, not uint16"), ("masks", "has 3 channels, not 1")])
def test_a_picture_of_another_kind_is_refused(copy: Path, folder: str, words: str) -> None:
    kinds = {"depth": np.zeros((SIZE, SIZE), np.uint8), "masks": np.zeros((SIZE, SIZE, 3), np.uint8)}
    file_of(copy, folder, SECOND).write_bytes(encode_png(kinds[folder]))
    with pytest.raises(DataError, match=words):
        facegen.open_dataset(copy, verify=False).layer(folder, SECOND)


@pytest.mark.parametrize("folder", LAYERS)
def test_swapped_files_are_found(copy: Path, folder: str) -> None:
    one, other = file_of(copy, folder, FIRST), file_of(copy, folder, SECOND)
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    if folder in PICTURES:  # they say whose they are
        with pytest.raises(DataError, match=f"holds '{FIRST}', not '{SECOND}': files were swapped"):
            facegen.open_dataset(copy, verify=False).layer(folder, SECOND)
    if first != second:
        with pytest.raises(DataError, match="its sha256 differs"):
            facegen.open_dataset(copy, verify=True).layer(folder, SECOND)


def test_a_layer_in_the_place_of_another_is_found(copy: Path) -> None:
    file_of(copy, "masks", FIRST).write_bytes(file_of(copy, "masks_under", FIRST).read_bytes())
    with pytest.raises(DataError, match="holds 'masks_under', not 'masks'"):
        facegen.open_dataset(copy, verify=False).mask(FIRST)


def test_a_file_that_the_list_does_not_know(copy: Path) -> None:
    sums = copy / layout.CHECKSUMS
    sums.write_text("".join(line for line in sums.read_text().splitlines(True) if FIRST not in line))
    with pytest.raises(DataError, match="is not listed in SHA256SUMS"):
        facegen.open_dataset(copy, verify=True).image(FIRST)
    sums.write_text(sums.read_text() + sums.read_text().splitlines(True)[0])
    with pytest.raises(DataError, match="names a file twice"):
        facegen.open_dataset(copy, verify=True).image(FIRST)


def rewrite(root: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Change a table of the dataset, keeping the types of its columns."""
    import pyarrow as pa

    table = pq.read_table(root / name)
    changed = change(table.to_pandas())
    schema = pa.schema([field for field in table.schema if field.name in changed.columns])
    pq.write_table(pa.Table.from_pandas(changed, schema=schema, preserve_index=False), root / name, **tables.SETTINGS)


def test_rows_in_another_order_change_nothing_but_the_order(copy: Path, whole: Path) -> None:
    for name in layout.TABLES:
        rewrite(copy, name, lambda t: t.iloc[::-1])
    there, here = facegen.open_dataset(whole), facegen.open_dataset(copy, verify=False)
    assert list(here.labels["image_id"]) == list(there.labels["image_id"])[::-1]
    for image_id in there.labels["image_id"]:
        assert here.row(image_id)["sample"] == there.row(image_id)["sample"]
        assert np.array_equal(here.image(image_id), there.image(image_id))
    assert len(here.identities) == 3
    with pytest.raises(DataError, match=r"labels.parquet' is not the file that was written"):
        len(facegen.open_dataset(copy, verify=True))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: pd.concat([t, t.iloc[[2]]]), "image_id '000001_000' stands in it twice"),
        (lambda t: t.iloc[:-1], "has 5 rows where manifest.json counts 6"),
        (lambda t: t.assign(image_id=[None, *t["image_id"][1:]]), "1 rows have no image_id"),
        (lambda t: t.assign(file=[None, *t["file"][1:]]), "file of '000000_000' is null"),
    ],
)
def test_label_tables_that_are_refused(copy: Path, change: Callable[[pd.DataFrame], pd.DataFrame], words: str) -> None:
    rewrite(copy, layout.LABELS, change)
    with pytest.raises(DataError, match=words) as error:
        len(facegen.open_dataset(copy, verify=False))
    assert str(copy / layout.LABELS) in str(error.value)


def test_a_label_table_without_a_needed_column(copy: Path) -> None:
    rewrite(copy, layout.LABELS, lambda t: t.drop(columns="size_px"))
    with pytest.raises(DataError, match="labels.parquet'.*'size_px'"):
        len(facegen.open_dataset(copy, verify=False))


@pytest.mark.parametrize(
    ("column", "value"), [("landmarks_68", [0.0] * 135), ("landmarks_68", [0.0] * 134), ("landmarks_5_visible", [True] * 4)]
)
def test_points_that_are_not_as_many_as_they_should_be(copy: Path, column: str, value: list[object]) -> None:
    rewrite(copy, layout.LABELS, lambda t: t.assign(**{column: [value, *t[column][1:]]}))
    data = facegen.open_dataset(copy, verify=False)
    with pytest.raises(DataError, match=f"labels.parquet: {column} of 000000_000 is not [0-9]+ (points|flags); generate or copy"):
        data[FIRST].landmarks  # noqa: B018 (it reads)
    assert data[SECOND].landmarks["5"].shape == (5, 2)


def test_columns_that_are_none_are_told(whole: Path) -> None:
    data = facegen.open_dataset(whole)
    for held in (False, True):
        assert list(data.columns("image_id", "age_years")) == ["image_id", "age_years"]
        with pytest.raises(RequestError, match=r"labels.parquet' has no column 'age_yeers'; did you mean 'age_years'\?"):
            data.columns("image_id", "age_yeers")
        assert held == ("labels" in data.__dict__) and len(data) == 6


def test_folders_that_nobody_may_look_into_are_told(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.is_file

    def is_file(path: Path) -> bool:
        if "000000" in path.parts or path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    data = facegen.open_dataset(whole)
    monkeypatch.setattr(Path, "is_file", is_file)
    with pytest.raises(DataError, match=f"{FIRST}[.].*' cannot be read \\(Permission denied\\)"):
        data.image(FIRST)
    assert data.image(SECOND).shape == (SIZE, SIZE, 3)


def test_rows_that_point_elsewhere_are_refused(copy: Path) -> None:
    rewrite(copy, layout.LABELS, lambda t: t.assign(file=["../secret.jpg", *t["file"][1:]]))
    with pytest.raises(DataError, match="file of 000000_000 is '../secret.jpg', not 'images/000000/000000_000.jpg'"):
        facegen.open_dataset(copy, verify=False).image(FIRST)
    where = [f"images/000000/{FIRST}.jpg"]
    rewrite(copy, layout.LABELS, lambda t: t.assign(file=[*where, *t["file"][1:]], sample=["{}", *t["sample"][1:]]))
    with pytest.raises(DataError, match="sample of 000000_000 is none of this version"):
        facegen.open_dataset(copy, verify=False).sample(FIRST)


@pytest.mark.parametrize(("name", "key"), [(layout.IDENTITIES, "identity_id"), (layout.SITTINGS, "sitting_id")])
def test_tables_of_people_must_know_everybody(copy: Path, name: str, key: str) -> None:
    attribute = name.split(".")[0]
    rewrite(copy, name, lambda t: t.assign(**{key: ["x", *t[key][1:]]}))
    with pytest.raises(DataError, match=f"{name}': {key} '000000\\w*' of labels.parquet is not in it"):
        getattr(facegen.open_dataset(copy, verify=False), attribute)
    rewrite(copy, name, lambda t: t.assign(**{key: [t[key][1], *t[key][1:]]}))
    with pytest.raises(DataError, match=f"{name}'.* stands in it twice"):
        getattr(facegen.open_dataset(copy, verify=False), attribute)


@pytest.mark.parametrize("name", layout.TABLES)
@pytest.mark.parametrize("left", [0.0, 0.7])
def test_tables_cut_off_are_named(copy: Path, name: str, left: float) -> None:
    data = (copy / name).read_bytes()
    (copy / name).write_bytes(data[: int(left * len(data))])
    with pytest.raises(DataError, match=f"{name}' cannot be read") as error:
        getattr(facegen.open_dataset(copy, verify=False), name.split(".")[0])
    assert "\n" not in str(error.value)
    (copy / name).unlink()
    with pytest.raises(DataError, match=f"{name}' cannot be read"):
        getattr(facegen.open_dataset(copy, verify=False), name.split(".")[0])


def test_asking_for_the_version_loads_no_tables() -> None:
    code = "import sys, facegen; facegen.__version__; assert not {'pandas', 'numpy', 'cv2'} & set(sys.modules), 'heavy'"
    root = str(Path(facegen.__file__).parents[1])
    assert subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": root}, check=False).returncode == 0
