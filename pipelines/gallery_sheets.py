"""What each sheet of the gallery holds (pipelines/gallery.py draws them).

People come from plans of gallery.yaml. What a sheet varies is declared to the plan or replaced in its samples, and everything
else of a person stays.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facegen.geometry.framing import FRAME_MM
from facegen.population.plan import Plan, build
from facegen.resources import asset_json
from facegen.sample import (
    CastShadow,
    Expression,
    Eyewear,
    Front,
    Gaze,
    Headwear,
    Jpeg,
    Mask,
    Neckwear,
    Pose,
    PrintScan,
    Rain,
    Resize,
    SampleSpec,
    Screenshot,
    SecondHead,
    Step,
    Video,
    WebP,
)
from facegen.spec import DatasetSpec, names

SPEC = Path(__file__).parent / "gallery.yaml"
MAIN = ("african", "east_asian", "south_asian", "european")
YOUNG, OLD = "20-34", "66-80"
AGES = (20, 35, 50, 65, 80)
LIGHTS = ("studio_soft", "overcast", "lamp_warm")
LIT_TONES, LIT_AGES = (3, 5, 7, 10), ("35-50", "20-34", "66-80", "35-50")
HAIR_HEAD_FRACTION = 0.64
CAMERA_HEAD_FRACTION = 0.6
FRONTAL = Pose(yaw_deg=0, pitch_deg=0, roll_deg=0)
TURNED = Pose(yaw_deg=60, pitch_deg=0, roll_deg=0)
AHEAD = Gaze(yaw_deg=0, pitch_deg=0)
NEUTRAL = Expression(name="neutral", weights={})
COLORS = ((0.02, 0.02, 0.025), (0.62, 0.61, 0.58), (0.36, 0.05, 0.06), (0.05, 0.11, 0.26))
HARD_LIGHT = "studio_hard"
POSITIONS = ("worn", "under_nose", "chin")
NO_BEARD = {"none": 1}
BOTH_EYES_M, ONE_EYE_M = 0.125, 0.055
"""Width of the picture at the face in eye close-ups."""
OWN_LEFT_EYE_M, EYES_OVER_CENTER_M = 0.031, 0.03
"""Where an eye lies from the middle of both, and both from the point of the face that a camera is aimed at."""
GAZES = {"ahead": (0, 0), "to own left": (28, 0), "to own right": (-28, 0), "up": (0, -18), "down": (0, 20)}
LIDS = ("half_blink", "blink", "squint")
HAIR_KEPT = ("style", "length", "volume", "parting", "fringe", "dye", "seed")
BEARD_KEPT = ("style", "density", "length", "seed")

WAYS: dict[str, tuple[Step, ...]] = {
    "as taken": (),
    "JPEG 50": (Jpeg(quality=50),),
    "JPEG 15": (Jpeg(quality=15),),
    "JPEG twice, grid moved": (Jpeg(quality=35, shift_x=3, shift_y=5), Jpeg(quality=50)),
    "WebP 30": (WebP(quality=30),),
    "video, QP 28": (Video(qp=28),),
    "video, QP 38, half size": (Video(qp=38, scale=0.5),),
    "video, QP 36, no loop filter": (Video(qp=36, deblock=False),),
    "resized to 0.3, area": (Resize(down=0.3, up_filter="linear"),),
    "resized to 0.3, linear": (Resize(down=0.3, down_filter="linear", up_filter="lanczos"),),
    "screenshot": (Screenshot(scale=1.4, gamma=1.12),),
    "photographed display": (Screenshot(scale=1.3, gamma=0.92, moire=0.12, moire_period=0.06, moire_deg=25),),
    "print, dye": (PrintScan(gamut=0.8, ink=0.03, dust=2, seed=1),),
    "print, dots": (PrintScan(halftone=0.7, screen=110, gamut=0.75, ink=0.04, dust=4, seed=2),),
}
"""What may happen to a picture on its way, one tile each."""

Tile = tuple[str, SampleSpec]


@dataclass(frozen=True)
class Sheet:
    """`tiles` of caption and sample, row by row; at most `tile_px` each, None: as asked for."""

    name: str
    columns: int
    tiles: list[Tile]
    tile_px: int | None = None


def plan(identities: int, per: int = 1, population: dict[str, Any] | None = None, shots: dict[str, Any] | None = None) -> Plan:
    """Return a plan of gallery.yaml with `identities` people, `per` sittings and shots each, and what else is declared."""
    base = DatasetSpec.load(SPEC).model_dump(mode="json")
    counts = {"identities": identities, "images_per_identity": per, "sittings_per_identity": per}
    both = {"population": {**base["population"], **(population or {})}, "shots": {**base["shots"], **(shots or {})}}
    return build(DatasetSpec.from_dict({**base, **counts, **both}, "gallery"))


def person(n: int, **population: Any) -> SampleSpec:
    """Return person `n` of the plan that declares `population`."""
    return plan(n + 1, population=population).sample(n)


def changed(sample: SampleSpec, sitting: dict[str, Any] | None = None, **shot: Any) -> SampleSpec:
    """Return `sample` with fields of its shot, and of its sitting, replaced."""
    seat = sample.sitting.model_copy(update=sitting or {})
    return sample.model_copy(update={"sitting": seat, "shot": sample.shot.model_copy(update=shot)})


def described(sample: SampleSpec) -> str:
    return f"{sample.identity.ancestry} {sample.identity.sex}, {sample.sitting.age_years:.0f}"


def acted(name: str) -> Expression:
    """Return the preset `name` at full strength."""
    return Expression(name=name, weights=asset_json("head/expressions.json")["expressions"][name])


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


def light() -> Iterator[Sheet]:
    """Every place that light comes from, on four tones."""
    presets, people = asset_json("population/ancestry.json")["presets"], []
    for n, monk in enumerate(LIT_TONES):
        ancestry = min(MAIN, key=lambda name: abs(sum(presets[name]["skin_monk"]) - 2 * monk))
        who = {"skin_monk": monk, "ancestry": ancestry, "sex": names.SEXES[n % 2], "age_band": LIT_AGES[n], "tan": 0}
        people.append(person(n, **who))
    tiles = []
    for word in asset_json("light/environments.json")["environments"]:
        lit = plan(1, shots={"light": word, "background": "any"}).sample(0).shot
        around = {"light": lit.light, "background": lit.background, "camera": lit.camera}
        tiles += [(f"{word}, {lit.light.lux:.0f} lx", changed(s, gaze=AHEAD, **around)) for s in people]
    yield Sheet("light", 12, tiles, tile_px=256)


def camera() -> Iterator[Sheet]:
    """Each device a row, the same eight heads in every one, drawn as a spec draws them for that device."""
    declared = {"ancestry": list(MAIN), "age_band": [YOUNG, OLD], "balance": ["sex", "age_band", "ancestry"]}
    tiles = []
    for device in names.cameras():
        for s in plan(8, population=declared, shots={"camera": device, "head_fraction": CAMERA_HEAD_FRACTION}).samples():
            lens = s.shot.camera
            tiles.append((f"{device}, {lens.focal_mm:.0f} mm, {lens.distance_m:.1f} m", s))
    yield Sheet("camera", 8, tiles, tile_px=256)


def wear() -> Iterator[Sheet]:
    """What is worn, and what is before, behind and around the face: each on eight heads, a thing a row."""
    heads = [person(n, ancestry=MAIN[n % 4], sex=names.SEXES[n // 4], age_band=(YOUNG, "35-50", OLD)[n % 3]) for n in range(8)]
    lit = plan(1, shots={"light": HARD_LIGHT}).sample(0).shot
    for name, rows in (("wear_worn", worn_rows()), ("wear_before", before_rows())):
        tiles = []
        for text, things in rows:
            for n, head in enumerate(heads):
                around = {"light": lit.light} if "shadow" in text else {}
                tiles.append((text, changed(head, gaze=AHEAD, wear=head.shot.wear.model_copy(update=things(n)), **around)))
        yield Sheet(name, 8, tiles, tile_px=224)


def worn_rows() -> Iterator[tuple[str, Callable[[int], dict[str, Any]]]]:
    """Caption of each row and what its n-th head wears."""
    look = {"frame_rgb": (0.02, 0.02, 0.022), "lens_rgb": (0.9, 0.95, 0.93), "lens_opacity": 0.05, "size": 1.0, "slip": 0.2}
    dark = {"lens_rgb": (0.01, 0.01, 0.012), "lens_opacity": 0.9}
    for text, more in (
        ("-8 dpt, green", {"kind": "rectangular", "power_dpt": -8.0, "coating": "green"}),
        ("+5 dpt, purple", {"kind": "panto", "power_dpt": 5.0, "coating": "purple"}),
        ("hexagonal", {"kind": "hexagonal", "finish": "metal", "frame_rgb": (0.6, 0.45, 0.2)}),
        ("safety", {"kind": "safety"}),
        ("goggles", {"kind": "goggles"}),
        ("graded", {"kind": "square", **dark, "gradient": 0.8}),
        ("mirrored", {"kind": "sport_wrap", **dark, "coating": "mirror"}),
    ):
        made = Eyewear.model_validate({**look, **more})
        yield text, lambda n, made=made: {"eyewear": made}
    for kind in asset_json("wear/kinds.json")["mask"]:
        print_ = {"pattern": "floral"} if kind == "cloth_pleated" else {}
        yield (
            kind,
            lambda n, kind=kind, print_=print_: {
                "mask": Mask(kind=kind, rgb=COLORS[n % 4], rgb2=COLORS[3 - n % 4], position=POSITIONS[n % 3], seed=n, **print_)
            },
        )
    for kind in asset_json("wear/kinds.json")["headwear"]:
        yield (
            kind,
            lambda n, kind=kind: {
                "headwear": Headwear(kind=kind, rgb=COLORS[n % 4], rgb2=COLORS[(n + 1) % 4], tilt_deg=0, seed=n)
            },
        )
    yield "scarf", lambda n: {"scarf": Neckwear(kind="wool", rgb=COLORS[n % 4], seed=n)}
    yield "scarf, mouth", lambda n: {"scarf": Neckwear(kind="wool", rgb=COLORS[n % 4], seed=n, position="mouth")}


def before_rows() -> Iterator[tuple[str, Callable[[int], dict[str, Any]]]]:
    """The same of hands, things, somebody behind, rain and shadows."""
    table = asset_json("wear/hands.json")
    poses = [("hand", pose) for pose in table["gestures"]] + [(row["object"], pose) for pose, row in table["held"].items()]
    for kind, pose in (*poses, ("cup", "glass"), ("paper", "sheet"), ("paper", "book"), ("hair_veil", "veil")):
        yield (
            pose if kind == "hand" or kind == pose else f"{kind}, {pose}",
            lambda n, kind=kind, pose=pose: {
                "front": (
                    Front(
                        kind=kind, pose=pose, side=("left", "right")[n % 2], rgb=COLORS[n % 4], rgb2=COLORS[3 - n % 4],
                        sleeve=(1.0, 0.4, 0.2, 0.7)[n % 4], seed=n + 1237 * n,
                    ),
                )
            },
        )  # fmt: skip
    yield (
        "second head",
        lambda n: {
            "second_head": SecondHead(off=(-0.38, 0.38)[n % 2], behind_m=0.5 + 0.3 * n, drop_m=0.0, yaw_deg=20 - 9 * n, seed=n)
        },
    )
    yield "rain", lambda n: {"rain": Rain(strength=n / 7, seed=n)}
    for kind in asset_json("wear/kinds.json")["shadow"]:
        distance = 0.15 if kind in ("brim", "hand") else 0.35
        yield (
            f"shadow, {kind}",
            lambda n, kind=kind, distance=distance: {
                "shadow": CastShadow(kind=kind, distance_m=distance, turn_deg=8 * n - 28, seed=n)
            },
        )


def random() -> Iterator[Sheet]:
    """A hundred people as a spec draws them that declares nothing: pose, light, lens and wear as they come."""
    declared = {**DatasetSpec.load(SPEC).model_dump(mode="json"), "population": {}, "shots": {}, "identities": 100}
    tiles = [(described(s), s) for s in build(DatasetSpec.from_dict(declared)).samples()]
    yield Sheet("random", 10, tiles, tile_px=256)


def sensor() -> Iterator[Sheet]:
    """Six people under each preset, everything else the same; four through each device by day and by night; then every step of a
    picture's way alone."""
    tiles, devices = [], []
    for preset in names.degradations():
        found = plan(6, shots={"degradation": preset, "camera": "any", "light": "any", "background": "any"})
        tiles += [(f"{preset}, {s.shot.camera.profile}, {s.shot.light.rig}", s) for s in found.samples()]
    yield Sheet("sensor_presets", 6, tiles, tile_px=256)
    for device in names.cameras():
        for n, rig in enumerate(("overcast", "office_panels", "lamp_warm", "night_street")):
            one = plan(n + 1, shots={"degradation": "mild", "camera": device, "light": rig, "background": "any"}).sample(n)
            devices.append((f"{device}, {rig}, ISO {one.shot.degradation.iso:.0f}", one))
    yield Sheet("sensor_devices", 4, devices, tile_px=256)
    one = person(3, sex="male", age_band="35-50")
    alone = [
        (text, changed(one, degradation=one.shot.degradation.model_copy(update={"channel": step}))) for text, step in WAYS.items()
    ]
    yield Sheet("sensor_channel", 6, alone, tile_px=256)


SHEETS: dict[str, Callable[[], Iterator[Sheet]]] = {
    "people": people,
    "hair": hair,
    "ages": ages,
    "expressions": expressions,
    "eyes": eyes,
    "tones": tones,
    "light": light,
    "camera": camera,
    "wear": wear,
    "random": random,
    "sensor": sensor,
}
