"""Means that the forecast is made from: bytes at SIZES pixels, bytes a row. By `python benchmarks/bytes.py --samples 8`."""

SIZES = (128, 256, 512)
BYTES = {
    "albedo": [9300, 28586, 102548],
    "aligned": [15408, 18778, 19887],
    "clean": [20987, 69388, 222801],
    "crops_ffhq": [52998, 66342, 79956],
    "crops_loose": [16253, 19163, 19667],
    "depth": [9437, 26423, 76844],
    "depth_exr": [29836, 112317, 413739],
    "hair_alpha": [2519, 3903, 10274],
    "images.jpg": [4980, 13199, 41917],
    "images.png": [20360, 67285, 231183],
    "masks": [1846, 3312, 7050],
    "masks_skin": [1652, 2627, 4780],
    "masks_under": [1825, 3262, 6925],
    "mesh.glb": [1476509, 1476509, 1476509],
    "mesh.glb.hair": [3116082, 3116082, 3116082],
    "mesh.ply": [1449034, 1449034, 1449034],
    "mesh.ply.hair": [2890482, 2890482, 2890482],
    "normals": [39934, 147209, 534301],
    "parts": [2008, 3900, 8862],
    "points.478": [14511, 14511, 14511],
    "points.478+dense": [554379, 554379, 554379],
    "points.dense": [539890, 539890, 539890],
    "uv": [10494, 33775, 110948],
}
LABEL_ROW = 8713
STATE_ROW = 8367
PERSON_ROW = 1638
SITTING_ROW = 864
