"""Channel: what happens to a finished picture on its way to us. Each step is plain numbers; none of them moves the picture."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facegen.sample.base import Model, Seed, Unit

Filter = Literal["area", "linear", "cubic", "lanczos"]
Fraction = Annotated[float, Field(gt=0.02, le=1)]
"""A share of the picture's height, so that a size change keeps the look."""


class Jpeg(Model):
    """Saved as JPEG and opened again; `shift_*`: where the picture's corner lay in the 8 x 8 grid, as after a crop."""

    kind: Literal["jpeg"] = "jpeg"
    quality: Annotated[int, Field(ge=5, le=100)]
    subsampling: Literal["444", "422", "420"] = "420"
    shift_x: Annotated[int, Field(ge=0, le=15)] = 0
    shift_y: Annotated[int, Field(ge=0, le=15)] = 0


class WebP(Model):
    """Saved as lossy WebP (4:2:0 always) and opened again.

    The codec predicts from the upper left and drops what differs little, which moves what is seen: 0.045 px at quality 75, 0.1 px
    at 30, measured on blobs of strong colour at 112 px. Presets stay at 75 and above.
    """

    kind: Literal["webp"] = "webp"
    quality: Annotated[int, Field(ge=1, le=100)]


class Video(Model):
    """A frame of a video: quantiser `qp` of H.264, coded after `previous` frames of the same scene, loop filter or none.

    `scale`: the stream's height over the picture's; the video was that small.
    """

    kind: Literal["video"] = "video"
    qp: Annotated[int, Field(ge=0, le=51)]
    previous: Annotated[int, Field(ge=0, le=4)] = 1
    deblock: bool = True
    scale: Annotated[float, Field(gt=0.1, le=1)] = 1.0
    seed: Seed = 0


class Resize(Model):
    """Made smaller by `down` and large again."""

    kind: Literal["resize"] = "resize"
    down: Annotated[float, Field(gt=0.05, le=1)]
    down_filter: Filter = "area"
    up_filter: Filter = "cubic"


class Screenshot(Model):
    """Shown on a display, at `scale` of its own pixels, and taken from there.

    `gamma` of the display against sRGB; `moire`: contrast of the beat between two pixel grids, of `moire_period` picture heights,
    along `moire_deg` (counter-clockwise from the picture's right), 0 when the display's memory was copied.
    """

    kind: Literal["screenshot"] = "screenshot"
    scale: Annotated[float, Field(ge=0.5, le=3)]
    gamma: Annotated[float, Field(ge=0.6, le=1.6)] = 1.0
    moire: Annotated[float, Field(ge=0, le=0.3)] = 0.0
    moire_period: Fraction = 0.1
    moire_deg: float = 0.0


class PrintScan(Model):
    """Printed on paper and scanned.

    `halftone`: how plain the screen is (0: continuous tone, as dye sublimation prints), of `screen` periods a picture height;
    `ink`: reflectance of the darkest print; `paper` (r, g, b) of the blank sheet; `gamut`: share of the saturation that inks
    reach;
    `blur`: sd of print and scanner together in picture heights; `grain` of the paper and `noise` of the scanner, in display
    units;
    `dust`: expected specks.
    """

    kind: Literal["print_scan"] = "print_scan"
    halftone: Unit = 0.0
    screen: Annotated[float, Field(ge=20, le=600)] = 200.0
    ink: Annotated[float, Field(ge=0, le=0.3)] = 0.02
    paper: tuple[Unit, Unit, Unit] = (0.95, 0.95, 0.93)
    gamut: Annotated[float, Field(ge=0.2, le=1)] = 0.9
    blur: Annotated[float, Field(ge=0, le=0.02)] = 0.0015
    grain: Annotated[float, Field(ge=0, le=0.1)] = 0.008
    noise: Annotated[float, Field(ge=0, le=0.1)] = 0.005
    dust: Annotated[float, Field(ge=0, le=100)] = 0.0
    seed: Seed = 0


class Graduated(Model):
    """Made lighter on one side and darker on the other: a graduated filter, or a print photographed again beside a lamp.

    Light is 2^(`stops` s) times what it was, s the way from the picture's middle along `deg` (counter-clockwise from its right)
    in half its height; what passes white is lost.
    """

    kind: Literal["graduated"] = "graduated"
    stops: Annotated[float, Field(ge=0, le=6)]
    deg: float = 0.0


Step = Annotated[Jpeg | WebP | Video | Resize | Screenshot | PrintScan | Graduated, Field(discriminator="kind")]
