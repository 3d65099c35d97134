"""The head's pose, the camera and what its lens and shutter did."""

from facegen.annotate.columns import DOUBLES, NUM, STR, Column

SHOT = {
    "yaw_deg": Column(NUM, "deg", "camera axes", "-180..180", "> 0: turned to the person's own left"),
    "pitch_deg": Column(NUM, "deg", "camera axes", "-90..90", "> 0: looking down"),
    "roll_deg": Column(NUM, "deg", "camera axes", "-180..180", "> 0: leaning to the person's own right shoulder"),
    "view_yaw_deg": Column(NUM, "deg", "line of sight", "-90..90", "yaw measured from the line from the face to the camera"),
    "view_pitch_deg": Column(NUM, "deg", "line of sight", "-180..180", "pitch measured from that line"),
    "head_to_camera": Column(DOUBLES, "m", "head -> camera", "16, row-major", "rigid transform of points, OpenGL axes"),
    "head_rvec": Column(
        DOUBLES,
        "rad",
        "head -> camera, OpenCV axes",
        "3, length <= pi",
        "rotation vector, as cv2.solvePnP returns it for head points",
    ),
    "head_tvec_m": Column(
        DOUBLES, "m", "head -> camera, OpenCV axes", "3", "translation of the same: where the head frame's origin is"
    ),
    "head_quaternion": Column(
        DOUBLES, "", "head -> camera, OpenGL axes", "4: w, x, y, z; unit, w >= 0", "rotation of head_to_camera"
    ),
    "K": Column(
        DOUBLES,
        "px",
        "OpenCV axes",
        "9, row-major",
        "intrinsics, of the lens before distortion; the principal point may lie outside the picture",
    ),
    "focal_mm": Column(NUM, "mm", "", "> 0", "focal length for a 24 mm high frame"),
    "distance_m": Column(NUM, "m", "", "> 0", "from camera to face along the optical axis"),
    "camera": Column(STR, "", "", "", "camera profile"),
    "distortion": Column(
        DOUBLES, "", "OpenCV axes, normalised", "5: k1, k2, p1, p2, k3", "Brown-Conrady, OpenCV's order; every label follows it"
    ),
    "f_number": Column(NUM, "", "", ">= 0", "aperture; 0: a pinhole, sharp everywhere"),
    "sensor_crop": Column(NUM, "", "", "> 0", "24 mm over the height of sensor that the picture covers"),
    "focus_m": Column(NUM, "m", "", "> 0", "distance along the axis that is in focus"),
    "defocus_px": Column(NUM, "px", "", ">= 0", "diameter of the blur disc at the eyes"),
    "defocus_face_px": Column(NUM, "px", "", ">= 0", "the largest of the 68 points"),
    "motion_px": Column(NUM, "px", "", ">= 0", "length of the smear while the shutter was open: mean way of the 68 points"),
    "motion_face_px": Column(NUM, "px", "", ">= 0", "the longest of the 68 points"),
    "camera_tilt_deg": Column(NUM, "deg", "gravity", "-90..90", "> 0: the camera looks down"),
    "camera_roll_deg": Column(NUM, "deg", "gravity", "-180..180", "> 0: turned counter-clockwise as its holder sees it"),
    "camera_height_m": Column(NUM, "m", "gravity", "", "of the lens over the middle of the eyes"),
    "vignette": Column(NUM, "", "", "0..1", "light lost at half the picture's diagonal from the lens's axis"),
    "flare": Column(NUM, "", "", "0..1", "share of each light strewn around it"),
    "veil": Column(NUM, "", "", "0..1", "share of the mean light that lies over all of the picture"),
    "ca_red": Column(NUM, "", "", "", "lateral chromatic aberration: magnification of red less 1; green stays"),
    "ca_blue": Column(NUM, "", "", "", "of blue"),
    "ca_axial": Column(NUM, "", "", ">= 0", "axial: disc of red and blue where green is sharp, share of the height"),
    "readout_s": Column(NUM, "s", "", ">= 0", "rolling shutter, first to last row; 0: global"),
}
