"""SampleSpec: one image described completely by plain numbers.

Everything after the plan is a pure function of (SampleSpec, head model, software version). Units are in the field names;
colours are linear RGB unless the name says Lab (CIE L*a*b*, D65, 2 degrees). Frames are those of docs/design.md.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1

Unit = Annotated[float, Field(ge=0.0, le=1.0)]
Vec3 = tuple[float, float, float]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Model(BaseModel):
    """Frozen value with no room for unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


# ---- identity: bone, features, sex, ancestry, pigment -------------------------------------------------------------------


class Skin(Model):
    """Constitutive skin: tone (CIELAB albedo near Monk anchor `monk`), marks and relief."""

    monk: Annotated[int, Field(ge=1, le=10)]
    lab: Vec3
    freckles: Unit
    moles: Annotated[int, Field(ge=0, le=60)]
    blotches: Unit
    redness: Unit
    undereye: Unit
    oil: Unit
    relief: Unit
    seed: Seed


class Iris(Model):
    color: Literal["dark_brown", "brown", "amber", "hazel", "green", "grey", "blue"]
    melanin: Unit
    limbal: Unit
    seed: Seed


class HairTraits(Model):
    """What grows: colour pigments, curl, density, and how it will recede (`balding`, at age 70) and grey."""

    color: Literal["black", "dark_brown", "brown", "light_brown", "blond", "red"]
    eumelanin: Unit
    pheomelanin: Unit
    curl: Literal["straight", "wavy", "curly", "coily"]
    density: Unit
    balding: Unit
    greying_age: float


class Brows(Model):
    """Eyebrows: 0.5 is average; `arch` 0 straight to 1 high; `joined` fills the glabella."""

    thickness: Unit
    density: Unit
    length: Unit
    arch: Unit
    joined: Unit
    seed: Seed


class Identity(Model):
    identity_id: str
    index: Annotated[int, Field(ge=0)]
    sex: Literal["female", "male"]
    sex_value: Unit
    ancestry: str
    ancestry_weights: dict[str, float]
    shape: dict[str, float]
    """Signed value per local shape axis (head/basis.py lists them); |1| is the artist's full target."""
    asymmetry: dict[str, float]
    skin: Skin
    iris: Iris
    hair: HairTraits
    brows: Brows
    lashes: Unit
    teeth_tone: Unit
    """0 dull and yellowed to 1 bright."""


# ---- sitting: age, hair, beard, weight, tan, makeup, own glasses --------------------------------------------------------


class HairStyle(Model):
    style: str
    length: Annotated[float, Field(ge=0.3, le=2.0)]
    volume: Annotated[float, Field(ge=0.3, le=2.0)]
    parting: Annotated[float, Field(ge=-1.0, le=1.0)]
    fringe: Unit
    grey: Unit
    recession: Unit
    thinning: Unit
    dye: Vec3 | None = None
    seed: Seed


class Beard(Model):
    style: Literal["none", "shadow", "stubble", "moustache", "goatee", "full"]
    density: Unit
    length: Unit
    grey: Unit
    seed: Seed


class Makeup(Model):
    lips: Unit
    lips_rgb: Vec3
    eyes: Unit
    eyes_rgb: Vec3
    liner: Unit
    blush: Unit


class Sitting(Model):
    sitting_id: str
    identity_id: str
    index: Annotated[int, Field(ge=0)]
    age_years: Annotated[float, Field(ge=4.0, le=100.0)]
    age_band: str
    body_fat: Unit
    """0.5 is average for the sex; 0.05 and 0.95 are the 5th and 95th percentile."""
    hair: HairStyle
    beard: Beard
    makeup: Makeup
    tan: Unit
    eyewear: str
    """The person's own glasses ('none' when they have none); a shot may leave them off."""


# ---- shot: expression, gaze, pose, light, camera, background, wear, degradation -------------------------------------------


class Expression(Model):
    name: str
    weights: dict[str, float]
    """ARKit-named facial actions, 0..1."""


class Gaze(Model):
    """Direction of both eyes in the head frame: yaw to the person's own left, pitch down, like Pose."""

    yaw_deg: float
    pitch_deg: float


class Pose(Model):
    """Head rotation R = Ry(yaw) Rx(pitch) Rz(roll) against the camera's axes."""

    yaw_deg: Annotated[float, Field(ge=-180, le=180)]
    pitch_deg: Annotated[float, Field(ge=-90, le=90)]
    roll_deg: Annotated[float, Field(ge=-180, le=180)]


