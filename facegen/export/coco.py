"""COCO: keypoints and masks as JSON, one file of faces and, where the dataset has region maps, one of regions, for each part.

Masks are run-length codes as pycocotools writes them: column by column, the first run zeros, every run from the third on as the
difference to the run two before, five bits a character.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.dataset.provenance import LICENCE
from facegen.export.job import Job
from facegen.export.record import box, inside, points68
from facegen.export.selection import Row
from facegen.scene import REGIONS
from facegen.sensor.codec import decode_exact

FACE_REGIONS = (
    *range(REGIONS["skin"], REGIONS["left_brow"] + 1),
    *(REGIONS[n] for n in ("mouth_interior", "top_lip", "bottom_lip", "beard")),
)
"""What the mask of a face holds: the face without ears, neck and whatever covers it."""
NO_REGIONS = ("background", "ignore")
VISIBLE, HIDDEN, OUTSIDE = 2, 1, 0
LINES = ((0, 16), (17, 21), (22, 26), (27, 30), (31, 35))
LOOPS = ((36, 41), (42, 47), (48, 59), (60, 67))


def write(job: Job) -> None:
    """Write images/PART/IMAGE.jpg, annotations/keypoints_PART.json and, with region maps, annotations/regions_PART.json."""
    masks = job.source.has("masks")
    for part, rows in job.parts.items():
        images: list[dict[str, Any]] = []
        faces: list[dict[str, Any]] = []
        regions: list[dict[str, Any]] = []
        for number, row in enumerate(rows, start=1):
            picture = job.take(row)
            name = f"{row['image_id']}.{picture.suffix}"
            job.target.write(f"images/{part}/{name}", picture.data)
            size = {"width": picture.size, "height": picture.size}
            images.append({"id": number, "file_name": name, **size, "license": 1, "identity_id": row["identity_id"]})
            ids = decode_exact(job.pictures.layer("masks", row)[1]) if masks else None
            faces.append(_face(job, row, number, picture.size, ids))
            if ids is not None:
                regions += _regions(ids, len(regions) + 1, number)
        _write(job, f"keypoints_{part}", images, faces, [_face_category()])
        if masks:
            names = {word: n for word, n in REGIONS.items() if word not in NO_REGIONS}
            categories = [{"id": n, "name": word, "supercategory": "region"} for word, n in names.items()]
            _write(job, f"regions_{part}", images, regions, categories)
    job.facts.update(masks=masks)


def _write(job: Job, name: str, images: list[Any], annotations: list[Any], categories: list[Any]) -> None:
    manifest = job.source.manifest
    info = {"description": manifest["name"], "version": manifest["versions"]["facegen"], "date_created": manifest["date"]}
    licence = {"id": 1, "name": LICENCE, "url": "https://creativecommons.org/publicdomain/zero/1.0/"}
    whole = {"info": info, "licenses": [licence], "images": images, "annotations": annotations, "categories": categories}
    job.target.write(f"annotations/{name}.json", (json.dumps(whole, allow_nan=False) + "\n").encode())


def _face_category() -> dict[str, Any]:
    lines = [(k, k + 1) for low, high in (*LINES, *LOOPS) for k in range(low, high)] + [(high, low) for low, high in LOOPS]
    skeleton = [[a + 1, b + 1] for a, b in sorted(lines)]
    names = [f"ibug_{k}" for k in range(68)]
    return {"id": 1, "name": "face", "supercategory": "person", "keypoints": names, "skeleton": skeleton}


def _face(job: Job, row: Row, number: int, size: int, ids: NDArray[Any] | None) -> dict[str, Any]:
    """Return the annotation of a face; its box is cut to the picture, `bbox_amodal` is not."""
    points = points68(row, job.pictures)
    within = inside(points, size)
    flag = np.where(within, np.where(np.asarray(row["landmarks_68_visible"], bool), VISIBLE, HIDDEN), OUTSIDE)
    at = np.where(within[:, None], np.round(points - 0.5, 3), 0.0)
    x, y, w, h = amodal = box(row, job.pictures)
    low, high = np.clip([x, y], 0, size), np.clip([x + w, y + h], 0, size)
    cut = [*low.tolist(), *(high - low).tolist()]
    face = {
        "id": number,
        "image_id": number,
        "category_id": 1,
        "iscrowd": 0,
        "keypoints": [v for (a, b), k in zip(at.tolist(), flag.tolist(), strict=True) for v in (a, b, k)],
        "num_keypoints": int((flag > OUTSIDE).sum()),
        "bbox": [round(v, 3) for v in cut],
        "bbox_amodal": [round(v, 3) for v in amodal],
        "area": round(cut[2] * cut[3], 3),
    }
    if ids is None:
        return face
    mask = np.isin(ids, FACE_REGIONS)
    return {**face, "segmentation": rle(mask), "area": int(mask.sum())}


def _regions(ids: NDArray[Any], number: int, image: int) -> list[dict[str, Any]]:
    """Return an annotation for each region of a map, numbered from `number`."""
    present = [int(v) for v in np.unique(ids) if v not in [REGIONS[word] for word in NO_REGIONS]]
    return [_region(ids == region, region, number + k, image) for k, region in enumerate(present)]


def _region(mask: NDArray[np.bool_], category: int, number: int, image: int) -> dict[str, Any]:
    rows, columns = np.nonzero(mask)
    x, y = int(columns.min()), int(rows.min())
    bbox = [x, y, int(columns.max()) + 1 - x, int(rows.max()) + 1 - y]
    area = int(mask.sum())
    who = {"id": number, "image_id": image, "category_id": category, "iscrowd": 0}
    return {**who, "bbox": bbox, "area": area, "segmentation": rle(mask)}


def rle(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """Return COCO's compressed run-length code of a (H, W) mask."""
    flat = np.concatenate([[False], mask.ravel(order="F"), [not mask[-1, -1]]])
    ends = np.flatnonzero(flat[1:] != flat[:-1])
    runs = np.diff(ends, prepend=0).tolist()
    return {"size": list(mask.shape), "counts": "".join(_characters(n - runs[k - 2] if k > 2 else n) for k, n in enumerate(runs))}


def _characters(number: int) -> str:
    """Return a whole number, five bits a character, low bits first; bit 5: more follow, bit 4 of the last: the sign."""
    out = ""
    while True:
        bits, number = number & 0x1F, number >> 5
        more = number != (-1 if bits & 0x10 else 0)
        out += chr(48 + (bits | (0x20 if more else 0)))
        if not more:
            return out
