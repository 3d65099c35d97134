"""Any ONNX face recogniser as a function from a protocol to one unit embedding a template: the only place where models run."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen import guard
from facegen.dataset.write import sha256
from facegen.errors import DataError, MachineError, RequestError, did_you_mean
from facegen.recognise.protocol import Pixels, Protocol

COLOURS = ("rgb", "bgr", "grey")
BATCH = 32
METADATA = "facegen.preprocessing"
"""Key of a model's metadata_props: JSON of a Preprocessing."""
EXTERNAL = re.compile(rb"\x0a\x08location\x12")
"""The entry of a tensor's external_data that names its file (onnx.proto: StringStringEntryProto, key 1, value 2)."""
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Preprocessing:
    """How a recogniser wants its crops: the ArcFace crop resized to `size`, channels in order `colour` (grey: one, BT.601 luma),
    (value - mean) / scale of 0..255. `flip`: the mirrored crop's embedding is added."""

    size: int = 112
    colour: str = "rgb"
    mean: float = 127.5
    scale: float = 127.5
    flip: bool = False

    def check(self) -> None:
        """Raise RequestError for what no picture can be prepared by."""
        if self.colour not in COLOURS:
            raise RequestError(f"--colour {did_you_mean(self.colour, COLOURS)}")
        if not math.isfinite(self.mean):
            raise RequestError(f"--mean {self.mean:g} is no number to take from values of 0 to 255; give for example 127.5")
        if self.scale == 0 or not math.isfinite(self.scale):
            raise RequestError(f"--scale {self.scale:g}: values are (v - mean) / scale; give a number that is not 0, as 127.5")
        if not 16 <= self.size <= 1024:
            raise RequestError(f"--size {self.size} is not 16 to 1024 pixels")

    def prepared(self, crop: Pixels) -> Floats:
        """Return the input (C, size, size) of an RGB crop (S, S, 3)."""
        import cv2

        found = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) if self.colour == "grey" else crop, np.uint8)
        if len(found) != self.size:
            how = cv2.INTER_AREA if len(found) > self.size else cv2.INTER_LINEAR
            found = np.asarray(cv2.resize(found, (self.size, self.size), interpolation=how), np.uint8)
        planes = found[None] if found.ndim == 2 else found.transpose(2, 0, 1)
        pixels = (planes[::-1] if self.colour == "bgr" else planes).astype(np.float32)
        return np.ascontiguousarray((pixels - np.float32(self.mean)) / np.float32(self.scale), np.float32)

    def __str__(self) -> str:
        flipped = ", with the mirrored crop" if self.flip else ""
        return f"{self.size} px, {self.colour}, (v - {self.mean:g}) / {self.scale:g}, ArcFace crop{flipped}"


@dataclass(frozen=True, eq=False)
class Recogniser:
    """A model that was loaded. `how`: its preprocessing; `sha256` of its file; `batch`: pictures a call takes; `fixed`: no
    fewer either."""

    name: str
    sha256: str
    how: Preprocessing
    batch: int
    fixed: bool
    run: Callable[[Floats], Any]

    @classmethod
    def load(cls, model: Path, how: Preprocessing | None = None, threads: int = 0, **said: Any) -> Recogniser:
        """Return the model. `how`: all of the preprocessing; None: what the model says of itself (METADATA, else its input's
        shape), with single fields replaced by `said`. `threads` 0: one a processor.

        Raises RequestError, one line, for a model that cannot be run or does not fit; MachineError without onnxruntime.
        """
        given = {key: value for key, value in said.items() if value is not None}
        replace(Preprocessing() if how is None else how, **given).check()
        session, data = _session(model, threads or len(os.sched_getaffinity(0)))
        inputs = session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4:
            shapes = "; ".join(f"{one.name} {one.shape}" for one in inputs)
            raise RequestError(f"'{model}' takes {shapes}; give a model that takes one batch of crops (N, C, size, size)")
        shape = inputs[0].shape
        how = _declared(session, shape, model) if how is None else how
        how = replace(how, **given)
        how.check()
        _check_fits(model, how, shape)
        name = inputs[0].name
        fixed = isinstance(shape[0], int) and shape[0] > 0
        batch = shape[0] if fixed else BATCH
        return cls(model.name, sha256(data), how, batch, fixed, lambda x: session.run(None, {name: x})[0])

    def embed(self, protocol: Protocol, progress: Callable[[int, int], None] = lambda done, total: None) -> Floats:
        """Return a unit embedding (T, D) float32 a template: pictures' unit embeddings are averaged over each medium, media over
        each template, and the mean is normalised. Raises DataError for a picture that is no crop (`protocol.aligned` is assumed).
        """
        crops = (_crop(protocol, at) for at in range(len(protocol.names)))
        found = np.empty((0, 0), np.float32)
        done = 0
        for part in self.each(crops, protocol.names):
            if done == 0:
                found = np.empty((len(protocol.names), part.shape[1]), np.float32)
            found[done : done + len(part)] = part
            done += len(part)
            progress(done, len(protocol.names))
        return pooled(found, protocol.template, protocol.media, protocol.names)

    def each(self, crops: Iterable[Pixels], names: Any = None) -> Iterator[Floats]:
        """Yield the unit embeddings (n, D) of batches of RGB crops (S, S, 3), in order; `names` of the crops for messages."""
        crops, done = iter(crops), 0
        while part := [self.how.prepared(crop) for crop in islice(crops, self.batch)]:
            data = np.stack(part)
            out = self._out(data)
            if self.how.flip:
                out = out + self._out(np.ascontiguousarray(data[..., ::-1]))
            length = np.linalg.norm(out, axis=1, keepdims=True)
            bad = np.flatnonzero(~np.isfinite(length[:, 0]) | (length[:, 0] == 0))
            if len(bad):
                where = "" if names is None else f" for '{names[done + int(bad[0])]}'"
                told = f"an embedding of length {float(length[bad[0], 0])}"
                raise RequestError(f"'{self.name}' gives {told}{where}; check --mean, --scale and --colour")
            done += len(part)
            yield (out / length).astype(np.float32)

    def _out(self, data: Floats) -> NDArray[np.float64]:
        count = len(data)
        if self.fixed and count < self.batch:
            data = np.concatenate([data, np.repeat(data[-1:], self.batch - count, axis=0)])
        try:
            out = np.asarray(self.run(data), np.float64)
        except Exception as error:  # the runtime has kinds of its own, not exported
            said = " ".join(str(error).split())[:120]
            raise RequestError(
                f"'{self.name}' refuses a ({', '.join(map(str, data.shape))}) float32 batch ({said}); set --size and --colour"
            ) from None
        if out.ndim < 2 or len(out) != len(data):
            raise RequestError(f"'{self.name}' gives {out.shape} for {len(data)} crops; give a model whose output is (N, D)")
        return out.reshape(len(data), -1)[:count]

    def told(self) -> dict[str, Any]:
        """Return what a document says of the recogniser."""
        return {"name": self.name, "sha256": self.sha256, "preprocessing": asdict(self.how)}


