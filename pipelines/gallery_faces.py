"""Sheets of who is in the picture: people, hair, ages, expressions, eyes, tones."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from gallery_common import AHEAD, FRONTAL, MAIN, OLD, SPEC, YOUNG, Sheet, acted, changed, described, person, plan

from facegen.geometry.framing import FRAME_MM
from facegen.resources import asset_json
from facegen.sample import Expression, Gaze, Pose, SampleSpec
from facegen.spec import DatasetSpec, names

AGES = (20, 35, 50, 65, 80)
LIGHTS = ("studio_soft", "overcast", "lamp_warm")
HAIR_HEAD_FRACTION = 0.64
TURNED = Pose(yaw_deg=60, pitch_deg=0, roll_deg=0)
NEUTRAL = Expression(name="neutral", weights={})
NO_BEARD = {"none": 1}
BOTH_EYES_M, ONE_EYE_M = 0.125, 0.055
"""Width of the picture at the face in eye close-ups."""
OWN_LEFT_EYE_M, EYES_OVER_CENTER_M = 0.031, 0.03
"""Where an eye lies from the middle of both, and both from the point of the face that a camera is aimed at."""
GAZES = {"ahead": (0, 0), "to own left": (28, 0), "to own right": (-28, 0), "up": (0, -18), "down": (0, 20)}
LIDS = ("half_blink", "blink", "squint")
HAIR_KEPT = ("style", "length", "volume", "parting", "fringe", "dye", "seed")
BEARD_KEPT = ("style", "density", "length", "seed")


def people() -> Iterator[Sheet]:
    """A sheet for each ancestry: sex by row, age band by column."""
    found = plan(DatasetSpec.load(SPEC).identities).samples()
    order = sorted(found, key=lambda s: (s.identity.ancestry, s.identity.sex, s.sitting.age_band))
    for ancestry, group in itertools.groupby(order, key=lambda s: s.identity.ancestry):
        tiles = [(f"{s.identity.sex}, {s.sitting.age_years:.0f}, Monk {s.identity.skin.monk}", s) for s in group]
        yield Sheet(f"people_{ancestry}", len(tiles) // 2, tiles)


def hair() -> Iterator[Sheet]:
    """Every style, from the front and turned away."""
    worn = [(style, wearer(style, n)) for n, style in enumerate(names.hair_styles())]
    farther = plan(1, shots={"head_fraction": HAIR_HEAD_FRACTION}).sample(0).shot.camera
    views = {
        "front": {"pose": FRONTAL, "camera": farther},
        "turned": {"pose": TURNED, "camera": farther.model_copy(update={"center_x": 0.6})},
    }
    for view, shot in views.items():
        tiles = [(f"{style}, {s.identity.hair.curl}", changed(s, gaze=AHEAD, **shot)) for style, s in worn]
        yield Sheet(f"hair_{view}", 6, tiles)


def wearer(style: str, n: int) -> SampleSpec:
    """Return somebody who wears `style`: of the sex that does so more, of a curl and an ancestry that go with it."""
    table, presets = asset_json("looks/hair_styles.json")[style], asset_json("population/ancestry.json")["presets"]
    sex = max(names.SEXES, key=lambda s: table["weights"][s])
    curl = table["curl"][n % len(table["curl"])]
    able = [name for name in MAIN if presets[name]["hair_curl"].get(curl, 0) >= 0.1]
    return person(n, sex=sex, age_band="20-45", ancestry=able[n % len(able)], hair_curl=curl, hair_style=style, beard=NO_BEARD)


def ages() -> Iterator[Sheet]:
    """One person a row, at five ages; hairdo, beard, tan and make-up stay those of the first, greying and hair loss go on."""
    declared = {"age_band": [f"{age}-{age}" for age in AGES], "ancestry": list(MAIN), "balance": ["sex", "ancestry"]}
    found, tiles = plan(2 * len(MAIN), len(AGES), declared), []
    for n in range(2 * len(MAIN)):
        own = sorted((found.sample(n * len(AGES) + k) for k in range(len(AGES))), key=lambda s: s.sitting.age_years)
        was, shot = own[0].sitting, own[0].shot
        hairdo = {word: getattr(was.hair, word) for word in HAIR_KEPT}
        beard = {word: getattr(was.beard, word) for word in BEARD_KEPT}
        for s in own:
            sitting = {
                "hair": s.sitting.hair.model_copy(update=hairdo),
                "beard": s.sitting.beard.model_copy(update=beard),
                "makeup": was.makeup,
                "tan": was.tan,
            }
            same = {"expression": shot.expression, "light": shot.light, "background": shot.background, "gaze": AHEAD}
            tiles.append((described(s), changed(s, sitting, pose=FRONTAL, **same)))
    yield Sheet("ages", len(AGES), tiles)


def expressions() -> Iterator[Sheet]:
    """Every preset at full strength, a sheet for each of four people."""
    for n, (ancestry, band) in enumerate(zip(MAIN, (YOUNG, "35-50", OLD, "50-65"), strict=True)):
        one = person(0, ancestry=ancestry, sex=names.SEXES[n % 2], age_band=band, beard=NO_BEARD)
        one = changed(one, pose=FRONTAL, gaze=AHEAD)
        tiles = [(name, changed(one, expression=acted(name))) for name in asset_json("head/expressions.json")["expressions"]]
        yield Sheet(f"expressions_{ancestry}", 6, tiles)


def eyes() -> Iterator[Sheet]:
    """Each iris colour, young and old, both eyes and one; then where eyes look and how lids close."""
    presets, tiles = asset_json("population/ancestry.json")["presets"], []
    for n, color in enumerate(names.EYE_COLORS):
        able = [name for name in MAIN if presets[name]["eye_color"].get(color, 0) >= 0.01]
        for k, band in enumerate((YOUNG, OLD)):
            who = {"ancestry": able[(n + k) % len(able)], "sex": names.SEXES[(n + k) % 2], "age_band": band}
            one = changed(person(n, eye_color=color, **who), expression=NEUTRAL, gaze=AHEAD)
            text = f"{color.replace('_', ' ')}, {one.sitting.age_years:.0f}"
            tiles += [(text, close_up(one, BOTH_EYES_M)), (text, close_up(one, ONE_EYE_M, OWN_LEFT_EYE_M))]
    one = changed(person(0, ancestry="latin_american", age_band=YOUNG), expression=NEUTRAL, gaze=AHEAD)
    for text, (yaw, pitch) in GAZES.items():
        tiles.append((f"gaze {text}", close_up(changed(one, gaze=Gaze(yaw_deg=yaw, pitch_deg=pitch)), BOTH_EYES_M)))
    tiles += [(name, close_up(changed(one, expression=acted(name)), BOTH_EYES_M)) for name in LIDS]
    yield Sheet("eyes", 4, tiles)


def close_up(sample: SampleSpec, width_m: float, own_left_m: float = 0.0) -> SampleSpec:
    """Return `sample` frontal, `width_m` of the face in the picture, `own_left_m` from between the eyes in its middle.

    Drawn at twice the size, so that skin and iris maps are not magnified beyond what they are made for.
    """
    camera = sample.shot.camera
    lens = {
        "focal_mm": FRAME_MM * camera.distance_m / width_m,
        "center_x": 0.5 - own_left_m / width_m,
        "center_y": 0.5 + EYES_OVER_CENTER_M / width_m,
    }
    close = changed(sample, pose=FRONTAL, camera=camera.pinhole().model_copy(update=lens))
    return close.model_copy(update={"size_px": 2 * sample.size_px})


def tones() -> Iterator[Sheet]:
    """The ten tones under three lights: a person a column, of the preset whose range of tones lies nearest."""
    presets = asset_json("population/ancestry.json")["presets"]
    columns = []
    for monk in range(1, 11):
        ancestry = min(MAIN, key=lambda name: abs(sum(presets[name]["skin_monk"]) - 2 * monk))
        who = {
            "skin_monk": monk,
            "ancestry": ancestry,
            "sex": names.SEXES[monk % 2],
            "age_band": YOUNG,
            "beard": NO_BEARD,
            "tan": 0,
        }
        columns.append(person(monk, **who))
    tiles = []
    for rig in LIGHTS:
        lit = plan(1, shots={"light": rig}).sample(0).shot
        around = {"light": lit.light, "background": lit.background}
        tiles += [(f"Monk {s.identity.skin.monk}, {rig}", changed(s, pose=FRONTAL, gaze=AHEAD, **around)) for s in columns]
    yield Sheet("tones", 10, tiles)
