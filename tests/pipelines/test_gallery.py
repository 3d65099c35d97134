"""The gallery's sheets hold what they claim, and its page shows every sheet. Nothing is drawn here."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "pipelines"))

import gallery_faces  # noqa: E402
import gallery_sheets as gallery  # noqa: E402

from facegen.spec import names  # noqa: E402


@pytest.fixture(scope="module")
def sheets():
    return {one.name: one for make in gallery.SHEETS.values() for one in make()}


def test_the_page_shows_every_sheet_and_no_other(sheets):
    shown = re.findall(r"\(gallery/(\w+)\.jpg\)", (ROOT / "docs" / "gallery.md").read_text())
    assert sorted(shown) == sorted(sheets)


def test_every_kind_of_person_once(sheets):
    people = [s for name, one in sheets.items() if name.startswith("people_") for _, s in one.tiles]
    cells = {(s.identity.ancestry, s.identity.sex, s.sitting.age_band) for s in people}
    assert len(people) == len(cells) == len(names.ancestries()) * 2 * 6


def test_every_style_is_worn_by_its_name(sheets):
    worn = [(text.split(",")[0], s.sitting.hair.style) for text, s in sheets["hair_front"].tiles]
    assert [text for text, _ in worn] == [style for _, style in worn] == list(names.hair_styles())


def test_a_row_of_ages_is_one_person(sheets):
    tiles = [s for _, s in sheets["ages"].tiles]
    for n in range(0, len(tiles), len(gallery_faces.AGES)):
        row = tiles[n : n + len(gallery_faces.AGES)]
        assert len({s.identity.identity_id for s in row}) == 1
        assert [int(s.sitting.age_years) for s in row] == list(gallery_faces.AGES)
        assert len({(s.sitting.hair.style, s.sitting.hair.seed, s.sitting.beard.style) for s in row}) == 1


def test_tones_run_from_one_to_ten_under_each_light(sheets):
    tiles = [s for _, s in sheets["tones"].tiles]
    assert [s.identity.skin.monk for s in tiles] == list(range(1, 11)) * len(gallery_faces.LIGHTS)
    assert [s.shot.light.rig for s in tiles[::10]] == list(gallery_faces.LIGHTS)
    assert all(len({s.shot.light.model_dump_json() for s in tiles[k : k + 10]}) == 1 for k in (0, 10, 20))
