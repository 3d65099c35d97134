"""What is hidden, how much of the picture each region takes, and boxes."""

from facegen.annotate.columns import FLOATS, NUM, PICTURE, Column
from facegen.scene import REGIONS

PLACE = {
    "occluded_fraction": Column(NUM, "", "", "0..1", "share of the visible-side face area hidden by hair, worn or held things"),
    **{
        f"occluded_by_{name}": Column(NUM, "", "", "0..1", f"part of occluded_fraction that is {name}")
        for name in ("hair", "clothing", "glasses", "headwear", "facewear", "hand", "object")
    },
    **{
        f"region_share_{name}": Column(NUM, "", "", "0..1", f"share of the picture whose region is {name.replace('_', ' ')}")
        for name in REGIONS
        if name != "ignore"
    },
    "face_in_frame": Column(NUM, "", "", "0..1", "share of the face area turned to the camera that is inside the picture"),
    "bbox": Column(FLOATS, "px", PICTURE, "4: x, y, w, h", "face: hairline to chin, ear to ear; amodal, not cut at the edge"),
    "bbox_head": Column(FLOATS, "px", PICTURE, "4: x, y, w, h", "skull, face and ears without hair and neck; amodal"),
    "bbox_visible": Column(
        FLOATS,
        "px",
        PICTURE,
        "4: x, y, w, h",
        "modal: around the pixels of the face that show (skin in bbox, nose, eyes, brows, mouth, beard); null where none does",
    ),
    "bbox_hair": Column(FLOATS, "px", PICTURE, "4: x, y, w, h", "modal: around the pixels of hair; null where none shows"),
    "bbox_person": Column(
        FLOATS,
        "px",
        PICTURE,
        "4: x, y, w, h",
        "modal: around everything of the person that the picture shows, worn and held things too; null where nothing shows",
    ),
}
