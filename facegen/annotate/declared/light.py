"""Light, background and exposure."""

from facegen.annotate.columns import DOUBLES, FLAGS, NUM, STR, Column

LIGHT = {
    "light": Column(STR, "", "", "", "place the light comes from; its numbers are in sample"),
    "light_class": Column(
        STR,
        "",
        "",
        "studio, indoor, outdoor, night, file, other",
        "class of that place; file: a user's panorama; other: a place that this version does not know",
    ),
    "light_sh": Column(
        DOUBLES,
        "radiance",
        "camera, OpenGL axes",
        "48: 16 x 3, row by row",
        "surroundings without the keys: real spherical harmonics, bands 0-3, linear RGB; 1 all round lights a white card to 1",
    ),
    "key_directions": Column(
        DOUBLES, "", "camera, OpenGL axes", "3 a key, 0 to 4 keys", "unit vectors from the face to the compact lights"
    ),
    "key_colors": Column(
        DOUBLES, "irradiance", "", "3 a key", "linear RGB on a surface that faces the key; pi is a white card's exposure"
    ),
    "key_sizes_deg": Column(DOUBLES, "deg", "", "1 a key", "angular diameters"),
    "key_distances_m": Column(DOUBLES, "m", "", "1 a key", "from the face; 0: far away"),
    "key_pulsed": Column(FLAGS, "", "", "1 a key", "a flash"),
    "illuminance_lux": Column(NUM, "lx", "", "> 0", "on the face's front, mean over what the camera sees of it"),
    "light_contrast": Column(
        NUM, "", "camera axes", ">= 1", "luminous irradiance of the lit over the shaded of normals 50 deg to each side"
    ),
    "metering": Column(STR, "", "", "person, centre, average, face", "what the camera read its exposure from"),
    "environment_file": Column(STR, "", "", "", "user's panorama; '' without"),
    "background": Column(STR, "", "", "", "kind of background"),
    "background_distance_m": Column(NUM, "m", "", "> 0", "behind the face, as the lens defocuses it"),
    "background_file": Column(STR, "", "", "", "user's picture; '' without"),
    "exposure_gain": Column(NUM, "", "", "> 0", "automatic exposure times 2 ** exposure_ev; null when not given to annotate()"),
}
