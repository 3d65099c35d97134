"""When skin shows its age: pace, onset, tone; and that a step of contrast is a share of the light."""

from __future__ import annotations

import numpy as np
import pytest
from people import identity, sitting

from facegen.head.model import HeadModel
from facegen.looks import color
from facegen.looks.facial_hair import brows
from facegen.looks.skin import age as skin_age
from facegen.looks.skin import complexion as skin_complexion
from facegen.looks.skin import folds as skin_folds
from facegen.looks.skin import wrinkles as skin_wrinkles
from facegen.looks.skin.charts import Charts, charts
from facegen.looks.skin.complexion import SOFT_SIZE

SIZE = 256


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return HeadModel.load()


@pytest.fixture(scope="module")
def chart(model) -> Charts:
    return charts(model, SIZE)


def test_pace_scatters_adults_without_bias_and_leaves_the_young():
    skins = [identity(4, seed=n).skin for n in range(600)]
    lead = np.array([skin_age.seen_years(skin, 50.0) - 50.0 for skin in skins])
    assert abs(lead.mean()) < 0.4
    assert 2.3 < lead.std() < 3.3
    assert np.abs(lead).max() <= skin_age.PACE * skin_age.PACE_MOST * 32.0 + 1e-9
    assert all(skin_age.seen_years(skin, 15.0) == 15.0 for skin in skins[:20])


def test_everybody_looks_older_every_year():
    for n in range(40):
        seen = [skin_age.seen_years(identity(4, seed=n).skin, age) for age in range(10, 90, 5)]
        assert np.all(np.diff(seen) > 4.0)


def test_folds_and_lines_never_fade_and_show_between_twenty_and_fifty():
    for begin, full in ((21, 63), (38, 72)):
        course = [skin_age.grown(age, begin, full) for age in range(15, 91)]
        assert np.all(np.diff(course) >= 0)
        assert course[0] == 0
    assert skin_age.grown(35, 21, 63) > 0.35
    assert skin_age.grown(50, 21, 63) - skin_age.grown(35, 21, 63) > 0.25
    assert skin_age.grown(80, 21, 63) > skin_age.grown(63, 21, 63) + 0.1


def test_fine_lines_come_later_on_dark_skin_and_the_fold_beside_the_nose_does_not(chart):
    fair, deep = (skin_wrinkles.wrinkles(chart, identity(monk).skin, 42.0).rest for monk in (2, 10))
    crow, fold = chart.zones["crow"] > 0.5, skin_wrinkles._zone(chart, "nasolabial").at
    assert deep[crow].mean() < 0.8 * fair[crow].mean()
    assert deep.ravel()[fold].max() == pytest.approx(fair.ravel()[fold].max(), rel=0.02)


def test_hollows_under_the_eyes_and_jowls_come_in_turn(model):
    soft = charts(model, SOFT_SIZE)
    under, jowl = soft.zones["undereye"] > 0.4, np.abs(soft.position[..., 1] + 0.084) < 0.006
    at = {age: skin_folds.folds(soft, identity(4).skin, age).rest_hollow for age in (20.0, 35.0, 50.0, 70.0)}
    assert at[20.0][under].mean() < 0.35 * at[35.0][under].mean() < 0.35 * at[50.0][under].mean()
    assert at[35.0][jowl].max() < 0.5 * at[70.0][jowl].max()


@pytest.mark.parametrize("monk", [2, 5, 9])
def test_a_step_of_contrast_is_the_same_share_of_the_light_in_every_tone(monk):
    skin = identity(monk).skin
    lightness, step = skin.lab[0], 0.5 * float(skin_complexion.contrast(skin))
    darker, own = (color.linear_from_lab(np.array([x, 0.0, 0.0])) @ color.LUMA for x in (lightness - step, lightness))
    assert 1 - darker / own == pytest.approx(3 * 0.5 / 78, rel=0.02)


def test_skin_is_the_less_even_the_older(model):
    spread = []
    for age in (20.0, 40.0, 60.0, 80.0):
        soft = charts(model, SOFT_SIZE)
        person = identity(5)
        made = skin_complexion.shades(soft, person, sitting(age), skin_age.darkness(person.skin))
        spread.append(float(made.shade[soft.zones["plain"] > 0.5].std()))
    assert np.all(np.diff(spread) > 0)
    assert spread[3] > 1.5 * spread[0]


def test_brows_thin_with_age():
    assert np.all(np.diff([brows.lasting(age) for age in (22, 36, 60, 85)]) < 0)
