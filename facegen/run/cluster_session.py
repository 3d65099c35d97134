"""Being connected to a Ray cluster, quietly: somebody's, or one of this machine's own for as long as a run takes."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import sys
from collections.abc import Iterator
from typing import Any

from facegen.errors import MachineError, RequestError

OBJECTS_BYTES = 80 * 2**20
"""Ray's object memory on this machine, about its least: pictures never pass through it."""
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""No usage statistics leave the machine, and no tips are printed."""


def library(address: str | None) -> Any:
    """Return the library, told to keep quiet. Raises MachineError where it is missing."""
    os.environ.update(QUIET)
    if address is None and "ray" not in sys.modules:  # a cluster of our own: a key for its life alone, none left in the home
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", new_key())
    try:
        import ray
    except ImportError:
        raise MachineError("--engine ray needs ray; run: make cluster-tools, or pip install 'facegen[cluster]'") from None
    return ray


@contextlib.contextmanager
def connected(ray: Any, address: str | None, workers: int | None, gpus: float) -> Iterator[int]:
    """Be connected to a cluster, or to one of this machine's own that ends with us; yields how many actors to start."""
    if workers is not None and workers < 1:
        raise RequestError(f"workers {workers} is not 1 or more")
    if gpus < 0 or (gpus > 1 and gpus != int(gpus)):
        raise RequestError(f"gpus-per-worker {gpus:g} is not 0 to 1 or a whole number")
    if address is not None and "://" in address:
        raise RequestError(f"address '{address}' is not host:port or auto; run this command on a node of the cluster")
    ours = not ray.is_initialized()
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR, "configure_logging": False}
    logging.getLogger("ray").setLevel(logging.ERROR)
    if ours:
        _start(ray, address, workers, quiet)
    try:
        total = ray.cluster_resources()
        room = int(total.get("CPU", 0)) if not gpus else int(min(total.get("CPU", 0), total.get("GPU", 0) / gpus + 1e-9))
        if room < 1:
            raise RequestError(
                f"the cluster has {total.get('CPU', 0):g} CPUs and {total.get('GPU', 0):g} GPUs, a worker needs 1 and {gpus:g}"
            )
        yield workers or room  # more than there is room for: they wait for nodes that may come
    finally:
        if ours:
            ray.shutdown()


def _start(ray: Any, address: str | None, workers: int | None, quiet: dict[str, Any]) -> None:
    from ray._private import worker

    if hasattr(worker, "print_worker_logs"):  # Ray has no switch for what its daemons say of lost nodes; we say it ourselves
        worker.print_worker_logs = lambda *_, **__: None
    if address is not None:
        try:
            ray.init(address=address, **quiet)
        except Exception as error:
            raise MachineError(
                f"no Ray cluster answers at '{address}' ({one_line(error)}); start one: ray start --head"
            ) from None
        return
    count = workers or len(os.sched_getaffinity(0))
    try:
        ray.init(address="local", num_cpus=count, include_dashboard=False, object_store_memory=OBJECTS_BYTES, **quiet)
    except Exception as error:
        raise MachineError(f"Ray does not start on this machine ({one_line(error)})") from None


def new_key() -> str:
    """Return what nobody guesses."""
    return secrets.token_hex(32)


def one_line(error: BaseException) -> str:
    """Return the beginning of a foreign error's text as one line."""
    return " ".join(str(error).split())[:200]
