"""Crops to train on, out of finished datasets: their own aligned/ folder, or cut by their true landmarks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.dataset.read import Dataset
from facegen.errors import RequestError, did_you_mean
from facegen.recognise.train import crops as made
from facegen.recognise.train.crops import Crops
from facegen.sensor.codec import decode

if TYPE_CHECKING:
    from facegen.export.source import Source

Progress = Callable[[int, int], None]
CHUNK = 64
"""Pictures that a thread takes at a time: of a few people, whose eyes are found once."""
ALIGNED = "aligned"
MEND = "copy or generate the dataset again"


def load(
    paths: Sequence[Path], size: int, colour: str, splits: Sequence[str], held: int | None, workers: int, progress: Progress
) -> Crops:
    """Return the crops of datasets, and of npz files that crops were saved to, as those of one set.

    `splits` names the parts of a dataset to take (`all`: everybody). `held`: so many people of those, the last ones, are held
    out to verify by (plans visit their cells in turn: any run of people is balanced); None: those of the split val, which are
    then added. Pictures are read by `workers` threads, each file compared with its sha256. Raises DataError, naming the file,
    and RequestError where two sets show the same people.
    """
    made.check_shape(size, colour)
    total, done = [0], [0]
    parts, waiting = [], []
    drawn: list[made.Drawn] = []
    for path in paths:
        if path.is_file():
            saved = made.load(path)
            drawn.append(made.Drawn(str(path), saved.specs, saved.seeds))
            parts.append(_reduced(saved, size, colour, path))
        else:
            waiting.append(_Cutter(path, splits, held, size, colour))
            drawn.append(waiting[-1].drawn)
            total[0] += len(waiting[-1].rows)
        made.check_apart(drawn)

    def count(n: int) -> None:
        done[0] += n
        progress(done[0], total[0])

    parts += [cutter.cut(workers, count) for cutter in waiting]
    return made.joined(parts).check()


def _reduced(crops: Crops, size: int, colour: str, path: Path) -> Crops:
    """Return saved crops as `size` and `colour` ask. Raises RequestError where they are smaller, or grey already."""
    if crops.size == size and crops.colour == colour:
        return crops
    if crops.size < size or (crops.colour == "grey" and colour == "rgb"):
        raise RequestError(
            f"'{path}' holds {crops.size} px {crops.colour} crops; ask for these with --size and --colour, or smaller"
        )
    return replace(crops, pixels=np.stack([shaped(crop, size, colour) for crop in crops.pixels]), colour=colour)


class _Cutter:
    """One dataset: which rows are taken, and how a row becomes a crop."""

    def __init__(self, root: Path, splits: Sequence[str], held: int | None, size: int, colour: str) -> None:
        self._size, self._colour = size, colour
        self._dataset = Dataset.open(root, verify=True)
        self._stored = ALIGNED in self._dataset.layers
        self._source: Source | None = None
        self._opening = Lock()
        # A label table with every sample takes 20 kB a row; crops that lie there need none of it.
        labels = (
            self._dataset.columns("image_id", "identity_id", "split", "file") if self._stored else self._dataset.labels
        )  # fmt: skip
        known = sorted(set(labels["split"]))
        for word in splits:
            if word not in (*known, "all"):
                raise RequestError(f"--split of '{root}': {did_you_mean(word, (*known, 'all'))}")
        kept = labels["split"].notna() if "all" in splits else labels["split"].isin(splits)
        kept |= (labels["split"] == "val") & (held is None)
        labels = labels[kept]
        self._people = sorted(set(labels["identity_id"]))
        if held is None:
            out = set(labels["identity_id"][labels["split"] == "val"])
        else:
            out = set(self._people[len(self._people) - held :]) if held else set()
        self.rows: list[dict[str, Any]] = labels.to_dict("records")
        self._held = np.array([row["identity_id"] in out for row in self.rows], bool)
        manifest = self._dataset.manifest
        seed = manifest["spec"].get("seed")
        self.drawn = made.Drawn(str(root), (str(manifest["spec_sha256"]),), (seed,) if isinstance(seed, int) else ())

    def cut(self, workers: int, count: Callable[[int], None]) -> Crops:
        """Return the crops, in the order of the labels."""
        channels = 1 if self._colour == "grey" else 3
        pixels = np.empty((len(self.rows), self._size, self._size, channels), np.uint8)
        chunks = [range(at, min(at + CHUNK, len(self.rows))) for at in range(0, len(self.rows), CHUNK)]

        def work(chunk: range) -> int:
            take = self._reader()
            for at in chunk:
                pixels[at] = shaped(take(self.rows[at]), self._size, self._colour)
            return len(chunk)

        with ThreadPoolExecutor(max(workers, 1)) as pool:  # decoding, hashing and warping leave Python's lock
            for n in pool.map(work, chunks):
                count(n)
        places = {person: k for k, person in enumerate(self._people)}
        labels = np.array([places[row["identity_id"]] for row in self.rows], np.int64)
        name = str(self._dataset.manifest["name"])
        people = tuple(f"{name}/{p}" for p in self._people)
        return Crops(pixels, labels, self._held, people, self._colour, self.drawn.specs, self.drawn.seeds)

    def _reader(self) -> Callable[[dict[str, Any]], NDArray[np.uint8]]:
        """Return the function from a row to its 112 px crop. Each thread has its own: readers keep what they last saw."""
        if not self._stored:
            from facegen.export.pictures import Crop, Pictures
            from facegen.export.source import Source

            with self._opening:  # threads share it: it hashes the tables
                self._source = Source(self._dataset.root) if self._source is None else self._source
            pictures = Pictures(self._source, Crop("arcface"))
            return lambda row: decode(pictures.take(row).data)
        files = self._dataset.files

        def stored(row: dict[str, Any]) -> NDArray[np.uint8]:
            stem = f"{ALIGNED}/{row['identity_id']}/{row['image_id']}"
            data = next((d for d in (files.stored(f"{stem}.{s}", row) for s in ("jpg", "png")) if d is not None), None)
            return decode(files.read(f"{stem}.png", MEND) if data is None else data)  # names what is missing

        return stored


def shaped(crop: NDArray[np.uint8], size: int, colour: str) -> NDArray[np.uint8]:
    """Return an RGB crop as (size, size, C): grey by ITU-R BT.601 (C = 1) or RGB, reduced by averaging pixels' areas."""
    pixels = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) if colour == "grey" and crop.shape[-1] == 3 else crop
    if len(pixels) != size:
        how = cv2.INTER_AREA if len(pixels) > size else cv2.INTER_LINEAR
        pixels = np.asarray(cv2.resize(pixels, (size, size), interpolation=how), np.uint8)
    return np.asarray(pixels.reshape(size, size, -1))
