"""The head-only UV chart: most texels to the face, the rest of the skin small around it; and drawing into it.

The basis' atlas gives the head 18% of its area. Its head island is turned upright and stretched around the face by smooth
monotonic maps; throat, shoulders and eye sockets go to a strip below it. Seams stay where the atlas has them: at the back of
the head, at the neck, inside the mouth and on the inner lid rims.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.sparse.csgraph import connected_components

from facegen.head.topology import Part

STRIP = 0.13
"""Height of the strip below the head island."""
HEAD_CENTER = (0.4835, 0.858)
"""Middle of the face in the atlas: (v, u), the island lies on its side."""


def islands(uv_faces: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the island number (F,) of faces given by atlas indices (F, 4); 0 is the largest island."""
    ends = np.stack([uv_faces, np.roll(uv_faces, -1, axis=1)], axis=2).reshape(-1, 2)
    graph = sp.coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    names, where, sizes = np.unique(label[uv_faces[:, 0]], return_inverse=True, return_counts=True)
    rank = np.empty(len(names), dtype=np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(names))
    return rank[where]


def chart(corner_uv: NDArray[np.float64], island: NDArray[np.int64]) -> NDArray[np.float64]:
    """Map atlas corners (F, 4, 2) to the chart in [0, 1]^2; `island` (F,) from `islands`."""
    out = np.empty_like(corner_uv)
    head = island == 0
    out[head] = _stretch(corner_uv[head])
    # left edge, width inside the strip, in order of island size: shoulders, throat and mouth, sockets
    slots = ((0.01, 0.55), (0.58, 0.22), (0.82, 0.08), (0.91, 0.08))
    for number, (left, width) in enumerate(slots, start=1):
        part = island == number
        if part.any():
            out[part] = _fit(corner_uv[part], (left, 0.008, left + width, STRIP - 0.012))
    return out


def _stretch(uv: NDArray[np.float64]) -> NDArray[np.float64]:
    across = uv[..., 1] - HEAD_CENTER[0]
    up = HEAD_CENTER[1] - uv[..., 0]
    side = 0.5 + 0.49 * _spread(across / 0.336, 3.4)
    low, high = HEAD_CENTER[1] - 0.9945, HEAD_CENTER[1] - 0.6405
    height = _spread(np.stack([up, np.full_like(up, low), np.full_like(up, high)]) / 0.2, 2.4)
    return np.stack([side, STRIP + (0.995 - STRIP) * (height[0] - height[1]) / (height[2] - height[1])], axis=-1)


def _spread(x: NDArray[np.float64], gain: float) -> NDArray[np.float64]:
    """Odd and monotonic, 1 at 1, steeper near 0 by about `gain`."""
    return np.arctan(gain * x) / np.arctan(gain)


def _fit(uv: NDArray[np.float64], box: tuple[float, float, float, float]) -> NDArray[np.float64]:
    low, high = uv.reshape(-1, 2).min(0), uv.reshape(-1, 2).max(0)
    scale = min((box[2] - box[0]) / (high[0] - low[0]), (box[3] - box[1]) / (high[1] - low[1]))
    return (uv - low) * scale + np.array([box[0], box[1]])


def texel_map(uv: NDArray[np.float32], faces: NDArray[np.int32], size: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return for each texel of a `size` chart the face under it (size, size), -1 outside, and its barycentrics (size, size, 3).

    Row 0 is at v = 0; texel centres lie at (i + 0.5) / size.
    """
    face_at = np.full((size, size), -1, dtype=np.int32)
    bary = np.zeros((size, size, 3), dtype=np.float32)
    corners = uv[faces].astype(np.float64) * size - 0.5
    low = np.clip(np.ceil(corners.min(1) - 1e-6).astype(int), 0, size - 1)
    extent = np.clip(np.floor(corners.max(1) + 1e-6).astype(int), 0, size - 1) - low + 1
    a, ab, ac = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    live = (np.abs(area) > 1e-12) & (extent > 0).all(1)
    cells = np.where(live, extent[:, 0] * extent[:, 1], 0)
    face = np.repeat(np.arange(len(faces)), cells)
    step = np.arange(cells.sum()) - np.repeat(np.cumsum(cells) - cells, cells)
    column = low[face, 0] + step % extent[face, 0]
    row = low[face, 1] + step // extent[face, 0]
    delta = np.stack([column, row], 1) - a[face]
    second = (delta[:, 0] * ac[face, 1] - delta[:, 1] * ac[face, 0]) / area[face]
    third = (ab[face, 0] * delta[:, 1] - ab[face, 1] * delta[:, 0]) / area[face]
    weights = np.stack([1 - second - third, second, third], 1)
    inside = weights.min(1) > -1e-4
    face_at[row[inside], column[inside]] = face[inside]
    bary[row[inside], column[inside]] = weights[inside]
    return face_at, bary


def fill_gutters(image: NDArray[np.float32], covered: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Give every texel outside the chart the value of the nearest one inside."""
    _, (rows, columns) = distance_transform_edt(~covered, return_indices=True)
    return image[rows, columns]


def draw(values: NDArray[np.float32], face_at: NDArray[np.int32], bary: NDArray[np.float32],
         faces: NDArray[np.int32]) -> NDArray[np.float32]:  # fmt: skip
    """Interpolate vertex values (R, C) over a texel map; gutters filled."""
    covered = face_at >= 0
    out = np.zeros((*face_at.shape, values.shape[1]), dtype=np.float32)
    corner = values[faces[face_at[covered]]]
    out[covered] = np.einsum("nkc,nk->nc", corner, bary[covered], dtype=np.float32)
    return fill_gutters(out, covered)


def rasterise(part: Part, values: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Draw mesh-vertex values (V, C) of `part` into its chart: (size, size, C) float32, row 0 at v = 0, gutters filled."""
    face_at, bary = texel_map(part.uv, part.faces, size)
    return draw(np.ascontiguousarray(values[part.index], dtype=np.float32), face_at, bary, part.faces)
