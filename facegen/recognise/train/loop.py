"""The training loop. Importing this module imports torch.

Everything drawn (weights, order, augmentation, dropout) is a function of the seed and the step, so a run that is resumed needs no
generator's state: on one processor it ends with the weights of a run that never stopped, to the bit. On a GPU sums are taken
in whatever order is fastest.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from facegen import rng
from facegen.errors import MachineError, RequestError
from facegen.recognise.train import checkpoint, heads, held, nets
from facegen.recognise.train.augment import CHANCES, Chances, Dice, augment
from facegen.recognise.train.checkpoint import State
from facegen.recognise.train.crops import Crops
from facegen.recognise.train.devices import Place, mixed, place, precision
from facegen.recognise.train.log import Log
from facegen.recognise.train.settings import Settings

MOMENTUM, DECAY = 0.9, 5e-4
WARMED, FULL_MARGIN = 0.15, 0.25
"""Shares of a run after which the learning rate is at its highest, and the whole margin is asked for."""
LONGEST = 5.0
"""Gradients are shortened to it, as InsightFace's training does: a first step on a full margin can be wild."""
ROOM = 0.5
"""Share of a GPU's free memory that crops may take; more than that stay on the host."""


@dataclass(frozen=True)
class Result:
    """`weights` of the net at its lowest EER on held-out people (`eer`, at `step`); history: one row an evaluation."""

    weights: dict[str, Tensor]
    eer: float
    step: int
    history: list[dict[str, float]]


class Trainee(nn.Module):
    """Net and head as one module, so that DistributedDataParallel keeps both alike."""

    def __init__(self, net: nn.Module, head: heads.Head) -> None:
        super().__init__()
        self.net, self.head = net, head

    def forward(self, x: Tensor, classes: Tensor, share: float) -> tuple[Tensor, Tensor]:
        out: tuple[Tensor, Tensor] = self.head(self.net(x), classes, share)
        return out


