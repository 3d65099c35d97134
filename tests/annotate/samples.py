"""A hand-written SampleSpec: an average person under even light, nothing worn but a shirt."""

from typing import Any

from facegen.sample import SampleSpec

_SKIN = {
    "monk": 5,
    "lab": (56.0, 12.0, 19.0),
    "freckles": 0,
    "moles": 0,
    "blotches": 0,
    "redness": 0,
    "undereye": 0,
    "oil": 0.3,
    "relief": 0.2,
    "seed": 1,
}
_DEGRADATION = {
    "profile": "none",
    "exposure_ev": 0,
    "wb_red": 1,
    "wb_blue": 1,
    "full_well_e": 1e6,
    "read_noise_e": 0,
    "contrast": 1,
    "saturation": 1,
    "sharpen": 0,
    "downscale": 1,
    "jpeg_quality": 95,
    "jpeg_subsampling": "444",
    "grey": False,
    "seed": 3,
}


def sample(
    yaw: float = 0,
    pitch: float = 0,
    roll: float = 0,
    *,
    size: int = 256,
    wear: dict[str, Any] | None = None,
    center: tuple[float, float] = (0.5, 0.5),
    expression: dict[str, float] | None = None,
) -> SampleSpec:
    """Return a sample with this head pose, picture size, wear beside the garment and facial actions."""
    identity = {
        "identity_id": "000001",
        "index": 1,
        "sex": "female",
        "sex_value": 0.2,
        "ancestry": "european",
        "ancestry_weights": {"european": 1.0},
        "shape": {},
        "asymmetry": {},
        "skin": _SKIN,
        "iris": {"color": "brown", "melanin": 0.7, "limbal": 0.5, "seed": 1},
        "hair": {
            "color": "brown",
            "eumelanin": 0.6,
            "pheomelanin": 0.2,
            "curl": "straight",
            "density": 0.6,
            "balding": 0,
            "greying_age": 45,
        },
        "brows": {"thickness": 0.5, "density": 0.5, "length": 0.5, "arch": 0.5, "joined": 0, "seed": 1},
        "lashes": 0.5,
        "teeth_tone": 0.6,
    }
    sitting = {
        "sitting_id": "000001_0",
        "identity_id": "000001",
        "index": 0,
        "age_years": 30,
        "age_band": "18-34",
        "body_fat": 0.5,
        "hair": {
            "style": "bald",
            "length": 1,
            "volume": 1,
            "parting": 0,
            "fringe": 0,
            "grey": 0,
            "recession": 0,
            "thinning": 0,
            "seed": 2,
        },
        "beard": {"style": "none", "density": 0, "length": 0, "grey": 0, "seed": 1},
        "makeup": {"lips": 0, "lips_rgb": (0.4, 0.1, 0.1), "eyes": 0, "eyes_rgb": (0.1, 0.1, 0.1), "liner": 0, "blush": 0},
        "tan": 0,
        "eyewear": "none",
    }
    shot = {
        "index": 0,
        "expression": {"name": "neutral", "weights": expression if expression is not None else {}},
        "gaze": {"yaw_deg": 0, "pitch_deg": 0},
        "pose": {"yaw_deg": yaw, "pitch_deg": pitch, "roll_deg": roll},
        "camera": {"profile": "test", "focal_mm": 70, "distance_m": 1.0, "center_x": center[0], "center_y": center[1]},
        "light": {"rig": "even", "sh": [3.545, 3.545, 3.545] + [0] * 45, "keys": []},
        "background": {"kind": "plain", "rgb": [(0.2, 0.2, 0.2)], "blur": 0, "seed": 1},
        "wear": {
            "garment": {"kind": "crew", "rgb": (0.1, 0.1, 0.2), "rgb2": (0.1, 0.1, 0.1), "pattern": "plain", "seed": 1},
            **(wear if wear is not None else {}),
        },
        "degradation": _DEGRADATION,
    }
    return SampleSpec.model_validate(
        {"image_id": "000001_000", "identity": identity, "sitting": sitting, "shot": shot, "size_px": size}
    )
