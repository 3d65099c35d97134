"""Camera: where it stands, how it moves and what its lens does."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from facegen.sample.base import Model, Unit, Vec3

_Shift = Annotated[float, Field(ge=-0.05, le=0.05)]


class Motion(Model):
    """How head and camera move while the shutter is open; the labelled instant is the middle of the exposure.

    `head_velocity` (m/s) of the middle of the eyes, camera axes; `head_spin` and `camera_spin` (deg/s) as yaw, pitch, roll:
    right-handed about the camera's Y, X and Z axes, the camera's about its own lens.
    """

    head_velocity: Vec3 = (0.0, 0.0, 0.0)
    head_spin: Vec3 = (0.0, 0.0, 0.0)
    camera_spin: Vec3 = (0.0, 0.0, 0.0)


class CameraSpec(Model):
    """Focal length equivalent for a 24 mm high frame; where the face centre falls, as fractions of the frame.

    The defaults are a pinhole that stands still. `crop`: the picture covers 24 mm / crop of the sensor's height; with `f_number`
    (0: a pinhole) it gives the depth of field; the lens is focused on the eyes and `focus_offset_m` beyond. `principal_*`: from
    the picture's middle to the lens's axis, shares of the frame. `distortion`: k1, k2, p1, p2, k3, OpenCV's model and order,
    normalised coordinates. `ca_red, ca_blue`: magnification of these colours less 1; `ca_axial`: diameter, share of the
    height, of their disc where green is sharp. `vignette`: light lost at half the picture's diagonal from the lens's axis.
    `veil`: share of the picture's mean light that lies over all of it; `flare`: share of each light that is strewn around it.
    `tilt_deg` > 0 looks down, `roll_deg` > 0: turned counter-clockwise as its holder sees it. `readout_s`: rolling shutter, first
    to last row.
    """

    profile: str
    focal_mm: Annotated[float, Field(gt=0)]
    distance_m: Annotated[float, Field(gt=0.1)]
    center_x: float
    center_y: float
    f_number: Annotated[float, Field(ge=0)] = 0.0
    crop: Annotated[float, Field(gt=0)] = 1.0
    focus_offset_m: float = 0.0
    principal_x: Annotated[float, Field(ge=-10, le=10)] = 0.0
    principal_y: Annotated[float, Field(ge=-10, le=10)] = 0.0
    distortion: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    ca_red: _Shift = 0.0
    ca_blue: _Shift = 0.0
    ca_axial: Annotated[float, Field(ge=0, le=0.05)] = 0.0
    vignette: Unit = 0.0
    flare: Unit = 0.0
    veil: Unit = 0.0
    tilt_deg: Annotated[float, Field(ge=-90, le=90)] = 0.0
    roll_deg: Annotated[float, Field(ge=-180, le=180)] = 0.0
    motion: Motion = Motion()
    readout_s: Annotated[float, Field(ge=0, le=0.1)] = 0.0

    def pinhole(self) -> CameraSpec:
        """Return a perfect lens at rest in this place: what measurements of faces and close-ups look through."""
        kept = {"profile", "focal_mm", "distance_m", "center_x", "center_y", "tilt_deg", "roll_deg"}
        return CameraSpec(**self.model_dump(include=kept))