def pooled(found: Floats, template: NDArray[np.int64], media: NDArray[np.int64] | None, names: Any) -> Floats:
    """Return unit templates (T, D) of unit embeddings (N, D): the mean of each medium's, then of each template's media."""
    count = int(template.max()) + 1 if len(template) else 0
    if count == len(found) and (template == np.arange(count)).all():
        return found
    keys = np.stack([template, np.arange(len(template)) if media is None else media], axis=1)
    kinds, medium = np.unique(keys, axis=0, return_inverse=True)
    means = _means(found, medium.ravel(), len(kinds))
    out = _means(means, kinds[:, 0], count)
    length = np.linalg.norm(out, axis=1, keepdims=True)
    if (length == 0).any():
        at = int(np.flatnonzero(template == int(np.flatnonzero(length[:, 0] == 0)[0]))[0])
        raise DataError(f"the template of '{names[at]}' has embeddings that cancel out; check --mean, --scale and --colour")
    return (out / length).astype(np.float32)


def _means(rows: NDArray[Any], at: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    total = np.zeros((count, rows.shape[1]))
    np.add.at(total, at, rows)
    return total / np.maximum(np.bincount(at, minlength=count), 1)[:, None]


def _crop(protocol: Protocol, at: int) -> Pixels:
    crop = protocol.picture(at)
    if crop.shape[0] != crop.shape[1]:
        raise DataError(
            f"'{protocol.names[at]}' has {crop.shape[1]} x {crop.shape[0]} px, and aligned crops are square; "
            "if the set is not aligned to the ArcFace template, add --no-aligned"
        )
    return crop


def _session(path: Path, threads: int) -> tuple[Any, bytes]:
    """Return the runtime's session of a model, and its bytes. Raises one line for a model that cannot be run."""
    try:
        import onnxruntime
    except ImportError:
        raise MachineError("an ONNX model needs onnxruntime; install it with: pip install 'facegen[evaluate]'") from None
    if not path.is_file():
        raise RequestError(f"'{path}': no such file; give an ONNX model that takes face crops and gives their embeddings")
    try:
        data = guard.read(path, guard.MODEL_BYTES)
    except OSError as error:
        raise RequestError(f"'{path}' cannot be read ({error.strerror})") from None
    if EXTERNAL.search(data):
        raise RequestError(f"'{path}' names files beside it that hold its weights; save the model as one file")
    try:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime has kinds of its own, not exported
        raise RequestError(f"'{path}' cannot be loaded ({' '.join(str(error).split())[:120]}); give an ONNX model") from None
    return session, data


def _declared(session: Any, shape: list[Any], model: Path) -> Preprocessing:
    """Return what a model says of its preprocessing: metadata of ours, else size and number of channels of its input."""
    said = session.get_modelmeta().custom_metadata_map.get(METADATA)
    if said is None:
        sides = [side for side in shape[2:] if isinstance(side, int)]
        return Preprocessing(size=sides[0] if sides else 112, colour="grey" if shape[1] == 1 else "rgb")
    kinds: dict[str, tuple[type, ...]] = {
        "size": (int,), "colour": (str,), "mean": (int, float), "scale": (int, float), "flip": (bool,),
    }  # fmt: skip
    try:
        values = json.loads(said)
        if not isinstance(values, dict) or not set(values) <= {field.name for field in fields(Preprocessing)}:
            raise ValueError
        if any(not isinstance(v, kinds[k]) or (isinstance(v, bool) and k != "flip") for k, v in values.items()):
            raise ValueError
    except (ValueError, RecursionError):
        raise RequestError(
            f"'{model}' says of its preprocessing '{said[:120]}', which is no JSON of size, colour, mean, scale and flip; "
            "export it again"
        ) from None
    return Preprocessing(**values)


def _check_fits(model: Path, how: Preprocessing, shape: list[Any]) -> None:
    channels = 1 if how.colour == "grey" else 3
    if isinstance(shape[1], int) and shape[1] != channels:
        mend = "set --colour rgb or bgr" if shape[1] == 3 else "set --colour grey" if shape[1] == 1 else "give a model of 1 or 3"
        raise RequestError(f"'{model}' takes {shape[1]} channels, --colour {how.colour} has {channels}; {mend}")
    sides = [side for side in shape[2:] if isinstance(side, int)]
    if any(side != how.size for side in sides):
        raise RequestError(f"'{model}' takes crops of {' x '.join(map(str, sides))} px, not {how.size}; set --size {sides[0]}")
