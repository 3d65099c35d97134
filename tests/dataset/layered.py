"""A dataset with every layer, without a renderer: the fake studio's, and files of known contents beside its photographs."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from pathlib import Path

import numpy as np
import trimesh

from facegen.dataset import layout, provenance
from facegen.dataset.layers import LAYERS
from facegen.dataset.read import Dataset
from facegen.sensor.codec import encode_png
from facegen.sensor.exr import encode_exr

SIZE = 64
TILT = np.array([0.6, 0.0, 0.8])


def ramp() -> np.ndarray:
    """Depth of a plane, m: 0 (background) in the first column, then 0.5 m and 1 mm more each column."""
    depth = np.tile(0.5 + 0.001 * np.arange(SIZE), (SIZE, 1))
    depth[:, 0] = 0
    return depth


def stored(folder: str, number: int) -> bytes:
    """Return the file of a layer of image `number`, as the studio stores it, without provenance."""
    rng = np.random.default_rng(number)
    ids = np.full((SIZE, SIZE), number + 1, np.uint8)
    if folder in ("masks", "masks_under", "masks_skin", "parts"):
        return encode_png(ids)
    if folder == "depth":
        return encode_png(np.round(ramp() / 1e-4).astype(np.uint16))
    if folder == "depth_exr":
        return encode_exr(ramp().astype(np.float32))
    if folder == "normals":
        normals = np.zeros((SIZE, SIZE, 3))
        normals[:, 1:] = TILT
        return encode_png(np.round((normals + 1) * 32767.5).astype(np.uint16))
    if folder == "uv":
        uv = np.zeros((SIZE, SIZE, 3), np.uint16)
        uv[:, 1:, 0], uv[:, 1:, 1] = 1, 65535
        return encode_png(uv)
    if folder == "mesh":
        return bytes(trimesh.creation.box().export(file_type="ply"))
    if folder == "points":
        sink = io.BytesIO()
        np.savez(sink, dense_px=np.arange(6.0).reshape(3, 2) + number)
        return sink.getvalue()
    side = {"aligned": 112, "crops_ffhq": 96, "crops_loose": 80}.get(folder, SIZE)
    return encode_png(rng.integers(0, 256, (side, side, 3), np.uint8))


def suffix(folder: str) -> str:
    return LAYERS[folder].suffixes[0]


def complete(plain: Path, out: Path) -> Path:
    """Copy the dataset `plain` to `out` and give it every layer."""
    shutil.copytree(plain, out)
    data = Dataset.open(out)
    for number, face in enumerate(data):
        files = {}
        for folder in LAYERS:
            if folder != layout.IMAGES:
                files[f"{folder}/{face.labels['identity_id']}/{face.image_id}.{suffix(folder)}"] = stored(folder, number)
        for name, content in provenance.marked(files, face.sample).items():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(content)
    manifest = json.loads((out / layout.MANIFEST).read_text())
    manifest["files"] |= {folder: {"count": len(data), "sha256": ""} for folder in LAYERS if folder != layout.IMAGES}
    (out / layout.MANIFEST).write_text(json.dumps(manifest))
    seal(out)
    return out


def seal(out: Path) -> None:
    """Write SHA256SUMS anew: what is there is what was meant."""
    names = sorted(p for p in out.rglob("*") if p.is_file() and p.name not in (layout.CHECKSUMS, layout.MANIFEST))
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(out).as_posix()}\n" for p in names]
    (out / layout.CHECKSUMS).write_text("".join(lines))