class CameraSpec(Model):
    """Pinhole: focal length equivalent for a 24 mm high frame; where the face centre falls, as fractions of the frame."""

    profile: str
    focal_mm: Annotated[float, Field(gt=0)]
    distance_m: Annotated[float, Field(gt=0.1)]
    center_x: float
    center_y: float


class KeyLight(Model):
    """`direction` points from the face towards the light, camera frame; `rgb` is irradiance on a facing surface.

    `distance_m` of the source from the face: irradiance falls with its square; 0 is far away. `edge_*`: something with a straight
    edge stands in the light, which is full far along `edge_deg` (in the picture, counter-clockwise from its right) and dark the
    other way; `edge_offset_m` is where half of it arrives, from the middle of the eyes, `edge_width_m` how soft; 0 is no edge.
    """

    direction: Vec3
    rgb: Vec3
    size_deg: Annotated[float, Field(ge=0.1, le=90)]
    shadow: bool = True
    distance_m: Annotated[float, Field(ge=0, le=10)] = 0.0
    edge_deg: float = 0.0
    edge_offset_m: Annotated[float, Field(ge=-0.3, le=0.3)] = 0.0
    edge_width_m: Annotated[float, Field(ge=0, le=0.3)] = 0.0


class LightSpec(Model):
    """`sh`: 16 real spherical-harmonic coefficients of radiance per channel, row-major (16 x 3), camera frame."""

    rig: str
    sh: Annotated[tuple[float, ...], Field(min_length=48, max_length=48)]
    keys: Annotated[tuple[KeyLight, ...], Field(max_length=4)]


class BackgroundSpec(Model):
    kind: str
    rgb: tuple[Vec3, ...]
    blur: Unit
    seed: Seed


class Eyewear(Model):
    kind: str
    frame_rgb: Vec3
    lens_rgb: Vec3
    lens_opacity: Unit
    size: Annotated[float, Field(ge=0.7, le=1.4)]
    slip: Unit
    """0 worn high on the bridge, 1 slipped down the nose."""


class Mask(Model):
    kind: str
    rgb: Vec3
    position: Literal["worn", "under_nose", "chin"]
    seed: Seed


class Headwear(Model):
    kind: str
    rgb: Vec3
    tilt_deg: float
    seed: Seed


class Neckwear(Model):
    kind: str
    rgb: Vec3
    seed: Seed


class Garment(Model):
    kind: str
    rgb: Vec3
    rgb2: Vec3
    pattern: str
    seed: Seed


class Wear(Model):
    """Things worn in this shot; None where absent. A garment is always worn."""

    eyewear: Eyewear | None = None
    mask: Mask | None = None
    headwear: Headwear | None = None
    scarf: Neckwear | None = None
    garment: Garment


class Degradation(Model):
    """What lens, sensor and codec do. Lengths are fractions of the image height, so a size change keeps the look."""

    profile: str
    exposure_ev: float
    wb_red: Annotated[float, Field(gt=0)]
    wb_blue: Annotated[float, Field(gt=0)]
    defocus: Annotated[float, Field(ge=0, le=0.1)]
    motion: Annotated[float, Field(ge=0, le=0.2)]
    motion_deg: float
    vignette: Unit
    full_well_e: Annotated[float, Field(gt=0)]  # of a sensor pixel at white; shot noise is its square root
    read_noise_e: Annotated[float, Field(ge=0)]
    contrast: Annotated[float, Field(ge=0.3, le=2.5)]
    saturation: Annotated[float, Field(ge=0, le=2)]
    sharpen: Annotated[float, Field(ge=0, le=2)]
    downscale: Annotated[float, Field(gt=0, le=1)]
    oversample: Annotated[float, Field(ge=1, le=32)] = 1.0
    """The picture was once `downscale` of its size, and had `oversample` sensor pixels along each pixel of that."""
    jpeg_quality: Annotated[int, Field(ge=5, le=100)]
    jpeg_subsampling: Literal["444", "422", "420"]
    grey: bool
    seed: Seed


class Shot(Model):
    index: Annotated[int, Field(ge=0)]
    expression: Expression
    gaze: Gaze
    pose: Pose
    camera: CameraSpec
    light: LightSpec
    background: BackgroundSpec
    wear: Wear
    degradation: Degradation


class SampleSpec(Model):
    schema_version: Literal[1] = SCHEMA_VERSION
    image_id: str
    identity: Identity
    sitting: Sitting
    shot: Shot
    size_px: Annotated[int, Field(ge=32, le=2048)]