def fit(
    crops: Crops,
    settings: Settings,
    at: Path,
    resume: bool = False,
    device: str = "auto",
    compiled: bool = False,
    chances: Chances | None = None,
    log: Path | None = None,
    tensorboard: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Result:
    """Train on crops and return the best net; `at`: the checkpoint, written at every evaluation.

    `compiled`: the net through torch.compile, for GPUs of machines that have a C compiler. `progress` is told pictures done and
    in all. Raises RequestError where `at` is there and not to be resumed, or another run's.
    """
    crops.check()
    with place(device) as here:
        if settings.batch % here.world:
            raise RequestError(f"--batch {settings.batch} is not a multiple of the {here.world} processes of torchrun")
        run = _Run(
            crops,
            settings,
            here,
            at,
            resume,
            chances or CHANCES[settings.augmentation],
            Log(log, tensorboard) if here.first else Log(),
        )
        if compiled:
            run.compile()
        return run.go(progress)


class _Run:
    def __init__(self, crops: Crops, settings: Settings, here: Place, at: Path, resume: bool, chances: Chances, log: Log) -> None:
        self._settings, self._here, self._at, self._chances, self._log = settings, here, at, chances, log
        self._crops, self._fingerprint = crops, crops.fingerprint()
        self._places, classes, count = crops.training()
        torch.manual_seed(rng.child_seed("train.weights", seed=settings.seed))
        net = nets.build(settings.net, settings.colour, settings.size)
        head = heads.build(settings.head, count, nets.NETS[settings.net][1], settings.margin, settings.scale)
        self._model = Trainee(net, head).to(here.device)
        self._model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        fused = here.device.type == "cuda"
        self._optimiser = torch.optim.SGD(
            self._model.parameters(), settings.rate, MOMENTUM, weight_decay=DECAY, fused=fused or None
        )
        self._dtype = precision(settings.precision, here.device)
        self._scaler = torch.amp.GradScaler(here.device.type, enabled=self._dtype is torch.float16)
        self._pixels = _home(torch.from_numpy(crops.pixels), here.device)
        self._classes = torch.from_numpy(classes).to(here.device)
        self._orders: dict[int, NDArray[np.int64]] = {}
        self._step, self._finished = 0, False
        self._best: dict[str, Any] = {"eer": math.inf, "step": 0, "net": {}}
        self._history: list[dict[str, float]] = []
        self._held = held.pictures(crops)
        if at.exists() and not resume:
            raise RequestError(f"checkpoint '{at}' is there already; say --resume to go on from it, or remove it")
        if at.exists():
            self._restore(checkpoint.resume(at, settings, crops, self._fingerprint))

    def compile(self) -> None:
        """Fuse what the net does to each number (batch norm, PReLU, sums) into fewer passes over memory."""
        self._model.net.compile()

    def go(self, progress: Callable[[int, int], None]) -> Result:
        settings, model = self._settings, self._model
        wrapped: nn.Module = model
        if self._here.world > 1 and not self._finished:
            wrapped = DistributedDataParallel(model)
        every = max(1, round(settings.steps / settings.evaluations))
        sums, since = torch.zeros(2, device=self._here.device), 0
        while self._step < settings.steps and not self._finished:
            sums += self._one(wrapped)
            since += 1
            self._step += 1
            progress(self._step * settings.batch, settings.steps * settings.batch)
            if self._step % every == 0 or self._step == settings.steps:
                self._evaluate(self._here.mean(sums / since))
                sums, since = torch.zeros_like(sums), 0
        return Result(self._best["net"], float(self._best["eer"]), int(self._best["step"]), self._history)

    def _one(self, wrapped: nn.Module) -> Tensor:
        """Take one step; return (loss, share of hits), on the device."""
        settings, here = self._settings, self._here
        seed = rng.child_seed("train.step", self._step, here.rank, seed=settings.seed)
        torch.manual_seed(seed)  # dropout
        for group in self._optimiser.param_groups:
            group["lr"] = settings.rate * rate(self._step, settings.steps)
        order = torch.from_numpy(self._batch())
        there = order.to(here.device, non_blocking=True)
        pixels = self._pixels[torch.from_numpy(self._places)[order].to(self._pixels.device)].to(here.device, non_blocking=True)
        wrapped.train()
        with torch.no_grad():
            x = augment(pixels.permute(0, 3, 1, 2), Dice(seed, here.device), self._chances)
        x = x.contiguous(memory_format=torch.channels_last)
        share = min(1.0, self._step / (FULL_MARGIN * settings.steps))
        with mixed(here.device, self._dtype):
            loss, hit = wrapped(x, self._classes[there], share)
        self._optimiser.zero_grad(set_to_none=True)
        self._scaler.scale(loss).backward()
        self._scaler.unscale_(self._optimiser)
        nn.utils.clip_grad_norm_(self._model.parameters(), LONGEST)
        self._scaler.step(self._optimiser)
        self._scaler.update()
        return torch.stack([loss.detach(), hit])

    def _batch(self) -> NDArray[np.int64]:
        """Return this process's share of the step's batch: passes over the training pictures follow one another, each shuffled
        anew, whatever the size of a batch."""
        n, batch, here = len(self._places), self._settings.batch, self._here
        at = np.arange(self._step * batch, (self._step + 1) * batch)
        passes = at // n
        for k in range(int(passes[0]), int(passes[-1]) + 1):
            if k not in self._orders:
                self._orders[k] = rng.stream("train.order", k, seed=self._settings.seed).permutation(n)
        for k in [k for k in self._orders if k < passes[0]]:
            del self._orders[k]
        whole = np.array([self._orders[int(k)][i] for k, i in zip(passes, at % n, strict=True)], np.int64)
        return whole[here.rank :: here.world]

    def _evaluate(self, means: Tensor) -> None:
        """Verify on the held-out people, keep the best, write log and checkpoint, and say whether it is time to stop."""
        if self._here.first:
            loss, hits = (float(v) for v in means)
            if not math.isfinite(loss):
                raise MachineError(f"the loss is {loss} at step {self._step}; lower --rate or say --precision fp32, and --resume")
            pixels = self._pixels[torch.from_numpy(self._held).to(self._pixels.device)]
            found = held.embed(self._model.net, pixels, self._here.device, self._dtype)
            eer = held.error_rate(found.numpy(), self._crops.labels[self._held])
            used = self._settings.rate * rate(self._step - 1, self._settings.steps)
            epoch = self._step * self._settings.batch / len(self._places)
            row = {"step": self._step, "epoch": epoch, "loss": loss, "accuracy": hits, "rate": used, "eer": eer}
            self._history.append(row)
            if eer < self._best["eer"]:
                weights = {k: v.detach().cpu().clone() for k, v in self._model.net.state_dict().items()}
                self._best = {"eer": eer, "step": self._step, "net": weights}
        stale = sum(row["step"] > self._best["step"] for row in self._history)
        patience = self._settings.patience
        self._finished = self._here.agreed(self._step >= self._settings.steps or 0 < patience <= stale)
        if self._here.first:
            checkpoint.save(self._at, self._state(), self._settings, self._fingerprint, self._crops.specs)
            self._log.write(self._history)
        self._here.wait()

    def _state(self) -> State:
        return State(
            self._step, self._model.state_dict(), self._optimiser.state_dict(), self._scaler.state_dict(), self._best,
            self._history, self._finished,
        )  # fmt: skip

    def _restore(self, state: State) -> None:
        self._model.load_state_dict(state.model)
        self._optimiser.load_state_dict(state.optimiser)
        if state.scaler:
            self._scaler.load_state_dict(state.scaler)
        self._step, self._best, self._history, self._finished = state.step, state.best, state.history, state.finished


def rate(step: int, steps: int) -> float:
    """Return the share of the highest learning rate: up in a line over the first 15% of the steps, down as a half cosine."""
    warm = max(WARMED * steps, 1)
    if step < warm:
        return (step + 1) / (warm + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(steps - warm, 1)))


def _home(pixels: Tensor, device: torch.device) -> Tensor:
    """Return crops where they are trained from: on the GPU where they fit, so that no step waits for a copy."""
    if device.type == "cuda" and pixels.numel() <= ROOM * torch.cuda.mem_get_info(device)[0]:
        return pixels.to(device)
    return pixels
