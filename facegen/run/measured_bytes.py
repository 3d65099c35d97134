"""Means that the forecast is made from: bytes at SIZES pixels, bytes a row. By `python benchmarks/bytes.py --samples 6`."""

SIZES = (128, 256, 512)
BYTES = {
    "albedo": [10710, 33842, 116078],
    "aligned": [15750, 19272, 20100],
    "clean": [21442, 71282, 230109],
    "crops_ffhq": [54697, 69289, 83410],
    "crops_loose": [16613, 19594, 19846],
    "depth": [9819, 28130, 83985],
    "depth_exr": [30920, 115986, 424858],
    "hair_alpha": [2894, 4630, 12610],
    "images.jpg": [5206, 14090, 45020],
    "images.png": [21015, 70204, 242335],
    "masks": [1904, 3508, 7742],
    "masks_skin": [1676, 2667, 4899],
    "masks_under": [1894, 3480, 7662],
    "mesh.glb": [1450911, 1450911, 1450911],
    "mesh.glb.hair": [3160686, 3160686, 3160686],
    "mesh.ply": [1423974, 1423974, 1423974],
    "mesh.ply.hair": [2924793, 2924793, 2924793],
    "normals": [41696, 154594, 564934],
    "parts": [2090, 4204, 9865],
    "points.478": [14417, 14417, 14417],
    "points.478+dense": [552609, 552609, 552609],
    "points.dense": [538214, 538214, 538214],
    "uv": [11228, 36325, 119405],
}
LABEL_ROW = 6000
STATE_ROW = 8982
PERSON_ROW = 1811
SITTING_ROW = 1088
