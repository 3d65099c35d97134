"""Where the eyes are and where they look."""

from facegen.annotate.columns import DOUBLES, NUM, Column

EYES = {
    "gaze_yaw_deg": Column(NUM, "deg", "head", "", "from the middle of the eyes, > 0 to the person's own left"),
    "gaze_pitch_deg": Column(NUM, "deg", "head", "", "from the middle of the eyes, > 0 down"),
    "gaze_distance_m": Column(NUM, "m", "", "", "how far away both eyes meet"),
    "gaze_head": Column(
        DOUBLES,
        "",
        "head",
        "9, unit vectors",
        "optical axes of right and left eye, then the line of sight from between the eyes to what both meet in",
    ),
    "gaze_camera": Column(
        DOUBLES, "", "camera, OpenGL axes", "9, unit vectors", "the same three; (0, 0, 1) looks back along the optical axis"
    ),
    "eye_centers_head_m": Column(DOUBLES, "m", "head", "6", "middles of the right and left eyeball, about which they turn"),
    "eye_centers_camera_m": Column(DOUBLES, "m", "camera, OpenGL axes", "6", "the same"),
    "eye_rvecs_head": Column(
        DOUBLES,
        "rad",
        "eye -> head",
        "6",
        "rotation vectors of right and left eye; Z of the eye frame is its optical axis, no turn looks straight out of the face",
    ),
    "eye_rvecs_camera": Column(DOUBLES, "rad", "eye -> camera, OpenGL axes", "6", "the same after the head's turn"),
    "eye_radius_m": Column(DOUBLES, "m", "", "2", "of the right and left eyeball"),
    "iris_radius_m": Column(NUM, "m", "", "> 0", "of both irises"),
    "pupil_diameter_m": Column(NUM, "m", "", "> 0", "of both pupils, as drawn: it answers to age and light"),
}
