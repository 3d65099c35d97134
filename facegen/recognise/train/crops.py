"""Face crops in memory, as a net is trained on them: one array of bytes, who each shows, and who is held out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegen import guard
from facegen.errors import DataError, RequestError

COLOURS = ("grey", "rgb")
STEP = 16
"""Sizes are multiples of it: nets halve a crop up to four times, and JPEG's blocks are 8 pixels."""
SMALLEST, LARGEST = 32, 112
"""Pixels a side; the ArcFace template, and with it every crop that a dataset holds, has 112."""
ARRAYS = ("pixels", "labels", "held", "people", "facts")


@dataclass(frozen=True, eq=False)
class Crops:
    """ArcFace crops of known people.

    pixels: (N, S, S, C) uint8, C = 1 for grey, 3 for RGB. labels: (N,) int64, whom each shows, 0 to K - 1. held: (N,) bool,
    kept from training to verify by; a person's pictures are all held or none is. people: (K,) names. colour: grey or rgb.
    specs, seeds: sha256 and seed of the specs of the datasets they are of; a file saved before seeds were noted has none.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    held: NDArray[np.bool_]
    people: tuple[str, ...]
    colour: str
    specs: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """Pixels a side."""
        return int(self.pixels.shape[1])

    def fingerprint(self) -> str:
        """Return a sha256 over pixels and labels: training that is resumed must go on with the same."""
        digest = hashlib.sha256()
        for array in (self.pixels, self.labels, self.held):
            digest.update(str(array.shape).encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def training(self) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        """Return (places, classes, number of classes) of the pictures to train on; classes count from 0 among those."""
        places = np.flatnonzero(~self.held)
        who, classes = np.unique(self.labels[places], return_inverse=True)
        return places, classes.astype(np.int64), len(who)

    def check(self) -> Crops:
        """Return self. Raises RequestError where nothing can be trained on or verified by these."""
        classes = self.training()[2]
        if classes < 2:
            raise RequestError(f"{classes} people are left to train on; give a dataset of more, or hold fewer out")
        counts = np.bincount(self.labels[self.held], minlength=1)
        if (counts >= 2).sum() < 2:
            raise RequestError(
                "fewer than two people with two pictures each are held out to verify by; say --validation-identities 20"
            )
        return self


def check_shape(size: int, colour: str) -> None:
    """Raise RequestError for a size or colour that crops are not cut in."""
    if size % STEP or not SMALLEST <= size <= LARGEST:
        sizes = ", ".join(str(n) for n in range(SMALLEST, LARGEST + 1, STEP))
        raise RequestError(f"--size {size} is not one of {sizes}")
    if colour not in COLOURS:
        raise RequestError(f"--colour '{colour}' is not one of {', '.join(COLOURS)}")


def joined(parts: Sequence[Crops]) -> Crops:
    """Return the crops of several sets as those of one; people are never the same in two sets."""
    if len({(p.size, p.colour) for p in parts}) > 1:
        raise RequestError("the sets' crops differ in size or colour: " + ", ".join(f"{p.size} px {p.colour}" for p in parts))
    offsets = np.cumsum([0, *(len(p.people) for p in parts)])
    return Crops(
        parts[0].pixels if len(parts) == 1 else np.concatenate([p.pixels for p in parts]),
        np.concatenate([p.labels + offset for p, offset in zip(parts, offsets, strict=False)]),
        np.concatenate([p.held for p in parts]),
        tuple(name for p in parts for name in p.people),
        parts[0].colour,
        tuple(spec for p in parts for spec in p.specs),
        tuple(seed for p in parts for seed in p.seeds),
    )


@dataclass(frozen=True)
class Drawn:
    """What the people of one set, dataset or file of crops, were drawn by: `where` it lies, its specs' sha256 and seeds."""

    where: str
    specs: tuple[str, ...]
    seeds: tuple[int, ...]


def check_apart(sets: Sequence[Drawn]) -> None:
    """Raise RequestError where two sets show the same people, who would be told apart from themselves.

    Person n is drawn from the seed and n, each attribute by a stream of its own: sets of one seed share bones and pigment even
    where sizes, shots or shares of the population differ.
    """
    for at, one in enumerate(sets):
        for other in sets[:at]:
            both = sorted(set(one.seeds) & set(other.seeds))
            if both or set(one.specs) & set(other.specs):
                why = f"both are drawn with seed {both[0]}" if both else "both are of one spec"
                raise RequestError(
                    f"'{other.where}' and '{one.where}' show the same people: {why}; give one of them, or generate one with "
                    "another --seed"
                )


def save(crops: Crops, path: Path) -> None:
    """Write crops as an npz, whole or not at all: a machine that has torch and no dataset trains on it."""
    from facegen.dataset.write import stream_atomic

    facts = json.dumps({"colour": crops.colour, "specs": list(crops.specs), "seeds": list(crops.seeds)})
    arrays = {"pixels": crops.pixels, "labels": crops.labels, "held": crops.held, "people": np.array(crops.people, np.str_)}
    stream_atomic(path, lambda file: np.savez(file, facts=np.array(facts), **arrays), path.parent)  # type: ignore[arg-type]


def load(path: Path) -> Crops:
    """Return crops that `save` wrote. Raises DataError for anything else."""
    try:
        found = guard.arrays(guard.read(path, guard.CROP_BYTES), guard.CROP_BYTES)
        pixels, labels, held, people, facts = (found[name] for name in ARRAYS)
        said = guard.parsed(str(facts).encode())
        specs, seeds = tuple(map(str, said["specs"])), tuple(map(int, said.get("seeds", ())))
        crops = Crops(pixels, labels, held, tuple(map(str, people)), str(said["colour"]), specs, seeds)
    except OSError as error:
        raise DataError(f"'{path}' cannot be read ({error.strerror}); give a dataset, or crops that facegen saved") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = " ".join(str(error).split())[:120]
        raise DataError(f"'{path}' is no file of crops ({why}); write it with facegen train DIR --save-crops FILE") from None
    _check(crops, path)
    return crops


def _check(crops: Crops, path: Path) -> None:
    pixels, labels, held = crops.pixels, crops.labels, crops.held
    channels = 1 if crops.colour == "grey" else 3
    right = (
        pixels.dtype == np.uint8 and pixels.ndim == 4 and pixels.shape[1] == pixels.shape[2] and pixels.shape[3] == channels
        and labels.shape == held.shape == pixels.shape[:1] and labels.dtype == np.int64 and held.dtype == np.bool_
        and len(labels) > 0 and labels.min() >= 0 and labels.max() < len(crops.people)
    )  # fmt: skip
    if not right:
        raise DataError(f"'{path}': its arrays do not belong together; write it again with facegen train DIR --save-crops FILE")
    check_shape(crops.size, crops.colour)
