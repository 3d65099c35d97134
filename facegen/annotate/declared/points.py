"""Landmarks, and lengths measured on them."""

from facegen.annotate.columns import FLAGS, FLOATS, NUM, PICTURE, Column

_SEEN = "not hidden and inside the picture"
POINTS = {
    "landmarks_5": Column(
        FLOATS, "px", PICTURE, "10: x0, y0, ...", "right pupil, left pupil, nose tip, right and left mouth corner"
    ),
    "landmarks_5_visible": Column(FLAGS, "", "", "5", "not hidden and inside the picture"),
    "landmarks_68": Column(FLOATS, "px", PICTURE, "136: x0, y0, ...", "iBUG-68, true projection of points on the head"),
    "landmarks_68_visible": Column(FLAGS, "", "", "68", "not hidden and inside the picture"),
    "landmarks_68_head_m": Column(FLOATS, "m", "head", "204: x0, y0, z0, ...", "the same points in three dimensions"),
    "landmarks_68_camera_m": Column(
        FLOATS, "m", "camera, OpenGL axes", "204: x0, y0, z0, ...", "the same points in three dimensions"
    ),
    "landmarks_70": Column(
        FLOATS,
        "px",
        PICTURE,
        "140: x0, y0, ...",
        "landmarks_68, then the person's right and left pupil, as Face Synthetics counts 70",
    ),
    "landmarks_70_visible": Column(FLAGS, "", "", "70", _SEEN),
    "pupils_head_m": Column(
        FLOATS, "m", "head", "6", "right and left pupil in three dimensions: where the optical axes leave the eyeballs"
    ),
    "pupils_camera_m": Column(FLOATS, "m", "camera, OpenGL axes", "6", "the same"),
    "jaw_contour": Column(
        FLOATS,
        "px",
        PICTURE,
        "34: x0, y0, ...",
        "points 0-16 slid to the outline of jaw and cheek, as hand-marked sets have them; before landmarks_68[34:]: modal 68",
    ),
    "jaw_contour_visible": Column(FLAGS, "", "", "17", _SEEN),
    "jaw_contour_head_m": Column(FLOATS, "m", "head", "51", "the same points in three dimensions"),
    "jaw_contour_camera_m": Column(FLOATS, "m", "camera, OpenGL axes", "51", "the same points in three dimensions"),
    "inter_eye_px": Column(NUM, "px", "", ">= 0", "between the middles of the eye corners"),
    "eye_opening": Column(NUM, "", "", ">= 0", "lid distance of the smaller eye over the eyes-to-chin distance"),
    "mouth_opening": Column(NUM, "", "", ">= 0", "inner lip distance over the eyes-to-chin distance"),
}
