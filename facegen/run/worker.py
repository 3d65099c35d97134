"""One worker process: a studio for its whole life, tasks from a pipe, files straight to the disk, rows back to the parent."""

from __future__ import annotations

import importlib
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from facegen.dataset import layout, provenance
from facegen.dataset.write import sha256
from facegen.errors import FacegenError, RequestError
from facegen.population.plan import Plan, build
from facegen.run import pack
from facegen.run.outputs import Outputs
from facegen.run.store import Store, open_store
from facegen.sample import SampleSpec
from facegen.spec import DatasetSpec


@dataclass(frozen=True)
class Job:
    """What every worker of a run is told once. `studio` is `module:Class`; `out` is what `open_store` takes."""

    spec: dict[str, Any]
    out: str
    platform: str
    studio: str


def main(handle: int) -> None:
    """Serve tasks on the pipe `handle` (a file descriptor; its first message is the Job) until None comes or the parent is gone.

    Sends ("ready", fingerprint), and for each sample n ("start", n), then ("done", n, row, hashes) or ("failed", n, reason);
    after a task ("idle",). ("fatal", exit code, message) ends everything: the machine or the request is at fault, not one sample.
    """
    pipe: Connection = Connection(handle)
    try:
        _serve(pipe, pipe.recv())
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except FacegenError as error:
        pipe.send(("fatal", error.exit_code, str(error)))
    except Exception as error:
        pipe.send(("fatal", 1, f"worker: {describe(error)}"))


def _serve(pipe: Connection, job: Job) -> None:
    studio, outputs = open_studio(job.studio, job.platform, job.spec)
    from facegen.run.fingerprint import fingerprint

    plan, store = build(DatasetSpec.from_dict(job.spec)), open_store(job.out)
    pipe.send(("ready", fingerprint(studio)))
    try:
        while (task := pipe.recv()) is not None:
            folders: list[str] = []
            for n in task:
                pipe.send(("start", n))
                pipe.send(_one(studio, outputs, plan, n, store, folders))
            store.settle(folders)
            pipe.send(("idle",))
    finally:
        studio.close()


def open_studio(where: str, platform: str, spec: dict[str, Any]) -> tuple[Any, Outputs]:
    """Return the studio `module:Class` and the Outputs of a dataset spec given as plain values."""
    import cv2

    cv2.setNumThreads(1)  # a process a core; more threads only get into each other's way
    module, name = where.split(":")
    code = importlib.import_module(module)
    return getattr(code, name)(platform), Outputs(format=spec["format"], **spec["outputs"])


def _one(studio: Any, outputs: Any, plan: Plan, n: int, store: Store, folders: list[str]) -> tuple[Any, ...]:
    sample = plan.sample(n)
    try:
        result = studio.shoot(sample, outputs)
    except FacegenError as error:
        if not isinstance(error, RequestError):
            raise
        return ("failed", n, str(error))
    except Exception as error:
        return ("failed", n, describe(error))
    files = finished(result.files, sample)
    hashes = {name: sha256(data) for name, data in files.items()}
    row = complete(result.row, sample, plan, hashes)
    if plan.spec.layout == "webdataset":
        files, hashes = pack.piece(files, row), {}  # the task's tar is the file, run/pack.py
    for name, data in files.items():
        store.put(name, data)
        folders.append(name.rpartition("/")[0])
    return ("done", n, row, hashes)


def finished(files: dict[str, bytes], sample: SampleSpec) -> dict[str, bytes]:
    """Return the files of one sample as they go to the disk: every picture carries its provenance."""
    return provenance.marked(files, sample)


def complete(row: dict[str, Any], sample: SampleSpec, plan: Plan, hashes: dict[str, str]) -> dict[str, Any]:
    """Return a label row with the columns that only the writer knows: file, sha256, split."""
    file = layout.photograph(sample.identity.identity_id, sample.image_id, plan.spec.format)
    return {**row, "file": file, "sha256": hashes[file], "split": layout.split(sample.identity.index, plan.block)}


def describe(error: Exception) -> str:
    """Return an unforeseen error as one line that says where it rose."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}{where}: {text}" if text else f"{type(error).__name__}{where}"
