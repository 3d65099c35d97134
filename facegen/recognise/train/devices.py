"""Where training runs: one device, or one a process under torchrun. Importing this module imports torch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import distributed

from facegen.errors import RequestError


@dataclass(frozen=True)
class Place:
    """`rank` of `world` processes, and the device of this one."""

    device: torch.device
    rank: int = 0
    world: int = 1

    @property
    def first(self) -> bool:
        """Whether this process verifies, writes and speaks."""
        return self.rank == 0

    def wait(self) -> None:
        """Wait for the other processes."""
        if self.world > 1:
            distributed.barrier()

    def agreed(self, value: bool) -> bool:
        """Return what the first process says."""
        if self.world == 1:
            return value
        said = torch.tensor([int(value)], device=self.device)
        distributed.broadcast(said, 0)
        return bool(said.item())

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """Return the mean of a tensor over the processes."""
        if self.world > 1:
            distributed.all_reduce(values)
            values = values / self.world
        return values


def ranks() -> tuple[int, int, int]:
    """Return (rank, local rank, processes) as torchrun says them; (0, 0, 1) without it."""
    said = os.environ.get
    return int(said("RANK", 0)), int(said("LOCAL_RANK", 0)), int(said("WORLD_SIZE", 1))


@contextmanager
def place(asked: str) -> Iterator[Place]:
    """Give the place of this process; `asked`: auto, cpu, cuda, cuda:1 ... Raises RequestError for what is not here."""
    rank, local, world = ranks()
    name = asked if asked != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        if device.type == "cuda" and world > 1:
            device = torch.device("cuda", local)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        said = " ".join(str(error).split())[:100]
        raise RequestError(f"--device {asked} is not here ({said}); give cpu, or leave it out") from None
    if device.type == "cuda":
        torch.cuda.set_device(device if device.index is not None else 0)
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")
    if world > 1:
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Place(device, rank, world)
    finally:
        if world > 1:
            distributed.destroy_process_group()


def precision(asked: str, device: torch.device) -> torch.dtype | None:
    """Return the type that convolutions compute in, None for float32: auto is bfloat16 on a GPU that has it, else float16."""
    if asked == "fp32" or (asked == "auto" and device.type != "cuda"):
        return None
    if asked == "fp16" or (asked == "auto" and not torch.cuda.is_bf16_supported()):
        if device.type != "cuda":
            raise RequestError("--precision fp16 needs a GPU; give fp32 or bf16")
        return torch.float16
    return torch.bfloat16


def mixed(device: torch.device, dtype: torch.dtype | None) -> AbstractContextManager[Any]:
    """Return the context in which a net computes in `dtype`."""
    return nullcontext() if dtype is None else torch.autocast(device.type, dtype=dtype)
