"""The columns of labels.parquet: one declaration for the writer, the readers and docs/labels.md.

`python -m facegen.annotate.schema docs/labels.md` rewrites the table in that page; a test checks that it is up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from facegen.annotate.capture import CAPTURE
from facegen.annotate.columns import BOOL as _BOOL
from facegen.annotate.columns import INT as _INT
from facegen.annotate.columns import NUM as _NUM
from facegen.annotate.columns import STR as _STR
from facegen.annotate.columns import Column
from facegen.annotate.quality import GROUND_TRUTH, PIXELS
from facegen.scene import REGIONS

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION = 2
START, END = "<!-- columns -->", "<!-- /columns -->"


_LIST, _DOUBLES, _FLAGS = "list<float>", "list<double>", "list<bool>"
_PICTURE = "pixels, outer corner"

_WHO = {
    "schema_version": Column(_INT, "", "", "2", "version of this table; 1 knew no lens, no channel, nothing held"),
    "image_id": Column(_STR, "", "", "", "identity_id and the number of the shot"),
    "identity_id": Column(_STR, "", "", "", "one invented person"),
    "sitting_id": Column(_STR, "", "", "", "that person at one age, hair and weight"),
    "file": Column(_STR, "", "", "", "photograph, relative to the dataset", late=True),
    "sha256": Column(_STR, "", "", "hex", "of the photograph's file", late=True),
    "split": Column(_STR, "", "", "", "train, val or test; an identity is in one only", late=True),
    "size_px": Column(_INT, "px", "", "32..2048", "width and height"),
    "sex": Column(_STR, "", "", "female, male", "class of the head model's sex axis"),
    "sex_value": Column(_NUM, "", "", "0..1", "that axis: 0 female, 1 male"),
    "age_years": Column(_NUM, "years", "", "4..100", "age at the sitting"),
    "age_band": Column(_STR, "", "", "", "band of the spec that holds age_years"),
    "ancestry": Column(_STR, "", "", "", "appearance preset of the head model; not an ethnicity"),
    "body_fat": Column(_NUM, "", "", "0..1", "0.5 is average for the sex"),
    "skin_monk": Column(_INT, "", "", "1..10", "albedo anchor that was asked for, light to dark"),
    "skin_L": Column(_NUM, "L*", "CIELAB D65", "0..100", "intrinsic: albedo of the skin"),
    "skin_a": Column(_NUM, "a*", "CIELAB D65", "", "intrinsic"),
    "skin_b": Column(_NUM, "b*", "CIELAB D65", "", "intrinsic"),
    "skin_swatch": Column(_INT, "", "", "1..10", "Monk swatch nearest to the intrinsic colour (CIEDE2000)"),
    "skin_swatch_distance": Column(_NUM, "CIEDE2000", "", ">= 0", "its distance"),
    "apparent_L": Column(
        _NUM, "L*", "CIELAB D65", "0..100", "apparent: median over the skin of the picture; null where none shows"
    ),
    "apparent_a": Column(_NUM, "a*", "CIELAB D65", "", "apparent"),
    "apparent_b": Column(_NUM, "b*", "CIELAB D65", "", "apparent"),
    "apparent_swatch": Column(_INT, "", "", "1..10", "Monk swatch nearest to the apparent colour"),
    "apparent_swatch_distance": Column(_NUM, "CIEDE2000", "", ">= 0", "its distance"),
    "iris_color": Column(_STR, "", "", "", "iris colour class"),
    "hair_color": Column(_STR, "", "", "", "natural hair colour class"),
    "hair_curl": Column(_STR, "", "", "straight, wavy, curly, coily", "natural curl"),
    "hair_style": Column(_STR, "", "", "", "head hair of the sitting; a cap or hijab may hide it"),
    "hair_grey": Column(_NUM, "", "", "0..1", "share of grey strands"),
    "beard": Column(_STR, "", "", "none, shadow, stubble, moustache, goatee, full", "facial hair of the sitting"),
    "makeup": Column(_BOOL, "", "", "", "any make-up stronger than 0.1"),
    "makeup_look": Column(
        _STR, "", "", "none, natural, full, evening, kohl", "look of the sitting; '' where the sample names none"
    ),
    "lipstick": Column(_NUM, "", "", "0..1", "cover of lipstick; its colour and finish are in sample"),
    "eye_shadow": Column(_NUM, "", "", "0..1", "cover of eye shadow"),
    "eye_liner": Column(_NUM, "", "", "0..1", "the stronger of the lines along upper and lower lid"),
    "blush": Column(_NUM, "", "", "0..1", "cover of blush"),
    "foundation": Column(_NUM, "", "", "0..1", "cover of foundation"),
}
_WHAT = {
    "expression": Column(_STR, "", "", "", "named preset; the 52 weights are in sample"),
    "gaze_yaw_deg": Column(_NUM, "deg", "head", "", "from the middle of the eyes, > 0 to the person's own left"),
    "gaze_pitch_deg": Column(_NUM, "deg", "head", "", "from the middle of the eyes, > 0 down"),
    "gaze_distance_m": Column(_NUM, "m", "", "", "how far away both eyes meet"),
    "yaw_deg": Column(_NUM, "deg", "camera axes", "-180..180", "> 0: turned to the person's own left"),
    "pitch_deg": Column(_NUM, "deg", "camera axes", "-90..90", "> 0: looking down"),
    "roll_deg": Column(_NUM, "deg", "camera axes", "-180..180", "> 0: leaning to the person's own right shoulder"),
    "view_yaw_deg": Column(_NUM, "deg", "line of sight", "-90..90", "yaw measured from the line from the face to the camera"),
    "view_pitch_deg": Column(_NUM, "deg", "line of sight", "-180..180", "pitch measured from that line"),
    "head_to_camera": Column(_DOUBLES, "m", "head -> camera", "16, row-major", "rigid transform of points, OpenGL axes"),
    "K": Column(
        _DOUBLES,
        "px",
        "OpenCV axes",
        "9, row-major",
        "intrinsics, of the lens before distortion; the principal point may lie outside the picture",
    ),
    "focal_mm": Column(_NUM, "mm", "", "> 0", "focal length for a 24 mm high frame"),
    "distance_m": Column(_NUM, "m", "", "> 0", "from camera to face along the optical axis"),
    "camera": Column(_STR, "", "", "", "camera profile"),
    "distortion": Column(
        _DOUBLES, "", "OpenCV axes, normalised", "5: k1, k2, p1, p2, k3", "Brown-Conrady, OpenCV's order; every label follows it"
    ),
    "f_number": Column(_NUM, "", "", ">= 0", "aperture; 0: a pinhole, sharp everywhere"),
    "sensor_crop": Column(_NUM, "", "", "> 0", "24 mm over the height of sensor that the picture covers"),
    "focus_m": Column(_NUM, "m", "", "> 0", "distance along the axis that is in focus"),
    "defocus_px": Column(_NUM, "px", "", ">= 0", "diameter of the blur disc at the eyes"),
    "defocus_face_px": Column(_NUM, "px", "", ">= 0", "the largest of the 68 points"),
    "motion_px": Column(_NUM, "px", "", ">= 0", "length of the smear while the shutter was open: mean way of the 68 points"),
    "motion_face_px": Column(_NUM, "px", "", ">= 0", "the longest of the 68 points"),
    "camera_tilt_deg": Column(_NUM, "deg", "gravity", "-90..90", "> 0: the camera looks down"),
    "camera_roll_deg": Column(_NUM, "deg", "gravity", "-180..180", "> 0: turned counter-clockwise as its holder sees it"),
    "camera_height_m": Column(_NUM, "m", "gravity", "", "of the lens over the middle of the eyes"),
    "vignette": Column(_NUM, "", "", "0..1", "light lost at half the picture's diagonal from the lens's axis"),
    "flare": Column(_NUM, "", "", "0..1", "share of each light strewn around it"),
    "veil": Column(_NUM, "", "", "0..1", "share of the mean light that lies over all of the picture"),
    "ca_red": Column(_NUM, "", "", "", "lateral chromatic aberration: magnification of red less 1; green stays"),
    "ca_blue": Column(_NUM, "", "", "", "of blue"),
    "ca_axial": Column(_NUM, "", "", ">= 0", "axial: disc of red and blue where green is sharp, share of the height"),
    "readout_s": Column(_NUM, "s", "", ">= 0", "rolling shutter, first to last row; 0: global"),
    "light": Column(_STR, "", "", "", "place the light comes from; its coefficients, keys and numbers are in sample"),
    "illuminance_lux": Column(_NUM, "lx", "", "> 0", "on the face's front, mean over what the camera sees of it"),
    "light_contrast": Column(
        _NUM, "", "camera axes", ">= 1", "luminous irradiance of the lit over the shaded of normals 50 deg to each side"
    ),
    "metering": Column(_STR, "", "", "person, centre, average, face", "what the camera read its exposure from"),
    "environment_file": Column(_STR, "", "", "", "user's panorama; '' without"),
    "background": Column(_STR, "", "", "", "kind of background"),
    "background_distance_m": Column(_NUM, "m", "", "> 0", "behind the face, as the lens defocuses it"),
    "background_file": Column(_STR, "", "", "", "user's picture; '' without"),
    "exposure_gain": Column(_NUM, "", "", "> 0", "automatic exposure times 2 ** exposure_ev; null when not given to annotate()"),
    "eyewear": Column(_STR, "", "", "", "kind of glasses, 'none' when absent"),
    "sunglasses": Column(_BOOL, "", "", "", "glasses whose lenses hide the eyes"),
    "lens_power_dpt": Column(_NUM, "dpt", "", "-12..10", "refraction of the lenses; 0 without glasses"),
    "lens_coating": Column(_STR, "", "", "none, green, blue, purple, mirror", "tint of what the lenses reflect"),
    "mask": Column(_STR, "", "", "", "kind of face mask, 'none' when absent; a veil or a balaclava is no mask (see headwear)"),
    "mask_position": Column(_STR, "", "", "none, worn, under_nose, chin", "how it is worn"),
    "headwear": Column(
        _STR, "", "", "", "'none' when absent; niqab and most balaclavas cover nose and mouth, a niqab's veil in region facewear"
    ),
    "scarf": Column(_STR, "", "", "", "'none' when absent"),
    "scarf_position": Column(_STR, "", "", "none, neck, mouth", "`mouth`: drawn up to the nose"),
    "hand": Column(_STR, "", "", "", "gesture of a hand before the face, or the way it holds something; 'none' when absent"),
    "phone": Column(_STR, "", "", "none, call, mirror", "at the ear, or held up before the face"),
    "microphone": Column(_STR, "", "", "none, microphone", "hand-held, at the mouth"),
    "cup": Column(_STR, "", "", "none, cup, glass", "at the mouth"),
    "paper": Column(_STR, "", "", "none, sheet, book", "held up before the lower face, its hands below the picture"),
    "hair_veil": Column(
        _STR, "", "", "none, veil", "a lock across an eye; only people with hair for it have one, and no headwear"
    ),
    "second_head": Column(
        _STR, "", "", "none, left, right", "somebody else behind, at this side of the picture; unlabelled background"
    ),
    "cast_shadow": Column(
        _STR,
        "",
        "",
        "none, blinds, leaves, brim, hand, pole",
        "unseen thing in the strongest light; 'none' where no light shows it",
    ),
    "cast_shadow_fraction": Column(
        _NUM, "", "", "0..1", "share of the face that the strongest key would reach, but for that thing"
    ),
    "rain": Column(_STR, "", "", "none, drops", "drops on the lens"),
    "rain_strength": Column(_NUM, "", "", "0..1", "how many and how large"),
    "garment": Column(_STR, "", "", "", "kind, of those in assets/wear/kinds.json; always worn"),
}
_WHERE = {
    "occluded_fraction": Column(_NUM, "", "", "0..1", "share of the visible-side face area hidden by hair, worn or held things"),
    **{
        f"occluded_by_{name}": Column(_NUM, "", "", "0..1", f"part of occluded_fraction that is {name}")
        for name in ("hair", "clothing", "glasses", "headwear", "facewear", "hand", "object")
    },
    **{
        f"region_share_{name}": Column(_NUM, "", "", "0..1", f"share of the picture whose region is {name.replace('_', ' ')}")
        for name in REGIONS
        if name != "ignore"
    },
    "face_in_frame": Column(_NUM, "", "", "0..1", "share of the face area turned to the camera that is inside the picture"),
    "bbox": Column(_LIST, "px", _PICTURE, "4: x, y, w, h", "face: hairline to chin, ear to ear; amodal, not cut at the edge"),
    "bbox_head": Column(_LIST, "px", _PICTURE, "4: x, y, w, h", "skull, face and ears without hair and neck; amodal"),
    "landmarks_5": Column(
        _LIST, "px", _PICTURE, "10: x0, y0, ...", "right pupil, left pupil, nose tip, right and left mouth corner"
    ),
    "landmarks_5_visible": Column(_FLAGS, "", "", "5", "not hidden and inside the picture"),
    "landmarks_68": Column(_LIST, "px", _PICTURE, "136: x0, y0, ...", "iBUG-68, true projection of points on the head"),
    "landmarks_68_visible": Column(_FLAGS, "", "", "68", "not hidden and inside the picture"),
    "landmarks_68_head_m": Column(_LIST, "m", "head", "204: x0, y0, z0, ...", "the same points in three dimensions"),
    "landmarks_68_camera_m": Column(
        _LIST, "m", "camera, OpenGL axes", "204: x0, y0, z0, ...", "the same points in three dimensions"
    ),
    "inter_eye_px": Column(_NUM, "px", "", ">= 0", "between the middles of the eye corners"),
    "eye_opening": Column(_NUM, "", "", ">= 0", "lid distance of the smaller eye over the eyes-to-chin distance"),
    "mouth_opening": Column(_NUM, "", "", ">= 0", "inner lip distance over the eyes-to-chin distance"),
}
_QUALITY = {
    f"ofiq_{name}": Column(_INT, "score", "", "0..100", f"ISO/IEC 29794-5, source: {source}")
    for names, source in ((GROUND_TRUTH, "ground_truth"), (PIXELS, "pixels"))
    for name in names
}
SCHEMA: dict[str, Column] = {
    **_WHO, **_WHAT, **CAPTURE, **_WHERE, **_QUALITY,
    "sample": Column(_STR, "", "", "JSON", "the whole SampleSpec: the image can be rendered again from it"),
}  # fmt: skip
"""Column name -> declaration, in the order of the file."""


def arrow_schema() -> pa.Schema:
    """Return the schema of labels.parquet."""
    import pyarrow as pa  # here, so that workers, which write no table, do not load it

    simple = {"string": pa.string(), "int32": pa.int32(), "double": pa.float64(), "float": pa.float32(), "bool": pa.bool_()}
    kinds = {**simple, **{f"list<{name}>": pa.list_(kind) for name, kind in simple.items()}}
    return pa.schema([pa.field(name, kinds[column.type]) for name, column in SCHEMA.items()])


def late_columns() -> tuple[str, ...]:
    """Return the columns that the dataset writer fills in."""
    return tuple(name for name, column in SCHEMA.items() if column.late)


def markdown_table() -> str:
    """Return the table of docs/labels.md."""
    rows = ["| column | type | unit | frame | range | meaning |", "|---|---|---|---|---|---|"]
    rows += [f"| `{name}` | {c.type} | {c.unit} | {c.frame} | {c.range} | {c.text} |" for name, c in SCHEMA.items()]
    return "\n".join(rows)


def updated_page(page: str) -> str:
    """Return the text of docs/labels.md with its table brought up to date."""
    head, rest = page.split(START, 1)
    return f"{head}{START}\n{markdown_table()}\n{END}{rest.split(END, 1)[1]}"


if __name__ == "__main__":
    _path = Path(sys.argv[1])
    _path.write_text(updated_page(_path.read_text()))
