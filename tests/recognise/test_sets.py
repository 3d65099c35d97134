"""Every format as its authors hand it on: pictures, comparisons, subjects, groups, searches; and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import verification_sets as sets
from small import FAKE, small_spec

from facegen.errors import DataError, FacegenError, RequestError
from facegen.geometry.align import ARCFACE_112
from facegen.recognise.protocol import Protocol
from facegen.recognise.sets import FORMATS, detect, load, made, ours
from facegen.run.local import generate
from facegen.spec import DatasetSpec

WRITTEN: dict[str, Callable[[Path], Path]] = {
    "lfw": sets.lfw, "rfw": sets.rfw, "bfw": sets.bfw, "ijb": sets.ijb, "bin": lambda folder: sets.bin_(folder / "lfw.bin"),
}  # fmt: skip


def check(protocol: Protocol) -> None:
    """What holds of every protocol."""
    count = protocol.templates
    assert len(protocol.template) == len(protocol.names) and set(protocol.template) == set(range(count))
    for words in (*protocol.groups.values(), *([] if protocol.subjects is None else [protocol.subjects])):
        assert len(words) == count
    listed = protocol.comparisons
    if listed is not None:
        assert len(listed.first) == len(listed.second) == len(listed.mated) and (listed.first != listed.second).all()
        assert max(listed.first.max(), listed.second.max()) < count
        if protocol.subjects is not None:
            assert ((protocol.subjects[listed.first] == protocol.subjects[listed.second]) == listed.mated).all()
    for one in protocol.searches:
        assert not set(one.gallery) & set(one.probes)
    assert protocol.picture(0).ndim == 3


@pytest.mark.parametrize("name", WRITTEN)
def test_a_format_is_found_out_and_read(tmp_path: Path, name: str) -> None:
    path = WRITTEN[name](tmp_path)
    assert detect(path) == name
    found = load(path)
    assert found.format == name and load(path, name).names == found.names
    check(found)


@pytest.mark.parametrize("form", ["{p}/{p}_{n:04d}.png", "{p}_{n:04d}.jpg", "{p}/{n:04d}.png", "{p}/{p}_{n}.jpg", "{p}_{n}.webp"])
@pytest.mark.parametrize("inside", ["", "lfw", "a/b"])
def test_lfw_under_every_form_of_names(tmp_path: Path, form: str, inside: str) -> None:
    found = load(sets.lfw(tmp_path, form, inside))
    check(found)
    assert list(found.subjects) == ["Ann_A", "Ann_A", "Bob_B", "Bob_B", "Cy_C", "Ann_A"]  # in the order of the pairs
    assert found.comparisons.mated.tolist() == [True, True, False, False] * 2
    assert found.comparisons.fold.tolist() == [0] * 4 + [1] * 4
    assert found.aligned and (found.picture(2) == sets.face(3)).all()


def test_pictures_of_another_size_are_not_taken_for_crops(tmp_path: Path) -> None:
    sets.lfw(tmp_path, size=250)
    assert not load(tmp_path).aligned and load(tmp_path, aligned=True).aligned


def test_two_lines_a_pair(tmp_path: Path) -> None:
    found = load(sets.cplfw(tmp_path))
    check(found)
    assert list(found.subjects) == ["A_B", "A_B", "C_D"] and found.comparisons.mated.tolist() == [True, False]
    text = (tmp_path / "pairs_CPLFW.txt").read_text()
    (tmp_path / "pairs_CPLFW.txt").write_text(text.replace("C_D_1.jpg 0", "C_D_1.jpg 1"))
    with pytest.raises(DataError, match=r"line 4: 'C_D_1.jpg' is marked 1, its partner at line 3 0"):
        load(tmp_path)
    (tmp_path / "pairs_CPLFW.txt").write_text(text + "A_B_2.jpg 1\n")
    with pytest.raises(DataError, match=r"line 5: 'A_B_2.jpg' has no partner"):
        load(tmp_path)


def test_names_that_the_pairs_contradict_name_nobody(tmp_path: Path) -> None:
    sets.cplfw(tmp_path)
    (tmp_path / "pairs_CPLFW.txt").write_text("A_B_1.jpg 1\nC_D_1.jpg 1\nA_B_1.jpg 0\nA_B_2.jpg 0\n")
    found = load(tmp_path)
    assert found.subjects is None and "names no people" in found.notes[0]


def test_rfw_is_one_set_of_four_groups(tmp_path: Path) -> None:
    found = load(sets.rfw(tmp_path))
    assert list(found.groups["race"]) == [r for r in ("African", "Asian", "Caucasian", "Indian") for _ in range(3)]
    assert len(set(found.subjects)) == 8, "people of two groups are two, whatever their number"
    assert not found.aligned and found.picture(0).shape == (96, 96, 3)
    one = load(tmp_path / "txts/Asian/Asian_pairs.txt")
    assert set(one.groups["race"]) == {"Asian"} and one.categories["race"][0] == "African"


def test_bfw_has_the_subgroups(tmp_path: Path) -> None:
    found = load(sets.bfw(tmp_path))
    assert list(found.groups["race x sex"]) == ["asian x female"] * 2 + ["white x male"]
    assert found.comparisons.mated.tolist() == [True, False, False] and found.comparisons.fold.tolist() == [1, 2, 3]


def test_templates_media_searches_and_crops_by_given_points(tmp_path: Path) -> None:
    found = load(sets.ijb(tmp_path))
    assert found.template.tolist() == [0, 0, 0, 1, 2, 3] and found.media.tolist() == [100, 200, 200, 300, 400, 500]
    assert list(found.subjects) == ["50", "50", "60", "70"]
    (search,) = found.searches
    assert search.gallery.tolist() == [0, 2] and search.probes.tolist() == [1, 3]
    assert found.aligned and found.picture(0).shape == (112, 112, 3)
    assert ARCFACE_112[0, 0] == 38.2946, "the points that were written are the template's: the crop is the picture's corner"
    assert (found.picture(0) == sets.face(0, 150)[:112, :112]).all()
    (tmp_path / "meta/ijbx_name_5pts_score.txt").unlink()
    assert not load(tmp_path).aligned


def test_a_bin_lists_every_picture_once_and_in_tenths(tmp_path: Path) -> None:
    found = load(sets.bin_(tmp_path / "a.bin", pairs=25))
    assert found.templates == 1 + 13 + 24 and found.subjects is None and found.aligned
    assert np.bincount(found.comparisons.fold).tolist() == [3] * 5 + [2] * 5
    assert (found.picture(0) == sets.face(0)).all() and found.names[1] == "a.bin#1"
    assert load(sets.bin_(tmp_path / "b.bin", pairs=8)).comparisons.fold is None


def test_tenths_are_those_of_scikit_learn() -> None:
    model_selection = pytest.importorskip("sklearn.model_selection")
    for count in (20, 25, 6000, 7001):
        for fold, (_, test) in enumerate(model_selection.KFold(10, shuffle=False).split(np.zeros(count))):
            assert (np.flatnonzero(made.tenths(np.arange(count) % 2 == 0) == fold) == test).all()


def test_every_fold_holds_both_kinds() -> None:
    for mated in (np.arange(60) < 30, np.arange(60) < 10, np.arange(61) % 20 == 0):
        fold = made.tenths(mated)
        kinds = [int(mated[fold == part].sum()) for part in range(10)]
        assert max(kinds) - min(kinds) <= 1 and sum(kinds) == mated.sum()
        assert np.ptp(np.bincount(fold)) <= 2


def broken(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("name", "file", "old", "new", "said"),
    [
        ("lfw", "pairs.txt", "Ann_A\t1\t2", "Ann_A\t1\t9", r"line 2: picture 'Ann_A/Ann_A_0009.jpg' is not in .*1 of 7"),
        ("lfw", "pairs.txt", "Ann_A\t1\t2", "Ann_A\t1\t1", "line 2: pairs a picture with itself"),
        ("lfw", "pairs.txt", "Cy_C\t1\tBob_B\t1", "Bob_B\t2\tBob_B\t1", "line 8: 'Bob_B' is on both sides"),
        ("lfw", "pairs.txt", "Ann_A\t1\t2", "../Ann\t1\t2", "line 2: '../Ann/../Ann_0001.jpg' is no name of a picture"),
        ("lfw", "pairs.txt", "2\t2", "2\t3", "says 12 pairs, the file holds 8"),
        ("lfw", "pairs.txt", "Ann_A\t1\t2", "Ann_A\t1", "line 2: 'Ann_A.1' is neither"),
        ("rfw", "txts/Asian/Asian_pairs.txt", "m.02\t1", "m.09\t1", "line 2: picture 'Asian/m.09/m.09_0001.jpg'"),
        ("bfw", "bfw-v0.1.5-datatable.csv", "a.jpg,0,0,1", "a.jpg,1,0,1", "line 3: label 1 with id1 0 and id2 1"),
        ("bfw", "bfw-v0.1.5-datatable.csv", "white_males\n", "white\n", "att2 'white' is not RACE_females"),
        ("bfw", "bfw-v0.1.5-datatable.csv", "/n2/a.jpg", "/n2/z.jpg", "line 3: picture 'white_males/n2/z.jpg' is not in"),
        ("bfw", "bfw-v0.1.5-datatable.csv", "\n2,", "\nx,", "line 3: fold 'x' is no whole number"),
        ("bfw", "bfw-v0.1.5-datatable.csv", "\n2,", "\n,", "line 3: fold '', where lines before it have one"),
        ("bfw", "bfw-v0.1.5-datatable.csv", "\n3,asian_females/n1/b", "\n3,asian_females/n1/a", "line 4: pairs .* line 3 again"),
        ("ijb", "meta/ijbx_template_pair_label.txt", "1 7 0", "1 8 0", "line 2: template 8 has no picture"),
        ("ijb", "meta/ijbx_template_pair_label.txt", "1 7 0", "1 7 1", "line 2: label 1 for subjects 50 and 60"),
        ("ijb", "meta/ijbx_template_pair_label.txt", "1 7 0", "1 7", "line 2: '1 7' is not 'template template 0|1'"),
        ("ijb", "meta/ijbx_face_tid_mid.txt", "6.jpg 9 500", "1.jpg 9 500", "line 6: picture '1.jpg' is listed twice"),
        ("ijb", "meta/ijbx_1N_probe_mixed.csv", "9,70", "8,70", "line 3: template 8 has no picture"),
        ("ijb", "meta/ijbx_1N_gallery_G1.csv", "7,60", "7,50", "gallery G1 holds a subject twice"),
        ("ijb", "meta/ijbx_1N_gallery_G1.csv", "1,50,frames", "1,51,frames", "line 3: template 1 is of subject 50 elsewhere"),
        ("ijb", "meta/ijbx_name_5pts_score.txt", "6.jpg 38", "7.jpg 38", r"no points for '6.jpg' \(1 pictures\)"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, name: str, file: str, old: str, new: str, said: str) -> None:
    WRITTEN[name](tmp_path)
    broken(tmp_path, file, old, new)
    with pytest.raises(DataError, match=said) as caught:
        load(tmp_path, name)
    assert "\n" not in str(caught.value) and caught.value.exit_code == 2


def test_a_link_out_of_the_set_is_refused(tmp_path: Path) -> None:
    sets.lfw(tmp_path / "set")
    sets.put(tmp_path / "elsewhere.png", 9)
    inside = tmp_path / "set/images/Cy_C/Cy_C_0001.png"
    inside.unlink()
    inside.symlink_to(tmp_path / "elsewhere.png")
    with pytest.raises(DataError, match="is a link out of"):
        load(tmp_path / "set")


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    sets.lfw(tmp_path)
    for call, said in (
        (lambda: load(tmp_path, "lwf"), "did you mean 'lfw'"),
        (lambda: load(tmp_path / "nothing"), "no such file or folder"),
        (lambda: load(tmp_path, split="test"), "only datasets of ours have splits"),
        (lambda: load(tmp_path / "images"), "no verification set that is known"),
    ):
        with pytest.raises(FacegenError, match=said):
            call()
    sets.bfw(tmp_path)
    with pytest.raises(RequestError, match="may be lfw or bfw; say which with --format"):
        load(tmp_path)


FEW = {"age_band": ["18-29"], "ancestry": ["african", "european"], "balance": ["sex"]}
"""Two cells, so that twenty people fill three splits."""

# ---- ours -------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("ours") / "set"
    spec = small_spec(identities=20, images_per_identity=3, population=FEW)
    generate(spec, out, workers=1, studio=FAKE)
    return out


def test_ours_compares_all_and_groups_by_the_labels(data: Path) -> None:
    found = ours.read(data)
    assert detect(data) == "facegen" and found.comparisons is None and found.aligned
    assert found.templates == 60 and len(set(found.subjects)) == 20
    assert set(found.groups) == {"sex", "age_band", "ancestry", "monk_third", "sex x ancestry x monk_third"}
    assert found.categories["monk_third"] == ("1-3", "4-7", "8-10")
    assert set(found.groups["sex"]) <= set(found.categories["sex"])
    crossed = found.groups["sex x ancestry x monk_third"]
    assert all(w == " x ".join((a, b, c)) for w, a, b, c in zip(crossed, *(found.groups[n] for n in ours.CROSSED), strict=True))


def test_searches_take_one_picture_a_subject_and_spare_a_third(data: Path) -> None:
    found = ours.read(data)
    closed, opened = found.searches
    assert sorted(found.subjects[closed.gallery]) == sorted(set(found.subjects)) and len(closed.probes) == 40
    assert len(opened.gallery) == 14 and len(opened.probes) == 46
    strangers = set(found.subjects) - set(found.subjects[opened.gallery])
    assert len(strangers) == 6
    assert (ours.read(data).searches[1].gallery == opened.gallery).all()


def test_a_split_of_ours(data: Path) -> None:
    parts = [ours.read(data, split) for split in ("train", "val", "test")]
    assert sum(part.templates for part in parts) == 60 and not set(parts[0].subjects) & set(parts[2].subjects)
    with pytest.raises(RequestError, match="--split 'tset' is not one of test, train, val, all; did you mean 'test'"):
        load(data, split="tset")


def test_counterfactual_and_unfinished_sets_are_refused(tmp_path: Path, data: Path) -> None:
    from counterfactuals import counterfactual_spec

    generate(counterfactual_spec({"sex": ["female", "male"]}), tmp_path / "pairs", workers=1, studio=FAKE)
    with pytest.raises(RequestError, match="is a counterfactual dataset"):
        load(tmp_path / "pairs")
    (tmp_path / "open/.work").mkdir(parents=True)
    with pytest.raises(DataError, match="its run is not finished"):
        load(tmp_path / "open")


@pytest.mark.parametrize("name", FORMATS)
def test_a_folder_of_nothing_is_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(FacegenError) as caught:
        load(tmp_path, name)
    assert "\n" not in str(caught.value)


def test_specs_declare_what_nobody_is(tmp_path: Path) -> None:
    spec = DatasetSpec.from_dict({**small_spec().model_dump(mode="json"), "identities": 2})
    generate(spec, tmp_path / "set", workers=1, studio=FAKE)
    found = ours.read(tmp_path / "set")
    assert len(found.categories["ancestry"]) > len(set(found.groups["ancestry"]))
