"""How the picture was taken: what sensor, processing and channel did, as label columns."""

from __future__ import annotations

from typing import Any

from facegen.annotate.columns import BOOL, INT, NUM, STR, Column
from facegen.sample import Degradation
from facegen.sensor.channel import described

_APPLIED = "; null when not given to annotate()"
CAPTURE = {
    "degradation": Column(STR, "", "", "none, mild, wild, surveillance, passport", "preset; '' where the sample names none"),
    "iso": Column(NUM, "", "", "> 0", "ISO that the automatic exposure chose (amplified beyond the device's limit in the dark)"),
    "exposure_s": Column(NUM, "s", "", "> 0", "shutter that it chose"),
    "exposure_ev": Column(NUM, "EV", "", "", "error of the exposure; with what was missing in the dark"),
    "noise_sd": Column(
        NUM,
        "1/255",
        "",
        ">= 0",
        "sd of the green channel of a mid-grey patch before noise reduction, by the noise model" + _APPLIED,
    ),
    "full_well_e": Column(NUM, "e-", "", "> 0", "electrons of a green photosite at a white card"),
    "read_noise_e": Column(NUM, "e-", "", ">= 0", "sd of the read noise"),
    "wb_red": Column(NUM, "", "", "> 0", "error of the white balance: gain on linear red over green"),
    "wb_blue": Column(NUM, "", "", "> 0", "the same of blue"),
    "contrast": Column(NUM, "", "", "> 0", "slope of the tone curve at mid grey over sRGB's"),
    "saturation": Column(NUM, "", "", ">= 0", "factor on colour; 0 in effect where grey"),
    "hue_deg": Column(NUM, "deg", "", "", "turn of the colours in the plane of Cb and Cr"),
    "local_tone": Column(NUM, "", "", "0..0.8", "share of the large-scale log contrast taken away"),
    "black_point": Column(NUM, "", "", "0..1", "share of the darkest light that is taken for black and subtracted"),
    "denoise": Column(NUM, "", "", "0..1", "strength of the noise reduction"),
    "sharpen": Column(NUM, "", "", "0..2", "strength of the unsharp mask"),
    "downscale": Column(NUM, "", "", "0..1", "resolution of the camera's picture over this one's"),
    "oversample": Column(NUM, "", "", ">= 1", "photosites along a pixel of the camera's picture"),
    "grey": Column(BOOL, "", "", "", "without colour"),
    "infrared": Column(NUM, "", "", "0..1", "near infrared: share of the light that its lamp gives; 0: visible light"),
    "channel": Column(STR, "", "", "", "steps on the way, in order, with what differs from their defaults; '' when none"),
    "jpeg_quality": Column(INT, "", "", "5..100", "of the file; before a PNG, one JPEG round of it (none at 100)"),
    "jpeg_subsampling": Column(STR, "", "", "444, 422, 420", "of that JPEG"),
    "clipped_fraction": Column(NUM, "", "", "0..1", "share of pixels with a channel at 255" + _APPLIED),
}


def capture(spec: Degradation, applied: dict[str, Any] | None) -> dict[str, Any]:
    """Return the columns of `CAPTURE`; applied: Photo.applied."""
    measured = {"noise_sd": "noise_sd", "clipped_fraction": "clipped_fraction"}
    return {
        **{name: getattr(spec, name) for name in CAPTURE if hasattr(spec, name)},
        "degradation": spec.preset,
        "channel": described(spec.channel),
        **{name: None if applied is None else float(applied[key]) for name, key in measured.items()},
    }
