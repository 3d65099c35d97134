"""What each sheet of the gallery holds (pipelines/gallery.py draws them): light, camera, sensor and chance here, people in
gallery_faces.py, things in gallery_wear.py.

People come from plans of gallery.yaml. What a sheet varies is declared to the plan or replaced in its samples, and everything
else of a person stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gallery_common import AHEAD, MAIN, OLD, SPEC, YOUNG, Sheet, changed, described, person, plan
from gallery_faces import ages, expressions, eyes, hair, people, tones
from gallery_wear import wear

from facegen.population.plan import build
from facegen.resources import asset_json
from facegen.sample import Graduated, Jpeg, PrintScan, Resize, Screenshot, Step, Video, WebP
from facegen.spec import DatasetSpec, names

__all__ = ["SHEETS", "SPEC", "Sheet"]
LIT_TONES, LIT_AGES = (3, 5, 7, 10), ("35-50", "20-34", "66-80", "35-50")
CAMERA_HEAD_FRACTION = 0.6

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
    "graduated": (Graduated(stops=2.5, deg=20),),
}
"""What may happen to a picture on its way, one tile each."""


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
