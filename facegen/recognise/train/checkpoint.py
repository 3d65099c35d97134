"""Checkpoints: everything that a run needs to go on as if it had never stopped. Importing this module imports torch."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from facegen import guard
from facegen.dataset.write import write_atomic
from facegen.errors import DataError, RequestError
from facegen.recognise.train.crops import Crops
from facegen.recognise.train.settings import Settings, differences

FORMAT = 1
NAMES = ("format", "settings", "crops", "specs", "step", "model", "optimiser", "scaler", "best", "history", "finished")


@dataclass
class State:
    """Where a run is. best: the net's weights at its lowest EER, with `step` and `eer`. history: one row an evaluation."""

    step: int
    model: dict[str, Any]
    optimiser: dict[str, Any]
    scaler: dict[str, Any]
    best: dict[str, Any]
    history: list[dict[str, float]]
    finished: bool


def save(path: Path, state: State, settings: Settings, crops: str, specs: tuple[str, ...]) -> None:
    """Write a checkpoint, whole or not at all; `crops`: the fingerprint of what is trained on."""
    packed = io.BytesIO()
    torch.save(
        {"format": FORMAT, "settings": settings.as_dict(), "crops": crops, "specs": list(specs), **vars(state)}, packed
    )  # fmt: skip
    write_atomic(path, packed.getvalue(), path.parent)


def read(path: Path) -> dict[str, Any]:
    """Return what `save` wrote. Raises DataError for anything else; nothing in the file is ever run (weights only)."""
    try:
        packed = io.BytesIO(guard.read(path, guard.MODEL_BYTES))
        found = torch.load(packed, map_location="cpu", weights_only=True)
    except OSError as error:
        raise DataError(f"checkpoint '{path}' cannot be read ({error.strerror or error}); train without --resume") from None
    except Exception as error:  # torch raises whatever its unpickler and zip reader come upon
        said = " ".join(str(error).split())[:100] or type(error).__name__
        raise DataError(f"checkpoint '{path}' is damaged or none of ours ({said}); remove it and train anew") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT or set(NAMES) - set(found):
        raise DataError(f"checkpoint '{path}' is none of this version of facegen; remove it and train anew")
    return found


def resume(path: Path, settings: Settings, crops: Crops, fingerprint: str) -> State:
    """Return the state to go on from. Raises RequestError, naming it, where settings or crops are not the checkpoint's."""
    found = read(path)
    other = differences(settings, found["settings"])
    if other:
        raise RequestError(f"checkpoint '{path}' was trained otherwise ({'; '.join(other)}); ask for the same, or remove it")
    if found["crops"] != fingerprint:
        raise RequestError(
            f"checkpoint '{path}' was trained on other crops than these {len(crops.labels)}; give the same datasets, or remove it"
        )
    return State(**{name: found[name] for name in State.__dataclass_fields__})
