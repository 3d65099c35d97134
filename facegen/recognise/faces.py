"""Pictures that are not aligned, made ArcFace crops: the face is found by MediaPipe's mesh, and no failure is passed over.

A mesh means other points than the detectors that public crops were aligned with. In such crops the mesh's eye-corner means, nose
tip and mouth corners fall, by median, at TARGET (docs/recognition.md, "Protocol"); a picture is moved so that they do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.errors import DataError, RequestError, did_you_mean
from facegen.geometry import align
from facegen.recognise.mesh import face_mesh
from facegen.recognise.protocol import Comparisons, Ids, Pixels, Protocol, Search

CONFIDENCE = 0.2
"""Of MediaPipe's detection: a set shows one face a picture, and one that is missed costs more than one that is doubted."""
PAD = 0.25
"""Of each side, put around a picture before the mesh is sought: the detector finds none in a face that fills the frame."""
EYES = ((33, 133), (362, 263))
"""Outer and inner corner of the person's right eye, inner and outer of the left."""
NOSE_TIP, MOUTH = 4, (61, 291)
TARGET: NDArray[np.float64] = np.array([(38.0, 53.3), (74.0, 53.2), (55.7, 73.0), (41.4, 90.5), (71.4, 90.3)])
"""Where the five points of a mesh lie in a 112 px crop, base of the pixel's middle (medians over 285 pictures)."""
TARGET.setflags(write=False)
MISSING = ("centre", "reject")
SHOWN = 5
"""Failures that a note names; the document lists all."""


@dataclass(frozen=True)
class Found:
    """`protocol` of crops; `failed`: names of the pictures in which no face was found (failures to acquire, ISO/IEC 19795-1), and
    `missing`: what was done with them."""

    protocol: Protocol
    failed: tuple[str, ...]
    pictures: int
    missing: str

    def told(self) -> dict[str, Any]:
        """Return what a document says of it."""
        return {"k": len(self.failed), "n": self.pictures, "missing": self.missing, "names": list(self.failed)}


def found(protocol: Protocol, missing: str = "centre", progress: Callable[[int, int], None] = lambda done, total: None) -> Found:
    """Return the protocol with every picture an ArcFace crop (112, 112, 3).

    Where no face is found the picture's centre square is taken (`centre`), or the picture is left out (`reject`), and with it
    templates without another and their comparisons. Raises RequestError for another word, DataError where nothing is left.
    """
    check(missing)
    matrices: list[NDArray[np.float64] | None] = []
    with face_mesh(CONFIDENCE) as look:
        for at in range(len(protocol.names)):
            matrices.append(_matrix(protocol.picture(at), look))
            progress(at + 1, len(protocol.names))
    lost = [at for at, matrix in enumerate(matrices) if matrix is None]

    def picture(at: int) -> Pixels:
        image, matrix = protocol.picture(at), matrices[at]
        return align.warp(image, centre_matrix(image) if matrix is None else matrix, align.ARCFACE_SIZE)

    crops = replace(protocol, picture=picture, aligned=True)
    names = tuple(protocol.names[at] for at in lost)
    if not lost:
        return Found(crops, names, len(matrices), missing)
    does = "their centre is taken" if missing == "centre" else "they are left out, and comparisons with them"
    more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
    note = f"no face found in {len(lost)} of {len(matrices)} pictures; {does}: {', '.join(names[:SHOWN])}{more}"
    crops = replace(crops, notes=(*crops.notes, note))
    if missing == "reject":
        crops = without(crops, np.array(lost))
    return Found(crops, names, len(matrices), missing)


def check(missing: str) -> None:
    """Raise RequestError for what cannot be done where no face is found."""
    if missing not in MISSING:
        raise RequestError(f"--missing {did_you_mean(missing, MISSING)}")


def mesh_matrix(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (2, 3) matrix to the crop of a mesh (468, 2), label pixels."""
    right, left = (points[list(pair)].mean(axis=0) for pair in EYES)
    five = np.array([right, left, points[NOSE_TIP], points[MOUTH[0]], points[MOUTH[1]]])
    return align.similarity(align.to_centre(five), TARGET)


def centre_matrix(image: Pixels) -> NDArray[np.float64]:
    """Return the (2, 3) matrix to the crop of the largest square in a picture's middle."""
    height, width = image.shape[:2]
    side = min(height, width)
    return align.loose_matrix(((width - side) / 2, (height - side) / 2, side, side), align.ARCFACE_SIZE, 1.0)


def _matrix(image: Pixels, look: Callable[[Pixels], NDArray[np.float64] | None]) -> NDArray[np.float64] | None:
    pad = round(PAD * max(image.shape[:2]))
    points = look(np.asarray(cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_REPLICATE), np.uint8))
    if points is None:
        return None
    matrix = mesh_matrix(points - pad)
    return matrix if np.isfinite(matrix).all() and np.linalg.det(matrix[:, :2]) > 0 else None


def without(protocol: Protocol, lost: Ids) -> Protocol:
    """Return the protocol less the pictures `lost`, the templates that they leave empty, and what was asked of those."""
    kept = np.setdiff1d(np.arange(len(protocol.names)), lost)
    templates = np.unique(protocol.template[kept])
    if not len(templates):
        raise DataError(f"'{protocol.name}': no face was found in any picture; take --missing centre, or look at the pictures")
    new = np.full(protocol.templates, -1)
    new[templates] = np.arange(len(templates))
    before, keep = protocol.picture, kept.tolist()
    return replace(
        protocol,
        names=[protocol.names[at] for at in keep],
        picture=lambda at: before(keep[at]),
        template=new[protocol.template[kept]],
        media=None if protocol.media is None else protocol.media[kept],
        subjects=None if protocol.subjects is None else protocol.subjects[templates],
        groups={name: words[templates] for name, words in protocol.groups.items()},
        comparisons=None if protocol.comparisons is None else _compared(protocol.comparisons, new),
        searches=tuple(one for one in (_searched(search, new) for search in protocol.searches) if one is not None),
    )


def _compared(asked: Comparisons, new: Ids) -> Comparisons:
    first, second = new[asked.first], new[asked.second]
    both = (first >= 0) & (second >= 0)
    return Comparisons(first[both], second[both], asked.mated[both], None if asked.fold is None else asked.fold[both])


def _searched(asked: Search, new: Ids) -> Search | None:
    gallery, probes = new[asked.gallery], new[asked.probes]
    gallery, probes = gallery[gallery >= 0], probes[probes >= 0]
    return Search(asked.name, gallery, probes) if len(gallery) and len(probes) else None
