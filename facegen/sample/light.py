"""Light: what reaches the face, the place it comes from, and what is seen behind the face."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from facegen.sample.base import Digest, Model, Seed, Unit, Vec3


def _check_file(file: str, sha256: str) -> None:
    """A sample that names a file of this machine says which one it means: somebody else's sample cannot look at any other."""
    if bool(file) != bool(sha256):
        raise ValueError(f"file: '{file}' and its sha256 '{sha256}' go together; give both or none")


class KeyLight(Model):
    """`direction` points from the face towards the light, camera frame; `rgb` is irradiance on a facing surface.

    `distance_m` of the source from the face: irradiance falls with its square; 0 is far away. `edge_*`: something with a straight
    edge stands in the light, which is full far along `edge_deg` (in the picture, counter-clockwise from its right) and dark the
    other way; `edge_offset_m` is where half of it arrives, from the middle of the eyes, `edge_width_m` how soft; 0 is no edge.
    `pulse`: a flash, over before pupils answer to it.
    """

    direction: Vec3
    rgb: Vec3
    size_deg: Annotated[float, Field(ge=0.1, le=90)]
    shadow: bool = True
    distance_m: Annotated[float, Field(ge=0, le=10)] = 0.0
    edge_deg: float = 0.0
    edge_offset_m: Annotated[float, Field(ge=-0.3, le=0.3)] = 0.0
    edge_width_m: Annotated[float, Field(ge=0, le=0.3)] = 0.0
    pulse: bool = False


class Place(Model):
    """Where the light comes from, enough to build it again: `shell` and drawn `numbers` (assets/light/environments.json), the
    `seed` of its shapes, or a panorama `file` with its `sha256`. `scale` (3,): its cd/m2 to the light of the LightSpec, that is
    exposure and white balance. Gravity frame; the camera's tilt and roll turn it."""

    shell: str
    numbers: dict[str, float]
    seed: Seed
    scale: Vec3
    file: str = ""
    sha256: Digest = ""

    @model_validator(mode="after")
    def _told(self) -> Place:
        _check_file(self.file, self.sha256)
        return self


class LightSpec(Model):
    """`sh`: 16 real spherical-harmonic coefficients of radiance per channel, row-major (16 x 3), camera frame. `lux`: illuminance
    that the face's front receives, mean over what the camera sees of it. `meter`: how the camera reads its exposure
    (sensor/metering.py). `place`: None in samples older than it."""

    rig: str
    sh: Annotated[tuple[float, ...], Field(min_length=48, max_length=48)]
    keys: Annotated[tuple[KeyLight, ...], Field(max_length=4)]
    lux: Annotated[float, Field(gt=0)] = 400.0
    meter: Literal["person", "centre", "average", "face"] = "person"
    place: Place | None = None


class BackgroundSpec(Model):
    """`kind` and the `seed` of its shapes; `rgb`: its reflectances; `distance_m` behind the face; `blur` 0..1: softened by the
    camera's picture processing beyond what its lens does. `file`, `sha256`: a user's picture."""

    kind: str
    rgb: tuple[Vec3, ...] = ()
    blur: Unit = 0.0
    seed: Seed
    distance_m: Annotated[float, Field(gt=0)] = 3.0
    file: str = ""
    sha256: Digest = ""

    @model_validator(mode="after")
    def _told(self) -> BackgroundSpec:
        _check_file(self.file, self.sha256)
        return self
